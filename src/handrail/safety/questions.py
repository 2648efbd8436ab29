"""The wording of the intake questionnaire: which question raises which finding, in English and French.

The file is ``knowledge/questions.yaml``. A question adds no clinical fact: it asks in plain words what a row of
``contraindications.yaml`` or ``red_flags.yaml`` says.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

import msgspec

from handrail.files import convert, parse, read_bytes
from handrail.safety.load import KNOWLEDGE, contraindications, red_flags
from handrail.safety.model import Contraindication, Id, ProcessCondition, RedFlag
from handrail.terms import InputError, did_you_mean

LANGUAGES = ("en", "fr")
FILE = "questions.yaml"


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same text in both languages."""

    en: str
    fr: str

    def of(self, language: str) -> str:
        """The text in a language, ``en`` or ``fr``."""
        return self.fr if language == "fr" else self.en


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question with the answers yes, no and don't know."""

    id: Id
    raises: tuple[Id, ...] = ()
    asked_of: Literal["client", "practitioner"] = "client"
    en: str
    fr: str
    help: Text | None = None
    where: bool = False
    if_yes: tuple[Id, ...] = ()

    def text(self, language: str) -> str:
        """The question in a language, ``en`` or ``fr``."""
        return self.fr if language == "fr" else self.en


class NotAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Findings that no question raises, and why."""

    ids: tuple[Id, ...]
    why: str


class QuestionsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``questions.yaml``."""

    meta: dict[str, Any]
    words: dict[str, Text]
    sites: dict[str, Text]
    not_asked: tuple[NotAsked, ...]
    names: dict[Id, str]
    questions: tuple[Question, ...]


@cache
def questions_file() -> QuestionsFile:
    """The file of questions, whole."""
    return convert(
        parse(read_bytes(KNOWLEDGE / "questions.yaml"), "questions.yaml"), QuestionsFile, "questions.yaml"
    )


@cache
def questions() -> dict[str, Question]:
    """The questions by id, in the order of the file."""
    return {question.id: question for question in questions_file().questions}


@cache
def parents() -> dict[str, str]:
    """The question that each follow-up stands under, by the follow-up's id."""
    return {below: question.id for question in questions_file().questions for below in question.if_yes}


@cache
def raised_by(finding: str) -> tuple[Question, ...]:
    """The questions that raise a finding."""
    return tuple(question for question in questions_file().questions if finding in question.raises)


def wording(flag: str, language: str) -> str:
    """The words of a red flag for the client, ``en`` or ``fr``: in English those of ``red_flags.yaml``.

    The French ones are those of the question with the id of the red flag; each red flag has one.
    """
    return red_flags()[flag].question if language == "en" else questions()[flag].fr


def finding_name(finding: str, language: str) -> str:
    """What a contraindication or red flag is called, ``en`` or ``fr``: in English as its own file names it.

    >>> finding_name("osteoporosis", "fr")
    'Ostéoporose'
    """
    if language == "fr":
        return questions_file().names[finding]
    row: Contraindication | RedFlag = contraindications().get(finding) or red_flags()[finding]
    return row.name


def word(key: str, language: str) -> str:
    """A fixed word of the questionnaire."""
    return questions_file().words[key].of(language)


def known_language(language: str) -> str:
    """``language``, if the questions are in it.

    Raises:
        InputError: if they are not.
    """
    if language not in LANGUAGES:
        raise InputError(
            f"{language!r} is no language of the questions",
            hint=did_you_mean(language, LANGUAGES) or "They are in en and fr",
        )
    return language


def problems() -> Iterator[tuple[str, str]]:
    """What is wrong with the questions: where, and what."""
    file = questions_file()
    known = {*contraindications(), *red_flags()}
    by_id = questions()
    above: dict[str, str] = {}
    for question in file.questions:
        for id_ in question.raises:
            if id_ not in known:
                yield question.id, f"raises {id_}, which is no finding"
            elif isinstance(contraindications().get(id_), ProcessCondition):
                yield question.id, f"raises {id_}, which the process gate evaluates"
        if not question.raises and not question.if_yes:
            yield question.id, "raises nothing and leads to nothing"
        for below in question.if_yes:
            if below not in by_id:
                yield question.id, f"leads to {below}, which is no question"
            elif by_id[below].asked_of != question.asked_of:
                yield question.id, f"leads to {below}, which is asked of somebody else"
            if above.setdefault(below, question.id) != question.id:
                yield below, "stands under two questions"
        if question.where and not any(_at_site(id_) for id_ in question.raises):
            yield question.id, "asks where, and nothing it raises hangs on the site"
    for id_ in by_id:
        if _round(id_, above):
            yield id_, "leads back to itself"
    asked = {id_ for question in file.questions for id_ in question.raises}
    left = {id_ for row in file.not_asked for id_ in row.ids}
    for id_ in sorted(known - asked - left):
        yield id_, "no question raises it, and `not_asked` does not say why"
    for id_ in red_flags():
        if id_ not in by_id:
            yield id_, "is a red flag, and no question has its id"
    for id_ in sorted(left & asked):
        yield id_, "stands in `not_asked`, and a question raises it"
    for id_ in sorted(known - set(file.names)):
        yield id_, "has no French name under `names`"
    for id_ in sorted(set(file.names) - known):
        yield id_, "is named under `names`, and is no finding"
    for id_ in sorted(left - known):
        yield id_, "stands in `not_asked`, and is no finding"


def _at_site(finding: str) -> bool:
    row = contraindications().get(finding)
    return row is not None and row.scope == "at_site"


def _round(start: str, above: dict[str, str]) -> bool:
    seen: set[str] = set()
    at: str | None = start
    while at is not None and at not in seen:
        seen.add(at)
        at = above.get(at)
    return at is not None
