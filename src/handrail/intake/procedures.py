"""Findings from a Procedure: surgery of the last six weeks, and what stays in the body after some."""

from __future__ import annotations

from handrail.intake import status
from handrail.intake.coding import reading
from handrail.intake.dates import Span
from handrail.intake.fhir import Item
from handrail.intake.fhir_model import Interval, there
from handrail.intake.reader import Meaning, Reader
from handrail.safety.code_files import SIX_WEEKS, snomed_file
from handrail.safety.codes import Coded, Match, is_procedure, snomed

KNOWN = ("preparation", "in-progress", "on-hold", "stopped", "completed", "unknown")
SURGERY = "recent_surgery"


def from_procedure(reader: Reader, item: Item) -> None:
    """Adds what a Procedure means; raises InputError for a date that is none."""
    procedure = item.resource
    if procedure.status in ("entered-in-error", "not-done", "preparation"):
        reader.aside(item, f"its status is {procedure.status}")
        return
    place = f"{reader.where}: {item.path}"
    period = procedure.performedPeriod or Interval()
    began = status.day_of(procedure.performedDateTime, f"{place}.performedDateTime") or status.day_of(
        period.start, f"{place}.performedPeriod.start"
    )
    ended = status.day_of(period.end, f"{place}.performedPeriod.end") or began
    if began and began.first > reader.on:
        reader.aside(item, f"performed after the day asked ({status.written(began)})")
        return
    asks = [] if procedure.status in ("completed", "in-progress") else ["its status does not say that it was done"]
    if there(procedure.modifierExtension):
        asks.append(status.MODIFIED)
    coded = _codes(reader, item, ended)
    surgical = _surgical(reader, item, coded)
    meanings = reader.meanings(coded)
    if surgical:
        meanings += _recent(reader, item, ended, surgical, known=bool(meanings))
    if meanings:
        reader.add(item, meanings, tuple(asks), reader.sites(item, procedure.bodySite))


def _codes(reader: Reader, item: Item, ended: Span | None) -> list[Coded]:
    """The codes that are known; the others are reported, with whether it may have been surgery of late."""
    late = (
        "" if ended and (reader.on - ended.last).days > SIX_WEEKS else "; if it was surgery, it may be recent: ask"
    )
    concept = item.resource.code
    if concept is None or not concept.coding:
        reader.unknown(item, "code", "text", "", f"no code{late}")
        return []
    coded = []
    for number, coding in enumerate(concept.coding):
        read, field = reading(coding), f"code.coding[{number}]"
        if read.system != "snomed":
            why = read.why or "no code of a procedure that is read"
            reader.unknown(item, field, coding.system or "", read.code, f"{why}{late}")
            continue
        one = snomed(read.code)
        if not one.known:
            reader.unknown(item, field, read.system, read.code, f"Handrail's files do not have it{late}")
        else:
            coded.append(one)
            if not is_procedure(one.code):
                reader.without_row(item, one)
    return coded


def _surgical(reader: Reader, item: Item, coded: list[Coded]) -> Coded | None:
    """What says that it was surgery: a procedure of Handrail's files, or the category."""
    for one in coded:
        if is_procedure(one.code):
            return one
    categories = snomed_file().procedure_categories
    source = snomed_file().sources[categories.source].title
    for coding in item.resource.category.coding if item.resource.category else ():
        read = reading(coding)
        if read.system == "snomed" and read.code in categories.surgical:
            return Coded("category", read.code, True, name=categories.surgical[read.code], source=source)
    return None


def _recent(reader: Reader, item: Item, ended: Span | None, by: Coded, *, known: bool) -> list[Meaning]:
    """Whether surgery was within six weeks before the day; unclear: ask."""
    if ended is None:
        return [Meaning(Match(SURGERY, "broad", "surgery, and no day is given: ask when it was", by.site), by)]
    latest, earliest = (reader.on - ended.last).days, (reader.on - ended.first).days
    if latest > SIX_WEEKS:
        if not known:
            reader.aside(item, f"surgery more than six weeks before the day asked ({status.written(ended)})")
        return []
    if earliest > SIX_WEEKS:
        return [
            Meaning(Match(SURGERY, "broad", f"surgery, {status.written(ended)}: ask when it was", by.site), by)
        ]
    ago = max(earliest, 0)
    return [Meaning(Match(SURGERY, "exact", f"surgery {ago} days before the day asked", by.site), by)]
