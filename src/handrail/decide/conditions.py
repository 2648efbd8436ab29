"""Which conditions of a rule are met, and which are needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from handrail.decide.case import Case, Credential
from handrail.decide.judgement import Limit, Need
from handrail.law import HELD, Condition, ConditionClass, ConditionType


class Shown(NamedTuple):
    """What a case shows that can meet a condition."""

    confirmed: frozenset[str]  # needs confirmed by id, and steps done
    held: frozenset[str]  # endorsements and the like
    training: dict[str, float]  # hours by subject
    register_class: str | None

    @classmethod
    def by(cls, case: Case, credential: Credential) -> Shown:
        """What this credential shows in this case."""
        steps = (case.client.steps or ()) if case.client else ()
        return cls(
            frozenset((*case.met, *steps)),
            frozenset(credential.endorsements),
            dict(credential.training),
            credential.register_class,
        )


def is_met(condition: Condition, shown: Shown) -> bool:
    """Whether a condition is met, by itself, by its members, or by something that includes it."""
    if condition.id in shown.confirmed:
        return True
    if any(other in shown.held or other in shown.confirmed for other in condition.met_by):
        return True
    needed = [member for member in condition.of if member.cls is not ConditionClass.DUTY]
    if condition.type is ConditionType.ANY_OF:
        return any(is_met(member, shown) for member in needed)
    if condition.type is ConditionType.ALL_OF:
        return all(is_met(member, shown) for member in needed)
    if condition.type is ConditionType.REGISTER_CLASS:
        # A class that is not given is taken to be the full one.
        return shown.register_class is None or shown.register_class not in condition.closed_to
    if condition.type is ConditionType.LICENCE:
        return True  # the licence gate has looked at it
    if condition.type in HELD:
        return condition.id in shown.held
    if condition.hours is not None:
        return shown.training.get(condition.id, 0) >= condition.hours
    return False  # a person must confirm it


def needs(conditions: Iterable[Condition], shown: Shown, rule: str) -> Iterator[Need]:
    """The conditions that are not met, duties left out."""
    for condition in conditions:
        if condition.cls is not ConditionClass.DUTY and not is_met(condition, shown):
            yield Need(condition.id, condition.text, "scope", rule)


def limits(conditions: Iterable[Condition], rule: str) -> Iterator[Limit]:
    """The duties, those inside groups too."""
    for outer in conditions:
        for condition in outer.walk():
            if condition.cls is ConditionClass.DUTY:
                yield Limit(condition.id, condition.text, rule)


def asked_for(conditions: Iterable[Condition]) -> tuple[set[str], set[str]]:
    """The ids by which an endorsement and by which hours of training can count."""
    inner = [condition for outer in conditions for condition in outer.walk()]
    counting = [condition for condition in inner if condition.cls is not ConditionClass.DUTY]
    held = {condition.id for condition in counting if condition.type in HELD}
    hours = {condition.id for condition in counting if condition.hours is not None}
    return held, hours
