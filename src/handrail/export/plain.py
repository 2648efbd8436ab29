"""Reads an answer off the flat tables with nothing but look-ups: how every other engine does it, in Python.

The worst rank decides; the rule is that of the first of the worst, gate by gate (scope, safety, process) and,
within a gate, region by region in the order asked. A licence names no rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from handrail.export.case import Flat, Result, cells_asked, class_unread, result, shown
from handrail.export.cells import holds, stands
from handrail.export.model import Cell
from handrail.export.tables import Tables


def answer(tables: Tables, case: Flat) -> Result:
    """The answer of the tables to a case."""
    cells = cells_asked(tables, case)
    deciding = cells if case.regions else [cell for cell in cells if cell.decides]
    held, hours = shown(case), dict(case.hours)
    ranked = [stands(cell, held, hours) for cell in deciding]
    for gate in ("safety", "process"):
        ranked += _findings(tables, case, deciding, held, gate)
    if case.kind == "visit":
        ranked += _process(tables, case, cells, held, hours)
    ranks = {fact.fact: fact.rank for fact in tables.licence}
    facts = [*case.licence, *(["class_unread"] if class_unread(case, cells) else [])]
    licence = max((ranks[fact] for fact in facts), default=0)
    worst = max([licence, *(rank for rank, _ in ranked)])
    return result(worst, next((rule for rank, rule in ranked if rank == worst), None))


def _findings(
    tables: Tables, case: Flat, deciding: list[Cell], held: frozenset[str], gate: str
) -> Iterator[tuple[int, str | None]]:
    for cell in deciding:
        for finding in case.findings:
            for row in tables.graded[(*finding, case.technique, cell.region)]:
                if row.gate == gate:
                    yield (0 if row.need in held else row.rank), row.rule


def _process(
    tables: Tables, case: Flat, cells: list[Cell], held: frozenset[str], hours: dict[str, float]
) -> Iterator[tuple[int, str | None]]:
    granted = all(cell.granted for cell in cells)
    for want in tables.wanted_by_cell[(case.jurisdiction, case.profession, case.technique)]:
        if not want.valid_from <= case.day <= want.valid_to:
            continue
        counts = want.needed and not (want.of_person and granted)
        trained = (
            want.of_person and want.hours is not None and holds(f"hours:{want.step}:{want.hours}", held, hours)
        )
        if counts and f"confirmed:{want.step}" not in held and not trained:
            yield 1, want.rule
    for id_ in case.unscreened:
        if f"confirmed:ask:{id_}" not in held:
            yield 1, id_
