"""Columns of any type as dictionaries, and maps of dictionaries: work per distinct value, not per row."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from handrail.terms import InputError
from handrail.terms.cells import FORMULA

Ints = npt.NDArray[Any]

_EPOCH = date(1970, 1, 1).toordinal()
_ISO = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?")
_US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[T ].*)?")
_MONTH = re.compile(r"(\d{4})-(\d\d)")
_YEAR = re.compile(r"\d{4}")


def text(values: pa.Array) -> pa.Array:
    """Values as utf8; whole numbers that came as floats (97140.0) without their point."""
    kind = values.type
    if pa.types.is_string(kind):
        return values
    if pa.types.is_floating(kind):
        whole = pc.equal(pc.floor(values), values)
        if pc.all(whole, min_count=0).as_py():
            values = values.cast(pa.int64())
    return values.cast(pa.string())


def encoded(column: pa.Array | pa.ChunkedArray, name: str) -> pa.DictionaryArray:
    """A column as dictionary<int32, utf8>; what already is one is not copied.

    Raises:
        InputError: if the column holds lists or records.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
    kind = column.type
    if pa.types.is_nested(kind):
        raise InputError(f"the column {name} holds lists or records ({kind}), not values")
    if pa.types.is_null(kind):
        return pa.DictionaryArray.from_arrays(pa.nulls(len(column), pa.int32()), pa.array([], pa.string()))
    if not pa.types.is_dictionary(kind):
        if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind) or pa.types.is_binary(kind):
            column = column.cast(pa.string())
        column = column.dictionary_encode()
    indices, values = column.indices, column.dictionary
    if indices.type != pa.int32():
        indices = indices.cast(pa.int32())
    return pa.DictionaryArray.from_arrays(indices, text(values), safe=False)


def indices(column: pa.DictionaryArray) -> Ints:
    """Each row's place in the dictionary; null is the place behind its end."""
    found = column.indices
    if found.null_count:
        found = found.fill_null(len(column.dictionary))
    return np.asarray(found)


def mapped(column: pa.DictionaryArray, values: Sequence[str | None]) -> pa.Array:
    """A dictionary with other values on the same indices. None becomes a null of the rows."""
    target = pa.array(values, pa.string())
    if not target.null_count:
        return pa.DictionaryArray.from_arrays(column.indices, target, safe=False)
    from handrail.audit import fast

    table = np.array([*(-1 if value is None else place for place, value in enumerate(values)), -1], dtype=np.int32)
    out, bits = np.empty(len(column), np.int32), np.empty((len(column) + 7) // 8, np.uint8)
    fast.remap(*fast.places(column), table, out, bits)
    return _dictionary(pa.int32(), out, bits, target.fill_null(""))


def chosen(places: Ints, values: Sequence[str]) -> pa.DictionaryArray:
    """A dictionary column from places, where 0 is null and n is ``values[n - 1]``."""
    from handrail.audit import fast

    out, bits = np.empty(len(places), np.int16), np.empty((len(places) + 7) // 8, np.uint8)
    fast.numbered(places, out, bits)
    return _dictionary(pa.int16(), out, bits, pa.array(list(values), pa.string()))


def _dictionary(kind: pa.DataType, indices: Ints, bits: Ints, words: pa.Array) -> pa.DictionaryArray:
    buffers = [pa.py_buffer(bits), pa.py_buffer(indices)]
    return pa.DictionaryArray.from_buffers(pa.dictionary(kind, pa.string()), len(indices), buffers, words)


def constant(value: str | None, rows: int) -> pa.DictionaryArray:
    """A dictionary column that says one thing in every row, or nothing."""
    if value is None:
        return pa.DictionaryArray.from_arrays(pa.nulls(rows, pa.int32()), pa.array([], pa.string()))
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([value]), safe=False)


class Remembered:
    """A function of a dictionary that is not worked out again while the same dictionary comes along.

    Readers hand out one dictionary for many batches. It is held, so that its memory cannot come to mean another.
    """

    def __init__(self, function: Callable[[pa.Array], Any]) -> None:
        self.function = function
        self.last: pa.Array | None = None
        self.result: Any = None

    def __call__(self, dictionary: pa.Array) -> Any:
        """The function's value for a dictionary."""
        if self.last is None or not _same(self.last, dictionary):
            self.last, self.result = dictionary, self.function(dictionary)
        return self.result


def _same(one: pa.Array, other: pa.Array) -> bool:
    if len(one) != len(other) or one.offset != other.offset:
        return False
    left, right = one.buffers(), other.buffers()
    return all((a and a.address) == (b and b.address) for a, b in zip(left, right, strict=True))


@lru_cache(maxsize=1 << 16)
def parse_days(given: str) -> tuple[int, int] | None:
    """First and last day, as days since 1970, of a day, month or year in text; None if it is none.

    YYYY-MM-DD, YYYYMMDD, MM/DD/YYYY (as in the United States), each perhaps with a time; YYYY-MM and YYYY.

    >>> parse_days("1970-01-02"), parse_days("02/30/2020"), parse_days("1970")
    ((1, 1), None, (0, 364))
    """
    given = given.strip()
    try:
        if found := _ISO.fullmatch(given):
            day = date(*map(int, found.groups())).toordinal() - _EPOCH
            return day, day
        if found := _US.fullmatch(given):
            month, day_of, year = map(int, found.groups())
            day = date(year, month, day_of).toordinal() - _EPOCH
            return day, day
        if found := _MONTH.fullmatch(given):
            year, month = map(int, found.groups())
            first = date(year, month, 1).toordinal() - _EPOCH
            return first, first + monthrange(year, month)[1] - 1
        if _YEAR.fullmatch(given):
            year = int(given)
            return date(year, 1, 1).toordinal() - _EPOCH, date(year, 12, 31).toordinal() - _EPOCH
    except ValueError:
        pass
    return None


def numbers(column: pa.Array | pa.ChunkedArray) -> tuple[pa.Array, Ints | None]:
    """A column as float64, and which rows hold text that is no number (None: no row does)."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        return column.cast(pa.float64()), None
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        try:
            return column.cast(pa.float64()), None
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            column = column.cast(pa.string())
    try:
        return column.cast(pa.float64()), None
    except pa.ArrowInvalid:
        plain = pc.replace_substring_regex(pc.utf8_trim_whitespace(column), r"[$,]", "")
        good = pc.match_substring_regex(plain, r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?$")
        blank = pc.equal(plain, "")
        bad = pc.and_not(pc.is_valid(column), pc.or_(good, blank).fill_null(True))
        values = pc.if_else(good, plain, None).cast(pa.float64())
        bad_rows = np.asarray(bad)
        return values, bad_rows if bad_rows.any() else None


_FORMULA = "^[" + "".join(FORMULA).replace("-", r"\-") + "]"


def harmless(values: pa.Array) -> pa.Array:
    """Text for a CSV that spreadsheets open: an apostrophe before what they would take for a formula.

    Numbers stay: only text that is none is changed.

    >>> harmless(pa.array(["=1+1", "-3.5", "C1"])).to_pylist()
    ["'=1+1", '-3.5', 'C1']
    """
    words = values.cast(pa.string()) if values.type != pa.string() else values
    risky = pc.and_not(
        pc.match_substring_regex(words, _FORMULA), pc.match_substring_regex(words, r"^[-+]?\d+(\.\d+)?$")
    )
    return pc.if_else(risky.fill_null(False), pc.binary_join_element_wise("'", words, ""), words)
