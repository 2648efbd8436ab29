"""The JSON of a decision, exactly in the shape that is promised: keys, their order, types, null and [].

After a change that is meant, write the golden example anew:
``HANDRAIL_WRITE_GOLDEN=1 pytest tests/decide/test_json.py``.
"""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path

import pytest

from handrail import Case, Client, Credential, Finding, decide

GOLDEN = Path(__file__).parents[1] / "cases" / "json" / "florida.json"
FIVE = ["history", "examination", "diagnosis", "contraindication_screen", "consent"]
VERDICTS = ("permitted", "conditional", "undetermined", "prohibited", "urgent")
GATES = ("licence", "scope", "safety", "process")
BASES = ("statute", "regulation", "regulator_guidance", "attorney_general", "court", "secondary")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

TOP = ["verdict", "leaning", "by_region", "reasons", "needs", "limits", "before"]
TOP += ["who_may", "instead", "verify", "case", "knowledge", "on"]
REASON = ["gate", "verdict", "text", "rule", "citation", "source", "basis", "explicit", "text_seen"]
REASON += ["effective_from", "effective_to", "note"]
CASE = ["jurisdiction", "technique", "region", "credentials", "client", "met", "on"]


def held(profession, **about):
    return [Credential(profession, **about)]


FLORIDA = Case("US-FL", "thrust_spine", held("massage_therapist"), on="2026-11-24")
DECIDED = {
    "florida": FLORIDA,
    "permitted": Case("US-FL", "thrust_spine", held("chiropractor"), "lumbar", date(2026, 11, 24)),
    "conditional": Case("US-WA", "thrust_spine", held("physical_therapist"), on="2026-11-24"),
    "undetermined": Case("US-VA", "thrust_spine", held("chiropractor"), ["lumbar", "sacral"], "2026"),
    "no rule": Case("US-OH", "thrust_extremity", held("acupuncturist"), on="2026-11"),
    "a lapsed rule": Case("US-MS", "thrust_spine", held("chiropractor"), on="2026-07-01"),
    "a reserved act": Case("US-TN", "thrust_spine", held("acupuncturist"), on="2026-11-24"),
    "no source": Case("CA-NU", "thrust_spine", held("physical_therapist"), on="2026-11-24"),
    "a change within": Case("CA-BC", "thrust_spine", held("massage_therapist"), on="2026"),
    "urgent": Case("US-FL", "thrust_spine", held("chiropractor"), client=Client(["ces_saddle"]), on="2026-11-24"),
    "a visit": Case(
        "US-MD",
        "thrust_spine",
        [
            Credential(
                "chiropractor",
                "US-MD",
                "full",
                "active",
                "2020-01-01",
                "2030-01-01",
                endorsements=["x"],
                training={"y": 4},
            ),
            Credential("massage_therapist"),
        ],
        on="2026-11-24",
        client=Client(
            [Finding("osteoporosis"), Finding("acute_fracture", "extremity", "broad")],
            [*FIVE, "treatment_plan"],
            ["ces_saddle"],
        ),
        met=["decision:osteoporosis"],
    ),
    "a record": Case(
        "US-FL", "soft_tissue", held("massage_therapist"), client=Client(["pregnancy"], None), on="2025"
    ),
}


def typed(value, *kinds):
    """Whether a value is of one of some kinds, a truth value being no number."""
    return any(value is None if kind is None else type(value) is kind for kind in kinds)


def check_stand(stand):
    assert stand["verdict"] in VERDICTS
    if stand["verdict"] == "undetermined":
        assert stand["leaning"] in ("yes", "none", "no")
    else:
        assert stand["leaning"] is None


def check_needs(needs):
    assert typed(needs, list)
    for need in needs:
        assert list(need) == ["id", "text", "gate", "rule"]
        assert typed(need["id"], str)
        assert need["text"]
        assert need["gate"] in GATES
        assert typed(need["rule"], str, None)


@pytest.mark.parametrize("name", DECIDED)
def test_the_shape(name):
    data = json.loads(json.dumps(decide(DECIDED[name]).as_dict()))  # what a reader of the JSON gets
    assert list(data) == TOP
    check_stand(data)
    assert data["by_region"]
    for part in data["by_region"].values():
        assert list(part) == ["verdict", "leaning"]
        check_stand(part)
    assert data["reasons"]
    for reason in data["reasons"]:
        assert list(reason) == REASON
        assert reason["gate"] in GATES
        assert reason["verdict"] in VERDICTS
        assert typed(reason["text"], str)
        for key in ("rule", "citation", "note"):
            assert typed(reason[key], str, None), key
            assert reason[key] != "", key
        assert reason["basis"] is None or reason["basis"] in BASES
        assert typed(reason["explicit"], bool, None)
        assert typed(reason["text_seen"], bool, None)
        for key in ("effective_from", "effective_to"):
            assert reason[key] is None or DAY.fullmatch(reason[key])
    check_needs(data["needs"])
    assert typed(data["limits"], list)
    for limit in data["limits"]:
        assert list(limit) == ["id", "text", "rule"]
        assert all(typed(value, str) for value in limit.values())
    assert typed(data["before"], list)
    assert data["before"]
    for step in data["before"]:
        assert list(step) == ["step", "done", "text", "source"]
        assert typed(step["done"], bool, None)
        assert all(typed(step[key], str) for key in ("step", "text", "source"))
    assert typed(data["who_may"], list)
    for who in data["who_may"]:
        assert list(who) == ["profession", "verdict", "needs"]
        assert who["verdict"] in ("permitted", "conditional")
        check_needs(who["needs"])
        assert bool(who["needs"]) == (who["verdict"] == "conditional")
    assert typed(data["instead"], list)
    for other in data["instead"]:
        assert list(other) == ["technique", "verdict", "needs"]
        assert other["verdict"] in ("permitted", "conditional")
        check_needs(other["needs"])
    assert list(data["verify"]) == ["regulator", "url", "practice_act"]
    assert all(typed(value, str, None) for value in data["verify"].values())
    assert re.fullmatch(r"[0-9a-f]{16,64}", data["knowledge"])
    assert data["on"] == str(DECIDED[name].on)
    check_case(data["case"], data["on"])


def check_case(case, on):
    assert list(case) == CASE
    assert case["on"] == on
    assert typed(case["region"], str, list, None)
    assert typed(case["met"], list)
    assert case["credentials"]
    for credential in case["credentials"]:
        assert list(credential) == [
            "profession",
            "jurisdiction",
            "register_class",
            "status",
            "valid_from",
            "valid_to",
            "compact",
            "endorsements",
            "training",
        ]
        assert typed(credential["endorsements"], list)  # never null
        assert typed(credential["training"], dict)
    client = case["client"]
    if client is not None:
        assert list(client) == ["findings", "steps", "unscreened", "age"]
        assert typed(client["age"], int, float, None)
        assert typed(client["findings"], list)
        assert typed(client["unscreened"], list)
        assert typed(client["steps"], list, None)  # null is a record
        assert all(list(found) == ["id", "site", "match"] for found in client["findings"])


@pytest.mark.parametrize("name", DECIDED)
def test_every_reason_in_the_json_names_its_source(name):
    for reason in decide(DECIDED[name]).as_dict()["reasons"]:
        assert reason["source"], reason["rule"]


def test_null_and_the_empty_list_mean_different_things():
    general = decide(DECIDED["permitted"]).as_dict()
    assert general["case"]["client"] is None  # a question about the profession
    assert {step["done"] for step in general["before"]} == {None}  # nothing is known
    record = decide(DECIDED["a record"]).as_dict()
    assert record["case"]["client"]["steps"] is None
    assert {step["done"] for step in record["before"]} == {None}
    empty = decide(Case("US-FL", "thrust_spine", held("chiropractor"), client=Client())).as_dict()
    assert empty["case"]["client"] == {
        "findings": [],
        "steps": [],
        "unscreened": [],
        "age": None,
    }  # a visit of which nothing is said
    assert {step["done"] for step in empty["before"]} == {False}
    assert general["needs"] == general["limits"] == []
    urgent = decide(DECIDED["urgent"]).as_dict()
    assert urgent["who_may"] == urgent["instead"] == urgent["needs"] == []
    assert general["case"]["region"] == "lumbar"
    assert decide(DECIDED["undetermined"]).as_dict()["case"]["region"] == ["lumbar", "sacral"]
    assert decide(DECIDED["florida"]).as_dict()["case"]["region"] is None


def test_a_profession_that_the_file_lacks_has_no_regulator():
    assert decide(DECIDED["no rule"]).as_dict()["verify"] == {"regulator": None, "url": None, "practice_act": None}


def test_without_a_day_today_is_written_into_the_decision():
    before = date.today()  # noqa: DTZ011  (the user's own day)
    data = decide(Case("US-FL", "thrust_spine", held("chiropractor"))).as_dict()
    assert data["on"] in (before.isoformat(), date.today().isoformat())  # noqa: DTZ011
    assert data["case"]["on"] == data["on"]


def test_knowledge_is_of_the_place_asked():
    florida, tennessee = (decide(DECIDED[name]).knowledge for name in ("florida", "a reserved act"))
    assert florida != tennessee
    assert florida == decide(DECIDED["permitted"]).knowledge


def test_the_golden_example():
    data = {**decide(FLORIDA).as_dict(), "knowledge": "(masked)"}
    if os.environ.get("HANDRAIL_WRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert data == json.loads(GOLDEN.read_text(encoding="utf-8"))
