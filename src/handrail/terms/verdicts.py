"""The five verdicts and their order."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What the answer is, best to worst.

    ``conditional`` means yes, once the listed needs are met; ``undetermined`` means that the law is silent,
    was not found, or is known only second-hand; ``urgent`` means medical care first.
    """

    PERMITTED = "permitted"
    CONDITIONAL = "conditional"
    UNDETERMINED = "undetermined"
    PROHIBITED = "prohibited"
    URGENT = "urgent"


class Leaning(StrEnum):
    """Which way an undetermined answer leans, as far as it was reported."""

    YES = "yes"
    NONE = "none"
    NO = "no"


#: Best first: the one order that "best" and "worst" use everywhere.
_ORDER: dict[tuple[Verdict, Leaning | None], int] = {
    (Verdict.PERMITTED, None): 0,
    (Verdict.CONDITIONAL, None): 1,
    (Verdict.UNDETERMINED, Leaning.YES): 2,
    (Verdict.UNDETERMINED, Leaning.NONE): 3,
    (Verdict.UNDETERMINED, Leaning.NO): 4,
    (Verdict.PROHIBITED, None): 5,
    (Verdict.URGENT, None): 6,
}


def standing(verdict: Verdict, leaning: Leaning | None = None) -> int:
    """Where a verdict stands in the order, 0 (permitted) to 6 (urgent).

    >>> standing(Verdict.UNDETERMINED, Leaning.NO) < standing(Verdict.PROHIBITED)
    True
    """
    return _ORDER[verdict, leaning]
