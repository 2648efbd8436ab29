"""What stays true of codes, ages and red flags over random cases.

The invariants of findings, steps and confirmations are in tests/decide/test_invariants.py; here the same must hold
for what a finding is made of.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from handrail import Case, Client, Credential, Finding, Verdict, decide
from handrail.safety import (
    Facts,
    contraindications,
    contraindications_file,
    icd10cm,
    medicine,
    red_flags,
    snomed,
    strongest,
)
from handrail.safety.code_files import medications_file, snomed_file
from handrail.terms import STEPS, TECHNIQUES, standing

LEAN = settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
DAY = date(2026, 11, 24)
FINDINGS = sorted({*contraindications(), *red_flags()})
LISTED = sorted({code for row in contraindications_file().contraindications for code in row.icd10cm})
SNOMED = sorted({code for group in snomed_file().groups for code in group.codes})
MEDICINES = sorted({name for held in medications_file().medicines for name in held.names})
FIVE = ("history", "examination", "diagnosis", "contraindication_screen", "consent")

facts = st.builds(
    Facts,
    day=st.sampled_from([None, DAY]),
    since=st.one_of(st.none(), st.dates(DAY - timedelta(400), DAY)),
    active=st.sampled_from([None, True, False]),
    flare=st.sampled_from([None, True, False]),
)


@st.composite
def icd_codes(draw):
    """A listed code, longer or shorter, with or without a 7th character."""
    code = draw(st.sampled_from(LISTED)).replace(".", "")
    shape = draw(st.sampled_from(["as listed", "shorter", "longer", "injury"]))
    if shape == "shorter":
        code = code[: draw(st.integers(3, len(code)))]
    elif shape == "longer":
        code += draw(st.text("0123456789X", max_size=7 - len(code)))
    elif shape == "injury":
        code = code.ljust(6, "X")[:6] + draw(st.sampled_from("ADGKPS"))
    return code


@st.composite
def coded(draw):
    """What some code, medicine or SNOMED CT code means."""
    kind = draw(st.sampled_from(["icd10cm", "icd10cm", "snomed", "medicine"]))
    if kind == "icd10cm":
        return icd10cm(draw(icd_codes()), draw(facts))
    if kind == "snomed":
        return snomed(draw(st.sampled_from(SNOMED)), draw(facts))
    return medicine(None, draw(st.sampled_from(MEDICINES)))


def findings_of(*given_codes):
    return tuple(Finding(m.finding, m.site, m.match) for code in given_codes for m in code.matches)


@st.composite
def visits(draw):
    technique = draw(st.sampled_from(list(TECHNIQUES)))
    regions = st.lists(st.sampled_from(TECHNIQUES[technique].regions), max_size=3, unique=True)
    client = Client(
        findings=draw(st.lists(st.sampled_from(FINDINGS), max_size=2)),
        steps=draw(st.sampled_from([None, (), FIVE[:2], FIVE, FIVE])),
        unscreened=draw(st.lists(st.sampled_from(FINDINGS), max_size=1)),
        age=draw(st.sampled_from([None, 1, 8, 15, 40, 80])),
    )
    place, profession = draw(
        st.sampled_from(
            [("US-AK", "chiropractor"), ("US-DE", "physical_therapist"), ("US-FL", "massage_therapist")]
        )
    )
    return Case(place, technique, [Credential(profession)], draw(regions), DAY, client)


def stands(case: Case) -> int:
    decision = decide(case)
    return standing(decision.verdict, decision.leaning)


def with_client(case, **changed):
    return replace(case, client=replace(case.client, **changed))


@LEAN
@given(visits(), coded())
def test_one_more_code_never_makes_it_better(case, code):
    after = with_client(case, findings=(*case.client.findings, *findings_of(code)))
    event(f"{decide(case).verdict} -> {decide(after).verdict}")
    assert stands(after) >= stands(case)


@LEAN
@given(visits(), st.floats(0, 120))
def test_a_known_age_never_makes_it_better_than_an_unknown_one(case, age):
    assert stands(with_client(case, age=age)) >= stands(with_client(case, age=None))


@LEAN
@given(visits(), st.sampled_from(list(STEPS)))
def test_one_step_less_never_makes_it_better(case, step):
    assume(case.client.steps is not None)
    fewer = with_client(case, steps=tuple(s for s in case.client.steps if s != step))
    assert stands(fewer) >= stands(case)


@LEAN
@given(visits(), st.sampled_from(sorted(red_flags())), st.lists(st.sampled_from(FINDINGS), max_size=3))
def test_a_red_flag_beats_whatever_else_is_so(case, id_, others):
    """And nothing that anybody confirms lifts an emergency or a same-day referral."""
    flag = red_flags()[id_]
    assume(flag.action != "refer")
    confirmed = [f"{kind}:{other}" for kind in ("clearance", "decision", "ask") for other in (id_, *others)]
    for place in range(len(others) + 1):
        found = (*others[:place], id_, *others[place:])
        decision = decide(replace(with_client(case, findings=found), met=(*confirmed, *FIVE)))
        at_least = Verdict.URGENT if flag.action == "emergency" else Verdict.PROHIBITED
        assert standing(decision.verdict, decision.leaning) >= standing(at_least, None)


@LEAN
@given(visits(), st.lists(coded(), min_size=1, max_size=4))
def test_leaving_out_what_a_stronger_match_covers_changes_no_verdict(case, codes):
    every = findings_of(*codes)
    kept = [Finding(m.finding, m.site, m.match) for m in strongest(m for code in codes for m in code.matches)]
    assert (
        decide(with_client(case, findings=every)).by_region == decide(with_client(case, findings=kept)).by_region
    )


@LEAN
@given(visits(), coded())
def test_what_a_code_may_mean_is_never_worse_than_what_it_means(case, code):
    found = findings_of(code)
    broad = [replace(finding, match="broad") for finding in found]
    exact = [replace(finding, match="exact") for finding in found]
    own = stands(with_client(case, findings=found))
    assert stands(with_client(case, findings=broad)) <= own <= stands(with_client(case, findings=exact))
    asked = decide(with_client(replace(case, jurisdiction="US-AK"), findings=broad, steps=FIVE, age=None))
    assert (
        asked.verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL)
        or case.credentials[0].profession != "chiropractor"
    )


@LEAN
@given(icd_codes(), facts)
def test_case_dot_and_spaces_of_a_code_do_not_matter(code, known):
    dotted = f"{code[:3]}.{code[3:]}".rstrip(".")
    assert icd10cm(code, known) == icd10cm(f" {dotted.lower()} ", known)


@pytest.mark.parametrize("code", LISTED)
def test_a_shorter_code_asks_at_least_what_the_longer_one_means(code):
    """Less said is never less asked."""
    longer = {m.finding for m in icd10cm(code).matches}
    bare = code.replace(".", "")
    for length in range(3, len(bare)):
        shorter = {m.finding for m in icd10cm(bare[:length]).matches}
        assert longer <= shorter, bare[:length]


@LEAN
@given(icd_codes())
def test_the_end_of_an_injury_takes_rows_out_and_never_adds_one(code):
    assume(len(code) == 7)
    now, later = icd10cm(f"{code[:6]}A"), icd10cm(f"{code[:6]}S")
    assert {m.finding for m in later.matches} <= {m.finding for m in now.matches}
    for match in later.matches:  # nor makes one surer
        if match.match == "exact":
            assert match.finding in {m.finding for m in now.matches if m.match == "exact"}


@LEAN
@given(icd_codes(), st.integers(0, 800))
def test_a_condition_longer_ago_is_never_surer(code, days):
    def found(ago):
        matches = icd10cm(code, Facts(DAY, DAY - timedelta(ago))).matches
        return {(m.finding, m.match == "exact") for m in matches if m.match == "exact"}

    assert found(days + 1) <= found(days)


@LEAN
@given(visits(), st.sampled_from(FINDINGS))
def test_not_screened_is_never_better_than_screened_and_never_worse_than_found_absolute(case, id_):
    asked = with_client(case, unscreened=(*case.client.unscreened, id_))
    assert stands(asked) >= stands(case)
    assert f"ask:{id_}" in {need.id for need in decide(asked).needs} or (
        case.client.steps is None or decide(asked).verdict not in (Verdict.CONDITIONAL, Verdict.UNDETERMINED)
    )
