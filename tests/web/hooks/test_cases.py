"""Runs the cases of tests/cases/hooks, which a clinician can read and add to."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.web.hooks import charts
from tests.web.hooks.doors import cards, client

from handrail.intake import questionnaire

FOLDER = Path(__file__).parents[2] / "cases" / "hooks"
KEYS = {
    "name", "who", "in", "country", "order", "record", "reason", "answered yes", "not sent", "letters",
    "card", "summary", "law", "detail", "offers", "says",
}  # fmt: skip
SYSTEMS = {"icd": charts.ICD, "snomed": charts.SNOMED}


def _cases():
    for path in sorted(FOLDER.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            assert set(case) <= KEYS, set(case) - KEYS
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


def answers(yes: list[str], technique: str = "thrust_spine") -> dict:
    """Answers to the questionnaire: yes to some questions, no to all others."""
    asked = questionnaire(technique)
    ids = [one.question.id for one in asked.questions]
    assert set(yes) <= set(ids), set(yes) - set(ids)
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "qr-1",
        "status": "completed",
        "subject": {"reference": f"Patient/{charts.PATIENT_ID}"},
        "authored": "2026-11-27T09:00:00Z",
        "item": [{"linkId": id_, "answer": [{"valueBoolean": id_ in yes}]} for id_ in ids],
    }


def _record(case):
    found = []
    for number, given in enumerate(case.get("record", []), 1):
        system, code = given.split()
        if system == "rxnorm":
            found.append(charts.medicine(code, number))
        else:
            found.append(charts.condition(SYSTEMS[system], code, number))
    if case.get("answered yes"):
        found.append(answers(case["answered yes"]))
    return charts.chart(*found)


def prefetch(case):
    profession = None if case["who"] == "nobody known" else case["who"]
    state = None if case["in"] == "nowhere" else case["in"]
    more = {"name": [{"family": "Hand", "suffix": case["letters"]}]} if "letters" in case else {}
    sent = charts.who(profession, state, case.get("country", "US"), **more) | _record(case)
    return {key: value for key, value in sent.items() if key not in case.get("not sent", [])}


@pytest.fixture(scope="module")
def door():
    return client()


@pytest.mark.parametrize("hook", ["order-sign", "order-select", "appointment-book"])
@pytest.mark.parametrize("case", list(_cases()))
def test_case(case, hook, door):
    code = str(case["order"])
    more = {}
    if "reason" in case:
        pairs = [given.split() for given in case["reason"]]
        more["reasonCode"] = [{"coding": [{"system": SYSTEMS[system], "code": code}]} for system, code in pairs]
    work = charts.appointment(code, **more) if hook == "appointment-book" else charts.order(code, **more)
    found = cards(door, charts.call(hook, prefetch(case), work))
    if case.get("says") == "nothing":
        assert found == []
        return
    (card,) = found
    assert card["indicator"] == case["card"]
    assert case.get("summary", "") in card["summary"]
    plain = card["detail"].replace("\\", "")
    assert str(case.get("law", "")) in plain
    assert case.get("detail", "") in plain, plain
    offered = [one["label"] for one in card.get("suggestions", [])]
    for label in case.get("offers", []):
        assert any(label in one for one in offered), offered
    assert "Not legal or medical advice" in plain
    assert ("overrideReasons" in card) is (case["card"] != "info")
