"""The law and the clinical knowledge as flat tables, the one form from which every export is made.

A ``cell`` is a jurisdiction, a profession, a technique, a region and the days between two changes. Its rank is
that of its fixed reasons, or of the worst of its openings: conditional rules that were read, each open until what
it asks for is shown. A decision is the worst rank of the regions asked; if none is, of those that ``decide``.
Rows come in a fixed order, so that the same knowledge gives the same tables.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from itertools import product
from typing import Any

import msgspec

from handrail import safety
from handrail.decide import Finding, process
from handrail.decide.safety import grade
from handrail.export.cells import answer, cells_of, groups, periods
from handrail.export.model import ANY, LICENCE, Answer, Cell, Cited, Code, Graded, LicenceFact, Wanted
from handrail.law import Condition, Law, Rule, jurisdictions, load
from handrail.terms import DIGEST, PROFESSIONS, REGIONS, SITES, TECHNIQUES, standing


class Tables:
    """All tables of some jurisdictions' law, and of the clinical knowledge.

    Args:
        laws: the laws by jurisdiction; none for the shipped ones. A patched law goes in here.
    """

    def __init__(self, laws: Iterable[Law] | None = None) -> None:
        given = laws if laws is not None else map(load, jurisdictions())
        self.laws: tuple[Law, ...] = tuple(sorted(given, key=lambda law: law.jurisdiction))

    @cached_property
    def digest(self) -> str:
        """A hash of the knowledge in the tables."""
        parts = [*(law.digest for law in self.laws), safety.digest(), DIGEST]
        return hashlib.sha256(":".join(parts).encode()).hexdigest()[:16]

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell, in order: each day of each jurisdiction, profession, technique and region exactly once."""
        rows: list[Cell] = []
        for law, profession, technique in product(self.laws, PROFESSIONS, TECHNIQUES):
            for first, last in periods(law, profession, technique):
                rows += cells_of(law, profession, technique, first, last, len(rows))
        return tuple(rows)

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """The general answers: one for each cell, and one for ``any`` region."""
        found = []
        for group in groups(self.cells):
            found += [answer(cell.region, [cell]) for cell in group]
            found.append(answer(ANY, [cell for cell in group if cell.decides]))
        return tuple(found)

    @cached_property
    def index(self) -> dict[tuple[str, str, str], tuple[Cell, ...]]:
        """Cells by jurisdiction, profession and technique."""
        found: dict[tuple[str, str, str], list[Cell]] = {}
        for cell in self.cells:
            found.setdefault((cell.jurisdiction, cell.profession, cell.technique), []).append(cell)
        return {key: tuple(cells) for key, cells in found.items()}

    @cached_property
    def graded(self) -> dict[tuple[str, str | None, str, str, str], tuple[Graded, ...]]:
        """Graded findings by finding, site, match, technique and region."""
        found: dict[tuple[str, str | None, str, str, str], list[Graded]] = {}
        for row in self.findings:
            key = (row.finding, row.site, row.match, row.technique, row.region)
            found.setdefault(key, []).append(row)
        return {key: tuple(rows) for key, rows in found.items()}

    @cached_property
    def wanted_by_cell(self) -> dict[tuple[str, str, str], tuple[Wanted, ...]]:
        """What must come first by jurisdiction, profession and technique."""
        found: dict[tuple[str, str, str], list[Wanted]] = {}
        for row in self.wanted:
            found.setdefault((row.jurisdiction, row.profession, row.technique), []).append(row)
        return {key: tuple(rows) for key, rows in found.items()}

    @cached_property
    def wanted(self) -> tuple[Wanted, ...]:
        """What must come before each technique at a visit, in the order in which it is asked for."""
        rows = []
        for law, profession, technique in product(self.laws, PROFESSIONS, TECHNIQUES):
            regions = TECHNIQUES[technique].regions
            for first, last in periods(law, profession, technique):
                key = (law.jurisdiction, profession, technique, first, last)
                asked = process.wanted_before(law, profession, technique, regions, first)
                rows += [
                    Wanted(*key, number, item.id, item.needed, item.of_person, item.hours, item.rule)
                    for number, item in enumerate(asked, 1)
                ]
        return tuple(rows)

    @cached_property
    def licence(self) -> tuple[LicenceFact, ...]:
        """What can be wrong with a credential."""
        return tuple(LicenceFact(*row) for row in LICENCE)

    @cached_property
    def findings(self) -> tuple[Graded, ...]:
        """Every finding on every technique and region, at each site that it can have, exact and broad."""
        return _findings()

    @cached_property
    def known_findings(self) -> tuple[tuple[str, str | None, str], ...]:
        """Finding, site and match, as the findings have them."""
        return tuple(dict.fromkeys((row.finding, row.site, row.match) for row in self.findings))

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """ICD-10-CM codes and prefixes, as the contraindications list them."""
        rows = safety.contraindications_file().contraindications
        return tuple(
            Code(code, row.id, row.icd10cm_match or "broad") for row in rows for code in sorted(set(row.icd10cm))
        )

    @cached_property
    def citations(self) -> tuple[Cited, ...]:
        """What each id rests on."""
        return tuple(_citations(self.laws))

    def rules(self) -> list[dict[str, Any]]:
        """A row per rule, every field; conditions as JSON text."""
        return [
            {
                "id": rule.id,
                "jurisdiction": law.jurisdiction,
                "profession": profession,
                "technique": rule.technique,
                "regions": "all" if rule.regions == "all" else " ".join(rule.regions),
                "effect": rule.effect.value,
                "read": rule.read,
                "effective_from": rule.effective_from,
                "effective_to": rule.effective_to,
                "citation": rule.citation,
                "basis": rule.basis.value if rule.basis else None,
                "explicit": rule.explicit,
                "summary": rule.summary,
                "source": rule.source,
                "text_seen": rule.text_seen,
                "note": rule.note,
                "conditions": _json(rule.conditions) if rule.conditions else None,
            }
            for law in self.laws
            for profession, rule in law.file.rules()
        ]

    def conditions(self) -> list[dict[str, Any]]:
        """A row per condition, those inside groups too; ``path`` is its place in the rule."""
        rows = []
        for law in self.laws:
            for _, rule in law.file.rules():
                for path, condition in _walk(rule.conditions):
                    rows.append(
                        {
                            "rule": rule.id,
                            "path": path,
                            "id": condition.id,
                            "type": condition.type.value,
                            "class": condition.cls.value,
                            "text": condition.text,
                            "hours": condition.hours,
                            "met_by": " ".join(condition.met_by) or None,
                            "closed_to": " ".join(condition.closed_to) or None,
                            "refers_to": condition.refers_to,
                        }
                    )
        return rows

    def prerequisites(self) -> list[dict[str, Any]]:
        """A row per thing that a law wants before a technique."""
        return [
            {
                "id": item.id,
                "jurisdiction": law.jurisdiction,
                "technique": item.technique,
                "binds": item.binds if isinstance(item.binds, str) else " ".join(item.binds),
                "chapter": item.chapter,
                "exempt": " ".join(item.exempt) or None,
                "number": number,
                "requires": wanted.id,
                "kind": wanted.kind.value,
                "text": wanted.text,
                "hours": wanted.hours,
                "optional": wanted.optional,
                "effective_from": item.effective_from,
                "effective_to": item.effective_to,
                "citation": item.citation,
                "summary": item.summary,
                "source": item.source,
                "text_seen": item.text_seen,
                "note": item.note,
            }
            for law in self.laws
            for item in law.file.prerequisites
            for number, wanted in enumerate(item.requires, 1)
        ]

    def reserved_acts(self) -> list[dict[str, Any]]:
        """A row per reserved act."""
        rows = []
        for law in self.laws:
            act = law.file.reserved_act
            if act is None:
                continue
            row = msgspec.structs.asdict(act)
            for key in ("techniques", "granted_to", "does_not_affect"):
                row[key] = " ".join(row[key]) or None
            row["granted_to_others"] = "; ".join(act.granted_to_others) or None
            row["regions"] = "all" if act.regions == "all" else " ".join(act.regions)
            rows.append({"id": f"{law.jurisdiction}/reserved_act", "jurisdiction": law.jurisdiction, **row})
        return rows

    def professions(self) -> list[dict[str, Any]]:
        """How each place regulates each profession of its file."""
        return [
            {
                "jurisdiction": law.jurisdiction,
                "profession": profession,
                "regulated": entry.regulated.value,
                "title": entry.title,
                "regulator": entry.regulator,
                "regulator_url": entry.regulator_url,
                "practice_act": entry.practice_act,
            }
            for law in self.laws
            for profession, entry in law.file.professions.items()
        ]

    def terms(self) -> list[dict[str, Any]]:
        """Each place's own words, and what they mean there."""
        return [
            {
                "jurisdiction": law.jurisdiction,
                "term": term,
                "technique": " ".join(entry.technique),
                "regions": " ".join(entry.regions) if entry.regions else None,
                "sense": entry.sense,
                "citation": entry.citation,
                "source": entry.source,
                "text_seen": entry.text_seen,
                "note": entry.note,
            }
            for law in self.laws
            for term, entry in law.file.terms.items()
        ]

    def jurisdictions(self) -> list[dict[str, Any]]:
        """The places, and when each one's law was researched."""
        return [
            {"jurisdiction": law.jurisdiction, "name": law.file.name, "researched": law.file.researched}
            for law in self.laws
        ]


def _walk(conditions: Iterable[Condition], path: str = "") -> Iterator[tuple[str, Condition]]:
    for number, condition in enumerate(conditions, 1):
        here = f"{path}{number}"
        yield here, condition
        yield from _walk(condition.of, f"{here}.")


@cache
def _findings() -> tuple[Graded, ...]:
    return tuple(_graded())


def _graded() -> Iterator[Graded]:
    for id_ in dict.fromkeys((*safety.contraindications(), *safety.red_flags())):
        row = safety.contraindications().get(id_)
        sites: list[str | None] = [None]
        if row is not None:
            sites += [s for s in (*REGIONS, *SITES) if any(row.covers(at) for at in SITES.get(s, (s,)))]
        for site, match in product(sites, ("exact", "broad")):
            finding = Finding(id_, site, match)  # type: ignore[arg-type]
            for technique, entry in TECHNIQUES.items():
                for region in entry.regions:
                    for part, (reason, need) in enumerate(grade(finding, technique, region), 1):
                        rank = standing(reason.verdict, reason.leaning)
                        settles = f"confirmed:{need.id}" if need else None
                        yield Graded(
                            id_,
                            site,
                            match,
                            technique,
                            region,
                            part,
                            rank,
                            settles,
                            reason.rule or id_,
                            reason.gate,
                        )


def _citations(laws: Iterable[Law]) -> Iterator[Cited]:
    for law in laws:
        for _, rule in law.file.rules():
            yield _cited(rule)
        act = law.file.reserved_act
        if act:
            id_ = f"{law.jurisdiction}/reserved_act"
            yield Cited(id_, "reserved_act", act.summary, act.citation, act.source, None, act.text_seen, act.note)
    for kind, rows in (("contraindication", safety.contraindications()), ("red_flag", safety.red_flags())):
        for row in rows.values():
            named = (row.id, kind, row.name, row.source.title, row.source.url)
            yield Cited(*named, row.authority, row.text_seen, row.note)


def _cited(rule: Rule) -> Cited:
    basis = rule.basis.value if rule.basis else None
    return Cited(rule.id, "rule", rule.summary, rule.citation, rule.source, basis, rule.text_seen, rule.note)


def _json(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False, sort_keys=True)
