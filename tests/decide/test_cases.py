"""Runs the cases of tests/cases/decide, which a lawyer or clinician can read and add to."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from handrail import Case, Client, Credential, decide

FOLDER = Path(__file__).parents[1] / "cases" / "decide"
ASKED = ("in as do region day with done unscreened client record met holds also").split()


def _cases():
    for path in sorted(FOLDER.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield pytest.param(case["ask"], case["is"], id=f"{path.stem}: {case['name']}")


def _case(asked) -> Case:
    assert set(asked) <= set(ASKED), set(asked) - set(ASKED)
    client = None
    if asked.get("record"):
        client = Client(findings=asked.get("with", []), steps=None)
    elif asked.get("client") or any(key in asked for key in ("with", "done", "unscreened")):
        client = Client(
            findings=asked.get("with", []), steps=asked.get("done", []), unscreened=asked.get("unscreened", [])
        )
    held = [
        Credential(asked["as"], **asked.get("holds", {})),
        *(Credential(name) for name in asked.get("also", [])),
    ]
    day = asked.get("day", "2026-11-24")
    return Case(asked["in"], asked["do"], held, asked.get("region"), str(day), client, asked.get("met", []))


@pytest.mark.parametrize(("asked", "expected"), list(_cases()))
def test_case(asked, expected):
    decision = decide(_case(asked))
    said = " ".join(f"{reason.text} {reason.citation}" for reason in decision.reasons)
    needs = [need.id for need in decision.needs]
    steps = [step.step for step in decision.before]
    for key, value in expected.items():
        if key == "verdict":
            assert decision.verdict == value, (needs, said)
        elif key == "leaning":
            assert decision.leaning == value
        elif key == "needs":
            assert sorted(needs) == sorted(value)
        elif key == "needs include":
            assert set(value) <= set(needs)
        elif key == "limits include":
            assert set(value) <= {limit.id for limit in decision.limits}
        elif key == "before include":
            assert set(value) <= set(steps)
        elif key == "before exclude":
            assert not set(value) & set(steps)
        elif key == "rule":
            assert decision.reasons[0].rule == value or value in {r.rule for r in decision.reasons}
        elif key == "says":
            assert value in said
        elif key == "says not":
            assert value not in said
        elif key == "notes":
            assert any(value in (reason.note or "") for reason in decision.reasons)
        elif key.startswith("on "):
            assert decision.by_region[key.removeprefix("on ")].verdict == value
        else:
            pytest.fail(f"no such expectation: {key}")
