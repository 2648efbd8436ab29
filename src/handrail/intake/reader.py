"""What the readers of all resource types share: codings of a concept to findings, with sites and doubts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from handrail.decide import Finding
from handrail.intake.coding import reading, shown
from handrail.intake.fhir import Item
from handrail.intake.fhir_model import Concept
from handrail.intake.found import Collected, Evidence, SetAside, Unrecognised
from handrail.safety import contraindications
from handrail.safety.codes import Coded, Match, body_site, strongest
from handrail.terms import SITES


class Meaning(NamedTuple):
    """A match, and the coding that it comes from."""

    match: Match
    coded: Coded


class Reader:
    """Gathers what the resources of one record mean on a day."""

    def __init__(self, found: Collected, on: date, where: str, items: Iterable[Item]) -> None:
        self.found, self.on, self.where = found, on, where
        self.medications: dict[str, Item] = {}
        for item in items:
            if item.kind == "Medication":
                for name in (item.reference, item.full_url):
                    if name:
                        self.medications.setdefault(name, item)

    def aside(self, item: Item, why: str) -> None:
        """Sets a resource aside, or one meaning of it."""
        self.found.set_aside.append(SetAside(item.reference, item.path, why))

    def unknown(self, item: Item, field: str, system: str, code: str | None, why: str) -> None:
        """Reports a code that is not known, or something that is not read."""
        self.found.unrecognised.append(
            Unrecognised(item.reference, f"{item.path}.{field}", shown(system), shown(code), why)
        )

    def sites(self, item: Item, concepts: tuple[Concept, ...]) -> tuple[str | None, ...]:
        """The regions that body sites name; None among them where one is not known, or none is given."""
        sites: list[str | None] = []
        for number, concept in enumerate(concepts):
            known = None
            for coding in concept.coding:
                read = reading(coding)
                known = known or (body_site(read.code) if read.system == "snomed" else None)
            if known is None:
                first = concept.coding[0] if concept.coding else None
                system = (first.system or "") if first else "text"
                why = "a body site that is not known: every region that the row lists counts"
                self.unknown(item, f"bodySite[{number}]", system, first.code if first else "", why)
            sites.append(known)
        return tuple(dict.fromkeys(sites)) or (None,)

    def meanings(self, coded: list[Coded]) -> list[Meaning]:
        """The matches of all codings of one concept, the strongest of each row.

        A row that one coding rules out (a sequela) stays only where another coding means it for sure.
        """
        excluded = {row for one in coded for row in one.excluded}
        by_match: dict[Match, Coded] = {}
        for one in coded:
            for match in one.matches:
                if match.match == "exact" or match.finding not in excluded:
                    by_match.setdefault(match, one)
        return [Meaning(match, by_match[match]) for match in strongest(by_match)]

    def add(
        self,
        item: Item,
        meanings: Iterable[Meaning],
        asks: tuple[str, ...],
        sites: tuple[str | None, ...] = (None,),
    ) -> None:
        """Adds findings; with a reason to ask, none is more than ``broad``."""
        for match, coded in meanings:
            places = sites if match.site is None else (match.site,)
            for place in dict.fromkeys(fitting(match.finding, place) for place in places):
                finding = Finding(match.finding, place, "broad" if asks else match.match)
                why = "; ".join((match.why, *asks))
                source = coded.source or f"contraindications.yaml: {match.finding}"
                self.found.evidence.append(
                    Evidence(finding, item.reference, item.path, coded.system, coded.code, coded.name, why, source)
                )

    def without_row(self, item: Item, coded: Coded) -> None:
        """Says why a code that is known means no row here."""
        if not coded.matches:
            self.aside(item, f"{coded.code}: {'; '.join(coded.notes) or 'no row speaks of it'}")


def fitting(row: str, site: str | None) -> str | None:
    """A site, if the row can sit there; else None, which means every region that the row lists."""
    if site is None:
        return None
    known = contraindications().get(row)
    return site if known and any(known.covers(at) for at in SITES.get(site, (site,))) else None
