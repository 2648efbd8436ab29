"""What would be done: the technique, the region and the day of an order, an appointment or a visit.

A technique comes from a procedure code alone (the maps of ``handrail.terms.billing``, and the user's own). Words
are never read for one.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from handrail.compiled.lines import regions_for
from handrail.decide import Period
from handrail.safety import body_site
from handrail.terms import REGIONS, InputError
from handrail.terms.billing import FROM_DIAGNOSES, Codes, Procedure
from handrail.web.hooks.reading import CPT, ICD10CM, SNOMED, Coding, codings, items, mapping, reference, text
from handrail.web.hooks.request import Call, Resource

#: The systems that a code's own name of its system stands for. ``other``: any system.
SYSTEMS = {
    "CPT": (CPT, "urn:oid:2.16.840.1.113883.6.12"),
    "HCPCS": (
        "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "https://bluebutton.cms.gov/resources/codesystem/hcpcs",
        "urn:oid:2.16.840.1.113883.6.285",
        CPT,
    ),
    "SNOMED": (SNOMED, "urn:oid:2.16.840.1.113883.6.96"),
    "SNOMED CT": (SNOMED, "urn:oid:2.16.840.1.113883.6.96"),
}
#: What was called off, or is over.
_OVER = ("revoked", "completed", "entered-in-error", "cancelled", "noshow", "finished", "fulfilled")


class Work(NamedTuple):
    """One thing that would be done.

    Args:
        resource: the order, appointment or encounter.
        procedure: what its code means.
        coding: the code, as it stands there.
        asked: each technique it can be with its regions; an empty tuple: no region named.
        period: the day or days.
        reasons: concepts of diagnoses that it gives itself.
    """

    resource: Resource
    procedure: Procedure
    coding: Coding
    asked: tuple[tuple[str, tuple[str, ...]], ...]
    period: Period
    reasons: tuple[dict[str, Any], ...]

    @property
    def is_likely(self) -> bool:
        """Whether the code covers other techniques too and is judged as the likely one."""
        return self.procedure.likely is not None


def found(call: Call, codes: Codes) -> list[Work]:
    """What is asked for that is one of our techniques, in order."""
    resources = (*call.work, *(one for one in call.prefetch.get("encounter", []) if one.kind == "Encounter"))
    made = []
    for resource in resources:
        data = resource.data
        if text(data.get("status"), f"{resource.path}.status") in _OVER or data.get("doNotPerform") is True:
            continue
        match = _code(resource, codes)
        if match is not None:
            made.append(_work(resource, *match, call, codes))
    return made


def _concepts(resource: Resource) -> list[tuple[Any, str]]:
    data, path = resource.data, resource.path
    if resource.kind == "ServiceRequest":
        return [(data.get("code"), f"{path}.code")]
    if resource.kind == "Appointment":
        given = items(data.get("serviceType"), f"{path}.serviceType")
        return [(one, f"{path}.serviceType[{n}]") for n, one in enumerate(given)]
    if resource.kind == "Encounter":
        given = items(data.get("type"), f"{path}.type")
        listed = [(one, f"{path}.type[{n}]") for n, one in enumerate(given)]
        return [*listed, (data.get("serviceType"), f"{path}.serviceType")]
    return []


def _code(resource: Resource, codes: Codes) -> tuple[Procedure, Coding] | None:
    """The first code that stands for a technique; one of another system than its own is another code."""
    for concept, path in _concepts(resource):
        for coding in codings(concept, path):
            row = codes.procedure(coding.code)
            if row is None or not row.techniques:
                continue
            systems = SYSTEMS.get(row.system)
            if systems is None or not coding.system or coding.system in systems:
                return row, coding
    return None


def _work(resource: Resource, row: Procedure, coding: Coding, call: Call, codes: Codes) -> Work:
    reasons = _reasons(resource, call)
    techniques = tuple((row.technique or "").split("|"))
    regions = _sites(resource)
    if not regions and row.region == FROM_DIAGNOSES:
        named = {
            codes.region_of_diagnosis(one.code)
            for concept, path in reasons
            for one in codings(concept, path)
            if one.system == ICD10CM
        }
        regions = tuple(region for region in REGIONS if region in named)
    elif not regions and row.region:
        regions = tuple(row.region.split("|"))
    parts = regions_for(techniques, regions) or [()] * len(techniques)
    asked = tuple((name, own) for name, own in zip(techniques, parts, strict=True) if own is not None)
    return Work(resource, row, coding, asked, _period(resource), tuple(concept for concept, _ in reasons))


def _sites(resource: Resource) -> tuple[str, ...]:
    named = set()
    for number, concept in enumerate(items(resource.data.get("bodySite"), f"{resource.path}.bodySite")):
        for coding in codings(concept, f"{resource.path}.bodySite[{number}]"):
            if coding.system in SYSTEMS["SNOMED"]:
                named.add(body_site(coding.code))
    return tuple(region for region in REGIONS if region in named)


def _reasons(resource: Resource, call: Call) -> list[tuple[dict[str, Any], str]]:
    data, path = resource.data, resource.path
    found = [
        (mapping(one, f"{path}.reasonCode[{n}]"), f"{path}.reasonCode[{n}]")
        for n, one in enumerate(items(data.get("reasonCode"), f"{path}.reasonCode"))
    ]
    pool = call.pool
    for n, one in enumerate(items(data.get("reasonReference"), f"{path}.reasonReference")):
        meant = pool.get(reference(one, f"{path}.reasonReference[{n}]"))
        if meant is not None and meant.kind == "Condition":
            found.append((mapping(meant.data.get("code"), f"{meant.path}.code"), f"{meant.path}.code"))
    return found


def _period(resource: Resource) -> Period:
    """The day or days of it; today where none is given."""
    data, path = resource.data, resource.path
    if resource.kind == "Appointment":
        given = [("start", data.get("start"))]
    elif resource.kind == "Encounter":
        given = [("period.start", mapping(data.get("period"), f"{path}.period").get("start"))]
    else:
        span = mapping(data.get("occurrencePeriod"), f"{path}.occurrencePeriod")
        given = [("occurrenceDateTime", data.get("occurrenceDateTime"))]
        given += [(f"occurrencePeriod.{name}", span.get(name)) for name in ("start", "end")]
    days = [_day(text(value, f"{path}.{name}"), f"{path}.{name}") for name, value in given if value]
    if not days:
        return Period.of(None)
    first, last = days[0], days[-1]
    if len(days) == 1:
        return first
    if last.last < first.first:
        raise InputError("ends before it begins", where=f"{path}.occurrencePeriod")
    return Period.between(first.first, last.last)


def _day(value: str, path: str) -> Period:
    try:
        if len(value) > 10 and value[10] == "T":
            return Period.of(date.fromisoformat(value[:10]))
        return Period.of(value)
    except ValueError:
        raise InputError("is no FHIR date", where=path, hint="YYYY-MM-DD, or with a time behind T") from None
