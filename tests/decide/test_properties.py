"""What must stay true over the whole space, tried on random cases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handrail import Case, Client, Credential, Finding, InputError, Verdict, decide
from handrail.decide import Decision, Period
from handrail.law import Effect, jurisdictions, load
from handrail.safety import contraindications, red_flags
from handrail.terms import PROFESSIONS, REGIONS, SITES, STEPS, TECHNIQUES, standing

PLACES = jurisdictions()
FINDINGS = sorted({*contraindications(), *red_flags()})
ENDORSEMENTS = ["spinal_manipulation", "joint_manipulation", "exemption", "orthopedic_specialist", "unheard_of"]
TRAINING = ["spinal_manipulation_classroom", "spinal_manipulation_clinical", "manual_therapy_coursework", "x"]
STATUSES = [None, None, None, "active", "expired", "suspended", "unknown"]

days = st.dates(date(1990, 1, 1), date(2035, 12, 31))
on = st.one_of(days, days.map(lambda day: f"{day:%Y-%m}"), days.map(lambda day: f"{day:%Y}"))


@st.composite
def findings(draw):
    found = draw(st.sampled_from(FINDINGS))
    row = contraindications().get(found)
    listed = tuple(REGIONS) if row is None or row.regions == "all" else row.regions
    sites = [s for s in (*REGIONS, *SITES) if any(at in listed for at in SITES.get(s, (s,)))]
    return Finding(found, draw(st.sampled_from([None, *sites])), draw(st.sampled_from(["exact", "broad"])))


clients = st.one_of(
    st.none(),
    st.builds(
        Client,
        findings=st.lists(findings(), max_size=3),
        steps=st.one_of(st.none(), st.lists(st.sampled_from(list(STEPS)), max_size=6)),
        unscreened=st.lists(st.sampled_from(FINDINGS), max_size=2),
    ),
)
credentials = st.builds(
    Credential,
    profession=st.sampled_from(list(PROFESSIONS)),
    jurisdiction=st.sampled_from([None, None, None, "US-WA", "CA-ON"]),
    register_class=st.sampled_from([None, None, "full", "provisional", "student"]),
    status=st.sampled_from(STATUSES),
    valid_from=st.sampled_from([None, None, date(2010, 1, 1)]),
    valid_to=st.sampled_from([None, None, date(2030, 6, 30)]),
    compact=st.sampled_from([None, "PT Compact"]),
    endorsements=st.lists(st.sampled_from(ENDORSEMENTS), max_size=2),
    training=st.dictionaries(st.sampled_from(TRAINING), st.sampled_from([0, 40, 400, 800]), max_size=2),
)


@st.composite
def cases(draw):
    technique = draw(st.sampled_from(list(TECHNIQUES)))
    regions = st.sampled_from(TECHNIQUES[technique].regions)
    return Case(
        draw(st.sampled_from(PLACES)),
        technique,
        draw(st.lists(credentials, min_size=1, max_size=2)),
        region=draw(st.one_of(st.none(), regions, st.lists(regions, min_size=1, max_size=2))),
        on=draw(on),
        client=draw(clients),
        met=draw(st.lists(st.sampled_from(["referral", "consent", "decision:osteoporosis"]), max_size=2)),
    )


def stands(decision: Decision) -> int:
    return standing(decision.verdict, decision.leaning)


def with_client(case: Case, **changed) -> Case:
    assert case.client is not None
    return replace(case, client=replace(case.client, **changed))


@given(cases(), findings())
def test_one_more_finding_never_makes_it_better(case, finding):
    if case.client is None:
        case = replace(case, client=Client())
    more = with_client(case, findings=(*case.client.findings, finding))
    assert stands(decide(more)) >= stands(decide(case))


@given(cases(), st.sampled_from(FINDINGS))
def test_one_more_thing_unscreened_never_makes_it_better(case, finding):
    if case.client is None:
        case = replace(case, client=Client())
    more = with_client(case, unscreened=(*case.client.unscreened, finding))
    assert stands(decide(more)) >= stands(decide(case))


@given(cases(), st.sampled_from(list(STEPS)))
def test_one_more_step_never_makes_it_worse(case, step):
    if case.client is None or case.client.steps is None:
        case = replace(case, client=Client())
    more = with_client(case, steps=(*case.client.steps, step))
    assert stands(decide(more)) <= stands(decide(case))


@given(cases(), st.sampled_from(ENDORSEMENTS), st.sampled_from(TRAINING))
def test_one_more_endorsement_or_training_never_makes_it_worse(case, endorsement, subject):
    held = case.credentials[0]
    more = replace(case, credentials=(replace(held, endorsements=(*held.endorsements, endorsement)),))
    assert stands(decide(more)) <= stands(decide(replace(case, credentials=(held,))))
    trained = replace(case, credentials=(replace(held, training={**held.training, subject: 5000}),))
    assert stands(decide(trained)) <= stands(decide(replace(case, credentials=(held,))))


@given(cases(), credentials)
def test_one_more_credential_never_makes_it_worse_and_is_no_mixture(case, credential):
    more = decide(replace(case, credentials=(*case.credentials, credential)))
    alone = [decide(replace(case, credentials=(held,))) for held in (*case.credentials, credential)]
    assert stands(more) == min(stands(decision) for decision in alone)
    assert any(
        (more.verdict, more.leaning, more.needs, more.reasons)
        == (decision.verdict, decision.leaning, decision.needs, decision.reasons)
        for decision in alone
    )


@given(cases())
def test_confirming_every_need_of_a_conditional_answer_permits_it(case):
    decision = decide(replace(case, credentials=case.credentials[:1]))
    if decision.verdict is not Verdict.CONDITIONAL:
        return
    confirmed = replace(
        case, credentials=case.credentials[:1], met=(*case.met, *(need.id for need in decision.needs))
    )
    assert decide(confirmed).verdict is Verdict.PERMITTED


@given(cases())
def test_the_decision_is_the_worst_of_its_reasons_and_each_names_its_source(case):
    decision = decide(case)
    assert decision.reasons
    assert max(standing(reason.verdict, reason.leaning) for reason in decision.reasons) == stands(decision)
    for reason in decision.reasons:
        assert reason.source or reason.citation, reason
        assert reason.text
    assert (decision.leaning is None) == (decision.verdict is not Verdict.UNDETERMINED)
    assert not decision.needs or decision.verdict in (Verdict.CONDITIONAL, Verdict.UNDETERMINED)
    assert (decision.verdict is not Verdict.CONDITIONAL) or decision.needs


@given(cases())
def test_no_thrust_is_permitted_without_a_read_cited_grant_in_force(case):
    decision = decide(case)
    if decision.verdict is not Verdict.PERMITTED or not case.technique.startswith("thrust"):
        return
    period = Period.of(case.on)
    rules = load(case.jurisdiction).rules_by_id
    granting = [
        rules[reason.rule] for reason in decision.reasons if reason.gate == "scope" and reason.rule in rules
    ]
    assert granting
    for rule in granting:
        assert rule.effect in (Effect.PERMITTED, Effect.CONDITIONAL)
        assert rule.text_seen
        assert rule.basis != "secondary"
        assert rule.citation
        assert rule.in_force(period.first)


@given(cases())
def test_no_rule_outside_its_dates_decides(case):
    decision = decide(case)
    period = Period.of(case.on)
    rules = load(case.jurisdiction).rules_by_id
    for reason in decision.reasons:
        rule = rules.get(reason.rule or "")
        if rule is not None and not (rule.in_force(period.first) or rule.in_force(period.last)):
            within = rule.effective_from and period.first <= rule.effective_from <= period.last
            assert within or reason.verdict is Verdict.UNDETERMINED


@given(cases())
def test_the_same_case_gives_the_same_decision_and_json(case):
    one, other = decide(case), decide(replace(case))
    assert one == other
    assert json.dumps(one.as_dict()) == json.dumps(other.as_dict())


@given(cases())
def test_an_emergency_is_urgent_whatever_is_asked(case):
    urgent = replace(case, client=Client(findings=["ces_saddle"], steps=None))
    assert decide(urgent).verdict is Verdict.URGENT


@given(cases())
def test_who_may_and_instead_are_what_decide_says(case):
    decision = decide(case)
    kept = tuple(need for need in case.met if need in STEPS or ":" in need)
    for who in decision.who_may:
        again = decide(replace(case, credentials=(Credential(who.profession),), met=kept))
        assert (again.verdict, again.needs) == (who.verdict, who.needs)
        assert who.verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL)
    assert case.technique not in {other.technique for other in decision.instead}


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_a_stronger_technique_is_never_judged_better_than_a_gentler_one(technique):
    stronger = {"soft_tissue": ("mobilization", "thrust_spine"), "mobilization": ("thrust_spine",)}
    for finding in FINDINGS:
        row = contraindications().get(finding)
        for other in stronger.get(technique, ()):
            if technique == "soft_tissue" and (row is None or row.scope != "general"):
                continue
            for region in TECHNIQUES[other].regions:
                if region not in TECHNIQUES[technique].regions:
                    continue
                gentle, strong = (
                    decide(
                        Case(
                            "US-FL",
                            what,
                            [Credential("chiropractor")],
                            region=region,
                            client=Client(findings=[finding], steps=None),
                        )
                    )
                    for what in (technique, other)
                )
                worst = {
                    what: max(
                        (list(Verdict).index(r.verdict) for r in decision.reasons if r.rule == finding), default=0
                    )
                    for what, decision in (("gentle", gentle), ("strong", strong))
                }
                assert worst["gentle"] <= worst["strong"], (finding, region)


def test_a_whole_space_of_general_questions_is_answered():
    """Every jurisdiction, profession, technique, region (and none), and period between the dates of change."""
    count = 0
    for place in PLACES:
        law = load(place)
        for profession in PROFESSIONS:
            held = Credential(profession)
            for technique, about in TECHNIQUES.items():
                days = sorted({date(1995, 1, 1), date(2026, 11, 24), *law.changes(profession, technique)})
                for region in (None, *about.regions):
                    for day in days:
                        decision = decide(Case(place, technique, [held], region=region, on=day))
                        count += 1
                        assert decision.by_region
                        scope = [reason for reason in decision.reasons if reason.gate == "scope"]
                        assert all(r.citation or "No citation was found" in r.text for r in scope), (
                            place,
                            profession,
                        )
                        if profession == "massage_therapist" and technique == "thrust_spine":
                            assert decision.verdict in (Verdict.PROHIBITED, Verdict.UNDETERMINED)
    assert count > 40_000


@given(st.text(max_size=12))
def test_any_text_is_a_known_word_or_a_clear_error(text):
    for build in (
        lambda: Case(text, "thrust_spine", [Credential("chiropractor")]),
        lambda: Case("US-FL", text, [Credential("chiropractor")]),
        lambda: Case("US-FL", "thrust_spine", [Credential("chiropractor")], region=text),
        lambda: Case("US-FL", "thrust_spine", [Credential("chiropractor")], on=text),
        lambda: Credential(text),
        lambda: Client(findings=[text]),
        lambda: Client(steps=[text]),
    ):
        try:
            made = build()
            if isinstance(made, Case):
                decide(made)
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017  (most texts are refused, a few are words)
