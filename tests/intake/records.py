"""Small FHIR R4 records for the tests. Nobody is behind them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from handrail.intake import Screening, read, screen

DAY = date(2026, 11, 24)
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOINC = "http://loinc.org"
TERMS = "http://terminology.hl7.org/CodeSystem/"
SYSTEMS = {"icd": ICD, "snomed": SNOMED, "rxnorm": RXNORM, "loinc": LOINC}
ME = {"reference": "Patient/me"}


def concept(*codes: str) -> dict[str, Any]:
    """A CodeableConcept of ``icd M81.0``; a system that is not in SYSTEMS stands as it is."""
    pairs = [code.split(" ", 1) for code in codes]
    return {"coding": [{"system": SYSTEMS.get(system, system), "code": code} for system, code in pairs]}


def patient(**fields: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "me", "birthDate": "1980-06-15", **fields}


def condition(
    *codes: str, clinical: str | None = "active", verified: str | None = "confirmed", **fields: Any
) -> Any:
    made = {"resourceType": "Condition", "subject": ME, "code": concept(*codes)}
    if clinical:
        made["clinicalStatus"] = concept(f"{TERMS}condition-clinical {clinical}")
    if verified:
        made["verificationStatus"] = concept(f"{TERMS}condition-ver-status {verified}")
    return {**made, **fields}


def bundle(*resources: dict[str, Any], **fields: Any) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries, **fields}


def raw(*resources: dict[str, Any], **fields: Any) -> bytes:
    return json.dumps(bundle(*resources, **fields)).encode()


def screened(*resources: dict[str, Any], on: date = DAY, **asked: Any) -> Screening:
    """The screening of a Bundle of a patient and these resources."""
    whole = resources if any(r["resourceType"] == "Patient" for r in resources) else (patient(), *resources)
    return screen(read(raw(*whole), "record"), on=on, technique="thrust_spine", regions=("cervical",), **asked)


def found(screening: Screening) -> dict[str, str]:
    """Findings as ``id@site`` with ``exact`` or ``broad``, the stronger where both are there."""
    made: dict[str, str] = {}
    for finding in screening.client.findings:
        if made.get(str(finding)) != "exact":
            made[str(finding)] = finding.match
    return made
