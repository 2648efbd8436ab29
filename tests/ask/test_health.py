"""A question that speaks of health or age never gets a plain yes: the answer is the law's alone."""

from __future__ import annotations

import pytest

from handrail import ask


@pytest.mark.parametrize(
    "text",
    [
        "I take warfarin, can a chiropractor in Alaska crack my neck?",
        "Can a chiropractor in Alaska crack my 8 year old's neck?",
        "I am pregnant, may a chiropractor in Alaska adjust my low back?",
        "I have osteoporosis, may a chiropractor in Alaska adjust my low back?",
    ],
)
def test_no_plain_yes_where_health_is_named(text):
    answer = ask(text)
    card = answer.decisions[0][1]
    assert answer.question.health
    assert card.verdict == "permitted"
    assert card.headline.startswith("By law yes, but health is not weighed here.")
    assert any("not weighed here" in note for note in answer.question.notes)
    assert answer.as_dict()["question"]["health"] is True


def test_in_french_too():
    answer = ask("J'ai de l'ostéoporose, un chiropraticien peut-il faire craquer mon dos au Québec ?")
    assert answer.question.health
    assert answer.decisions[0][1].headline.startswith("Selon la loi")


def test_a_no_stays_a_no():
    answer = ask("I have osteoporosis, can a masseuse crack my back in Florida?")
    assert answer.decisions[0][1].headline.startswith("No.")


def test_a_question_without_health_is_answered_plainly():
    answer = ask("May a chiropractor in Alaska adjust my low back?")
    assert not answer.question.health
    assert answer.decisions[0][1].headline.startswith("Yes.")
