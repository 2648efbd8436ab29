"""Counts lines and cents while they stream by: one pass over numbers, kept exact in whole cents.

Every count is by standing: the verdict with its leaning, or that the line was not judged.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from handrail.audit import fast
from handrail.audit.distinct import Distinct
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
        self.claims, self.providers = Distinct(), Distinct()

    def add(self, lines: pa.RecordBatch, answered: pa.RecordBatch, wanted: Any = ()) -> Any:
        """Counts canonical lines with their answers.

        Args:
            lines, answered: the lines and their answers.
            wanted: verdicts.

        Returns:
            The numbers of the rows that have one of the verdicts wanted.
        """
        rows = lines.num_rows
        stands, kept = np.empty(rows, np.int32), np.empty(rows, np.int64)
        verdict, leaning = answered.column("verdict"), answered.column("leaning")
        table = np.array([word in wanted for word in verdict.dictionary.to_pylist()])
        found = fast.standings(
            fast.places(verdict)[0], *fast.places(leaning), _standing_table(verdict, leaning), table, stands, kept
        )
        cents, absent = _cents(lines.column("amount"))
        self.without_amount += absent
        self._count("where", stands, cents, lines.column("jurisdiction"), "jurisdiction")
        why = answered.column("reason")
        self._count("why", stands, cents, why, "reason")
        who, what = lines.column("profession"), lines.column("technique")
        fast.count_pairs(
            stands, cents,
            *fast.places(who), _table_of(who, AXES["profession"]),
            *fast.places(what), _table_of(what, AXES["technique"], several=len(TECHNIQUES)),
            self.lines["who"], self.cents["who"],
        )  # fmt: skip
        self._days(stands, cents, lines.column("service_from"))
        self._rules(stands, cents, answered.column("rule"))
        self._unmapped(lines.column("procedure"), why, cents)
        self._noted(lines.column("notes"))
        self.claims.add(lines.column("claim"))
        if "npi" in lines.schema.names:
            self.providers.add(lines.column("npi"))
        return kept[:found]

    def _count(self, name: str, stands: Any, cents: Any, column: pa.DictionaryArray, axis: str) -> None:
        table = _table_of(column, AXES[axis])
        fast.count(stands, cents, *fast.places(column), table, self.lines[name], self.cents[name])

    def _days(self, stands: Any, cents: Any, column: pa.Array) -> None:
        bits = column.buffers()[0]
        found = np.frombuffer(column.buffers()[1], np.int32, len(column), column.offset * 4)
        there = np.zeros(0, np.uint8) if bits is None or not column.null_count else np.frombuffer(bits, np.uint8)
        low = days_of(FIRST_YEAR)
        fast.count_days(
            stands, cents, found, there, column.offset, low, _months(), self.lines["when"], self.cents["when"]
        )

    def _rules(self, stands: Any, cents: Any, column: pa.DictionaryArray) -> None:
        rules = column.dictionary
        counts = np.zeros((len(rules) + 1, len(STANDS)), np.int64)
        sums = np.zeros_like(counts)
        fast.count(stands, cents, *fast.places(column), np.arange(len(rules) + 1, dtype=np.int32), counts, sums)
        for number, standing in zip(*np.nonzero(counts[:-1]), strict=True):
            known = self.rules.setdefault((rules[int(number)].as_py(), STANDS[standing]), [0, 0])
            known[0] += int(counts[number, standing])
            known[1] += int(sums[number, standing])

    def _unmapped(self, column: pa.DictionaryArray, why: pa.DictionaryArray, cents: Any) -> None:
        code = why.dictionary.to_pylist().index("unmapped_procedure")
        there = (fast.places(why)[0] == code).astype(np.int32)
        codes = column.dictionary
        counts = np.zeros((len(codes) + 1, 2), np.int64)
        sums = np.zeros_like(counts)
        fast.count(there, cents, *fast.places(column), np.arange(len(codes) + 1, dtype=np.int32), counts, sums)
        for number in np.flatnonzero(counts[:-1, 1]):
            known = self.unmapped.setdefault(str(codes[int(number)].as_py()), [0, 0])
            known[0] += int(counts[number, 1])
            known[1] += int(sums[number, 1])

    def _noted(self, column: pa.DictionaryArray) -> None:
        if column.null_count == len(column):
            return
        found, bits, offset = fast.places(column)
        counts, none = np.zeros((len(column.dictionary) + 1, 1), np.int64), np.zeros(0, np.int64)
        table = np.arange(len(counts), dtype=np.int32)
        fast.count(np.zeros(len(found), np.int32), none, found, bits, offset, table, counts, counts)
        for words, count in zip(column.dictionary.to_pylist(), counts[:-1, 0], strict=True):
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
            "claims": self.claims.state(),
            "providers": self.providers.state(),
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
        self.claims.add_state(state["claims"])
        self.providers.add_state(state["providers"])
        for note, count in state["notes"].items():
            self.notes[note] = self.notes.get(note, 0) + count


def _sparse(array: Any) -> list[list[int]]:
    flat = array.reshape(-1)
    return [[int(place), int(flat[place])] for place in np.flatnonzero(flat)]


def _table_of(column: pa.DictionaryArray, words: tuple[str, ...], several: int | None = None) -> Any:
    """Where each value of a column's dictionary stands among words; the last of them stands for none."""
    order = {word: number for number, word in enumerate(words)}
    table = np.full(len(column.dictionary) + 1, len(words) - 1, np.int32)
    for number, word in enumerate(column.dictionary.to_pylist()):
        if several is not None and word and "|" in word:
            table[number] = several
        elif word in order:
            table[number] = order[word]
    return table


def _standing_table(verdict: pa.DictionaryArray, leaning: pa.DictionaryArray) -> Any:
    """[verdict, leaning or none]: the standing."""
    leanings = [*leaning.dictionary.to_pylist(), None]
    table = np.full((len(verdict.dictionary), len(leanings)), len(STANDS) - 1, np.int32)
    for v, name in enumerate(verdict.dictionary.to_pylist()):
        for n, lean in enumerate(leanings):
            words = name if lean is None else f"{name}/{lean}"
            if words in STANDS:
                table[v, n] = STANDS.index(words)
    return table


def _cents(column: pa.Array) -> tuple[Any, int]:
    """Amounts in whole cents (none if no line has one), and how many lines have none."""
    absent = column.null_count
    if absent == len(column):
        return np.zeros(0, np.int64), absent
    bits, data = column.buffers()
    amounts = np.frombuffer(data, np.float64, len(column), column.offset * 8)
    there = np.frombuffer(bits, np.uint8) if bits is not None and absent else np.zeros(0, np.uint8)
    made = np.empty(len(column), np.int64)
    return made, fast.to_cents(amounts, there, column.offset, made)


def days_of(year: int) -> int:
    """The first day of a year, as days since 1970-01-01."""
    return int(np.datetime64(f"{year}-01-01", "D").astype(np.int64))


@cache
def _months() -> Any:
    """The place among the months of each day from the first year."""
    days = np.arange(days_of(FIRST_YEAR), days_of(FIRST_YEAR + YEARS)).astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64) - (FIRST_YEAR - 1970) * 12
    return months.astype(np.int32)
