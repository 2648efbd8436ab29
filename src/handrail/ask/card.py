"""The answer as a person would give it: a headline, and a few lines that are the same everywhere.

A card is made from a decision alone; it adds nothing that the decision does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handrail.ask import phrases
from handrail.ask.question import Language
from handrail.decide import NOT_DONE, NOT_SCREENED, Decision, Reason, standings
from handrail.terms import PLACES, Leaning, Verdict, standing

#: Professions that a person may turn to; the others are named only where they may.
USUAL = ("chiropractor", "osteopathic_physician", "physician", "physical_therapist", "massage_therapist")


@dataclass(frozen=True)
class Line:
    """A line of the card: its key (why, who, instead, ...), its label and its text."""

    key: str
    label: str
    text: str


@dataclass(frozen=True)
class Card:
    """An answer to be shown."""

    verdict: Verdict
    leaning: Leaning | None
    headline: str
    lines: tuple[Line, ...]
    footer: str
    language: Language

    def as_dict(self) -> dict[str, Any]:
        """The card as plain data."""
        return {
            "verdict": self.verdict.value,
            "leaning": self.leaning.value if self.leaning else None,
            "headline": self.headline,
            "lines": [{"key": line.key, "label": line.label, "text": line.text} for line in self.lines],
            "footer": self.footer,
            "language": self.language,
        }


def card(decision: Decision, language: Language = "en", *, health: bool = False) -> Card:
    """The card of a decision.

    Args:
        decision: what was decided.
        language: ``en`` or ``fr``.
        health: the question spoke of health or age, and the decision does not weigh it: no plain yes then.
    """
    lines: list[Line] = []

    def add(key: str, text: str) -> None:
        if text:
            lines.append(Line(key, phrases.label(key, language), text))

    unscreened = [r for r in decision.reasons if r.gate == "process" and r.text.startswith(NOT_SCREENED)]
    deciding = [reason for reason in _deciding(decision) if reason not in unscreened]
    practice = [r for r in deciding if r.gate == "process" and r.rule is None and r.text.startswith(NOT_DONE)]
    for reason in deciding:
        if reason not in practice:
            add("why", _why(reason, language))
    if practice:
        add("why", _undone(practice))
    urgent = decision.verdict is Verdict.URGENT
    if unscreened and not urgent:
        decides = any(reason in unscreened for reason in _deciding(decision))
        add("why" if decides else "also", _unscreened(unscreened, language))
    if not urgent:
        add("needs", _needs(decision, language))
        add("who", _who(decision, language))
        if decision.verdict not in (Verdict.PERMITTED, Verdict.CONDITIONAL):
            add("instead", _instead(decision, language))
        add("limits", "; ".join(limit.text for limit in decision.limits))
        add("first", _first(decision, language))
    for note in dict.fromkeys(reason.note for reason in _deciding(decision)):
        add("note", note or "")
    for reason in decision.reasons:
        said = reason in _deciding(decision) or reason in unscreened or (urgent and reason.gate == "process")
        if not said and _worth_saying(reason, decision):
            add("also", reason.text)
    if not urgent:
        add("check", _check(decision, language))
    return Card(
        decision.verdict,
        decision.leaning,
        _headline(decision, language, health),
        tuple(lines),
        phrases.more("footer", language, day=decision.as_of),
        language,
    )


def place_name(jurisdiction: str, language: Language) -> str:
    """A jurisdiction's name in a language."""
    place = PLACES[jurisdiction]
    return place.name if language == "en" else place.name_fr


def _deciding(decision: Decision) -> list[Reason]:
    """The reasons that made the verdict; for a plain yes, those of the law."""
    worst = [
        reason
        for reason in decision.reasons
        if standing(reason.verdict, reason.leaning) == standing(decision.verdict, decision.leaning)
    ]
    return [reason for reason in worst if reason.gate == "scope"] or worst if _is_yes(decision) else worst


def _is_yes(decision: Decision) -> bool:
    return decision.verdict is Verdict.PERMITTED


def _headline(decision: Decision, language: Language, health: bool) -> str:
    case = decision.case
    key = decision.leaning.value if decision.leaning else decision.verdict.value
    gates = {reason.gate for reason in _deciding(decision)}
    if decision.verdict is Verdict.PROHIBITED and "scope" not in gates:
        key = "prohibited_here"
    if any(reason.source == "the dates of the rules and of the credential" for reason in _deciding(decision)):
        key = "changes"
    if health and f"{key}_by_law" in phrases.HEADLINES:
        key += "_by_law"
    return phrases.headline(
        key,
        language,
        place=place_name(case.jurisdiction, language),
        who=phrases.profession(decision.profession, language, article=True),
        act=phrases.act(case.technique, case.asked_regions, language),
        on=decision.on,
    )


def _undone(practice: list[Reason]) -> str:
    """The steps of practice that were not done, in one line with all their sources."""
    names = ", ".join(reason.text.removeprefix(NOT_DONE) for reason in practice)
    return f"{NOT_DONE}{names}  {'; '.join(dict.fromkeys(reason.citation or '' for reason in practice))}"


#: So many names are listed; of more only their number is said.
_NAMED = 8


def _unscreened(reasons: list[Reason], language: Language) -> str:
    """What was not screened, in one line; a whole questionnaire would not be read."""
    names = [reason.text.removeprefix(NOT_SCREENED).rstrip(".") for reason in reasons]
    return f"{NOT_SCREENED}{_listed(names, language)}"


def _needs(decision: Decision, language: Language) -> str:
    """What must be met first; of many questions to ask only the first are named."""
    asked = [need.text for need in decision.needs if need.id.startswith("ask:")]
    if len(asked) <= _NAMED:
        return "; ".join(need.text for need in decision.needs)
    others = [need.text for need in decision.needs if not need.id.startswith("ask:")]
    return "; ".join([*others, _listed(asked, language)])


def _listed(names: list[str], language: Language) -> str:
    more = len(names) - _NAMED
    named = "; ".join(names[:_NAMED])
    return f"{named}; {phrases.more('and_more', language, number=more)}" if more > 0 else named


def _why(reason: Reason, language: Language) -> str:
    return f"{reason.text}  {_cited(reason, language)}".rstrip()


def _cited(reason: Reason, language: Language) -> str:
    """The citation and how sure it is."""
    how = []
    if reason.gate == "scope" and reason.rule:
        if reason.basis == "secondary":
            how.append(phrases.sure("secondary", language))
        elif not reason.text_seen:
            how.append(phrases.sure("unread", language))
        elif reason.basis:
            how.append(phrases.sure(reason.basis, language))
        if reason.explicit is False and reason.text_seen and reason.verdict is not Verdict.UNDETERMINED:
            how.append(phrases.sure("follows", language))
    if reason.source and not reason.citation:
        how.append(phrases.sure("source", language, source=reason.source))
    cited = reason.citation or ""
    return f"{cited} ({'; '.join(how)})".strip() if how else cited


def _who(decision: Decision, language: Language) -> str:
    """Who may, and of the usual professions who perhaps may."""
    yes = [
        phrases.profession(who.profession, language)
        + (f" ({phrases.stands(who.verdict, None, language)})" if who.verdict is Verdict.CONDITIONAL else "")
        for who in decision.who_may
    ]
    parts = [", ".join(yes)] if yes else []
    if decision.case.client is None or yes:
        for profession, verdict, leaning in standings(decision, USUAL):
            if (
                verdict is Verdict.UNDETERMINED
                and leaning is not Leaning.NONE
                and profession != decision.profession
            ):
                name = phrases.profession(profession, language)
                parts.append(f"{name[:1].upper()}{name[1:]}: {phrases.stands(verdict, leaning, language)}")
    if not parts:
        return phrases.more("nobody" if decision.case.client is None else "nobody_client", language)
    return ".  ".join(parts)


def _instead(decision: Decision, language: Language) -> str:
    found = [
        phrases.plain(other.technique, language)
        + (f" ({phrases.stands(other.verdict, None, language)})" if other.verdict is Verdict.CONDITIONAL else "")
        for other in decision.instead
    ]
    return "; ".join(found) or phrases.more("nothing", language)


def _first(decision: Decision, language: Language) -> str:
    names = {step.step: phrases.step(step.step, step.text, language) for step in decision.before}
    if all(step.done is None for step in decision.before):
        what = phrases.formal(decision.case.technique, language)
        return phrases.more("first", language, act=what, steps=", ".join(names.values()))
    done = [names[step.step] for step in decision.before if step.done]
    left = [names[step.step] for step in decision.before if step.done is False]
    return phrases.more("first_done", language, done=", ".join(done) or "-", steps=", ".join(left) or "-")


def _worth_saying(reason: Reason, decision: Decision) -> bool:
    """Reasons beside the deciding one that a reader must not miss."""
    if reason.gate == "licence":
        return not reason.text.startswith(("Assumed", "The credential given", "No licence is claimed"))
    if reason.gate == "scope":
        return reason.verdict is not Verdict.PERMITTED or _is_yes(decision)
    return reason.rule is not None or "confirmed" in reason.text


def _check(decision: Decision, language: Language) -> str:
    verify = decision.verify
    if not verify.regulator:
        return phrases.more("check_none", language) if decision.profession != "unlicensed_person" else ""
    if verify.url:
        return phrases.more("check_url", language, regulator=verify.regulator, url=verify.url)
    return phrases.more("check", language, regulator=verify.regulator)
