"""Whom a record is about, what refers to what, and what a screening keeps of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intake.records import DAY, ME, concept, condition, found, patient, raw, screened

from handrail import Case, Credential, decide
from handrail.intake import conditions, read, screen
from handrail.intake.status import ENDED, REQUEST, STATEMENT
from handrail.safety import contraindications
from handrail.safety.code_files import FACTS
from handrail.terms import InputError

WARFARIN = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "11289"}]}


def _request(**fields):
    return {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": ME, **fields}


def test_rows_that_are_named_exist():
    rows = contraindications()
    named = (
        conditions.PAST_ASKS | conditions.EVENTS | set(conditions.PAST_MEANS) | set(conditions.PAST_MEANS.values())
    )
    assert named <= set(rows)
    assert all(FACTS[row].kind == "recent" for row in conditions.EVENTS)


def test_statuses_are_those_of_r4():
    assert len(REQUEST) == 8
    assert len(STATEMENT) == 8
    assert set(ENDED) < {*REQUEST, *STATEMENT}


def test_what_is_about_another_patient_is_set_aside_and_said():
    other = condition("icd M81.0", id="c1") | {"subject": {"reference": "Patient/other"}}
    screening = screened(other)
    assert found(screening) == {}
    assert [(a.resource, a.why) for a in screening.set_aside] == [("Condition/c1", "is about another patient")]


@pytest.mark.parametrize(
    ("full_url", "reference"),
    [
        (None, "Patient/me"),
        ("urn:uuid:5b1a", "urn:uuid:5b1a"),
        ("urn:uuid:5b1a", "Patient/me"),
        ("http://a.example/fhir/Patient/me", "http://a.example/fhir/Patient/me"),
        ("http://a.example/fhir/Patient/me", "Patient/me/_history/2"),
        (None, "http://a.example/fhir/Patient/me"),
    ],
)
def test_references_to_the_client(full_url, reference):
    entries = [
        {"resource": patient()},
        {"resource": condition("icd M81.0") | {"subject": {"reference": reference}}},
    ]
    if full_url:
        entries[0]["fullUrl"] = full_url
    document = read(json.dumps({"resourceType": "Bundle", "entry": entries}).encode(), "x")
    assert found(screen(document, on=DAY, technique="thrust_spine")) == {"osteoporosis": "exact"}


def test_the_same_id_on_another_server_is_somebody_else():
    entries = [
        {"fullUrl": "http://a.example/fhir/Patient/me", "resource": patient()},
        {"resource": condition("icd M81.0") | {"subject": {"reference": "http://b.example/fhir/Patient/me"}}},
    ]
    document = read(json.dumps({"resourceType": "Bundle", "entry": entries}).encode(), "x")
    assert found(screen(document, on=DAY, technique="thrust_spine")) == {}


def test_a_subject_that_names_nobody_counts_and_is_said():
    screening = screened(condition("icd M81.0", id="c1") | {"subject": {"display": "Zoë Roe"}})
    assert found(screening) == {"osteoporosis": "exact"}
    assert any("does not say whom it is about" in note for note in screening.notes)
    assert "Roe" not in json.dumps(screening.as_dict())


@pytest.mark.parametrize("reference", ["Patient?identifier=a|b", "#p"])
def test_a_reference_that_cannot_be_followed_counts_and_is_said(reference):
    screening = screened(condition("icd M81.0") | {"subject": {"reference": reference}})
    assert found(screening) == {"osteoporosis": "exact"}
    assert any("does not say whom it is about" in note for note in screening.notes)


def test_a_patient_that_nothing_can_refer_to():
    nameless = patient()
    del nameless["id"]
    one = condition("icd M81.0")
    assert found(screened(nameless, one)) == {"osteoporosis": "exact"}
    with pytest.raises(InputError, match="neither an id nor a fullUrl"):
        screened(nameless, one, one | {"subject": {"reference": "Patient/other"}})


def test_a_record_of_which_nothing_is_about_its_patient():
    screening = screened(condition("icd M81.0") | {"subject": {"reference": "Patient/other"}})
    assert any("Nothing in it is about its Patient" in note for note in screening.notes)


def test_two_patients_need_to_be_told_apart():
    two = (patient(), patient(id="you", birthDate="2020-01-01"), condition("icd M81.0"))
    with pytest.raises(InputError, match=r"has 2 Patients.*--patient ID"):
        screened(*two)
    assert found(screened(*two, patient="me")) == {"osteoporosis": "exact"}
    you = screened(*two, patient="Patient/you")
    assert found(you) == {}
    assert you.client.age == 6
    with pytest.raises(InputError, match="no Patient with that id"):
        screened(*two, patient="nobody")


def test_without_a_patient_all_must_be_about_one():
    one = condition("icd M81.0")
    other = one | {"subject": {"reference": "Patient/other"}}
    assert found(screen(read(raw(one), "x"), on=DAY, technique="thrust_spine")) == {"osteoporosis": "exact"}
    with pytest.raises(InputError, match="no Patient, and speaks of 2"):
        screen(read(raw(one, other), "x"), on=DAY, technique="thrust_spine")
    chosen = screen(read(raw(one, other), "x"), on=DAY, technique="thrust_spine", patient="other")
    assert len(chosen.set_aside) == 1


def test_an_id_that_stands_twice():
    one = condition("icd M81.0", id="c1")
    assert len(screened(one, one).evidence) == 1
    with pytest.raises(InputError, match=r"Bundle.entry\[2\].resource.id: has the id of Bundle.entry\[1\]"):
        screened(one, condition("icd E11.9", id="c1"))


def test_medicines_that_are_referred_to():
    medication = {"resourceType": "Medication", "id": "m", "code": WARFARIN}
    for reference in ("Medication/m", "http://a.example/fhir/Medication/m", "Medication/m/_history/1"):
        use = _request(medicationReference={"reference": reference})
        assert found(screened(medication, use)) == {"anticoagulant_therapy": "exact"}
    inside = _request(contained=[medication], medicationReference={"reference": "#m"})
    assert found(screened(inside)) == {"anticoagulant_therapy": "exact"}
    nowhere = screened(_request(medicationReference={"reference": "Medication/none"}))
    assert [u.why for u in nowhere.unrecognised] == ["points to nothing here: ask which medicine it is"]
    spoken = screened(_request(medicationReference={"reference": "Medication/none", "display": "Warfarin 5 mg"}))
    assert found(spoken) == {"anticoagulant_therapy": "exact"}


def test_medicines_that_refer_to_each_other_end():
    def made(id_, other, **fields):
        return {
            "resourceType": "Medication",
            "id": id_,
            "ingredient": [{"itemReference": {"reference": f"Medication/{other}"}}, fields],
        }

    ring = [made("a", "b"), made("b", "c"), made("c", "a", itemCodeableConcept=WARFARIN)]
    screening = screened(*ring, _request(medicationReference={"reference": "Medication/a"}))
    assert found(screening) == {"anticoagulant_therapy": "exact"}


def test_words_of_the_record_do_not_come_out_again():
    words = "<script>Zoë Roe</script>"
    screening = screened(
        patient(name=[{"family": words}]),
        condition("icd M81.0", note=[{"text": words}]) | {"code": {**concept("icd M81.0"), "text": words}},
        {"resourceType": "Condition", "subject": {**ME, "display": words}, "code": {"text": words}},
        _request(medicationCodeableConcept={"text": words}),
    )
    assert words not in json.dumps(screening.as_dict(), ensure_ascii=False)
    assert [u.why for u in screening.unrecognised] == [
        "only words, no code: ask what it is",
        "only words, and no medicine that Handrail's files have",
    ]


def test_a_code_cannot_write_to_the_terminal():
    screening = screened(condition("snomed \x1b[31m\n" + "9" * 500))
    (unknown,) = screening.unrecognised
    assert unknown.code.isprintable()
    assert len(unknown.code) <= 60


def test_a_modifier_extension_only_asks():
    screening = screened(condition("icd M81.0", modifierExtension=[{"url": "http://a.example/not"}]))
    assert found(screening) == {"osteoporosis": "broad"}


def test_what_is_not_read_is_counted_and_pages_are_said():
    document = read(
        raw(
            patient(), {"resourceType": "Encounter", "id": "e"}, {"resourceType": "Observation", "id": "o"}
        ).replace(b'"type": "collection"', b'"link": [{"relation": "next", "url": "http://a.example"}]'),
        "x",
    )
    assert document.not_read == {"Encounter": 1, "Observation (not of pregnancy)": 1}
    assert any("one page of several" in note for note in screen(document, on=DAY, technique="thrust_spine").notes)


CODES = st.sampled_from(
    [
        "icd M81.0",
        "icd S12.000A",
        "icd S32.010S",
        "icd I63.9",
        "icd C50.911",
        "icd H52.1",
        "snomed 64859006",
        "x y",
    ]
)
DAYS = st.sampled_from([None, "2019", "2026-10", "2026-11-20", "2027-05-01"])


@given(
    st.lists(st.tuples(CODES, st.sampled_from(["active", "remission", "resolved", None]), DAYS, DAYS), max_size=4),
    st.tuples(CODES, st.sampled_from(["active", "remission", "resolved", None]), DAYS, DAYS),
)
def test_one_more_condition_never_makes_the_answer_better(given_, one):
    def made(code, clinical, onset, recorded):
        dates = {"onsetDateTime": onset, "recordedDate": recorded}
        return condition(code, clinical=clinical, **{key: day for key, day in dates.items() if day})

    case = Case("US-OR", "thrust_spine", [Credential("chiropractor")], region="cervical", on=DAY)

    def verdict(resources):
        return decide(replace(case, client=screened(patient(), *resources).client)).verdict

    fewer = [made(*each) for each in given_]
    order = ["permitted", "conditional", "undetermined", "prohibited", "urgent"]
    assert order.index(verdict([*fewer, made(*one)]).value) >= order.index(verdict(fewer).value)


@pytest.mark.parametrize(
    "clinical", ["active", "recurrence", "relapse", "inactive", "remission", "resolved", None]
)
@pytest.mark.parametrize("verified", ["confirmed", "unconfirmed", "provisional", "differential", None])
def test_a_doubt_never_makes_more_of_a_condition(clinical, verified):
    sure = found(screened(condition("icd M81.0", clinical="active")))
    other = found(screened(condition("icd M81.0", clinical=clinical, verified=verified)))
    assert set(other) <= set(sure)


def test_the_day_decides():
    record = condition("icd M81.0", onsetDateTime="2020-01-01")
    assert found(screened(record, on=date(2019, 12, 31))) == {}
    assert found(screened(record, on=date(2020, 1, 1))) == {"osteoporosis": "exact"}
