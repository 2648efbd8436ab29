"""The decision: the answer to a case, with everything it rests on."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from handrail.decide.case import Case
from handrail.decide.judgement import Before, Limit, Need, Reason
from handrail.law import Law
from handrail.terms import Leaning, Verdict, standing

#: The version of the JSON shape of a decision (docs/json.md).
SHAPE = 1


class RegionVerdict(NamedTuple):
    """The whole decision for one region."""

    verdict: Verdict
    leaning: Leaning | None


class WhoMay(NamedTuple):
    """Another profession that may do it here, on this client."""

    profession: str
    verdict: Verdict
    needs: tuple[Need, ...]


class Instead(NamedTuple):
    """Another technique that this practitioner may do here, on this client."""

    technique: str
    verdict: Verdict
    needs: tuple[Need, ...]


class Verify(NamedTuple):
    """Where a licence can be looked up. ``url`` is None where the research found no address."""

    regulator: str | None
    url: str | None
    practice_act: str | None


class Decision(msgspec.Struct, frozen=True, dict=True):
    """The answer to a case.

    Attributes:
        verdict: the worst verdict of all gates, for the best of the credentials.
        leaning: which way an undetermined answer leans; None for every other verdict.
        by_region: the whole decision for each region looked at.
        reasons: why, gate by gate, each with its source.
        needs: what must be met first, for a conditional or undetermined answer.
        limits: duties that go with the authority.
        before: the steps that come first; ``done`` is None where nothing is known.
        verify: the regulator, and where to look a licence up.
        case: the case as understood.
        profession: the profession of the credential that the answer is about.
        on: the day, month or year asked.
        as_of: the day on which the place's law was researched.
        knowledge: a hash of the knowledge used; the same case and the same hash give the same decision.
    """

    verdict: Verdict
    leaning: Leaning | None
    by_region: dict[str, RegionVerdict]
    reasons: tuple[Reason, ...]
    needs: tuple[Need, ...]
    limits: tuple[Limit, ...]
    before: tuple[Before, ...]
    verify: Verify
    case: Case
    profession: str
    on: str
    as_of: str
    knowledge: str
    _law: Law

    @property
    def rule(self) -> str | None:
        """The id of what decides: of the worst reasons but the licence's, the first; None if it has none."""
        worst = standing(self.verdict, self.leaning)
        return next(
            (r.rule for r in self.reasons if r.gate != "licence" and standing(r.verdict, r.leaning) == worst), None
        )

    @cached_property
    def who_may(self) -> tuple[WhoMay, ...]:
        """Professions for which the same case is permitted or conditional, permitted first; found when asked."""
        from handrail.decide.others import who_may  # it decides in its turn

        return who_may(self.case, self._law)

    @cached_property
    def instead(self) -> tuple[Instead, ...]:
        """Other techniques for which the same case is permitted or conditional; found when asked."""
        from handrail.decide.others import instead  # it decides in its turn

        return instead(self.case, self._law)

    def as_dict(self, *, others: bool = True) -> dict[str, Any]:
        """The decision as plain data, in the documented shape (docs/json.md).

        Args:
            others: with ``who_may`` and ``instead``, up to twenty further decisions; else without the two.
        """
        return {
            "verdict": self.verdict.value,
            "leaning": self.leaning.value if self.leaning else None,
            "by_region": {
                region: {"verdict": part.verdict.value, "leaning": part.leaning.value if part.leaning else None}
                for region, part in self.by_region.items()
            },
            "reasons": [_reason(reason) for reason in self.reasons],
            "needs": [_need(need) for need in self.needs],
            "limits": [limit._asdict() for limit in self.limits],
            "before": [step._asdict() for step in self.before],
            **(self._others() if others else {}),
            "verify": self.verify._asdict(),
            "case": {**self.case.as_dict(), "on": self.on},
            "knowledge": self.knowledge,
            "on": self.on,
        }

    def _others(self) -> dict[str, Any]:
        return {
            "who_may": [
                {"profession": w.profession, "verdict": w.verdict.value, "needs": [_need(n) for n in w.needs]}
                for w in self.who_may
            ],
            "instead": [
                {"technique": i.technique, "verdict": i.verdict.value, "needs": [_need(n) for n in i.needs]}
                for i in self.instead
            ],
        }


def _need(need: Need) -> dict[str, Any]:
    return need._asdict()


def _reason(reason: Reason) -> dict[str, Any]:
    data = reason._asdict()
    del data["leaning"]
    data["verdict"] = reason.verdict.value
    for day in ("effective_from", "effective_to"):
        data[day] = data[day].isoformat() if data[day] else None
    return data
