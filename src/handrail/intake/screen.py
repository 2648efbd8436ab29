"""A record turned into a client: findings with the resource that made each, and all that was left out and why."""

from __future__ import annotations

from datetime import date

from handrail.decide import Client
from handrail.intake.fhir import Document
from handrail.intake.found import Collected, Evidence, Screening, SetAside, Unrecognised

__all__ = ["Evidence", "Screening", "SetAside", "Unrecognised", "screen"]


def screen(
    document: Document,
    *,
    on: date,
    technique: str,
    regions: tuple[str, ...] = (),
    steps: tuple[str, ...] | None = (),
    where: str = "record",
    patient: str | None = None,
) -> Screening:
    """What a record says about one client on a day.

    Args:
        document: what ``handrail.intake.read`` read.
        on: the day asked.
        technique: what would be done; it says which answers of a questionnaire are complete.
        regions: where; all that the technique has if empty.
        steps: the steps that were done; None for a record that does not tell.
        where: the record's name, for messages.
        patient: the id of the Patient meant, where the record has several.

    Raises:
        InputError: one line with the path, if a date is none, ids clash, or it is not clear who is meant.
    """
    from handrail.intake.evidence_of import collect

    found: Collected = collect(document, on=on, technique=technique, regions=regions, where=where, patient=patient)
    done = steps if steps is None else tuple(dict.fromkeys((*steps, *found.steps)))
    client = Client(
        findings=tuple(evidence.finding for evidence in found.evidence),
        steps=done,
        unscreened=tuple(dict.fromkeys(found.unscreened)),
        age=found.age,
    )
    return Screening(
        client,
        tuple(found.evidence),
        tuple(found.unrecognised),
        tuple(found.set_aside),
        tuple(dict.fromkeys(found.notes)),
    )
