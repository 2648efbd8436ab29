"""What every answer has, whatever was asked: headers, problems, bounds, logs without anybody in them."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from handrail.web import Settings, create_app
from handrail.web.headers import CSP
from handrail.web.limits import Limits
from handrail.web.logs import Lines

CASE = {
    "jurisdiction": "US-FL",
    "technique": "thrust_spine",
    "credentials": [{"profession": "massage_therapist"}],
}


@pytest.mark.parametrize(
    "path", ["/v1/law/US-FL", "/v1/nowhere", "/nowhere", "/healthz", "/metrics", "/v1/openapi.json"]
)
def test_every_answer_carries_the_safe_headers(client: TestClient, path: str):
    headers = client.get(path).headers
    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert re.fullmatch(r"[0-9a-f]{16}", headers["x-request-id"])
    assert "strict-transport-security" not in headers
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_the_agreed_policy_lets_nothing_inline_or_foreign_run():
    assert "unsafe" not in CSP
    assert "http" not in CSP
    assert "default-src 'none'" in CSP
    assert "frame-ancestors 'none'" in CSP


@pytest.mark.parametrize(("behind", "scheme", "sent"), [(1, "https", 1), (1, "http", 0), (0, "https", 0)])
def test_hsts_is_sent_only_over_https_behind_a_proxy(tmp_path: Path, behind: int, scheme: str, sent: int):
    app = create_app(Settings(data=tmp_path, behind_proxy=bool(behind)))
    with TestClient(app, base_url=f"{scheme}://127.0.0.1") as asking:
        assert ("strict-transport-security" in asking.get("/healthz").headers) == bool(sent)


def test_other_origins_are_let_in_only_by_setting(tmp_path: Path, client: TestClient):
    asked = {"origin": "https://clinic.example", "access-control-request-method": "POST"}
    assert "access-control-allow-origin" not in client.options("/v1/decisions", headers=asked).headers
    with TestClient(create_app(Settings(data=tmp_path, cors_origins=["https://clinic.example"]))) as asking:
        allowed = asking.options("/v1/decisions", headers=asked)
        assert allowed.headers["access-control-allow-origin"] == "https://clinic.example"
        assert "access-control-allow-credentials" not in allowed.headers
        other = asking.options("/v1/decisions", headers={**asked, "origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


def test_a_problem_says_what_where_and_what_would_be_right(client: TestClient):
    answer = client.post("/v1/decisions", json={**CASE, "technique": "thurst_spine"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["hint"] == "Did you mean thrust_spine?"
    assert {"type", "title", "status", "detail"} <= set(said)
    assert said["status"] == 400


def test_a_body_is_bounded_by_what_it_says_and_by_what_comes(tmp_path: Path):
    app = create_app(Settings(data=tmp_path, max_body_mib=0.01))
    large = b" " * 20_000
    with TestClient(app) as asking:
        said = asking.post("/v1/decisions", content=large)
        streamed = asking.post("/v1/decisions", content=(large[:1000] for _ in range(20)))  # no Content-Length
        lied = asking.post("/v1/decisions", content=b"{}", headers={"content-length": "-5"})
    assert (said.status_code, streamed.status_code) == (413, 413)
    assert said.json()["status"] == 413
    assert lied.status_code in (400, 413)


@pytest.mark.parametrize("opener", ["[", '{"a":', '{"cases":['])
def test_depth_is_bounded(client: TestClient, opener: str):
    for door in ("/v1/decisions", "/v1/papers", "/v1/ask", "/v1/intake?do=thrust_spine"):
        answer = client.post(door, content=opener * 100_000)
        assert answer.status_code == 400, door


def _limits(seconds: float, at_once: int, took: float) -> Limits:
    async def slow(scope, receive, send):
        await asyncio.sleep(took)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    return Limits(slow, max_body=10, max_upload=10, uploads=(), seconds=seconds, at_once=at_once)


async def _ask(app: Limits) -> tuple[int, dict[bytes, bytes]]:
    sent: list[dict] = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await app({"type": "http", "path": "/", "headers": []}, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])


def in_a_loop(coroutine):
    """Runs it in a thread of its own: a browser of other tests may have left a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def test_an_answer_that_does_not_begin_in_time_is_given_up():
    assert in_a_loop(_ask(_limits(0.05, 5, 5)))[0] == 503
    assert in_a_loop(_ask(_limits(5, 5, 0)))[0] == 200


def test_too_many_at_once_are_told_to_come_again():
    async def three():
        app = _limits(5, 2, 0.1)
        together = await asyncio.gather(*(_ask(app) for _ in range(3)))
        return together, await _ask(app)

    together, after = in_a_loop(three())
    assert sorted(status for status, _ in together) == [200, 200, 503]
    busy = next(headers for status, headers in together if status == 503)
    assert busy[b"retry-after"] == b"1"
    assert after[0] == 200


class Kept(logging.Handler):
    """Keeps whole lines, as they would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Lines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("httpx"):  # the one who asks, in this test
            return
        self.lines.append(self.format(record))


@pytest.fixture
def logged() -> Iterator[Kept]:
    kept, root = Kept(), logging.getLogger()
    level = root.level
    root.addHandler(kept)
    root.setLevel("DEBUG")
    yield kept
    root.removeHandler(kept)
    root.setLevel(level)


CHART = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"resource": {"resourceType": "Patient", "id": "zebedee-1", "name": [{"family": "Quixotine"}]}},
        {
            "resource": {
                "resourceType": "Condition",
                "id": "c-8812",
                "clinicalStatus": {"coding": [{"code": "active"}]},
                "subject": {"reference": "Patient/zebedee-1"},
                "code": {
                    "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M80.08XA"}],
                    "text": "brittle spine",
                },
            }
        },
    ],
}


def test_no_log_line_tells_anything_about_a_client(client: TestClient, logged: Kept):
    """Not when it goes well, not when it is refused, not when the service itself breaks."""
    asked = "/v1/screen?in=US-OR&as=chiropractor&do=thrust_spine&patient="
    assert client.post(asked + "zebedee-1", json=CHART).status_code == 200
    assert client.post(asked + "somebody-else-77", json=CHART).status_code == 400
    assert client.post(asked, content=json.dumps(CHART)[:-3]).status_code == 400
    bad = {**CASE, "client": {"findings": ["osteoporosis"], "age": "quixotine"}}
    assert client.post("/v1/decisions", json=bad).status_code == 400
    visit = {**CASE, "client": {"findings": ["osteoporosis", "cauda_equina_syndrome_nope"]}}
    client.post("/v1/decisions", json=visit)
    paper = {"kind": "referral", "case": {**CASE, "client": {"findings": ["osteoporosis"]}}, "format": "html"}
    assert client.post("/v1/papers", json={**paper, "names": {"client": "Quixotine"}}).status_code == 200
    client.get("/v1/ask?q=May a chiropractor in Ohio crack the back of Quixotine with osteoporosis?")
    lines = [line for line in logged.lines if '"handrail' in line]
    assert len([line for line in lines if '"message": "request"' in line]) == 7
    for line in logged.lines:
        for word in (
            "uixotine",
            "zebedee",
            "M80",
            "osteop",
            "brittle",
            "somebody-else",
            "c-8812",
            "patient=",
            "cauda",
        ):
            assert word not in line
    one = json.loads(lines[0])
    assert one["route"] == "/v1/screen"
    assert one["status"] == 200
    assert one["ms"] > 0
    assert len(one["request"]) == 16


def test_an_error_of_ours_is_logged_without_its_text(tmp_path: Path, logged: Kept):
    app = create_app(Settings(data=tmp_path))

    @app.get("/v1/broken")
    def broken():
        raise ValueError("Quixotine has osteoporosis")

    with TestClient(app, raise_server_exceptions=False) as asking:
        answer = asking.get("/v1/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Quixotine" not in answer.text
    ours = [line for line in logged.lines if '"handrail.web"' in line]
    assert "Quixotine" not in "".join(logged.lines)
    failed = [json.loads(line) for line in ours if '"failed"' in line]
    assert failed[0]["error"] == "ValueError"


def test_metrics_count_by_route_and_verdict_and_name_nobody(client: TestClient):
    client.post("/v1/decisions", json=CASE)
    client.get("/v1/law/US-FL")
    client.get("/v1/this-is-no-route-" + "x" * 50)
    text = client.get("/metrics").text
    assert re.search(r'handrail_decisions_total\{door="rest",verdict="prohibited"\} [1-9]', text)
    assert re.search(r'handrail_requests_total\{method="GET",route="/v1/law/\{place\}",status="200"\} [1-9]', text)
    assert "handrail_request_seconds_bucket" in text
    assert "this-is-no-route" not in text


def test_an_unheard_of_method_does_not_grow_the_metrics(client: TestClient):
    for number in range(5):
        client.request(f"ODD{number}", "/v1/law")
    assert "ODD" not in client.get("/metrics").text


def test_health_names_the_knowledge(client: TestClient):
    said = client.get("/healthz").json()
    assert said["status"] == "ok"
    assert re.fullmatch(r"[0-9a-f]{8,}", said["knowledge"])
    assert client.get("/readyz").json() == {"status": "ok", "store": "none"}
