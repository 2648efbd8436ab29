"""The visit record: steps with time and person, findings, and the decision with all it rests on."""

from __future__ import annotations

from collections.abc import Mapping

from handrail.decide import Decision
from handrail.paper import common
from handrail.paper.names import Entry, Names
from handrail.paper.render import Paper, known_size, render
from handrail.paper.sources import Sources
from handrail.paper.words import Voice, known_language
from handrail.terms import InputError, did_you_mean

GATES = ("licence", "scope", "safety", "process")


def record(
    decision: Decision,
    language: str = "en",
    names: Names | None = None,
    size: str = "a4",
    entries: Mapping[str, Entry] | None = None,
) -> Paper:
    """The record of a visit.

    Args:
        decision: the decision on the visit.
        language: ``en`` or ``fr``.
        names: who stands on it; lines to write on where none is given.
        size: ``a4`` or ``letter``.
        entries: when each step was done and by whom, by the step's id; lines where not given.

    Raises:
        InputError: if the decision is not about a visit, or an entry is about no step of it.
    """
    w, size_ = Voice(known_language(language)), known_size(size)
    client = decision.case.client
    if client is None or client.steps is None:
        raise InputError(
            "no visit record: the decision is not about a visit", hint="Give the case a client with steps"
        )
    entries = dict(entries or {})
    for step in entries:
        listed = [line.step for line in decision.before]
        if step not in listed:
            raise InputError(f"{step!r} is no step of this visit", hint=did_you_mean(step, listed))
    sources = Sources()
    data = common.head(decision, names or Names(), w, sources)
    steps = common.steps(decision, w, sources)
    undone = {
        f"Not done or not shown yet: {step.text}": line for step, line in zip(decision.before, steps, strict=True)
    }
    data |= {
        "entries": entries,
        "no_entry": Entry(),
        "steps": steps,
        "findings": [
            (common.finding_name(finding, w), common.site(finding.site, w) if finding.site else None, finding.id)
            for finding in client.findings
        ],
        "unscreened": [common.finding_name(id_, w) for id_ in client.unscreened],
        "by_region": [
            (common.region(region, w), _verdict(part.verdict.value, part.leaning, w))
            for region, part in decision.by_region.items()
        ],
        "reasons": [
            (
                w(f"gate_{gate}"),
                [(reason, undone.get(reason.text), common.fact(reason, w, sources)) for reason in reasons],
            )
            for gate in GATES
            if (reasons := [reason for reason in decision.reasons if reason.gate == gate])
        ],
        "verdict_of": lambda reason: _verdict(reason.verdict.value, reason.leaning, w),
        "needs": common.needs(decision, w),
        "limits": [limit.text for limit in decision.limits],
    }
    return render("record", w.language, size_, data)


def _verdict(verdict: str, leaning: object, w: Voice) -> str:
    said = w(f"verdict_{verdict}")
    return f"{said}{w('colon')}{w(f'leaning_{leaning}')}" if leaning else said
