"""Loads a jurisdiction's law, checks that it hangs together, and indexes it.

Loading is lazy: a question about Florida reads Florida's file and no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import msgspec

from handrail.files import convert, faults, one_line, parse, read_bytes
from handrail.law.model import (
    Condition,
    ConditionType,
    LawFile,
    Prerequisite,
    Profession,
    Regulated,
    Rule,
    day_after,
)
from handrail.terms import PROFESSIONS, STEPS, TECHNIQUES, InputError, did_you_mean

FOLDER = Path(__file__).parent / "jurisdictions"


class Law:
    """One jurisdiction's law, ready to be asked.

    Args:
        file: the typed contents of the jurisdiction's file.
        digest: SHA-256 of the file's bytes, in hex.
    """

    def __init__(self, file: LawFile, digest: str) -> None:
        self.file = file
        self.digest = digest
        self._cells: dict[tuple[str, str], tuple[Rule, ...]] = {}
        for profession, rule in file.rules():
            cell = (profession, rule.technique)
            self._cells[cell] = (*self._cells.get(cell, ()), rule)

    @property
    def jurisdiction(self) -> str:
        """The ISO 3166-2 code."""
        return self.file.jurisdiction

    def cell(self, profession: str, technique: str) -> tuple[Rule, ...]:
        """The rules on a profession and a technique, of all dates, in the file's order."""
        return self._cells.get((profession, technique), ())

    def profession(self, profession: str) -> Profession | None:
        """What the file says of a profession, or None if it does not have it."""
        return self.file.professions.get(profession)

    def regulated(self, profession: str) -> Regulated | None:
        """How a profession is regulated here; None if the file does not have it."""
        entry = self.file.professions.get(profession)
        return entry.regulated if entry else None

    def conditions(self, rule: Rule) -> tuple[Condition, ...]:
        """The conditions of a rule, with those that it takes over from another rule by reference."""
        own = tuple(condition for condition in rule.conditions if condition.refers_to is None)
        taken = {condition.id for condition in own}
        for condition in rule.conditions:
            if condition.refers_to is not None:
                referred = self.rules_by_id[condition.refers_to]
                own += tuple(other for other in referred.conditions if other.id not in taken)
        return own

    @cached_property
    def rules_by_id(self) -> dict[str, Rule]:
        """Every rule by its id."""
        return {rule.id: rule for _, rule in self.file.rules()}

    def prerequisites(self, profession: str, technique: str, day: date) -> Iterator[Prerequisite]:
        """What the law wants of this profession before a technique, in force on a day."""
        for prerequisite in self.file.prerequisites:
            if (
                prerequisite.technique == technique
                and prerequisite.in_force(day)
                and self._binds(prerequisite, profession)
            ):
                yield prerequisite

    def _binds(self, prerequisite: Prerequisite, profession: str) -> bool:
        if profession in prerequisite.exempt:
            return False
        if prerequisite.binds == "any":
            return True
        if prerequisite.binds == "licensees":
            # A profession that the file does not have is taken to be licensed: the stricter reading.
            return profession != "unlicensed_person" and self.regulated(profession) is not Regulated.NONE
        return profession in prerequisite.binds

    def changes(self, profession: str, technique: str) -> set[date]:
        """The days on which something begins to be, or ceased to be, in force for a cell."""
        dated = [
            *self.cell(profession, technique),
            *(p for p in self.file.prerequisites if p.technique == technique),
            *([self.file.reserved_act] if self.file.reserved_act else []),
        ]
        starts = {item.effective_from for item in dated if item.effective_from}
        after = {day_after(item.effective_to) for item in dated if item.effective_to}
        return starts | after


def jurisdictions() -> list[str]:
    """The codes of all jurisdictions that have a file, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def has(jurisdiction: str) -> bool:
    """Whether there is a file for a code."""
    return _is_code(jurisdiction) and (FOLDER / f"{jurisdiction}.yaml").is_file()


@cache
def load(jurisdiction: str) -> Law:
    """The law of a jurisdiction.

    Args:
        jurisdiction: its ISO 3166-2 code, such as ``US-FL``.

    Raises:
        InputError: if there is none of that code, or its file is broken; nothing is half-loaded.
    """
    if not has(jurisdiction):
        raise InputError(
            f"{jurisdiction!r} is not a jurisdiction that Handrail knows",
            hint=did_you_mean(jurisdiction, jurisdictions()),
        )
    return load_file(FOLDER / f"{jurisdiction}.yaml")


def load_file(path: Path) -> Law:
    """The law in a file anywhere; raises InputError as ``load`` does."""
    raw = read_bytes(path)
    return Law(from_data(parse(raw, path.name), path.name), hashlib.sha256(raw).hexdigest())


def from_data(data: Any, where: str) -> LawFile:
    """Typed law from plain data, checked whole.

    Raises:
        InputError: naming file, rule and field, at the first thing that is wrong.
    """
    try:
        file = convert(data, LawFile, where)
    except InputError as error:
        raise next(misfits(data, where), error) from None
    for problem in problems(file):
        raise InputError(problem, where=where)
    return file


def misfits(data: Any, where: str) -> Iterator[InputError]:
    """Everything in plain data that is not of the format's types, rule by rule and field by field."""
    if not isinstance(data, dict):
        yield InputError("must be a mapping with `jurisdiction`, `professions`, ...", where=where)
    else:
        yield from faults(data, LawFile, where)


def problems(file: LawFile) -> Iterator[str]:
    """What the types cannot say, a line each: ids unknown, twice or misplaced; speaking without a citation."""
    for problem in _problems(file):
        yield one_line(problem, limit=400)


def _problems(file: LawFile) -> Iterator[str]:
    if file.jurisdiction != file.jurisdiction.strip():  # the pattern's end lets a line break through
        yield f"jurisdiction: {file.jurisdiction!r} is not a code such as US-FL"
    seen: set[str] = set()
    for profession in file.professions:
        if profession not in PROFESSIONS:
            yield f"{profession!r} is not a known profession. {did_you_mean(profession, PROFESSIONS)}"
    for profession, rule in file.rules():
        yield from _rule_problems(file, profession, rule, seen)
    for prerequisite in file.prerequisites:
        if prerequisite.id in seen:
            yield f"{prerequisite.id}: this id is there twice"
        seen.add(prerequisite.id)
        if not prerequisite.id.startswith(f"{file.jurisdiction}/prerequisite/"):
            yield f"{prerequisite.id}: the id must begin with {file.jurisdiction}/prerequisite/"
        named = prerequisite.binds if isinstance(prerequisite.binds, tuple) else ()
        yield from _unknown_professions(prerequisite.id, (*named, *prerequisite.exempt))
        for requirement in prerequisite.requires:
            if requirement.kind == "step" and requirement.id not in STEPS:
                hint = did_you_mean(requirement.id, STEPS)
                yield f"{prerequisite.id}: {requirement.id!r} is not a known step. {hint}"
    if act := file.reserved_act:
        yield from _unknown_professions("reserved_act", (*act.granted_to, *act.does_not_affect))
        reached = {region for technique in act.techniques for region in TECHNIQUES[technique].regions}
        for region in act.regions if act.regions != "all" else ():
            if region not in reached:
                yield f"reserved_act: regions: none of its techniques has the region {region}"


def _rule_problems(file: LawFile, profession: str, rule: Rule, seen: set[str]) -> Iterator[str]:
    if rule.id in seen:
        yield f"{rule.id}: this id is there twice"
    seen.add(rule.id)
    start = f"{file.jurisdiction}/{profession}/{rule.technique}/"
    number = rule.id.removeprefix(start)
    if number == rule.id or not (number.isascii() and number.isdigit()):
        yield f"{rule.id}: the id must be {start} and a number"
    allowed = TECHNIQUES[rule.technique].regions
    for region in rule.regions if rule.regions != "all" else ():
        if region not in allowed:
            yield f"{rule.id}: regions: {rule.technique} has no region {region}. Known: {', '.join(allowed)}"
    if rule.effect.speaks and not (rule.citation and rule.citation.strip()):
        yield f"{rule.id}: citation: a rule that speaks ({rule.effect}) needs one"
    if rule.effect == "conditional" and not rule.conditions:
        yield f"{rule.id}: conditions: a conditional rule needs at least one"
    ids: list[str] = []
    for condition in (inner for outer in rule.conditions for inner in outer.walk()):
        if condition.id in ids:
            yield f"{rule.id}: conditions: the id {condition.id!r} is there twice"
        ids.append(condition.id)
    for condition in (inner for outer in rule.conditions for inner in outer.walk()):
        for other in condition.met_by:
            if other not in ids:
                hint = did_you_mean(other, ids)
                yield f"{rule.id}: conditions.{condition.id}.met_by: {other!r} is no condition here. {hint}"
        if condition.type is ConditionType.REFERENCE:
            target = next((r for _, r in file.rules() if r.id == condition.refers_to), None)
            if target is None or any(c.refers_to for c in target.conditions):
                at = f"{rule.id}: conditions.{condition.id}.refers_to"
                yield f"{at}: {condition.refers_to} is no rule here to refer to"


def _unknown_professions(where: str, professions: tuple[str, ...]) -> Iterator[str]:
    for profession in professions:
        if profession not in PROFESSIONS:
            yield f"{where}: {profession!r} is not a known profession. {did_you_mean(profession, PROFESSIONS)}"


def _is_code(text: str) -> bool:
    return len(text) == 5 and text.replace("-", "").isalnum()


def schema() -> dict[str, Any]:
    """The JSON Schema of a law file, made from the types."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(LawFile)}
