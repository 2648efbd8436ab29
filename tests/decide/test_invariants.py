"""DESIGN's invariants, over random cases: whatever is asked, these stay true.

For a long run: ``HANDRAIL_PROFILE=handrail-soak pytest tests/decide/test_invariants.py`` (or
``HYPOTHESIS_PROFILE=soak``, as ``make soak`` does).
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st
from tests.strategies import (
    CONDITIONS,
    FINDINGS,
    MODERATE,
    cases,
    credentials,
    days,
    findings,
    promising,
    stands,
    visits,
    with_client,
    with_first,
)

from handrail import Case, Client, Credential, Finding, Leaning, Verdict, decide
from handrail.decide import Period
from handrail.law import Basis, Effect, load
from handrail.safety import contraindications, red_flags
from handrail.terms import PROFESSIONS, REGIONS, STEPS, TECHNIQUES, standing

# What makes it no better


@MODERATE
@given(visits, findings())
def test_one_more_finding_never_makes_it_better(case, finding):
    before = decide(case)
    after = decide(with_client(case, findings=(*case.client.findings, finding)))
    event(f"{before.verdict} -> {after.verdict}")
    assert stands(after) >= stands(before)
    for region, part in before.by_region.items():
        assert standing(*after.by_region[region]) >= standing(*part)


@MODERATE
@given(visits, st.sampled_from(FINDINGS))
def test_one_more_thing_unscreened_never_makes_it_better(case, finding):
    after = decide(with_client(case, unscreened=(*case.client.unscreened, finding)))
    assert stands(after) >= stands(decide(case))


@MODERATE
@given(visits)
def test_a_visit_is_never_better_than_the_question_about_the_profession(case):
    assert stands(decide(case)) >= stands(decide(replace(case, client=None)))


@MODERATE
@given(visits)
def test_a_visit_is_never_better_than_the_record_of_it(case):
    assert stands(decide(case)) >= stands(decide(with_client(case, steps=None)))


@MODERATE
@given(visits, findings())
def test_an_unknown_site_is_never_better_than_a_known_one_and_a_broad_match_never_worse_than_an_exact(
    case, finding
):
    def found(**changed):
        return stands(decide(with_client(case, findings=(*case.client.findings, replace(finding, **changed)))))

    assert found(site=None) >= found()
    assert found(match="broad") <= found(match="exact")


@MODERATE
@given(findings())
def test_a_stronger_technique_is_never_judged_better_for_one_finding(finding):
    """Mobilization to thrust always; soft tissue to the others where the row is general."""

    def worst(technique, region):
        about = Client(findings=[finding], steps=None)
        judged = decide(Case("US-FL", technique, [Credential("chiropractor")], region, "2026-11-24", about))
        # process_conditions may stand in another gate: look at what rests on the finding itself
        return max((standing(r.verdict, r.leaning) for r in judged.reasons if r.rule == finding.id), default=0)

    row = contraindications().get(finding.id)
    for region in REGIONS:
        thrust = "thrust_extremity" if region == "extremity" else "thrust_spine"
        assert worst("mobilization", region) <= worst(thrust, region)
        if row is not None and row.scope == "general":
            assert worst("soft_tissue", region) <= worst("mobilization", region)


# What makes it no worse


@MODERATE
@given(visits, st.sampled_from(list(STEPS)))
def test_one_more_step_never_makes_it_worse(case, step):
    assume(case.client.steps is not None)
    after = decide(with_client(case, steps=(*case.client.steps, step)))
    assert stands(after) <= stands(decide(case))


@MODERATE
@given(cases(), st.sampled_from(CONDITIONS))
def test_one_more_endorsement_never_makes_it_worse(case, endorsement):
    after = decide(with_first(case, endorsements=(*case.credentials[0].endorsements, endorsement)))
    assert stands(after) <= stands(decide(case))


@MODERATE
@given(cases(), st.sampled_from(CONDITIONS), st.sampled_from([1, 40, 400, 5000]))
def test_more_training_never_makes_it_worse(case, subject, hours):
    held = case.credentials[0].training
    after = decide(with_first(case, training={**held, subject: held.get(subject, 0) + hours}))
    assert stands(after) <= stands(decide(case))


@MODERATE
@given(cases(), st.data())
def test_one_more_thing_confirmed_never_makes_it_worse(case, data):
    before = decide(case)
    ids = [*CONDITIONS, *STEPS, *[need.id for need in before.needs] * 5]
    after = decide(replace(case, met=(*case.met, data.draw(st.sampled_from(ids)))))
    assert stands(after) <= stands(before)


@MODERATE
@given(st.data())
def test_one_more_credential_never_makes_it_worse_and_the_decision_is_no_mixture(data):
    case = data.draw(cases())
    more = data.draw(credentials(case.jurisdiction, case.technique))
    whole = decide(replace(case, credentials=(*case.credentials, more)))
    assert stands(whole) <= stands(decide(case))
    alone = [decide(replace(case, credentials=(held,))) for held in (*case.credentials, more)]
    ranks = [(stands(decision), len(decision.needs)) for decision in alone]
    best = alone[ranks.index(min(ranks))]  # ties go to fewer needs, then to the order given
    for part in (
        "verdict",
        "leaning",
        "by_region",
        "reasons",
        "needs",
        "limits",
        "before",
        "verify",
        "profession",
    ):
        assert getattr(whole, part) == getattr(best, part), part


# What a decision is made of


@MODERATE
@given(cases())
@example(Case("CA-BC", "thrust_spine", [Credential("massage_therapist")], on="2026"))
def test_the_decision_is_the_worst_of_its_reasons(case):
    decision = decide(case)
    assert decision.reasons
    assert max(standing(reason.verdict, reason.leaning) for reason in decision.reasons) == stands(decision)


@MODERATE
@given(cases())
@example(Case("CA-NU", "thrust_spine", [Credential("physical_therapist")]))
def test_every_reason_names_its_gate_its_text_and_its_source(case):
    decision = decide(case)
    for reason in decision.reasons:
        assert reason.gate in ("licence", "scope", "safety", "process")
        assert reason.text.strip()
        assert reason.source, reason
    assert {"licence", "scope"} <= {reason.gate for reason in decision.reasons}
    for step in decision.before:
        assert step.source, step


@MODERATE
@given(cases())
def test_leaning_and_needs_stand_only_where_they_belong(case):
    decision = decide(case)
    for thing in (decision, *decision.reasons, *decision.by_region.values()):
        assert (thing.leaning is not None) == (thing.verdict is Verdict.UNDETERMINED)
    if decision.needs:
        assert decision.verdict in (Verdict.CONDITIONAL, Verdict.UNDETERMINED)
    if decision.verdict is Verdict.CONDITIONAL:
        assert decision.needs
    ids = [need.id for need in decision.needs]
    assert len(ids) == len(set(ids))
    assert tuple(decision.by_region) == case.regions


@MODERATE
@given(cases())
def test_several_regions_asked_get_the_worst_of_them(case):
    decision = decide(case)
    worst = max(standing(*part) for part in decision.by_region.values())
    if case.asked_regions:
        assert stands(decision) == worst
        for region in case.asked_regions:
            alone = decide(replace(case, region=region, credentials=case.credentials[:1]))
            assert stands(alone) == standing(*alone.by_region[region])
    else:
        assert stands(decision) <= worst


@MODERATE
@given(st.one_of(promising(), promising(), cases()))
def test_no_thrust_is_permitted_without_a_read_cited_grant_in_force(case):
    decision = decide(case)
    if not case.technique.startswith("thrust") or decision.verdict is not Verdict.PERMITTED:
        return
    event("a thrust is permitted")
    period = Period.of(case.on)
    rules = load(case.jurisdiction).rules_by_id
    grants = [r for r in decision.reasons if r.gate == "scope" and r.verdict is Verdict.PERMITTED]
    assert grants
    for reason in grants:
        rule = rules[reason.rule]
        assert rule.text_seen is True
        assert reason.text_seen is True
        assert rule.basis is not Basis.SECONDARY
        assert rule.citation
        assert reason.citation == rule.citation
        assert rule.effect in (Effect.PERMITTED, Effect.CONDITIONAL)
        assert rule.technique == case.technique
        assert any(rule.id.startswith(f"{case.jurisdiction}/{held.profession}/") for held in case.credentials)
        assert rule.in_force(period.first) or rule.in_force(period.last)
    # On every day asked and every region asked some such rule is in force.
    for region in case.asked_regions:
        for day in (period.first, period.last):
            assert any(
                rule.in_force(day) and rule.covers(region) and rule.read and rule.effect is not Effect.PROHIBITED
                for rule in load(case.jurisdiction).cell(decision.profession, case.technique)
                if rule.effect.speaks
            )


@MODERATE
@given(st.one_of(promising(), promising(), cases()))
def test_nothing_is_permitted_without_a_read_text(case):
    decision = decide(case)
    if decision.verdict is not Verdict.PERMITTED:
        return
    event("permitted")
    for reason in decision.reasons:
        if reason.gate == "scope":
            assert reason.text_seen
            assert reason.citation
            assert reason.basis != "secondary"


@MODERATE
@given(cases())
def test_no_rule_outside_its_dates_decides(case):
    decision = decide(case)
    period = Period.of(case.on)
    rules = load(case.jurisdiction).rules_by_id
    for reason in decision.reasons:
        rule = rules.get(reason.rule or "")
        if rule is None or reason.gate != "scope":
            continue
        within = (rule.effective_from or date.min) <= period.last and (
            rule.effective_to or date.max
        ) >= period.first
        if not within:  # a lapsed one can only lend its leaning
            assert rule.ended(period.first)
            assert reason.verdict is Verdict.UNDETERMINED
            assert reason.leaning is (
                Leaning.NO
                if rule.effect is Effect.PROHIBITED
                else Leaning.YES
                if rule.effect in (Effect.PERMITTED, Effect.CONDITIONAL)
                else Leaning.NONE
            )
        assert (reason.effective_from, reason.effective_to) == (rule.effective_from, rule.effective_to)


@MODERATE
@given(cases())
def test_an_unread_or_second_hand_text_never_gives_a_plain_yes_or_no(case):
    rules = load(case.jurisdiction).rules_by_id
    for reason in decide(case).reasons:
        rule = rules.get(reason.rule or "")
        if rule is not None and reason.gate == "scope" and (not rule.text_seen or rule.basis is Basis.SECONDARY):
            assert reason.verdict is Verdict.UNDETERMINED


@MODERATE
@given(cases())
def test_a_null_start_is_said_to_be_not_researched_for_an_earlier_day(case):
    law = load(case.jurisdiction)
    period = Period.of(case.on)
    for reason in decide(case).reasons:
        rule = law.rules_by_id.get(reason.rule or "")
        if rule is not None and reason.gate == "scope" and rule.effective_from is None:
            assert ("not researched" in (reason.note or "")) >= (period.last < law.file.researched)


@MODERATE
@given(cases())
def test_the_same_case_gives_the_same_decision_and_the_same_json(case):
    again = Case(
        case.jurisdiction,
        case.technique,
        list(case.credentials),
        case.region,
        case.on,
        case.client,
        list(case.met),
    )
    one, other = decide(case), decide(again)
    assert one == other
    assert json.dumps(one.as_dict()) == json.dumps(other.as_dict())


@MODERATE
@given(visits, st.randoms(use_true_random=False))
def test_the_order_of_findings_and_steps_does_not_matter(case, random):
    found, done = list(case.client.findings), list(case.client.steps or ())
    random.shuffle(found)
    random.shuffle(done)
    other = decide(with_client(case, findings=found, steps=None if case.client.steps is None else done))
    one = decide(case)
    assert (one.verdict, one.leaning, one.by_region) == (other.verdict, other.leaning, other.by_region)
    assert {need.id for need in one.needs} == {need.id for need in other.needs}


@MODERATE
@given(st.one_of(promising((Effect.CONDITIONAL,)), promising()))
def test_a_conditional_answer_is_permitted_once_all_its_needs_are_confirmed(case):
    case = replace(case, credentials=case.credentials[:1])
    decision = decide(case)
    if decision.verdict is not Verdict.CONDITIONAL:
        return
    event("conditional")
    for _ in range(5):  # other needs may appear; five rounds are more than any law asks for
        case = replace(case, met=(*case.met, *(need.id for need in decision.needs)))
        decision = decide(case)
        if decision.verdict is not Verdict.CONDITIONAL:
            break
    assert decision.verdict is Verdict.PERMITTED
    assert decision.needs == ()


@MODERATE
@given(cases())
def test_a_need_is_not_listed_once_it_is_confirmed(case):
    decision = decide(case)
    assert not {need.id for need in decision.needs} & set(case.met)
    if case.client is not None and case.client.steps:
        assert not {need.id for need in decision.needs} & set(case.client.steps)


@MODERATE
@given(cases())
def test_an_urgent_finding_is_urgent_whatever_else_is_so(case):
    flag = next(flag for flag in red_flags().values() if flag.action == "emergency")
    about = case.client or Client()
    decision = decide(replace(case, client=replace(about, findings=(*about.findings, Finding(flag.id)))))
    assert decision.verdict is Verdict.URGENT
    assert decision.needs == ()
    assert decision.who_may == ()
    assert decision.instead == ()


# Who may, and what instead

ABOUT_THE_VISIT = (*STEPS, "decision:", "clearance:", "ask:")


@settings(MODERATE, max_examples=MODERATE.max_examples // 2)
@given(cases())
def test_who_may_is_what_decide_says_and_lists_all_who_may(case):
    """With nothing confirmed that belongs to the practitioner, or the exchanged one would hold it too."""
    case = replace(case, met=tuple(need for need in case.met if need.startswith(ABOUT_THE_VISIT)))
    listed = decide(case).who_may
    order = [who.verdict for who in listed]
    assert order == sorted(order, key=standing)
    found = {who.profession: (who.verdict, who.needs) for who in listed}
    for profession in PROFESSIONS:
        other = decide(replace(case, credentials=(Credential(profession),)))
        if other.verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL):
            assert found.pop(profession) == (other.verdict, other.needs)
    assert not found


@settings(MODERATE, max_examples=MODERATE.max_examples // 2)
@given(cases())
def test_instead_is_what_decide_says(case):
    for other in decide(case).instead:
        assert other.technique != case.technique
        assert other.verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL)
        shared = tuple(region for region in case.regions if region in TECHNIQUES[other.technique].regions)
        again = decide(replace(case, technique=other.technique, region=shared))
        assert (again.verdict, again.needs) == (other.verdict, other.needs)


# Months and years


@MODERATE
@given(cases(), days, st.booleans())
def test_a_month_or_year_stands_for_all_its_days(case, day, year):
    case = replace(case, on=f"{day:%Y}" if year else f"{day:%Y-%m}", credentials=case.credentials[:1])
    period = Period.of(case.on)
    law = load(case.jurisdiction)
    held = case.credentials[0]
    turns = law.changes(held.profession, case.technique) | {held.valid_from}
    turns |= {held.valid_to + timedelta(1)} if held.valid_to else set()
    tried = [period.first, *sorted(d for d in turns if d and period.first < d <= period.last), period.last]
    parts = [decide(replace(case, on=d)) for d in tried]
    whole = decide(case)
    if len({stands(part) for part in parts}) == 1:
        assert stands(whole) == stands(parts[0]) or whole.verdict is Verdict.UNDETERMINED
    else:
        assert whole.verdict is Verdict.UNDETERMINED
        changed = [
            later
            for (earlier, a), (later, b) in pairwise(zip(tried, parts, strict=True))
            if stands(a) != stands(b)
        ]
        for turn in changed:
            assert any(str(turn) in reason.text for reason in whole.reasons)
