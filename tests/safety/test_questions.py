"""The questions of the intake: every finding is reached, in both languages, in plain words."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from tests.safety.reading import grade, syllables

from handrail.intake.questionnaire import matters, questionnaire
from handrail.safety import contraindications, lint, questions, red_flags
from handrail.safety.model import ProcessCondition
from handrail.safety.questions import parents, problems, questions_file, raised_by, wording
from handrail.terms import SITES, TECHNIQUES

ROOT = Path(__file__).parents[2]
#: Names of diseases and medicines that have no plainer word that a client would know; they count as one syllable.
SPARED = frozenset(
    "osteoporosis arteritis polymyalgia dermatomyositis meningitis arthritis rheumatoid cholesterol diabetes "
    "pregnant bifida ehlers danlos marfan prednisone preeclampsia eclampsia".split()
)
NOT_ASKED = {id_ for row in questions_file().not_asked for id_ in row.ids}
BEFORE = [
    id_
    for id_ in sorted({*contraindications(), *red_flags()} - NOT_ASKED)
    if id_ in contraindications() or "before" in red_flags()[id_].applies
]


def test_the_questions_have_no_problems():
    assert list(problems()) == []
    assert [problem for problem in lint() if problem.file == "questions.yaml"] == []


def test_only_what_the_other_gates_look_at_is_not_asked():
    assert {id_ for id_ in NOT_ASKED if not isinstance(contraindications()[id_], ProcessCondition)} == set()


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_each_finding_that_matters_somewhere_is_asked_there(technique):
    """For each region alone, and for all together."""
    own = TECHNIQUES[technique].regions
    for regions in ((), *((region,) for region in own)):
        made = [questionnaire(technique, regions, practitioner=whom) for whom in (False, True)]
        asked = {id_ for one in made for item in one.questions for id_ in item.raises}
        wanted = {id_ for id_ in BEFORE if matters(id_, technique, regions or own) is not None}
        assert wanted == asked


def test_every_finding_matters_for_some_technique():
    for id_ in BEFORE:
        assert raised_by(id_), id_
        assert any(matters(id_, name, one.regions) is not None for name, one in TECHNIQUES.items()), id_


def test_signs_are_asked_of_the_practitioner():
    for id_, flag in red_flags().items():
        if flag.kind == "sign":
            assert any(question.asked_of == "practitioner" for question in raised_by(id_)), id_


def test_both_languages_hold_every_text():
    for question in questions().values():
        texts = [question.en, question.fr, *((question.help.en, question.help.fr) if question.help else ())]
        for text in texts:
            assert text, question.id
            assert text.strip() == text, question.id
        assert question.en != question.fr
        assert "?" in question.en, question.id
        assert " ?" in question.fr, question.id
        assert " ?" not in question.en, question.id
    french = {question.fr for question in questions().values()}
    assert len(french) > 0.9 * len(questions())


def test_every_site_has_a_name():
    assert set(questions_file().sites) == {*SITES, *TECHNIQUES["mobilization"].regions}


def test_a_gate_stands_under_the_same_person_as_its_follow_ups():
    for below, above in parents().items():
        assert questions()[below].asked_of == questions()[above].asked_of


def test_the_client_is_asked_in_plain_words():
    asked = [question for question in questions().values() if question.asked_of == "client"]
    grades = {question.id: grade(question.en, SPARED) for question in asked}
    said = f"median {statistics.median(grades.values()):.1f}, highest {max(grades.values()):.1f}"
    assert said in (ROOT / "docs" / "intake.md").read_text(encoding="utf-8")
    assert statistics.median(grades.values()) <= 7
    assert {id_: f"{value:.1f}" for id_, value in grades.items() if value > 9} == {}


def test_each_word_spared_is_needed():
    text = " ".join(question.en for question in questions().values()).casefold()
    assert {word for word in SPARED if word not in text or syllables(word) < 2} == set()


def test_the_grade_is_the_published_formula():
    # 0.39 x 6 words + 11.8 x 6 / 6 syllables - 15.59
    assert grade("The cat sat on the mat.") == pytest.approx(-1.45)
    assert syllables("osteoporosis") == 6


@pytest.mark.parametrize("flag", red_flags())
def test_each_red_flag_has_words_in_both_languages(flag):
    assert wording(flag, "en") == red_flags()[flag].question
    assert wording(flag, "fr") == questions()[flag].fr
