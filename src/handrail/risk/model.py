"""The types of the published harms and of what was read from them.

``safety/knowledge/adverse_events.yaml`` holds what was published, in words; ``estimates.yaml`` beside this module
holds, phrase by phrase, which of these words are a number that can be drawn, and why the others are not.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import msgspec

from handrail.risk.numbers import Kind

TechniqueId = Literal["soft_tissue", "mobilization", "thrust_spine", "thrust_extremity"]
RegionId = Literal["cervical", "thoracic", "lumbar", "sacral", "extremity"]
Severity = Literal["minor", "moderate", "serious", "catastrophic"]
#: What a figure is counted in. They are different things and are never turned into one another.
Per = Literal["patient", "visit", "session", "consultation", "treatment", "manipulation", "day"]
Why = Literal["share_of_events", "ratio", "cases", "zero", "no_denominator", "not_reviewed"]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a fact was found. ``url`` is None where no page was read."""

    title: str
    url: str | None = None


class Estimate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One study's figure, in words, with its own denominator."""

    study: str
    year: int
    value: str
    denominator: str
    source: Source
    text_seen: bool
    design: str | None = None
    note: str | None = None


class AdverseEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A harm of manual therapy and what was published on how often it happens."""

    id: str
    name: str
    severity: Severity
    techniques: tuple[TechniqueId, ...]
    regions: Literal["all"] | tuple[RegionId, ...]
    typical_onset: str | None
    onset_source: Source | None
    estimates: tuple[Estimate, ...]
    what_to_do: str
    text_seen: bool
    source: Source | None = None
    note: str | None = None

    def concerns(self, technique: str, regions: tuple[str, ...]) -> bool:
        """Whether the harm is one of a technique on any of some regions."""
        return technique in self.techniques and (
            self.regions == "all" or any(region in self.regions for region in regions)
        )


class AdverseEvents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``adverse_events.yaml``."""

    meta: dict[str, Any]
    adverse_events: tuple[AdverseEvent, ...]


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
