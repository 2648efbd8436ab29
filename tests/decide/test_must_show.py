"""The answers that Handrail was built to give, one by one."""

from __future__ import annotations

import pytest

from handrail import Case, Client, Credential, Leaning, Verdict, decide
from handrail.law import jurisdictions, load
from handrail.terms import InputError

ALL_STEPS = ("history", "examination", "diagnosis", "contraindication_screen", "consent")


def answer(place, profession, technique="thrust_spine", *, endorsements=(), **about):
    return decide(Case(place, technique, [Credential(profession, endorsements=endorsements)], **about))


@pytest.mark.parametrize("place", jurisdictions())
def test_no_jurisdiction_permits_a_massage_therapist_a_spinal_thrust(place):
    decision = answer(place, "massage_therapist")
    assert decision.verdict in (Verdict.PROHIBITED, Verdict.UNDETERMINED)
    rules = [r for r in load(place).cell("massage_therapist", "thrust_spine") if r.effect.speaks]
    if rules and not any(rule.read for rule in rules):
        assert (decision.verdict, decision.leaning) == (Verdict.UNDETERMINED, Leaning.NO)


def test_tennessee_closes_the_spinal_thrust_to_physical_therapists():
    assert answer("US-TN", "physical_therapist").verdict is Verdict.PROHIBITED


def test_washington_wants_an_endorsement_of_its_physical_therapists():
    without = answer("US-WA", "physical_therapist")
    assert without.verdict is Verdict.CONDITIONAL
    assert "spinal_manipulation" in [need.id for need in without.needs]
    endorsed = answer("US-WA", "physical_therapist", endorsements=["spinal_manipulation"])
    assert endorsed.verdict is Verdict.PERMITTED
    assert endorsed.needs == ()
    assert "no_delegation" in [limit.id for limit in endorsed.limits]


def test_before_july_2020_washingtons_earlier_version_speaks():
    earlier = answer("US-WA", "physical_therapist", on="2020-06-30")
    later = answer("US-WA", "physical_therapist", on="2020-07-01")
    assert earlier.reasons[0].rule == "US-WA/physical_therapist/thrust_spine/2"
    assert later.reasons[0].rule == "US-WA/physical_therapist/thrust_spine/1"
    assert "no_delegation" in [limit.id for limit in earlier.limits]  # "all other conditions as in the current"


def test_washingtons_physicians_may_not_and_its_osteopathic_physicians_are_not_stopped():
    assert answer("US-WA", "physician").verdict is Verdict.PROHIBITED
    assert answer("US-WA", "osteopathic_physician").verdict is not Verdict.PROHIBITED


def test_british_columbia_changed_its_law_in_april_2026():
    assert answer("CA-BC", "massage_therapist", on="2026-03-01").verdict is Verdict.PROHIBITED
    after = answer("CA-BC", "massage_therapist", on="2026-05-01")
    assert (after.verdict, after.leaning) == (Verdict.UNDETERMINED, Leaning.NO)
    year = answer("CA-BC", "massage_therapist", on="2026")
    assert year.verdict is Verdict.UNDETERMINED
    assert "2026-04-01" in year.reasons[0].text


def test_ontarios_naturopaths_have_other_conditions_on_the_neck():
    neck = {need.id for need in answer("CA-ON", "naturopathic_doctor", region="cervical").needs}
    back = {need.id for need in answer("CA-ON", "naturopathic_doctor", region="lumbar").needs}
    assert neck - back == {"cervical_procedures"}


def test_nevada_bars_mobilization_by_massage_therapists_too():
    assert answer("US-NV", "massage_therapist", "mobilization").verdict is Verdict.PROHIBITED


def test_virginias_act_names_the_movable_vertebrae():
    decision = answer("US-VA", "chiropractor")
    assert decision.verdict is Verdict.PERMITTED
    assert decision.by_region["sacral"].verdict is Verdict.UNDETERMINED
    assert any("Not confirmed for the sacrum" in reason.text for reason in decision.reasons)


def test_connecticut_wants_a_referral_and_an_education_and_a_training():
    ids = [need.id for need in answer("US-CT", "physical_therapist").needs]
    assert ids == ["referral", "education_route", "training_route"]
    therapist = Credential("physical_therapist", training={"manual_therapy_coursework": 40})
    case = Case("US-CT", "thrust_spine", [therapist], met=["referral", "master_degree"])
    assert decide(case).verdict is Verdict.PERMITTED
    short = Credential("physical_therapist", training={"manual_therapy_coursework": 39})
    assert decide(Case("US-CT", "thrust_spine", [short], met=["referral", "master_degree"])).needs[0].id == (
        "training_route"
    )


def test_a_rule_that_lapsed_leans_the_way_it_stood():
    assert answer("US-UT", "chiropractor", on="2026-06-30").verdict is Verdict.UNDETERMINED  # never read
    before = answer("US-MS", "chiropractor", on="2026-06-30")
    after = answer("US-MS", "chiropractor", on="2026-07-01")
    assert before.verdict is Verdict.PERMITTED
    assert (after.verdict, after.leaning) == (Verdict.UNDETERMINED, Leaning.YES)
    assert "Ended on 2026-06-30" in after.reasons[0].text


def test_a_visit_with_everything_done_and_nothing_found_can_be_permitted():
    visit = Client(steps=ALL_STEPS)
    assert answer("US-FL", "chiropractor", client=visit).verdict is Verdict.PERMITTED
    hasty = answer("US-FL", "chiropractor", client=Client(steps=ALL_STEPS[:-1]))
    assert hasty.verdict is Verdict.CONDITIONAL
    assert [need.id for need in hasty.needs] == ["consent"]


def test_a_red_flag_beats_everything():
    visit = Client(findings=["ces_saddle"], steps=ALL_STEPS)
    for technique in ("soft_tissue", "thrust_extremity"):
        decision = answer("US-FL", "chiropractor", technique, client=visit)
        assert decision.verdict is Verdict.URGENT
        assert decision.who_may == ()


def test_an_endorsement_that_no_rule_asks_for_is_reported_and_counts_for_nothing():
    decision = answer("US-FL", "massage_therapist", endorsements=["spinal_manipulation"])
    assert decision.verdict is Verdict.PROHIBITED
    assert any("counts for nothing" in reason.text for reason in decision.reasons)


def test_a_profession_that_a_file_does_not_have_is_still_answered():
    assert load("US-FL").profession("naprapath") is None
    decision = answer("US-FL", "naprapath")
    assert (decision.verdict, decision.leaning) == (Verdict.UNDETERMINED, Leaning.NO)  # the reserved act


def test_the_end_of_time_is_a_day_like_any_other():
    held = Credential("chiropractor", valid_to="9999-12-31")
    for day in ("9999-12-31", "9999-12", "9999"):
        assert decide(Case("US-FL", "thrust_spine", [held], on=day)).verdict is Verdict.PERMITTED


@pytest.mark.parametrize("day", ["+020", "-2020", "2020-", "20-20-20", "２０２０", "2020-1-1", "2020-00", ""])
def test_what_is_no_day(day):
    with pytest.raises(InputError, match="YYYY-MM-DD"):
        answer("US-FL", "chiropractor", on=day)


@pytest.mark.parametrize(
    ("case", "hint"),
    [
        (("US-FX", "thrust_spine", "chiropractor"), "US-FL"),
        (("US-FL", "thrust", "chiropractor"), "thrust_spine"),
        (("US-FL", "thrust_spine", "chiropracter"), "chiropractor"),
    ],
)
def test_what_does_not_exist_is_refused_with_a_suggestion(case, hint):
    place, technique, profession = case
    with pytest.raises(InputError, match=hint) as caught:
        answer(place, profession, technique)
    assert "\n" not in str(caught.value)
