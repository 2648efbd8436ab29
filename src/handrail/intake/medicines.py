"""Findings from medication lists: the medicine's code or name, its ingredients, and since when it is taken."""

from __future__ import annotations

from handrail.intake import status
from handrail.intake.coding import reading, shown
from handrail.intake.fhir import Item, contained
from handrail.intake.fhir_model import Coding, Concept, Reference
from handrail.intake.reader import Meaning, Reader
from handrail.intake.status import Standing
from handrail.safety.code_files import THREE_MONTHS
from handrail.safety.codes import Coded, medicine

STEROIDS = "long_term_corticosteroids"


def from_medication(reader: Reader, item: Item) -> None:
    """Adds what a medicine means; raises InputError for a date, or a contained resource, that is none."""
    use = item.resource
    standing = status.medication(use, item.kind, reader.on, f"{reader.where}: {item.path}")
    if standing.aside:
        reader.aside(item, standing.aside)
        return
    concepts: list[tuple[str, Concept]] = []
    if use.medicationCodeableConcept is not None:
        concepts.append(("medicationCodeableConcept", use.medicationCodeableConcept))
    if use.medicationReference is not None:
        concepts += _referenced(reader, item, use.medicationReference)
    if not concepts and use.medicationReference is None:
        reader.unknown(item, "medication[x]", "text", "", "names no medicine: ask what it is")
        return
    coded: list[Coded] = []
    unread: list[tuple[str, Coding | None, str]] = []
    for field, concept in concepts:
        found, not_found = _coded(field, concept)
        coded += found
        if not found:
            unread += not_found
    for field, coding, why in unread:
        system = (reading(coding).system or coding.system or "") if coding else "text"
        reader.unknown(item, field, system, coding.code if coding else "", why)
    for one in coded:
        reader.without_row(item, one)
    meanings = [_long_term(meaning, standing, reader) for meaning in reader.meanings(coded)]
    reader.add(item, meanings, standing.asks)


def _coded(field: str, concept: Concept) -> tuple[list[Coded], list[tuple[str, Coding | None, str]]]:
    """What a medicine's codes mean, or else its words; and what is not known."""
    words = tuple(word for word in (concept.text, *(c.display for c in concept.coding)) if word)
    found: list[Coded] = []
    unread: list[tuple[str, Coding | None, str]] = []
    for number, coding in enumerate(concept.coding):
        read = reading(coding)
        if read.system == "rxnorm" and (one := medicine(read.code)) is not None:
            found.append(one)
            continue
        why = "a medicine that Handrail's files do not have" if read.system else read.why
        unread.append((f"{field}.coding[{number}]", coding, why))
    if not found and (named := medicine(None, *words)) is not None:
        found.append(named)
    if not found and not unread:
        unread.append((field, None, "only words, and no medicine that Handrail's files have"))
    return found, unread


def _referenced(reader: Reader, item: Item, reference: Reference) -> list[tuple[str, Concept]]:
    """The concepts of the Medication that is meant and of its ingredients. A reference to itself ends there."""
    inside = {
        found.reference: found
        for number, raw in enumerate(item.resource.contained)
        if (found := contained(raw, reader.where, f"{item.path}.contained[{number}]"))
    }
    field = "medicationReference"
    concepts: list[tuple[str, Concept]] = []
    seen: set[str] = set()
    left = [reference]
    while left:
        one = left.pop()
        name = one.reference or ""
        if name in seen:
            continue
        seen.add(name)
        meant = inside.get(name) or reader.medications.get(name) or reader.medications.get(_relative(name))
        if meant is None:
            spoken = Concept(text=one.display) if one.display else None
            if spoken and medicine(None, one.display or "") is not None:
                concepts.append((field, spoken))
            else:
                why = "points to nothing here" if name else "names no resource"
                reader.unknown(item, field, "reference", shown(name), f"{why}: ask which medicine it is")
            continue
        if meant.resource.code is not None:
            concepts.append((field, meant.resource.code))
        for part in meant.resource.ingredient:
            if part.itemCodeableConcept is not None:
                concepts.append((f"{field}.ingredient", part.itemCodeableConcept))
            if part.itemReference is not None:
                left.append(part.itemReference)
    return concepts


def _relative(name: str) -> str:
    """``Medication/id`` of an absolute or versioned reference."""
    name = name.partition("/_history/")[0]
    return "/".join(name.rsplit("/", 2)[-2:])


def _long_term(meaning: Meaning, standing: Standing, reader: Reader) -> Meaning:
    """A steroid taken for three months or longer, by its dates, is a long-term one."""
    match = meaning.match
    if match.finding != STEROIDS or match.match == "exact" or not standing.since or not standing.active:
        return meaning
    days = (reader.on - standing.since.last).days
    if days < THREE_MONTHS:
        return meaning
    why = f"{meaning.coded.name}, taken for {days} days: three months or longer"
    return meaning._replace(match=match._replace(match="exact", why=why))
