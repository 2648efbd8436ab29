"""The checker of the specification finds what is broken; the service breaks none of it."""

from __future__ import annotations

from copy import deepcopy

import pytest
from tests.web.hooks import charts, spec
from tests.web.hooks.doors import client, names

GOOD = {
    "cards": [
        {
            "uuid": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
            "summary": "Something",
            "indicator": "info",
            "source": {
                "label": "A",
                "url": "https://example.org",
                "topic": {"code": "a", "system": "http://b.org"},
            },
            "selectionBehavior": "at-most-one",
            "suggestions": [
                {
                    "label": "Do",
                    "actions": [
                        {"type": "delete", "description": "x", "resourceId": "ServiceRequest/order-1"},
                        {"type": "update", "description": "x", "resource": charts.order("97124")},
                    ],
                }
            ],
            "overrideReasons": [{"code": "a", "system": "http://b.org", "display": "c"}],
            "links": [{"label": "a", "url": "https://example.org/x", "type": "absolute"}],
        }
    ]
}
SENT = {"ServiceRequest/order-1"}


def test_a_good_response_breaks_nothing():
    assert list(spec.response(GOOD, SENT)) == []
    assert list(spec.response({"cards": []})) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("summary", "x" * 140),
        ("summary", None),
        ("summary", "two\nlines"),
        ("indicator", "hard-stop"),
        ("uuid", "1"),
        ("detail", ""),
        ("source", {}),
        ("source.url", "example.org"),
        ("source.topic.system", None),
        ("selectionBehavior", None),
        ("selectionBehavior", "all"),
        ("suggestions", []),
        ("suggestions.0.label", None),
        ("suggestions.0.isRecommended", "yes"),
        ("suggestions.0.actions.0.type", "remove"),
        ("suggestions.0.actions.0.description", None),
        ("suggestions.0.actions.0.resourceId", "order-1"),
        ("suggestions.0.actions.0.resourceId", "ServiceRequest/another"),
        ("suggestions.0.actions.1.resource", None),
        ("suggestions.0.actions.1.resource.id", "another"),
        ("suggestions.0.actions.1.resource.status", None),
        ("suggestions.0.actions.1.resource.subject", None),
        ("suggestions.0.actions.1.resource.statuss", "draft"),
        ("overrideReasons.0.display", None),
        ("overrideReasons.0.system", None),
        ("links.0.url", "/law/US-FL"),
        ("links.0.type", "relative"),
        ("links.0.appContext", "x"),
        ("mood", "good"),
    ],
)
def test_each_broken_rule_is_found(path, value):
    body = deepcopy(GOOD)
    *steps, last = path.split(".")
    at = body["cards"][0]
    for step in steps:
        at = at[int(step)] if step.isdigit() else at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    assert list(spec.response(body, SENT)), path


@pytest.mark.parametrize(
    "service",
    [
        {"id": "a", "hook": "patient-view"},
        {"id": "a", "hook": "patient-view", "description": ""},
        {"id": "a/b", "hook": "patient-view", "description": "x"},
        {
            "id": "a",
            "hook": "patient-view",
            "description": "x",
            "prefetch": {"a": "Patient/{{context.patient.id}}"},
        },
        {"id": "a", "hook": "patient-view", "description": "x", "prefetch": {"a": "https://x.org/Patient/1"}},
        {"id": "a", "hook": "patient-view", "description": "x", "prefetch": {}},
    ],
)
def test_each_broken_rule_of_discovery_is_found(service):
    assert list(spec.discovery({"services": [service]}))


def test_discovery_keeps_the_specification():
    body = client().get("/cds-services").json()
    assert list(spec.discovery(body)) == []
    assert {one["hook"] for one in body["services"]} == set(spec.HOOKS)
    for one in body["services"]:
        assert {"patient", "conditions", "medications", "user", "roles"} <= set(one["prefetch"])


def test_names_finds_resources_in_depth():
    assert "ServiceRequest/order-1" in names(charts.call("order-sign", None, charts.order("98941")))
