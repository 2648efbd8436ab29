"""A bill as a patch on a jurisdiction's law: the law as it would be, in memory; no file is edited.

``docs/whatif.md`` explains the format with an example. A patched law goes through the same checks as a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from handrail.files import convert, parse, read_bytes
from handrail.law.load import Law, from_data, load
from handrail.law.model import Prerequisite, Profession, ReservedAct, Rule, Text
from handrail.terms import InputError, did_you_mean


class SetFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="set"):
    """Changes fields of a rule, as if its text said so."""

    rule: str
    fields: dict[str, Any]


class EndRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="end"):
    """Ends a rule or a prerequisite: ``on`` is its last day in force."""

    id: str
    on: date


class AddRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="add"):
    """Adds a rule to a profession; its id is the next of its cell unless it is given."""

    profession: str
    rule: dict[str, Any]


class AddProfession(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="add_profession"):
    """Adds a profession that the file does not have; its rules get their ids as with ``add``."""

    profession: str
    entry: dict[str, Any]


class AddPrerequisite(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="add_prerequisite"
):
    """Adds something that the law wants first."""

    prerequisite: dict[str, Any]


class ReplaceReservedAct(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="reserved_act"
):
    """Puts another reserved act in place of the present one; null takes it away."""

    act: dict[str, Any] | None


Step = SetFields | EndRule | AddRule | AddProfession | AddPrerequisite | ReplaceReservedAct


class Patch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A bill, as changes to a jurisdiction's law."""

    format: int
    title: Text
    source: Text
    jurisdiction: str
    #: The first day on which its decisions are compared; null for the day asked.
    effective: date | None = None
    changes: tuple[Step, ...]

    def __post_init__(self) -> None:
        if self.format != 1:
            raise ValueError("`format` must be 1")


def read_patch(path: Path) -> Patch:
    """A patch from a file.

    Raises:
        InputError: naming the field, if it is no patch.
    """
    return convert(parse(read_bytes(path), path.name), Patch, path.name)


def apply(patch: Patch, where: str = "patch") -> Law:
    """The law of the patch's jurisdiction as it would be.

    Raises:
        InputError: if the patch names what is not there, or the law would not hang together.
    """
    try:
        law = load(patch.jurisdiction)
    except InputError as error:
        raise InputError(error.message, where=f"{where}: jurisdiction", hint=error.hint) from None
    data = _plain(law.file)
    for number, step in enumerate(patch.changes):
        _apply(data, step, f"{where}: changes[{number}]")
    digest = hashlib.sha256(law.digest.encode() + msgspec.json.encode(patch)).hexdigest()
    return Law(from_data(data, where), digest)


def _apply(data: dict[str, Any], step: Step, where: str) -> None:
    """Changes plain data by a step. What a step brings is checked at once, so that the next finds it whole."""
    professions = data["professions"]
    rules = {rule["id"]: rule for entry in professions.values() for rule in entry["rules"]}
    if isinstance(step, SetFields):
        rule = _named(step.rule, rules, where)
        if "id" in step.fields:
            raise InputError("a rule's id is for ever", where=where)
        rule |= _checked({**rule, **step.fields}, Rule, where, "fields")
    elif isinstance(step, EndRule):
        dated = rules | {item["id"]: item for item in data["prerequisites"]}
        _named(step.id, dated, where)["effective_to"] = step.on.isoformat()
    elif isinstance(step, AddRule):
        if step.profession not in professions:
            raise InputError(
                f"{step.profession!r} is not in the file",
                where=where,
                hint=f"{did_you_mean(step.profession, professions)} Or add it with `type: add_profession`",
            )
        place = f"{data['jurisdiction']}/{step.profession}"
        rule = _checked(_with_id(step.rule, place, rules), Rule, where, "rule")
        professions[step.profession]["rules"].append(rule)
    elif isinstance(step, AddProfession):
        if step.profession in professions:
            raise InputError(f"{step.profession!r} is in the file already", where=where, hint="Use `type: add`")
        place = f"{data['jurisdiction']}/{step.profession}"
        entry = _with_ids(step.entry, place)
        professions[step.profession] = _checked(entry, Profession, where, "entry")
    elif isinstance(step, AddPrerequisite):
        prefix = f"{data['jurisdiction']}/prerequisite/"
        taken = [item["id"] for item in data["prerequisites"]]
        wanted = {"id": f"{prefix}{_next(prefix, taken)}", **step.prerequisite}
        data["prerequisites"].append(_checked(wanted, Prerequisite, where, "prerequisite"))
    else:
        data["reserved_act"] = None if step.act is None else _checked(step.act, ReservedAct, where, "act")


#: What a rule of a bill may leave out.
_DEFAULTS: dict[str, Any] = {
    "regions": "all",
    "conditions": [],
    "effective_from": None,
    "effective_to": None,
    "note": None,
}


def _with_id(rule: dict[str, Any], place: str, taken: Iterable[Any]) -> dict[str, Any]:
    """A rule with what it may leave out, and the next id of its cell unless it has one."""
    prefix = f"{place}/{rule.get('technique')}/"
    return {"id": f"{prefix}{_next(prefix, taken)}", **_DEFAULTS, **rule}


def _with_ids(entry: dict[str, Any], place: str) -> dict[str, Any]:
    """A profession whose rules all have what they may leave out, as far as they are rules at all."""
    rules = entry.get("rules")
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        return entry
    taken = [rule["id"] for rule in rules if "id" in rule]
    done = []
    for rule in rules:
        done.append(_with_id(rule, place, taken))
        taken.append(done[-1]["id"])
    return {**entry, "rules": done}


def _next(prefix: str, taken: Iterable[Any]) -> int:
    """The number after the highest that ids of a prefix have."""
    numbers = (str(id_).removeprefix(prefix) for id_ in taken if str(id_).startswith(prefix))
    return max((int(number) for number in numbers if number.isascii() and number.isdigit()), default=0) + 1


def _checked(given: dict[str, Any], kind: type[msgspec.Struct], where: str, at: str) -> dict[str, Any]:
    """What a step brings, checked and as plain data of its own."""
    return _plain(convert(given, kind, where, at))


def _plain(typed: msgspec.Struct) -> dict[str, Any]:
    """A copy as plain data: lists that can grow, dates as text."""
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(typed))
    return copy


def _named(id_: str, there: dict[str, dict[str, Any]], where: str) -> dict[str, Any]:
    if id_ not in there:
        raise InputError(f"{id_!r} is not in the file", where=where, hint=did_you_mean(id_, there))
    return there[id_]
