"""What is said about cards afterwards: checked, counted, and handed to a log if there is one."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from tests.web.hooks import charts
from tests.web.hooks.doors import cards, client

URL = "/cds-services/handrail-order-sign/feedback"
REASON = {"code": "need-met", "system": "http://example.org/handrail/override-reason"}


@pytest.fixture
def door():
    return client()


def overridden(**more):
    one = {
        "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
        "outcome": "overridden",
        "overrideReason": {"reason": REASON, "userComment": "Amaryllis Quillfeather asked for it"},
        "outcomeTimestamp": "2026-11-27T10:05:31Z",
    }
    return {"feedback": [one | more]}


def accepted(**more):
    one = {
        "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": "e56e1945-20b3-4393-8503-a1a20fd73152"}],
        "outcomeTimestamp": "2026-11-27T10:05:31.52+01:00",
    }
    return {"feedback": [one | more]}


def test_feedback_is_counted(door):
    for body in (overridden(), accepted(), overridden(overrideReason={"userComment": "no"})):
        answer = door.post(URL, json=body)
        assert answer.status_code == 200
        assert answer.json() == {}
    assert door.app.state.hooks_feedback == {"overridden": 2, "accepted": 1}


def test_feedback_goes_to_the_log_without_words_about_a_client(door):
    kept = []
    door.app.state.feedback = kept.append
    assert door.post(URL, json=overridden()).status_code == 200
    assert door.post(URL, json=accepted()).status_code == 200
    assert kept[0] == {
        "service": "handrail-order-sign",
        "client": "loopback",
        "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
        "outcome": "overridden",
        "overrideReason": REASON,
        "outcomeTimestamp": "2026-11-27T10:05:31Z",
    }
    assert kept[1]["acceptedSuggestions"] == ["e56e1945-20b3-4393-8503-a1a20fd73152"]
    assert "Quillfeather" not in json.dumps(kept)


def test_a_card_of_a_call_can_be_answered(door):
    (card,) = cards(
        door, charts.call("order-sign", charts.who("massage_therapist") | charts.chart(), charts.order("98941"))
    )
    reason = {key: card["overrideReasons"][0][key] for key in ("code", "system")}
    assert door.post(URL, json=overridden(card=card["uuid"], overrideReason={"reason": reason})).status_code == 200
    chosen = [{"id": card["suggestions"][0]["uuid"]}]
    assert door.post(URL, json=accepted(card=card["uuid"], acceptedSuggestions=chosen)).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("card", None),
        ("card", 3),
        ("card", "x" * 400),
        ("outcome", None),
        ("outcome", "ignored"),
        ("acceptedSuggestions", None),
        ("acceptedSuggestions", []),
        ("acceptedSuggestions", ["x"]),
        ("acceptedSuggestions", [{}]),
        ("acceptedSuggestions", [{"id": "x"}] * 31),
        ("outcomeTimestamp", None),
        ("outcomeTimestamp", "yesterday"),
        ("outcomeTimestamp", "2026-13-01T00:00:00Z"),
        ("outcomeTimestamp", "2026-11-27T10:05:31"),
        ("overrideReason", "x"),
        ("overrideReason", {"reason": {"code": "x"}}),
        ("overrideReason", {"reason": {"system": "x"}}),
    ],
)
def test_wrong_feedback_is_refused_whole(field, value, door):
    wrong = accepted()["feedback"][0]
    if value is None:
        del wrong[field]
    else:
        wrong[field] = deepcopy(value)
    answer = door.post(URL, json={"feedback": [*accepted()["feedback"], wrong]})
    assert answer.status_code in (400, 422)
    assert answer.json()["where"].startswith("feedback[1]")
    assert door.app.state.hooks_feedback == {}


@pytest.mark.parametrize("body", [{}, {"feedback": []}, {"feedback": {}}, [], {"feedback": [{}] * 1001}])
def test_no_feedback_is_refused(body, door):
    assert door.post(URL, json=body).status_code in (400, 422)
