"""The dates of FHIR: a day, or the days of a month or a year."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from handrail.terms import InputError


class Span(NamedTuple):
    """The days that a FHIR date may mean: one, or those of a month or year."""

    first: date
    last: date


_TIME = r"T(?:[01]\d|2[0-4]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?"
_DATE = re.compile(rf"(\d{{4}})(?:-(\d\d)(?:-(\d\d)(?:{_TIME})?)?)?")


def span(text: str, where: str) -> Span:
    """A FHIR date or dateTime. Its time and zone are left aside: the written day counts.

    Raises:
        InputError: if it is none.

    >>> span("2021-02", "x").last.isoformat()
    '2021-02-28'
    """
    made = _span(text)
    if made is None:
        raise InputError("is no FHIR date", where=where, hint="Such as 2024-05-31")
    return made


@lru_cache(maxsize=8192)
def _span(text: str) -> Span | None:
    found = _DATE.fullmatch(text) if text.isascii() else None
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    try:
        if day or found[3]:
            one = date(year, month, day)
            return Span(one, one)
        if found[2]:
            return Span(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
        return Span(date(year, 1, 1), date(year, 12, 31))
    except ValueError:
        return None
