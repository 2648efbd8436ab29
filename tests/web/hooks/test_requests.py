"""Wrong requests get a 4xx with problem+json; nothing that anybody sends breaks the service."""

from __future__ import annotations

import json
import os
import random
from copy import deepcopy
from typing import Any

import pytest
from tests.web.hooks import charts, spec
from tests.web.hooks.doors import client, names

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
HOW_MANY = 10_000 if SOAK else 250
URL = "/cds-services/handrail-order-sign"


@pytest.fixture(scope="module")
def door():
    return client()


def body() -> dict[str, Any]:
    record = charts.chart(charts.condition(charts.ICD, "M81.0"), charts.medicine("11289"))
    return charts.call("order-sign", charts.who("chiropractor") | record, charts.order("98941"))


def refused(answer, status=None):
    assert answer.status_code in ((status,) if status else (400, 422)), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    assert problem["title"]
    return problem


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("hook", None, "hook"),
        ("hook", "patient-view", "hook"),
        ("hook", 3, "hook"),
        ("hookInstance", None, "hookInstance"),
        ("hookInstance", "1", "hookInstance"),
        ("context", None, "context"),
        ("context", [], "context"),
        ("context.userId", None, "context.userId"),
        ("context.userId", "prac-1", "context.userId"),
        ("context.userId", "Patient/1", "context.userId"),
        ("context.patientId", None, "context.patientId"),
        ("context.patientId", "Patient/1", "context.patientId"),
        ("context.encounterId", "a b", "context.encounterId"),
        ("context.draftOrders", None, "context.draftOrders"),
        ("context.draftOrders", [], "context.draftOrders"),
        ("context.draftOrders.entry", {}, "context.draftOrders.entry"),
        ("context.draftOrders.entry.0.resource.resourceType", None, "context.draftOrders.entry[0].resource"),
        ("context.draftOrders.entry.0.resource.code", "98941", "context.draftOrders.entry[0].resource.code"),
        (
            "context.draftOrders.entry.0.resource.occurrenceDateTime",
            "soon",
            "context.draftOrders.entry[0].resource.occurrenceDateTime",
        ),
        ("fhirServer", "ehr", "fhirServer"),
        ("fhirAuthorization", {"access_token": "x"}, "fhirServer"),
        ("prefetch", [], "prefetch"),
        ("prefetch.conditions", "none", "prefetch.conditions"),
        ("prefetch.conditions.entry.0.resource.code", "x", "prefetch.conditions.entry[0].resource.code"),
        ("prefetch.conditions.entry.0.resource.onsetDateTime", "x", "prefetch.conditions.entry[0].resource"),
        ("prefetch.conditions.entry.0.resource.subject", None, "prefetch.conditions.entry[0].resource"),
        ("prefetch.patient.birthDate", "1984-99-99", "prefetch.patient"),
        ("prefetch.patient.id", "somebody-else", "prefetch"),
        ("prefetch.roles.entry.1.resource.address", "x", "prefetch.roles.entry[1].resource.address"),
    ],
)
def test_a_wrong_field_is_named(path, value, where, door):
    made = body()
    at = made
    *steps, last = path.split(".")
    for step in steps:
        at = at[int(step)] if step.isdigit() else at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    problem = refused(door.post(URL, json=made))
    assert problem["where"].startswith(where), problem
    assert "Quillfeather" not in json.dumps(problem)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b'{"hook": NaN}']
)
def test_what_is_no_object_is_refused(raw, door):
    refused(door.post(URL, content=raw, headers={"content-type": "application/json"}))


def test_other_ways_in_are_closed(door):
    assert door.get(URL).status_code == 405
    refused(door.post("/cds-services/unheard-of", json=body()), 404)
    refused(door.post(URL, content=b"hook=x", headers={"content-type": "application/x-www-form-urlencoded"}), 415)
    refused(door.post(URL, content=b" " * (9 << 20), headers={"content-type": "application/json"}), 413)


def test_too_many_orders_are_refused(door):
    orders = [charts.order("98941", id_=f"o{n}") for n in range(21)]
    refused(door.post(URL, json=charts.call("order-sign", None, *orders)))


VALUES = [
    None,
    True,
    0,
    -1,
    1e308,
    "",
    "x" * 5000,
    "\u0000",
    "Patient/1",
    "#x",
    [],
    {},
    [[]],
    {"a": None},
    ["x"],
    [None],
]


def _spots(data: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    if isinstance(data, dict):
        for key, inner in data.items():
            found += _spots(inner, (*at, key))
    elif isinstance(data, list):
        for number, inner in enumerate(data):
            found += _spots(inner, (*at, number))
    return found


def _resources(data: Any) -> list[dict[str, Any]]:
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    found = [data] if isinstance(data, dict) and "resourceType" in data else []
    return found + [one for each in inner for one in _resources(each)]


def test_whatever_is_sent_the_answer_is_good_or_4xx(door):
    """Changes one to three places of a good call to something else, again and again."""
    draw = random.Random(20261127)  # noqa: S311
    bodies = [
        body(),
        charts.call("appointment-book", charts.who("chiropractor") | charts.chart(), charts.appointment("98941")),
        charts.call("order-select", charts.who("massage_therapist") | charts.chart(), charts.order("97140")),
        charts.call("encounter-start", charts.who("chiropractor") | charts.chart(), None),
        charts.call("patient-view", charts.who("chiropractor") | charts.chart()),
    ]
    good = bad = 0
    for _ in range(HOW_MANY):
        made = deepcopy(draw.choice(bodies))
        service = made["hook"]
        for _ in range(draw.randint(1, 3)):
            spot = draw.choice(_spots(made))
            at: Any = made
            try:
                for step in spot[:-1]:
                    at = at[step]
                if draw.random() < 0.2:
                    del at[spot[-1]]
                else:
                    at[spot[-1]] = deepcopy(draw.choice(VALUES))
            except (KeyError, IndexError, TypeError):
                continue
        answer = door.post(f"/cds-services/handrail-{service}", json=made)
        if answer.status_code == 200:
            broken = list(spec.response(answer.json(), names(made)))
            # An order that was no good FHIR when it came is none when it is suggested with another code.
            unsound = any(
                list(spec.fhir(one, "")) for one in _resources(made) if one.get("resourceType") in spec.WORK
            )
            assert [line for line in broken if not (unsound and ".resource: " in line)] == [], made
        else:
            refused(answer)
        good += answer.status_code == 200
        bad += answer.status_code != 200
    assert min(good, bad) > HOW_MANY // 20
