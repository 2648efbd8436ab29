"""Who else may do it here, and what else this practitioner may do: the same case, one thing exchanged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from handrail.decide.case import Case, Credential, Period
from handrail.decide.decide import decide, general
from handrail.decide.decision import Decision, Instead, WhoMay
from handrail.law import Law
from handrail.terms import PROFESSIONS, STEPS, TECHNIQUES, Leaning, Verdict, standing

YES = (Verdict.PERMITTED, Verdict.CONDITIONAL)


def who_may(case: Case, law: Law) -> tuple[WhoMay, ...]:
    """The professions that may do it, on the same client, with nothing endorsed; permitted first.

    Empty where safety forbids it to all.
    """
    # What was confirmed about the client and the visit stays; what was confirmed about the practitioner does not.
    met = tuple(need for need in case.met if need in STEPS or ":" in need)
    period = Period.of(case.on)
    found = []
    for profession in PROFESSIONS:
        # Most may not whoever the client is: that is known without looking at this one.
        if period.first == period.last:
            alone = general(law, profession, case.technique, case.region, period.first)
            if alone.verdict not in YES:
                continue
        decision = decide(replace(case, credentials=(Credential(profession),), met=met), law=law)
        if decision.verdict in YES:
            found.append(WhoMay(profession, decision.verdict, decision.needs))
    return tuple(sorted(found, key=lambda who: (standing(who.verdict), len(who.needs))))


def standings(decision: Decision, professions: Iterable[str]) -> tuple[tuple[str, Verdict, Leaning | None], ...]:
    """How professions of which the place's law speaks stand in the same case, nothing endorsed."""
    law, case = decision._law, decision.case
    found = []
    for profession in professions:
        if law.cell(profession, case.technique):
            other = decide(replace(case, credentials=(Credential(profession),)), law=law)
            found.append((profession, other.verdict, other.leaning))
    return tuple(found)


def instead(case: Case, law: Law) -> tuple[Instead, ...]:
    """The other techniques that the same practitioner may do on the same regions, gentlest first."""
    found = []
    for technique, about in TECHNIQUES.items():
        regions = tuple(region for region in case.regions if region in about.regions)
        if technique == case.technique or not regions:
            continue
        # Asked of no region, a technique whose regions are all among those looked at is asked of no region too.
        whole = not case.asked_regions and regions == about.regions
        decision = decide(replace(case, technique=technique, region=None if whole else regions), law=law)
        if decision.verdict in YES:
            found.append(Instead(technique, decision.verdict, decision.needs))
    return tuple(found)
