"""Tells what differs between a folder of research dossiers and the product's files.

Everything in a dossier must have its counterpart: a rule, a note, a source or a date without one is a difference,
and so is what the product says and the dossier leaves out. What only the product's format has (ids, condition
types, ``exempt``, ``chapter``, a reserved act's regions) is no difference.
"""

from __future__ import annotations

import reprlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from handrail.files import one_line, parse, read_bytes
from handrail.law.load import FOLDER, has, load
from handrail.law.model import LawFile, Prerequisite, Profession, ReservedAct, Rule, Term
from handrail.terms import PROFESSIONS, InputError

#: Fields that a dossier does not have.
_PRODUCT_ONLY = {
    LawFile: {"format"},
    Rule: {"id"},
    Prerequisite: {"id", "binds", "chapter", "exempt"},
    ReservedAct: {"regions", "granted_to_others"},
}


class Difference(NamedTuple):
    """Something that the dossier says and the product does not, or says otherwise."""

    jurisdiction: str
    where: str
    dossier: str
    product: str


def compare(dossier: Path) -> list[Difference]:
    """What differs between the dossiers in a folder and the product's law files.

    Raises:
        InputError: if the folder has no dossiers, or one cannot be read or is no dossier.
    """
    paths = sorted(dossier.glob("*.yaml"))
    if not paths:
        raise InputError("has no *.yaml files", where=str(dossier), hint="Name the folder of the dossiers")
    found: list[Difference] = []
    for path in paths:
        data = _mapping(parse(read_bytes(path), path.name, aliases=True), path.name)
        if not has(path.stem):
            found.append(Difference(path.stem, "file", "is there", "is missing"))
            continue
        file = load(path.stem).file
        try:
            found += [Difference(path.stem, where, _short(a), _short(b)) for where, a, b in _file(data, file)]
        except InputError as error:
            raise InputError(error.message, where=f"{path.name}: {error.where}") from None
    there = {path.stem for path in paths}
    found += [
        Difference(path.stem, "file", "is missing", "is there")
        for path in sorted(FOLDER.glob("*.yaml"))
        if path.stem not in there
    ]
    return found


Found = Iterator[tuple[str, Any, Any]]
_ABSENT = "(not there)"
_THERE = "is there"


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError("must be a mapping", where=where)
    return value


def _list(value: Any, where: str) -> list[Any]:
    """A list; what is null or left out is an empty one."""
    if value is not None and not isinstance(value, list):
        raise InputError("must be a list", where=where)
    return value or []


#: Shows the top of a value only: in a dossier with aliases a small value can be endlessly wide.
_repr = reprlib.Repr()
_repr.maxlevel, _repr.maxstring, _repr.maxother = 3, 200, 60


def _short(value: Any) -> str:
    if not isinstance(value, str):
        value = value.isoformat() if isinstance(value, date) else _repr.repr(_plain(value))
    return one_line(value, limit=200)


def _plain(value: Any) -> Any:
    """A value of the product's as plain data: dates as text, tuples as lists."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def _equal(dossier: Any, product: Any) -> bool:
    """Whether both sides say the same; looks no deeper than the product's side goes."""
    if isinstance(product, list):
        return (
            isinstance(dossier, list)
            and len(dossier) == len(product)
            and all(_equal(one, other) for one, other in zip(dossier, product, strict=True))
        )
    if isinstance(dossier, date):
        dossier = dossier.isoformat()
    return type(dossier) is type(product) and bool(dossier == product)


def _same(where: str, dossier: Any, product: Any) -> Found:
    if not _equal(dossier, _plain(product)):
        yield where.lstrip("."), dossier, product


def _fields(where: str, dossier: dict[str, Any], product: msgspec.Struct, handled: set[str]) -> Found:
    """Fields of the same name on both sides, and what only one side has."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(product)}
    for key, value in dossier.items():
        if key in handled:
            continue
        if key not in fields:
            yield f"{where}.{key}".lstrip("."), value, _ABSENT
        else:
            yield from _same(f"{where}.{key}", value, getattr(product, fields[key].name))
    expected = fields.keys() - dossier.keys() - handled - _PRODUCT_ONLY.get(type(product), set())
    for key in sorted(expected):
        value = getattr(product, fields[key].name)
        if value not in (None, (), False):
            yield f"{where}.{key}".lstrip("."), _ABSENT, value


def _file(data: dict[str, Any], file: LawFile) -> Found:
    yield from _fields("", data, file, {"professions", "prerequisites", "reserved_act", "terms"})
    professions = _mapping(data.get("professions") or {}, "professions")
    for name, entry in professions.items():
        if name not in file.professions:
            yield f"professions.{name}", _THERE, _ABSENT
        else:
            where = f"professions.{name}"
            yield from _profession(file.jurisdiction, name, _mapping(entry, where), file.professions[name])
    for name in file.professions:
        if name not in professions:
            yield f"professions.{name}", _ABSENT, _THERE
    yield from _prerequisites(_list(data.get("prerequisites"), "prerequisites"), file.prerequisites)
    yield from _reserved_act(data.get("reserved_act"), file.reserved_act)
    terms = _mapping(data.get("terms") or {}, "terms")
    for word, term in terms.items():
        if word not in file.terms:
            yield f"terms.{word}", _THERE, _ABSENT
        else:
            yield from _term(f"terms.{word}", _mapping(term, f"terms.{word}"), file.terms[word])
    for word in file.terms:
        if word not in terms:
            yield f"terms.{word}", _ABSENT, _THERE


def _profession(place: str, name: str, entry: dict[str, Any], profession: Profession) -> Found:
    where = f"professions.{name}"
    yield from _same(f"{where}.regulated", entry.get("regulated") or "unknown", profession.regulated)
    yield from _fields(where, entry, profession, {"regulated", "rules"})
    numbers: Counter[str] = Counter()
    by_id = {rule.id: rule for rule in profession.rules}
    for number, given in enumerate(_list(entry.get("rules"), f"{where}.rules")):
        rule = _mapping(given, f"{where}.rules[{number}]")
        technique = _short(rule.get("technique"))
        numbers[technique] += 1
        id_ = f"{place}/{name}/{technique}/{numbers[technique]}"
        if id_ in by_id:
            yield from _rule(rule, by_id.pop(id_))
        else:
            yield id_, _THERE, _ABSENT
    for id_ in by_id:
        yield id_, _ABSENT, _THERE


def _rule(dossier: dict[str, Any], rule: Rule) -> Found:
    yield from _fields(rule.id, dossier, rule, {"conditions"})
    texts = [condition.text for outer in rule.conditions for condition in outer.walk()]
    wanted = _list(dossier.get("conditions"), f"{rule.id}.conditions")
    for condition in wanted:
        if not isinstance(condition, str) or condition not in texts:
            yield f"{rule.id}.conditions", condition, _ABSENT
    if rule.conditions and not wanted:
        yield f"{rule.id}.conditions", _ABSENT, texts


def _prerequisites(dossier: list[Any], prerequisites: tuple[Prerequisite, ...]) -> Found:
    yield from _same("prerequisites (how many)", len(dossier), len(prerequisites))
    for number, (given, prerequisite) in enumerate(zip(dossier, prerequisites, strict=False)):
        where = f"prerequisites[{number}]"
        item = _mapping(given, where)
        bound = item.get("profession")
        binds: Any = bound if isinstance(bound, list) else [bound]
        if bound == "any":
            binds = "any"
        elif isinstance(bound, str) and bound.startswith("any_"):
            binds = "licensees"
        yield from _same(f"{where}.profession", binds, prerequisite.binds)
        texts = [requirement.text for requirement in prerequisite.requires]
        yield from _same(f"{where}.requires", item.get("requires"), texts)
        yield from _fields(where, item, prerequisite, {"profession", "requires"})


def _reserved_act(given: Any, act: ReservedAct | None) -> Found:
    if given is None or act is None:
        if given is not None or act is not None:
            yield "reserved_act", _ABSENT if given is None else _THERE, _ABSENT if act is None else _THERE
        return
    dossier = _mapping(given, "reserved_act")
    granted = _list(dossier.get("granted_to"), "reserved_act.granted_to")
    professions = [entry for entry in granted if isinstance(entry, str) and entry in PROFESSIONS]
    others = [entry for entry in granted if not isinstance(entry, str) or entry not in PROFESSIONS]
    yield from _same("reserved_act.granted_to", professions, act.granted_to)
    yield from _same("reserved_act.granted_to (in words)", others, act.granted_to_others)
    yield from _fields("reserved_act", dossier, act, {"granted_to"})


def _term(where: str, dossier: dict[str, Any], term: Term) -> Found:
    technique = dossier.get("technique")
    yield from _same(
        f"{where}.technique", technique if isinstance(technique, list) else [technique], term.technique
    )
    senses = [dossier[key] for key in ("sense", "summary") if dossier.get(key) is not None] or [None]
    for sense in senses:
        yield from _same(f"{where}.sense", sense, term.sense)
    yield from _fields(where, dossier, term, {"technique", "sense", "summary"})
