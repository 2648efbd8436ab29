"""Runs the cases of tests/cases/decide/themes: what DESIGN and the dossiers say must come out.

A case asks a question (`ask`) and says what the answer is (`is`). Every expectation was derived by hand from
DESIGN and the dossier, not from a run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from handrail import Case, Client, Credential, Finding, Verdict, decide
from handrail.decide import Decision
from handrail.terms import standing

FOLDER = Path(__file__).parents[1] / "cases" / "decide" / "themes"
TODAY = "2026-11-24"
FIVE = ["history", "examination", "diagnosis", "contraindication_screen", "consent"]
ASKED = {
    "in",
    "as",
    "do",
    "region",
    "on",
    "with",
    "broad",
    "done",
    "unscreened",
    "record",
    "client",
    "met",
    "credential",
    "also",
}
VISIT = {"with", "broad", "done", "unscreened", "record", "client"}


class _Words(yaml.SafeLoader):
    """YAML in which `on`, `yes` and `no` are words; only true and false are truth values."""


_Words.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:bool"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def _cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), Loader=_Words):  # noqa: S506  (a SafeLoader)
            assert set(case) == {"name", "ask", "is"}, case
            found.append(pytest.param(case["ask"], case["is"], id=f"{path.stem}: {case['name']}"))
    return found


CASES = _cases()


def build(ask: dict[str, Any]) -> Case:
    """The case that an `ask` describes."""
    assert set(ask) <= ASKED, set(ask) - ASKED
    client = None
    if VISIT & set(ask):
        findings = [*ask.get("with", []), *(Finding(name, match="broad") for name in ask.get("broad", []))]
        done = ask.get("done", [])
        steps = None if ask.get("record") else FIVE if done == "all" else done
        client = Client(findings=findings, steps=steps, unscreened=ask.get("unscreened", []))
    held = [
        Credential(ask["as"], **ask.get("credential", {})),
        *(Credential(**more) for more in ask.get("also", [])),
    ]
    on = ask.get("on", TODAY)
    return Case(ask["in"], ask["do"], held, ask.get("region"), on, client, ask.get("met", []))


def _stands(verdict: Verdict, leaning: Any) -> str:
    return f"{verdict} {leaning}" if leaning else str(verdict)


def check(decision: Decision, expected: dict[str, Any]) -> None:
    """Compares a decision with what `is` says of it."""
    needs = [need.id for need in decision.needs]
    limits = {limit.id for limit in decision.limits}
    steps = {step.step: step for step in decision.before}
    texts = " | ".join(f"{r.text} [{r.citation}]" for r in decision.reasons)
    notes = " | ".join(r.note or "" for r in decision.reasons)
    firsts = " | ".join(f"{step.text} ({step.source})" for step in decision.before)
    asked = [*(need.text for need in decision.needs), *(limit.text for limit in decision.limits)]
    everything = " | ".join([texts, notes, firsts, *asked])
    worst = standing(decision.verdict, decision.leaning)
    deciding = [r for r in decision.reasons if standing(r.verdict, r.leaning) == worst]
    plain = {
        "verdict": lambda: str(decision.verdict),
        "leaning": lambda: str(decision.leaning),
        "profession": lambda: decision.profession,
        "needs": lambda: sorted(needs),
        "who_may": lambda: [who.profession for who in decision.who_may],
    }
    if expected["verdict"] == "undetermined":
        assert "leaning" in expected, "an undetermined case says which way it leans"
    else:
        assert decision.leaning is None
    assert len(needs) == len(set(needs)), "each need once"
    for key, value in expected.items():
        if key in plain:
            assert plain[key]() == (sorted(value) if key == "needs" else value), f"{key}: {everything}"
        elif key == "needs_include":
            assert set(value) <= set(needs)
        elif key == "needs_exclude":
            assert not set(value) & set(needs)
        elif key == "limits_include":
            assert set(value) <= limits
        elif key == "before_include":
            assert set(value) <= set(steps)
        elif key == "before_exclude":
            assert not set(value) & set(steps)
        elif key == "before_done":
            assert {step: steps[step].done for step in value} == value
        elif key == "by_region":
            assert {r: _stands(*decision.by_region[r]) for r in value} == value
        elif key == "rule":
            assert value in [r.rule for r in decision.reasons if r.gate == "scope"]
        elif key == "rule_any":
            assert value in [r.rule for r in deciding]
        elif key == "reason_gate":
            assert value in [r.gate for r in deciding], [(r.gate, r.text) for r in deciding]
        elif key == "source":
            assert value in [r.source for r in deciding]
        elif key == "says":
            assert value in texts
        elif key == "says_not":
            assert value not in texts
        elif key == "notes":
            assert value in notes
        elif key == "notes_not":
            assert value not in notes
        elif key == "says_before":
            assert value in firsts
        elif key == "says_before_not":
            assert value not in firsts
        elif key == "tells":
            assert value in everything
        elif key == "tells_not":
            assert value not in everything
        else:
            pytest.fail(f"no such expectation: {key}")


@pytest.mark.parametrize(("ask", "expected"), CASES)
def test_case(ask: dict[str, Any], expected: dict[str, Any]) -> None:
    check(decide(build(ask)), expected)


def test_there_are_enough_cases_and_each_has_its_own_name() -> None:
    names = [case.id for case in CASES]
    assert len(names) == len(set(names))
    assert len(names) >= 130
