"""Requests that no sane client sends: words, bodies and headers, for the tests of every door."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

#: Requests to each door when there is time, and how many of them are drawn one by one.
MANY, DRAWN = 10_000, 300
SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
LET_BE = [
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.function_scoped_fixture,
]
PLAIN = "US-FL thrust_spine cervical chiropractor 2024 2024-13-45 9999-12-31 0001-01-01 -1 1e309 NaN null .. %"
WORDS = st.sampled_from([*PLAIN.split(), "\0", "\x7f", "ſ", "İ", "\u202e", "💀", "ａ", "0" * 40, "x" * 3000])
TEXT = WORDS | st.text(max_size=60)
KEYS = st.sampled_from(
    "jurisdiction technique credentials profession region on client findings steps age met cases case kind names "
    "format question resourceType item entry resource code coding status linkId answer".split()
)
ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS | TEXT, inner, max_size=6),
    max_leaves=25,
)
BODIES = (
    JSON.map(lambda data: json.dumps(data).encode())
    | JSON.map(lambda data: json.dumps(data).encode()[:-1])
    | JSON.map(lambda data: json.dumps(data).encode("utf-16"))
    | st.binary(max_size=300)
    | st.integers(1, 4000).map(lambda depth: b'{"a":[' * depth)
    | st.integers(1, 4000).map(lambda depth: b'{"cases":' + b"[" * depth + b"]" * depth + b"}")
    | st.just(b'{"jurisdiction":"\\ud800","technique":"\\udfff","credentials":[{"profession":"\\u0000"}]}')
)
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "accept", "if-none-match", "idempotency-key", "content-encoding", "origin"]),
    st.sampled_from(["", "text/html", "application/json", "multipart/form-data", "gzip", '"', "*", "\x80\xff"])
    | st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=200),
    max_size=3,
).map(lambda found: {name: value.encode("latin-1") for name, value in found.items()})


def is_ours(answer: Any) -> None:
    """An answer, or a problem that is said to be the client's."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


def quoted(word: str) -> str:
    """A word as a part of an address."""
    return quote(word.encode("utf-8", "surrogatepass"), safe="")


def send_many(send: Callable[..., None], few: int, **parts: st.SearchStrategy[Any]) -> None:
    """Sends requests made of parts drawn at random; in ``make soak`` 10,000, most of parts that were drawn before.

    Args:
        send: sends one, and says what is wrong with the answer.
        few: how many, unless there is time.
        parts: what a request is made of.
    """
    kept: dict[str, list[Any]] = {name: [] for name in parts}

    @settings(max_examples=DRAWN if SOAK else few, deadline=None, suppress_health_check=LET_BE)
    @given(**parts)
    def drawn(**request: Any) -> None:
        for name, part in request.items():
            kept[name].append(deepcopy(part))
        send(**request)

    drawn()
    mix = Random(few)  # noqa: S311  (a sample, no secret)
    for _ in range(MANY - DRAWN if SOAK else 0):
        request = {name: deepcopy(mix.choice(some)) for name, some in kept.items()}
        try:
            send(**deepcopy(request))
        except AssertionError as error:
            raise AssertionError(f"{error}\nSent: {request}") from error
