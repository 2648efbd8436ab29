"""The check digit of a National Provider Identifier."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: What the prefix 80840, which stands before every NPI in the computation, adds to the sum of digits.
_PREFIX_SUM = 24


def right(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which numbers have ten digits, begin with 1 or 2, and end with the digit that the Luhn formula asks.

    >>> right(np.array([1234567893, 1234567890, 123]))
    array([ True, False, False])
    """
    total = np.full(len(numbers), _PREFIX_SUM, dtype=np.int64)
    rest = numbers.copy()
    for place in range(10):
        digit = rest % 10
        rest //= 10
        if place % 2:
            digit = digit * 2
            digit -= 9 * (digit > 9)
        total += digit
    plausible: npt.NDArray[np.bool_] = (numbers >= 1_000_000_000) & (numbers < 3_000_000_000)
    plausible &= total % 10 == 0
    return plausible


def as_numbers(values: pa.Array) -> npt.NDArray[np.int64]:
    """Identifiers as whole numbers; -1 for what is none, 0 for null and blank."""
    if pa.types.is_integer(values.type):
        return np.asarray(values.cast(pa.int64()).fill_null(0))
    words: Any = pc.utf8_trim_whitespace(values.cast(pa.string()))
    blank = pc.or_kleene(pc.is_null(words), pc.equal(words, "")).fill_null(True)
    digits = pc.match_substring_regex(words, r"^\d{10}$").fill_null(False)
    numbers = np.asarray(pc.if_else(digits, words, "0").cast(pa.int64()).fill_null(0)).copy()
    numbers[~np.asarray(digits) & ~np.asarray(blank)] = -1
    return numbers
