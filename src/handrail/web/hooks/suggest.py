"""Suggestions: another technique that this practitioner may do, or somebody who may do this one.

Nothing is suggested that was not decided first, for the same client, place and day.
"""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from handrail.decide import Decision
from handrail.terms import PROFESSIONS, TECHNIQUES, Verdict
from handrail.terms.billing import Codes, Procedure
from handrail.web.hooks.reading import CPT, NUCC, SNOMED
from handrail.web.hooks.work import SYSTEMS, Work

#: Whom people turn to, in this order; at most so many are offered.
_USUAL = ("chiropractor", "osteopathic_physician", "physician", "physical_therapist", "massage_therapist")
_OFFERED = 3
#: SNOMED CT: patient referral.
_REFERRAL = {"system": SNOMED, "code": "3457005", "display": "Patient referral"}


def suggestions(work: Work, decisions: list[Decision], codes: Codes) -> list[dict[str, Any]]:
    """What else could be done, for an order, appointment or encounter that is not simply allowed."""
    worst = decisions[0]
    if worst.verdict is Verdict.URGENT:
        return [_suggestion("Remove it: medical care comes first", [_delete(work)])] if _can_change(work) else []
    if not _is_sound(work):
        return []
    found = []
    if _can_change(work):
        for other in worst.instead:
            row = certain(other.technique, codes)
            if row is not None and row.code != work.procedure.code:
                name = TECHNIQUES[other.technique].name
                note = "" if other.verdict is Verdict.PERMITTED else ", on conditions"
                found.append(_suggestion(f"Replace it with {name} ({row.code}){note}", [_update(work, row)]))
    found += [_refer(work, who.profession, who.verdict) for who in _who(worst)]
    return found


def _who(decision: Decision) -> list[Any]:
    """Those who may, permitted ones first, usual professions before others."""
    able = [who for who in decision.who_may if who.profession != decision.profession]
    able = [who for who in able if who.profession != "unlicensed_person"]

    def rank(who: Any) -> tuple[bool, int]:
        place = _USUAL.index(who.profession) if who.profession in _USUAL else len(_USUAL)
        return who.verdict is not Verdict.PERMITTED, place

    return sorted(able, key=rank)[:_OFFERED]


def certain(technique: str, codes: Codes) -> Procedure | None:
    """A code that means this technique and no other, if the maps have one."""
    rows = (row for row in codes.procedures.values() if row.technique_certainty == "certain")
    return next((row for row in rows if row.techniques == (technique,)), None)


def _is_sound(work: Work) -> bool:
    """Whether what was sent has what FHIR demands of it: else what is made of it would lack it too."""
    data = work.resource.data
    if work.resource.kind == "ServiceRequest":
        subject = data.get("subject")
        return all(isinstance(data.get(name), str) and data[name] for name in ("status", "intent")) and (
            isinstance(subject, dict) and isinstance(subject.get("reference"), str)
        )
    return bool(_patient_of(data))


def _can_change(work: Work) -> bool:
    return bool(work.resource.name) and work.resource.kind in ("ServiceRequest", "Appointment")


def _suggestion(label: str, actions: list[dict[str, Any]]) -> dict[str, Any]:
    return {"label": label[:1].upper() + label[1:], "uuid": str(uuid.uuid4()), "actions": actions}


def _delete(work: Work) -> dict[str, Any]:
    what = "order" if work.resource.kind == "ServiceRequest" else "appointment"
    return {"type": "delete", "description": f"Remove the {what}", "resourceId": work.resource.name}


def _update(work: Work, row: Procedure) -> dict[str, Any]:
    """The whole resource with the code of another technique. Its own words about the first one go."""
    system = SYSTEMS.get(row.system, (CPT,))[0]
    concept = {"coding": [{"system": system, "code": row.code}], "text": row.description}
    resource = {key: value for key, value in work.resource.data.items() if key != "text"}
    if work.resource.kind == "ServiceRequest":
        resource["code"] = concept
        resource.pop("orderDetail", None)
    else:
        resource["serviceType"] = [concept]
        resource.pop("description", None)
    return {"type": "update", "description": f"Order {row.description} instead", "resource": _filled(resource)}


def _filled(value: Any) -> Any:
    """Without nulls and what is empty: the specification allows neither, whatever was sent."""
    if isinstance(value, dict):
        # A list of texts beside which extensions stand (``_given``) keeps its nulls: they are places in it.
        kept = {key: inner if f"_{key}" in value else _filled(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in (None, "", [], {})}
    if isinstance(value, list):
        return [inner for one in value if (inner := _filled(one)) not in (None, "", [], {})]
    return value


def _refer(work: Work, profession: str, verdict: Verdict) -> dict[str, Any]:
    name = PROFESSIONS[profession].name
    note = "" if verdict is Verdict.PERMITTED else " (on conditions)"
    create = {
        "type": "create",
        "description": f"Refer the client to a {name}"
        if name[0] not in "aeiou"
        else f"Refer the client to an {name}",
        "resource": _referral(work, profession),
    }
    actions = [_delete(work), create] if _can_change(work) else [create]
    return _suggestion(
        f"refer to a {name}{note}" if name[0] not in "aeiou" else f"refer to an {name}{note}", actions
    )


def _referral(work: Work, profession: str) -> dict[str, Any]:
    data = work.resource.data
    asked: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "category": [{"coding": [_REFERRAL]}],
        "code": _concept_of(work),
        "performerType": _performer_type(profession),
    }
    asked["subject"] = data["subject"] if work.resource.kind == "ServiceRequest" else _patient_of(data)
    for field in ("encounter", "requester", "reasonCode", "reasonReference", "bodySite", "occurrenceDateTime"):
        if data.get(field) and work.resource.kind in ("ServiceRequest", "Appointment"):
            asked[field] = data[field]
    filled: dict[str, Any] = _filled(asked)
    return filled


def _concept_of(work: Work) -> dict[str, Any]:
    system = work.coding.system or SYSTEMS.get(work.procedure.system, (CPT,))[0]
    return {"coding": [{"system": system, "code": work.coding.code}], "text": work.procedure.description}


def _patient_of(data: dict[str, Any]) -> dict[str, Any]:
    """Who an appointment or encounter is for; nothing if it does not say."""
    if data.get("resourceType") == "Encounter":
        named = [data.get("subject")]
    else:
        listed = data.get("participant")
        named = [one.get("actor") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    for actor in named:
        reference = actor.get("reference") if isinstance(actor, dict) else None
        if isinstance(reference, str) and reference.startswith("Patient/"):
            return {"reference": reference}
    return {}


@cache
def _taxonomy_of(profession: str) -> tuple[str, str] | None:
    """A taxonomy code that means this profession and no other."""
    from handrail.terms.billing import shipped

    rows = (row for row in shipped().taxonomies.values() if row.profession == profession and not row.may_be)
    return next(((row.code, row.display) for row in rows), None)


def _performer_type(profession: str) -> dict[str, Any]:
    name, known = PROFESSIONS[profession].name, _taxonomy_of(profession)
    if known is None:
        return {"text": name}
    return {"coding": [{"system": NUCC, "code": known[0], "display": known[1]}], "text": name}
