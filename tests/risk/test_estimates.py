"""Every one of the published estimates: what was read from it, or why it is only listed."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from handrail.risk import read, reviewed_file, risks
from handrail.risk.load import join
from handrail.safety import Estimate, adverse_events_file
from handrail.terms import InputError

# (event, study, year): (marks as "kind per: at [low, high]", reasons for what is listed)
TABLE: dict[tuple[str, str, int], tuple[list[str], list[str]]] = {
    ("transient_soreness", "Carnes (cohorts)", 2010): (["value patient: 41/100 [17/100, 17/25]"], []),
    ("transient_soreness", "Carnes (RCTs)", 2010): (["value patient: 11/50 [111/1000, 181/500]"], []),
    ("transient_soreness", "Senstad", 1997): (["value patient: 11/20 [, ]"], ["share_of_events"]),
    ("transient_soreness", "Cagnie", 2004): (["value patient: 609/1000 [, ]"], ["share_of_events"]),
    ("transient_soreness", "Degenhardt", 2018): (["value visit: 1/40 [13/1000, 47/1000]"], []),
    ("transient_soreness", "Unger", 2023): (["value day: 1/100 [, ]"], ["share_of_events"]),
    ("headache_tiredness_radiating", "Senstad", 1997): ([], ["share_of_events"]),
    ("headache_tiredness_radiating", "Cagnie", 2004): ([], ["share_of_events"]),
    ("massage_discomfort", "Cambron", 2007): (["value patient: 1/10 [, ]"], ["zero"]),
    ("traumatic_injury_any", "Whedon", 2015): (
        ["value patient: 1/2500 [, ]", "value patient comparison: 153/100000 [, ]"],
        [],
    ),
    ("disc_herniation", "Oliphant", 2004): (["below manipulation:  [, 1/3700000]"], []),
    ("disc_herniation", "Assendelft", 1996): ([], ["share_of_events"]),
    ("disc_herniation", "Yin", 2014): ([], ["cases"]),
    ("cauda_equina_syndrome", "Assendelft", 1996): (["below treatment:  [, 1/1000000]"], []),
    ("cauda_equina_syndrome", "Oliphant", 2004): (["below manipulation:  [, 1/3700000]"], []),
    ("cauda_equina_syndrome", "Chu", 2023): ([], ["zero"]),
    ("nerve_damage", "Ernst", 2003): ([], ["cases"]),
    ("nerve_damage", "Yin", 2014): ([], ["cases"]),
    ("fracture", "Chu", 2023): (["value session: 21/10000000 [0, 7/1250000]"], ["cases"]),
    ("spinal_epidural_haematoma", "BMC case report", 2019): ([], ["cases"]),
    ("vertebral_artery_dissection_stroke", "Assendelft", 1996): (
        ["value patient: 1/20000 [, ]", "value manipulation: 1/1000000 [, ]"],
        ["cases"],
    ),
    ("vertebral_artery_dissection_stroke", "Haldeman", 2001): (["value manipulation: 1/5850000 [, ]"], []),
    ("vertebral_artery_dissection_stroke", "Rothwell", 2001): ([], ["ratio"]),
    ("vertebral_artery_dissection_stroke", "Cassidy", 2008): ([], ["ratio"]),
    ("vertebral_artery_dissection_stroke", "Whedon", 2015): (
        [
            "value patient: 3/2500 [, ]",
            "value patient comparison: 7/5000 [, ]",
            "value patient: 51/10000 [, ]",
            "value patient comparison: 7/2500 [, ]",
        ],
        ["ratio", "ratio"],
    ),
    ("vertebral_artery_dissection_stroke", "Thomas", 2011): ([], ["share_of_events", "ratio", "cases"]),
    ("vertebral_artery_dissection_stroke", "Reuter", 2006): ([], ["cases"]),
    ("vertebral_artery_dissection_stroke", "Puentedura", 2012): ([], ["cases"]),
    ("vertebral_artery_dissection_stroke", "Wynd", 2013): ([], ["cases"]),
    ("vertebral_artery_dissection_stroke", "Chu", 2023): ([], ["zero"]),
    ("carotid_artery_dissection", "Cassidy", 2017): ([], ["ratio"]),
    ("serious_any_cervical", "Thiel", 2007): (
        [
            "below consultation:  [, 1/10000]",
            "below consultation:  [, 1/5000]",
            "below manipulation:  [, 3/50000]",
        ],
        [],
    ),
    ("serious_any_cervical", "Rivett & Milburn", 1997): ([], ["cases"]),
    ("serious_any_spinal", "Swait & Finch", 2017): (
        ["value manipulation: 1/2000000 [, ]", "value patient: 13/10000 [, ]"],
        [],
    ),
    ("serious_any_spinal", "Nielsen", 2017): (["range manipulation:  [1/250000000, 1/20000]"], []),
    ("serious_any_spinal", "Carnes", 2010): (
        ["below treatment:  [, 7/100000]", "below patient:  [, 1/10000]"],
        ["no_denominator"],
    ),
    ("serious_any_spinal", "Chu", 2023): (["value session: 21/10000000 [0, 7/1250000]"], []),
    ("embolism_massage", "Ernst", 2003): ([], ["cases"]),
    ("organ_injury_massage", "Ernst", 2003): ([], ["cases"]),
    ("organ_injury_massage", "Yin", 2014): ([], ["cases"]),
}


def joined():
    return join(adverse_events_file().adverse_events, reviewed_file().estimates)


def read_estimates():
    return {
        (risk.event.id, part.estimate.study, part.estimate.year): part
        for risk in joined()
        for part in risk.estimates
    }


def described(mark) -> str:
    def number(value: Fraction | None) -> str:
        return "" if value is None else str(value)

    comparison = " comparison" if mark.comparison else ""
    return f"{mark.kind} {mark.per}{comparison}: {number(mark.at)} [{number(mark.low)}, {number(mark.high)}]"


def test_the_table_names_every_estimate():
    assert set(TABLE) == set(read_estimates())
    assert len(TABLE) == 40


@pytest.mark.parametrize("key", TABLE, ids=lambda key: f"{key[0]}-{key[1]}-{key[2]}")
def test_an_estimate_is_read_as_reviewed(key):
    part = read_estimates()[key]
    marks, listed = TABLE[key]
    assert [described(mark) for mark in part.marks] == marks
    assert [one.why for one in part.listed] == listed


def test_twenty_estimates_are_drawn_and_twenty_only_listed():
    parts = read_estimates().values()
    assert sum(bool(part.marks) for part in parts) == 20
    assert sum(not part.marks for part in parts) == 20
    assert sum(len(part.marks) for part in parts) == 29


def test_the_text_still_says_so():
    for part in read_estimates().values():
        assert all(one.why != "not_reviewed" for one in part.listed)
        for mark in part.marks:
            assert mark.read in part.estimate.value


def test_no_number_of_an_estimate_is_lost():
    """Each number in a value stands in the words of a mark or of something listed."""
    for key, part in read_estimates().items():
        said = " ".join([*(mark.read for mark in part.marks), *(one.text for one in part.listed)])
        for number in re.findall(r"\d[\d,.]*\d|\d", part.estimate.value):
            assert number in said, (key, number)


def test_a_denominator_is_never_converted():
    """What a figure is counted in stands in the estimate, in its value or its denominator."""
    words = {
        "patient": ("patient", "participant", "client", "beneficiar"),
        "visit": ("visit",),
        "session": ("session",),
        "consultation": ("consultation",),
        "treatment": ("treatment",),
        "manipulation": ("manipulation",),
        "day": ("-days",),
    }
    for key, part in read_estimates().items():
        said = f"{part.estimate.value} {part.estimate.denominator}"
        for mark in part.marks:
            assert any(word in said for word in words[mark.per]), (key, mark.per)


def test_a_limit_is_no_point_and_a_range_has_none():
    for part in read_estimates().values():
        for mark in part.marks:
            assert (mark.at is None) == (mark.kind in ("below", "range"))


def changed(value: str):
    events = list(adverse_events_file().adverse_events)
    first = events[0]
    estimates = list(first.estimates)
    old = estimates[0]
    estimates[0] = Estimate(
        study=old.study,
        year=old.year,
        value=value,
        denominator=old.denominator,
        source=old.source,
        text_seen=old.text_seen,
    )
    events[0] = type(first)(
        **{name: getattr(first, name) for name in first.__struct_fields__ if name != "estimates"},
        estimates=tuple(estimates),
    )
    return tuple(events)


def test_an_estimate_whose_text_has_changed_is_listed_and_not_drawn():
    part = join(changed("43% (95% CI 17-68) minor or moderate"), reviewed_file().estimates)[0].estimates[0]
    assert part.marks == ()
    assert part.listed[0].why == "not_reviewed"


def test_an_estimate_that_nobody_reviewed_is_listed_and_not_drawn():
    part = join(adverse_events_file().adverse_events, reviewed_file().estimates[1:])[0].estimates[0]
    assert part.marks == ()
    assert [one.why for one in part.listed] == ["not_reviewed"]


def test_a_review_of_nothing_is_an_error():
    with pytest.raises(InputError, match="no such estimate"):
        join(adverse_events_file().adverse_events[1:], reviewed_file().estimates)


@pytest.mark.parametrize(
    ("phrase", "kind", "at", "low", "high"),
    [
        ("41% (95% CI 17-68)", "value", "41/100", "17/100", "68/100"),
        ("2.5%", "value", "1/40", None, None),
        ("0.21 per 100,000 (95% CI 0.00-0.56)", "value", "21/10000000", "0", "56/10000000"),
        ("about 1 per 5.85 million", "value", "1/5850000", None, None),
        ("less than 1 in 3.7 million", "below", None, None, "1/3700000"),
        ("at worst about 1 per 10,000 treatment consultations", "below", None, None, "1/10000"),
        ("1 in 20,000 to 1 in 250,000,000", "range", None, "1/250000000", "1/20000"),
        ("1.0 adverse events per 100 post-OMT interval-days", "value", "1/100", None, None),
    ],
)
def test_the_parser_reads_numbers(phrase, kind, at, low, high):
    expected = tuple(Fraction(end) if end else None for end in (at, low, high))
    assert read(phrase) == (kind, *expected)


@pytest.mark.parametrize(
    "phrase",
    [
        "138 events: disc herniation",
        "single cases",
        "case report",
        "0",
        "",
        "61 of 295 published complications",
        "5 times more likely (95% CI 1.32-43.87)",
        "OR 23.53",
        "HR 0.39, 0.33-0.45",
        "mean age 44 (23-86)",
        "1,23 per 100",
        "41% (95% CI 50-68)",
        "150%",
        "2 per 0",
        "41% and 22%",
        "-5%",
        "1 in",
        "٣%",
    ],
)
def test_the_parser_refuses_what_is_no_risk(phrase):
    with pytest.raises(InputError) as error:
        read(phrase)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("technique", "regions", "says"),
    [
        ("thrust_spin", None, "Did you mean thrust_spine"),
        ("thrust_spine", "cervicle", "cervical"),
        ("thrust_spine", "extremity", "has no region extremity"),
    ],
)
def test_bad_questions_are_one_line(technique, regions, says):
    with pytest.raises(InputError, match=says) as error:
        risks(technique, regions)
    assert "\n" not in str(error.value)


def test_every_estimate_names_its_source():
    for part in read_estimates().values():
        assert part.estimate.source.title
