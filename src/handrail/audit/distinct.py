"""About how many different texts there are, in 16 KiB however many they are: HyperLogLog.

The estimate is within 0.8 % (its standard error), and better for small numbers. It does not depend on the order
or the batches in which the texts come.
"""

from __future__ import annotations

import base64
import math
import zlib
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit

from handrail.audit.fast import places

_BITS = 14
_SIZE = 1 << _BITS


class Distinct:
    """Counts different texts."""

    def __init__(self) -> None:
        self.registers = np.zeros(_SIZE, np.uint8)

    def add(self, column: pa.Array) -> None:
        """Adds the texts of a column (utf8, or a dictionary of it); nulls are none."""
        if not len(column) or column.null_count == len(column):
            return
        if pa.types.is_dictionary(column.type):
            found, bits, offset = places(column)
            used = np.zeros(len(column.dictionary), np.bool_)
            _mark(found, bits, offset, used)
            column = column.dictionary.filter(pa.array(used))
        if column.null_count:
            column = column.drop_null()
        _, offsets, data = column.buffers()
        ends = np.frombuffer(offsets, np.int32, len(column) + 1, column.offset * 4)
        raw = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
        _add(ends, raw, self.registers)

    def state(self) -> str:
        """The counter as text."""
        return base64.b64encode(zlib.compress(self.registers.tobytes(), 1)).decode()

    def add_state(self, state: str) -> None:
        """Adds what another counter saw."""
        other = np.frombuffer(zlib.decompress(base64.b64decode(state)), np.uint8)
        np.maximum(self.registers, other, out=self.registers)

    def about(self) -> int:
        """How many different texts there were, about."""
        empty = int((self.registers == 0).sum())
        if empty == _SIZE:
            return 0
        estimate = (
            0.7213 / (1 + 1.079 / _SIZE) * _SIZE**2 / float(np.exp2(-self.registers.astype(np.float64)).sum())
        )
        if estimate <= 2.5 * _SIZE and empty:  # few: how many registers are empty says it better
            estimate = _SIZE * math.log(_SIZE / empty)
        return round(estimate)


@njit(cache=True, nogil=True)
def _mark(found: Any, bits: Any, offset: int, used: Any) -> None:
    for n in range(found.size):
        at = offset + n
        if bits.size == 0 or bits[at >> 3] >> (at & 7) & 1:
            used[found[n]] = True


@njit(inline="always")
def _word(raw: Any, at: int) -> Any:
    """Eight bytes as a number; written out, so that it is compiled to one load."""
    low = (
        np.uint64(raw[at])
        | np.uint64(raw[at + 1]) << np.uint64(8)
        | np.uint64(raw[at + 2]) << np.uint64(16)
        | np.uint64(raw[at + 3]) << np.uint64(24)
    )
    high = (
        np.uint64(raw[at + 4]) << np.uint64(32)
        | np.uint64(raw[at + 5]) << np.uint64(40)
        | np.uint64(raw[at + 6]) << np.uint64(48)
        | np.uint64(raw[at + 7]) << np.uint64(56)
    )
    return low | high


@njit(cache=True, nogil=True)
def _add(ends: Any, raw: Any, registers: Any) -> None:
    """Hashes each text, eight bytes at a time, and keeps the longest run of zeros per register."""
    factor, fold = np.uint64(0x9FB21C651E98DF25), np.uint64(32)
    for n in range(ends.size - 1):
        at, end = ends[n], ends[n + 1]
        value = np.uint64(end - at) * np.uint64(0x9E3779B97F4A7C15)
        while at < end:
            left = end - at
            if at + 8 <= raw.size:
                word = _word(raw, at)
                if left < 8:
                    word &= (np.uint64(1) << np.uint64(8 * left)) - np.uint64(1)
            else:
                word = np.uint64(0)
                for k in range(left):
                    word |= np.uint64(raw[at + k]) << np.uint64(8 * k)
            value = (value ^ word) * factor
            value ^= value >> fold
            at += 8
        value = (value ^ (value >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
        value ^= value >> np.uint64(31)
        register = value & np.uint64(_SIZE - 1)
        rest = value >> np.uint64(_BITS)
        run = np.uint8(1)
        while run <= 64 - _BITS and not rest & np.uint64(1):
            rest >>= np.uint64(1)
            run += np.uint8(1)
        if run > registers[register]:
            registers[register] = run
