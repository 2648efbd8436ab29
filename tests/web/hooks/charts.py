"""FHIR R4 resources as an EHR would send them, and calls made of them. All people are made up."""

from __future__ import annotations

import json
import uuid
from copy import deepcopy
from typing import Any

CPT = "http://www.ama-assn.org/go/cpt"
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
NUCC = "http://nucc.org/provider-taxonomy"
PATIENT_ID = "pt-4711"
#: Words that must never appear outside the cards, nor in them.
SECRETS = ("Quillfeather", "Amaryllis", "quill@example.org")

TAXONOMIES = {
    "massage_therapist": ("225700000X", "Massage Therapist"),
    "chiropractor": ("111N00000X", "Chiropractor"),
    "physical_therapist": ("225100000X", "Physical Therapist"),
    "osteopathic_physician": ("204D00000X", "Neuromusculoskeletal Medicine & OMM"),
    "family_doctor": ("207Q00000X", "Family Medicine"),
    "podiatrist": ("213E00000X", "Podiatrist"),
}


def patient(birth: str = "1984-03-09") -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": PATIENT_ID,
        "meta": {"versionId": "3", "lastUpdated": "2026-05-02T10:11:12Z"},
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">A. Quillfeather</div>'},
        "identifier": [{"system": "urn:oid:1.2.36.146.595.217.0.1", "value": "MRN-993"}],
        "active": True,
        "name": [{"use": "official", "family": "Quillfeather", "given": ["Amaryllis"]}],
        "telecom": [{"system": "email", "value": "quill@example.org"}],
        "gender": "female",
        "birthDate": birth,
    }


def condition(system: str, code: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": f"cond-{number}",
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        },
        "verificationStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}
            ]
        },
        "code": {"coding": [{"system": system, "code": code}]},
        "subject": {"reference": f"Patient/{PATIENT_ID}", "display": "Amaryllis Quillfeather"},
        **more,
    }


def medicine(rxnorm: str, number: int = 1) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": f"med-{number}",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": rxnorm}]
        },
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "authoredOn": "2026-04-01",
    }


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(resources),
        "entry": [
            {"fullUrl": f"https://ehr.example.org/fhir/{one['resourceType']}/{one['id']}", "resource": one}
            for one in resources
        ],
    }


def practitioner(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Practitioner",
        "id": "prac-1",
        "active": True,
        "name": [{"family": "Hand", "given": ["Robin"]}],
        **more,
    }


def role(profession: str | None, location: str | None = "loc-1", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "resourceType": "PractitionerRole",
        "id": "role-1",
        "active": True,
        "practitioner": {"reference": "Practitioner/prac-1"},
    }
    if profession:
        code, display = TAXONOMIES[profession]
        made["code"] = [{"coding": [{"system": NUCC, "code": code, "display": display}]}]
    if location:
        made["location"] = [{"reference": f"Location/{location}"}]
    return made | more


def location(state: str, country: str | None = "US", id_: str = "loc-1") -> dict[str, Any]:
    address = {"line": ["1 Main Street"], "state": state} | ({"country": country} if country else {})
    return {"resourceType": "Location", "id": id_, "status": "active", "name": "Clinic", "address": address}


def order(code: str, *, system: str = CPT, id_: str = "order-1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "id": id_,
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": system, "code": code}], "text": "as written by the clinic"},
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "requester": {"reference": "Practitioner/prac-1"},
        "authoredOn": "2026-11-20",
        "occurrenceDateTime": "2026-11-27",
        **more,
    }


def appointment(code: str, start: str = "2026-11-27T09:00:00-05:00", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Appointment",
        "id": "appt-1",
        "status": "proposed",
        "serviceType": [{"coding": [{"system": CPT, "code": code}]}],
        "start": start,
        "end": start.replace("T09", "T10"),
        "participant": [
            {"actor": {"reference": f"Patient/{PATIENT_ID}"}, "status": "needs-action"},
            {"actor": {"reference": "Practitioner/prac-1"}, "status": "needs-action"},
        ],
        **more,
    }


def who(
    profession: str | None, state: str | None = "FL", country: str | None = "US", **prac: Any
) -> dict[str, Any]:
    """The prefetch that says who the user is and where."""
    roles = [role(profession, "loc-1" if state else None)]
    places = [location(state, country)] if state else []
    made = practitioner(**prac)
    return {"user": made, "practitioner": made, "roles": bundle(*roles, *places)}


def chart(*resources: dict[str, Any], birth: str = "1984-03-09") -> dict[str, Any]:
    """The prefetch that is the client's whole record."""
    by = {"Condition": "conditions", "MedicationRequest": "medications", "MedicationStatement": "statements"}
    by |= {"Observation": "pregnancy", "Procedure": "procedures", "QuestionnaireResponse": "answers"}
    found: dict[str, list[dict[str, Any]]] = {key: [] for key in by.values()}
    for one in resources:
        found[by[one["resourceType"]]].append(one)
    return {"patient": patient(birth)} | {key: bundle(*many) if many else None for key, many in found.items()}


def call(hook: str, prefetch: dict[str, Any] | None, *work: dict[str, Any], **context: Any) -> dict[str, Any]:
    """A call of the service of a hook."""
    made: dict[str, Any] = {"userId": "Practitioner/prac-1", "patientId": PATIENT_ID}
    if hook.startswith("order"):
        made["draftOrders"] = bundle(*work)
    if hook == "order-select":
        made["selections"] = [f"{one['resourceType']}/{one['id']}" for one in work]
    if hook == "appointment-book":
        made["appointments"] = bundle(*work)
    if hook == "encounter-start":
        made["encounterId"] = "enc-1"
    body = {
        "hook": hook,
        "hookInstance": str(uuid.uuid4()),
        "context": made | context,
    }
    if prefetch is not None:
        body["prefetch"] = prefetch
    return deepcopy(body)


def as_bytes(body: Any) -> bytes:
    return json.dumps(body).encode()
