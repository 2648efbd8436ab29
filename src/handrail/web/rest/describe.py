"""Describes the routes whose bodies and answers are not pydantic's: the OpenAPI, whole."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from handrail.web.problems import MEDIA
from handrail.web.rest import bodies, shapes

REF = "#/components/schemas/{name}"
BODIES = (bodies.CaseBody, bodies.BatchBody, bodies.QuestionBody, bodies.PaperBody)
ANSWERS = tuple(
    kind for kind in vars(shapes).values() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
)
#: What every route may answer besides.
ANYWHERE = {
    "400": "Bad input: what, where, and what would be right.",
    "413": "The body is larger than it may be.",
    "503": "Too busy, or it took too long; Retry-After says when to try again.",
}


def body(kind: type[msgspec.Struct], **examples: Any) -> dict[str, Any]:
    """``openapi_extra`` of a route that takes such a body."""
    content: dict[str, Any] = {"schema": {"$ref": REF.format(name=kind.__name__)}}
    if examples:
        content["examples"] = {name: {"value": value} for name, value in examples.items()}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def answers(kind: type[msgspec.Struct] | dict[str, Any], text: str = "The answer.", **more: str) -> dict[Any, Any]:
    """``responses`` of a route that answers with such JSON; ``more``: further statuses as s404="...", problems."""
    schema = kind if isinstance(kind, dict) else {"$ref": REF.format(name=kind.__name__)}
    made: dict[Any, Any] = {200: {"description": text, "content": {"application/json": {"schema": schema}}}}
    return made | problems(**more)


def files(text: str, *media: str, **more: str) -> dict[Any, Any]:
    """``responses`` of a route that answers with a file."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media}
    return {200: {"description": text, "content": content}} | problems(**more)


def problems(**more: str) -> dict[Any, Any]:
    """Further problems of a route: s404="...", s409="..."."""
    return {int(status[1:]): problem(text) for status, text in more.items()}


def problem(text: str) -> dict[str, Any]:
    """An answer that is a problem."""
    return {"description": text, "content": {MEDIA: {"schema": {"$ref": REF.format(name="Problem")}}}}


def describe(app: FastAPI) -> None:
    """Gives the app an OpenAPI that says all that it answers."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _made(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _made(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=TAGS
    )
    _, components = msgspec.json.schema_components([*BODIES, *ANSWERS], ref_template=REF)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(components)
    # Decoded case by case, so that one bad case does not spoil the others.
    schemas["BatchBody"]["properties"]["cases"]["items"] = {"$ref": REF.format(name="CaseBody")}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            said = operation["responses"]
            if "HTTPValidationError" in str(said.get("422")):
                del said["422"]
            for status, text in ANYWHERE.items():
                said.setdefault(status, problem(text))
            if method == "get" and "304" not in said and operation.get("x-versioned", True):
                said["304"] = {"description": "If-None-Match names today's knowledge: nothing changed."}
            if "{" in path:
                said.setdefault("404", problem("There is no such thing."))
    return made


TAGS = [
    {"name": "decisions", "description": "May these hands do this?"},
    {"name": "law", "description": "The law of 64 jurisdictions, whole."},
    {"name": "safety", "description": "What forbids a technique, and what codes mean."},
    {"name": "intake", "description": "Questions before treatment, records, papers. Nothing is stored."},
    {"name": "clinic", "description": "A clinic's roster, bookings, log and accounts. Needs a sign-in or a key."},
    {"name": "audits", "description": "Files of claim lines, judged. Files are deleted after some hours."},
]
