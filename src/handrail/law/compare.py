"""Tells what differs between a folder of research dossiers and the product's files.

Everything in a dossier must have its counterpart: a rule, a note, a source or a date without one is a difference.
What only the product has (ids, condition types, ``exempt``, ``chapter``) is no loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from handrail.law.load import FOLDER, has, load
from handrail.law.model import LawFile, Prerequisite, Profession, ReservedAct, Rule, Term
from handrail.terms import PROFESSIONS, InputError


class Difference(NamedTuple):
    """Something that the dossier says and the product does not, or says otherwise."""

    jurisdiction: str
    where: str
    dossier: str
    product: str


def compare(dossier: Path) -> list[Difference]:
    """What differs between the dossiers in a folder and the product's law files.

    Raises:
        InputError: if the folder has no dossiers, or one cannot be read.
    """
    paths = sorted(dossier.glob("*.yaml"))
    if not paths:
        raise InputError("has no *.yaml files", where=str(dossier), hint="Name the folder of the dossiers")
    found: list[Difference] = []
    for path in paths:
        data = _read(path)
        if not has(path.stem):
            found.append(Difference(path.stem, "file", "is there", "is missing"))
            continue
        file = load(path.stem).file
        found += [Difference(path.stem, where, _short(a), _short(b)) for where, a, b in _file(data, file)]
    there = {path.stem for path in paths}
    found += [
        Difference(path.stem, "file", "is missing", "is there")
        for path in sorted(FOLDER.glob("*.yaml"))
        if path.stem not in there
    ]
    return found


Found = Iterator[tuple[str, Any, Any]]
_ABSENT = "(not there)"


def _read(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  (a safe loader)
    except (yaml.YAMLError, OSError, UnicodeError) as error:
        raise InputError(f"cannot be read: {' '.join(str(error).split())}", where=path.name) from None
    if not isinstance(data, dict):
        raise InputError("is no mapping", where=path.name)
    return data


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 200 else text[:199] + "…"


def _plain(value: Any) -> Any:
    """A value as plain data, dates as text and tuples as lists, so that both sides compare."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "value"):
        return value.value
    return value


def _same(where: str, dossier: Any, product: Any) -> Found:
    if _plain(dossier) != _plain(product):
        yield where, dossier, product


def _fields(where: str, dossier: dict[str, Any], product: Any, handled: set[str]) -> Found:
    """Fields of the same name on both sides; what the dossier has beyond them is a difference."""
    known = {field.encode_name for field in msgspec.structs.fields(product)}
    for key, value in dossier.items():
        if key in handled:
            continue
        if key not in known:
            yield f"{where}.{key}", value, _ABSENT
        else:
            yield from _same(f"{where}.{key}", value, getattr(product, key))


def _file(data: dict[str, Any], file: LawFile) -> Found:
    yield from _fields("", data, file, {"professions", "prerequisites", "reserved_act", "terms"})
    professions = data.get("professions") or {}
    for name, entry in professions.items():
        if name not in file.professions:
            yield f"professions.{name}", "is there", _ABSENT
        else:
            yield from _profession(file.jurisdiction, name, entry, file.professions[name])
    for name in file.professions:
        if name not in professions:
            yield f"professions.{name}", _ABSENT, "is there"
    wanted = data.get("prerequisites") or []
    yield from _same("prerequisites (how many)", len(wanted), len(file.prerequisites))
    for number, (item, prerequisite) in enumerate(zip(wanted, file.prerequisites, strict=False), 1):
        yield from _prerequisite(f"prerequisites[{number}]", item, prerequisite)
    yield from _reserved_act(data.get("reserved_act"), file.reserved_act)
    terms = data.get("terms") or {}
    for word, term in terms.items():
        if word not in file.terms:
            yield f"terms.{word}", "is there", _ABSENT
        else:
            yield from _term(f"terms.{word}", term, file.terms[word])


def _profession(place: str, name: str, entry: dict[str, Any], profession: Profession) -> Found:
    where = f"professions.{name}"
    yield from _same(f"{where}.regulated", entry.get("regulated") or "unknown", profession.regulated)
    yield from _fields(where, entry, profession, {"regulated", "rules"})
    numbers: dict[str, int] = {}
    by_id = {rule.id: rule for rule in profession.rules}
    for rule in entry.get("rules") or []:
        technique = rule["technique"]
        numbers[technique] = numbers.get(technique, 0) + 1
        id_ = f"{place}/{name}/{technique}/{numbers[technique]}"
        if id_ in by_id:
            yield from _rule(rule, by_id.pop(id_))
        else:
            yield id_, "is there", _ABSENT
    for id_ in by_id:
        yield id_, _ABSENT, "is there"


def _rule(dossier: dict[str, Any], rule: Rule) -> Found:
    yield from _fields(rule.id, dossier, rule, {"conditions"})
    texts = {condition.text for outer in rule.conditions for condition in outer.walk()}
    for condition in dossier.get("conditions") or []:
        if condition not in texts:
            yield f"{rule.id}.conditions", condition, _ABSENT
    if rule.conditions and not dossier.get("conditions"):
        yield f"{rule.id}.conditions", _ABSENT, sorted(texts)


def _prerequisite(where: str, dossier: dict[str, Any], prerequisite: Prerequisite) -> Found:
    bound = dossier.get("profession")
    binds: Any = [bound]
    if bound == "any":
        binds = "any"
    elif isinstance(bound, str) and bound.startswith("any_"):
        binds = "licensees"
    yield from _same(f"{where}.profession", binds, prerequisite.binds)
    texts = [requirement.text for requirement in prerequisite.requires]
    yield from _same(f"{where}.requires", dossier.get("requires"), texts)
    yield from _fields(where, dossier, prerequisite, {"profession", "requires"})


def _reserved_act(dossier: dict[str, Any] | None, act: ReservedAct | None) -> Found:
    if (dossier is None) != (act is None):
        yield "reserved_act", dossier and "is there", act and "is there"
    if dossier is None or act is None:
        return
    granted = dossier.get("granted_to") or []
    yield from _same("reserved_act.granted_to", [g for g in granted if g in PROFESSIONS], act.granted_to)
    others = [g for g in granted if g not in PROFESSIONS]
    yield from _same("reserved_act.granted_to (in words)", others, act.granted_to_others)
    yield from _fields("reserved_act", dossier, act, {"granted_to"})


def _term(where: str, dossier: dict[str, Any], term: Term) -> Found:
    technique = dossier.get("technique")
    yield from _same(
        f"{where}.technique", technique if isinstance(technique, list) else [technique], term.technique
    )
    yield from _same(f"{where}.sense", dossier.get("sense") or dossier.get("summary"), term.sense)
    yield from _fields(where, dossier, term, {"technique", "sense", "summary"})
