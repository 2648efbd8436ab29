"""Screens many records, one after the other, in a fixed order; a bad one does not stop the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from handrail.intake.fhir import Document
from handrail.intake.files import Found
from handrail.intake.found import Screening
from handrail.intake.screen import screen
from handrail.terms import InputError


class Screened(NamedTuple):
    """One record: its screening, or why there is none.

    Args:
        name: the file, with the line or the patient where a file holds several.
        screening: what it says; None if there is an error.
        document: what was read.
        error: what is wrong, in one line.
        last: whether it is the last one of its file.
    """

    name: str
    screening: Screening | None
    document: Document | None
    error: InputError | None
    last: bool


def screen_all(
    found: Iterable[Found],
    *,
    on: date,
    technique: str,
    regions: tuple[str, ...] = (),
    steps: tuple[str, ...] | None = (),
) -> Iterator[Screened]:
    """Screens each document that was found; see ``screen`` for the arguments."""
    for name, document, error, last in found:
        screening = None
        if document is not None:
            try:
                screening = screen(document, on=on, technique=technique, regions=regions, steps=steps, where=name)
            except InputError as problem:
                error = problem
        yield Screened(name, screening, document if screening else None, error, last)


def of_patient(found: Iterable[Found], patient: str, name: str) -> Document:
    """The document of one patient of an export.

    Raises:
        InputError: if the export, or a line of it, cannot be read, or nobody there has the id.
    """
    wanted = patient.removeprefix("Patient/")
    for one in found:
        if one.error is not None:
            raise one.error
        if one.document is not None and one.name.endswith(f"#Patient/{wanted}"):
            return one.document
    raise InputError("has nothing about a Patient with that id", where=name)
