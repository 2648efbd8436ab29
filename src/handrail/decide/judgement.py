"""What a gate returns: a verdict with its reasons, the needs, and how verdicts are put together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, TypeVar

from handrail.law import Law, ReservedAct, Rule
from handrail.terms import Leaning, Verdict, standing

#: Said where the research found nothing to name.
NO_SOURCE = "none: no source was found"


class Reason(NamedTuple):
    """Why: one gate's verdict with the text it rests on. ``rule`` is None where no rule stands behind it."""

    gate: str
    verdict: Verdict
    text: str
    leaning: Leaning | None = None
    rule: str | None = None
    citation: str | None = None
    source: str | None = None
    basis: str | None = None
    explicit: bool | None = None
    text_seen: bool | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    note: str | None = None


class Need(NamedTuple):
    """Something that must be met first; confirmed by its id."""

    id: str
    text: str
    gate: str
    rule: str | None = None


class Limit(NamedTuple):
    """A duty that goes with the authority and never stands in its way."""

    id: str
    text: str
    rule: str | None = None


class Before(NamedTuple):
    """A step that comes before the technique; ``done`` is None where nothing is known about it."""

    step: str
    done: bool | None
    text: str
    source: str


class Judgement(NamedTuple):
    """A gate's answer for one credential, one region and one day."""

    verdict: Verdict
    leaning: Leaning | None
    reasons: tuple[Reason, ...]
    needs: tuple[Need, ...] = ()
    limits: tuple[Limit, ...] = ()
    #: Whether something that says yes or no reaches the region (only the scope gate says False).
    speaks: bool = True


def of(reasons: Iterable[Reason], needs: Iterable[Need] = (), limits: Iterable[Limit] = ()) -> Judgement:
    """The judgement that follows from reasons: the worst of them."""
    reasons = tuple(reasons)
    worst = max(reasons, key=lambda reason: standing(reason.verdict, reason.leaning), default=None)
    if worst is None:
        return Judgement(Verdict.PERMITTED, None, ())
    return Judgement(worst.verdict, worst.leaning, reasons, tuple(needs), tuple(limits))


def from_rule(
    rule: Rule,
    law: Law,
    day: date,
    verdict: Verdict,
    text: str,
    leaning: Leaning | None = None,
    note: str | None = None,
) -> Reason:
    """A scope reason that rests on a rule."""
    notes = [rule.note, note]
    if rule.effective_from is None and day < law.file.researched:
        notes.append("When this rule began was not researched.")
    return Reason(
        gate="scope",
        verdict=verdict,
        text=text,
        leaning=leaning,
        rule=rule.id,
        citation=rule.citation,
        source=rule.source or NO_SOURCE,
        basis=rule.basis.value if rule.basis else None,
        explicit=rule.explicit,
        text_seen=rule.text_seen,
        effective_from=rule.effective_from,
        effective_to=rule.effective_to,
        note=" ".join(part for part in notes if part) or None,
    )


def from_reserved_act(
    act: ReservedAct, law: Law, day: date, verdict: Verdict, text: str, leaning: Leaning | None = None
) -> Reason:
    """A scope reason that rests on the jurisdiction's reserved act."""
    unresearched = act.effective_from is None and day < law.file.researched
    notes = [act.note, "When this act began was not researched." if unresearched else None]
    return Reason(
        gate="scope",
        verdict=verdict,
        text=text,
        leaning=leaning,
        rule=f"{law.jurisdiction}/reserved_act",
        citation=act.citation,
        source=act.source,
        text_seen=act.text_seen,
        effective_from=act.effective_from,
        effective_to=act.effective_to,
        note=" ".join(part for part in notes if part) or None,
    )


T = TypeVar("T")


def once(items: Iterable[T]) -> tuple[T, ...]:
    """The items without those that are there already."""
    return tuple(dict.fromkeys(items))


def once_by_id(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Needs, each id once: the first that names it."""
    found: dict[str, Need] = {}
    for need in needs:
        found.setdefault(need.id, need)
    return tuple(found.values())
