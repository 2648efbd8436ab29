"""Clinical knowledge as text for the terminal; nothing of a row is left out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from handrail.cli.show import coloured, width
from handrail.decide import Finding
from handrail.decide.safety import WHERE_TO_GO, grade
from handrail.safety import (
    AdverseEvent,
    Coded,
    Contraindication,
    ProcessCondition,
    RedFlag,
    Source,
    StepItem,
    TrainingFigure,
    contraindications_file,
)
from handrail.terms import REGIONS, TECHNIQUES, Verdict, standing

COLOURS = {"absolute": "31", "relative": "33", "precaution": "36"}
MATCHES = {
    "exact": "the code means it",
    "broad": "the code also covers other things: ask",
    "conditional": "the code means it together with a fact that it does not carry",
}


def lines(row: Any) -> Iterator[str]:
    """The lines to print of any row of the clinical files."""
    match row:
        case Contraindication():
            yield from _contraindication(row)
        case RedFlag():
            yield from _red_flag(row)
        case AdverseEvent():
            yield from _adverse_event(row)
        case StepItem():
            yield from _step_item(row)
        case TrainingFigure():
            yield from _training(row)


def _contraindication(row: Contraindication) -> Iterator[str]:
    kind = "process condition" if isinstance(row, ProcessCondition) else "contraindication"
    yield from _title(row.name, row.id, kind)
    yield from _wrapped("  ", f"{row.reason}.")
    if isinstance(row, ProcessCondition):
        yield from _wrapped("  evaluates: ", f"{row.evaluates} (the file names the {row.gate} gate)")
    yield f"  regions: {_regions(row.regions)}"
    yield f"  scope: {_scope(row.scope)}"
    for technique, level in row.level.items():
        how = row.basis(technique)
        yield f"  {coloured(level, COLOURS[level])} for {TECHNIQUES[technique].name}: {how}"
    yield from _codes(row)
    for item in row.lists:
        yield from _wrapped("  list: ", _listed(item))
    yield from _sources(row)


def _scope(scope: str) -> str:
    return {
        "general": "anywhere in these regions (general)",
        "at_site": "at and next to the place where it sits (at_site)",
    }[scope]


def _codes(row: Contraindication) -> Iterator[str]:
    if row.icd10cm:
        match = row.icd10cm_match or "broad"
        yield from _wrapped("  ICD-10-CM: ", f"{', '.join(row.icd10cm)} ({match}: {MATCHES[match]})")
    else:
        yield "  ICD-10-CM: none in the file"
    yield from _wrapped("  code note: ", row.icd10cm_note)
    seen = contraindications_file().snomed_seen
    for code in row.snomed:
        entry = seen.get(code)
        said = f"{code} {entry.display} (seen in {entry.seen_in})" if entry else code
        yield from _wrapped("  SNOMED CT: ", said)


def _listed(item: str) -> str:
    """A list with what the file says of it; ``who2005_absolute:7`` is item 7 of its list."""
    lists = contraindications_file().meta.get("lists", {})
    name, _, _number = item.partition(":")
    text = lists.get(item) or lists.get(f"{name}:N") or lists.get(name)
    return f"{item}: {text}" if text else item


def _red_flag(row: RedFlag) -> Iterator[str]:
    yield from _title(row.name, row.id, f"red flag, {row.kind}")
    yield from _wrapped("  asks: ", row.question)
    yield from _wrapped("  then: ", f"{row.action.replace('_', ' ')}. {WHERE_TO_GO[row.action]}")
    yield f"  asked {' and '.join(row.applies)} treatment, for {_regions(row.regions)}"
    yield f"  group: {row.group}"
    yield from _wrapped("  grade: ", "the action is Handrail's own grade unless the source states it")
    yield from _sources(row)


def _adverse_event(row: AdverseEvent) -> Iterator[str]:
    yield from _title(row.name, row.id, f"adverse event, {row.severity}")
    yield f"  techniques: {', '.join(row.techniques)}; regions: {_regions(row.regions)}"
    yield from _wrapped("  onset: ", row.typical_onset or "none was found")
    if row.onset_source:
        yield from _wrapped("  onset from: ", _source(row.onset_source))
    yield from _wrapped("  what to do: ", row.what_to_do)
    for estimate in row.estimates:
        yield from _wrapped("  estimate: ", f"{estimate.value}, of {estimate.denominator}")
        design = f"{estimate.design}; " if estimate.design else ""
        seen = "text seen" if estimate.text_seen else "text not seen"
        said = f"{estimate.study} {estimate.year} ({design}{seen}). {_source(estimate.source)}"
        yield from _wrapped("    ", said)
        yield from _wrapped("    note: ", estimate.note)
    if not row.estimates:
        yield "  estimates: none was found"
    yield f"  text {'seen' if row.text_seen else 'not seen'}"
    if row.source:
        yield from _wrapped("  source: ", _source(row.source))
    yield from _wrapped("  note: ", row.note)


def _step_item(row: StepItem) -> Iterator[str]:
    yield from _title(row.item, row.id, row.category.replace("_", " "))
    yield from _wrapped("  purpose: ", row.purpose)
    yield f"  techniques: {', '.join(row.techniques)}; regions: {_regions(row.regions)}"
    yield from _wrapped("  evidence: ", row.evidence)
    if row.known_limits:
        yield from _wrapped("  limits: ", f"{row.known_limits}. It can raise an alarm and clears nobody.")
    yield from _sources(row)


def _training(row: TrainingFigure) -> Iterator[str]:
    yield from _title(row.what, row.id, f"training, {row.kind}")
    yield f"  {row.profession} in {row.jurisdiction}, set by {row.setting_body}"
    ends = f"{row.range.min} to {row.range.max}" if row.range else None
    figure = " / ".join(str(part) for part in (row.value, ends) if part is not None) or "no figure"
    yield f"  {figure} {row.unit}{f' ({row.year})' if row.year else ''}"
    yield f"  authority: {row.authority}; text {'seen' if row.text_seen else 'not seen'}"
    yield from _wrapped("  source: ", _source(row.source))
    yield from _wrapped("  note: ", row.note)


def coded(found: Coded) -> Iterator[str]:
    """What a code means, as lines."""
    system = {"icd10cm": "ICD-10-CM", "snomed": "SNOMED CT", "rxnorm": "RxNorm", "name": "medicine"}[found.system]
    yield coloured(f"{system} {found.code}{f': {found.name}' if found.name else ''}", "1")
    if not found.known:
        yield "  not in Handrail's files: it means nothing to them, which is no all-clear"
    if found.site:
        yield f"  site: {found.site}"
    for match in found.matches:
        at = f" at {match.site}" if match.site else ""
        yield from _wrapped("  ", f"{match.finding}{at} ({match.match}): {match.why}")
    for note in found.notes:
        yield from _wrapped("  note: ", note)
    yield from _wrapped("  source: ", found.source)


def verdict_of(row: Contraindication | RedFlag, technique: str, region: str) -> Verdict:
    """What the row leads to if it is found, and nobody has decided or cleared anything."""
    verdicts = (reason.verdict for reason, _ in grade(Finding(row.id), technique, region))
    return max(verdicts, key=lambda verdict: standing(verdict, None))


def _title(name: str, id_: str, kind: str) -> Iterator[str]:
    yield from textwrap.wrap(f"{name} [{id_}] ({kind})", width())


def _sources(row: Any) -> Iterator[str]:
    seen = "read" if row.text_seen else "not read"
    authority = f"{row.authority}; " if getattr(row, "authority", None) else ""
    yield from _wrapped("  source: ", f"{_source(row.source)} ({authority}text {seen})")
    primary = getattr(row, "primary", None)
    if primary:
        yield from _wrapped("  original: ", f"{_source(primary)} (not seen itself)")
    for other in row.also:
        yield from _wrapped("  also: ", _source(other))
    yield from _wrapped("  note: ", row.note)


def _source(source: Source) -> str:
    return f"{source.title} <{source.url}>" if source.url else source.title


def _regions(regions: Any) -> str:
    return "all regions" if regions == "all" else ", ".join(REGIONS[region].name for region in regions)


def _wrapped(label: str, text: str | None) -> Iterator[str]:
    if text:
        indent = " " * (len(label) - len(label.lstrip()) + 2)
        options: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
        yield from textwrap.wrap(label + text, width(), subsequent_indent=indent, **options)
