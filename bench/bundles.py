"""Made-up FHIR R4 records, shaped like those of a generator of synthetic patients; the same seed, the same bytes.

Nobody is behind them. Their proportions are those of a usual record: mostly observations, then claims and
explanations of benefit, encounters and procedures, and a few conditions and medicines.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from random import Random
from typing import Any

SEED = 20261124
LAST = date(2026, 11, 1)
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
HL7 = "http://terminology.hl7.org/CodeSystem/"
#: Problems: some that a row lists, most that none does.
CONDITIONS = [
    (SNOMED, "64859006", "Osteoporosis (disorder)", 1),
    (ICD, "M81.0", "Age-related osteoporosis without current pathological fracture", 1),
    (ICD, "I48.91", "Unspecified atrial fibrillation", 1),
    (ICD, "S12.000D", "Unspecified displaced fracture of first cervical vertebra", 1),
    (SNOMED, "195662009", "Acute viral pharyngitis (disorder)", 8),
    (SNOMED, "444814009", "Viral sinusitis (disorder)", 8),
    (SNOMED, "59621000", "Essential hypertension (disorder)", 4),
    (SNOMED, "314529007", "Medication review due (situation)", 10),
    (SNOMED, "160903007", "Full-time employment (finding)", 8),
    (SNOMED, "73595000", "Stress (finding)", 5),
    (ICD, "E11.9", "Type 2 diabetes mellitus without complications", 3),
]
MEDICINES = [
    ("11289", "warfarin", 1),
    ("8640", "prednisone", 1),
    ("314076", "lisinopril 10 MG Oral Tablet", 6),
    ("860975", "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet", 5),
    ("313782", "Acetaminophen 325 MG Oral Tablet", 6),
    ("106892", "insulin isophane, human 70 UNT/ML", 3),
]
MEASURES = [
    ("8302-2", "Body Height", "cm", 150, 190),
    ("29463-7", "Body Weight", "kg", 50, 110),
    ("8867-4", "Heart rate", "/min", 55, 100),
    ("2339-0", "Glucose", "mg/dL", 70, 130),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 11, 17),
]


def bundle(number: int, size: float = 1.0) -> dict[str, Any]:
    """A record of some 1.5 MB, times ``size``."""
    random = Random(SEED + number)  # noqa: S311  (a sample, no secret)
    me = _uuid(random)
    entries = [_patient(random, me)]
    for _encounter in range(max(1, int(50 * size))):
        day = LAST - timedelta(days=random.randrange(30 * 365))
        entries += _visit(random, me, day)
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def as_bytes(number: int, size: float = 1.0, indent: int | None = None) -> bytes:
    """The record as JSON, as a server sends it, or indented as a generator writes it."""
    separators = (",", ":") if indent is None else None
    return json.dumps(bundle(number, size), indent=indent, separators=separators, ensure_ascii=False).encode()


def _uuid(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _entry(random: Random, kind: str, fields: dict[str, Any], id_: str | None = None) -> dict[str, Any]:
    id_ = id_ or _uuid(random)
    resource = {"resourceType": kind, "id": id_, "meta": _profile(kind), **fields}
    return {"fullUrl": f"urn:uuid:{id_}", "resource": resource, "request": {"method": "POST", "url": kind}}


def _profile(kind: str) -> dict[str, Any]:
    return {"profile": [f"http://hl7.org/fhir/us/core/StructureDefinition/us-core-{kind.lower()}"]}


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _status(name: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"{HL7}{name}", "code": code}]}


def _patient(random: Random, me: str) -> dict[str, Any]:
    born = date(1940, 1, 1) + timedelta(days=random.randrange(60 * 365))
    return _entry(
        random,
        "Patient",
        {
            "text": {
                "status": "generated",
                "div": "<div xmlns='http://www.w3.org/1999/xhtml'>A made-up person</div>",
            },
            "name": [{"use": "official", "family": f"Müller{random.randrange(1000)}", "given": ["Zoë"]}],
            "gender": "female",
            "birthDate": born.isoformat(),
            "address": [{"line": ["1 Made-up Road"], "city": "Nowhere", "country": "US"}],
        },
        me,
    )


def _pick(random: Random, rows: list[Any]) -> Any:
    return random.choices(rows, [row[-1] for row in rows])[0]


def _visit(random: Random, me: str, day: date) -> list[dict[str, Any]]:
    subject = {"reference": f"urn:uuid:{me}"}
    time = f"{day}T{random.randrange(8, 18):02d}:15:00-05:00"
    end = f"{day + timedelta(days=14)}T09:00:00-05:00"
    encounter = _entry(
        random,
        "Encounter",
        {
            "status": "finished",
            "class": {"system": f"{HL7}v3-ActCode", "code": "AMB"},
            "type": [_concept(SNOMED, "162673000", "General examination of patient (procedure)")],
            "subject": subject,
            "participant": [{"individual": {"reference": f"Practitioner?identifier={random.randrange(10**9)}"}}],
            "period": {"start": time, "end": time},
            "serviceProvider": {"display": "A made-up clinic"},
        },
    )
    context = {"subject": subject, "encounter": {"reference": encounter["fullUrl"]}}
    made = [encounter]
    for code, name, unit, low, high in random.choices(MEASURES, k=14):
        value = {
            "valueQuantity": {
                "value": round(random.uniform(low, high), 2),
                "unit": unit,
                "system": "http://unitsofmeasure.org",
                "code": unit,
            }
        }
        category = [{"coding": [{"system": f"{HL7}observation-category", "code": "vital-signs"}]}]
        fields = {"status": "final", "category": category, "code": _concept(LOINC, code, name), **context}
        made.append(_entry(random, "Observation", {**fields, "effectiveDateTime": time, "issued": time, **value}))
    system, code, display, _ = _pick(random, CONDITIONS)
    over = random.random() < 0.6
    fields = {
        "clinicalStatus": _status("condition-clinical", "resolved" if over else "active"),
        "verificationStatus": _status("condition-ver-status", "confirmed"),
        "category": [_status("condition-category", "encounter-diagnosis")],
        "code": _concept(system, code, display),
        **context,
        "onsetDateTime": time,
        **({"abatementDateTime": end} if over else {}),
        "recordedDate": time,
    }
    made.append(_entry(random, "Condition", fields))
    rxnorm, name, _ = _pick(random, MEDICINES)
    fields = {
        "status": random.choice(["active", "stopped", "stopped", "completed"]),
        "intent": "order",
        "medicationCodeableConcept": _concept(RXNORM, rxnorm, name),
        **context,
        "authoredOn": time,
        "dosageInstruction": [{"sequence": 1, "text": "Take at regular intervals.", "asNeededBoolean": False}],
    }
    made.append(_entry(random, "MedicationRequest", fields))
    fields = {
        "status": "completed",
        "code": _concept(SNOMED, "430193006", "Medication Reconciliation (procedure)"),
        **context,
        "performedPeriod": {"start": time, "end": time},
    }
    made.append(_entry(random, "Procedure", fields))
    made += [_claim(random, me, time, kind) for kind in ("Claim", "ExplanationOfBenefit")]
    note = {"contentType": "text/plain", "data": random.randbytes(900).hex()}
    made.append(
        _entry(random, "DocumentReference", {"status": "current", **context, "content": [{"attachment": note}]})
    )
    return made


def _claim(random: Random, me: str, time: str, kind: str) -> dict[str, Any]:
    items = [
        {
            "sequence": number + 1,
            "productOrService": _concept(SNOMED, "162673000", "General examination of patient (procedure)"),
            "servicedPeriod": {"start": time, "end": time},
            "net": {"value": round(random.uniform(20, 900), 2), "currency": "USD"},
            **({"adjudication": _adjudication(random)} if kind == "ExplanationOfBenefit" else {}),
        }
        for number in range(6)
    ]
    fields = {
        "status": "active",
        "type": _status("claim-type", "professional"),
        "use": "claim",
        "patient": {"reference": f"urn:uuid:{me}"},
        "billablePeriod": {"start": time, "end": time},
        "created": time,
        "item": items,
        "total": {"value": round(random.uniform(20, 900), 2), "currency": "USD"},
    }
    return _entry(random, kind, fields)


def _adjudication(random: Random) -> list[dict[str, Any]]:
    parts = ("submitted", "benefit", "deductible", "copay", "eligible")
    return [
        {
            "category": _status("adjudication", part),
            "amount": {"value": round(random.uniform(0, 900), 2), "currency": "USD"},
        }
        for part in parts
    ]
