"""A call of a service, read and checked as the specification (CDS Hooks 2.0) has it."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from handrail.terms import InputError
from handrail.web.hooks.reading import ID, REFERENCE, items, mapping, resources, text
from handrail.web.hooks.services import Service

#: A call with more resources is refused.
MOST = 5000
_DECODER = msgspec.json.Decoder()
_TOKEN_FIELDS = (("access_token", str), ("token_type", str), ("expires_in", int), ("scope", str), ("subject", str))


class Resource(NamedTuple):
    """A FHIR resource of the request: its type, its path, its full address."""

    kind: str
    data: dict[str, Any]
    path: str
    full_url: str | None = None

    @property
    def name(self) -> str:
        """``Type/id``; nothing if it has no id."""
        return f"{self.kind}/{self.data['id']}" if self.data.get("id") else ""


class Call(NamedTuple):
    """A call that was read.

    Args:
        service: what was called.
        user: ``Type/id`` of the user.
        patient: the id of the patient.
        work: what is ordered, booked or begun.
        beside: what else came with it.
        prefetch: what was sent along, by key; an empty list for a key that was sent and has nothing.
        troubled: keys whose answer was an error, or one page of several.
        offers_server: whether the client gave a server that could be asked.
    """

    service: Service
    user: str
    patient: str
    work: tuple[Resource, ...]
    beside: tuple[Resource, ...]
    prefetch: dict[str, list[Resource]]
    troubled: tuple[str, ...]
    offers_server: bool

    @property
    def pool(self) -> dict[str, Resource]:
        """Every resource of the request by ``Type/id``."""
        found = [one for many in self.prefetch.values() for one in many]
        return {one.name: one for one in (*found, *self.beside, *self.work) if one.name}


def parse(raw: bytes) -> dict[str, Any]:
    """A body as an object.

    Raises:
        InputError: if it is no JSON object.
    """
    try:
        body = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise InputError("is not JSON that can be read", where="body") from None
    if not isinstance(body, dict):
        raise InputError("must be an object", where="body")
    return body


def read(raw: bytes, service: Service) -> Call:
    """A call of a service.

    Raises:
        InputError: naming the field that is missing or wrong.
    """
    body = parse(raw)
    hook = _required(body, "hook", "hook")
    if hook != service.hook:
        raise InputError("is not the hook of this service", where="hook", hint=f"It is called on {service.hook}")
    try:
        uuid.UUID(_required(body, "hookInstance", "hookInstance"))
    except ValueError:
        raise InputError("is no UUID", where="hookInstance") from None
    offers = _server(body)
    if not isinstance(body.get("context"), dict):
        raise InputError("must be an object", where="context", hint=f"It has: {', '.join(service.context)}")
    context: dict[str, Any] = body["context"]
    user = _required(context, "userId", "context.userId")
    if not REFERENCE.fullmatch(user) or user.partition("/")[0] not in service.users:
        hint = f"Such as Practitioner/123; types: {', '.join(service.users)}"
        raise InputError("names no user of this hook", where="context.userId", hint=hint)
    patient = _id(context, "patientId")
    if "encounterId" in service.context or context.get("encounterId") is not None:
        _id(context, "encounterId")
    prefetch, troubled = _prefetch(body.get("prefetch"))
    work, beside = _work(service, context)
    held = len(work) + len(beside) + sum(len(many) for many in prefetch.values())
    if held > MOST:
        raise InputError(f"holds {held} resources", where="body", hint=f"At most {MOST} are read in one call")
    return Call(service, user, patient, tuple(work), tuple(beside), prefetch, troubled, offers)


def _required(data: dict[str, Any], name: str, path: str) -> str:
    value = text(data.get(name), path)
    if not value:
        raise InputError("is missing", where=path)
    return value


def _id(context: dict[str, Any], name: str) -> str:
    value = _required(context, name, f"context.{name}")
    if not ID.fullmatch(value):
        raise InputError("is no FHIR id", where=f"context.{name}", hint="The id alone, such as 1288992")
    return value


def _server(body: dict[str, Any]) -> bool:
    server = text(body.get("fhirServer"), "fhirServer")
    if server:
        try:
            address = urlsplit(server)
        except ValueError:
            raise InputError("is no address", where="fhirServer") from None
        if address.scheme not in ("http", "https") or not address.netloc:
            raise InputError("is no address", where="fhirServer")
    if body.get("fhirAuthorization") is None:
        return bool(server)
    if not server:
        raise InputError("is missing beside fhirAuthorization", where="fhirServer")
    token = mapping(body["fhirAuthorization"], "fhirAuthorization")
    for name, kind in _TOKEN_FIELDS:
        value = token.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InputError("is missing or of another type", where=f"fhirAuthorization.{name}")
    return True


def _work(service: Service, context: dict[str, Any]) -> tuple[list[Resource], list[Resource]]:
    if "draftOrders" in service.context:
        drafts = _bundle(context, "draftOrders")
        if "selections" not in service.context:
            return drafts, []
        if not isinstance(context.get("selections"), list):
            raise InputError("must be a list", where="context.selections")
        names = [
            text(name, f"context.selections[{number}]")
            for number, name in enumerate(items(context["selections"], "context.selections"))
        ]
        for number, name in enumerate(names):
            if not ID.fullmatch(name) and not REFERENCE.fullmatch(name):
                raise InputError("names no order", where=f"context.selections[{number}]", hint="Type/id")
        chosen = [one for one in drafts if one.name in names or one.data.get("id") in names]
        return chosen, [one for one in drafts if one not in chosen]
    return (_bundle(context, "appointments") if "appointments" in service.context else []), []


def _bundle(context: dict[str, Any], name: str) -> list[Resource]:
    path = f"context.{name}"
    given = context.get(name)
    # The examples of appointment-book give a plain list where its table demands a Bundle.
    listed = isinstance(given, list) and name == "appointments"
    if not listed and not (isinstance(given, dict) and given.get("resourceType") == "Bundle"):
        raise InputError("must be a Bundle", where=path)
    return [Resource(data["resourceType"], data, at, url) for data, at, url in resources(given, path)]


def _prefetch(given: Any) -> tuple[dict[str, list[Resource]], tuple[str, ...]]:
    found: dict[str, list[Resource]] = {}
    troubled = []
    for key, value in mapping(given, "prefetch").items():
        path = f"prefetch.{key}" if ID.fullmatch(key) else "prefetch"
        if value is None:
            found[key] = []
            continue
        if not isinstance(value, dict):
            raise InputError("must be a FHIR resource", where=path)
        held = [Resource(data["resourceType"], data, at, url) for data, at, url in resources(value, path)]
        links = items(value.get("link"), f"{path}.link") if value.get("resourceType") == "Bundle" else []
        more = any(isinstance(link, dict) and link.get("relation") == "next" for link in links)
        if more or any(one.kind == "OperationOutcome" for one in held):
            troubled.append(key)
        found[key] = [one for one in held if one.kind != "OperationOutcome"]
    return found, tuple(troubled)
