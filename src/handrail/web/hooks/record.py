"""What the prefetched record says about the client, by the same code as ``handrail screen``."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, NamedTuple

import msgspec

from handrail.decide import Client
from handrail.intake import Document, Screening, read, screen
from handrail.terms import InputError
from handrail.web.hooks.request import Call
from handrail.web.hooks.services import NEEDED, RECORD

_AT = re.compile(r"Bundle\.entry\[(\d+)\]\.resource")
_ABOUT = (
    "Condition",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Procedure",
    "QuestionnaireResponse",
)


class Record(NamedTuple):
    """The record of a call: what was read, and what was not sent.

    Args:
        document: the resources, read; None if there are none.
        paths: where each stood in the request.
        missing: keys that were not sent, or sent in part; without these nothing is called screened.
        passed: further keys that were not sent.
    """

    document: Document | None
    paths: tuple[str, ...]
    missing: tuple[str, ...]
    passed: tuple[str, ...]
    patient: str
    #: Screenings that were made, by day, technique and regions: each is made once in a call.
    made: dict[tuple[date, str, tuple[str, ...]], Screening]


def of(call: Call, reasons: tuple[dict[str, Any], ...] = ()) -> Record:
    """The record of a call; diagnoses that an order gives for itself are read as conditions of the client."""
    entries, paths = [], []
    for key in RECORD:
        for one in call.prefetch.get(key, []):
            entries.append({"resource": one.data} | ({"fullUrl": one.full_url} if one.full_url else {}))
            paths.append(one.path)
    subject = {"reference": f"Patient/{call.patient}"}
    for number, concept in enumerate(reasons):
        entries.append({"resource": {"resourceType": "Condition", "subject": subject, "code": concept}})
        paths.append(f"the order's reason {number + 1}")
    sent = {key for key in RECORD if key in call.prefetch and key not in call.troubled}
    if not any(one.kind == "Patient" for one in call.prefetch.get("patient", [])):
        sent.discard("patient")
    missing = tuple(key for key in NEEDED if key not in sent)
    passed = tuple(key for key in RECORD if key not in sent and key not in NEEDED)
    document = None
    if entries:
        raw = msgspec.json.encode({"resourceType": "Bundle", "type": "collection", "entry": entries})
        try:
            document = read(raw, "record")
        except InputError as error:
            raise _placed(error, paths) from None
    return Record(document, tuple(paths), missing, passed, call.patient, {})


def screened(record: Record, on: date, technique: str, regions: tuple[str, ...]) -> Screening:
    """What the record says on a day about a technique; its steps are not known.

    Raises:
        InputError: if a resource is not as FHIR R4 demands, or the record is about somebody else.
    """
    asked = (on, technique, regions)
    if asked not in record.made:
        record.made[asked] = _screened(record, on, technique, regions)
    return record.made[asked]


def _screened(record: Record, on: date, technique: str, regions: tuple[str, ...]) -> Screening:
    nothing = Screening(Client(steps=None), (), (), (), ())
    if record.document is None:
        return nothing
    kinds = {item.kind for item in record.document.items}
    if "Patient" not in kinds and not kinds & set(_ABOUT):
        return nothing
    try:
        return screen(
            record.document,
            on=on,
            technique=technique,
            regions=regions,
            steps=None,
            where="record",
            patient=record.patient,
        )
    except InputError as error:
        raise _placed(error, list(record.paths)) from None


def _placed(error: InputError, paths: list[str]) -> InputError:
    """The error with the path that the request has, not that of the record put together from it."""

    def there(match: re.Match[str]) -> str:
        number = int(match[1])
        return paths[number] if number < len(paths) else match[0]

    where = _AT.sub(there, error.where).removeprefix("record: ")
    hint = "" if "--patient" in error.hint else error.hint
    return InputError(error.message, where="prefetch" if where == "record" else where, hint=hint)
