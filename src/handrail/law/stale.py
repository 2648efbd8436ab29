"""What has grown old: files researched long ago, and rules that ended, or will, with no successor."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from handrail.law.lint import unsucceeded
from handrail.law.load import jurisdictions, load
from handrail.terms import InputError

_UNITS = {"d": 1, "w": 7, "m": 30, "y": 365}


class Stale(NamedTuple):
    """Something to look at again."""

    jurisdiction: str
    what: str
    since: date
    text: str


def duration(given: str) -> timedelta:
    """A length of time such as ``365d``, ``12w``, ``6m`` (of 30 days) or ``1y`` (of 365 days).

    Raises:
        InputError: if it is none.

    >>> duration("12w").days
    84
    """
    found = re.fullmatch(r"([0-9]{1,5})([dwmy])", given.strip())
    if found is None:
        raise InputError(f"{given!r} is not a length of time", hint="Write 365d, 12w, 6m or 1y")
    return timedelta(days=int(found[1]) * _UNITS[found[2]])


def stale(older_than: timedelta, today: date) -> list[Stale]:
    """Files researched longer ago than ``older_than``, and rules without a successor; the oldest first."""
    found = []
    for place in jurisdictions():
        file = load(place).file
        if today - file.researched > older_than:
            text = f"researched {(today - file.researched).days} days ago"
            found.append(Stale(place, "file", file.researched, text))
        for _, rule in unsucceeded(file):
            assert rule.effective_to is not None  # noqa: S101  (what unsucceeded() yields has ended)
            tense = "ended" if rule.effective_to < today else "will end"
            found.append(Stale(place, rule.id, rule.effective_to, f"{tense} with no successor found"))
    return sorted(found, key=lambda item: (item.since, item.jurisdiction, item.what))
