"""A bill as a patch on a jurisdiction's law: the law as it would be, in memory; no file is edited.

``docs/whatif.md`` explains the format with an example. A patched law goes through the same checks as a file.
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from handrail.files import convert, parse, read_bytes
from handrail.law.load import Law, from_data, load
from handrail.law.model import Text
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
    """Adds a profession that the file does not have."""

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
    law = load(patch.jurisdiction)
    data = msgspec.json.decode(msgspec.json.encode(law.file))  # a copy in plain data
    for number, step in enumerate(patch.changes):
        _apply(data, step, f"{where}: changes[{number}]")
    digest = hashlib.sha256(law.digest.encode() + msgspec.json.encode(patch)).hexdigest()
    return Law(from_data(data, where), digest)


def _apply(data: dict[str, Any], step: Step, where: str) -> None:
    professions = data["professions"]
    rules = {rule["id"]: rule for entry in professions.values() for rule in entry["rules"]}
    if isinstance(step, SetFields):
        rule = _named(step.rule, rules, where)
        if "id" in step.fields:
            raise InputError("a rule's id is for ever", where=where)
        rule.update(step.fields)
    elif isinstance(step, EndRule):
        dated = rules | {item["id"]: item for item in data["prerequisites"]}
        _named(step.id, dated, where)["effective_to"] = step.on
    elif isinstance(step, AddRule):
        if step.profession not in professions:
            raise InputError(
                f"{step.profession!r} is not in the file",
                where=where,
                hint=f"{did_you_mean(step.profession, professions)} Or add it with `type: add_profession`",
            )
        prefix = f"{data['jurisdiction']}/{step.profession}/{step.rule.get('technique')}/"
        taken = [int(id_[len(prefix) :]) for id_ in rules if id_.startswith(prefix)]
        defaults: dict[str, Any] = {
            "regions": "all",
            "conditions": [],
            "effective_from": None,
            "effective_to": None,
            "note": None,
        }
        rule = {"id": f"{prefix}{max(taken, default=0) + 1}", **defaults, **step.rule}
        professions[step.profession]["rules"].append(rule)
    elif isinstance(step, AddProfession):
        if step.profession in professions:
            raise InputError(f"{step.profession!r} is in the file already", where=where, hint="Use `type: add`")
        professions[step.profession] = step.entry
    elif isinstance(step, AddPrerequisite):
        number = len(data["prerequisites"]) + 1
        data["prerequisites"].append({"id": f"{data['jurisdiction']}/prerequisite/{number}", **step.prerequisite})
    else:
        data["reserved_act"] = step.act


def _named(id_: str, there: dict[str, dict[str, Any]], where: str) -> dict[str, Any]:
    if id_ not in there:
        raise InputError(f"{id_!r} is not in the file", where=where, hint=did_you_mean(id_, there))
    return there[id_]
