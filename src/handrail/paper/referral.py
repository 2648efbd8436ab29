"""The referral letter: to whom, why, which findings with their grade and source, and what was not done."""

from __future__ import annotations

from typing import NamedTuple

from handrail.decide import Decision, Finding
from handrail.paper import common
from handrail.paper.common import Fact
from handrail.paper.names import Names
from handrail.paper.render import Paper, known_size, render
from handrail.paper.sources import Sources
from handrail.paper.words import Voice, known_language
from handrail.safety import red_flags
from handrail.terms import InputError, Verdict

#: What is asked, the most urgent first; ``said`` asks for nothing.
ACTIONS = ("emergency", "same_day", "barred", "clearance", "decision", "ask", "said")
OF_FLAG = {"emergency": "emergency", "urgent_referral": "same_day", "refer": "clearance"}


class Found(NamedTuple):
    """A finding with what it asks for."""

    name: str
    site: str | None
    action: str
    facts: list[Fact]


def referral(decision: Decision, language: str = "en", names: Names | None = None, size: str = "a4") -> Paper:
    """A letter to whoever must look at the client first.

    Args:
        decision: the decision on a visit or record with findings.
        language: ``en`` or ``fr``.
        names: who stands on it; lines to write on where none is given.
        size: ``a4`` or ``letter``.

    Raises:
        InputError: if nothing was found, or could not be screened, that asks for a referral.
    """
    w, size_ = Voice(known_language(language)), known_size(size)
    client = decision.case.client
    sources = Sources()
    findings = sorted(client.findings if client else (), key=lambda one: ACTIONS.index(_action(one, decision)))
    found = [_found(finding, decision, w, sources) for finding in findings]
    asking = [one for one in found if one.action != "said"]
    unscreened = [common.finding_name(id_, w) for id_ in client.unscreened] if client else []
    if not asking and not unscreened:
        raise InputError(
            "no referral letter: nothing was found that asks for one", hint="Name a finding, such as osteoporosis"
        )
    if unscreened:
        for reason in decision.reasons:
            if reason.text.startswith("Not screened"):
                sources.of_reason(reason)
    actions = list(dict.fromkeys(one.action for one in asking)) or ["ask"]
    steps = common.steps(decision, w, Sources())
    data = common.head(decision, names or Names(), w, sources)
    data |= {
        "actions": actions,
        "asking": asking,
        "also": [one for one in found if one.action == "said"],
        "unscreened": unscreened,
        "steps_done": [step for step in steps if step.done],
        "steps_left": [step for step in steps if not step.done],
        "steps_known": client is not None and client.steps is not None,
        "answer": actions[0] in ("clearance", "decision", "ask"),
        "urgent": actions[0] in ("emergency", "same_day"),
    }
    return render("referral", w.language, size_, data)


def _found(finding: Finding, decision: Decision, w: Voice, sources: Sources) -> Found:
    reasons = common.about(decision.reasons, finding.id)
    action = _action(finding, decision)
    # Of a finding that asks for something, only what asks: not the regions where it is not listed.
    asking = [reason for reason in reasons if reason.verdict is not Verdict.PERMITTED]
    facts = [common.fact(reason, w, sources) for reason in (reasons if action == "said" else asking)]
    facts = [fact._replace(note=None) if _said(fact, facts[:i]) else fact for i, fact in enumerate(facts)]
    site = common.site(finding.site, w) if finding.site else None
    return Found(common.finding_name(finding, w), site, action, facts)


def _said(fact: Fact, before: list[Fact]) -> bool:
    return any(fact.note == other.note for other in before)


def _action(finding: Finding, decision: Decision) -> str:
    """What a finding asks for: the most urgent of what the red flag and the contraindication of its id ask."""
    reasons = common.about(decision.reasons, finding.id)
    verdicts = {reason.verdict for reason in reasons}
    asked = {need.id.partition(":")[0] for need in decision.needs if need.id.endswith(f":{finding.id}")}
    actions = {"said"}
    flag = red_flags().get(finding.id)
    if flag is not None and OF_FLAG[flag.action] != "clearance":
        actions.add(OF_FLAG[flag.action])
    elif Verdict.PROHIBITED in verdicts:
        actions.add("barred")
    if Verdict.CONDITIONAL in verdicts:
        if flag is not None and flag.action == "refer":
            actions.add("clearance")
        elif finding.match == "broad":
            actions.add("ask")
        else:
            actions.add("decision")
    if "decision" in asked:
        actions.add("decision")
    return min(actions, key=ACTIONS.index)
