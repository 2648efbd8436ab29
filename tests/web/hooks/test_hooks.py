"""Hooks beyond the table of cases: openings, suggestions, who and where, and what is never said."""

from __future__ import annotations

import logging
import re
from copy import deepcopy

import pytest
from markdown_it import MarkdownIt
from tests.web.hooks import charts
from tests.web.hooks.doors import cards, client
from tests.web.hooks.test_cases import answers

from handrail.web.hooks.services import SERVICES
from handrail.web.hooks.words import escaped


@pytest.fixture(scope="module")
def door():
    return client()


def sign(door, prefetch, *work, **context):
    return cards(door, charts.call("order-sign", prefetch, *work, **context))


def test_a_card_names_rule_citation_and_source(door):
    (card,) = sign(door, charts.who("massage_therapist") | charts.chart(), charts.order("98941"))
    plain = card["detail"].replace("\\", "")
    assert "Rule:** US-FL/massage_therapist/thrust_spine/1" in plain
    assert "Fla. Stat. §§ 460.403(9)(a)" in plain
    assert "read in the statute" in plain
    assert card["source"]["label"].startswith("Fla. Stat.")
    assert card["source"]["url"].startswith("https://")


def test_what_stands_behind_a_code_is_never_shown(door):
    draft = charts.order("98941-<b>[x](http://evil.example)")
    (card,) = sign(door, charts.who("massage_therapist") | charts.chart(), draft)
    said = {key: value for key, value in card.items() if key != "suggestions"}
    assert "evil" not in str(said)


@pytest.mark.parametrize("state", ["FL", "OR", "WA", "TX"])
@pytest.mark.parametrize("code", ["98940", "98943", "97140", "98925", "97124"])
def test_cards_are_markdown_without_links_or_tags(state, code, door):
    record = charts.chart(charts.condition(charts.ICD, "M81.0"), charts.medicine("11289"))
    for profession in charts.TAXONOMIES:
        for card in sign(door, charts.who(profession, state) | record, charts.order(code)):
            html = MarkdownIt("gfm-like", {"linkify": False}).render(card["detail"])
            assert set(re.findall(r"<(\w+)", html)) == {"p", "strong"}


# When a record is opened, or a visit begins


@pytest.mark.parametrize("hook", ["patient-view", "encounter-start"])
def test_opening_a_record_with_nothing_to_say_gives_no_card(hook, door):
    assert cards(door, charts.call(hook, charts.who("chiropractor") | charts.chart())) == []


@pytest.mark.parametrize("hook", ["patient-view", "encounter-start"])
def test_opening_a_record_names_what_forbids(hook, door):
    record = charts.chart(charts.condition(charts.ICD, "G83.4"))
    (card,) = cards(door, charts.call(hook, charts.who("chiropractor") | record))
    assert card["indicator"] == "critical"
    assert "Cauda equina syndrome" in card["summary"]


def test_opening_a_record_says_nothing_of_what_the_law_does_not_let_this_practitioner_do(door):
    record = charts.chart(charts.condition(charts.ICD, "M81.0"))
    found = cards(door, charts.call("patient-view", charts.who("massage_therapist") | record))
    assert not any("thrust" in card["summary"] for card in found)
    (card,) = cards(door, charts.call("patient-view", charts.who("chiropractor") | record))
    assert card["indicator"] == "warning"
    assert "spinal thrust" in card["summary"]


@pytest.mark.parametrize("hook", ["patient-view", "encounter-start"])
@pytest.mark.parametrize("who", ["chiropractor", None])
def test_an_emergency_is_said_to_everybody(hook, who, door):
    record = charts.chart(answers(["thunderclap_headache"]))
    today = deepcopy(record)
    for entry in today["answers"]["entry"]:
        import datetime

        entry["resource"]["authored"] = datetime.date.today().isoformat()  # noqa: DTZ011
    found = cards(door, charts.call(hook, charts.who(who) | today))
    assert found
    assert all(card["indicator"] == "critical" for card in found)
    assert "Medical care first" in found[0]["summary"]


@pytest.mark.parametrize("hook", ["patient-view", "encounter-start"])
@pytest.mark.parametrize("prefetch", [None, {}, charts.who("chiropractor")])
def test_opening_without_the_record_says_that_nothing_was_screened(hook, prefetch, door):
    (card,) = cards(door, charts.call(hook, prefetch))
    assert card["indicator"] == "info"
    assert "Nothing was screened" in card["summary"]
    assert "never a yes" in card["detail"]


def test_a_patient_who_opens_the_own_record_sees_no_card(door):
    body = charts.call("patient-view", None, userId=f"Patient/{charts.PATIENT_ID}")
    assert cards(door, body) == []


def test_an_encounter_whose_type_is_one_of_ours_is_judged(door):
    encounter = {
        "resourceType": "Encounter",
        "id": "enc-1",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": f"Patient/{charts.PATIENT_ID}"},
        "type": [{"coding": [{"system": charts.CPT, "code": "98940"}]}],
        "period": {"start": "2026-11-27T08:00:00-05:00"},
    }
    prefetch = charts.who("massage_therapist") | charts.chart() | {"encounter": encounter}
    (card,) = cards(door, charts.call("encounter-start", prefetch))
    assert "may not do a spinal thrust" in card["summary"]


# Suggestions


def test_a_massage_therapist_is_offered_another_order_and_a_referral(door):
    draft = charts.order("98941", note=[{"text": "Amaryllis wants it"}], bodySite=[{"coding": [{"code": "x"}]}])
    (card,) = sign(door, charts.who("massage_therapist") | charts.chart(), draft)
    assert card["selectionBehavior"] == "at-most-one"
    first, *refer = card["suggestions"]
    (update,) = first["actions"]
    assert update["resource"]["code"]["coding"] == [{"system": charts.CPT, "code": "97124"}]
    same = set(draft) - {"code"}
    assert {key: update["resource"][key] for key in same} == {key: draft[key] for key in same}
    delete, create = refer[0]["actions"]
    assert delete["resourceId"] == "ServiceRequest/order-1"
    referral = create["resource"]
    assert referral["performerType"]["coding"][0]["code"] == "111N00000X"
    assert referral["status"] == "draft"
    assert referral["subject"] == draft["subject"]
    assert "wants it" not in str(referral)


def test_an_order_that_is_suggested_raises_no_card_itself(door):
    prefetch = charts.who("massage_therapist") | charts.chart()
    (card,) = sign(door, prefetch, charts.order("98941"))
    replaced = card["suggestions"][0]["actions"][0]["resource"]
    assert sign(door, prefetch, replaced) == []


def test_whom_it_refers_to_may_do_it(door):
    (card,) = sign(door, charts.who("massage_therapist") | charts.chart(), charts.order("98941"))
    taxonomies = {s["actions"][1]["resource"]["performerType"]["text"] for s in card["suggestions"][1:]}
    assert taxonomies == {"chiropractor", "osteopathic physician", "physician"}
    assert sign(door, charts.who("chiropractor") | charts.chart(), charts.order("98941")) == []
    assert sign(door, charts.who("osteopathic_physician") | charts.chart(), charts.order("98941")) == []


def test_nobody_is_offered_where_safety_forbids_it_to_all(door):
    record = charts.chart(charts.condition(charts.ICD, "G83.4"))
    (card,) = sign(door, charts.who("chiropractor") | record, charts.order("98941"))
    assert not any("Refer" in one["label"] for one in card.get("suggestions", []))


# What is judged


def test_only_what_is_selected_is_judged(door):
    prefetch = charts.who("massage_therapist") | charts.chart()
    drafts = [charts.order("98941", id_="old"), charts.order("97124", id_="new")]
    body = charts.call("order-select", prefetch, *drafts, selections=["ServiceRequest/new"])
    assert cards(door, body) == []
    body = charts.call("order-select", prefetch, *drafts, selections=["ServiceRequest/old"])
    assert len(cards(door, body)) == 1


def test_each_order_has_a_card_of_its_own(door):
    prefetch = charts.who("massage_therapist") | charts.chart()
    drafts = [charts.order(code, id_=f"o-{code}") for code in ("98940", "98941", "97124", "97112")]
    assert len(sign(door, prefetch, *drafts)) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"code": {"text": "chiropractic adjustment, cracking"}},
        {"code": {"coding": [{"system": charts.SNOMED, "code": "98941"}]}},
        {"code": {"coding": [{"system": "http://example.org/own", "code": "98941"}]}},
        {"status": "revoked"},
        {"doNotPerform": True},
    ],
)
def test_what_is_no_order_of_ours_says_nothing(change, door):
    prefetch = charts.who("massage_therapist") | charts.chart()
    assert sign(door, prefetch, charts.order("98941") | change) == []


def test_other_orders_say_nothing(door):
    drug = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"text": "x"},
        "subject": {"reference": f"Patient/{charts.PATIENT_ID}"},
    }
    assert sign(door, None, drug) == []


def test_the_region_comes_from_the_diagnosis_or_the_body_site(door):
    prefetch = charts.who("massage_therapist") | charts.chart()
    reason = [{"coding": [{"system": charts.ICD, "code": "M99.01"}]}]
    (card,) = sign(door, prefetch, charts.order("98940", reasonCode=reason))
    assert "(cervical)" in card["detail"]
    site = [{"coding": [{"system": charts.SNOMED, "code": "122496007"}]}]
    (card,) = sign(door, prefetch, charts.order("98940", bodySite=site))
    assert "(lumbar)" in card["detail"]


def test_somebody_else_who_is_named_to_do_it_is_judged(door):
    prefetch = charts.who("osteopathic_physician") | charts.chart()
    other = {
        "resourceType": "PractitionerRole",
        "id": "lmt",
        "code": [{"coding": [{"system": charts.NUCC, "code": "225700000X"}]}],
    }
    contained = charts.order("98941", contained=[other], performer=[{"reference": "#lmt"}])
    place = {
        "resourceType": "Location",
        "id": "l",
        "status": "active",
        "address": {"state": "FL", "country": "US"},
    }
    body = charts.call(
        "order-sign", prefetch, contained | {"locationReference": [{"reference": "Location/l"}]}, place
    )
    (card,) = cards(door, body)
    assert "a massage therapist may not" in card["summary"]
    asked = charts.order("98941", performerType={"coding": [{"system": charts.NUCC, "code": "225700000X"}]})
    asked["locationReference"] = [{"reference": "Location/l"}]
    (card,) = cards(door, charts.call("order-sign", prefetch, asked, place))
    assert "a massage therapist may not" in card["summary"]
    unknown = charts.order("98941", performer=[{"reference": "Practitioner/stranger"}])
    (card,) = sign(door, prefetch, unknown)
    assert "who would do it is not known" in card["summary"]


def test_a_licence_that_has_ended_is_no_licence(door):
    degree = {
        "code": {"coding": [{"system": charts.NUCC, "code": "111N00000X"}]},
        "period": {"start": "2010-01-01", "end": "2026-01-31"},
    }
    prefetch = charts.who(None, qualification=[degree]) | charts.chart()
    (card,) = sign(door, prefetch, charts.order("98941"))
    assert card["indicator"] == "critical"
    assert "credential" in card["summary"]
    before = charts.order("98941", occurrenceDateTime="2026-01-15")
    assert sign(door, prefetch, before) == []


def test_two_places_of_work_leave_the_place_open(door):
    prefetch = charts.who("chiropractor") | charts.chart()
    prefetch["roles"]["entry"] += charts.bundle(
        charts.role("chiropractor", "loc-2", id="role-2"), charts.location("GA", id_="loc-2")
    )["entry"]
    (card,) = sign(door, prefetch, charts.order("98941"))
    assert "where it would be done is not known" in card["summary"]


def test_a_setting_says_where_and_the_card_says_so():
    door = client(hooks_place="Florida")
    prefetch = charts.who("massage_therapist", None) | charts.chart()
    (card,) = sign(door, prefetch, charts.order("98941"))
    assert "in Florida a massage therapist may not" in card["summary"]
    assert "taken from the setting" in card["detail"]
    # A place that is given and not known is not replaced by the setting's.
    prefetch = charts.who("massage_therapist", "PR") | charts.chart()
    (card,) = sign(door, prefetch, charts.order("98941"))
    assert "where it would be done is not known" in card["summary"]


def test_codes_of_the_clinic_itself(tmp_path):
    file = tmp_path / "codes.yaml"
    file.write_text(
        "procedures:\n- {code: '46947000', system: SNOMED CT, description: our adjustment, "
        "techniques: [thrust_spine], technique_certainty: certain, regions: all}\n"
    )
    prefetch = charts.who("massage_therapist") | charts.chart()
    draft = charts.order("46947000", system=charts.SNOMED)
    assert sign(client(), prefetch, draft) == []
    (card,) = sign(client(hooks_codes=file), prefetch, draft)
    assert "may not do a spinal thrust" in card["summary"]


# What is missing is said, and is never a yes


@pytest.mark.parametrize("key", ["patient", "conditions", "medications"])
def test_a_part_of_the_record_that_was_not_sent_is_no_yes(key, door):
    prefetch = charts.who("chiropractor") | charts.chart()
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
    page = charts.bundle() | {"link": [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]}
    for change in ({}, {key: outcome}, {key: page}):
        sent = {name: value for name, value in prefetch.items() if name != key} | change
        (card,) = sign(door, sent, charts.order("98941"))
        assert card["indicator"] == "warning"
        assert f"the record was not sent ({key})" in card["summary"]


def test_a_server_that_is_offered_is_not_called(door):
    body = charts.call("order-sign", charts.who("chiropractor"), charts.order("98941"))
    body["fhirServer"] = "http://127.0.0.1:9/fhir"
    body["fhirAuthorization"] = {
        "access_token": "secret-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "user/*.read",
        "subject": "cds",
    }
    (card,) = cards(door, body)
    assert "calls no FHIR server" in card["detail"]
    assert "secret-token" not in str(card)


# What is never said


def test_no_card_repeats_a_name_or_a_text_of_the_record(door):
    for hook in SERVICES.values():
        for profession in ("massage_therapist", "chiropractor"):
            work = charts.appointment("98941") if "appoint" in hook.hook else charts.order("98941")
            record = charts.chart(charts.condition(charts.ICD, "M81.0"))
            body = charts.call(hook.hook, charts.who(profession) | record, work)
            said = str([{k: v for k, v in card.items() if k != "suggestions"} for card in cards(door, body)])
            assert not any(secret in said for secret in charts.SECRETS)


def test_no_log_line_speaks_of_a_client(door, caplog):
    caplog.set_level(logging.DEBUG)
    record = charts.chart(charts.condition(charts.ICD, "G83.4"), answers(["thunderclap_headache"]))
    good = charts.call("order-sign", charts.who("chiropractor") | record, charts.order("98941"))
    cards(door, good)
    bad = deepcopy(good)
    bad["prefetch"]["conditions"]["entry"][0]["resource"]["code"] = "G83.4 Quillfeather"
    answer = door.post("/cds-services/handrail-order-sign", json=bad)
    assert answer.status_code in (400, 422)
    said = caplog.text + answer.text
    for word in (*charts.SECRETS, "G83.4", "Cauda", "cauda_equina", "thunderclap", charts.PATIENT_ID):
        assert word not in said


@pytest.mark.parametrize(
    "text",
    [
        "a *b* _c_ `d`",
        "[x](http://evil.example)",
        "<script>alert(1)</script>",
        "a | b # c",
        "1 \\* 2",
        "~~x~~ &amp; !",
    ],
)
def test_markdown_shows_text_as_it_is(text):
    html = MarkdownIt("gfm-like", {"linkify": False}).render(f"**A:** {escaped(text)}")
    import html as html_

    assert "<script" not in html
    assert "<a " not in html
    assert html_.unescape(html.removeprefix("<p><strong>A:</strong> ").removesuffix("</p>\n")) == text
