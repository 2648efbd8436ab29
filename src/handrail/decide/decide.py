"""The reference evaluator: four gates, each looking at the case alone; the decision is the worst of them.

The whole decision is made for each credential by itself and the best is taken, never a mixture.
"""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from handrail import law as law_
from handrail import safety as safety_
from handrail.decide import conditions, licence, process, safety, scope
from handrail.decide.case import Case, Credential, Period
from handrail.decide.conditions import Shown
from handrail.decide.decision import Decision, RegionVerdict, Verify
from handrail.decide.judgement import Before, Judgement, Limit, Need, Reason, once, once_by_id
from handrail.law import Condition, ConditionType, Law
from handrail.terms import DIGEST, REGIONS, Leaning, Verdict, standing

#: Raised whenever the same case and the same files would be answered differently.
SEMANTICS = 1


class Answer(NamedTuple):
    """What one credential gets."""

    verdict: Verdict
    leaning: Leaning | None
    by_region: dict[str, RegionVerdict]
    reasons: tuple[Reason, ...]
    needs: tuple[Need, ...]
    limits: tuple[Limit, ...]
    before: tuple[Before, ...]

    @property
    def rank(self) -> tuple[int, int]:
        """Lower is better; ties go to fewer needs."""
        return standing(self.verdict, self.leaning), len(self.needs)


def decide(case: Case, *, law: Law | None = None) -> Decision:
    """May these hands do this technique to this body, here, that day?

    Args:
        case: the question.
        law: the law to decide by; None for the shipped law of the case's jurisdiction.

    Raises:
        InputError: if there is no law of that jurisdiction, or the case contradicts itself.

    >>> from handrail import Case, Credential, decide
    >>> masseuse = Credential(profession="massage_therapist")
    >>> decide(Case(jurisdiction="US-FL", technique="thrust_spine", credentials=[masseuse])).verdict.value
    'prohibited'
    """
    law = law or law_.load(case.jurisdiction)
    period = Period.of(case.on)
    credential, best = case.credentials[0], _over(case, case.credentials[0], law, period)
    for other in case.credentials[1:]:
        answer = _over(case, other, law, period)
        if answer.rank < best.rank:
            credential, best = other, answer
    verify, as_of, knowledge = _about(law, credential.profession)
    return Decision(*best, verify, case, credential.profession, period.text, as_of, knowledge, law)


def _over(case: Case, credential: Credential, law: Law, period: Period) -> Answer:
    """The answer for a credential over a day, or over all days of a month or year."""
    if period.first == period.last:
        return _on(case, credential, law, period.first)
    days = _days_of_change(case, credential, law, period)
    answers = [_on(case, credential, law, day) for day in days]
    first = answers[0]
    if all(_same(first, answer) for answer in answers):
        return first
    return _differing(days, answers, period)


def _days_of_change(case: Case, credential: Credential, law: Law, period: Period) -> list[date]:
    """The first day of a period, and each day in it on which something begins or has ended."""
    days = law.changes(credential.profession, case.technique)
    if credential.valid_from:
        days.add(credential.valid_from)
    if credential.valid_to:
        days.add(law_.day_after(credential.valid_to))
    return [period.first, *sorted(day for day in days if period.first < day <= period.last)]


def _same(one: Answer, other: Answer) -> bool:
    return (
        one.by_region == other.by_region
        and one[:2] == other[:2]
        and {need.id for need in one.needs} == {need.id for need in other.needs}
    )


def _differing(days: list[date], answers: list[Answer], period: Period) -> Answer:
    """Undetermined, because the answer changes within the period; the worst leaning wins."""
    changes = [
        day
        for day, answer, earlier in zip(days[1:], answers[1:], answers, strict=False)
        if not _same(answer, earlier)
    ]
    leaning = max((_leans(answer.verdict, answer.leaning) for answer in answers), key=_leaning_order)
    named = " and ".join(day.isoformat() for day in changes)
    text = f"The answer changes within {period.text}, on {named}: give the day."
    change = Reason(
        "scope", Verdict.UNDETERMINED, text, leaning, source="the dates of the rules and of the credential"
    )
    by_region = {}
    for region in answers[0].by_region:
        parts = [answer.by_region[region] for answer in answers]
        if all(part == parts[0] for part in parts):
            by_region[region] = parts[0]
        else:
            worst = max((_leans(*part) for part in parts), key=_leaning_order)
            by_region[region] = RegionVerdict(Verdict.UNDETERMINED, worst)
    return Answer(
        Verdict.UNDETERMINED,
        leaning,
        by_region,
        (change, *once(_within(day, part) for day, part in _parts(days, answers))),
        once_by_id(need for answer in answers for need in answer.needs),
        once(limit for answer in answers for limit in answer.limits),
        answers[-1].before,
    )


def _parts(days: list[date], answers: list[Answer]) -> list[tuple[date, Reason]]:
    return [(day, reason) for day, answer in zip(days, answers, strict=True) for reason in answer.reasons]


def _within(day: date, reason: Reason) -> Reason:
    """A reason that holds for a part of the period only: it decides that part, not the whole."""
    if reason.verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL):
        return reason._replace(text=f"From {day}: {reason.text}")
    leaning = _leans(reason.verdict, reason.leaning)
    text = f"From {day}, {reason.verdict}: {reason.text}"
    return reason._replace(verdict=Verdict.UNDETERMINED, leaning=leaning, text=text)


def _leans(verdict: Verdict, leaning: Leaning | None) -> Leaning:
    if leaning is not None:
        return leaning
    return Leaning.YES if verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL) else Leaning.NO


def _leaning_order(leaning: Leaning) -> int:
    return standing(Verdict.UNDETERMINED, leaning)


def _on(case: Case, credential: Credential, law: Law, day: date) -> Answer:
    """The answer for a credential on a day."""
    if case.client is None and not case.met and credential.bare:
        return general(law, credential.profession, case.technique, case.region, day)
    return _judged(case, credential, law, day)


@lru_cache(maxsize=1 << 16)
def general(law: Law, profession: str, technique: str, region: str | tuple[str, ...] | None, day: date) -> Answer:
    """The answer to a question about a profession alone: there are few, and they are asked again and again.

    No client, confirmation or endorsement turns one that is not yes into a yes. Nothing about a client is kept.
    """
    case = Case(law.jurisdiction, technique, (Credential(profession),), region, day)
    return _judged(case, case.credentials[0], law, day)


def _judged(case: Case, credential: Credential, law: Law, day: date) -> Answer:
    """Every gate for every region, then the worst."""
    profession, technique, regions = credential.profession, case.technique, case.regions
    shown = Shown.by(case, credential)
    asked = _asked(law, profession, technique, regions, day)
    wanted = process.wanted_before(law, profession, technique, regions, day)
    granted = all(scope.with_read_grant(law, profession, technique, region, day) for region in regions)
    at_licence = licence.judge(
        credential,
        law,
        day,
        asked.endorsements,
        asked.training | {want.id for want in wanted if want.hours is not None},
        asked.closed_classes,
    )
    at_process = process.judge(wanted, case.client, shown, granted)
    gates: dict[str, tuple[Judgement, ...]] = {}
    for region in regions:
        at_scope = scope.judge(law, profession, technique, region, day, shown)
        at_safety = () if case.client is None else (safety.judge(case.client, technique, region, shown.confirmed),)
        gates[region] = (at_licence, at_scope, *at_safety, at_process)
    by_region = {region: _worst(judgements) for region, judgements in gates.items()}
    # Where no region was asked, those on which something speaks decide; the others are named.
    decided = regions
    unconfirmed: tuple[str, ...] = ()
    if not case.asked_regions:
        decided = tuple(region for region in regions if gates[region][1].speaks) or regions
        unconfirmed = tuple(region for region in regions if region not in decided)
    verdict, leaning = _worst(tuple(judgement for region in decided for judgement in gates[region]))
    judgements = [judgement for region in decided for judgement in gates[region]]
    reasons = once(reason for judgement in judgements for reason in judgement.reasons)
    needs: tuple[Need, ...] = ()
    if verdict in (Verdict.CONDITIONAL, Verdict.UNDETERMINED):
        needs = once_by_id(need for judgement in judgements for need in judgement.needs)
    return Answer(
        verdict,
        leaning,
        by_region,
        _sorted(_naming(unconfirmed, reasons) + _unmatched(case, asked, wanted, needs, judgements)),
        needs,
        once(limit for judgement in judgements for limit in judgement.limits),
        tuple(process.before(wanted, case.client, shown, granted)),
    )


def _worst(judgements: tuple[Judgement, ...]) -> RegionVerdict:
    worst = max(judgements, key=lambda judgement: standing(judgement.verdict, judgement.leaning))
    return RegionVerdict(worst.verdict, worst.leaning)


_GATE_ORDER = {"licence": 0, "scope": 1, "safety": 2, "process": 3}


def _sorted(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """The worst first, then gate by gate."""
    return tuple(
        sorted(reasons, key=lambda r: (-standing(r.verdict, r.leaning), _GATE_ORDER[r.gate] if r.gate else 0))
    )


def _naming(unconfirmed: tuple[str, ...], reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """The reasons, the scope ones saying for which regions nothing was confirmed."""
    if not unconfirmed:
        return reasons
    named = " and ".join(REGIONS[region].name for region in unconfirmed)
    said = f" Not confirmed for the {named}: no rule that was found speaks of it."
    return tuple(r._replace(text=r.text + said) if r.gate == "scope" else r for r in reasons)


class Asked(NamedTuple):
    """What the rules in question ask for."""

    ids: frozenset[str]
    endorsements: frozenset[str]
    training: frozenset[str]
    closed_classes: frozenset[str]


@lru_cache(maxsize=65536)
def _asked(law: Law, profession: str, technique: str, regions: tuple[str, ...], day: date) -> Asked:
    found = tuple(scope.conditions_in_question(law, profession, technique, regions, day))
    classes = [
        name
        for condition in _all(found)
        if condition.type is ConditionType.REGISTER_CLASS
        for name in condition.closed_to
    ]
    held, hours = conditions.asked_for(found)
    # Whatever includes a condition is named by it, and can be held too.
    held |= {other for condition in _all(found) for other in condition.met_by}
    ids = frozenset(condition.id for condition in _all(found))
    return Asked(ids, frozenset(held), frozenset(hours), frozenset(classes))


def _all(found: tuple[Condition, ...]) -> list[Condition]:
    return [inner for outer in found for inner in outer.walk()]


def _unmatched(
    case: Case,
    asked: Asked,
    wanted: tuple[process.Wanted, ...],
    needs: tuple[Need, ...],
    judgements: list[Judgement],
) -> tuple[Reason, ...]:
    """A confirmation that confirms nothing is said, never dropped."""
    if not case.met:
        return ()
    possible = asked.ids | {want.id for want in wanted} | {need.id for need in needs}
    if case.client is not None:
        possible |= {
            f"{kind}:{finding}"
            for finding in (*(found.id for found in case.client.findings), *case.client.unscreened)
            for kind in ("decision", "clearance", "ask")
        }
    return tuple(
        Reason(
            "process",
            Verdict.PERMITTED,
            f"{met!r} was confirmed, and nothing here asks for it.",
            source="the case as given",
        )
        for met in case.met
        if met not in possible
    )


@lru_cache(maxsize=4096)
def _about(law: Law, profession: str) -> tuple[Verify, str, str]:
    """Where to look a licence up, how old the law is, and the hash of the knowledge used."""
    entry = law.profession(profession)
    verify = (
        Verify(entry.regulator, entry.regulator_url, entry.practice_act) if entry else Verify(None, None, None)
    )
    knowledge = hashlib.sha256(f"{SEMANTICS}:{law.digest}:{safety_.digest()}:{DIGEST}".encode()).hexdigest()[:16]
    return verify, law.file.researched.isoformat(), knowledge
