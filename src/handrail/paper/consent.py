"""The informed-consent sheet."""

from __future__ import annotations

from handrail.decide import Decision, Limit
from handrail.paper import common, harms
from handrail.paper.names import Names
from handrail.paper.render import Paper, known_size, render
from handrail.paper.sources import Sources
from handrail.paper.words import Voice, known_language
from handrail.risk import digest
from handrail.safety import step_items
from handrail.terms import InputError, Verdict

#: What the knowledge says of the right to refuse, and of telling risks and alternatives.
RIGHT, TELLING = "co_per_act", "co_risks"


def consent(decision: Decision, language: str = "en", names: Names | None = None, size: str = "a4") -> Paper:
    """A sheet on which a client agrees or refuses.

    Args:
        decision: the decision on the case; without a client the sheet says that nothing was screened.
        language: ``en`` or ``fr``.
        names: who stands on it; lines to write on where none is given.
        size: ``a4`` or ``letter``.

    Raises:
        InputError: if the technique must not be done: consent does not make it allowed.
    """
    w, size_ = Voice(known_language(language)), known_size(size)
    if decision.verdict in (Verdict.PROHIBITED, Verdict.URGENT):
        why = "medical care comes first" if decision.verdict is Verdict.URGENT else "it must not be done"
        raise InputError(
            f"no consent sheet: {why}, and consent does not change that", hint="See the referral letter"
        )
    sources = Sources()
    data = common.head(decision, names or Names(), w, sources)
    by_gate = {
        gate: [reason for reason in decision.reasons if reason.gate == gate]
        for gate in ("licence", "scope", "safety", "process")
    }
    client = decision.case.client
    data |= {
        "law": common.facts(by_gate["scope"], w, sources),
        "licence": common.facts(by_gate["licence"], w, sources),
        "limits": _limits(decision.limits),
        "conditions": [need.text for need in decision.needs if need.gate == "scope"],
        "held": common.held(decision, w),
        "findings": common.facts((r for r in by_gate["safety"] if r.rule), w, sources),
        "screened": client is not None,
        "needs": _needs(decision, w),
        "steps": common.steps(decision, w, sources),
        "telling_refs": _of_item(TELLING, decision, sources),
        "harms": harms.groups(decision, sources),
        "instead": [
            (common.plain(other.technique, w), other.verdict is Verdict.CONDITIONAL) for other in decision.instead
        ],
        "right_refs": _of_item(RIGHT, decision, sources),
        "risk_digest": digest(),
    }
    return render("consent", w.language, size_, data)


def _needs(decision: Decision, w: Voice) -> list[tuple[str, bool]]:
    """What is still needed; the law's own conditions stand in section 2, and consent is what the sheet is for."""
    of_law = [need.id for need in decision.needs if need.gate == "scope"]
    rest = common.needs(decision, w, without=("consent", *of_law))
    return [(w("of_law"), False), *rest] if of_law else rest


def _limits(limits: tuple[Limit, ...]) -> list[str]:
    return [limit.text for limit in limits]


def _of_item(item: str, decision: Decision, sources: Sources) -> tuple[int, ...]:
    return tuple(
        sources.add(one.source.title, one.source.url, one.text_seen)
        for one in step_items()
        if one.id == item and decision.case.technique in one.techniques
    )
