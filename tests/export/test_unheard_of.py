"""A case that names what is not known, or leaves something out, is never better than undetermined."""

from __future__ import annotations

import json
from datetime import date

import pytest
from tests.export import engines

from handrail import InputError
from handrail.export import Flat, Tables, cedar, dmn, rego
from handrail.law import load

DAY = date(2026, 11, 24)
KNOWN = Flat("US-FL", "chiropractor", "thrust_spine", ("lumbar",), DAY)
FINDING = ("osteoporosis", None, "exact")
UNHEARD_OF = {
    "place": KNOWN._replace(jurisdiction="US-ZZ"),
    "profession": KNOWN._replace(profession="chiropracter"),
    "technique": KNOWN._replace(technique="thrust"),
    "region": KNOWN._replace(regions=("lumbar", "knee")),
    "finding": KNOWN._replace(findings=(("osteoporosys", None, "exact"),), kind="record"),
    "site": KNOWN._replace(findings=(("osteoporosis", "knee", "exact"),), kind="record"),
    "match": KNOWN._replace(findings=(("osteoporosis", None, "maybe"),), kind="record"),
    "licence": KNOWN._replace(licence=("asleep",)),
}


@pytest.fixture(scope="module")
def asked() -> dict[str, engines.Engine]:
    few = Tables([load("US-FL")])
    return {name: getattr(engines, name)(few) for name in ("duckdb", "regopy")}


def test_what_is_known_is_permitted(asked):
    for engine in asked.values():
        assert engine([KNOWN])[0].verdict == "permitted"


@pytest.mark.parametrize("what", UNHEARD_OF)
def test_a_case_that_names_what_is_not_known_is_undetermined(what, asked):
    for name, engine in asked.items():
        assert engine([UNHEARD_OF[what]])[0] == ("undetermined", "none", None), name


def test_a_kind_that_is_not_known_is_undetermined(asked):
    for name, engine in asked.items():
        assert engine([KNOWN._replace(kind="vist")])[0].verdict == "undetermined", name


def test_something_unknown_beside_something_worse_does_not_soften_it(asked):
    for name, engine in asked.items():
        case = KNOWN._replace(licence=("asleep", "not_active"))
        assert engine([case])[0].verdict == "prohibited", name


@pytest.fixture(scope="module")
def cedar_says():
    import cedarpy

    few = Tables([load("US-FL")])
    policies, entities = cedarpy.PolicySet.from_str(cedar.policies(few)), cedarpy.Entities.from_json_str("[]")

    def says(action: str = "permitted", **context: object) -> bool:
        request = cedar.request(few, KNOWN)
        given = {**request["context"], **context}
        request["context"] = {key: value for key, value in given.items() if value is not None}
        request["action"] = {"type": "Handrail::Action", "id": action}
        return cedarpy.is_authorized(request, policies, entities).allowed

    return says


@pytest.mark.parametrize(
    "context",
    [
        {"findings": ["osteoporosys/exact"]},
        {"licence": ["asleep"]},
        {"regions": ["lumbar", "knee"]},
        {"regions": []},
        {"technique": "thrust"},
        {"findings": None},
        {"atoms": None},
        {"licence": None},
        {"visit": None},
        {"unscreened": None},
        {"hours": None},
        {"in_question": None},
        {"in_question": []},
    ],
    ids=str,
)
def test_cedar_allows_nothing_on_what_it_does_not_know_or_is_not_told(context, cedar_says):
    assert cedar_says()
    assert not cedar_says(**context)
    assert not cedar_says("at_most_conditional", **context)
    assert cedar_says("not_forbidden", **context)


@pytest.mark.parametrize("field", [key for key in rego.request(KNOWN) if key not in ("jurisdiction", "day")])
def test_rego_allows_nothing_where_a_field_is_left_out(field):
    from regopy import Interpreter

    few = Tables([load("US-FL")])
    data = {**rego.data(few), "handrail_findings": {}}
    interpreter = Interpreter()
    interpreter.add_module("handrail", rego.policy(few))
    interpreter.add_data(data)
    given = rego.request(KNOWN)
    for left_out in (None, field):
        interpreter.set_input({key: value for key, value in given.items() if key != left_out})
        allowed = json.loads(str(interpreter.query("x := data.handrail.allow")))["bindings"]["x"]
        assert allowed is (left_out is None)


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (KNOWN._replace(kind="visit"), "no client"),
        (KNOWN._replace(licence=("ended",)), "no credential in doubt"),
        (KNOWN._replace(register_class="student"), "no credential in doubt"),
        (KNOWN._replace(regions=("lumbar", "sacral")), "one region at a time"),
    ],
)
def test_a_decision_table_is_not_asked_what_it_cannot_say(case, says, tables):
    with pytest.raises(InputError, match=says):
        dmn.request(tables, case)
