"""What is no request is refused as the client's fault, at every door under ``/v1``, and nothing breaks."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from starlette.testclient import TestClient
from tests.web.malformed import BODIES, HEADERS, TEXT, is_ours, quoted, send_many

POSTS = [
    "/v1/ask",
    "/v1/decisions",
    "/v1/intake?do=thrust_spine",
    "/v1/screen?do=thrust_spine&in=US-OR&as=chiropractor",
    "/v1/papers",
    "/v1/audits",
]
GETS = [
    "/v1/ask?q={}",
    "/v1/who?in={}&do={}",
    "/v1/law?limit={}",
    "/v1/law/{}",
    "/v1/law/{}/rules?profession={}&on={}",
    "/v1/law/US-FL/compare/{}",
    "/v1/law/coverage?profession={}&on={}",
    "/v1/law/changes?from={}&to={}",
    "/v1/law/gaps?offset={}",
    "/v1/safety?file={}",
    "/v1/safety/{}",
    "/v1/safety/codes/{}",
    "/v1/technique?speed={}&region={}",
    "/v1/intake?do={}&region={}&lang={}",
    "/v1/audits/{}",
    "/v1/audits/{}/findings",
    "/v1/audits/{}/report",
]


@pytest.mark.parametrize("door", POSTS)
def test_malformed_bodies_are_refused_and_nothing_breaks(client: TestClient, door: str):
    def send(body: bytes, headers: dict[str, bytes]) -> None:
        is_ours(client.post(door, content=body, headers=headers))

    send_many(send, 60, body=BODIES, headers=HEADERS)


@pytest.mark.parametrize("door", GETS)
def test_malformed_addresses_are_refused_and_nothing_breaks(client: TestClient, door: str):
    def send(words: list[str], headers: dict[str, bytes]) -> None:
        is_ours(client.get(door.format(*map(quoted, words)), headers=headers))

    send_many(send, 30, words=st.lists(TEXT, min_size=3, max_size=3), headers=HEADERS)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "PROPFIND", "DELETE"])
def test_other_methods_are_not_allowed(client: TestClient, method: str):
    for door in ("/v1/decisions", "/v1/law/US-FL", "/v1/papers"):
        assert client.request(method, door).status_code == 405
