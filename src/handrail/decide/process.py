"""The process gate: has what must come first been done?

Steps that practice asks for stand in the vocabulary (``steps_before``) with their contents in
``prerequisites.yaml``; the law's own stand in the jurisdiction's file. Without a client they are only listed; at a
visit each one that was not done is a need; in a record nothing is known about them and nothing is judged.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from handrail.decide.case import Client
from handrail.decide.conditions import Shown
from handrail.decide.judgement import Before, Judgement, Need, Reason, of
from handrail.law import Law, Prerequisite, RequirementKind
from handrail.safety import CATEGORIES, StepItem, contraindications, items_of, red_flags, step_items
from handrail.terms import STEPS, STEPS_BEFORE, TECHNIQUES, Verdict

GATE = "process"
NOT_DONE = "Not done or not shown yet: "
NOT_SCREENED = "Not screened: "
SCREEN_ITEMS = ("hx_red_flags", "ex_general", "dd_refer")


class Wanted(NamedTuple):
    """A step or a qualification that comes first, and who asks for it."""

    id: str
    short: str  # its name, and who demands it
    text: str  # the same with what it contains
    source: str
    citation: str | None
    rule: str | None
    text_seen: bool | None
    needed: bool  # False for what is optional
    of_person: bool
    hours: int | None
    note: str | None = None


def before(wanted: tuple[Wanted, ...], client: Client | None, shown: Shown, granted: bool) -> list[Before]:
    """The list of what comes first. ``done`` is None where nothing is known."""
    listed = []
    for want in wanted:
        done: bool | None = None
        if _is_met(want, shown):
            done = True
        elif client is not None and client.steps is not None and _counts(want, granted):
            done = False
        listed.append(Before(want.id, done, want.text, want.source))
    return listed


def judge(wanted: tuple[Wanted, ...], client: Client | None, shown: Shown, granted: bool) -> Judgement:
    """The process gate's answer.

    Args:
        wanted: what comes first, from ``wanted_before``.
        client: None for a question about the profession.
        shown: the steps done and the needs confirmed.
        granted: whether the profession has a read, permitted rule of its own here (then what a law says about
            the person's training and authority is shown and is no need).
    """
    if client is None or client.steps is None:
        return of([])
    reasons: list[Reason] = []
    needs: list[Need] = []
    for want in wanted:
        if _is_met(want, shown) or not _counts(want, granted):
            continue
        needs.append(Need(want.id, want.short, GATE, want.rule))
        reasons.append(_reason(want, Verdict.CONDITIONAL, f"{NOT_DONE}{want.short}"))
    for finding in client.unscreened:
        need = f"ask:{finding}"
        if need in shown.confirmed:
            continue
        row = contraindications().get(finding) or red_flags()[finding]
        needs.append(Need(need, f"ask: {row.name}", GATE))
        reasons.append(
            Reason(
                GATE,
                Verdict.CONDITIONAL,
                f"{NOT_SCREENED}{row.name}.",
                rule=row.id,
                citation=row.source.title,
                source=row.source.url or row.source.title,
                text_seen=row.text_seen,
            )
        )
    if not reasons:
        reasons.append(
            Reason(GATE, Verdict.PERMITTED, "What must come first is done.", source="the case as given")
        )
    return of(reasons, needs)


@lru_cache(maxsize=65536)
def wanted_before(
    law: Law, profession: str, technique: str, regions: tuple[str, ...], day: date
) -> tuple[Wanted, ...]:
    """What must come before a technique: the steps of practice, and what the law adds."""
    wanted: dict[str, Wanted] = {}
    for step in STEPS_BEFORE[technique]:
        wanted[step] = _of_practice(step, technique, regions)
    for prerequisite in law.prerequisites(profession, technique, day):
        for requirement in prerequisite.requires:
            demanded = f"{_name(requirement.id, requirement.text)} ({_demand(prerequisite)})"
            of_law = Wanted(
                requirement.id,
                demanded,
                demanded,
                prerequisite.source,
                prerequisite.citation,
                prerequisite.id,
                prerequisite.text_seen,
                not requirement.optional,
                requirement.kind is RequirementKind.PERSON,
                requirement.hours,
                prerequisite.note,
            )
            there = wanted.get(requirement.id)
            wanted[requirement.id] = _joined(there, of_law, prerequisite) if there else of_law
    return tuple(wanted.values())


def _of_practice(step: str, technique: str, regions: tuple[str, ...]) -> Wanted:
    if step == "contraindication_screen":
        items = [i for i in step_items() if i.id in SCREEN_ITEMS and technique in i.techniques]
    else:
        items = items_of(step, technique, regions)
    if not items:
        return _by_analogy(step)
    contents = "; ".join(_content(item) for item in items)
    sources = "; ".join(dict.fromkeys(item.source.url or item.source.title for item in items))
    citation = items[0].source.title
    text = f"{STEPS[step].name}: {contents}"
    seen = all(item.text_seen for item in items)
    return Wanted(step, STEPS[step].name, text, sources, citation, None, seen, True, False, None)


def _by_analogy(step: str) -> Wanted:
    """A step of which the sources speak for another technique only."""
    items = [item for item in step_items() if item.category in CATEGORIES[step]]
    spoken = " and ".join(dict.fromkeys(TECHNIQUES[name].name for item in items for name in item.techniques))
    source = items[0].source
    text = f"{STEPS[step].name} (by analogy: the sources read speak of it for {spoken})"
    return Wanted(
        step, STEPS[step].name, text, source.url or source.title, source.title, None, False, True, False, None
    )


def _content(item: StepItem) -> str:
    if item.category in ("vascular_test", "stability_test"):
        return f"{item.item} (can raise an alarm, clears nobody)"
    return re.sub(r" \(\w+\.yaml\)", "", item.item)  # a reader does not know our files


def _joined(there: Wanted, of_law: Wanted, prerequisite: Prerequisite) -> Wanted:
    """A step that both practice and the law ask for, or two of the law's items."""
    return there._replace(
        short=f"{there.short} ({_demand(prerequisite)})",
        text=f"{there.text} ({_demand(prerequisite)})",
        note=" ".join(dict.fromkeys(note for note in (there.note, of_law.note) if note)) or None,
        source="; ".join(dict.fromkeys([of_law.source, *there.source.split("; ")])),
        citation=of_law.citation if there.rule is None else there.citation,
        rule=there.rule or of_law.rule,
        text_seen=of_law.text_seen if there.rule is None else there.text_seen,
        needed=there.needed or of_law.needed,
    )


def _demand(prerequisite: Prerequisite) -> str:
    seen = "" if prerequisite.text_seen else "; text not read"
    summary = f": {prerequisite.summary}" if prerequisite.summary else ""
    return f"demanded by {prerequisite.citation}{seen}{summary}"


def _name(step: str, text: str) -> str:
    if step in STEPS:
        return STEPS[step].name
    return text


def _counts(want: Wanted, granted: bool) -> bool:
    """Whether something unmet is a need: not if it is optional, nor if the profession's own grant covers it."""
    return want.needed and not (want.of_person and granted)


def _is_met(want: Wanted, shown: Shown) -> bool:
    if want.id in shown.confirmed:
        return True
    if not want.of_person:
        return False
    return want.hours is not None and shown.training.get(want.id, 0) >= want.hours


def _reason(want: Wanted, verdict: Verdict, text: str) -> Reason:
    return Reason(
        GATE,
        verdict,
        text,
        rule=want.rule,
        citation=want.citation,
        source=want.source,
        text_seen=want.text_seen,
        note=want.note,
    )
