"""Which knowledge the pages speak from."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from handrail.compiled import digest
from handrail.law import jurisdictions, load


class Known(NamedTuple):
    """The knowledge: a short hash of all of it, and the latest day on which law was researched."""

    version: str
    day: str
    places: int


@cache
def version() -> Known:
    """The version of law, clinical files and vocabulary together."""
    codes = jurisdictions()
    return Known(digest()[:12], max(load(code).file.researched for code in codes).isoformat(), len(codes))
