"""The services: what they are called, when they are to be called, and what they ask to be sent along."""

from __future__ import annotations

from typing import Any, NamedTuple

PATIENT = "Patient/{{context.patientId}}"
OF_PATIENT = "patient={{context.patientId}}"

#: The record of the client. Without the first three nothing is called screened.
RECORD = {
    "patient": PATIENT,
    "conditions": f"Condition?{OF_PATIENT}",
    "medications": f"MedicationRequest?{OF_PATIENT}",
    "statements": f"MedicationStatement?{OF_PATIENT}",
    "pregnancy": f"Observation?{OF_PATIENT}&code=http://loinc.org|82810-3",
    "procedures": f"Procedure?{OF_PATIENT}",
    "answers": f"QuestionnaireResponse?{OF_PATIENT}",
}
NEEDED = ("patient", "conditions", "medications")
#: Who the user is, and where the user works.
USER = {
    "user": "{{context.userId}}",
    "practitioner": "Practitioner/{{userPractitionerId}}",
    "roles": "PractitionerRole?practitioner={{userPractitionerId}}&_include=PractitionerRole:location",
}
ENCOUNTER = {"encounter": "Encounter/{{context.encounterId}}"}


class Service(NamedTuple):
    """One service of the discovery."""

    id: str
    hook: str
    title: str
    description: str
    prefetch: dict[str, str]
    #: Fields of the context that the hook demands, and types that the user may have.
    context: tuple[str, ...]
    users: tuple[str, ...] = ("Practitioner", "PractitionerRole")


_ANYBODY = ("Practitioner", "PractitionerRole", "Patient", "RelatedPerson")
_USAGE = (
    "Answers from the prefetched data alone and calls no FHIR server. What is not sent is said to be not known. "
    "Not legal or medical advice."
)

SERVICES = {
    service.id: service
    for service in (
        Service(
            "handrail-patient-view",
            "patient-view",
            "What this record says about manual therapy",
            "When a record is opened: findings that forbid or limit what this practitioner may otherwise do by "
            "hand, and those that need medical care first.",
            RECORD | USER,
            ("userId", "patientId"),
            _ANYBODY,
        ),
        Service(
            "handrail-order-select",
            "order-select",
            "May these hands do what is being ordered?",
            "When manual therapy is selected: whether the law here lets this practitioner do it, on what "
            "conditions, and what in the record forbids it.",
            RECORD | USER,
            ("userId", "patientId", "selections", "draftOrders"),
        ),
        Service(
            "handrail-order-sign",
            "order-sign",
            "May these hands do what is being signed?",
            "Before an order for manual therapy is signed: whether the law here lets this practitioner do it, on "
            "what conditions, and what in the record forbids it.",
            RECORD | USER,
            ("userId", "patientId", "draftOrders"),
        ),
        Service(
            "handrail-appointment-book",
            "appointment-book",
            "May these hands do what is being booked?",
            "When a visit for manual therapy is booked: whether the law there lets the practitioner do it on that "
            "day, and what in the record forbids it.",
            RECORD | USER,
            ("userId", "patientId", "appointments"),
            _ANYBODY,
        ),
        Service(
            "handrail-encounter-start",
            "encounter-start",
            "What this visit must not forget",
            "When a visit begins: findings that forbid or limit what this practitioner may otherwise do by hand, "
            "and those that need medical care first; what is planned, if its code says so.",
            RECORD | USER | ENCOUNTER,
            ("userId", "patientId", "encounterId"),
        ),
    )
}


def discovery() -> dict[str, Any]:
    """The answer of ``GET /cds-services``."""
    return {
        "services": [
            {
                "hook": service.hook,
                "title": service.title,
                "description": service.description,
                "id": service.id,
                "prefetch": service.prefetch,
                "usageRequirements": _USAGE,
            }
            for service in SERVICES.values()
        ]
    }
