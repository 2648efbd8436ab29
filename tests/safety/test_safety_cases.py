"""Runs the cases of tests/cases/safety, which a clinician can read and add to; its README.md tells the words."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from handrail import Case, Client, Credential, Finding, Verdict, decide
from handrail.safety import Coded, Facts, icd10cm, medicine, snomed, strongest
from handrail.terms import InputError

FOLDER = Path(__file__).parents[1] / "cases" / "safety"
DAY = "2026-11-24"
STEPS = ["history", "examination", "diagnosis", "contraindication_screen", "consent"]
ASKED = {"do", "region", "in", "as", "on"}
ABOUT_CLIENT = {
    "with", "codes", "snomed", "medicines", "age", "done", "unscreened", "confirmed", "record",
}  # fmt: skip


class Words(yaml.SafeLoader):
    """YAML in which `on`, `yes` and `no` are words; only true and false are truth values."""


Words.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:bool"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), Loader=Words):  # noqa: S506  (a SafeLoader)
            if "chart" in case:
                continue  # tests/intake/test_charts.py
            assert set(case) - {"why"} == {"name", "ask", "client", "is"}, case
            assert set(case["ask"]) <= ASKED, case["name"]
            assert set(case["client"]) <= ABOUT_CLIENT, case["name"]
            found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


def coded(client: dict[str, Any], day: date) -> list[tuple[str, Coded | None]]:
    """The codes and medicines of a client, each with what it means."""
    made: list[tuple[str, Coded | None]] = []
    for given in client.get("codes", []):
        entry = {"code": given} if isinstance(given, str) else given
        facts = Facts(day, entry.get("since"), entry.get("active"), entry.get("flare"))
        made.append((entry["code"], icd10cm(entry["code"], facts)))
    for given in client.get("snomed", []):
        entry = {"code": given} if isinstance(given, str) else given
        facts = Facts(day, entry.get("since"), entry.get("active"), entry.get("flare"))
        made.append((entry["code"], snomed(entry["code"], facts)))
    medicines = client.get("medicines", [])
    return [
        *made,
        *((given, medicine(given) if given.isdigit() else medicine(None, given)) for given in medicines),
    ]


def decided(case: dict[str, Any]) -> tuple[Any, list[str]]:
    """The decision, and what was not recognised."""
    ask, client = case["ask"], case["client"]
    day = str(ask.get("on", DAY))
    codes = coded(client, date.fromisoformat(day))
    matches = strongest(match for _, code in codes if code for match in code.matches)
    findings = [*client.get("with", []), *(Finding(m.finding, m.site, m.match) for m in matches)]
    about = Client(
        findings=findings,
        steps=None if client.get("record") else client.get("done", STEPS),
        unscreened=client.get("unscreened", []),
        age=client.get("age"),
    )
    held = [Credential(ask.get("as", "chiropractor"))]
    decision = decide(
        Case(ask.get("in", "US-AK"), ask["do"], held, ask.get("region"), day, about, client.get("confirmed", []))
    )
    return decision, [text for text, code in codes if code is None or not code.known]


def as_list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


@pytest.mark.parametrize("case", cases())
def test_case(case):
    expected = case["is"]
    if "error" in expected:
        with pytest.raises(InputError, match=re.escape(expected["error"])) as caught:
            decided(case)
        assert "\n" not in str(caught.value)
        return
    decision, unknown = decided(case)
    of_client = [reason for reason in decision.reasons if reason.gate in ("safety", "process")]
    said = " ".join(f"{reason.text} {reason.note or ''}" for reason in of_client)
    spoken = {reason.rule for reason in of_client}
    needs = [need.id for need in decision.needs]
    for key, value in expected.items():
        if key == "verdict":
            assert decision.verdict == value, (needs, said)
        elif key == "because":
            assert {r.rule for r in of_client if r.verdict == decision.verdict} == set(value)
        elif key == "mentions":
            assert set(value) <= spoken
        elif key == "mentions not":
            assert not set(value) & spoken
        elif key == "needs":
            assert sorted(needs) == sorted(value)
        elif key == "needs include":
            assert set(value) <= set(needs)
        elif key == "before include":
            assert set(value) <= {step.step for step in decision.before}
        elif key == "says":
            for words in as_list(value):
                assert words in said
        elif key == "says not":
            for words in as_list(value):
                assert words not in said
        elif key == "unrecognised":
            assert unknown == value
        elif key.startswith("on "):
            assert decision.by_region[key.removeprefix("on ")].verdict == value
        else:
            pytest.fail(f"no such expectation: {key}")
    if decision.verdict is Verdict.URGENT:
        assert not decision.needs
    assert all(reason.source for reason in of_client)


def test_there_are_enough_cases_and_no_two_of_one_name():
    names = [case["name"] for path in FOLDER.glob("*.yaml") for case in yaml.load(path.read_text(), Loader=Words)]  # noqa: S506
    assert len(names) == len(set(names))
    assert len(names) >= 200


def test_every_file_of_cases_is_in_the_readme():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"| {path.name} |" in readme for path in FOLDER.glob("*.yaml"))
