"""The questionnaire: its order, its FHIR form, and what answers mean."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire as R4Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse as R4Response
from hypothesis import given, settings
from hypothesis import strategies as st

from handrail import Case, Credential, decide
from handrail.decide import Finding
from handrail.intake import of_response, questionnaire, read, screen, to_fhir
from handrail.intake.answers import judge, left
from handrail.intake.questionnaire import ORDER, WHERE
from handrail.intake.questionnaire_fhir import to_response
from handrail.safety import digest, questions, red_flags
from handrail.safety.questions import parents
from handrail.terms import TECHNIQUES, InputError

NECK = ("thrust_spine", ("cervical",))
EACH = [(name, (region,)) for name, technique in TECHNIQUES.items() for region in technique.regions]
DAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def everything(value="no", technique="thrust_spine", regions=("cervical",), **other):
    """The same answer to every question to the client that is asked, but for those given."""
    answers = {}
    asked = questionnaire(technique, regions).questions
    while still := left(asked, answers):
        for one in still:
            answers[one.question.id] = (other.get(one.question.id, value),)
    return answers


def response(answers, complete=True, authored=NOON):
    made = to_response(answers, language="en", complete=complete, authored=authored)
    R4Response(**made)
    return made


def said(data, technique="thrust_spine", regions=("cervical",)):
    (item,) = read(json.dumps(data).encode(), "answers").items
    return of_response(item.resource, technique=technique, regions=regions, where="answers")


@pytest.mark.parametrize(("technique", "regions"), EACH)
@pytest.mark.parametrize("practitioner", [False, True])
def test_the_most_dangerous_comes_first_and_follow_ups_behind_their_question(technique, regions, practitioner):
    asked = questionnaire(technique, regions, practitioner=practitioner).questions
    top = [ORDER.index(one.weight) for one in asked if one.depth == 0]
    assert top == sorted(top)
    seen = set()
    for one in asked:
        parent = parents().get(one.question.id)
        assert (parent in seen) if one.depth else (parent is None)
        assert one.raises or any(parents().get(below.question.id) == one.question.id for below in asked)
        seen.add(one.question.id)
    emergencies = [one.emergency for one in asked if one.depth == 0]
    assert emergencies == sorted(emergencies, reverse=True)


def test_what_changes_nothing_is_not_asked():
    asked = {one.question.id for one in questionnaire("soft_tissue", ("extremity",)).questions}
    assert "varicose_veins" in asked
    assert not asked & {"migraine", "dens_anomaly", "neck_trauma_recent", "fracture_after", "infant_spine"}
    assert "varicose_veins" not in {one.question.id for one in questionnaire(*NECK).questions}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("practitioner", [False, True])
@pytest.mark.parametrize(("technique", "regions"), [*EACH, *((name, ()) for name in TECHNIQUES)])
def test_the_questionnaire_is_valid_fhir(technique, regions, practitioner, language):
    asked = questionnaire(technique, regions, language, practitioner=practitioner)
    made = to_fhir(asked)
    R4Questionnaire(**made)
    assert (made["version"], made["language"]) == (digest(), language)
    flat: list[dict] = []

    def walk(items, above):
        for item in items:
            flat.append(item)
            if item["type"] == "choice":
                wanted = item["linkId"].removesuffix(WHERE) if item["linkId"].endswith(WHERE) else None
                parent = wanted or parents().get(item["linkId"])
                assert parent == above
                assert [rule["question"] for rule in item.get("enableWhen", ())] == ([parent] if parent else [])
            walk(item.get("item", ()), item["linkId"])

    walk(made["item"], None)
    links = [item["linkId"] for item in flat]
    assert len(links) == len(set(links))
    texts = [item["text"] for item in flat if item["linkId"] in questions()]
    assert texts == [one.question.text(language) for one in asked.questions]


def test_a_technique_a_region_and_a_language_must_be_known():
    for arguments in (("thrust",), ("thrust_extremity", ("lumbar",)), ("thrust_spine", ("neck",))):
        with pytest.raises(InputError):
            questionnaire(*arguments)
    with pytest.raises(InputError, match="no language"):
        questionnaire("thrust_spine", (), "de")


@pytest.mark.parametrize(("technique", "regions"), EACH)
def test_no_to_all_leaves_only_what_the_practitioner_looks_at(technique, regions):
    found = said(response(everything("no", technique, regions)), technique, regions)
    looked = {id_ for one in questionnaire(technique, regions, practitioner=True).questions for id_ in one.raises}
    assert (found.findings, found.complete, found.emergencies) == ((), True, ())
    assert set(found.unscreened) == looked


def test_dont_know_is_never_a_no():
    found = said(response(everything("unknown")))
    assert (found.findings, found.denied, found.complete) == ((), (), True)
    asked = {id_ for one in questionnaire(*NECK).questions for id_ in one.raises}
    assert asked <= set(found.unscreened)


def test_an_empty_answer_stays_open_and_is_not_complete():
    made = response(everything())
    made["item"][0]["answer"] = []
    found = said(made)
    assert made["item"][0]["linkId"] in found.unscreened
    assert not found.complete


@pytest.mark.parametrize("status", ["in-progress", "stopped", None])
def test_partial_answers_are_never_complete(status):
    made = response(everything()) | {"status": status}
    if status is None:
        del made["status"]
    assert not said(made).complete


def test_a_yes_takes_the_site_and_leaves_what_cannot_sit_there():
    answers = everything(bone_broken="yes", acute_fracture="yes")
    arm = said(response(answers | {"acute_fracture.where": ("extremity",)}))
    assert arm.findings == (Finding("acute_fracture", "extremity"),)
    back = said(response(answers | {"acute_fracture.where": ("thoracic", "extremity")}))
    assert set(back.findings) == {
        Finding("acute_fracture", "thoracic"),
        Finding("acute_fracture", "extremity"),
        Finding("acute_spinal_injury_any_region"),
    }
    nowhere = said(response(answers))
    assert set(nowhere.findings) == {Finding("acute_fracture"), Finding("acute_spinal_injury_any_region")}
    unsure = said(response(answers | {"acute_fracture.where": ("extremity", "unknown")}))
    assert set(unsure.findings) == set(nowhere.findings)


def test_an_emergency_is_named():
    assert said(response(everything(ces_saddle="yes"))).emergencies == ("ces_saddle",)


def test_a_yes_behind_a_no_counts_and_is_not_complete():
    found = judge(everything() | {"pulmonary_embolism": ("yes",)}, *NECK)
    assert found.findings == (Finding("pulmonary_embolism"),)
    assert not found.complete


def test_an_unknown_question_is_named_with_the_nearest():
    made = response(everything())
    made["item"][3]["linkId"] = "migrane"
    with pytest.raises(InputError, match=r"answers\.item\[3\]\.linkId.*migraine"):
        said(made)


def test_answers_of_others_writers_are_read():
    made = response(everything())
    made["item"][0]["answer"] = [{"valueBoolean": True}]
    made["item"][1]["answer"] = [{"valueCoding": {"system": "http://snomed.info/sct", "code": "373067005"}}]
    made["item"][2]["answer"] = [{"valueString": "maybe"}]
    made["item"] = [{"linkId": "page 1", "item": made["item"]}]
    first, second, third = (item["linkId"] for item in made["item"][0]["item"][:3])
    found = said(made)
    assert first in {one.id for one in found.findings}
    assert second in found.denied
    assert third in found.unscreened


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(EACH))
def test_each_finding_is_in_one_place_and_survives_fhir(data, asked):
    technique, regions = asked
    links = [one.question.id for one in questionnaire(technique, regions).questions]
    answers = data.draw(
        st.dictionaries(st.sampled_from(links), st.sampled_from([("yes",), ("no",), ("unknown",)]), max_size=30)
    )
    answers = {link: a for link, a in answers.items() if parents().get(link) in {None, *answers}}
    answers = {link: a for link, a in answers.items() if parents().get(link) in {None, *answers}}
    direct = judge(answers, technique, regions)
    found = {one.id for one in direct.findings}
    assert not found & set(direct.unscreened)
    assert not (found | set(direct.unscreened)) & set(direct.denied)
    assert direct.complete <= (not left(questionnaire(technique, regions).questions, answers))
    again = said(response(answers), technique, regions)
    assert set(again.findings) == set(direct.findings)
    assert again[1:4] == direct[1:4]


def on_record(data, *more):
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in (data, *more)],
    }
    return screen(read(json.dumps(bundle).encode(), "record"), on=DAY, technique=NECK[0], regions=NECK[1])


def test_a_complete_response_of_the_day_makes_the_screening_done():
    found = on_record(response(everything(migraine="yes")))
    assert found.client.steps == ("contraindication_screen",)
    assert [(e.finding, e.system, e.code) for e in found.evidence] == [(Finding("migraine"), "answer", "migraine")]
    assert "cord_signs" in found.client.unscreened
    assert any("counts as done" in note for note in found.notes)
    case = Case("US-FL", "thrust_spine", [Credential("chiropractor")], "cervical", client=found.client)
    assert "ask:cord_signs" in {need.id for need in decide(case).needs}


def test_an_old_response_only_asks_and_a_partial_one_screens_nothing():
    old = on_record(response(everything(migraine="yes"), authored=datetime(2025, 1, 2, tzinfo=UTC)))
    assert old.client.steps == ()
    assert old.client.findings == (Finding("migraine", None, "broad"),)
    partial = on_record(response(everything(), complete=False))
    assert partial.client.steps == ()
    assert any("does not count as done" in note for note in partial.notes)


def test_another_questionnaire_is_reported_and_not_read():
    found = on_record(
        {
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "item": [{"linkId": "/44250-9", "answer": [{"valueBoolean": True}]}],
        }
    )
    assert found.client.findings == ()
    assert [one.why for one in found.unrecognised] == ["answers to another questionnaire are not read"]
    assert found.client.unscreened == ()


def test_every_emergency_asked_before_treatment_is_first_for_some_technique():
    first = {one.question.id for name in TECHNIQUES for one in questionnaire(name).questions if one.emergency}
    wanted = {f.id for f in red_flags().values() if f.action == "emergency" and "before" in f.applies}
    assert first == wanted
