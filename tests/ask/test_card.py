"""A card stays short: many open questions are one line, and an emergency says nothing else."""

from __future__ import annotations

from handrail import Case, Client, Credential, decide
from handrail.ask.card import card
from handrail.safety import contraindications, red_flags

STEPS = ("history", "examination", "diagnosis", "contraindication_screen", "consent")
OPEN = tuple([*contraindications(), *red_flags()][:40])


def _card(findings=(), unscreened=(), steps=STEPS, language="en"):
    client = Client(findings, steps, unscreened)
    case = Case("US-AK", "thrust_spine", [Credential("chiropractor")], region="cervical", client=client)
    return card(decide(case), language)


def _lines(shown, key):
    return [line.text for line in shown.lines if line.key == key]


def test_many_open_questions_are_one_line():
    shown = _card(unscreened=OPEN)
    (why,) = _lines(shown, "why")
    assert why.startswith("Not screened: ")
    assert why.endswith(f"and {len(set(OPEN)) - 8} more")
    assert _lines(shown, "needs")[0].endswith("more")
    assert "et 32 autres" in _lines(_card(unscreened=OPEN, language="fr"), "why")[0]


def test_few_open_questions_are_all_named():
    (why,) = _lines(_card(unscreened=("osteoporosis", "pregnancy")), "why")
    assert why == "Not screened: Osteoporosis; Pregnancy"


def test_an_emergency_says_nothing_of_steps_or_questions():
    shown = _card(("dizziness",), unscreened=OPEN, steps=())
    assert shown.headline.startswith("Stop.")
    assert {line.key for line in shown.lines} <= {"why", "note", "also"}
    assert not any("Not screened" in line.text or "Not done" in line.text for line in shown.lines)


def test_the_decision_itself_keeps_every_need():
    client = Client((), STEPS, OPEN)
    case = Case("US-AK", "thrust_spine", [Credential("chiropractor")], region="cervical", client=client)
    assert len([need for need in decide(case).needs if need.id.startswith("ask:")]) == len(set(OPEN))
