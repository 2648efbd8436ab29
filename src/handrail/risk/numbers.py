"""Reads a published number out of free text, or refuses: a proportion, its interval, a range or an upper limit.

Only a phrase that is a number from end to end is read. Nothing is rounded, converted to another denominator or
filled in.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal, NamedTuple

from handrail.terms import InputError

Kind = Literal["value", "range", "below"]

_N = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALES = {None: 1, "thousand": 10**3, "million": 10**6}
_WORDS = r"(?: [A-Za-z][A-Za-z-]*)*"
#: 41% | 0.21 per 100,000 | 1 in 3.7 million | 1.0 adverse events per 100
_PROPORTION = rf"(?P<n0>{_N})(?:%|{_WORDS} (?:per|in) (?P<m0>{_N})(?: (?P<s0>thousand|million))?{_WORDS})"
_FIRST, _SECOND = (_PROPORTION.replace("0>", f"{which}>") for which in "12")
_INTERVAL = rf"(?: \(95% CI (?P<low>{_N})-(?P<high>{_N})\))?"
_LIMIT = r"(?:less than|at worst about|at worst|upper limit|up to)"
_ONE = re.compile(rf"(?:(?P<limit>{_LIMIT}) |(?P<about>about) )?{_FIRST}{_INTERVAL}", re.ASCII)
_RANGE = re.compile(rf"{_FIRST} to {_SECOND}", re.ASCII)


class Reading(NamedTuple):
    """What a phrase says. ``at`` is the published figure; ``low`` and ``high`` its interval or range.

    ``below`` has only ``high``: the source says "less than" or "at worst". ``range`` has no ``at``: the source
    names no point, and none is made up.
    """

    kind: Kind
    at: Fraction | None
    low: Fraction | None
    high: Fraction | None


def read(phrase: str, out_of: str | None = None, *, limit: bool = False) -> Reading:
    """The number that a phrase states.

    Args:
        phrase: such as ``41% (95% CI 17-68)``, ``less than 1 in 3.7 million``, ``1 in 20,000 to 1 in 250,000``.
        out_of: the denominator of a phrase that is a bare number (``1.4``, said beside ``1.2 per 1,000``).
        limit: the words before it say that it is an upper limit.

    Raises:
        InputError: if the phrase is anything but a number.

    >>> read("0.21 per 100,000 (95% CI 0.00-0.56)").high
    Fraction(7, 1250000)
    >>> read("less than 1 in 3.7 million").kind
    'below'
    """
    text = " ".join(phrase.split())
    if out_of is not None:
        text = f"{text} per {out_of}"
    if found := _RANGE.fullmatch(text):
        ends = sorted((_proportion(found, "1"), _proportion(found, "2")))
        return Reading("range", None, ends[0], ends[1])
    found = _ONE.fullmatch(text)
    if found is None:
        raise InputError(f"{phrase!r} is not a number that can be read", hint="Such as 41% or 1 in 20,000")
    at = _proportion(found, "1")
    if found["limit"] or limit:
        if found["low"]:
            raise InputError(f"{phrase!r} is both a limit and an interval")
        return Reading("below", None, None, at)
    if not found["low"]:
        return Reading("value", at, None, None)
    scale = _denominator(found, "1")
    low, high = (_number(found[end]) / scale for end in ("low", "high"))
    if not low <= at <= high:
        raise InputError(f"{phrase!r} has an interval that does not hold its own figure")
    return Reading("value", at, low, high)


def _number(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))


def _denominator(found: re.Match[str], which: str) -> Fraction:
    if found[f"m{which}"] is None:
        return Fraction(100)
    return _number(found[f"m{which}"]) * _SCALES[found[f"s{which}"]]


def _proportion(found: re.Match[str], which: str) -> Fraction:
    denominator = _denominator(found, which)
    if not denominator:
        raise InputError(f"{found[0]!r} divides by zero")
    value = _number(found[f"n{which}"]) / denominator
    if value > 1:
        raise InputError(f"{found[0]!r} is more than all")
    return value
