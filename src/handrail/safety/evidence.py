"""What was published on harms and on training, and checks of the clinical files.

``knowledge/adverse_events.yaml`` and ``knowledge/training.yaml`` are typed here; ``lint`` checks every clinical
file, ``compare`` tells what differs from a folder of research dossiers.
"""

from __future__ import annotations

import re
import reprlib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from handrail.files import convert, one_line, parse, read_bytes
from handrail.safety.load import KNOWLEDGE
from handrail.safety.model import (
    Contraindication,
    Contraindications,
    Id,
    Prerequisites,
    RedFlags,
    Regions,
    Source,
    TechniqueId,
)
from handrail.terms import InputError

ICD10CM = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")


class Estimate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One study's figure on how often a harm happens, in words, with its own denominator."""

    study: str
    year: int
    value: str
    denominator: str
    source: Source
    text_seen: bool
    design: str | None = None
    note: str | None = None


class AdverseEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A harm of manual therapy. An empty list of estimates, or no onset, means that none was found."""

    id: Id
    name: str
    severity: Literal["minor", "moderate", "serious", "catastrophic"]
    techniques: tuple[TechniqueId, ...]
    regions: Regions
    typical_onset: str | None
    onset_source: Source | None
    estimates: tuple[Estimate, ...]
    what_to_do: str
    text_seen: bool
    source: Source | None = None
    note: str | None = None

    def concerns(self, technique: str, regions: tuple[str, ...]) -> bool:
        """Whether the harm is one of a technique on any of some regions."""
        return technique in self.techniques and (
            self.regions == "all" or any(region in self.regions for region in regions)
        )


class AdverseEvents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``adverse_events.yaml``."""

    meta: dict[str, Any]
    adverse_events: tuple[AdverseEvent, ...]


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ends of a published range."""

    min: int | float | None = None
    max: int | float | None = None


class TrainingFigure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A published figure on training. Only figures of the same ``what`` and ``unit`` can be compared."""

    id: Id
    profession: str
    jurisdiction: str
    setting_body: str
    kind: str
    value: int | float | None
    unit: str
    what: str
    source: Source
    authority: str
    text_seen: bool
    year: int | None = None
    range: Range | None = None
    note: str | None = None


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``training.yaml``."""

    meta: dict[str, Any]
    training: tuple[TrainingFigure, ...]


#: The files that come from the dossiers, with the list that holds their rows.
KINDS: dict[str, tuple[type[msgspec.Struct], str]] = {
    "contraindications.yaml": (Contraindications, "contraindications"),
    "red_flags.yaml": (RedFlags, "red_flags"),
    "prerequisites.yaml": (Prerequisites, "prerequisites"),
    "adverse_events.yaml": (AdverseEvents, "adverse_events"),
    "training.yaml": (Training, "training"),
}


@cache
def adverse_events_file() -> AdverseEvents:
    """The file of published harms, whole.

    Raises:
        InputError: naming file and field, if the file is broken.
    """
    file: AdverseEvents = _file("adverse_events.yaml", AdverseEvents)
    return file


def adverse_events() -> dict[str, AdverseEvent]:
    """Published harms by id; raises InputError as ``adverse_events_file`` does."""
    return {event.id: event for event in adverse_events_file().adverse_events}


@cache
def training() -> dict[str, TrainingFigure]:
    """Published figures on training by id; raises InputError as ``adverse_events`` does."""
    return {figure.id: figure for figure in _file("training.yaml", Training).training}


def _file(name: str, kind: Any) -> Any:
    return convert(parse(read_bytes(KNOWLEDGE / name), name), kind, name)


class Problem(NamedTuple):
    """Something wrong, or worth knowing, in a clinical file."""

    severity: Literal["error", "notice"]
    file: str
    where: str
    text: str


def lint(folder: Path | None = None) -> list[Problem]:
    """The problems of the clinical files in a folder, or of the shipped ones; errors first.

    Raises:
        InputError: if the folder holds none of the files.
    """
    folder = folder or KNOWLEDGE
    found: list[Problem] = []
    files: dict[str, Any] = {}
    for name, (kind, _) in KINDS.items():
        if not (folder / name).exists():
            found.append(Problem("error", name, "", "the file is missing"))
            continue
        try:
            files[name] = convert(parse(read_bytes(folder / name), name), kind, name)
        except InputError as error:
            where = error.where.removeprefix(name).lstrip(": ")
            found.append(Problem("error", name, where, f"{error.message}. {error.hint}".rstrip(". ")))
    if not files and not any((folder / name).exists() for name in KINDS):
        raise InputError("has none of the clinical files", where=str(folder), hint=f"They are: {', '.join(KINDS)}")
    for name, file in files.items():
        found += [Problem("error", name, row, "the id is there twice") for row in _twice(file)]
    if "contraindications.yaml" in files:
        found += _contraindications(files["contraindications.yaml"])
    if folder == KNOWLEDGE:
        from handrail.safety.codes import problems

        found += [Problem("error", file, where, text) for file, where, text in problems()]
    return sorted(found, key=lambda problem: problem.severity)


def _twice(file: msgspec.Struct) -> list[str]:
    ids: Counter[str] = Counter()
    for field in msgspec.structs.fields(file):
        rows = getattr(file, field.name)
        if isinstance(rows, tuple):
            ids.update(row.id for row in rows if hasattr(row, "id"))
    return [name for name, times in ids.items() if times > 1]


def _contraindications(file: Contraindications) -> Iterator[Problem]:
    name = "contraindications.yaml"
    for row in (*file.contraindications, *file.process_conditions):
        for code in row.icd10cm:
            if not ICD10CM.fullmatch(code):
                yield Problem("error", name, f"{row.id}: icd10cm", f"{code} has not the form of an ICD-10-CM code")
        if row.icd10cm and row.icd10cm_match is None:
            yield Problem("error", name, f"{row.id}: icd10cm_match", "codes without a match")
        if row.icd10cm_match == "conditional" and not row.icd10cm_note:
            yield Problem("error", name, f"{row.id}: icd10cm_note", "a conditional match without its condition")
        for code in row.snomed:
            if code not in file.snomed_seen:
                yield Problem("error", name, f"{row.id}: snomed", f"{code} is not under snomed_seen")
        if row.authority == "none" and row.source.url:
            yield Problem("error", name, f"{row.id}: authority", "none, and yet its source has an address")
        yield from (Problem("notice", name, row.id, text) for text in unread(row))


def unread(row: Contraindication) -> list[str]:
    """Which levels of a row no read text grades."""
    return [
        f"{level} for {technique}: {row.basis(technique)}"
        for technique, level in row.level.items()
        if not row.is_published(technique)
    ]


class Difference(NamedTuple):
    """Something that the dossier says and the product does not, or says otherwise."""

    file: str
    where: str
    dossier: str
    product: str


_MISSING = "(not there)"
_repr = reprlib.Repr()
_repr.maxlevel, _repr.maxstring, _repr.maxother = 3, 200, 60


def compare(dossier: Path) -> list[Difference]:
    """What differs between the dossiers in a folder and the product's clinical files.

    Raises:
        InputError: if the folder has none of the files, or one cannot be read.
    """
    names = [name for name in KINDS if (dossier / name).is_file()]
    if not names:
        raise InputError(
            "has none of the clinical files", where=str(dossier), hint=f"They are: {', '.join(KINDS)}"
        )
    found = [Difference(name, "", _MISSING, "is there") for name in KINDS if name not in names]
    for name in names:
        ours = parse(read_bytes(KNOWLEDGE / name), name)
        theirs = parse(read_bytes(dossier / name), name)
        found += [Difference(name, where, _said(a), _said(b)) for where, a, b in _differ("", theirs, ours)]
    return found


def _said(value: Any) -> str:
    return one_line(value if isinstance(value, str) else _repr.repr(value), limit=200)


def _differ(where: str, dossier: Any, product: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(dossier, list) and isinstance(product, list):
        dossier, product = _by_id(dossier), _by_id(product)
    if isinstance(dossier, dict) and isinstance(product, dict):
        for key in dict.fromkeys((*dossier, *product)):
            place = f"{where}.{key}".lstrip(".")
            yield from _differ(place, dossier.get(key, _MISSING), product.get(key, _MISSING))
    elif type(dossier) is not type(product) or dossier != product:
        yield where, dossier, product


def _by_id(rows: list[Any]) -> dict[Any, Any]:
    """Rows by their id where all have one of their own, else by their number."""
    ids = [row.get("id") if isinstance(row, dict) else None for row in rows]
    if rows and None not in ids and len(set(map(str, ids))) == len(ids):
        return dict(zip(ids, rows, strict=True))
    return dict(enumerate(rows))
