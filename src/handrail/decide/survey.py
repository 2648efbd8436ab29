"""Many decisions at once: what is known where, what changed between two days, what a bill would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from handrail.decide.case import Case, Credential
from handrail.decide.decide import decide
from handrail.decide.decision import Decision
from handrail.law import Law, Prerequisite, ReservedAct, Rule, day_after, jurisdictions, load
from handrail.law.patch import apply, read_patch
from handrail.terms import PROFESSIONS, TECHNIQUES, Leaning, Verdict


class Cell(NamedTuple):
    """How the general question about a profession and a technique stands in a place."""

    profession: str
    technique: str
    verdict: Verdict
    leaning: Leaning | None
    rule: str | None


class Row(NamedTuple):
    """A place's cells."""

    jurisdiction: str
    name: str
    cells: tuple[Cell, ...]


class Change(NamedTuple):
    """A general decision that differs: before and after, each with the rule that decides it."""

    jurisdiction: str
    profession: str
    technique: str
    region: str | None
    on: date
    before: Verdict
    before_leaning: Leaning | None
    before_rule: str | None
    after: Verdict
    after_leaning: Leaning | None
    after_rule: str | None
    #: Ids of the needs, which can differ where the verdict does not.
    before_needs: tuple[str, ...] = ()
    after_needs: tuple[str, ...] = ()


class Event(NamedTuple):
    """A rule that begins to be in force, or has ended, on a day; also a prerequisite or the reserved act."""

    on: date
    rule: str
    what: str
    #: The rule's effect, or ``prerequisite`` or ``reserved act``.
    effect: str
    citation: str | None


def coverage(on: date, professions: Iterable[str], techniques: Iterable[str]) -> list[Row]:
    """The general decisions of every place, a row each."""
    professions, techniques = tuple(professions), tuple(techniques)
    rows = []
    for place in jurisdictions():
        law = load(place)
        cells = tuple(
            Cell(profession, technique, decision.verdict, decision.leaning, _rule(decision))
            for profession in professions
            for technique in techniques
            for decision in [_general(law, profession, technique, None, on)]
        )
        rows.append(Row(place, law.file.name, cells))
    return rows


def events(first: date, last: date) -> list[Event]:
    """The rules that begin or end after ``first`` and up to ``last``, by day."""
    found: list[Event] = []
    for place in jurisdictions():
        file = load(place).file
        for _, rule in file.rules():
            found += _events(rule, rule.id, rule.effect.value, first, last)
        for prerequisite in file.prerequisites:
            found += _events(prerequisite, prerequisite.id, "prerequisite", first, last)
        if file.reserved_act:
            found += _events(file.reserved_act, f"{place}/reserved_act", "reserved act", first, last)
    return sorted(found, key=lambda event: event[:3])


def _events(
    item: Rule | Prerequisite | ReservedAct, id_: str, effect: str, first: date, last: date
) -> Iterator[Event]:
    if item.effective_from and first < item.effective_from <= last:
        yield Event(item.effective_from, id_, "begins", effect, item.citation)
    if item.effective_to and first <= item.effective_to < last:
        yield Event(day_after(item.effective_to), id_, "has ended", effect, item.citation)


def changes(first: date, last: date) -> list[Change]:
    """The general decisions that differ between two days."""
    found: list[Change] = []
    for place in jurisdictions():
        law = load(place)
        for profession in PROFESSIONS:
            for technique in TECHNIQUES:
                # Only a cell in which something begins or ends can be decided otherwise.
                if any(first < day <= last for day in law.changes(profession, technique)):
                    found += _differing(law, law, profession, technique, first, last)
    return found


def whatif(path: Path, on: date) -> list[Change]:
    """The general decisions that a bill would change, on a day and on every later day of change.

    Args:
        path: the bill as a patch (docs/whatif.md).
        on: the first day to compare on, unless the patch names one.

    Raises:
        InputError: if the patch is broken.
    """
    patch = read_patch(path)
    then = apply(patch, path.name)
    now = load(patch.jurisdiction)
    start = patch.effective or on
    found: list[Change] = []
    for profession in PROFESSIONS:
        for technique in TECHNIQUES:
            days = now.changes(profession, technique) | then.changes(profession, technique)
            for day in [start, *sorted(day for day in days if day > start)]:
                found += _differing(now, then, profession, technique, day, day)
    return found


def _differing(law: Law, other: Law, profession: str, technique: str, first: date, last: date) -> Iterator[Change]:
    """The differences of one cell; a region only where it differs from the answer without one."""
    whole: tuple[object, ...] | None = None
    for region in (None, *TECHNIQUES[technique].regions):
        before = _general(law, profession, technique, region, first)
        after = _general(other, profession, technique, region, last)
        pair = (*_stands(before), *_stands(after))
        if region is None:
            whole = pair
        elif pair == whole:
            continue
        if _stands(before) != _stands(after):
            yield Change(
                law.jurisdiction,
                profession,
                technique,
                region,
                last,
                before.verdict,
                before.leaning,
                _rule(before),
                after.verdict,
                after.leaning,
                _rule(after),
                tuple(need.id for need in before.needs),
                tuple(need.id for need in after.needs),
            )


def _general(law: Law, profession: str, technique: str, region: str | None, day: date) -> Decision:
    case = Case(law.jurisdiction, technique, [Credential(profession)], region=region, on=day)
    return decide(case, law=law)


def _stands(decision: Decision) -> tuple[Verdict, Leaning | None, frozenset[str]]:
    return decision.verdict, decision.leaning, frozenset(need.id for need in decision.needs)


def _rule(decision: Decision) -> str | None:
    """The rule of the worst reason of the scope gate (reasons are sorted so); None if none stands behind it."""
    return next((reason.rule for reason in decision.reasons if reason.gate == "scope"), None)
