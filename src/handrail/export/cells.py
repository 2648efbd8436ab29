"""How the law stands, cell by cell, as ``decide`` reads it; and what a cell's openings ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import product

from handrail.decide import scope
from handrail.export.model import RANKS, Answer, Cell, Clause, Opening
from handrail.law import HELD, Condition, ConditionClass, ConditionType, Law
from handrail.terms import TECHNIQUES, standing


def periods(law: Law, profession: str, technique: str) -> list[tuple[date, date]]:
    """The days from the first to the last there is, cut where something begins or has ended."""
    starts = [date.min, *sorted(day for day in law.changes(profession, technique) if day > date.min)]
    ends = [date.fromordinal(day.toordinal() - 1) for day in starts[1:]]
    return list(zip(starts, [*ends, date.max], strict=True))


def cells_of(law: Law, profession: str, technique: str, first: date, last: date, number: int) -> list[Cell]:
    regions = TECHNIQUES[technique].regions
    readings = {region: scope.read(law, profession, technique, region, first) for region in regions}
    speaking = [region for region in regions if readings[region].speaks] or regions
    cells: list[Cell] = []
    for region, reading in readings.items():
        ranks = [standing(reason.verdict, reason.leaning) for reason in reading.reasons]
        worst = max(ranks, default=None)
        rule = next((r.rule for r, rank in zip(reading.reasons, ranks, strict=True) if rank == worst), None)
        openings = tuple(Opening(rule.id, clauses(conditions)) for rule, conditions in reading.open_rules)
        cells.append(
            Cell(
                number + len(cells),
                law.jurisdiction,
                profession,
                technique,
                region,
                first,
                last,
                region in speaking,
                worst,
                rule,
                openings,
                scope.with_read_grant(law, profession, technique, region, first),
                _classes(scope.conditions_in_question(law, profession, technique, (region,), first)),
            )
        )
    return cells


def _classes(conditions: Iterable[Condition]) -> tuple[str, ...]:
    named = [
        name
        for outer in conditions
        for condition in outer.walk()
        if condition.type is ConditionType.REGISTER_CLASS
        for name in condition.closed_to
    ]
    return tuple(dict.fromkeys(named))


def groups(cells: Iterable[Cell]) -> Iterator[list[Cell]]:
    """Cells that differ in their region only."""
    group: list[Cell] = []
    for cell in cells:
        if group and cell[1:4] + cell[5:6] != group[0][1:4] + group[0][5:6]:
            yield group
            group = []
        group.append(cell)
    if group:
        yield group


def answer(region: str, cells: list[Cell]) -> Answer:
    rank, rule = worst_of(stands(cell, frozenset()) for cell in cells)
    verdict, leaning = RANKS[rank]
    first = cells[0]
    return Answer(
        first.jurisdiction,
        first.profession,
        first.technique,
        region,
        first.valid_from,
        first.valid_to,
        rank,
        verdict.value,
        leaning.value if leaning else None,
        rule,
    )


def stands(cell: Cell, held: frozenset[str], hours: Mapping[str, float] | None = None) -> tuple[int, str | None]:
    """A cell's rank and the rule that decides it, with what is shown.

    Args:
        held: atoms that hold, such as ``held:spinal_manipulation``.
        hours: hours of training by subject.
    """
    rank, rule = (cell.fixed_rank, cell.fixed_rule) if cell.fixed_rank is not None else (-1, None)
    for opening in cell.openings:
        met = any(all(holds(atom, held, hours or {}) for atom in clause) for clause in opening.clauses)
        if (0 if met else 1) > rank:
            rank, rule = (0 if met else 1), opening.rule
    return rank, rule


def holds(atom: str, held: frozenset[str], hours: Mapping[str, float]) -> bool:
    """Whether an atom holds."""
    kind, _, rest = atom.partition(":")
    if kind == "hours":
        subject, _, least = rest.rpartition(":")
        return hours.get(subject, 0) >= int(least)
    if kind == "class_not":
        return not any(f"class:{name}" in held for name in rest.split("|"))
    return atom in held


def worst_of(ranked: Iterable[tuple[int, str | None]]) -> tuple[int, str | None]:
    """The worst rank with the first rule that has it."""
    return max(ranked, key=lambda pair: pair[0])


def clauses(conditions: Iterable[Condition]) -> tuple[Clause, ...]:
    """When a rule's conditions are all met: alternatives, each a list of atoms that must all hold.

    Atoms are what ``decide`` looks at: ``confirmed:ID`` (a step done, or a need confirmed), ``held:ID`` (an
    endorsement and the like), ``hours:ID:N`` (so many hours of training), ``class_not:A|B`` (other classes).
    """
    found: tuple[Clause, ...] = ((),)
    for condition in conditions:
        if condition.cls is not ConditionClass.DUTY:
            found = _both(found, _met(condition))
    return _least(found)


def _met(condition: Condition) -> tuple[Clause, ...]:
    ways: list[Clause] = [(f"confirmed:{condition.id}",)]
    for other in condition.met_by:
        ways += [(f"held:{other}",), (f"confirmed:{other}",)]
    needed = [member for member in condition.of if member.cls is not ConditionClass.DUTY]
    if condition.type is ConditionType.ANY_OF:
        for member in needed:
            ways += _met(member)
    elif condition.type is ConditionType.ALL_OF:
        every: tuple[Clause, ...] = ((),)
        for member in needed:
            every = _both(every, _met(member))
        ways += every
    elif condition.type is ConditionType.REGISTER_CLASS:
        ways.append((f"class_not:{'|'.join(condition.closed_to)}",))
    elif condition.type is ConditionType.LICENCE:
        ways.append(())
    elif condition.type in HELD:
        ways.append((f"held:{condition.id}",))
    elif condition.hours is not None:
        ways.append((f"hours:{condition.id}:{condition.hours}",))
    return _least(tuple(ways))


def _both(one: tuple[Clause, ...], other: tuple[Clause, ...]) -> tuple[Clause, ...]:
    return _least(tuple(tuple(sorted({*a, *b})) for a, b in product(one, other)))


def _least(ways: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Without clauses that ask for more than another one does."""
    sets = sorted({frozenset(way) for way in ways}, key=lambda way: (len(way), sorted(way)))
    kept: list[frozenset[str]] = []
    for way in sets:
        if not any(other <= way for other in kept):
            kept.append(way)
    return tuple(tuple(sorted(way)) for way in kept)
