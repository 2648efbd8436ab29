"""Cases at random for property tests: half of them where something is known to change or to speak.

For a long run: ``HANDRAIL_PROFILE=handrail-soak`` or ``HYPOTHESIS_PROFILE=soak``, as ``make soak`` does.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from handrail import Case, Client, Credential, Finding
from handrail.decide import STATUSES, Decision
from handrail.law import Effect, jurisdictions, load
from handrail.safety import contraindications, red_flags
from handrail.terms import PROFESSIONS, REGIONS, SITES, STEPS, TECHNIQUES, standing

_CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
settings.register_profile("handrail", deadline=None, max_examples=100, suppress_health_check=_CHECKS)
settings.register_profile("handrail-soak", deadline=None, max_examples=5_000, suppress_health_check=_CHECKS)
SOAK = "soak" in os.environ.get("HYPOTHESIS_PROFILE", "") + os.environ.get("HANDRAIL_PROFILE", "")
MODERATE = settings.get_profile("handrail-soak" if SOAK else "handrail")

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
def cases(
    draw: st.DrawFn, client: st.SearchStrategy[Client | None] | None = None, *, one_day: bool = False
) -> Case:
    """Any case; with ``one_day``, one credential and a day."""
    place = draw(st.sampled_from(PLACES))
    technique = draw(st.sampled_from(list(TECHNIQUES)))
    regions = st.sampled_from(TECHNIQUES[technique].regions)
    met = st.sampled_from([*CONDITIONS, *STEPS, *(f"decision:{name}" for name in FINDINGS)])
    return Case(
        place,
        technique,
        draw(st.lists(credentials(place, technique), min_size=1, max_size=1 if one_day else 2)),
        region=draw(st.one_of(st.none(), regions, st.lists(regions, min_size=1, max_size=3))),
        on=draw(days if one_day else on),
        client=draw(client if client is not None else st.one_of(st.none(), clients)),
        met=draw(st.lists(met, max_size=2, unique=True)),
    )


visits = cases(client=clients)


@st.composite
def promising(
    draw: st.DrawFn,
    effects: tuple[Effect, ...] = (Effect.PERMITTED, Effect.CONDITIONAL),
    *,
    one_day: bool = False,
) -> Case:
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
    others = [] if one_day else draw(st.lists(credentials(place, rule.technique), max_size=1))
    return Case(
        place,
        rule.technique,
        [held, *others],
        region=draw(st.one_of(st.none(), st.sampled_from(TECHNIQUES[rule.technique].regions))),
        on=day if one_day else draw(st.sampled_from([day, f"{day:%Y}", f"{day:%Y-%m}"])),
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
