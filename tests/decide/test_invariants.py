"""DESIGN's invariants, over random cases: whatever is asked, these stay true.

For a long run: ``HANDRAIL_PROFILE=handrail-soak pytest tests/decide/test_invariants.py`` (or
``HYPOTHESIS_PROFILE=soak``, as ``make soak`` does).
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, assume, event, example, given, settings
from hypothesis import strategies as st

from handrail import Case, Client, Credential, Finding, Leaning, Verdict, decide
from handrail.decide import STATUSES, Decision, Period
from handrail.law import Basis, Effect, jurisdictions, load
from handrail.safety import contraindications, red_flags
from handrail.terms import PROFESSIONS, REGIONS, SITES, STEPS, TECHNIQUES, standing

_CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
settings.register_profile("handrail", deadline=None, max_examples=100, suppress_health_check=_CHECKS)
settings.register_profile("handrail-soak", deadline=None, max_examples=5_000, suppress_health_check=_CHECKS)
_SOAK = "soak" in os.environ.get("HYPOTHESIS_PROFILE", "") + os.environ.get("HANDRAIL_PROFILE", "")
MODERATE = settings.get_profile("handrail-soak" if _SOAK else "handrail")

PLACES = jurisdictions()
FINDINGS = sorted({*contraindications(), *red_flags()})
YES_RULES = [
    (place, profession, rule)
    for place in PLACES
    for profession, rule in load(place).file.rules()
    if rule.effect in (Effect.PERMITTED, Effect.CONDITIONAL)
]
FIVE = ("history", "examination", "diagnosis", "contraindication_screen", "consent")


def _vocabulary() -> tuple[list[str], list[date]]:
    """All ids of conditions, and all days on which something changes."""
    ids, turns = {"unheard_of"}, set()
    for place in PLACES:
        law = load(place)
        for profession, rule in law.file.rules():
            turns |= law.changes(profession, rule.technique)
            for outer in rule.conditions:
                ids |= {inner.id for inner in outer.walk()}
    return sorted(ids), sorted(turns)


CONDITIONS, CHANGES = _vocabulary()

# Half of all questions fall where something is known to change or to speak: that is where mistakes are.
near_change = st.sampled_from(CHANGES).flatmap(
    lambda day: st.sampled_from([day - timedelta(1), day, day + timedelta(1)])
)
days = st.one_of(st.dates(date(1990, 1, 1), date(2035, 12, 31)), near_change)
on = st.one_of(days, days, days.map(lambda d: f"{d:%Y-%m}"), days.map(lambda d: f"{d:%Y}"), days.map(str))


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    name = draw(st.sampled_from(FINDINGS))
    row = contraindications().get(name)
    listed = tuple(REGIONS) if row is None or row.regions == "all" else row.regions
    sites = [site for site in (*REGIONS, *SITES) if set(SITES.get(site, (site,))) & set(listed)]
    return Finding(name, draw(st.sampled_from([None, *sites])), draw(st.sampled_from(["exact", "exact", "broad"])))


steps = st.one_of(
    st.none(),
    st.just(FIVE),
    st.lists(st.sampled_from(list(STEPS)), max_size=8, unique=True),
    st.just(tuple(STEPS)),
)
clients = st.builds(
    Client,
    findings=st.lists(findings(), max_size=3),
    steps=steps,
    unscreened=st.lists(st.sampled_from(FINDINGS), max_size=2),
)


@st.composite
def credentials(draw: st.DrawFn, place: str, technique: str) -> Credential:
    """Mostly a plain credential of a profession of which the place speaks, sometimes anything at all."""
    law = load(place)
    speaking = [name for name in PROFESSIONS if law.cell(name, technique)]
    profession = draw(st.sampled_from([*PROFESSIONS, *speaking * 3]))
    if draw(st.booleans()):
        return Credential(profession)
    asked = [c.id for rule in law.cell(profession, technique) for outer in rule.conditions for c in outer.walk()]
    ids = st.sampled_from([*CONDITIONS, *asked * 9])
    return Credential(
        profession,
        jurisdiction=draw(st.sampled_from([None, None, None, place, *PLACES[:2]])),
        register_class=draw(st.sampled_from([None, None, "full", "general", "provisional", "student"])),
        status=draw(st.sampled_from([None, None, None, None, "active", *STATUSES])),
        valid_from=draw(st.one_of(st.none(), st.none(), st.dates(date(1985, 1, 1), date(2012, 12, 31)))),
        valid_to=draw(st.one_of(st.none(), st.none(), st.dates(date(2013, 1, 1), date(2040, 12, 31)))),
        compact=draw(st.sampled_from([None, None, "PT Compact"])),
        endorsements=draw(st.lists(ids, max_size=3, unique=True)),
        training=draw(st.dictionaries(ids, st.sampled_from([0, 1, 40, 176, 400, 800]), max_size=3)),
    )


@st.composite
def cases(draw: st.DrawFn, client: st.SearchStrategy[Client | None] | None = None) -> Case:
    place = draw(st.sampled_from(PLACES))
    technique = draw(st.sampled_from(list(TECHNIQUES)))
    regions = st.sampled_from(TECHNIQUES[technique].regions)
    met = st.sampled_from([*CONDITIONS, *STEPS, *(f"decision:{name}" for name in FINDINGS)])
    return Case(
        place,
        technique,
        draw(st.lists(credentials(place, technique), min_size=1, max_size=2)),
        region=draw(st.one_of(st.none(), regions, st.lists(regions, min_size=1, max_size=3))),
        on=draw(on),
        client=draw(client if client is not None else st.one_of(st.none(), clients)),
        met=draw(st.lists(met, max_size=2, unique=True)),
    )


visits = cases(client=clients)


@st.composite
def promising(draw: st.DrawFn, effects: tuple[Effect, ...] = (Effect.PERMITTED, Effect.CONDITIONAL)) -> Case:
    """A case on a rule that says yes, in or near its time, with a client who is mostly well: many come out yes."""
    place, profession, rule = draw(st.sampled_from([y for y in YES_RULES if y[2].effect in effects]))
    asked = [c.id for outer in rule.conditions for c in outer.walk()]
    start, end = rule.effective_from or date(1990, 1, 1), rule.effective_to or date(2035, 12, 31)
    day = draw(st.one_of(days, st.dates(start, end), st.sampled_from([start, end])))
    held = Credential(profession, endorsements=draw(st.sampled_from([(), asked[:1], asked])))
    well = st.builds(
        Client,
        findings=st.lists(findings(), max_size=1),
        steps=st.sampled_from([None, (), FIVE[1:], FIVE, FIVE, tuple(STEPS)]),
        unscreened=st.just(()),
    )
    others = draw(st.lists(credentials(place, rule.technique), max_size=1))
    return Case(
        place,
        rule.technique,
        [held, *others],
        region=draw(st.one_of(st.none(), st.sampled_from(TECHNIQUES[rule.technique].regions))),
        on=draw(st.sampled_from([day, f"{day:%Y}", f"{day:%Y-%m}"])),
        client=draw(st.one_of(st.none(), well)),
        met=draw(st.sampled_from([(), asked])),
    )


def stands(decision: Decision) -> int:
    """Where a decision stands: 0 is permitted, 6 is urgent."""
    return standing(decision.verdict, decision.leaning)


def with_client(case: Case, **changed: object) -> Case:
    assert case.client is not None
    return replace(case, client=replace(case.client, **changed))


def with_first(case: Case, **changed: object) -> Case:
    return replace(case, credentials=(replace(case.credentials[0], **changed), *case.credentials[1:]))


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
