"""The types of what was read from the published harms.

``safety/knowledge/adverse_events.yaml`` holds what was published, in words; ``estimates.yaml`` beside this module
holds, phrase by phrase, which of these words are a number that can be drawn, and why the others are not.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import msgspec

from handrail.risk.numbers import Kind
from handrail.safety import AdverseEvent, Estimate

#: What a figure is counted in. They are different things and are never turned into one another.
Per = Literal["patient", "visit", "session", "consultation", "treatment", "manipulation", "day"]
Why = Literal["share_of_events", "ratio", "cases", "zero", "no_denominator", "not_reviewed"]


class MarkText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A figure as reviewed: the words it was read from, and the numbers that a person read in them."""

    what: str
    read: str
    number: str
    per: Per
    out_of: str | None = None
    at: str | None = None
    low: str | None = None
    high: str | None = None
    #: The number continues an upper limit that is said before it ("at worst ... 2 per 10,000").
    limit: bool = False
    #: A group that was not treated, given by the study beside the treated one.
    comparison: bool = False


class ListedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Words of an estimate that are no risk that can be drawn, and why."""

    read: str
    why: Why
    note: str | None = None


class Reviewed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was read from one estimate."""

    event: str
    study: str
    year: int
    marks: tuple[MarkText, ...] = ()
    listed: tuple[ListedText, ...] = ()

    def __post_init__(self) -> None:
        if not self.marks and not self.listed:
            raise ValueError("an estimate is drawn or listed: give `marks` or `listed`")


class ReviewedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``estimates.yaml``."""

    meta: dict[str, Any]
    estimates: tuple[Reviewed, ...]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A figure to draw: as published, with its own denominator. Fractions of one, exact."""

    what: str
    kind: Kind
    at: Fraction | None
    low: Fraction | None
    high: Fraction | None
    per: Per
    #: The words it was read from, and the part of them that is the figure.
    read: str
    number: str
    comparison: bool


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Words to show beside the drawing, and why they are not in it."""

    text: str
    why: Why
    note: str | None


class EstimateRead(msgspec.Struct, frozen=True, kw_only=True):
    """An estimate with what is drawn of it and what is only listed."""

    estimate: Estimate
    marks: tuple[Mark, ...]
    listed: tuple[Listed, ...]


class EventRisk(msgspec.Struct, frozen=True, kw_only=True):
    """A harm with all its estimates."""

    event: AdverseEvent
    estimates: tuple[EstimateRead, ...]


class Risks(msgspec.Struct, frozen=True, kw_only=True):
    """The published harms of a technique on some regions."""

    technique: str
    regions: tuple[str, ...]
    events: tuple[EventRisk, ...]
    compiled: str
