"""The whole finite space of general questions: each place, profession, technique, region (and none) and period."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from handrail import Case, Credential, Verdict, decide
from handrail.law import jurisdictions, load
from handrail.terms import PROFESSIONS, TECHNIQUES, standing

#: Far below and above every date in the law: periods before the first and after the last change count as well.
FIRST, LAST = date(1900, 1, 1), date(2099, 12, 31)
FLOOR = 64 * len(PROFESSIONS) * (6 + 6 + 5 + 2)


def periods(turns: set[date]) -> list[tuple[date, date]]:
    """The periods between the dates of change, each by its first and last day."""
    starts = sorted({FIRST, *turns})
    return [
        (start, following - timedelta(1)) for start, following in zip(starts, [*starts[1:], LAST], strict=True)
    ]


def space():
    """Every question of the finite space, once for each period (its first and its last day)."""
    for place in jurisdictions():
        law = load(place)
        for profession in PROFESSIONS:
            for technique, about in TECHNIQUES.items():
                for first, last in periods(law.changes(profession, technique)):
                    for region in (None, *about.regions):
                        yield place, profession, technique, region, first, last


def test_the_whole_space_is_answered():
    count, verdicts = 0, Counter()
    for place, profession, technique, region, first, last in space():
        where = (place, profession, technique, region, first)
        held = [Credential(profession)]
        decision = decide(Case(place, technique, held, region, first))
        count += 1
        verdicts[str(decision.verdict), str(decision.leaning)] += 1
        # A decision has a citation, or says that none was found.
        scope = [reason for reason in decision.reasons if reason.gate == "scope"]
        assert scope, where
        for reason in scope:
            assert reason.citation or "No citation was found" in reason.text, where
        # The answer is whole.
        regions = TECHNIQUES[technique].regions if region is None else (region,)
        assert tuple(decision.by_region) == regions, where
        assert (decision.leaning is None) == (decision.verdict is not Verdict.UNDETERMINED), where
        assert decision.verdict is not Verdict.URGENT, where  # no client, no emergency
        assert bool(decision.needs) >= (decision.verdict is Verdict.CONDITIONAL), where
        if region is None:
            parts = [standing(*part) for part in decision.by_region.values()]
            assert min(parts) <= standing(decision.verdict, decision.leaning) <= max(parts), where
        # Nothing changes within a period.
        at_end = decide(Case(place, technique, held, region, last))
        assert (at_end.verdict, at_end.leaning, at_end.needs) == (
            decision.verdict,
            decision.leaning,
            decision.needs,
        ), where
        # Massage and the spinal thrust
        if (profession, technique) == ("massage_therapist", "thrust_spine"):
            assert decision.verdict in (Verdict.PROHIBITED, Verdict.UNDETERMINED), where
        if (profession, technique) == ("unlicensed_person", "thrust_spine"):
            assert decision.verdict in (Verdict.PROHIBITED, Verdict.UNDETERMINED), where
    print(f"\n{count} cases: {dict(verdicts.most_common())}")  # noqa: T201
    assert count >= FLOOR
    assert {verdict for verdict, _ in verdicts} == {"permitted", "conditional", "undetermined", "prohibited"}


def test_every_reason_in_the_whole_space_names_a_source():
    sourceless = set()
    for place, profession, technique, region, first, _ in space():
        if region is None:
            decision = decide(Case(place, technique, [Credential(profession)], on=first))
            sourceless |= {reason.rule or reason.text for reason in decision.reasons if not reason.source}
    assert not sourceless


@pytest.mark.parametrize("place", jurisdictions())
def test_massage_and_the_spinal_thrust(place):
    """Prohibited where a read rule says so; else undetermined, leaning as reported."""
    decision = decide(Case(place, "thrust_spine", [Credential("massage_therapist")], on="2026-11-24"))
    rules = [
        rule for rule in load(place).cell("massage_therapist", "thrust_spine") if rule.in_force(date(2026, 11, 24))
    ]
    speaking = [rule for rule in rules if rule.effect.speaks]
    if any(rule.read for rule in speaking):
        assert decision.verdict is Verdict.PROHIBITED
    else:
        assert decision.verdict is Verdict.UNDETERMINED
        assert decision.leaning == ("no" if speaking else "none")
