"""Claims, drawn a chunk at a time: numbers only, so that tens of millions of lines take seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from handrail.audit.synthetic.cells import EPOCH, Cells, Periods, Table, cells, periods, year_of
from handrail.audit.synthetic.figures import Figures
from handrail.audit.synthetic.people import People, people
from handrail.audit.synthetic.visits import procedures_of, visits_of
from handrail.terms import InputError

#: Lines of a chunk, which is also a row group of a Parquet file.
CHUNK = 1 << 20
#: Lines that a provider bills, on average, and rows of a provider where each sums a year.
LINES_EACH, ROWS_EACH = 150, 3
#: Violations of a chunk are chosen among so many claims for each, and at least so many in all.
_CHOICE, _LEAST = 40, 100_000


@dataclass
class Chunk:
    """Lines of claims, in order.

    Args:
        first_row: the number of the first line, from 0.
        claim: the number of each line's claim, from 1; ``line``: of the line within it, from 1.
        provider, day, template, visit: numbers of each line.
        amount: dollars; ``units`` of each.
        planted: places in the chunk of lines that are violations, in order; ``kinds`` of them.
        period: of each planted line.
    """

    first_row: int
    claim: Any
    line: Any
    provider: Any
    day: Any
    template: Any
    visit: Any
    amount: Any
    units: Any
    planted: Any
    kinds: list[str]
    period: Any

    def __len__(self) -> int:
        return len(self.claim)


class World:
    """Everything that is settled before the first claim is drawn.

    Args:
        figures: what to draw from.
        lines: how many lines there will be.
        seed: the same seed gives the same claims.
        places, professions: who bills, and where.
        first, last: the first and the last day of service.
        coded: whether claims have diagnoses.
        yearly: whether a line sums a provider's year, that of ``first``.
    """

    def __init__(
        self,
        figures: Figures,
        lines: int,
        seed: int,
        places: list[str],
        professions: list[str],
        first: date,
        last: date,
        *,
        coded: bool,
        yearly: bool = False,
    ) -> None:
        self.figures, self.lines, self.seed, self.first, self.last = figures, lines, seed, first, last
        self.places, self.professions = places, professions
        rng = np.random.default_rng([seed, 0])
        if yearly:
            visits = procedures_of(figures, rng, professions)
            self.spans: Periods = year_of(places, first.year)
        else:
            visits = visits_of(figures, rng, coded=coded, professions=professions)
            self.spans = periods(places, first, last)
        self.table = Table(visits)
        self.cells: Cells = cells(self.table, self.spans, places, professions)
        number = lines // (ROWS_EACH if yearly else LINES_EACH)
        self.people: People = people(figures, number, rng, places, professions)
        self._leave_out_who_bills_nothing()
        dollars = figures.amounts.dollars
        each = np.array([dollars[code] for code in self.table.procedures])
        self.dollars = (each[self.table.procedure] * self.table.units).astype(np.float32)

    def _leave_out_who_bills_nothing(self) -> None:
        count = self.cells.ordinary.count.reshape(-1, len(self.professions))
        least = np.minimum.reduceat(count, self.spans.first[:-1], axis=0)
        some = least[self.people.place, self.people.profession] > 0
        self.people.seats = self.people.seats[some[self.people.seats]]
        if not len(self.people.seats):
            raise InputError("nobody there bills anything that is not forbidden")

    def chunks(self, violations: int) -> Iterator[Chunk]:
        """All lines, with so many violations, as far as there is room for them."""
        number = -(-self.lines // CHUNK)
        claim, left = 1, violations
        for at in range(number):
            row = at * CHUNK
            lines = min(CHUNK, self.lines - row)
            rng = np.random.default_rng([self.seed, 1, at])
            chunk = self._chunk(rng, row, claim, lines, -(-left // (number - at)))
            left -= len(chunk.planted)
            claim = int(chunk.claim[-1]) + 1
            yield chunk

    def _chunk(self, rng: np.random.Generator, row: int, claim: int, lines: int, violations: int) -> Chunk:
        table, many = self.table, len(self.professions)
        number = lines  # a claim has at least one line
        provider = self.people.seats[rng.integers(0, len(self.people.seats), number)]
        days = (self.last - self.first).days + 1
        day = rng.integers(0, days, number, dtype=np.int32)
        period = self.spans.at[self.people.place[provider], day]
        cell = period * many + self.people.profession[provider]
        visit = self.cells.ordinary.draw(cell, rng)
        # As many claims as fit, before and after violations take the place of some.
        fit = int(np.searchsorted(np.cumsum(table.count[visit]), lines)) + 1
        chosen, kinds = self.chosen(rng, cell, provider, max(1, fit * 9 // 10), violations)
        for kind in dict.fromkeys(kinds):
            these = chosen[[at for at, name in enumerate(kinds) if name == kind]]
            visit[these] = self.cells.violating[kind].draw(cell[these], rng)
        ends = np.cumsum(table.count[visit])
        fit = int(np.searchsorted(ends, lines)) + 1
        starts = ends[:fit] - table.count[visit[:fit]]
        counts = np.minimum(ends[:fit], lines) - starts
        kept = [at for at, place in enumerate(chosen) if place < fit]
        chosen, kinds = chosen[kept], [kinds[at] for at in kept]
        which = np.repeat(np.arange(fit, dtype=np.int32), counts)
        within = (np.arange(lines) - np.repeat(starts, counts)).astype(np.int32)
        template = (table.first[visit[which]] + within).astype(np.int32)
        noise = rng.standard_normal(lines, dtype=np.float32) * np.float32(self.figures.amounts.spread)
        order = np.argsort(chosen, kind="stable")
        return Chunk(
            row,
            claim + which.astype(np.int64),
            within + 1,
            provider[which],
            (self.first - EPOCH).days + day[which],
            template,
            visit[which],
            np.rint(self.dollars[template] * np.exp(noise) * 100).astype(np.float64) / 100,
            table.units[template],
            starts[chosen[order]],
            [kinds[at] for at in order],
            period[chosen[order]],
        )

    def chosen(
        self, rng: np.random.Generator, cell: Any, provider: Any, claims: int, violations: int
    ) -> tuple[Any, list[str]]:
        """Claims to be violations, half of each kind, spread over places and professions."""
        if not violations:
            return np.zeros(0, np.int64), []
        some = rng.permutation(claims)[: max(violations * _CHOICE, _LEAST)]
        group = self.people.place[provider[some]].astype(np.int64) * len(self.professions)
        group += self.people.profession[provider[some]]
        taken: list[int] = []
        kinds: list[str] = []
        names = [name for name, choices in self.cells.violating.items() if choices.count.any()]
        free = np.ones(len(some), bool)
        for number, kind in enumerate([*names, *names]):  # twice: what one kind has no room for, another takes
            wanted = (violations - len(taken)) // max(1, len(names) - number)
            able = np.flatnonzero(free & (self.cells.violating[kind].count[cell[some]] > 0))
            picked = able[np.argsort(_rank(group[able]), kind="stable")[:wanted]]
            free[picked] = False
            taken += some[picked].tolist()
            kinds += [kind] * len(picked)
        return np.array(taken, np.int64), kinds


def _rank(group: Any) -> Any:
    """How many of the same group stand before each."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    new = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(group) else np.zeros(0, bool)
    starts = np.flatnonzero(new)
    rank = np.arange(len(group)) - np.repeat(starts, np.diff(np.concatenate([starts, [len(group)]])))
    found = np.empty(len(group), np.int64)
    found[order] = rank
    return found
