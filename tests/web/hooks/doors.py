"""The service as a client on this machine meets it; each answer is checked against the specification."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient
from tests.web.hooks import spec

from handrail.web import Settings, create_app


def client(*, host: str = "127.0.0.1", base: str = "http://127.0.0.1:8000", **settings: Any) -> TestClient:
    """A client that calls from an address."""
    return TestClient(create_app(Settings(**settings)), base_url=base, client=(host, 50000))


def names(body: Any) -> set[str]:
    """``Type/id`` of every resource in a request."""
    found: set[str] = set()
    if isinstance(body, dict):
        if isinstance(body.get("resourceType"), str) and isinstance(body.get("id"), str):
            found.add(f"{body['resourceType']}/{body['id']}")
        for inner in body.values():
            found |= names(inner)
    elif isinstance(body, list):
        for inner in body:
            found |= names(inner)
    return found


def cards(door: TestClient, body: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """The cards of a call, each checked."""
    answer = door.post(f"/cds-services/handrail-{body['hook']}", json=body, **more)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert list(spec.response(found, names(body))) == []
    assert "systemActions" not in found
    made: list[dict[str, Any]] = found["cards"]
    return made
