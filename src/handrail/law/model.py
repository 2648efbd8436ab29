"""The types of a jurisdiction's law file.

They are the format: the loader, the linter and the published JSON Schema (``docs/law.schema.json``) all come
from these classes. ``docs/law-format.md`` explains each field with an example.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

FORMAT = 1

TechniqueId = Literal["soft_tissue", "mobilization", "thrust_spine", "thrust_extremity"]
RegionId = Literal["cervical", "thoracic", "lumbar", "sacral", "extremity"]
Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$(?!\n)", max_length=60)]
Text = Annotated[str, Meta(min_length=1)]


class Effect(StrEnum):
    """What a rule does. ``silent``: the text was read and does not say; ``unknown``: not found or not settled."""

    PERMITTED = "permitted"
    CONDITIONAL = "conditional"
    PROHIBITED = "prohibited"
    SILENT = "silent"
    UNKNOWN = "unknown"

    @property
    def speaks(self) -> bool:
        """Whether a rule of this effect says yes or no at all."""
        return self in (Effect.PERMITTED, Effect.CONDITIONAL, Effect.PROHIBITED)


class Basis(StrEnum):
    """What kind of text a rule rests on."""

    STATUTE = "statute"
    REGULATION = "regulation"
    REGULATOR_GUIDANCE = "regulator_guidance"
    ATTORNEY_GENERAL = "attorney_general"
    COURT = "court"
    SECONDARY = "secondary"


class Regulated(StrEnum):
    """How a profession is regulated in a place."""

    LICENSED = "licensed"
    REGISTERED = "registered"
    CERTIFIED = "certified"
    VOLUNTARY = "voluntary"
    NONE = "none"
    UNKNOWN = "unknown"


class ConditionClass(StrEnum):
    """What a condition asks of whom.

    A ``qualification`` is a need until it is met, a ``narrowing`` a need until somebody confirms that the case
    stays inside it, a ``duty`` is listed under limits and never a need.
    """

    QUALIFICATION = "qualification"
    NARROWING = "narrowing"
    DUTY = "duty"


class ConditionType(StrEnum):
    """What a condition is about. ``text`` is one that could not be typed: a person must confirm it."""

    ENDORSEMENT = "endorsement"
    ROSTER = "roster"
    ATTESTATION = "attestation"
    AUTHORIZATION = "authorization"
    CERTIFICATION = "certification"
    EXEMPTION = "exemption"
    LICENCE = "licence"
    REGISTER_CLASS = "register_class"
    TRAINING = "training"
    EDUCATION = "education"
    EXPERIENCE = "experience"
    COMPETENCE = "competence"
    CONTINUING_EDUCATION = "continuing_education"
    REFERRAL = "referral"
    CONSULTATION = "consultation"
    EXAMINATION = "examination"
    SUPERVISION = "supervision"
    PROCEDURE = "procedure"
    PURPOSE = "purpose"
    CONTRAINDICATIONS = "contraindications"
    DELEGATION = "delegation"
    BILLING = "billing"
    ADVERTISING = "advertising"
    PRACTICE_SHARE = "practice_share"
    COORDINATION = "coordination"
    NOTICE = "notice"
    TEXT = "text"
    REFERENCE = "reference"
    ANY_OF = "any_of"
    ALL_OF = "all_of"


#: What is shown on a register or a certificate, and named by the act that it opens.
HELD = frozenset(
    {
        ConditionType.ENDORSEMENT,
        ConditionType.ROSTER,
        ConditionType.ATTESTATION,
        ConditionType.AUTHORIZATION,
        ConditionType.CERTIFICATION,
        ConditionType.EXEMPTION,
    }
)


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One condition of a rule, or a group of alternatives (``any_of``) or parts (``all_of``)."""

    id: Id
    type: ConditionType
    cls: ConditionClass = msgspec.field(name="class")
    text: Text
    hours: Annotated[int, Meta(gt=0)] | None = None
    #: Ids of other conditions that include this one: whoever holds one of them has met it.
    met_by: tuple[Id, ...] = ()
    #: Register classes to which the technique is closed (type ``register_class``).
    closed_to: tuple[str, ...] = ()
    #: The rule whose other conditions apply here too (type ``reference``).
    refers_to: str | None = None
    #: The members of a group (types ``any_of`` and ``all_of``).
    of: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        group = self.type in (ConditionType.ANY_OF, ConditionType.ALL_OF)
        if group != bool(self.of):
            raise ValueError(
                "a group (any_of, all_of) has members under `of`, and nothing else has them"
                if not group
                else f"`{self.type}` needs at least one member under `of`"
            )
        if (self.type is ConditionType.REFERENCE) != (self.refers_to is not None):
            raise ValueError("`refers_to` belongs to type `reference`, and that type needs it")
        if bool(self.closed_to) != (self.type is ConditionType.REGISTER_CLASS):
            raise ValueError("`closed_to` belongs to type `register_class`, and that type needs it")

    def walk(self) -> Iterator[Condition]:
        """This condition and every one inside it."""
        yield self
        for member in self.of:
            yield from member.walk()


def day_after(day: date) -> date:
    """The next day; the last day there is stays itself."""
    return day if day == date.max else date.fromordinal(day.toordinal() + 1)


class Dated(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something with a first and a last day in force, both included; null is open."""

    effective_from: date | None = None
    effective_to: date | None = None

    def __post_init__(self) -> None:
        if self.effective_from and self.effective_to and self.effective_from > self.effective_to:
            raise ValueError(f"ends ({self.effective_to}) before it begins ({self.effective_from})")

    def in_force(self, day: date) -> bool:
        """Whether ``day`` is one of its days."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day <= self.effective_to
        )

    def ended(self, day: date) -> bool:
        """Whether its last day lies before ``day``."""
        return self.effective_to is not None and self.effective_to < day

    def status(self, day: date) -> str:
        """``in force``, ``not yet`` or ``ended`` on a day."""
        if self.in_force(day):
            return "in force"
        return "ended" if self.ended(day) else "not yet"


class Rule(Dated, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One dated, cited statement of law about a profession, a technique and regions."""

    id: str
    technique: TechniqueId
    effect: Effect
    conditions: tuple[Condition, ...]
    regions: Literal["all"] | Annotated[tuple[RegionId, ...], Meta(min_length=1)]
    citation: Text | None
    basis: Basis | None
    explicit: bool
    summary: Text | None
    source: Text | None
    text_seen: bool
    note: Text | None

    @property
    def read(self) -> bool:
        """Whether the text itself was read, and is more than a second-hand report."""
        return self.text_seen and self.basis is not Basis.SECONDARY

    def covers(self, region: str) -> bool:
        """Whether the rule reaches a region (``all``: every region that its technique has)."""
        return self.regions == "all" or region in self.regions


class Profession(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A profession as a jurisdiction regulates it."""

    regulated: Regulated
    title: Text | None
    regulator: Text | None
    regulator_url: Text | None
    practice_act: Text | None
    rules: tuple[Rule, ...]


class RequirementKind(StrEnum):
    """A ``step`` is done at the visit; ``person`` is about who does it (training, authority)."""

    STEP = "step"
    PERSON = "person"


class Requirement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One thing that a law wants before a technique. An ``optional`` one is never a need."""

    id: Id
    kind: RequirementKind
    text: Text
    hours: Annotated[int, Meta(gt=0)] | None = None
    optional: bool = False


class Prerequisite(Dated, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a law itself demands before a technique."""

    id: str
    #: Professions by id, ``any`` (everybody), or ``licensees`` (everybody licensed under ``chapter``).
    binds: Literal["any", "licensees"] | Annotated[tuple[str, ...], Meta(min_length=1)]
    chapter: Text | None = None
    exempt: tuple[str, ...] = ()
    technique: TechniqueId
    requires: Annotated[tuple[Requirement, ...], Meta(min_length=1)]
    citation: Text
    summary: Text | None = None
    source: Text
    text_seen: bool
    note: Text | None = None


class ReservedAct(Dated, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An act that the law keeps for some professions."""

    citation: Text
    summary: Text
    techniques: Annotated[tuple[TechniqueId, ...], Meta(min_length=1)]
    regions: Literal["all"] | Annotated[tuple[RegionId, ...], Meta(min_length=1)] = "all"
    granted_to: tuple[str, ...]
    #: Grantees that are no profession of the vocabulary, in words.
    granted_to_others: tuple[Text, ...] = ()
    #: True only where the text says that nobody else may.
    granted_to_complete: bool = False
    does_not_affect: tuple[str, ...] = ()
    source: Text
    text_seen: bool
    note: Text | None = None

    def reaches(self, technique: str, region: str) -> bool:
        """Whether the act covers a technique on a region."""
        return technique in self.techniques and (self.regions == "all" or region in self.regions)


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of the jurisdiction's own words, and which of our techniques it means there."""

    technique: tuple[TechniqueId, ...]
    regions: tuple[RegionId, ...] | None = None
    sense: Text | None = None
    citation: Text
    source: Text | None = None
    text_seen: bool | None = None
    note: Text | None = None


class LawFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A jurisdiction's file, whole."""

    format: Literal[1]
    jurisdiction: Annotated[str, Meta(pattern=r"^[A-Z]{2}-[A-Z]{2}$(?!\n)")]
    name: Text
    researched: date
    professions: Annotated[dict[str, Profession], Meta(min_length=1)]
    prerequisites: tuple[Prerequisite, ...]
    reserved_act: ReservedAct | None
    terms: dict[str, Term] = {}

    def rules(self) -> Iterator[tuple[str, Rule]]:
        """Every rule with the profession that it is about."""
        for profession, entry in self.professions.items():
            for rule in entry.rules:
                yield profession, rule
