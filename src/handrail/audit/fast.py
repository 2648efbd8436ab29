"""The passes over rows that are worth compiling, on plain arrays. Other threads run meanwhile."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit

_NONE = np.zeros(0, np.uint8)


def places(column: pa.Array) -> tuple[Any, Any, int]:
    """A dictionary column as places in its dictionary (int32), bits that say which are there, and their offset.

    No bits: all are there.
    """
    indices = column.indices
    bits, data = indices.buffers()
    kind = np.dtype(indices.type.to_pandas_dtype())
    found = np.frombuffer(data, kind, len(indices), indices.offset * kind.itemsize) if data else np.zeros(0, kind)
    if kind != np.int32:
        found = found.astype(np.int32)
    if bits is None or not indices.null_count:
        return found, _NONE, 0
    return found, np.frombuffer(bits, np.uint8), indices.offset


@njit(cache=True, nogil=True)
def _there(bits: Any, at: int) -> bool:
    return bits.size == 0 or bool(bits[at >> 3] >> (at & 7) & 1)


@njit(cache=True, nogil=True)
def picked(rows: Any, found: Any, bits: Any, offset: int, seen: Any, used: Any, out: Any, missing: Any) -> int:
    """Some rows of a column, over a dictionary of what they hold, in the order of appearance.

    Args:
        rows: which rows.
        found, bits, offset: the column, from ``places``.
        seen: -1 for every place of the old dictionary.
        used: where to write which places of it the new one has.
        out, missing: where to write the new places, and 1 for those that are not there.

    Returns:
        How long the new dictionary is.
    """
    count = 0
    for n in range(rows.size):
        row = rows[n]
        if not _there(bits, offset + row):
            out[n], missing[n] = 0, 1
            continue
        place = found[row]
        new = seen[place]
        if new < 0:
            new = seen[place] = count
            used[count] = place
            count += 1
        out[n], missing[n] = new, 0
    return count


def compact(column: pa.DictionaryArray, rows: Any) -> pa.DictionaryArray:
    """Some rows of a dictionary column, over a dictionary (int32, utf8) of what they hold, once each."""
    found, bits, offset = places(column)
    size = len(column.dictionary)
    used, out = np.empty(size, np.int32), np.empty(len(rows), np.int32)
    missing = np.empty(len(rows), np.uint8)
    count = picked(rows, found, bits, offset, np.full(size, -1, np.int32), used, out, missing)
    words = column.dictionary.take(pa.array(used[:count])).cast(pa.string()).dictionary_encode()
    if len(words.dictionary) < count:  # a value stood there twice
        table = np.asarray(words.indices)
        out = table[out] if count else out
    mask = missing.view(np.bool_) if missing.any() else None
    return pa.DictionaryArray.from_arrays(pa.array(out, mask=mask), words.dictionary, safe=False)


@njit(cache=True, nogil=True)
def overlay(
    over: Any,
    bits: Any,
    offset: int,
    table: Any,
    recode: Any,
    judged: int,
    verdict: Any,
    reason: Any,
    leaning: Any,
    rule: Any,
    candidates: Any,
) -> None:
    """Lays reasons why lines cannot be judged over the answers, in place.

    Args:
        over, bits, offset: those reasons as places, from ``places``.
        table: the code of each of them; ``recode``: the code of each of the answers' own reasons.
        judged: the verdict's code of what is not judged.
        verdict, reason: the answers' codes.
        leaning, rule, candidates: bits of what is there, taken away from such lines; none: all are there.
    """
    for n in range(over.size):
        if _there(bits, offset + n):
            verdict[n], reason[n] = judged, table[over[n]]
            gone = np.uint8(255 ^ (1 << (n & 7)))
            leaning[n >> 3] &= gone
            rule[n >> 3] &= gone
            candidates[n >> 3] &= gone
        else:
            reason[n] = recode[reason[n]]


@njit(cache=True, nogil=True)
def standings(
    verdict: Any, leaning: Any, bits: Any, offset: int, table: Any, wanted: Any, stands: Any, rows: Any
) -> int:
    """Each row's standing, and the rows of the standings that are wanted.

    Args:
        verdict: places of verdicts; ``leaning``, ``bits``, ``offset``: leanings, from ``places``.
        table: [verdict, leaning or the place behind the last]: the standing.
        wanted: for each verdict, whether its rows are.
        stands, rows: where to write standings, and numbers of rows.

    Returns:
        How many rows are wanted.
    """
    none = table.shape[1] - 1
    count = 0
    for n in range(verdict.size):
        v = verdict[n]
        stands[n] = table[v, leaning[n] if _there(bits, offset + n) else none]
        if wanted[v]:
            rows[count] = n
            count += 1
    return count


@njit(cache=True, nogil=True)
def count(
    stands: Any,
    cents: Any,
    found: Any,
    bits: Any,
    offset: int,
    table: Any,
    lines: Any,
    sums: Any,
) -> None:
    """Lines and cents by what a column says and by standing; a null counts in the last row of ``table``.

    Args:
        stands, cents: of each row; no cents: none has any.
        found, bits, offset: the column, from ``places``.
        table: the row of ``lines`` and ``sums`` for each place of its dictionary, and behind them that of null.
        lines, sums: [key, standing], counted up.
    """
    none = table[table.size - 1]
    for n in range(stands.size):
        key = table[found[n]] if _there(bits, offset + n) else none
        lines[key, stands[n]] += 1
        if cents.size:
            sums[key, stands[n]] += cents[n]


@njit(cache=True, nogil=True)
def count_pairs(
    stands: Any,
    cents: Any,
    one: Any,
    one_bits: Any,
    one_offset: int,
    one_table: Any,
    other: Any,
    other_bits: Any,
    other_offset: int,
    other_table: Any,
    lines: Any,
    sums: Any,
) -> None:
    """As ``count``, by two columns: [key of one, key of the other, standing]."""
    first, second = one_table[one_table.size - 1], other_table[other_table.size - 1]
    for n in range(stands.size):
        a = one_table[one[n]] if _there(one_bits, one_offset + n) else first
        b = other_table[other[n]] if _there(other_bits, other_offset + n) else second
        lines[a, b, stands[n]] += 1
        if cents.size:
            sums[a, b, stands[n]] += cents[n]


@njit(cache=True, nogil=True)
def count_days(
    stands: Any, cents: Any, days: Any, bits: Any, offset: int, low: int, table: Any, lines: Any, sums: Any
) -> None:
    """As ``count``, by day since 1970-01-01: ``table`` has the keys of days from ``low`` on; outside: the last."""
    none = lines.shape[0] - 1
    for n in range(stands.size):
        at = days[n] - low
        key = table[at] if 0 <= at < table.size and _there(bits, offset + n) else none
        lines[key, stands[n]] += 1
        if cents.size:
            sums[key, stands[n]] += cents[n]


@njit(cache=True, nogil=True)
def to_cents(amounts: Any, bits: Any, offset: int, out: Any) -> int:
    """Amounts as whole cents; nulls, and what is no number, as 0. Gives how many are null."""
    absent = 0
    for n in range(amounts.size):
        if not _there(bits, offset + n):
            out[n] = 0
            absent += 1
            continue
        cents = np.rint(amounts[n] * 100)
        # What an int64 cannot hold, and what is no number, counts for nothing.
        out[n] = np.int64(cents) if -9e18 < cents < 9e18 else 0
    return absent


@njit(cache=True, nogil=True)
def remap(found: Any, bits: Any, offset: int, table: Any, out: Any, out_bits: Any) -> None:
    """Each row in another dictionary; ``table`` has -1 where it has no place, and for null behind its end."""
    rows = found.size
    for low in range(0, rows, 8):
        byte = 0
        for k in range(min(8, rows - low)):
            n = low + k
            new = table[found[n]] if _there(bits, offset + n) else table[table.size - 1]
            if new >= 0:
                out[n] = new
                byte |= 1 << k
            else:
                out[n] = 0
        out_bits[low >> 3] = byte


@njit(cache=True, nogil=True)
def numbered(places: Any, out: Any, out_bits: Any) -> None:
    """Places less one, and bits of those that are not 0."""
    rows = places.size
    for low in range(0, rows, 8):
        byte = 0
        for k in range(min(8, rows - low)):
            place = places[low + k]
            if place:
                out[low + k] = place - 1
                byte |= 1 << k
            else:
                out[low + k] = 0
        out_bits[low >> 3] = byte


@njit(cache=True, nogil=True)
def raise_to(out: Any, found: Any, bits: Any, offset: int, table: Any) -> None:
    """Raises each row to what ``table`` says of its place, if that is more; for null it says it behind its end."""
    none = table[table.size - 1]
    for n in range(out.size):
        value = table[found[n]] if _there(bits, offset + n) else none
        if value > out[n]:
            out[n] = value


@njit(cache=True, nogil=True)
def add_flags(out: Any, found: Any, bits: Any, offset: int, table: Any) -> None:
    """Adds to each row the flags that ``table`` has for its place; for null it has them behind its end."""
    none = table[table.size - 1]
    for n in range(out.size):
        out[n] |= table[found[n]] if _there(bits, offset + n) else none


@njit(cache=True, nogil=True)
def seen(values: Any, out: Any) -> None:
    """Marks which values there are."""
    for n in range(values.size):
        out[values[n]] = True


@njit(cache=True, nogil=True)
def looked_up(values: Any, table: Any, out: Any) -> None:
    """``out`` is what ``table`` has for each value."""
    for n in range(values.size):
        out[n] = table[values[n]]
