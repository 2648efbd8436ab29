"""Answers to the questionnaire: what they find, what they deny, and what stays open.

"Don't know" is never "no": what it asks about stays unscreened, and so does what was left empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from handrail.decide import Finding
from handrail.files import one_line
from handrail.intake import fhir
from handrail.intake.questionnaire import NO, UNKNOWN, WHERE, YES, Asked, Given, fits, questionnaire, sites_of
from handrail.safety import contraindications, red_flags
from handrail.safety.code_files import snomed_file
from handrail.safety.questions import Question, parents, questions
from handrail.terms import InputError, did_you_mean

FINISHED = ("completed", "amended")
#: Items of the questionnaire that only show a text.
_SHOWN = (".help", ".stop")


class Answers(NamedTuple):
    """What the answers say.

    Args:
        findings: what was answered with yes, at the site given.
        unscreened: findings that matter here and stay open: don't know, left empty, or not asked yet.
        denied: findings that matter here and were answered with no, themselves or the question they stand under.
        complete: whether every question to the client was answered; don't know is an answer.
        emergencies: red flags graded emergency that were answered with yes.
    """

    findings: tuple[Finding, ...]
    unscreened: tuple[str, ...]
    denied: tuple[str, ...]
    complete: bool
    emergencies: tuple[str, ...]


def judge(given: Given, technique: str, regions: tuple[str, ...] = (), *, finished: bool = True) -> Answers:
    """What answers mean for a technique and regions.

    Args:
        given: answers by link id, of whatever technique they were asked for.
        technique: what would be done.
        regions: where; empty: every region that the technique has.
        finished: whether whoever answered says that this is all.
    """
    client = questionnaire(technique, regions)
    whole = (*client.questions, *questionnaire(technique, regions, practitioner=True).questions)
    findings = tuple(dict.fromkeys(one for link in given for one in _found(link, given)))
    found = {finding.id for finding in findings}
    is_open: dict[str, bool] = {}
    for asked in whole:
        said = state(asked.question, given)
        for id_ in asked.raises:
            is_open[id_] = is_open.get(id_, False) or said in (None, UNKNOWN)
    return Answers(
        findings,
        tuple(id_ for id_, still in is_open.items() if still and id_ not in found),
        tuple(id_ for id_, still in is_open.items() if not still and id_ not in found),
        finished and not left(client.questions, given) and not _contradicts(given),
        tuple(id_ for id_ in dict.fromkeys(one.id for one in findings) if _is_emergency(id_)),
    )


def left(asked: Iterable[Asked], given: Given) -> list[Asked]:
    """The questions of some that are asked, as far as the answers tell, and that nobody has answered yet."""
    return [one for one in asked if not given.get(one.question.id) and _above(one.question, given) in (None, YES)]


def _above(question: Question, given: Given) -> str | None:
    """What was answered to the question that this one stands under; None if it stands under none."""
    parent = parents().get(question.id)
    return None if parent is None else state(questions()[parent], given) or UNKNOWN


def state(question: Question, given: Given) -> str | None:
    """``yes``, ``unknown``, ``no``, or None if nothing tells: by its own answer, or by a no above it."""
    answers = given.get(question.id, ())
    own = next((value for value in (YES, UNKNOWN, NO) if value in answers), None)
    if own is not None:
        return own
    parent = parents().get(question.id)
    return NO if parent is not None and state(questions()[parent], given) == NO else None


def _contradicts(given: Given) -> bool:
    """Whether a follow-up was answered with yes, and what it stands under with no."""
    return any(
        YES in answers and link in parents() and state(questions()[parents()[link]], given) == NO
        for link, answers in given.items()
    )


def _is_emergency(id_: str) -> bool:
    return id_ in red_flags() and red_flags()[id_].action == "emergency"


def _found(link: str, given: Given) -> Iterator[Finding]:
    """What a yes finds. A row that cannot sit at any of the sites given is not what the client has."""
    question = questions().get(link)
    if question is None or state(question, given) != YES:
        return
    answered = given.get(link + WHERE, ())
    sites = () if UNKNOWN in answered else answered
    for id_ in question.raises:
        row = contraindications().get(id_)
        if row is None or not sites or not question.where:
            yield Finding(id_)
            continue
        here = [site for site in sites if fits(id_, site)]
        if row.scope == "general":
            yield from [Finding(id_)] if here else ()
        else:
            yield from (Finding(id_, site) for site in here)


def of_response(
    response: fhir.QuestionnaireResponse, *, technique: str, regions: tuple[str, ...] = (), where: str = "response"
) -> Answers:
    """What a FHIR QuestionnaireResponse says, for a technique and regions.

    Args:
        response: the answers, to the questionnaire for these or for another technique and region.
        technique: what would be done.
        regions: where; empty: every region that the technique has.
        where: what the response is called in messages.

    Raises:
        InputError: for an answer to a question that is not known.
    """
    return judge(given_of(response, where), technique, regions, finished=response.status in FINISHED)


def given_of(response: fhir.QuestionnaireResponse, where: str) -> dict[str, tuple[str, ...]]:
    """The answers of a response by link id; an answer that cannot be read is "don't know".

    Raises:
        InputError: for an answer to a question that is not known.
    """
    given: dict[str, tuple[str, ...]] = {}
    for item, path in _items(response.item, f"{where}.item"):
        link = item.linkId
        if link.endswith(_SHOWN) and link.rpartition(".")[0] in questions():
            continue
        if not _is_known(link):
            if item.answer or not item.item:  # a group of questions may be called as its writer likes
                raise InputError(
                    f"{one_line(link, 60)!r} is no question of the questionnaire",
                    where=f"{path}.linkId",
                    hint=did_you_mean(link, list(questions())),
                )
            continue
        values = [_value(link, answer) for answer in item.answer]
        if values:
            given[link] = tuple(dict.fromkeys((*given.get(link, ()), *values)))
    return given


def is_ours(response: fhir.QuestionnaireResponse) -> bool:
    """Whether the answers are to this questionnaire: at least half of the link ids are its own."""
    links = [item.linkId for item, _ in _items(response.item, "") if item.answer or not item.item]
    return 2 * sum(map(_is_known, links)) >= len(links)


def _items(items: tuple[fhir.Question, ...], path: str) -> Iterator[tuple[fhir.Question, str]]:
    for number, item in enumerate(items):
        here = f"{path}[{number}]"
        yield item, here
        yield from _items(item.item, f"{here}.item")
        for place, answer in enumerate(item.answer):
            yield from _items(answer.item, f"{here}.answer[{place}].item")


def _is_known(link: str) -> bool:
    asks = questions().get(link.removesuffix(WHERE))
    return asks is not None and (asks.where or not link.endswith(WHERE))


def _value(link: str, answer: fhir.Answer) -> str:
    code = answer.valueCoding.code if answer.valueCoding else None
    if link.endswith(WHERE):
        return code if code and code in sites_of(questions()[link.removesuffix(WHERE)]) else UNKNOWN
    if answer.valueBoolean is not None:
        return YES if answer.valueBoolean else NO
    words = snomed_file().answers
    return YES if code in words.yes else NO if code in words.no else UNKNOWN
