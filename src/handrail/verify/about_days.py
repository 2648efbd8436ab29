"""Properties of the tables' make: days without gap or overlap, no contradiction, conditions taken over whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import product
from typing import Any

from handrail.export.model import Opening
from handrail.law import HELD
from handrail.terms import PROFESSIONS, TECHNIQUES
from handrail.verify.about_cases import law_of, shown_on
from handrail.verify.model import Formula, SymbolicCase, every, some, the_day, z3
from handrail.verify.question import Asked, Property, Question
from handrail.verify.shown import Counterexample, check, command, dated, day_of, named, true_in
from handrail.verify.world import FIRST, LAST, Group, Key, RuleRow, World

Row = dict[str, Any]


def in_force(row: RuleRow) -> Formula:
    """Whether a rule is in force on the day asked."""
    return every([the_day() >= row.first, the_day() <= row.last])


def some_in_force(rows: list[RuleRow], region: str) -> Formula:
    """Whether some of the rules is in force on the day asked and reaches the region."""
    return some(in_force(row) for row in rows if row.covers(region))


def without_ids(rows: list[RuleRow]) -> tuple[Any, ...]:
    """Rules without their ids, which no formula looks at."""
    return tuple(row[1:] for row in rows)


def _some_day() -> list[Formula]:
    return [the_day() >= FIRST, the_day() <= LAST]


# Contradictions


def _no_contradiction(world: World) -> Iterator[Question]:
    for key, groups in world.histories.items():
        rows = list(world.rules.get(key, ()))
        cells = sum(len(group.cells) for group in groups)
        yield Question((key[2], without_ids(rows)), cells, partial(_contradicting, world, key, rows))


def _contradicting(world: World, key: Key, rows: list[RuleRow]) -> Asked:
    m = z3()
    naming = [row for row in rows if row.regions != "all"]

    def reaches(row: RuleRow, region: str) -> Formula:
        if row.regions == "all":  # a rule that names the region beats it
            return m.And(in_force(row), m.Not(some_in_force(naming, region)))
        return in_force(row)

    speaking = [row for row in rows if row.read and row.speaks]
    pairs = [
        (one, other, region)
        for number, one in enumerate(speaking)
        for other in speaking[number + 1 :]
        if one.effect != other.effect
        for region in TECHNIQUES[key[2]].regions
        if one.covers(region) and other.covers(region)
    ]
    both = [m.And(reaches(one, region), reaches(other, region)) for one, other, region in pairs]

    def show(model: Any) -> Counterexample:
        one, other, region = next(p for p, f in zip(pairs, both, strict=True) if true_in(model, f))
        day = day_of(model)
        text = (
            f"{named(key)} ({region}), on {date.fromordinal(day)}: {dated(one)} against {dated(other)}, "
            "and both texts are marked as read."
        )
        return Counterexample(text, (check(key, [region], day),))

    return Asked([*_some_day(), m.Or(both)], (), show, world.preferred_day[key[0]])


# Days


def _no_gap_no_overlap(world: World) -> Iterator[Question]:
    for law, profession, technique in product(world.tables.laws, PROFESSIONS, TECHNIQUES):
        key = law.jurisdiction, profession, technique
        groups = world.histories.get(key, ())
        for region in TECHNIQUES[technique].regions:
            spans = tuple((g.first, g.last) for g in groups for cell in g.cells if cell.region == region)
            yield Question(spans, len(spans), partial(_uncovered, world, key, region, spans))


def _uncovered(world: World, key: Key, region: str, spans: tuple[tuple[int, int], ...]) -> Asked:
    m = z3()
    within = [m.And(the_day() >= first, the_day() <= last) for first, last in spans]
    one = m.PbEq([(there, 1) for there in within], 1) if within else m.BoolVal(False)

    def show(model: Any) -> Counterexample:
        day = day_of(model)
        count = sum(first <= day <= last for first, last in spans)
        text = f"{named(key)} ({region}): {date.fromordinal(day)} lies in {count} cells, not in one."
        return Counterexample(text, (check(key, [region], day),))

    return Asked([*_some_day(), m.Not(one)], (), show, world.preferred_day[key[0]])


# Conditions


def _openings_ask_what_rules_ask(world: World) -> Iterator[Question]:
    for group in world.groups:
        for cell in group.cells:
            for opening in cell.openings:
                yield Question(opening, 1, partial(_differing, world, group, opening))


def _differing(world: World, group: Group, opening: Opening) -> Asked:
    case = law_of(world, group)
    taken, asked = case.met(opening.clauses), _all_met(world, case, opening.rule)

    def show(model: Any) -> Counterexample:
        says, other = ("met", "not met") if true_in(model, taken) else ("not met", "met")
        text = f"{opening.rule}: by the tables its conditions are {says}, by its own words {other}."
        return Counterexample(text, (command(model, case, group),))

    return Asked([*case.possible(), taken != asked], (case,), show, shown_on(world, group))


def _all_met(world: World, case: SymbolicCase, rule: str) -> Formula:
    """Whether a rule's conditions are met, read off the table of conditions."""
    own = world.conditions.get(rule, [])
    tops = [(row, own) for row in own if "." not in row["path"] and not row["refers_to"]]
    ids = {row["id"] for row, _ in tops}
    for reference in [row["refers_to"] for row in own if row["refers_to"]]:
        others = world.conditions.get(reference, [])
        tops += [(row, others) for row in others if "." not in row["path"] and row["id"] not in ids]
    return z3().And([_met(case, row, rows) for row, rows in tops if row["class"] != "duty"])


def _met(case: SymbolicCase, row: Row, rows: list[Row]) -> Formula:
    m = z3()
    kind, id_ = row["type"], row["id"]
    inside = [r for r in rows if r["path"].rpartition(".")[0] == row["path"] and r["class"] != "duty"]
    members = [_met(case, member, rows) for member in inside]
    ways = [case.fact("confirmed", id_)]
    for other in (row["met_by"] or "").split():
        ways += [case.fact("held", other), case.fact("confirmed", other)]
    if kind == "any_of":
        ways += members
    elif kind == "all_of":
        ways.append(m.And(members))
    elif kind == "register_class":
        ways.append(m.Not(m.Or([case.fact("class", name) for name in row["closed_to"].split()])))
    elif kind == "licence":
        ways.append(m.BoolVal(True))
    elif kind in HELD:
        ways.append(case.fact("held", id_))
    elif row["hours"] is not None:
        ways.append(case.trained(id_) >= row["hours"])
    return m.Or(ways)


DAYS = (
    Property(
        "no_contradiction",
        "No two rules of one cell, region and day that were read say different things.",
        "r₁, r₂ read, in force on day, reaching region (one that names it beats `all`) ⇒ effect(r₁) = effect(r₂)",
        _no_contradiction,
    ),
    Property(
        "no_gap_no_overlap",
        "Every day of every jurisdiction, profession, technique and region lies in exactly one cell.",
        "∃! cell of (jurisdiction, profession, technique, region): from ≤ day ≤ to",
        _no_gap_no_overlap,
    ),
    Property(
        "openings_ask_what_rules_ask",
        "What the tables ask for before a conditional grant counts is what its rule's conditions ask for.",
        "(∃ clause: all its atoms hold) ⇔ every condition of the rule that is no duty is met",
        _openings_ask_what_rules_ask,
    ),
)
