"""The structs of FHIR R4 that a screening reads: these fields and no other. The names are those of FHIR."""

from __future__ import annotations

import msgspec
from msgspec import Raw

#: An element that is not there. (msgspec cannot say "raw JSON, or nothing" by a type.)
ABSENT = Raw(b"")


def there(element: Raw) -> bool:
    """Whether an element that is kept as raw JSON is there, and not null."""
    return bytes(element) not in (b"", b"null")


class Coding(msgspec.Struct, frozen=True, gc=False):
    """A code of a code system."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


class Concept(msgspec.Struct, frozen=True, gc=False):
    """A CodeableConcept: codes that say the same, and its text."""

    coding: tuple[Coding, ...] = ()
    text: str | None = None


class Reference(msgspec.Struct, frozen=True, gc=False):
    """A reference to another resource."""

    reference: str | None = None
    display: str | None = None


class Interval(msgspec.Struct, frozen=True, gc=False):
    """A FHIR Period."""

    start: str | None = None
    end: str | None = None


class Patient(msgspec.Struct, frozen=True, gc=False):
    """Who it is about. Names and addresses are not read."""

    id: str | None = None
    birthDate: str | None = None  # noqa: N815  (the names of FHIR)


class Condition(msgspec.Struct, frozen=True, gc=False):
    """A condition. ``participant`` is there in R5 only."""

    subject: Reference
    id: str | None = None
    clinicalStatus: Concept | None = None  # noqa: N815
    verificationStatus: Concept | None = None  # noqa: N815
    code: Concept | None = None
    bodySite: tuple[Concept, ...] = ()  # noqa: N815
    onsetDateTime: str | None = None  # noqa: N815
    onsetPeriod: Interval | None = None  # noqa: N815
    abatementDateTime: str | None = None  # noqa: N815
    abatementPeriod: Interval | None = None  # noqa: N815
    abatementString: str | None = None  # noqa: N815
    abatementAge: Raw = ABSENT  # noqa: N815
    abatementRange: Raw = ABSENT  # noqa: N815
    recordedDate: str | None = None  # noqa: N815
    modifierExtension: Raw = ABSENT  # noqa: N815
    participant: Raw = ABSENT


class MedicationUse(msgspec.Struct, frozen=True, gc=False):
    """A MedicationRequest or MedicationStatement. ``medication`` is there in R5 only."""

    subject: Reference
    id: str | None = None
    status: str | None = None
    intent: str | None = None
    doNotPerform: bool | None = None  # noqa: N815
    medicationCodeableConcept: Concept | None = None  # noqa: N815
    medicationReference: Reference | None = None  # noqa: N815
    medication: Raw = ABSENT
    effectiveDateTime: str | None = None  # noqa: N815
    effectivePeriod: Interval | None = None  # noqa: N815
    authoredOn: str | None = None  # noqa: N815
    dateAsserted: str | None = None  # noqa: N815
    modifierExtension: Raw = ABSENT  # noqa: N815
    contained: tuple[Raw, ...] = ()


class Ingredient(msgspec.Struct, frozen=True, gc=False):
    """What a Medication consists of."""

    itemCodeableConcept: Concept | None = None  # noqa: N815
    itemReference: Reference | None = None  # noqa: N815


class Medication(msgspec.Struct, frozen=True, gc=False):
    """A medicine that others refer to."""

    id: str | None = None
    code: Concept | None = None
    ingredient: tuple[Ingredient, ...] = ()


class Observation(msgspec.Struct, frozen=True, gc=False):
    """An observation with a coded value."""

    id: str | None = None
    status: str | None = None
    code: Concept | None = None
    subject: Reference | None = None
    effectiveDateTime: str | None = None  # noqa: N815
    effectivePeriod: Interval | None = None  # noqa: N815
    valueCodeableConcept: Concept | None = None  # noqa: N815
    modifierExtension: Raw = ABSENT  # noqa: N815


class Procedure(msgspec.Struct, frozen=True, gc=False):
    """A procedure. ``occurrenceDateTime`` is there in R5 only, and ``category`` is a list there."""

    subject: Reference
    id: str | None = None
    status: str | None = None
    category: Concept | None = None
    code: Concept | None = None
    performedDateTime: str | None = None  # noqa: N815
    performedPeriod: Interval | None = None  # noqa: N815
    bodySite: tuple[Concept, ...] = ()  # noqa: N815
    modifierExtension: Raw = ABSENT  # noqa: N815
    occurrenceDateTime: Raw = ABSENT  # noqa: N815
    occurrencePeriod: Raw = ABSENT  # noqa: N815


class Answer(msgspec.Struct, frozen=True, gc=False):
    """An answer: yes or no, or a code."""

    valueBoolean: bool | None = None  # noqa: N815
    valueCoding: Coding | None = None  # noqa: N815
    item: tuple[Question, ...] = ()


class Question(msgspec.Struct, frozen=True, gc=False):
    """An item of a QuestionnaireResponse."""

    linkId: str  # noqa: N815
    answer: tuple[Answer, ...] = ()
    item: tuple[Question, ...] = ()


class QuestionnaireResponse(msgspec.Struct, frozen=True, gc=False):
    """The answers to a questionnaire."""

    id: str | None = None
    status: str | None = None
    subject: Reference | None = None
    authored: str | None = None
    item: tuple[Question, ...] = ()


Resource = (
    Patient | Condition | MedicationUse | Medication | Observation | Procedure | QuestionnaireResponse | None
)
