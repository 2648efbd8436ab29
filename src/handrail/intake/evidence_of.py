"""Findings from each resource of a record: who it is about, what counts on the day, and what the codes mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from handrail.decide import Finding
from handrail.intake import status
from handrail.intake.coding import SYSTEMS, reading, shown
from handrail.intake.conditions import from_condition
from handrail.intake.fhir import Document, Item
from handrail.intake.fhir_model import there
from handrail.intake.found import Collected, Evidence, SetAside, Unrecognised
from handrail.intake.medicines import from_medication
from handrail.intake.people import Person, person
from handrail.intake.procedures import from_procedure
from handrail.intake.reader import Reader
from handrail.safety.code_files import snomed_file
from handrail.terms import InputError

ANOTHER = "is about another patient"
#: A pregnancy lasts 40 weeks, and rarely more than 42: an older "pregnant" says nothing about the day.
PREGNANCY_DAYS = 42 * 7


def collect(
    document: Document,
    *,
    on: date,
    technique: str,
    regions: tuple[str, ...],
    where: str,
    patient: str | None,
) -> Collected:
    """What a document says about one client on a day; see ``screen``.

    Raises:
        InputError: one line with the path.
    """
    items = _once(document.items, where)
    who = person(items, patient, where)
    found = Collected()
    found.notes += document.notes
    _age(who, on, found, where)
    reader = Reader(found, on, where, items)
    pregnancies: list[Item] = []
    for item in items:
        if item.kind in ("Patient", "Medication"):
            continue
        reference = item.resource.subject
        about = who.is_about(reference)
        if about is False:
            found.set_aside.append(SetAside(item.reference, item.path, ANOTHER))
            continue
        if about is None:
            found.notes.append(f"{item.reference}: does not say whom it is about; taken to be the client")
        if item.kind == "Observation":
            pregnancies.append(item)
        else:
            _READERS[item.kind](reader, item)
    _pregnancy(reader, pregnancies)
    others = sum(aside.why == ANOTHER for aside in found.set_aside)
    if others and others == sum(item.kind not in ("Patient", "Medication") for item in items):
        found.notes.append(f"Nothing in it is about its Patient: {others} resources are about somebody else")
    if found.set_aside and any("after the day asked" in aside.why for aside in found.set_aside):
        found.notes.append(f"Some dates lie after the day asked ({on}); they were set aside")
    return found


def _once(items: list[Item], where: str) -> list[Item]:
    """The items without those that stand there twice.

    Raises:
        InputError: if two with the same id differ.
    """
    seen: dict[str, Item] = {}
    kept = []
    for item in items:
        if item.resource.id is None:
            kept.append(item)
            continue
        first = seen.setdefault(item.reference, item)
        if first is item:
            kept.append(item)
        elif first.resource != item.resource:
            raise InputError(
                f"has the id of {first.path}, and other content",
                where=f"{where}: {item.path}.id",
                hint="An id stands for one resource",
            )
    return kept


def _age(who: Person, on: date, found: Collected, where: str) -> None:
    """The age in whole years; of two that a month or year leaves open, the more cautious."""
    item = who.item
    if item is None or not item.resource.birthDate:
        found.notes.append("The client's age is not known: there is no birthDate")
        return
    born = status.day_of(item.resource.birthDate, f"{where}: {item.path}.birthDate")
    assert born is not None  # noqa: S101  (there is a text)
    if born.first > on:
        found.notes.append("The client's age is not known: birthDate lies after the day asked")
        return
    oldest, youngest = _years(born.first, on), max(0, _years(born.last, on))
    if oldest > 130:
        found.notes.append("The client's age is not known: birthDate gives more than 130 years")
        return
    found.age = youngest if youngest < 20 else oldest
    if oldest != youngest:
        found.notes.append(f"birthDate is not exact: {youngest} or {oldest} years; taken as {found.age}")


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _pregnancy(reader: Reader, items: list[Item]) -> None:
    """The newest pregnancy status on or before the day; older ones are set aside."""
    known = snomed_file().pregnancy_status
    dated: list[tuple[date | None, int, Item]] = []
    for number, item in enumerate(items):
        observation = item.resource
        codes = {(reading(c).system, c.code) for c in (observation.code.coding if observation.code else ())}
        if ("loinc", known.loinc) not in codes:
            continue
        if observation.status in ("entered-in-error", "cancelled", "registered"):
            reader.aside(item, f"its status is {observation.status}")
            continue
        place = f"{reader.where}: {item.path}"
        period = observation.effectivePeriod
        day = (
            status.day_of(observation.effectiveDateTime, f"{place}.effectiveDateTime")
            or status.day_of(period.end if period else None, f"{place}.effectivePeriod.end")
            or status.day_of(period.start if period else None, f"{place}.effectivePeriod.start")
        )
        if day and day.first > reader.on:
            reader.aside(item, f"a pregnancy status of after the day asked ({status.written(day)})")
            continue
        dated.append((min(day.last, reader.on) if day else None, number, item))
    newest = max(((day, number) for day, number, _ in dated if day), default=None)
    for when, _number, item in dated:
        if when is not None and newest is not None and when < newest[0]:
            reader.aside(item, "a newer pregnancy status is there")
        else:
            _pregnancy_status(reader, item, when)


def _pregnancy_status(reader: Reader, item: Item, day: date | None) -> None:
    known = snomed_file().pregnancy_status
    observation = item.resource
    value = observation.valueCodeableConcept
    codes = [c.code for c in (value.coding if value else ()) if c.code and (c.system in SYSTEMS or not c.system)]
    ago = (reader.on - day).days if day else None
    pregnant = next((code for code in codes if code in known.pregnant), None)
    if pregnant:
        if ago is not None and ago > PREGNANCY_DAYS:
            reader.aside(item, f"pregnant {ago} days before the day asked, which is no pregnancy now: ask")
            return
        sure = ago is not None and observation.status in ("final", "amended", "corrected")
        when = "undated" if ago is None else f"{ago} days before the day asked"
        why = f"pregnancy status, {when}"
        if there(observation.modifierExtension):
            sure, why = False, f"{why}; {status.MODIFIED}"
        finding = Finding("pregnancy", None, "exact" if sure else "broad")
        name, source = "Pregnant", snomed_file().sources[known.source].title
        reader.found.evidence.append(
            Evidence(finding, item.reference, item.path, "loinc", known.loinc, name, why, source)
        )
    elif any(code in known.not_pregnant for code in codes):
        reader.aside(item, "says not pregnant, which is no screening")
    elif any(code in known.unknown for code in codes):
        reader.found.unscreened.append("pregnancy")
        reader.found.notes.append(f"{item.reference}: whether the client is pregnant is not known")
    else:
        answer = shown(codes[0]) if codes else ""
        why = "an answer that is not known" if codes else "no coded answer that is read"
        reader.found.unrecognised.append(
            Unrecognised(item.reference, f"{item.path}.valueCodeableConcept", "loinc", answer, why)
        )


def _not_yet(reader: Reader, item: Item) -> None:
    reader.found.unrecognised.append(
        Unrecognised(item.reference, item.path, "answer", "", "answers to a questionnaire are not read")
    )


_READERS: dict[str, Callable[[Reader, Item], None]] = {
    "Condition": from_condition,
    "MedicationRequest": from_medication,
    "MedicationStatement": from_medication,
    "Procedure": from_procedure,
    "QuestionnaireResponse": _not_yet,
}
