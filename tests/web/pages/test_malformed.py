"""What is no request gets a page that says so, at every page's address, and nothing breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import strategies as st
from tests.web.malformed import BODIES, HEADERS, TEXT, quoted, send_many

from handrail.web.pages import about, ask, audit, files, law, map_, screen, technique

PARTS = (ask, map_, law, screen, technique, audit, about, files)
DOORS = [
    (method, route.path) for part in PARTS for route in part.router.routes for method in sorted(route.methods)
]
GETS = [path for method, path in DOORS if method == "GET"] + ["/{anything}"]
POSTS = [path for method, path in DOORS if method == "POST"]
NAMES = st.sampled_from(
    "q in on lang profession technique region other place done answer site question do to_lang speed amplitude "
    "range a.fever a.osteoporosis s.osteoporosis kind size client_name practitioner_name clinic_name file".split()
)
VALUES = TEXT | st.sampled_from(
    "US-WA chiropractor thrust_spine lumbar yes no unknown back finish again same practitioner fr en referral "
    "consent aftercare visit a4 2024-03-01 fast".split()
)
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=8)


def _is_a_page(answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"].startswith(("text/html", "application/problem+json"))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    """A visitor; an error on the server fails the test."""
    with TestClient(app, follow_redirects=False, headers={"accept": "text/html"}) as asking:
        yield asking


@pytest.mark.parametrize("door", GETS)
def test_addresses(client: TestClient, door: str) -> None:
    def send(words: list[str], pairs: list[tuple[str, str]], headers: dict[str, bytes]) -> None:
        there = re.sub(r"{\w+}", lambda _: quoted(words.pop()), door)
        _is_a_page(client.get(f"{there}?{urlencode(pairs, errors='surrogatepass')}", headers=headers))

    send_many(send, 20, words=st.lists(TEXT, min_size=2, max_size=2), pairs=PAIRS, headers=HEADERS)


@pytest.mark.parametrize("door", POSTS)
def test_forms(client: TestClient, door: str) -> None:
    def send(pairs: list[tuple[str, str]], body: bytes | None, headers: dict[str, bytes]) -> None:
        sent = body if body is not None else urlencode(pairs, errors="surrogatepass").encode()
        if body is None:
            headers["content-type"] = b"application/x-www-form-urlencoded"
        _is_a_page(client.post(door, content=sent, headers=headers))

    send_many(send, 20, pairs=PAIRS, body=st.none() | BODIES, headers=HEADERS)


@pytest.mark.parametrize("door", POSTS)
def test_uploads(client: TestClient, door: str) -> None:
    def send(name: str, pairs: list[tuple[str, str]], body: bytes) -> None:
        # Two audits may wait at a time: one that is full says so with 503, as is documented.
        answer = client.post(door, data=dict(pairs), files={name: ("x.csv", body)})
        assert answer.status_code < 500 or (door == "/audit" and answer.status_code == 503), answer.text

    send_many(send, 20, name=NAMES, pairs=PAIRS, body=BODIES)
