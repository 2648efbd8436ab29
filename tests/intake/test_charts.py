"""Runs the charts of tests/cases/safety: FHIR R4 bundles made from a clinician's lines, read and screened."""

from __future__ import annotations

import json
import random
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from handrail import Case, Credential, decide
from handrail.intake import read, screen
from handrail.terms import standing

FOLDER = Path(__file__).parents[1] / "cases" / "safety"
DAY = date(2026, 11, 24)
STEPS = ("history", "examination", "diagnosis", "contraindication_screen", "consent")
SYSTEMS = {
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "snomed": "http://snomed.info/sct",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
}
PREGNANCY = {"yes": "LA15173-0", "no": "LA26683-5", "unknown": "LA4489-6"}
SUBJECT = {"reference": "Patient/p"}


class Words(yaml.SafeLoader):
    """YAML in which `on`, `yes`, `no` and dates are words; only true and false are truth values."""


Words.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def charts() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), Loader=Words):  # noqa: S506  (a SafeLoader)
            if "chart" in case:
                assert set(case) - {"why"} == {"name", "ask", "chart", "is"}, case
                found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


def concept(given: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    coding = [{"system": url, "code": given[key]} for key, url in SYSTEMS.items() if key in given]
    if coding:
        made["coding"] = coding
    if "name" in given:
        made["text"] = given["name"]
    return made


def status(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}


def site(code: str) -> list[dict[str, Any]]:
    return [{"coding": [{"system": SYSTEMS["snomed"], "code": code}]}]


def problem(given: dict[str, Any], id_: str) -> dict[str, Any]:
    assert set(given) <= {"icd10cm", "snomed", "name", "status", "sure", "since", "until", "at"}, given
    made = {
        "resourceType": "Condition",
        "id": id_,
        "subject": SUBJECT,
        "code": concept(given),
        "verificationStatus": status("condition-ver-status", given.get("sure", "confirmed")),
    }
    if given.get("sure") != "entered-in-error":  # FHIR forbids it there
        made["clinicalStatus"] = status("condition-clinical", given.get("status", "active"))
    if "since" in given:
        made["onsetDateTime"] = given["since"]
    if "until" in given:
        made["abatementDateTime"] = given["until"]
    if "at" in given:
        made["bodySite"] = site(given["at"])
    return made


def taken(given: dict[str, Any], id_: str) -> dict[str, Any]:
    assert set(given) <= {"rxnorm", "name", "status", "kind", "since", "until"}, given
    made = {
        "id": id_,
        "status": given.get("status", "active"),
        "subject": SUBJECT,
        "medicationCodeableConcept": concept(given),
    }
    if given.get("kind") == "request":
        return {"resourceType": "MedicationRequest", "intent": "order", **made}
    period = {word: given[key] for key, word in (("since", "start"), ("until", "end")) if key in given}
    return {"resourceType": "MedicationStatement", **made, **({"effectivePeriod": period} if period else {})}


def operation(given: dict[str, Any], id_: str) -> dict[str, Any]:
    assert set(given) <= {"snomed", "name", "on", "at", "status", "kind"}, given
    made = {
        "resourceType": "Procedure",
        "id": id_,
        "status": given.get("status", "completed"),
        "subject": SUBJECT,
        "code": concept(given),
        "performedDateTime": given["on"],
    }
    if given.get("kind") == "surgical":
        made["category"] = {"coding": [{"system": SYSTEMS["snomed"], "code": "387713003"}]}
    if "at" in given:
        made["bodySite"] = site(given["at"])
    return made


def bundle(chart: dict[str, Any]) -> list[dict[str, Any]]:
    """The resources of a chart."""
    assert set(chart) <= {"born", "problems", "medicines", "operations", "pregnant", "pregnant_on", "steps"}, chart
    patient = {"resourceType": "Patient", "id": "p"}
    if "born" in chart:
        patient["birthDate"] = chart["born"]
    made = [patient]
    made += [problem(given, f"problem-{n}") for n, given in enumerate(chart.get("problems", []), 1)]
    made += [taken(given, f"medicine-{n}") for n, given in enumerate(chart.get("medicines", []), 1)]
    made += [operation(given, f"operation-{n}") for n, given in enumerate(chart.get("operations", []), 1)]
    if "pregnant" in chart:
        made.append(
            {
                "resourceType": "Observation",
                "id": "pregnancy",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": "82810-3"}]},
                "subject": SUBJECT,
                "effectiveDateTime": chart["pregnant_on"],
                "valueCodeableConcept": {
                    "coding": [{"system": "http://loinc.org", "code": PREGNANCY[chart["pregnant"]]}]
                },
            }
        )
    return made


def screened(resources: list[dict[str, Any]], ask: dict[str, Any], steps: Any) -> Any:
    raw = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    regions = ask.get("region", [])
    return screen(
        read(json.dumps(raw).encode(), "chart.json"),
        on=DAY,
        technique=ask["do"],
        regions=tuple(regions) if isinstance(regions, list) else (regions,),
        steps=steps,
    )


def decided(client: Any, ask: dict[str, Any]) -> Any:
    return decide(Case("US-AK", ask["do"], [Credential("chiropractor")], ask.get("region"), DAY, client))


@pytest.mark.parametrize("case", charts())
def test_chart(case):
    ask, chart, expected = case["ask"], case["chart"], case["is"]
    resources = bundle(chart)
    result = screened(resources, ask, tuple(chart.get("steps", STEPS)))
    decision = decided(result.client, ask)
    of_client = [reason for reason in decision.reasons if reason.gate in ("safety", "process")]
    needs = [need.id for need in decision.needs]
    made: dict[str, set[str]] = {}
    for evidence in result.evidence:
        made.setdefault(evidence.resource.partition("/")[2], set()).add(evidence.finding.id)
    for key, value in expected.items():
        if key == "verdict":
            assert decision.verdict == value, needs
        elif key == "at least":
            assert standing(decision.verdict, decision.leaning) >= standing(value, None)
        elif key == "because":
            assert {r.rule for r in of_client if r.verdict == decision.verdict} == set(value)
        elif key == "mentions":
            assert set(value) <= {reason.rule for reason in of_client}
        elif key == "needs":
            assert sorted(needs) == sorted(value)
        elif key == "needs include":
            assert set(value) <= set(needs)
        elif key == "found":
            assert made == {part: set(ids) for part, ids in value.items()}
        elif key == "set aside":
            assert [aside.resource.partition("/")[2] for aside in result.set_aside] == value
        elif key == "unrecognised":
            assert [unknown.resource.partition("/")[2] for unknown in result.unrecognised] == value
        elif key == "unscreened":
            assert sorted(result.client.unscreened) == sorted(value)
        elif key.startswith("on "):
            assert decision.by_region[key.removeprefix("on ")].verdict == value
        else:
            pytest.fail(f"no such expectation: {key}")
    # Every finding is tied to a resource, and the order of resources says nothing.
    assert {e.finding for e in result.evidence} >= set(result.client.findings)
    shuffled = random.Random(case["name"]).sample(resources, len(resources))  # noqa: S311  (no secret)
    again = decided(screened(shuffled, ask, tuple(chart.get("steps", STEPS))).client, ask)
    assert (again.verdict, again.by_region, {n.id for n in again.needs}) == (
        decision.verdict,
        decision.by_region,
        set(needs),
    )
