"""A jurisdiction's law as text for the terminal; nothing of the file is left out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date

from handrail.cli.show import coloured, width
from handrail.law import Condition, Law, Prerequisite, Profession, ReservedAct, Rule, Term
from handrail.terms import PROFESSIONS


def lines(law: Law, on: date | None, profession: str | None, technique: str | None) -> Iterator[str]:
    """The lines to print.

    Args:
        law: the jurisdiction's law.
        on: the day for the status of each rule; today (local) if None.
        profession, technique: show only these.
    """
    day = on or date.today()  # noqa: DTZ011  (the user's own day is meant)
    file = law.file
    yield coloured(f"{file.name} ({file.jurisdiction})", "1")
    yield f"Law as researched on {file.researched}; status on {day}. Not legal advice."
    for name, entry in file.professions.items():
        if profession in (None, name):
            yield from _profession(name, entry, day, technique)
    if profession is not None:
        return
    if file.reserved_act and (technique is None or technique in file.reserved_act.techniques):
        yield from _reserved_act(file.reserved_act)
    wanted = [p for p in file.prerequisites if technique in (None, p.technique)]
    if wanted:
        yield ""
        yield coloured("What the law wants first", "1")
    for prerequisite in wanted:
        yield from _prerequisite(prerequisite, day)
    terms = {word: term for word, term in file.terms.items() if technique is None or technique in term.technique}
    if terms:
        yield ""
        yield coloured("Its own words", "1")
    for word, term in terms.items():
        yield from _term(word, term)


def _profession(name: str, entry: Profession, day: date, technique: str | None) -> Iterator[str]:
    rules = [rule for rule in entry.rules if technique in (None, rule.technique)]
    if not rules:
        return
    yield ""
    yield coloured(f"{PROFESSIONS[name].name} ({name}): {entry.regulated}", "1")
    for label, text in (
        ("title", entry.title),
        ("regulator", entry.regulator),
        ("address", entry.regulator_url),
        ("act", entry.practice_act),
    ):
        yield from _wrapped(f"  {label}: ", text or "not found")
    for rule in rules:
        yield from _rule(rule, day)


def _rule(rule: Rule, day: date) -> Iterator[str]:
    colour = {"permitted": "32", "conditional": "33", "prohibited": "31"}.get(rule.effect.value, "35")
    regions = "" if rule.regions == "all" else f" on {', '.join(rule.regions)}"
    status = rule.status(day)
    yield f"  {coloured(rule.effect.value, colour)} {rule.technique}{regions}  [{rule.id}]"
    since = rule.effective_from or "start not researched"
    until = f" to {rule.effective_to}" if rule.effective_to else ""
    yield f"    {status}: {since}{until}"
    yield from _wrapped("    ", rule.summary)
    read = "text read" if rule.text_seen else "text not read"
    words = "in its words" if rule.explicit else "follows from definitions"
    basis = rule.basis.value.replace("_", " ") if rule.basis else "no basis found"
    yield from _wrapped("    ", f"{rule.citation or 'no citation found'} ({basis}; {read}; {words})")
    for condition in rule.conditions:
        yield from _condition(condition, "    ")
    yield from _wrapped("    source: ", rule.source or "none found")
    yield from _wrapped("    note: ", rule.note)


def _condition(condition: Condition, indent: str) -> Iterator[str]:
    joined = {"any_of": ", any of", "all_of": ", all of"}.get(condition.type.value, "")
    yield from _wrapped(f"{indent}- ", f"{condition.text}  [{condition.id}: {condition.cls}{joined}]")
    for member in condition.of:
        yield from _condition(member, indent + "  ")


def _reserved_act(act: ReservedAct) -> Iterator[str]:
    yield ""
    yield coloured(f"Reserved act: {', '.join(act.techniques)}", "1")
    yield from _wrapped("  ", act.summary)
    granted = [*(PROFESSIONS[name].name for name in act.granted_to), *act.granted_to_others]
    closed = "closed list" if act.granted_to_complete else "not a closed list"
    yield from _wrapped("  ", f"granted to: {', '.join(granted) or 'not read'} ({closed})")
    if act.does_not_affect:
        yield f"  does not affect: {', '.join(PROFESSIONS[name].name for name in act.does_not_affect)}"
    yield from _wrapped("  ", f"{act.citation} ({'text read' if act.text_seen else 'text not read'})")
    yield from _wrapped("  source: ", act.source)
    yield from _wrapped("  note: ", act.note)


def _prerequisite(prerequisite: Prerequisite, day: date) -> Iterator[str]:
    if prerequisite.binds == "any":
        who = "anybody"
    elif prerequisite.binds == "licensees":
        who = f"everybody licensed under {prerequisite.chapter}"
    else:
        who = ", ".join(PROFESSIONS[name].name for name in prerequisite.binds)
    exempt = (
        f", except {', '.join(PROFESSIONS[p].name for p in prerequisite.exempt)}" if prerequisite.exempt else ""
    )
    yield from _wrapped("  ", f"{prerequisite.technique}, {who}{exempt}  [{prerequisite.id}]")
    if prerequisite.effective_from or prerequisite.effective_to:
        yield (
            f"    {prerequisite.status(day)}: {prerequisite.effective_from or 'start not researched'}"
            f" to {prerequisite.effective_to or 'open'}"
        )
    for requirement in prerequisite.requires:
        yield from _wrapped("    - ", f"{requirement.text}  [{requirement.id}: {requirement.kind}]")
    yield from _wrapped("    ", prerequisite.summary)
    yield from _wrapped(
        "    ", f"{prerequisite.citation} ({'text read' if prerequisite.text_seen else 'text not read'})"
    )
    yield from _wrapped("    source: ", prerequisite.source)
    yield from _wrapped("    note: ", prerequisite.note)


def _term(word: str, term: Term) -> Iterator[str]:
    regions = f" ({', '.join(term.regions)})" if term.regions else ""
    yield from _wrapped("  ", f"“{word}”: {', '.join(term.technique) or 'none of our techniques'}{regions}")
    yield from _wrapped("    ", term.sense)
    seen = {True: " (text read)", False: " (text not read)", None: ""}[term.text_seen]
    yield from _wrapped("    ", f"{term.citation}{seen}")
    yield from _wrapped("    source: ", term.source)
    yield from _wrapped("    note: ", term.note)


def _wrapped(start: str, text: str | None) -> Iterator[str]:
    if text:
        indent = " " * (len(start) - len(start.lstrip()) + 2)
        yield from textwrap.wrap(
            text,
            width(),
            initial_indent=start,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
