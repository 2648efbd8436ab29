"""Counts lines and cents while they stream by: one pass over numbers, kept exact in whole cents.

Every count is by standing: the verdict with its leaning, or that the line was not judged.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit

from handrail.audit.judged import WHY
from handrail.compiled.words import NOT_JUDGED, STANDINGS
from handrail.law import jurisdictions
from handrail.terms import PROFESSIONS, TECHNIQUES

#: Standings, best first, and lines that were not judged.
STANDS: tuple[str, ...] = (
    *(verdict.value if leaning is None else f"{verdict.value}/{leaning.value}" for verdict, leaning in STANDINGS),
    NOT_JUDGED,
)
NONE = ""
#: The keys of each count; ``months`` begins with 1980-01.
FIRST_YEAR, YEARS = 1980, 70
AXES: dict[str, tuple[str, ...]] = {
    "jurisdiction": (*jurisdictions(), NONE),
    "profession": (*PROFESSIONS, NONE),
    "technique": (*TECHNIQUES, "several", NONE),
    "month": (*(f"{FIRST_YEAR + n // 12}-{n % 12 + 1:02}" for n in range(12 * YEARS)), NONE),
    "reason": tuple(WHY),
}


class Tally:
    """Counts of lines, and of cents, over everything that was added."""

    def __init__(self) -> None:
        self.shapes = {
            "who": (len(AXES["profession"]), len(AXES["technique"]), len(STANDS)),
            "where": (len(AXES["jurisdiction"]), len(STANDS)),
            "when": (len(AXES["month"]), len(STANDS)),
            "why": (len(AXES["reason"]), len(STANDS)),
        }
        self.lines = {name: np.zeros(shape, np.int64) for name, shape in self.shapes.items()}
        self.cents = {name: np.zeros(shape, np.int64) for name, shape in self.shapes.items()}
        #: Lines and cents by rule and standing, and by code of a procedure that is not in the map.
        self.rules: dict[tuple[str, str], list[int]] = {}
        self.unmapped: dict[str, list[int]] = {}
        self.without_amount = 0
        self.notes: dict[str, int] = {}

    def add(self, lines: pa.RecordBatch, answered: pa.RecordBatch) -> None:
        """Counts canonical lines with their answers."""
        if not lines.num_rows:
            return
        stands = _stands(answered)
        cents, absent = _cents(lines.column("amount"))
        self.without_amount += absent
        place = _coded(lines.column("jurisdiction"), AXES["jurisdiction"])
        who = _coded(lines.column("profession"), AXES["profession"])
        what = _coded(lines.column("technique"), AXES["technique"], several=len(TECHNIQUES))
        why = _coded(answered.column("reason"), AXES["reason"])
        when = _months(lines.column("service_from"))
        rule = answered.column("rule")
        rules = rule.dictionary.to_pylist()
        ruled = _indices(rule)
        by_rule = np.zeros((len(rules) + 1, len(STANDS)), np.int64)
        cents_by_rule = np.zeros_like(by_rule)
        counts, sums = list(self.lines.values()), list(self.cents.values())
        _count(  # type: ignore[call-arg]
            stands, cents, place, who, what, when, why, ruled, *counts, *sums, by_rule, cents_by_rule
        )
        for number, standing in zip(*np.nonzero(by_rule[:-1]), strict=True):
            known = self.rules.setdefault((rules[number], STANDS[standing]), [0, 0])
            known[0] += int(by_rule[number, standing])
            known[1] += int(cents_by_rule[number, standing])
        self._unmapped(lines.column("procedure"), why, cents)
        self._noted(lines.column("notes"))

    def _unmapped(self, column: pa.DictionaryArray, why: Any, cents: Any) -> None:
        there = why == AXES["reason"].index("unmapped_procedure")
        if not there.any():
            return
        codes = column.dictionary.to_pylist()
        places = _indices(column)[there]
        counts = np.bincount(places, minlength=len(codes) + 1)
        sums = np.bincount(places, weights=cents[there].astype(np.float64), minlength=len(codes) + 1)
        for number in np.flatnonzero(counts[:-1]):
            known = self.unmapped.setdefault(str(codes[number]), [0, 0])
            known[0] += int(counts[number])
            known[1] += round(float(sums[number]))

    def _noted(self, column: pa.DictionaryArray) -> None:
        if column.null_count == len(column):
            return
        counts = np.bincount(_indices(column), minlength=len(column.dictionary) + 1)
        for words, count in zip(column.dictionary.to_pylist(), counts[:-1], strict=True):
            for note in (words or "").split():
                self.notes[note] = self.notes.get(note, 0) + int(count)

    def state(self) -> dict[str, Any]:
        """The counts as plain data: only what is not zero."""
        return {
            **{f"lines_{name}": _sparse(array) for name, array in self.lines.items()},
            **{f"cents_{name}": _sparse(array) for name, array in self.cents.items()},
            "rules": [[*key, *counts] for key, counts in sorted(self.rules.items())],
            "unmapped": dict(sorted(self.unmapped.items())),
            "without_amount": self.without_amount,
            "notes": dict(sorted(self.notes.items())),
        }

    def add_state(self, state: dict[str, Any]) -> None:
        """Adds counts that were kept as plain data."""
        for name in self.shapes:
            for where, arrays in (("lines", self.lines), ("cents", self.cents)):
                flat = arrays[name].reshape(-1)
                for place, count in state[f"{where}_{name}"]:
                    flat[place] += count
        for rule, standing, lines, cents in state["rules"]:
            known = self.rules.setdefault((rule, standing), [0, 0])
            known[0] += lines
            known[1] += cents
        for code, (lines, cents) in state["unmapped"].items():
            known = self.unmapped.setdefault(code, [0, 0])
            known[0] += lines
            known[1] += cents
        self.without_amount += state["without_amount"]
        for note, count in state["notes"].items():
            self.notes[note] = self.notes.get(note, 0) + count


def _sparse(array: Any) -> list[list[int]]:
    flat = array.reshape(-1)
    return [[int(place), int(flat[place])] for place in np.flatnonzero(flat)]


@njit(cache=True, nogil=True)
def _count(
    stands: Any,
    cents: Any,
    place: Any,
    who: Any,
    what: Any,
    when: Any,
    why: Any,
    rule: Any,
    by_who: Any,
    by_place: Any,
    by_when: Any,
    by_why: Any,
    cents_who: Any,
    cents_place: Any,
    cents_when: Any,
    cents_why: Any,
    by_rule: Any,
    cents_rule: Any,
) -> None:
    for i in range(stands.size):
        s, c = stands[i], cents[i]
        by_who[who[i], what[i], s] += 1
        by_place[place[i], s] += 1
        by_when[when[i], s] += 1
        by_why[why[i], s] += 1
        by_rule[rule[i], s] += 1
        if c:
            cents_who[who[i], what[i], s] += c
            cents_place[place[i], s] += c
            cents_when[when[i], s] += c
            cents_why[why[i], s] += c
            cents_rule[rule[i], s] += c


def _indices(column: pa.DictionaryArray) -> Any:
    """Each row's place in the dictionary; a null is behind its end."""
    found = column.indices
    if found.null_count:
        found = found.fill_null(len(column.dictionary))
    return np.asarray(found)


def _coded(column: pa.DictionaryArray, words: tuple[str, ...], several: int | None = None) -> Any:
    """Each row's place among words; the last of them stands for none."""
    order = {word: number for number, word in enumerate(words)}
    table = np.full(len(column.dictionary) + 1, len(words) - 1, np.int32)
    for number, word in enumerate(column.dictionary.to_pylist()):
        if several is not None and word and "|" in word:
            table[number] = several
        elif word in order:
            table[number] = order[word]
    return table[_indices(column)]


def _stands(answered: pa.RecordBatch) -> Any:
    """Each row's standing."""
    verdict, leaning = answered.column("verdict"), answered.column("leaning")
    leanings = leaning.dictionary.to_pylist()
    table = np.zeros((len(verdict.dictionary), len(leanings) + 1), np.int32)
    for v, name in enumerate(verdict.dictionary.to_pylist()):
        for n, lean in enumerate([*leanings, None]):
            words = name if lean is None else f"{name}/{lean}"
            table[v, n] = STANDS.index(words) if words in STANDS else len(STANDS) - 1
    return table[np.asarray(verdict.indices), _indices(leaning)]


def _cents(column: pa.Array) -> tuple[Any, int]:
    """Amounts in whole cents, and how many lines have none."""
    absent = column.null_count
    if absent == len(column):
        return np.zeros(len(column), np.int64), absent
    values = np.asarray(column.fill_null(0.0) if absent else column)
    return np.rint(np.nan_to_num(values * 100)).astype(np.int64), absent


def _months(column: pa.Array) -> Any:
    """Each day's month among the months; the last place is for no day, or one outside."""
    none = len(AXES["month"]) - 1
    days = np.asarray(column.cast(pa.int32()).fill_null(np.iinfo(np.int32).min))
    low, high = days_of(FIRST_YEAR), days_of(FIRST_YEAR + YEARS)
    inside = (days >= low) & (days < high)
    return np.where(inside, _table()[np.where(inside, days - low, 0)], none)


def days_of(year: int) -> int:
    """The first day of a year, as days since 1970-01-01."""
    return int(np.datetime64(f"{year}-01-01", "D").astype(np.int64))


_TABLE: list[Any] = []


def _table() -> Any:
    if not _TABLE:
        days = np.arange(days_of(FIRST_YEAR), days_of(FIRST_YEAR + YEARS)).astype("datetime64[D]")
        months = days.astype("datetime64[M]").astype(np.int64) - (FIRST_YEAR - 1970) * 12
        _TABLE.append(months.astype(np.int32))
    return _TABLE[0]
