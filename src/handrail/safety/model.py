"""The types of the clinical knowledge: contraindications, red flags and what must come first.

The files are in ``knowledge/``. Levels keep their basis: one that was inferred or recalled is never presented as
a published one.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

TechniqueId = Literal["soft_tissue", "mobilization", "thrust_spine", "thrust_extremity"]
RegionId = Literal["cervical", "thoracic", "lumbar", "sacral", "extremity"]
Regions = Literal["all"] | Annotated[tuple[RegionId, ...], Meta(min_length=1)]
Level = Literal["absolute", "relative", "precaution"]
LevelBasis = Literal["source", "inferred", "recalled"]
Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a fact was found. A source without an address was not read."""

    title: str
    url: str | None = None


class PrimarySource(Source, frozen=True, forbid_unknown_fields=True):
    """The original document behind a source; it was not seen itself."""

    text_seen: bool = False


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    source: Source
    text_seen: bool
    also: tuple[Source, ...] = ()
    note: str | None = None


class Contraindication(_Item, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A condition of the client that speaks against a technique, with its level per technique."""

    id: Id
    name: str
    applies_to: tuple[TechniqueId, ...]
    regions: Regions
    scope: Literal["general", "at_site"]
    level: dict[str, Level]
    level_basis: dict[str, LevelBasis]
    reason: str
    icd10cm: tuple[str, ...]
    icd10cm_match: Literal["exact", "broad", "conditional"] | None = None
    icd10cm_note: str | None = None
    snomed: tuple[str, ...]
    lists: tuple[str, ...] = ()
    authority: str
    primary: PrimarySource | None = None

    def __post_init__(self) -> None:
        if not set(self.applies_to) == set(self.level) == set(self.level_basis):
            raise ValueError("`applies_to`, `level` and `level_basis` must name the same techniques")

    def covers(self, region: str) -> bool:
        """Whether the row lists a region."""
        return self.regions == "all" or region in self.regions

    def basis(self, technique: str) -> str:
        """In words, what a level rests on: an inferred or recalled one never sounds published."""
        return {
            "source": "the source cited grades or names it so"
            if self.text_seen
            else "a source not read grades it so",
            "inferred": "our cautious inference, no published grade",
            "recalled": "recalled from a text that was not seen",
        }[self.level_basis[technique]]

    def is_published(self, technique: str) -> bool:
        """Whether a text that was read grades or names it for a technique."""
        return self.level_basis[technique] == "source" and self.text_seen


class ProcessCondition(Contraindication, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something about consent, examination or training, kept apart: it is no finding about the client."""

    gate: Literal["process", "licence"]
    evaluates: str


class NotContraindication(_Item, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A condition that a source names as no contraindication."""

    name: str
    technique: str


class EndangermentSite(_Item, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place on the body where pressure needs care."""

    site: str
    technique: TechniqueId
    level: Level


class SeenCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A SNOMED CT code and where it was seen."""

    display: str
    seen_in: str


class Contraindications(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``contraindications.yaml``."""

    meta: dict[str, Any]
    contraindications: tuple[Contraindication, ...]
    process_conditions: tuple[ProcessCondition, ...]
    not_contraindications: tuple[NotContraindication, ...]
    endangerment_sites: tuple[EndangermentSite, ...]
    snomed_seen: dict[str, SeenCode]


class RedFlag(_Item, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A symptom or sign that needs medical care before manual treatment."""

    id: Id
    name: str
    group: str
    kind: Literal["symptom", "sign"]
    question: str
    action: Literal["emergency", "urgent_referral", "refer"]
    applies: tuple[Literal["before", "after"], ...]
    regions: Regions
    authority: str

    def covers(self, region: str) -> bool:
        """Whether the question is asked for a region."""
        return self.regions == "all" or region in self.regions


class RedFlags(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``red_flags.yaml``."""

    meta: dict[str, Any]
    red_flags: tuple[RedFlag, ...]


class StepItem(_Item, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that a step contains. A test with ``known_limits`` can raise an alarm, never clear anybody."""

    id: Id
    category: str
    item: str
    purpose: str
    techniques: tuple[TechniqueId, ...]
    regions: Regions
    evidence: str | None = None
    known_limits: str | None = None


class Standard(_Item, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A published standard of evaluation and what it covers."""

    name: str
    covers: str


class Prerequisites(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``prerequisites.yaml``."""

    meta: dict[str, Any]
    prerequisites: tuple[StepItem, ...]
    standards: tuple[Standard, ...]
