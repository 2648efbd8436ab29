"""Which visits are nowhere near a violation, and which are one: asked of the law and safety rooms, cell by cell.

A cell is a place in a period in which its law does not change, and a profession. No jurisdiction is known by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from handrail.audit.synthetic.visits import MOST_DIAGNOSES, Visit
from handrail.compiled import REASONS, VERDICTS, judge
from handrail.law import load
from handrail.terms.billing import shipped

EPOCH = date(1970, 1, 1)
PROHIBITED = VERDICTS.index("prohibited")
#: Kinds of violation, as the reason of a line tells them.
KINDS: dict[str, tuple[str, ...]] = {"law": ("forbidden", "reserved_act"), "finding": ("finding_forbids",)}


@dataclass
class Periods:
    """Periods of places, numbered through: within one the place's law does not change.

    Args:
        first: of each place, its first period's number; one more at the end.
        start: the first day of each period, as days since 1970-01-01.
        place: the place of each period, as a number.
        at: [place, day since the first one]: the period's number.
        end: the last day of each period, if claims are about all of its days; else they are about one day.
    """

    first: Any
    start: Any
    place: Any
    at: Any
    end: Any = None


def year_of(places: list[str], year: int) -> Periods:
    """One period for each place: a whole year, which is asked as such."""
    many = len(places)
    first, last = ((date(year, *day) - EPOCH).days for day in ((1, 1), (12, 31)))
    at = np.repeat(np.arange(many, dtype=np.int32)[:, None], last - first + 1, axis=1)
    return Periods(np.arange(many + 1), np.full(many, first), np.arange(many), at, np.full(many, last))


def periods(places: list[str], first: date, last: date) -> Periods:
    """The periods of places between two days, both included."""
    days = (last - first).days + 1
    starts: list[int] = []
    owners: list[int] = []
    firsts: list[int] = []
    at = np.zeros((len(places), days), np.int32)
    for number, place in enumerate(places):
        firsts.append(len(starts))
        for day in [first, *(day for day in changes(place) if first < day <= last)]:
            at[number, (day - first).days :] = len(starts)
            starts.append((day - EPOCH).days)
            owners.append(number)
    return Periods(np.array([*firsts, len(starts)]), np.array(starts), np.array(owners), at)


def changes(place: str) -> list[date]:
    """The days on which something in a place's law begins, or is no more, in order."""
    file = load(place).file
    dated = [*(rule for _, rule in file.rules()), *([file.reserved_act] if file.reserved_act else [])]
    found = {thing.effective_from for thing in dated if thing.effective_from}
    found |= {
        thing.effective_to + timedelta(days=1)
        for thing in dated
        if thing.effective_to and thing.effective_to < date.max
    }
    return sorted(found)


@dataclass
class Choices:
    """For each cell, visits to choose from: ``flat[start[cell] : start[cell] + count[cell]]``."""

    flat: Any
    start: Any
    count: Any

    def draw(self, cell: Any, rng: np.random.Generator) -> Any:
        """A visit for each cell. Every cell must have some."""
        within = (rng.random(len(cell), dtype=np.float32) * self.count[cell]).astype(np.int64)
        return self.flat[self.start[cell] + np.minimum(within, self.count[cell] - 1)]


@dataclass
class Cells:
    """What may be drawn in each cell (period times professions, plus profession).

    Args:
        ordinary: visits of which no line is prohibited.
        violating: by kind, visits of which exactly the first line is.
        rules, reasons: [period, line of all visits], as numbers; ``names`` of the rules.
    """

    ordinary: Choices
    violating: dict[str, Choices]
    rules: Any
    reasons: Any
    names: list[str | None]


class Table:
    """Lines of visits, numbered through, and what of them repeats as dictionaries."""

    def __init__(self, visits: list[Visit]) -> None:
        self.visits = visits
        self.lines = [line for visit in visits for line in visit.lines]
        self.count = np.array([len(visit.lines) for visit in visits])
        self.first = np.concatenate([[0], np.cumsum(self.count)])
        self.visit = np.repeat(np.arange(len(visits)), self.count)
        self.procedures, self.procedure = coded([line.procedure for line in self.lines])
        self.modifiers, self.modifier = coded([line.modifiers for line in self.lines])
        self.units = np.array([line.units for line in self.lines])
        self.codes, flat = coded(
            [
                visit.diagnoses[n] if n < len(visit.diagnoses) else ""
                for n in range(MOST_DIAGNOSES)
                for visit in visits
            ]
        )
        #: [which, visit]: the diagnosis's number; that of the empty text stands for none.
        self.diagnosis = flat.reshape(MOST_DIAGNOSES, len(visits))


def coded(values: list[str]) -> tuple[list[str], Any]:
    """Values as numbers of a list."""
    known: dict[str, int] = {}
    numbers = np.array([known.setdefault(value, len(known)) for value in values], np.int16)
    return list(known), numbers


def texts(numbers: Any, words: list[str]) -> pa.DictionaryArray:
    """A column of a dictionary; the empty text is null."""
    mask = None
    if "" in words:
        mask = numbers == words.index("")
    indices = pa.array(np.asarray(numbers), mask=mask)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()), safe=False)


def cells(table: Table, spans: Periods, places: list[str], professions: list[str]) -> Cells:
    """Judges every line of every visit in every cell of its profession."""
    owner = np.array([professions.index(visit.profession) for visit in table.visits])
    number = len(spans.start)
    verdict, rule, reason, names = _judged(table, spans, places, professions, owner)
    bad = verdict == PROHIBITED
    worst = np.add.reduceat(bad, table.first[:-1], axis=1)
    violates = np.array([visit.violates for visit in table.visits])
    first_bad = bad[:, table.first[:-1]]
    first_reason = reason[:, table.first[:-1]]
    fits = {"ordinary": (worst == 0) & ~violates}
    reasons = list(REASONS)
    for kind, which in KINDS.items():
        is_kind = np.isin(first_reason, [reasons.index(name) for name in which])
        fits[kind] = first_bad & (worst == 1) & violates & is_kind
    chosen = {kind: _choices(found, owner, len(professions), number) for kind, found in fits.items()}
    return Cells(chosen.pop("ordinary"), chosen, rule, reason, names)


def _judged(
    table: Table, spans: Periods, places: list[str], professions: list[str], owner: Any
) -> tuple[Any, Any, Any, list[str | None]]:
    """[period, line]: verdict, rule (its number among names) and reason."""
    lines, number = len(table.lines), len(spans.start)
    known = [shipped().procedure(code) for code in table.procedures]
    visit = np.tile(table.visit, number)
    procedure = np.tile(table.procedure, number)
    days = np.repeat(spans.start, lines).astype(np.int32)
    ends = days if spans.end is None else np.repeat(spans.end, lines).astype(np.int32)
    columns = {
        "jurisdiction": texts(np.repeat(spans.place, lines).astype(np.int16), places),
        "profession": texts(owner[visit].astype(np.int16), professions),
        "technique": pa.DictionaryArray.from_arrays(
            pa.array(procedure), pa.array([row.technique if row else None for row in known], pa.string())
        ),
        "regions": pa.DictionaryArray.from_arrays(
            pa.array(procedure), pa.array([row.region if row else "" for row in known], pa.string())
        ),
        "service_from": pa.array(days).cast(pa.date32()),
        "service_to": pa.array(ends).cast(pa.date32()),
        **{f"dx{n + 1}": texts(table.diagnosis[n][visit], table.codes) for n in range(MOST_DIAGNOSES)},
    }
    judged = judge(pa.RecordBatch.from_pydict(columns))
    verdict = _numbers(judged.column("verdict"), list(VERDICTS))
    reason = _numbers(judged.column("reason"), list(REASONS))
    rule = judged.column("rule")
    names = [*rule.dictionary.to_pylist(), None]
    rules = np.asarray(rule.indices.fill_null(len(names) - 1)).astype(np.int32)
    shape = (number, lines)
    return verdict.reshape(shape), rules.reshape(shape), reason.reshape(shape), names


def _numbers(column: pa.DictionaryArray, words: list[str]) -> Any:
    table = np.array([words.index(word) for word in column.dictionary.to_pylist()], np.int16)
    return table[np.asarray(column.indices)]


def _choices(fits: Any, owner: Any, professions: int, number: int) -> Choices:
    flat, start, count = [], [], []
    total = 0
    for period in range(number):
        for profession in range(professions):
            found = np.flatnonzero(fits[period] & (owner == profession))
            flat.append(found)
            start.append(total)
            count.append(len(found))
            total += len(found)
    return Choices(np.concatenate(flat).astype(np.int32), np.array(start), np.array(count))
