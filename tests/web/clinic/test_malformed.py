"""What is no request is refused at every door of the clinic, with a key and with a session, and nothing breaks."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import strategies as st
from sqlalchemy import text
from tests.web.malformed import BODIES, HEADERS, JSON, TEXT, is_ours, quoted, send_many

from handrail.clinic import Log
from handrail.web.clinic.access import ACCESS

PROGRAMS = [door for door in ACCESS if door[1].startswith("/v1/")]
PAGES = [door for door in ACCESS if not door[1].startswith("/v1/")]
NAMES = st.sampled_from(
    "practitioner service time codes steps age met client of reason name technique regions region role password "
    "disabled days on id prefix do text csrf next since until kind verdict user before override done format limit "
    "offset within commit only_good lang".split()
)
FIELDS = st.dictionaries(NAMES, TEXT, max_size=5)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=6)


def address(path: str, words: list[str], query: dict[str, str]) -> str:
    """An address with words in its places, and a query."""
    there = re.sub(r"{\w+}", lambda _: quoted(words.pop()), path)
    return f"{there}?{urlencode(query, errors='surrogatepass')}" if query else there


@pytest.mark.parametrize("door", PROGRAMS, ids=" ".join)
def test_programs(app: FastAPI, keys: dict[str, dict[str, str]], store: Any, door: tuple[str, str]) -> None:
    method, path = door

    def send(words: list[str], query: dict[str, str], body: Any, headers: dict[str, bytes]) -> None:
        sent = json.dumps(body).encode() if isinstance(body, dict) else body
        whose = {"content-type": "application/json", **headers, **keys["owner"]}
        answer = client.request(method, address(path, words, query), content=sent, headers=whose)
        is_ours(answer)
        assert answer.status_code != 401

    words = st.lists(TEXT.filter(lambda word: word != "the-owner"), min_size=2, max_size=2)
    with TestClient(app, follow_redirects=False) as client:
        send_many(send, 20, words=words, query=FIELDS, body=BODIES | OBJECTS, headers=HEADERS)
        still_good(client, store)


@pytest.mark.parametrize("door", PAGES, ids=" ".join)
def test_browsers(browser: Any, store: Any, door: tuple[str, str]) -> None:
    method, path = door

    def send(
        query: dict[str, str], fields: dict[str, str], csrf: str | None, body: Any, headers: dict[str, bytes]
    ) -> None:
        if "origin" in headers and csrf:
            del headers["origin"]
        sent = urlencode({**fields, **({"csrf": csrf} if csrf else {})}, errors="surrogatepass").encode()
        if body is None:
            headers["content-type"] = b"application/x-www-form-urlencoded"
        answer = who.request(method, address(path, [], query), content=body or sent, headers=headers)
        assert answer.status_code < 500, answer.text
        assert "Traceback" not in answer.text
        if answer.status_code == 303 and path != "/sign-in":
            assert not answer.headers["location"].startswith("/sign-in"), "the session was lost"

    with browser("owner") as who:
        # Signing out would end the session that the next request needs.
        forms = st.none() if path == "/sign-out" else st.sampled_from([None, who.csrf, who.csrf])
        send_many(send, 20, query=FIELDS, fields=FIELDS, csrf=forms, body=st.none() | BODIES, headers=HEADERS)
        still_good(who, store)


def still_good(client: Any, store: Any) -> None:
    """The clinic still answers, its log is whole, and the owner is still the owner."""
    assert client.get("/healthz").status_code == 200
    assert Log(store).verify().good
    with store.engine.connect() as connection:
        owner = connection.execute(text("SELECT role FROM account WHERE name = 'the-owner'")).scalar_one()
    assert owner == "owner"
