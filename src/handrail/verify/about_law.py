"""Properties of the law: no yes without a grant that was read, no ban that fails, no rule outside its days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any

from handrail.terms import TECHNIQUES
from handrail.verify.about_cases import law_of, shown_on, stands
from handrail.verify.about_days import in_force, some_in_force, without_ids
from handrail.verify.model import Formula, SymbolicCase, the_day, z3
from handrail.verify.question import Asked, Property, Question
from handrail.verify.shown import Counterexample, command, day_of, named, regions_in, true_in
from handrail.verify.world import Group, Key, Region, RuleRow, World

THRUSTS = tuple(technique for technique in TECHNIQUES if technique.startswith("thrust"))
#: What would be wrong of a region that is asked.
Wrong = Callable[[SymbolicCase, Region], Formula]


def _per_group(
    world: World,
    known: Callable[[Group], Any],
    ask: Callable[[Group], Asked],
    wanted: Callable[[Key], bool] = lambda _: True,
) -> Iterator[Question]:
    """A question about each group; those of the same structure, days and ``known`` share it."""
    for group in world.groups:
        if wanted(group[:3]):
            key = (group.structure, group.first, group.last, known(group))
            yield Question(key, len(group.cells), partial(ask, group))


def _rules(world: World, group: Group) -> list[RuleRow]:
    return list(world.rules.get(group[:3], ()))


def _of_region(world: World, group: Group, wrong: Wrong, why: str) -> Asked:
    """Some region that counts is wrong, on some day of the group's period, whatever is shown."""
    m = z3()
    case = law_of(world, group)
    bad = m.Or([m.And(case.counts(region.region), wrong(case, region)) for region in group.structure.regions])

    def show(model: Any) -> Counterexample:
        law = max((c.rank for c in case.scope if true_in(model, c.when)), default=None)
        where = ", ".join(regions_in(model, case)) or "no region named"
        on = date.fromordinal(day_of(model))
        said = f"{named(group[:3])} ({where}), on {on}: the law's answer is {stands(law)}, but {why}."
        return Counterexample(said, (command(model, case, group),))

    formulas = [*case.possible(), the_day() >= group.first, the_day() <= group.last, bad]
    return Asked(formulas, (case,), show, shown_on(world, group))


def _worse(case: SymbolicCase, region: Region, rank: int) -> Formula:
    """Whether the law's answer for a region is of that rank, or worse."""
    return case.at_least(rank, case.scope_of(region))


# No thrust without a grant


def _thrust_needs_grant(world: World) -> Iterator[Question]:
    def grants(group: Group) -> list[RuleRow]:
        yes = ("permitted", "conditional")
        return [row for row in _rules(world, group) if row.read and row.cited and row.effect in yes]

    def ask(group: Group) -> Asked:
        def wrong(case: SymbolicCase, region: Region) -> Formula:
            m = z3()
            granted = some_in_force(grants(group), region.region)
            return m.And(m.Not(case.at_least(1, case.scope)), m.Not(granted))

        return _of_region(world, group, wrong, "no rule grants it that was read, is cited and in force that day")

    known = lambda group: without_ids(grants(group))  # noqa: E731
    yield from _per_group(world, known, ask, lambda key: key[2] in THRUSTS)


# A ban that was read


def _ban_binds(world: World, wanted: Callable[[Key], bool] = lambda _: True) -> Iterator[Question]:
    def ask(group: Group) -> Asked:
        bans = [row for row in _rules(world, group) if row.read and row.effect == "prohibited"]
        naming = [row for row in _rules(world, group) if row.regions != "all"]

        def wrong(case: SymbolicCase, region: Region) -> Formula:
            m = z3()
            narrow = some_in_force([row for row in bans if row.regions != "all"], region.region)
            wide = some_in_force([row for row in bans if row.regions == "all"], region.region)
            # A rule that names the region beats one that says `all`.
            binding = m.Or(narrow, m.And(wide, m.Not(some_in_force(naming, region.region))))
            return m.And(binding, m.Not(_worse(case, region, 5)))

        return _of_region(world, group, wrong, "a text that was read forbids it that day")

    yield from _per_group(world, lambda group: without_ids(_rules(world, group)), ask, wanted)


def _massage_never_thrusts(world: World) -> Iterator[Question]:
    return _ban_binds(world, lambda key: key[1:] == ("massage_therapist", "thrust_spine"))


# Only what was read decides


def _only_read_texts_decide(world: World) -> Iterator[Question]:
    def act(group: Group) -> list[RuleRow]:
        act = world.acts.get(group.jurisdiction)
        return [act] if act and group.technique in act.effect.split() else []

    def silent(group: Group) -> list[RuleRow]:
        """The one yes without a grant: massage where it is unregulated, and a text that was read is silent."""
        unregulated = world.regulated.get(group[:2]) in ("none", "voluntary")
        if not unregulated or group[1:3] != ("massage_therapist", "soft_tissue"):
            return []
        return [row for row in _rules(world, group) if row.read and row.effect == "silent"]

    def speaking(group: Group) -> list[RuleRow]:
        return [row for row in _rules(world, group) if row.read and row.speaks]

    def ask(group: Group) -> Asked:
        def wrong(case: SymbolicCase, region: Region) -> Formula:
            m = z3()
            worse = partial(_worse, case, region)
            allowed = m.Or(
                m.And(worse(2), m.Not(worse(5))),
                m.And(some_in_force(act(group), region.region), worse(5), m.Not(worse(6))),
                m.And(some_in_force(silent(group), region.region), m.Not(worse(1))),
            )
            return m.And(m.Not(some_in_force(speaking(group), region.region)), m.Not(allowed))

        return _of_region(world, group, wrong, "no text that was read and is in force that day says so")

    def known(group: Group) -> Any:
        return tuple(without_ids(rows) for rows in (speaking(group), act(group), silent(group)))

    yield from _per_group(world, known, ask)


# A citation


def _permitted_is_cited(world: World) -> Iterator[Question]:
    def uncited(group: Group) -> tuple[tuple[bool, ...], ...]:
        """For each region: whether its fixed rule lacks a citation, and whether its conditional ones do."""
        return tuple(
            tuple(rule not in world.cited for rule in (cell.fixed_rule, *(o.rule for o in cell.openings)))
            for cell in group.cells
        )

    def ask(group: Group) -> Asked:
        missing = {cell.region: flags for cell, flags in zip(group.cells, uncited(group), strict=True)}

        def wrong(case: SymbolicCase, region: Region) -> Formula:
            m = z3()
            fixed, *openings = missing[region.region]
            behind = [m.BoolVal(fixed and region.fixed_rank == 0)]
            behind += [
                m.And(m.BoolVal(flag), case.met(clauses))
                for flag, clauses in zip(openings, region.openings, strict=True)
            ]
            return m.And(m.Not(case.at_least(1, case.scope)), m.Or(behind))

        return _of_region(world, group, wrong, "what it rests on names no text, or no place where it was read")

    yield from _per_group(world, uncited, ask)


# No rule outside its days


def _rules_decide_in_force(world: World) -> Iterator[Question]:
    def behind(group: Group) -> list[tuple[str, RuleRow]]:
        """The rules behind a plain answer, by region; a lapsed rule may lend its leaning to one that is open."""
        found = []
        for cell in group.cells:
            plain = [cell.fixed_rule] if cell.fixed_rank in (0, 1, 5) else []
            rows = [world.named(rule) for rule in (*plain, *(opening.rule for opening in cell.openings))]
            found += [(cell.region, row) for row in rows if row]
        return found

    def ask(group: Group) -> Asked:
        def wrong(_case: SymbolicCase, region: Region) -> Formula:
            m = z3()
            return m.Or([m.Not(in_force(row)) for name, row in behind(group) if name == region.region])

        return _of_region(world, group, wrong, "the rule behind it is not in force that day")

    yield from _per_group(world, lambda g: tuple((r, row.first, row.last) for r, row in behind(g)), ask)


LAW = (
    Property(
        "thrust_needs_grant",
        "No thrust is permitted without a read, cited grant in force that day.",
        "technique is a thrust ∧ rank(case) = 0 ⇒ for each region that counts ∃ rule of the profession: read "
        "∧ cited ∧ effect ∈ {permitted, conditional} ∧ from ≤ day ≤ to ∧ rule reaches region",
        _thrust_needs_grant,
    ),
    Property(
        "massage_never_thrusts",
        "A massage therapist is never permitted a spinal thrust where a text that was read forbids it: whatever "
        "is shown, the answer is prohibited or urgent.",
        "massage_therapist ∧ thrust_spine ∧ read ban in force on day for region ⇒ rank(case) ≥ 5",
        _massage_never_thrusts,
    ),
    Property(
        "read_ban_binds",
        "What a text that was read forbids to a profession is prohibited to it, whatever is shown.",
        "read ban in force on day for region (a rule that names the region beats `all`) ⇒ rank(case) ≥ 5",
        _ban_binds,
    ),
    Property(
        "only_read_texts_decide",
        "Every region is covered by a text that was read, or undetermined: where none in force speaks of it, only "
        "a reserved act that was read prohibits, and only a read, silent act where massage is unregulated permits "
        "massage.",
        "no read rule that speaks, in force on day for region ⇒ 2 ≤ rank ≤ 4 ∨ (read reserved act ∧ rank = 5) ∨ "
        "(massage, unregulated, read and silent ∧ rank = 0)",
        _only_read_texts_decide,
    ),
    Property(
        "permitted_is_cited",
        "Every permitted answer rests on rules that name their text and where it was read.",
        "scope(case) = 0 ⇒ for each region that counts: the rule behind it has citation ≠ ∅ ∧ source ≠ ∅",
        _permitted_is_cited,
    ),
    Property(
        "rules_decide_in_force",
        "No rule decides outside its days; one that ended can only lend its leaning.",
        "rank(cell) ∈ {0, 1, 5} ⇒ for every day of cell: from(rule) ≤ day ≤ to(rule)",
        _rules_decide_in_force,
    ),
)
