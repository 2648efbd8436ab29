"""Answers a question in plain words: what was understood, and a card for each place and profession asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from handrail.ask import phrases
from handrail.ask.card import Card, card, place_name
from handrail.ask.question import Question
from handrail.ask.understand import understand
from handrail.decide import Case, Credential, Decision, decide
from handrail.law import jurisdictions, load
from handrail.terms import PROFESSIONS, TECHNIQUES, Leaning, Verdict, known

#: The version of the JSON shape of an answer (docs/json.md).
SHAPE = 1


@dataclass(frozen=True)
class Overview:
    """The same question over many places: codes by how the answer stands."""

    profession: str
    technique: str
    permitted: tuple[str, ...]
    conditional: tuple[str, ...]
    leaning_yes: tuple[str, ...]
    not_known: tuple[str, ...]
    leaning_no: tuple[str, ...]
    prohibited: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The overview as plain data."""
        return {
            "profession": self.profession,
            "technique": self.technique,
            **{
                name: list(getattr(self, name))
                for name in ("permitted", "conditional", "leaning_yes", "not_known", "leaning_no", "prohibited")
            },
        }


@dataclass(frozen=True)
class Standing:
    """How a profession stands, for a question of who may."""

    profession: str
    decision: Decision


@dataclass(frozen=True)
class Who:
    """Who may do a technique in a place."""

    jurisdiction: str
    technique: str
    standings: tuple[Standing, ...]
    researched: date


@dataclass(frozen=True)
class Answer:
    """The answer to a question in words.

    Attributes:
        question: what was understood, what was not, and what must be asked back (``question.choices``).
        decisions: one for each place and profession asked, with its card.
        overviews: if no place was given, the same question over all places.
        who: for a question of who may.
    """

    question: Question
    decisions: tuple[tuple[Decision, Card], ...] = ()
    overviews: tuple[Overview, ...] = ()
    who: tuple[Who, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The answer as plain data, in the documented shape (docs/json.md)."""
        asked = self.question
        return {
            "question": {
                "text": asked.text,
                "language": asked.language,
                "kind": asked.kind,
                "jurisdictions": list(asked.jurisdictions),
                "country": asked.country,
                "professions": list(asked.professions),
                "technique": asked.technique,
                "regions": list(asked.regions),
                "on": asked.on,
                "heard": [{"what": h.what, "id": h.id, "words": h.words} for h in asked.heard],
                "not_understood": list(asked.not_understood),
                "notes": list(asked.notes),
                "health": asked.health,
            },
            "choices": [{"what": c.what, "options": list(c.options), "prompt": c.prompt} for c in asked.choices],
            "answers": [
                {"card": shown.as_dict(), "decision": decision.as_dict()} for decision, shown in self.decisions
            ],
            "overviews": [overview.as_dict() for overview in self.overviews],
            "who": [
                {
                    "jurisdiction": who.jurisdiction,
                    "technique": who.technique,
                    "professions": [
                        {
                            "profession": one.profession,
                            "verdict": one.decision.verdict.value,
                            "leaning": one.decision.leaning.value if one.decision.leaning else None,
                            "needs": [need._asdict() for need in one.decision.needs],
                            "rule": _rule(one.decision),
                            "citation": _citation(one.decision),
                        }
                        for one in who.standings
                    ],
                }
                for who in self.who
            ],
        }


def _rule(decision: Decision) -> str | None:
    return next((r.rule for r in decision.reasons if r.gate == "scope" and r.rule), None)


def _citation(decision: Decision) -> str | None:
    return next((r.citation for r in decision.reasons if r.gate == "scope" and r.citation), None)


def ask(text: str, *, today: date | None = None) -> Answer:
    """Answers a question such as "Can a masseuse crack my back in Florida?".

    Deterministic, without network or model. If two readings are possible, ``question.choices`` says what to ask
    back and nothing is decided.

    Args:
        text: the question, in English or French.
        today: the day that relative words refer to; the local day if None.

    Raises:
        InputError: if it cannot be understood without guessing.

    >>> from handrail import ask
    >>> answer = ask("Can a masseuse crack my back in Florida?")
    >>> answer.decisions[0][1].headline
    'No. In Florida a massage therapist may not crack your back (a spinal thrust).'
    """
    return answer(understand(text, today=today))


def answer(question: Question) -> Answer:
    """The answer to a question that was understood."""
    if question.choices or question.technique is None:
        return Answer(question)
    if question.kind == "who" and question.jurisdictions:
        return Answer(question, who=tuple(who_in(place, question) for place in question.jurisdictions))
    if not question.jurisdictions:
        asked = question.professions or ("massage_therapist", "physical_therapist", "chiropractor")
        return Answer(question, overviews=tuple(_overview(profession, question) for profession in asked))
    decisions = []
    for place in question.jurisdictions:
        for profession in question.professions:
            decision = decide(_case(question, place, profession))
            decisions.append((decision, card(decision, question.language, health=question.health)))
    return Answer(question, decisions=tuple(decisions))


def _case(question: Question, place: str, profession: str) -> Case:
    assert question.technique is not None  # noqa: S101  (answer() has looked)
    return Case(
        place,
        question.technique,
        (Credential(profession),),
        region=question.regions or None,
        on=question.on,
    )


def who_in(place: str, question: Question) -> Who:
    """How every profession of which a place's law speaks stands."""
    law = load(place)
    named = [name for name in PROFESSIONS if law.cell(name, question.technique or "")]
    if "unlicensed_person" not in named:
        named.append("unlicensed_person")
    standings = tuple(Standing(name, decide(_case(question, place, name))) for name in named)
    return Who(place, question.technique or "", standings, law.file.researched)


def who_question(place: str, technique: str, regions: Iterable[str] = (), on: str | None = None) -> Question:
    """The question of who may do a technique in a place, as if it had been asked in words.

    Raises:
        InputError: for a technique that is not known.
    """
    known("technique", technique, TECHNIQUES)
    return Question(
        text="",
        language="en",
        kind="who",
        jurisdictions=(place,),
        technique=technique,
        regions=tuple(regions),
        on=on,
    )


def _overview(profession: str, question: Question) -> Overview:
    found: dict[str, list[str]] = {
        key: [] for key in ("permitted", "conditional", "leaning_yes", "not_known", "leaning_no", "prohibited")
    }
    for place in jurisdictions():
        if question.country and not place.startswith(f"{question.country}-"):
            continue
        decision = decide(_case(question, place, profession))
        found[_column(decision.verdict, decision.leaning)].append(place)
    assert question.technique is not None  # noqa: S101
    return Overview(profession, question.technique, **{key: tuple(value) for key, value in found.items()})


def _column(verdict: Verdict, leaning: Leaning | None) -> str:
    if leaning is None:
        return verdict.value
    return {Leaning.YES: "leaning_yes", Leaning.NO: "leaning_no", Leaning.NONE: "not_known"}[leaning]


def overview_lines(overview: Overview, question: Question) -> tuple[str, list[tuple[str, str]]]:
    """An overview in words: a headline, and (label, places) for each group that is small enough to name."""
    language = question.language
    open_ = (*overview.leaning_yes, *overview.not_known, *overview.leaning_no)
    count = len(open_) + len(overview.permitted) + len(overview.conditional) + len(overview.prohibited)
    headline = phrases.more(
        "depends",
        language,
        count=count,
        yes=len(overview.permitted),
        conditional=len(overview.conditional),
        open=len(open_),
        no=len(overview.prohibited),
    )
    groups = [
        (phrases.stands(Verdict.PERMITTED, None, language), overview.permitted),
        (phrases.stands(Verdict.CONDITIONAL, None, language), overview.conditional),
        (phrases.stands(Verdict.UNDETERMINED, Leaning.YES, language), overview.leaning_yes),
        (phrases.stands(Verdict.UNDETERMINED, Leaning.NONE, language), overview.not_known),
        (phrases.stands(Verdict.UNDETERMINED, Leaning.NO, language), overview.leaning_no),
        (phrases.stands(Verdict.PROHIBITED, None, language), overview.prohibited),
    ]
    return headline, [
        (name[:1].upper() + name[1:], ", ".join(place_name(code, language) for code in codes))
        for name, codes in groups
        if codes
    ]
