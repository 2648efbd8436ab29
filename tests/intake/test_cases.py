"""The cases that a clinician reads: tests/cases/screen/*.yaml."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.intake.records import ME, SNOMED, concept, condition, found, patient, screened

FOLDER = Path(__file__).parent.parent / "cases" / "screen"
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['case']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def _resources(case: dict[str, Any]) -> list[dict[str, Any]]:
    made = []
    for given in case.get("conditions", ()):
        fields = dict(given)
        made.append(condition(*fields.pop("codes"), **fields))
    for kind, key in (("MedicationRequest", "requests"), ("MedicationStatement", "statements")):
        for given in case.get(key, ()):
            fields = {"status": "active", **given}
            if key == "requests":
                fields.setdefault("intent", "order")
            medicine, words = fields.pop("medicine", None), fields.pop("words", None)
            what = concept(medicine) if medicine else {"text": words}
            made.append({"resourceType": kind, "subject": ME, "medicationCodeableConcept": what, **fields})
    for given in case.get("pregnancy", ()):
        fields = {"status": "final", **given}
        answer = concept(fields.pop("answer"))
        code = concept("loinc 82810-3")
        made.append(
            {"resourceType": "Observation", "subject": ME, "code": code, "valueCodeableConcept": answer, **fields}
        )
    for given in case.get("procedures", ()):
        fields = {"status": "completed", **given}
        if fields.pop("surgical", False):
            fields["category"] = {"coding": [{"system": SNOMED, "code": "387713003"}]}
        made.append({"resourceType": "Procedure", "subject": ME, "code": concept(fields.pop("code")), **fields})
    return made


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    on = date.fromisoformat(case.get("day", "2026-11-24"))
    me = patient(birthDate=case["born"]) if "born" in case else patient()
    screening = screened(me, *_resources(case), on=on)
    got = found(screening)
    if "not" in case:
        assert not {name.partition("@")[0] for name in got} & set(case["not"])
    else:
        assert sorted(name for name, match in got.items() if match == "exact") == sorted(case.get("found", []))
        assert sorted(name for name, match in got.items() if match == "broad") == sorted(case.get("ask", []))
    why = " | ".join(aside.why for aside in screening.set_aside)
    for words in case.get("aside", ()):
        assert words in why
    assert bool(case.get("aside")) == bool(screening.set_aside) or "not" in case, why
    named = [f"{unknown.system} {unknown.code}" for unknown in screening.unrecognised]
    assert [name.replace(SNOMED, "snomed") for name in named] == case.get("unknown", [])
    assert list(screening.client.unscreened) == case.get("unscreened", [])
    if "age" in case:
        assert screening.client.age == case["age"]
    for evidence in screening.evidence:
        assert evidence.finding in screening.client.findings
        assert evidence.path.startswith("Bundle.entry[")
        assert evidence.why
        assert evidence.source
