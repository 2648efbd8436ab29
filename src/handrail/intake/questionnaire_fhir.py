"""The questionnaire as a FHIR R4 Questionnaire, and answers to it as a QuestionnaireResponse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from handrail.intake.questionnaire import NO, UNKNOWN, WHERE, YES, Asked, Given, Questionnaire
from handrail.safety.code_files import snomed_file
from handrail.safety.questions import parents, questions_file, word

#: A code that the files do not place: sites have no code system of their own here.
SITE_SYSTEM = "http://example.org/handrail/site"
YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"


def to_fhir(q: Questionnaire) -> dict[str, Any]:
    """A FHIR R4 Questionnaire; the link id of a question is its id."""
    name = "-".join((q.technique, *q.regions, *(("practitioner",) if q.practitioner else ()))).replace("_", "-")
    return {
        "resourceType": "Questionnaire",
        "id": name[:64],
        "language": q.language,
        "version": q.version,
        "name": "Handrail" + "".join(part.title() for part in name.split("-")),
        "title": word("title_practitioner" if q.practitioner else "title", q.language),
        "status": "active",
        "subjectType": ["Patient"],
        "item": list(_items(list(q.questions), q.language, 0)),
    }


def _items(asked: list[Asked], language: str, depth: int) -> Iterator[dict[str, Any]]:
    """The items of one depth, each with those under it."""
    for number, one in enumerate(asked):
        if one.depth != depth:
            continue
        below = []
        for further in asked[number + 1 :]:
            if further.depth <= depth:
                break
            below.append(further)
        yield _item(one, list(_items(below, language, depth + 1)), language)


def _item(asked: Asked, below: list[dict[str, Any]], language: str) -> dict[str, Any]:
    question = asked.question
    made: dict[str, Any] = {
        "linkId": question.id,
        "text": question.text(language),
        "type": "choice",
        "required": True,
        "answerOption": [{"valueCoding": coding(value, language)} for value in (YES, NO, UNKNOWN)],
    }
    parent = parents().get(question.id)
    if parent:
        made["enableWhen"] = [_yes_to(parent)]
    items: list[dict[str, Any]] = []
    if question.help:
        concept = {"coding": [{"system": CONTROLS, "code": "help"}]}
        items.append(
            {
                "extension": [{"url": CONTROL, "valueCodeableConcept": concept}],
                "linkId": f"{question.id}.help",
                "text": question.help.of(language),
                "type": "display",
            }
        )
    if asked.emergency:
        items.append(
            {
                "linkId": f"{question.id}.stop",
                "text": word("stop", language),
                "type": "display",
                "enableWhen": [_yes_to(question.id)],
            }
        )
    if asked.sites:
        options = [{"valueCoding": site_coding(site, language)} for site in asked.sites]
        items.append(
            {
                "linkId": question.id + WHERE,
                "text": word("where", language),
                "type": "choice",
                "repeats": True,
                "answerOption": [*options, {"valueCoding": coding(UNKNOWN, language)}],
                "enableWhen": [_yes_to(question.id)],
            }
        )
    items += below
    return made | ({"item": items} if items else {})


def _yes_to(link: str) -> dict[str, Any]:
    system, code = _code(YES)
    return {"question": link, "operator": "=", "answerCoding": {"system": system, "code": code}}


def _code(value: str) -> tuple[str, str]:
    """The first code that ``snomed.yaml`` has for an answer."""
    known = snomed_file().answers
    codes = {YES: known.yes, NO: known.no, UNKNOWN: known.unknown}[value]
    return (ABSENT if value == UNKNOWN else YES_NO), codes[0]


def coding(value: str, language: str) -> dict[str, str]:
    """Yes, no or don't know as a Coding."""
    system, code = _code(value)
    return {"system": system, "code": code, "display": word(value, language)}


def site_coding(site: str, language: str) -> dict[str, str]:
    """A site as a Coding."""
    return {"system": SITE_SYSTEM, "code": site, "display": questions_file().sites[site].of(language)}


def to_response(given: Given, *, language: str, complete: bool, authored: datetime) -> dict[str, Any]:
    """Answers as a FHIR R4 QuestionnaireResponse: follow-ups stand inside the answer that they follow."""
    top: dict[str, list[str]] = {}
    for link in given:
        if not link.endswith(WHERE):
            top.setdefault(parents().get(link, ""), []).append(link)

    def item(link: str) -> dict[str, Any]:
        inner = [item(below) for below in top.get(link, ())]
        sites = given.get(link + WHERE)
        if sites:
            codes = [coding(s, language) if s == UNKNOWN else site_coding(s, language) for s in sites]
            inner.insert(0, {"linkId": link + WHERE, "answer": [{"valueCoding": code} for code in codes]})
        answer: dict[str, Any] = {"valueCoding": coding(given[link][0], language)}
        return {"linkId": link, "answer": [answer | ({"item": inner} if inner else {})]}

    return {
        "resourceType": "QuestionnaireResponse",
        "language": language,
        "status": "completed" if complete else "in-progress",
        "authored": authored.isoformat(timespec="seconds"),
        "item": [item(link) for link in top.get("", ())],
    }
