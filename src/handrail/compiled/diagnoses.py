"""What diagnoses mean to the kernel.

A *match* is a finding as a code gives it: a row, its site, exact or broad. A *class* is what one code means: its
matches and the region that it names. There are some three hundred classes for all of ICD-10-CM; class 0 means
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from handrail.compiled.base import PLACES_OF_WORK, Base
from handrail.compiled.lines import matches_of
from handrail.compiled.records import MEANS
from handrail.decide import Finding
from handrail.decide.safety import grade
from handrail.safety import Match, strongest
from handrail.terms import REGIONS, standing

#: A code is no longer than this, its dot included.
LONGEST = 8
_MOST_REMEMBERED = 1 << 20
_NOT_THERE = 65535
_Class = tuple[tuple[Match, ...], int]


class Diagnoses:
    """Classes of diagnoses, which grow as codes are seen.

    Args:
        base: for the numbers of the findings among the rules.
        region_of: the region that a diagnosis names (``M99.01``: ``cervical``), or None.
    """

    def __init__(self, base: Base, region_of: Callable[[str], str | None]) -> None:
        self._rules = {name: number for number, name in enumerate(base.rules, 1)}
        self._region_of = region_of
        self._known: dict[str, int] = {}
        self._classes: dict[_Class, int] = {((), 0): 0}
        self._matches: dict[Match, int] = {}
        self._keys = np.zeros(1 << 12, np.uint64)
        self._values = np.zeros(1 << 12, np.uint16)
        self._settled: dict[str, int] = {}
        self._contexts = 0
        self._arrays: dict[str, npt.NDArray[Any]] = {}

    def classes(self, values: Any) -> npt.NDArray[np.uint16]:
        """The class of each value of a dictionary (an Arrow array of texts)."""
        import pyarrow as pa

        from handrail.compiled.kernel import find_codes

        found = np.zeros(len(values), np.uint16)
        if not len(values):
            return found
        if values.null_count:
            values = values.fill_null("")
        wide = pa.types.is_large_string(values.type)
        _, offsets, text = values.buffers()
        starts = np.frombuffer(offsets, np.int64 if wide else np.int32)[values.offset :]
        none = np.empty(0, np.int64 if not wide else np.int32)
        address = text.address if text is not None else 0
        narrow_, wide_ = (none, starts) if wide else (starts, none)
        if find_codes(narrow_, wide_, address, len(values), self._keys, self._values, found):
            self._learn(values, found)
        return found

    def _learn(self, values: Any, found: npt.NDArray[np.uint16]) -> None:
        at = np.flatnonzero(found == _NOT_THERE)
        new: dict[int, int] = {}
        for place, text in zip(at.tolist(), values.take(at).to_pylist(), strict=True):
            found[place] = one = self._class(text)
            raw = text.encode()
            if len(raw) <= LONGEST and b"\0" not in raw:
                new[int.from_bytes(raw, "big")] = one
        self._keep(new)

    def _class(self, text: str) -> int:
        written = text.strip()
        if len(written) > LONGEST:
            return 0
        region = self._region_of(written)
        mask = 1 << list(REGIONS).index(region) if region in REGIONS else 0
        named = tuple(strongest(matches_of(text)))
        return self._classes.setdefault((named, mask), len(self._classes))

    def _keep(self, new: dict[int, int]) -> None:
        """Puts texts into the table, in a new one where it grows too full: others may be reading this one."""
        there = np.flatnonzero(self._keys)
        if len(there) + len(new) > _MOST_REMEMBERED:
            there = there[:0]  # so many are no codes; the table begins anew
        size = len(self._keys)
        while 2 * (len(there) + len(new)) > size:
            size *= 2
        keys, values = np.zeros(size, np.uint64), np.zeros(size, np.uint16)
        old = zip(self._keys[there].tolist(), self._values[there].tolist(), strict=True)
        for key, one in (*old, *new.items()):
            slot = ((key * 0x9E3779B97F4A7C15 & (1 << 64) - 1) >> 32) & size - 1
            while keys[slot]:
                slot = (slot + 1) & size - 1
            keys[slot], values[slot] = key, one
        self._keys, self._values = keys, values

    def arrays(self, contexts: Mapping[tuple[int, ...], int]) -> dict[str, npt.NDArray[Any]]:
        """The kernel's tables of diagnoses, for these contexts (places of work that decide)."""
        if self._arrays and self._contexts == len(contexts) and self._settled_classes == len(self._classes):
            return self._arrays
        self._contexts, self._settled_classes = len(contexts), len(self._classes)
        for named, _mask in self._classes:
            for match in named:
                self._matches.setdefault(match, len(self._matches))
        matches = list(self._matches)
        grades, needs = self._graded(matches)
        key = np.zeros((max(len(contexts), 1), max(len(matches), 1)), np.uint8)
        for work, context in contexts.items():
            # The worst standing, and the first region that has it.
            ranked = 8 * grades[:, list(work)].astype(np.int64) + 7 - np.arange(len(work))
            best = ranked.max(axis=1) if len(matches) else np.empty(0, np.int64)
            key[context, : len(matches)] = np.where(best >= 8, best, 0)
        rules = np.array([self._rules[match.finding] for match in matches] or [0], np.uint16)
        lists = [[self._matches[match] for match in named] for named, _ in self._classes]
        class_key = np.zeros((len(key), len(lists)), np.uint8)
        class_rule = np.zeros((len(key), len(lists)), np.uint16)
        for one, members in enumerate(lists):
            if members:
                first = np.argmax(key[:, members], axis=1)  # of equals the first
                chosen = np.array(members)[first]
                class_key[:, one] = key[np.arange(len(key)), chosen]
                class_rule[:, one] = rules[chosen]
        self._arrays = {
            "key": class_key,
            "rule": class_rule,
            "class_start": np.cumsum([0, *map(len, lists)]).astype(np.int32),
            "class_matches": np.array([m for members in lists for m in members] or [0], np.int32),
            "class_marks": np.array([mask | (MEANS if named else 0) for named, mask in self._classes], np.uint16),
            "class_regions": np.array([mask for _, mask in self._classes], np.int64),
            "match_key": key,
            "match_rule": rules,
            "covers": _covers(matches),
            "grade": grades,
            "match_needs": needs,
        }
        return self._arrays

    _settled_classes = 0

    def _graded(self, matches: list[Match]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]]:
        """[match, place of work]: its standing, and its needs as bits, as the safety gate has them."""
        grades = np.zeros((max(len(matches), 1), len(PLACES_OF_WORK)), np.uint8)
        wanted: dict[tuple[int, int], set[int]] = {}
        for number, match in enumerate(matches):
            finding = Finding(match.finding, match.site, match.match)
            for place, (technique, region) in enumerate(PLACES_OF_WORK):
                parts = grade(finding, technique, region)
                grades[number, place] = max(standing(reason.verdict, reason.leaning) for reason, _ in parts)
                assert all(reason.rule == match.finding for reason, _ in parts)  # noqa: S101  (as `rule` says)
                wanted[number, place] = {
                    self._settled.setdefault(need.id, len(self._settled)) for _, need in parts if need
                }
        bits = np.zeros((*grades.shape, max(1, -(-len(self._settled) // 64))), np.uint64)
        for (number, place), ids in wanted.items():
            for id_ in ids:
                bits[number, place, id_ // 64] |= np.uint64(1 << id_ % 64)
        return grades, bits


def _covers(matches: list[Match]) -> npt.NDArray[np.bool_]:
    """[a, b]: where both are on a line, ``strongest`` leaves b out because of a."""
    found = np.zeros((max(len(matches), 1),) * 2, np.bool_)
    by_row: dict[str, list[int]] = {}
    for number, match in enumerate(matches):
        by_row.setdefault(match.finding, []).append(number)
    for members in by_row.values():
        for a in members:
            for b in members:
                found[a, b] = a != b and matches[b] not in strongest([matches[a], matches[b]])
    return found
