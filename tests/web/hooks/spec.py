"""The rules of CDS Hooks 2.0 for what a service sends, as a checker of its own: each broken rule is a line.

Written from the specification's text (github cds-hooks/docs, docs/specification), and from nothing of the product.
"""

from __future__ import annotations

import importlib
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

HOOKS = {
    "patient-view": {"userId", "patientId", "encounterId"},
    "order-select": {"userId", "patientId", "encounterId"},
    "order-sign": {"userId", "patientId", "encounterId"},
    "appointment-book": {"userId", "patientId", "encounterId"},
    "encounter-start": {"userId", "patientId", "encounterId"},
}
WORK = ("ServiceRequest", "Appointment", "Encounter")
USER_TOKENS = {"userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId"}
_TOKEN = re.compile(r"\{\{([^{}]*)\}\}")
#: Read of an instance, or search of a type, relative to the FHIR server.
_QUERY = re.compile(r"[A-Z][A-Za-z]+(/[^/?]+|\?[^?#]+)|\{\{context\.userId\}\}")


def empties(value: Any, path: str) -> Iterator[str]:
    """Nothing may be null or empty but the array of cards (and of services)."""
    if value is None or (value in ("", [], {}) and path not in ("$.cards", "$.services")):
        yield f"{path}: null or empty"
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from empties(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from empties(inner, f"{path}[{number}]")


def _fields(value: Any, path: str, required: dict[str, type], optional: dict[str, type]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: not an object"
        return
    for name, kind in required.items():
        if name not in value:
            yield f"{path}.{name}: required"
        elif not isinstance(value[name], kind):
            yield f"{path}.{name}: not {kind.__name__}"
    for name, kind in optional.items():
        if name in value and not isinstance(value[name], kind):
            yield f"{path}.{name}: not {kind.__name__}"
    for name in value:
        if name not in required and name not in optional and name != "extension":
            yield f"{path}.{name}: not a field of the specification"


def _absolute(value: Any, path: str) -> Iterator[str]:
    address = urlsplit(value) if isinstance(value, str) else None
    if address is None or address.scheme not in ("http", "https") or not address.netloc or re.search(r"\s", value):
        yield f"{path}: no absolute URL"


def discovery(body: Any) -> Iterator[str]:
    """Broken rules of a discovery response."""
    yield from empties(body, "$")
    yield from _fields(body, "$", {"services": list}, {})
    seen = set()
    for number, one in enumerate(body.get("services", [])):
        path = f"$.services[{number}]"
        yield from _fields(
            one,
            path,
            {"hook": str, "description": str, "id": str},
            {"title": str, "prefetch": dict, "usageRequirements": str},
        )
        if (one.get("id"), one.get("hook")) in seen:
            yield f"{path}: id and hook twice"
        seen.add((one.get("id"), one.get("hook")))
        if not re.fullmatch(r"[A-Za-z0-9._~-]+", str(one.get("id"))):
            yield f"{path}.id: no segment of a path"
        if one.get("hook") not in HOOKS:
            yield f"{path}.hook: not a hook that is known here"
            continue
        for key, query in one.get("prefetch", {}).items():
            at = f"{path}.prefetch.{key}"
            if not isinstance(query, str) or not _QUERY.fullmatch(query):
                yield f"{at}: neither a read nor a search"
                continue
            for token in _TOKEN.findall(query):
                name = token.removeprefix("context.")
                if token in USER_TOKENS or (token.startswith("context.") and name in HOOKS[one["hook"]]):
                    continue
                yield f"{at}: token {token} is none"
            if "{" in _TOKEN.sub("", query):
                yield f"{at}: a token that is not closed"


def response(body: Any, sent: set[str] | None = None) -> Iterator[str]:
    """Broken rules of a service's response.

    Args:
        body: what the service answered.
        sent: ``Type/id`` of resources of the request, of which updates and deletes may speak.
    """
    yield from empties(body, "$")
    yield from _fields(body, "$", {"cards": list}, {"systemActions": list})
    seen: list[str] = []
    for number, one in enumerate(body.get("cards", [])):
        yield from card(one, f"$.cards[{number}]", seen, sent)
    for number, one in enumerate(body.get("systemActions", [])):
        yield from action(one, f"$.systemActions[{number}]", sent)
    if len(set(seen)) != len(seen):
        yield "$: a uuid stands there twice"


def card(one: Any, path: str, seen: list[str], sent: set[str] | None) -> Iterator[str]:
    """Broken rules of a card."""
    yield from _fields(
        one,
        path,
        {"summary": str, "indicator": str, "source": dict},
        {
            "uuid": str,
            "detail": str,
            "suggestions": list,
            "selectionBehavior": str,
            "overrideReasons": list,
            "links": list,
        },
    )
    if len(one.get("summary", "")) >= 140:
        yield f"{path}.summary: 140 signs or more"
    if "\n" in one.get("summary", ""):
        yield f"{path}.summary: more than one line"
    if one.get("indicator") not in ("info", "warning", "critical"):
        yield f"{path}.indicator: none of info, warning, critical"
    yield from _uuid(one, path, seen)
    source = one.get("source", {})
    yield from _fields(source, f"{path}.source", {"label": str}, {"url": str, "icon": str, "topic": dict})
    for name in ("url", "icon"):
        if name in source:
            yield from _absolute(source[name], f"{path}.source.{name}")
    if "topic" in source:
        yield from coding(source["topic"], f"{path}.source.topic")
    if "suggestions" in one and "selectionBehavior" not in one:
        yield f"{path}.selectionBehavior: required beside suggestions"
    if one.get("selectionBehavior", "any") not in ("at-most-one", "any"):
        yield f"{path}.selectionBehavior: neither at-most-one nor any"
    suggestions = one.get("suggestions", [])
    for number, each in enumerate(suggestions):
        yield from suggestion(each, f"{path}.suggestions[{number}]", seen, sent)
    recommended = sum(bool(each.get("isRecommended")) for each in suggestions)
    if recommended > 1 and one.get("selectionBehavior") != "any":
        yield f"{path}.suggestions: several are recommended, and only one may be chosen"
    for number, each in enumerate(one.get("overrideReasons", [])):
        at = f"{path}.overrideReasons[{number}]"
        yield from coding(each, at)
        if not each.get("display"):
            yield f"{at}.display: required"
    for number, each in enumerate(one.get("links", [])):
        yield from link(each, f"{path}.links[{number}]")


def _uuid(one: Any, path: str, seen: list[str]) -> Iterator[str]:
    if "uuid" in one:
        try:
            uuid.UUID(one["uuid"])
        except (ValueError, TypeError):
            yield f"{path}.uuid: no UUID"
        seen.append(str(one["uuid"]))


def coding(one: Any, path: str) -> Iterator[str]:
    """Broken rules of a Coding."""
    yield from _fields(one, path, {"code": str, "system": str}, {"display": str})


def suggestion(one: Any, path: str, seen: list[str], sent: set[str] | None) -> Iterator[str]:
    """Broken rules of a suggestion."""
    yield from _fields(one, path, {"label": str}, {"uuid": str, "isRecommended": bool, "actions": list})
    yield from _uuid(one, path, seen)
    for number, each in enumerate(one.get("actions", [])):
        yield from action(each, f"{path}.actions[{number}]", sent)


def action(one: Any, path: str, sent: set[str] | None) -> Iterator[str]:
    """Broken rules of an action; its resource is validated whole."""
    yield from _fields(one, path, {"type": str, "description": str}, {"resource": dict, "resourceId": str})
    kind = one.get("type")
    if kind not in ("create", "update", "delete"):
        yield f"{path}.type: none of create, update, delete"
    if kind in ("create", "update") and "resource" not in one:
        yield f"{path}.resource: required to {kind}"
    if kind == "delete" and "resourceId" not in one:
        yield f"{path}.resourceId: should be there to delete"
    if kind == "delete" and "resource" in one:
        yield f"{path}.resource: not to delete"
    if kind != "delete" and "resourceId" in one:
        yield f"{path}.resourceId: only to delete"
    if "resourceId" in one:
        if not re.fullmatch(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}", str(one["resourceId"])):
            yield f"{path}.resourceId: no relative reference"
        if sent is not None and one["resourceId"] not in sent:
            yield f"{path}.resourceId: was not in the request"
    resource = one.get("resource")
    if isinstance(resource, dict):
        yield from fhir(resource, f"{path}.resource")
        name = f"{resource.get('resourceType')}/{resource.get('id')}"
        if kind == "update" and (not resource.get("id") or (sent is not None and name not in sent)):
            yield f"{path}.resource: an update of what was not in the request"
        if kind == "create" and sent is not None and name in sent:
            yield f"{path}.resource: creates what is there already"


def fhir(resource: dict[str, Any], path: str) -> Iterator[str]:
    """What the models of FHIR R4B find wrong in a resource."""
    kind = str(resource.get("resourceType"))
    try:
        module = importlib.import_module(f"fhir.resources.R4B.{kind.lower()}")
        getattr(module, kind).model_validate_json(json.dumps(resource))
    except (ImportError, AttributeError):
        yield f"{path}: {kind} is no resource"
    except ValueError as error:
        yield f"{path}: {str(error)[:300]}"


def link(one: Any, path: str) -> Iterator[str]:
    """Broken rules of a link."""
    yield from _fields(
        one, path, {"label": str, "url": str, "type": str}, {"appContext": str, "autolaunchable": bool}
    )
    if one.get("type") not in ("absolute", "smart"):
        yield f"{path}.type: neither absolute nor smart"
    if one.get("type") == "absolute" and "appContext" in one:
        yield f"{path}.appContext: only for smart links"
    yield from _absolute(one.get("url"), f"{path}.url")
