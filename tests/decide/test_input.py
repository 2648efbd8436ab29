"""Bad input gives one line that says what is wrong and what would be right, never a traceback from within."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from handrail import Case, Client, Credential, Finding, InputError, decide

DC = [Credential("chiropractor")]

# What is given, and a word that the message must hold: the wrong word, or what would be right.
BAD = {
    # the case
    "a place that does not exist": (lambda: Case("US-FX", "thrust_spine", DC), "US-FL"),
    "a place in small letters": (lambda: Case("us-fl", "thrust_spine", DC), "US-FL"),
    "a country": (lambda: Case("US", "thrust_spine", DC), "US"),
    "no place": (lambda: Case("", "thrust_spine", DC), "jurisdiction"),
    "a place of two lines": (lambda: Case("US\nFL", "thrust_spine", DC), "jurisdiction"),
    "a path for a place": (lambda: Case("../US-FL", "thrust_spine", DC), "jurisdiction"),
    "a technique misspelt": (lambda: Case("US-FL", "thrust_spin", DC), "thrust_spine"),
    "a technique in other words": (lambda: Case("US-FL", "crack", DC), "Known"),
    "no technique": (lambda: Case("US-FL", "", DC), "thrust_spine"),
    "no credentials": (lambda: Case("US-FL", "thrust_spine", []), "unlicensed_person"),
    "a credential that is a text": (lambda: Case("US-FL", "thrust_spine", ["chiropractor"]), "chiropractor"),
    "credentials that are a text": (lambda: Case("US-FL", "thrust_spine", "chiropractor"), "redential"),
    "one credential without a list": (
        lambda: Case("US-FL", "thrust_spine", Credential("chiropractor")),
        "redential",
    ),
    "a region misspelt": (lambda: Case("US-FL", "thrust_spine", DC, region="lumber"), "lumbar"),
    "a limb for a spinal thrust": (lambda: Case("US-FL", "thrust_spine", DC, region="extremity"), "cervical"),
    "the spine for a limb thrust": (lambda: Case("US-FL", "thrust_extremity", DC, region="lumbar"), "extremity"),
    "one bad region of two": (lambda: Case("US-FL", "thrust_spine", DC, region=["lumbar", "knee"]), "knee"),
    "a site for a region": (lambda: Case("US-FL", "thrust_spine", DC, region="head"), "head"),
    "a day that does not exist": (lambda: Case("US-FL", "thrust_spine", DC, on="2026-02-30"), "YYYY-MM-DD"),
    "a month that does not exist": (lambda: Case("US-FL", "thrust_spine", DC, on="2026-13"), "YYYY-MM"),
    "a day in other words": (lambda: Case("US-FL", "thrust_spine", DC, on="tomorrow"), "YYYY-MM-DD"),
    "a day written otherwise": (lambda: Case("US-FL", "thrust_spine", DC, on="31/12/2026"), "YYYY-MM-DD"),
    "an empty day": (lambda: Case("US-FL", "thrust_spine", DC, on=""), "YYYY-MM-DD"),
    "a day that is a number": (lambda: Case("US-FL", "thrust_spine", DC, on=20261124), "YYYY-MM-DD"),
    "confirmations that are a text": (lambda: Case("US-FL", "thrust_spine", DC, met="referral"), "['referral']"),
    "a client that is a list": (lambda: Case("US-FL", "thrust_spine", DC, client=["osteoporosis"]), "lient"),
    # the credential
    "a profession misspelt": (lambda: Credential("chiropracter"), "Did you mean chiropractor?"),
    "no profession": (lambda: Credential(""), "profession"),
    "a credential's place that does not exist": (
        lambda: Credential("chiropractor", jurisdiction="US-FX"),
        "US-FL",
    ),
    "a credential's place in small letters": (lambda: Credential("chiropractor", jurisdiction="us-fl"), "US-FL"),
    "a status misspelt": (lambda: Credential("chiropractor", status="activ"), "active"),
    "a first day that does not exist": (lambda: Credential("chiropractor", valid_from="2026-02-30"), "YYYY-MM-DD"),
    "a last day that is only a month": (lambda: Credential("chiropractor", valid_to="2026-02"), "YYYY-MM-DD"),
    "a licence that ends before it begins": (
        lambda: Credential("chiropractor", valid_from="2026-02-02", valid_to="2026-02-01"),
        "before",
    ),
    "endorsements that are a text": (lambda: Credential("chiropractor", endorsements="roster"), "['roster']"),
    "hours that are a text": (lambda: Credential("chiropractor", training={"x": "400"}), "number of hours"),
    "hours below nought": (lambda: Credential("chiropractor", training={"x": -1}), "number of hours"),
    "hours that are no number": (
        lambda: Credential("chiropractor", training={"x": float("nan")}),
        "number of hours",
    ),
    "hours that are a truth": (lambda: Credential("chiropractor", training={"x": True}), "number of hours"),
    "training that is a list": (lambda: Credential("chiropractor", training=["x"]), "raining"),
    # the client
    "a finding misspelt": (lambda: Client(findings=["osteoporosos"]), "osteoporosis"),
    "a finding at no site": (lambda: Client(findings=["acute_fracture@"]), "site"),
    "a finding at a site misspelt": (lambda: Client(findings=["acute_fracture@hed"]), "head"),
    "findings that are a text": (lambda: Client(findings="osteoporosis"), "['osteoporosis']"),
    "a finding that is a number": (lambda: Client(findings=[5]), "5"),
    "a step misspelt": (lambda: Client(steps=["histori"]), "history"),
    "steps that are a text": (lambda: Client(steps="consent"), "['consent']"),
    "a test that can clear nobody as a step": (lambda: Client(steps=["vt_positional_vbi"]), "clear"),
    "a stability test as a step": (lambda: Client(steps=["st_upper_cervical"]), "clear"),
    "an item of a step for the step": (lambda: Client(steps=["hx_complaint"]), "history"),
    "something unscreened misspelt": (lambda: Client(unscreened=["pregnansy"]), "pregnancy"),
    "a step as something unscreened": (lambda: Client(unscreened=["consent"]), "consent"),
    # the finding
    "an unknown finding": (lambda: Finding("cold_feet"), "cold_feet"),
    "an unknown site": (lambda: Finding("acute_fracture", "left knee"), "left knee"),
    "an unknown kind of match": (lambda: Finding("acute_fracture", match="roughly"), "broad"),
}


def _use(build):
    made = build()
    if isinstance(made, Case):
        decide(made)  # a place and a day are looked up only then


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_with_a_suggestion(name):
    build, hint = BAD[name]
    with pytest.raises(InputError) as caught:
        _use(build)
    message = str(caught.value)
    assert "\n" not in message
    assert hint in message
    assert len(message) < 600


def test_a_time_of_day_is_taken_as_its_day():
    """A datetime is a date in Python, and is easily given for one."""
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    held = Credential("chiropractor", valid_to=noon)
    assert decide(Case("US-MS", "thrust_spine", [held], on=noon)).on == "2026-11-24"


def test_a_finding_at_a_site_where_it_cannot_be_is_refused_whatever_region_is_asked():
    """The same input is not an error for one question and silently harmless for another."""
    for region in (None, "cervical", "lumbar"):
        with pytest.raises(InputError, match="dens_anomaly"):
            decide(Case("US-FL", "thrust_spine", DC, region, client=Client(["dens_anomaly@lumbar"], steps=None)))


def test_errors_about_a_credential_carry_no_finding():
    with pytest.raises(InputError) as caught:
        decide(Case("US-FX", "thrust_spine", DC, client=Client(findings=["no_consent", "pregnancy"])))
    assert "pregnancy" not in str(caught.value)


@pytest.mark.parametrize("given", ["2026", "2026-11", "2026-11-24", date(2026, 11, 24)])
def test_days_months_and_years_are_good_input(given):
    assert decide(Case("US-FL", "thrust_spine", DC, on=given)).on == str(given)


def test_a_licence_without_end_may_be_given_a_day_far_away():
    held = Credential("chiropractor", valid_from="0001-01-01", valid_to="9999-12-31")
    for on in ("2026", "2026-11-24", "9999"):
        assert decide(Case("US-FL", "thrust_spine", [held], on=on)).verdict == "permitted"


def test_good_input_in_other_shapes():
    case = Case("US-FL", "thrust_spine", iter(DC), region=["lumbar", "lumbar"], met=iter(["consent"]))
    assert decide(case).by_region.keys() == {"lumbar"}
    held = Credential("chiropractor", valid_from="2020-01-01", endorsements={"a": 1})
    assert held.valid_from == date(2020, 1, 1)
    assert held.endorsements == ("a",)
