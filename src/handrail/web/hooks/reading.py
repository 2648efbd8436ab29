"""Small readers of JSON that somebody else wrote: each says where it is wrong, and never what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from handrail.terms import InputError

CPT = "http://www.ama-assn.org/go/cpt"
SNOMED = "http://snomed.info/sct"
NUCC = "http://nucc.org/provider-taxonomy"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
REFERENCE = re.compile(r"[A-Z][A-Za-z]{1,63}/[A-Za-z0-9\-.]{1,64}")


class Coding(NamedTuple):
    """A code, its system, and where it stands."""

    system: str
    code: str
    path: str


def mapping(value: Any, path: str) -> dict[str, Any]:
    """An object, or none as an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError("must be an object", where=path)
    return value


def items(value: Any, path: str) -> list[Any]:
    """A list, or none as an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError("must be a list", where=path)
    return value


def text(value: Any, path: str) -> str:
    """A text, or none as an empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError("must be text", where=path)
    return value


def codings(concept: Any, path: str) -> Iterator[Coding]:
    """The codings of a CodeableConcept."""
    for number, one in enumerate(items(mapping(concept, path).get("coding"), f"{path}.coding")):
        at = f"{path}.coding[{number}]"
        coding = mapping(one, at)
        system, code = text(coding.get("system"), f"{at}.system"), text(coding.get("code"), f"{at}.code").strip()
        if code:
            yield Coding(system.strip(), code, at)


def reference(value: Any, path: str) -> str:
    """``Type/id`` of a reference, ``#id`` of a contained resource, or nothing."""
    name = text(mapping(value, path).get("reference"), f"{path}.reference").partition("/_history/")[0]
    if name.startswith("#"):
        return name
    name = "/".join(name.rsplit("/", 2)[-2:])
    return name if REFERENCE.fullmatch(name) else ""


def resources(value: Any, path: str) -> Iterator[tuple[dict[str, Any], str, str | None]]:
    """The resources of a Bundle, of a list, or one by itself; each with its path and its full address."""
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _one(one, f"{path}[{number}]", None)
        return
    found = mapping(value, path)
    if text(found.get("resourceType"), f"{path}.resourceType") != "Bundle":
        yield from _one(found, path, None)
        return
    for number, entry in enumerate(items(found.get("entry"), f"{path}.entry")):
        at = f"{path}.entry[{number}]"
        held = mapping(entry, at)
        if held.get("resource") is not None:
            yield from _one(held["resource"], f"{at}.resource", text(held.get("fullUrl"), f"{at}.fullUrl") or None)


def _one(value: Any, path: str, full_url: str | None) -> Iterator[tuple[dict[str, Any], str, str | None]]:
    resource = mapping(value, path)
    if not text(resource.get("resourceType"), f"{path}.resourceType"):
        raise InputError("has no resourceType", where=path, hint="A FHIR resource names its type")
    given = text(resource.get("id"), f"{path}.id")
    if given and not ID.fullmatch(given):
        raise InputError("is no FHIR id", where=f"{path}.id", hint="Letters, digits, - and . only")
    yield resource, path, full_url
