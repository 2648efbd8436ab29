"""Findings from a QuestionnaireResponse in a record: answers of the day, and older ones, which only ask."""

from __future__ import annotations

from handrail.decide import Finding
from handrail.intake import status
from handrail.intake.answers import is_ours, of_response
from handrail.intake.fhir import Item
from handrail.intake.found import Evidence
from handrail.intake.reader import Reader
from handrail.safety import Contraindication, RedFlag, contraindications, red_flags
from handrail.safety.questions import FILE

STEP = "contraindication_screen"


def from_answers(reader: Reader, item: Item) -> None:
    """Reads the answers; a response that is complete, and of the day asked, makes the screening of the visit done.

    Raises:
        InputError: for an answer to a question that is not known, or a date that is none.
    """
    response, found = item.resource, reader.found
    if response.status == "entered-in-error":
        reader.aside(item, f"its status is {response.status}")
        return
    place = f"{reader.where}: {item.path}"
    day = status.day_of(response.authored, f"{place}.authored")
    if day and day.first > reader.on:
        reader.aside(item, f"answers of after the day asked ({status.written(day)})")
        return
    if not is_ours(response):
        reader.unknown(item, "item", "answer", "", "answers to another questionnaire are not read")
        return
    today = day is not None and day.first == day.last == reader.on
    said = of_response(response, technique=reader.technique, regions=reader.regions, where=place)
    when = "on the day asked" if today else f"on {status.written(day)}" if day else "on a day that is not given"
    for finding in said.findings:
        row: Contraindication | RedFlag = contraindications().get(finding.id) or red_flags()[finding.id]
        own = finding if today else Finding(finding.id, finding.site, "broad")
        why = f"answered with yes {when}"
        found.evidence.append(Evidence(own, item.reference, item.path, "answer", finding.id, row.name, why, FILE))
    found.unscreened += said.unscreened
    if said.complete and today:
        found.steps.append(STEP)
        found.notes.append(f"{item.reference}: every question was answered: {STEP} counts as done")
    elif said.complete:
        found.notes.append(f"{item.reference}: answered {when}, so {STEP} does not count as done: ask again")
    else:
        found.notes.append(f"{item.reference}: not every question was answered: {STEP} does not count as done")
