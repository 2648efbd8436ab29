"""Maps of codes: users' own files, checks, and what differs from a dossier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from handrail.files import convert, one_line, parse, read_bytes
from handrail.terms import InputError, did_you_mean
from handrail.terms.billing import NAMES_OF_LISTS, BillingFile, Codes, billing_file, shipped


def load(path: Path | str) -> Codes:
    """The shipped maps and those of a file of the same format; where both have a code, the file's entry counts.

    Args:
        path: YAML like ``terms/billing.yaml``. Every list may be left out, and so may sources.

    Raises:
        InputError: naming file and field.
    """
    path = Path(path)
    file = convert(parse(read_bytes(path), path.name), BillingFile, path.name)
    for where, text in file.problems():
        raise InputError(text, where=f"{path.name}: {where}", hint=_hint(where, text))
    return shipped().extended(file)


def _hint(where: str, text: str) -> str:
    from handrail.terms import PROFESSIONS, REGIONS, TECHNIQUES
    from handrail.terms.billing import OTHER_PROFESSIONS, OTHER_REGIONS, PARTS

    given = text.split("'")[1] if text.count("'") >= 2 else ""
    known = {
        "techniques": TECHNIQUES,
        "regions": (*REGIONS, *OTHER_REGIONS, *PARTS),
        "region": (*REGIONS, *OTHER_REGIONS),
        "profession": (*PROFESSIONS, *OTHER_PROFESSIONS),
        "may_be": (*PROFESSIONS, *OTHER_PROFESSIONS),
    }.get(where.rpartition(".")[2])
    return did_you_mean(given, known) if known and given else ""


class Problem(NamedTuple):
    """Something wrong, or worth knowing, in a map of codes."""

    severity: Literal["error", "notice"]
    where: str
    text: str


def lint(path: Path | None = None) -> list[Problem]:
    """The problems of a file of codes, or of the shipped one; errors first.

    Raises:
        InputError: if the file cannot be read, or is of another form.
    """
    file = convert(parse(read_bytes(path), path.name), BillingFile, path.name) if path else billing_file()
    found = [Problem("error", where, text) for where, text in file.problems()]
    for name in NAMES_OF_LISTS:
        for row in getattr(file, name):
            where = f"{name} ({getattr(row, 'code', None) or getattr(row, 'name', '')})"
            if not row.source:
                found.append(Problem("notice", where, "no source"))
            elif not row.text_seen:
                found.append(Problem("notice", where, "its source was not read"))
    return sorted(found, key=lambda problem: problem.severity)


class Difference(NamedTuple):
    """Something that a dossier says and the product does not, or says otherwise."""

    where: str
    dossier: str
    product: str


_MISSING = "(not there)"
#: What only the product's file has.
_OWN = ("provider_types", "credential_texts", "place_names")
_OWN_FIELDS = ("may_be",)


def compare(dossier: Path) -> list[Difference]:
    """What differs between a dossier of codes (``codes.yaml``, or the folder that holds it) and the shipped maps.

    Raises:
        InputError: if it cannot be read.
    """
    path = dossier / "codes.yaml" if dossier.is_dir() else dossier
    theirs = parse(read_bytes(path), path.name)
    if not isinstance(theirs, dict):
        raise InputError("is no map of codes", where=path.name)
    ours = msgspec.to_builtins(billing_file())
    return [Difference(where, _said(a), _said(b)) for where, a, b in _differ("", theirs, ours)]


def _said(value: Any) -> str:
    return one_line(value if isinstance(value, str) else repr(value), limit=200)


def _differ(where: str, dossier: Any, product: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(dossier, list) and isinstance(product, list | tuple):
        dossier, product = _by_code(dossier), _by_code(list(product))
    if isinstance(dossier, dict) and isinstance(product, dict):
        for key in dict.fromkeys((*dossier, *product)):
            if key not in dossier and (key in _OWN_FIELDS or (not where and key in _OWN)):
                continue
            if key not in dossier and not product[key]:
                continue  # a field that the dossier leaves out, and that says nothing
            place = f"{where}.{key}".lstrip(".")
            yield from _differ(place, dossier.get(key, _MISSING), product.get(key, _MISSING))
    elif type(dossier) is not type(product) or dossier != product:
        yield where, dossier, product


def _by_code(rows: list[Any]) -> dict[Any, Any]:
    codes = [row.get("code") if isinstance(row, dict) else None for row in rows]
    if rows and None not in codes and len(set(codes)) == len(codes):
        return dict(zip(codes, rows, strict=True))
    return dict(enumerate(rows))
