"""The aftercare sheet: what to expect, what to watch for, and whom to call."""

from __future__ import annotations

from typing import NamedTuple

from handrail.decide import Decision
from handrail.paper import common, harms
from handrail.paper.names import Names
from handrail.paper.render import Paper, known_size, render
from handrail.paper.sources import Sources
from handrail.paper.words import Voice, known_language
from handrail.risk import digest
from handrail.safety import red_flags
from handrail.safety.questions import wording

ACTIONS = {"emergency": "a_emergency", "urgent_referral": "a_same_day", "refer": "a_refer"}
#: How the knowledge marks a question that only a practitioner can answer.
FOR_PRACTITIONER = "(practitioner)"


class Watch(NamedTuple):
    """A question that the client asks at home, in the paper's language, and its source."""

    id: str
    question: str
    ref: int


def aftercare(decision: Decision, language: str = "en", names: Names | None = None, size: str = "a4") -> Paper:
    """A sheet that the client takes home. It is never refused: whoever was treated needs it.

    Args:
        decision: the decision on the case.
        language: ``en`` or ``fr``.
        names: who stands on it; lines to write on where none is given.
        size: ``a4`` or ``letter``.

    Raises:
        InputError: for a language or size that is none.
    """
    w, size_ = Voice(known_language(language)), known_size(size)
    sources = Sources()
    data = common.head(decision, names or Names(), w, sources)
    data |= {
        "watch": [(key, _watch(action, decision, sources, w)) for action, key in ACTIONS.items()],
        "harms": harms.groups(decision, sources, ("minor", "moderate")),
        "risk_digest": digest(),
    }
    return render("aftercare", w.language, size_, data)


def _watch(action: str, decision: Decision, sources: Sources, w: Voice) -> list[Watch]:
    return [
        Watch(
            flag.id,
            w.own(wording(flag.id, w.language)),
            sources.add(flag.source.title, flag.source.url, flag.text_seen),
        )
        for flag in red_flags().values()
        if flag.action == action
        and "after" in flag.applies
        and not flag.question.startswith(FOR_PRACTITIONER)
        and any(flag.covers(region) for region in decision.case.regions)
    ]
