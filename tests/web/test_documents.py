"""docs/api.md and docs/service.md say what there is, and their examples are answered."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from handrail.web import Settings

DOCS = Path(__file__).parent.parent.parent / "docs"
API = (DOCS / "api.md").read_text(encoding="utf-8")
SERVICE = (DOCS / "service.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```http\n(GET|POST) (\S.*?)\n(.*?)```", API, re.DOTALL)
#: Routes that have pages of their own.
ELSEWHERE = ("/v1/clinic", "/cds-services")


def test_every_route_is_documented(client: TestClient):
    described = client.get("/v1/openapi.json").json()["paths"]
    assert len(described) > 20
    for path, methods in described.items():
        for method in methods:
            if not path.startswith(ELSEWHERE):
                assert f"`{method.upper()} {path}" in API, f"{method.upper()} {path}"


def test_no_route_is_documented_that_is_not_there(client: TestClient):
    described = client.get("/v1/openapi.json").json()["paths"]
    for method, path in re.findall(r"`(GET|POST|DELETE) (/v1/[^?`]*)", API):
        assert method.lower() in described[path], path


def test_every_setting_is_documented_and_no_other():
    named = {f"HANDRAIL_{name.upper()}" for name in Settings.model_fields}
    documented = set(re.findall(r"^\| `(HANDRAIL_\w+)`", SERVICE, re.MULTILINE))
    elsewhere = set()
    for page in DOCS.glob("*.md"):
        elsewhere |= set(re.findall(r"`(HANDRAIL_\w+)`", page.read_text(encoding="utf-8")))
    assert documented <= named
    assert named <= elsewhere, named - elsewhere


def test_defaults_are_those_documented():
    for name, field in Settings.model_fields.items():
        row = re.search(rf"^\| `HANDRAIL_{name.upper()}` \| (\S+) \|", SERVICE, re.MULTILINE)
        if row is None:
            continue
        default = field.get_default(call_default_factory=True)
        shown = row[1].strip("`")
        if default is None:
            assert shown == "none"
        elif isinstance(default, bool | list):
            assert json.loads(shown) == default
        else:
            assert shown == str(default), name


@pytest.mark.parametrize(("method", "address", "body"), EXAMPLES, ids=lambda given: given[:40])
def test_every_example_of_the_page_is_answered(client: TestClient, method: str, address: str, body: str):
    answer = client.get(address) if method == "GET" else client.post(address, json=json.loads(body))
    assert answer.status_code == 200, answer.text


def test_there_are_examples():
    assert len(EXAMPLES) >= 15
