"""Writes tests/cases/decide/answers.txt: the general answers of the whole law, to be read in a diff.

``make answers`` runs it. A change of the law or of the program shows there as changed lines; nothing else does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from handrail import Case, Credential, decide
from handrail.decide import Decision, Reason
from handrail.law import Condition, Law, Prerequisite, Rule, jurisdictions, load
from handrail.terms import PROFESSIONS, TECHNIQUES

FILE = Path(__file__).parent.parent / "tests" / "cases" / "decide" / "answers.txt"
HEAD = """\
# The general answers of the whole law: what each profession may do, region by region and day by day.
# Made by `make answers`; read what changed before you commit it. Days are first days; an answer without one
# has stood for as long as the law's files know. Professions that a place's answers treat alike stand together.
# read: the text itself was read; inferred: it follows from definitions. needs: what must be met first. duty: what
# goes with it. asks: a rule's conditions as written. first: what the law wants at a visit (? optional; @ of the
# person). beside: rules that reach it and do not decide.
"""


def document(laws: Iterable[Law]) -> str:
    """The answers of some laws as text."""
    return HEAD + "".join(f"\n{text}" for text in map(of_place, laws))


def of_place(law: Law) -> str:
    """The answers of one place."""
    lines = [f"{law.jurisdiction} {law.file.name}", *head(law)]
    for technique in TECHNIQUES:
        lines += of_technique(law, technique)
    return "\n".join(lines) + "\n"


def head(law: Law) -> list[str]:
    """How a place regulates its professions, and its reserved act."""
    how: dict[str, list[str]] = {}
    for profession, entry in law.file.professions.items():
        how.setdefault(entry.regulated.value, []).append(profession)
    lines = [f"  {regulated}: {', '.join(names)}" for regulated, names in sorted(how.items())]
    if act := law.file.reserved_act:
        regions = "" if act.regions == "all" else f" on {' '.join(act.regions)}"
        closed = ", and nobody else" if act.granted_to_complete else ""
        left = f"; leaves {', '.join(act.does_not_affect)}" if act.does_not_affect else ""
        granted = ", ".join(act.granted_to) or "nobody here"
        lines.append(
            f"  reserved act{_days(act)}: {', '.join(act.techniques)}{regions}; to {granted}{closed}{left} "
            f"({act.citation}; {_seen(act.text_seen)})"
        )
    return lines


def _days(item: Any) -> str:
    first = f" from {item.effective_from}" if item.effective_from else ""
    return first + (f" to {item.effective_to}" if item.effective_to else "")


def _seen(text_seen: bool | None) -> str:
    return "read" if text_seen else "not read"


def of_technique(law: Law, technique: str) -> list[str]:
    """The answers of one place about one technique."""
    lines = [f"  {technique}"]
    alike: dict[tuple[str, ...], list[str]] = {}
    for profession in PROFESSIONS:
        alike.setdefault(tuple(_of_cell(law, profession, technique)), []).append(profession)
    most = max(alike, key=lambda answer: len(alike[answer]))
    for answer in sorted(alike, key=lambda answer: answer == most):
        names = "all others" if answer == most and len(alike) > 1 else ", ".join(alike[answer])
        if len(answer) == 1:
            lines.append(f"    {names}: {answer[0]}")
        else:
            lines += [f"    {names}:", *(f"      {line}" for line in answer)]
    lines += [f"    {text}" for text in _asks(law, technique)]
    return lines + [f"    first: {text}" for text in _first(law, technique)]


def _of_cell(law: Law, profession: str, technique: str) -> list[str]:
    """A line for each period and each set of regions with one answer."""
    lines = []
    days = [date.min, *sorted(law.changes(profession, technique) - {date.min})]
    told: list[tuple[str, str]] | None = None
    for day in days:
        by_region = [(region, _answer(law, profession, technique, region, day)) for region in _asked(technique)]
        parts = _together(by_region)
        if parts != told:
            since = "" if day == date.min else f"from {day} "
            lines += [f"{since}{f'{regions}: ' if regions else ''}{answer}" for regions, answer in parts]
            told = parts
    return lines


def _asked(technique: str) -> tuple[str | None, ...]:
    regions = TECHNIQUES[technique].regions
    return (None, *regions) if len(regions) > 1 else (None,)


def _together(by_region: list[tuple[str | None, str]]) -> list[tuple[str, str]]:
    """Regions of one answer together; those answered as the whole is are left out."""
    whole = by_region[0][1]
    others: dict[str, list[str]] = {}
    for region, answer in by_region[1:]:
        if answer != whole:
            others.setdefault(answer, []).append(str(region))
    return [("", whole), *((", ".join(regions), answer) for answer, regions in others.items())]


def _answer(law: Law, profession: str, technique: str, region: str | None, day: date) -> str:
    case = Case(law.jurisdiction, technique, [Credential(profession)], region, day)
    return _text(decide(case, law=law), law, day)


def _text(decision: Decision, law: Law, day: date) -> str:
    said = f"{decision.verdict}, leaning {decision.leaning}" if decision.leaning else str(decision.verdict)
    behind = [
        _behind(reason, law, decision.profession, day) for reason in decision.reasons if reason.gate == "scope"
    ]
    parts = [said, f"by {'; '.join(behind)}"]
    beside = [_rule(rule, law, decision.profession, day) for rule in _beside(decision, law, day)]
    parts += [f"beside {'; '.join(beside)}"] if beside else []
    if decision.needs:
        parts.append("needs " + " ".join(sorted(need.id for need in decision.needs)))
    if decision.limits:
        parts.append("duty " + " ".join(sorted(limit.id for limit in decision.limits)))
    return " | ".join(parts)


def _behind(reason: Reason, law: Law, profession: str, day: date) -> str:
    if reason.rule is None:
        return "no rule"
    rule = law.rules_by_id.get(reason.rule)
    return _rule(rule, law, profession, day) if rule else reason.rule.removeprefix(f"{law.jurisdiction}/")


def _beside(decision: Decision, law: Law, day: date) -> list[Rule]:
    """Rules in force that reach what was asked and do not decide."""
    deciding = {reason.rule for reason in decision.reasons}
    rules = law.cell(decision.profession, decision.case.technique)
    reach = [rule for rule in rules if rule.in_force(day) and any(map(rule.covers, decision.case.regions))]
    return [rule for rule in reach if rule.id not in deciding]


def _rule(rule: Rule, law: Law, profession: str, day: date) -> str:
    name = rule.id.removeprefix(f"{law.jurisdiction}/{profession}/")
    on = "" if rule.regions == "all" else f" on {' '.join(rule.regions)}"
    ended = ", ended" if rule.ended(day) else ""
    how = [rule.basis or "no basis", _seen(rule.text_seen), *([] if rule.explicit else ["inferred"])]
    return f"{name}{on}: {rule.effect}{ended} ({rule.citation or 'no citation'}; {', '.join(how)})"


def _asks(law: Law, technique: str) -> Iterator[str]:
    """What each rule of a technique asks for, as it is written."""
    for profession, rule in law.file.rules():
        if rule.technique == technique and rule.conditions:
            asked = ", ".join(map(_condition, rule.conditions))
            yield f"{profession}/{technique}/{rule.id.rpartition('/')[2]} asks: {asked}"


def _condition(condition: Condition) -> str:
    parts = [f"={condition.hours} h" if condition.hours else ""]
    parts.append(f" (or {' or '.join(condition.met_by)})" if condition.met_by else "")
    parts.append(f" (closed to {' '.join(condition.closed_to)})" if condition.closed_to else "")
    parts.append(f" (as {condition.refers_to.rpartition('/')[2]})" if condition.refers_to else "")
    parts.append(f" [{', '.join(map(_condition, condition.of))}]" if condition.of else "")
    marks = {"qualification": "", "narrowing": "narrowing ", "duty": "duty "}
    kind = f"{condition.type.value} " if condition.of else ""
    return f"{marks[condition.cls]}{kind}{condition.id}{''.join(parts)}"


def _first(law: Law, technique: str) -> Iterator[str]:
    for item in law.file.prerequisites:
        if item.technique == technique:
            yield f"{item.id.rpartition('/')[2]}: {_wanted(item)}"


def _wanted(item: Prerequisite) -> str:
    binds = item.binds if isinstance(item.binds, str) else " ".join(item.binds)
    exempt = f" but {' '.join(item.exempt)}" if item.exempt else ""
    wanted = " ".join(
        f"{'?' if r.optional else ''}{'@' if r.kind == 'person' else ''}{r.id}{f'={r.hours}' if r.hours else ''}"
        for r in item.requires
    )
    return f"{binds}{exempt}{_days(item)} | {wanted} ({item.citation}; {_seen(item.text_seen)})"


if __name__ == "__main__":
    FILE.write_text(document(map(load, jurisdictions())), encoding="utf-8")
    sys.stdout.write(f"{FILE}\n")
