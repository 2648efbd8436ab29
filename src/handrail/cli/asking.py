"""Asks and answers in the terminal: one question, or a prompt for more."""

from __future__ import annotations

import sys

from handrail.ask import (
    Answer,
    Question,
    Who,
    answer,
    overview_lines,
    phrases,
    place_name,
    understand,
)
from handrail.cli import show
from handrail.terms import InputError, Verdict

EXAMPLES = (
    "Can a masseuse crack my back in Florida?",
    "Who may adjust my neck in Ontario?",
    "May a physical therapist in Washington do a grade V on the low back?",
    "Un massothérapeute peut-il faire craquer mon dos au Québec ?",
)


def answer_one(text: str, *, as_json: bool = False, exit_code: bool = False) -> int:
    """Answers one question and gives the exit code: 2 if something must be asked back and nobody is there."""
    found = answer(understand(text))
    if found.question.choices and not as_json and _somebody_there():
        found = answer(_ask_back(found.question))
    if as_json:
        show.as_json(found.as_dict())
    else:
        show_answer(found)
    if found.question.choices:
        return 2
    if exit_code:
        asked = [decision.verdict for decision, _ in found.decisions]
        return 0 if asked and all(verdict is Verdict.PERMITTED for verdict in asked) else 1
    return 0


def prompt_for_more() -> None:
    """Asks for questions until an empty line or the end of input."""
    show.out()
    show.out('Ask another, or press Enter to end. For example: "' + EXAMPLES[1] + '"')
    while True:
        try:
            text = input("> ").strip()
        except EOFError:
            return
        if not text or text.casefold() in ("q", "quit", "exit"):
            return
        try:
            answer_one(text)
        except InputError as error:
            show.out(str(error))


def show_answer(found: Answer) -> None:
    """An answer, whole: what was understood, cards, overviews, who may, notes and what must be asked back."""
    question = found.question
    for number, (_, shown) in enumerate(found.decisions):
        if number:
            show.out()
        show.card(shown)
    for overview in found.overviews:
        headline, groups = overview_lines(overview, question)
        act = phrases.act(overview.technique, question.regions, question.language)
        show.out(f"{phrases.profession(overview.profession, question.language)}: {act}")
        show.labelled([("", headline)], indent=0)
        for name, places in groups:
            show.labelled([("", f"{name}: {places}")], indent=2)
    if found.overviews:
        show.out(phrases.more("where", question.language))
    for who in found.who:
        show_who(who, question)
    for note in question.notes:
        show.labelled([("Note", note)])
    if question.not_understood:
        show.labelled([("Note", "Not understood: " + ", ".join(question.not_understood))])
    for choice in question.choices:
        show.labelled([("", choice.prompt)], indent=0)
        for option in choice.options:
            show.out(f"  - {_option(choice.what, option, question)}")


def show_who(who: Who, question: Question) -> None:
    """How professions stand in a place."""
    language = question.language
    act = phrases.act(who.technique, question.regions, language)
    show.out(f"{place_name(who.jurisdiction, language)}: {act}")
    rows = []
    for one in sorted(who.standings, key=lambda one: _order(one.decision.verdict, one.decision.leaning)):
        decision = one.decision
        reason = next((r for r in decision.reasons if r.gate == "scope"), None)
        stands = phrases.stands(decision.verdict, decision.leaning, language)
        rows.append(
            (
                f"{show.SHAPES[decision.verdict.value]} {stands}",
                phrases.profession(one.profession, language),
                (reason.citation if reason else None) or "-",
                "; ".join(need.text for need in decision.needs),
            )
        )
    for stands, profession, citation, needs in rows:
        show.labelled([("", f"{stands}: {profession}  {citation}")], indent=2)
        if needs:
            show.labelled([("", f"{phrases.label('needs', language)}: {needs}")], indent=6)
    show.labelled([("", phrases.more("footer", language, day=who.researched))], indent=0)


def _order(verdict: Verdict, leaning: object) -> int:
    from handrail.terms import standing

    return standing(verdict, leaning)  # type: ignore[arg-type]


def _somebody_there() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask_back(question: Question) -> Question:
    """Settles what has two readings by asking the person at the terminal."""
    answers: dict[str, str] = {}
    while question.choices:
        choice = question.choices[0]
        show.labelled([("", choice.prompt)], indent=0)
        for number, option in enumerate(choice.options, 1):
            show.out(f"  {number}  {_option(choice.what, option, question)}")
        given = input("? ").strip()
        if not given:
            return question
        if given.isdigit() and 1 <= int(given) <= len(choice.options):
            answers[choice.what] = choice.options[int(given) - 1]
            question = understand(question.text, answers=answers)
        else:
            show.out(f"A number from 1 to {len(choice.options)}, or Enter to stop.")
    return question


def _option(what: str, option: str, question: Question) -> str:
    if what == "jurisdiction":
        return place_name(option, question.language)
    if what == "profession":
        return phrases.profession(option, question.language)
    if what == "technique":
        return f"{phrases.formal(option, question.language)}: {phrases.plain(option, question.language)}"
    if what == "region":
        return phrases.region(option, question.language)
    return option
