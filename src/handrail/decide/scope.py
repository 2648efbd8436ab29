"""The scope gate: does the law of this place let that profession do this technique, on this region?

For one profession, technique, region and day:

1. Of the rules in force, those that name the region beat those that say ``all``.
2. Rules that speak (permitted, conditional, prohibited) decide; of several the worst.
   Silent and unknown ones count only if none speaks.
3. Where no rule in force reaches the region, a reserved act may; then a rule that lapsed lends its leaning.

Only a text that was read gives a plain yes or no. One that was not, or that is known second-hand, leaves the
answer undetermined, leaning the way it is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from handrail.decide import conditions as conditions_
from handrail.decide.conditions import Shown
from handrail.decide.judgement import Judgement, Reason, from_reserved_act, from_rule, of, once, once_by_id
from handrail.law import Condition, Effect, Law, Regulated, ReservedAct, Rule
from handrail.terms import PROFESSIONS, REGIONS, TECHNIQUES, Leaning, Verdict

GATE = "scope"
LEANS = {Effect.PERMITTED: Leaning.YES, Effect.CONDITIONAL: Leaning.YES, Effect.PROHIBITED: Leaning.NO}
NOT_FOUND = "none: no rule was found"
NO_RULE = "no rule of its own was found"


class Reading(NamedTuple):
    """What the law of a place says to a profession about a technique on a region, before any credential.

    ``reasons`` are the reasons that decide; where ``open_rules`` is not empty they are those of conditional rules
    that were read, and the credential settles them.
    """

    reasons: tuple[Reason, ...]
    open_rules: tuple[tuple[Rule, tuple[Condition, ...]], ...]
    #: What stands beside the deciding rules, in words.
    beside: str | None
    #: Conditions of rules that were not read but are reported: they are needs as far as anybody knows.
    reported: tuple[tuple[Rule, tuple[Condition, ...]], ...]
    in_force: tuple[tuple[Rule, tuple[Condition, ...]], ...]
    speaks: bool


def judge(law: Law, profession: str, technique: str, region: str, day: date, shown: Shown) -> Judgement:
    """The scope gate's answer for one credential, region and day."""
    reading = read(law, profession, technique, region, day)
    reasons = list(reading.reasons)
    needs = []
    for rule, conditions in reading.open_rules:
        unmet = list(conditions_.needs(conditions, shown, rule.id))
        needs += unmet
        verdict = Verdict.CONDITIONAL if unmet else Verdict.PERMITTED
        text = _text(rule, "" if unmet else "Conditions met: ")
        reasons.append(from_rule(rule, law, day, verdict, text, note=reading.beside))
    for rule, conditions in reading.reported:
        needs += conditions_.needs(conditions, shown, rule.id)
    limits = [limit for rule, conditions in reading.in_force for limit in conditions_.limits(conditions, rule.id)]
    return of(reasons, once_by_id(needs), once(limits))._replace(speaks=reading.speaks)


@lru_cache(maxsize=65536)
def read(law: Law, profession: str, technique: str, region: str, day: date) -> Reading:
    """What the law says, whoever asks."""
    rules = _in_force(law, profession, technique, region, day)
    if not rules:
        return _without_rule(law, profession, technique, region, day)
    with_conditions = tuple((rule, law.conditions(rule)) for rule in rules)
    speaking = [rule for rule in rules if rule.effect.speaks]
    act = _reserved(law, technique, region, day)
    if act and _is_unregulated(law, profession) and not any(rule.read for rule in speaking):
        return _only(_reserved_to_others(act, law, profession, day), in_force=with_conditions)
    if not speaking:
        return _silence(law, profession, technique, rules, day, with_conditions)
    return _spoken(law, rules, speaking, day, with_conditions)


def _in_force(law: Law, profession: str, technique: str, region: str, day: date) -> list[Rule]:
    """The rules in force that reach the region: those that name it, else those that say ``all``."""
    rules = [r for r in law.cell(profession, technique) if r.in_force(day) and r.covers(region)]
    return [rule for rule in rules if rule.regions != "all"] or rules


def _spoken(
    law: Law,
    rules: list[Rule],
    speaking: list[Rule],
    day: date,
    with_conditions: tuple[tuple[Rule, tuple[Condition, ...]], ...],
) -> Reading:
    read_effects = {rule.effect for rule in speaking if rule.read}
    # An unread rule that says the same as a read one only supports it.
    supporting = [rule for rule in speaking if not rule.read and rule.effect in read_effects]
    deciding = [rule for rule in speaking if rule not in supporting]
    beside = [rule for rule in rules if rule not in deciding]
    note = " ".join(_beside(rule) for rule in beside) or None
    conditions = {rule.id: inner for rule, inner in with_conditions}
    reasons: list[Reason] = []
    open_rules = []
    reported = []
    for rule in deciding:
        if not rule.read:
            text = _text(rule, "Reported, not confirmed in the law's own text: ")
            leaning = LEANS[rule.effect]
            reasons.append(from_rule(rule, law, day, Verdict.UNDETERMINED, text, leaning, note))
            if rule.effect is Effect.CONDITIONAL:
                reported.append((rule, conditions[rule.id]))
        elif rule.effect is Effect.CONDITIONAL:
            open_rules.append((rule, conditions[rule.id]))
        else:
            verdict = Verdict(rule.effect.value)
            reasons.append(from_rule(rule, law, day, verdict, _text(rule), note=note))
    return Reading(tuple(reasons), tuple(open_rules), note, tuple(reported), with_conditions, speaks=True)


def _silence(
    law: Law,
    profession: str,
    technique: str,
    rules: list[Rule],
    day: date,
    with_conditions: tuple[tuple[Rule, tuple[Condition, ...]], ...],
) -> Reading:
    silent = next((rule for rule in rules if rule.effect is Effect.SILENT and rule.read), None)
    if (
        silent is not None
        and profession == "massage_therapist"
        and technique == "soft_tissue"
        and law.regulated(profession) in (Regulated.NONE, Regulated.VOLUNTARY)
    ):
        # The one yes without a grant.
        text = _text(silent, "Massage is read to be unregulated here, and the text forbids nothing: ")
        return _only(from_rule(silent, law, day, Verdict.PERMITTED, text), in_force=with_conditions, speaks=True)
    reasons = []
    for rule in rules:
        opening = {
            (Effect.SILENT, True): "The text that was read does not say: ",
            (Effect.SILENT, False): "Reported to be silent, the text itself not read: ",
        }.get((rule.effect, rule.read), "Not found, or not settled: ")
        text = _text(rule, opening)
        reasons.append(from_rule(rule, law, day, Verdict.UNDETERMINED, text, Leaning.NONE))
    return Reading(tuple(reasons), (), None, (), with_conditions, speaks=False)


def _without_rule(law: Law, profession: str, technique: str, region: str, day: date) -> Reading:
    """No rule in force reaches the region: the reserved act, else a rule that lapsed, else nothing."""
    act = _reserved(law, technique, region, day)
    if act:
        elsewhere = any(rule.in_force(day) for rule in law.cell(profession, technique))
        own = "its own rule does not name this region" if elsewhere else NO_RULE
        reason = _reserved_to_others(act, law, profession, day, own)
        # A reserved act that says no speaks; one that leaves the matter open does not.
        return _only(reason, speaks=reason.verdict is Verdict.PROHIBITED)
    rules = [rule for rule in law.cell(profession, technique) if rule.covers(region)]
    lapsed = [rule for rule in rules if rule.ended(day)]
    if lapsed:
        last = max(rule.effective_to for rule in lapsed if rule.effective_to)
        return _lapsed(law, [rule for rule in lapsed if rule.effective_to == last], day)
    name = PROFESSIONS[profession].name
    article = "an" if name[0] in "aeiou" else "a"
    what = f"{TECHNIQUES[technique].name} by {article} {name} in {law.file.name}"
    if rules:
        starts = min(rule.effective_from for rule in rules if rule.effective_from)
        text = (
            f"No rule on {what} was found for {day}; the earliest known begins on {starts}. No citation was found."
        )
    else:
        on = f" on the {REGIONS[region].name}" if law.cell(profession, technique) else ""
        text = f"No rule on {what}{on} was found. No citation was found."
    reason = Reason(GATE, Verdict.UNDETERMINED, text, Leaning.NONE, source=NOT_FOUND)
    return Reading((reason,), (), None, (), (), speaks=False)


def _lapsed(law: Law, rules: list[Rule], day: date) -> Reading:
    """A rule that ended without a successor: undetermined, leaning the way it stood."""
    reasons = []
    for rule in rules:
        text = _text(rule, f"Ended on {rule.effective_to} with no successor found; until then: ")
        leaning = LEANS.get(rule.effect, Leaning.NONE)
        reasons.append(from_rule(rule, law, day, Verdict.UNDETERMINED, text, leaning))
    return Reading(tuple(reasons), (), None, (), (), speaks=False)


def _reserved(law: Law, technique: str, region: str, day: date) -> ReservedAct | None:
    """The reserved act, if it was read, is in force and reaches the technique and the region."""
    act = law.file.reserved_act
    if act and act.text_seen and act.in_force(day) and act.reaches(technique, region):
        return act
    return None


def _is_unregulated(law: Law, profession: str) -> bool:
    return profession == "unlicensed_person" or law.regulated(profession) is Regulated.NONE


def _reserved_to_others(act: ReservedAct, law: Law, profession: str, day: date, own: str = NO_RULE) -> Reason:
    """What a reserved act means for a profession that has no read rule of its own that speaks."""
    if _is_unregulated(law, profession):
        return from_reserved_act(act, law, day, Verdict.PROHIBITED, f"A reserved act: {act.summary}")
    if profession in (*act.granted_to, *act.does_not_affect):
        text = f"The reserved act leaves room for this profession, but {own}: {act.summary}"
        return from_reserved_act(act, law, day, Verdict.UNDETERMINED, text, Leaning.NONE)
    if act.granted_to_complete:
        text = f"A reserved act whose list is closed, and this profession is not on it: {act.summary}"
        return from_reserved_act(act, law, day, Verdict.PROHIBITED, text)
    text = f"A reserved act, and {own}: {act.summary}"
    return from_reserved_act(act, law, day, Verdict.UNDETERMINED, text, Leaning.NO)


def _only(
    reason: Reason, in_force: tuple[tuple[Rule, tuple[Condition, ...]], ...] = (), speaks: bool = True
) -> Reading:
    return Reading((reason,), (), None, (), in_force, speaks)


def _text(rule: Rule, opening: str = "") -> str:
    body = rule.summary or (rule.note if rule.effect is Effect.UNKNOWN else None)
    if body is None:
        body = "nothing on this was found."
    regions = "" if rule.regions == "all" else f" ({', '.join(REGIONS[r].name for r in rule.regions)})"
    cited = "" if rule.citation else " No citation was found."
    return f"{opening}{body}{regions}{cited}"


def _beside(rule: Rule) -> str:
    says = {
        Effect.SILENT: "is silent",
        Effect.UNKNOWN: "is not settled",
        Effect.PERMITTED: "is reported to permit it",
        Effect.CONDITIONAL: "is reported to permit it on conditions",
        Effect.PROHIBITED: "is reported to forbid it",
    }[rule.effect]
    return f"Beside it, {rule.citation or rule.id} {says}."


def with_read_grant(law: Law, profession: str, technique: str, region: str, day: date) -> bool:
    """Whether a ``permitted`` rule of the profession's own, in force and read, reaches the region."""
    return any(
        rule.effect is Effect.PERMITTED and rule.read
        for rule in _in_force(law, profession, technique, region, day)
    )


def conditions_in_question(
    law: Law, profession: str, technique: str, regions: tuple[str, ...], day: date
) -> Iterator[Condition]:
    """The conditions of all rules in force that reach one of the regions."""
    for region in regions:
        for _, conditions in read(law, profession, technique, region, day).in_force:
            yield from conditions
