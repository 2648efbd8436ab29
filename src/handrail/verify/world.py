"""The exported tables, arranged for proofs: what differs in nothing but its name is proved once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from handrail.export import Tables
from handrail.export.case import finding_key
from handrail.export.model import Cell, Clause
from handrail.safety import red_flags

FIRST, LAST = date.min.toordinal(), date.max.toordinal()
Key = tuple[str, str, str]


class Region(NamedTuple):
    """What decides the rank of a region; rules are left out, because they do not."""

    region: str
    fixed_rank: int | None
    openings: tuple[tuple[Clause, ...], ...]
    granted: bool
    decides: bool
    classes: tuple[str, ...]


class Want(NamedTuple):
    """Something that must come first at a visit."""

    step: str
    of_person: bool
    hours: int | None


class Structure(NamedTuple):
    """All that the answers to a profession's questions depend on, over one period."""

    technique: str
    unlicensed: bool
    regions: tuple[Region, ...]
    wanted: tuple[Want, ...]


class Group(NamedTuple):
    """A profession's cells of one technique over one period."""

    jurisdiction: str
    profession: str
    technique: str
    first: int
    last: int
    cells: tuple[Cell, ...]
    structure: Structure


class RuleRow(NamedTuple):
    """A rule, as far as a proof looks at it; days as numbers."""

    id: str
    effect: str
    #: The text itself was read, and is no second-hand report.
    read: bool
    #: It names the text of law and where that was read.
    cited: bool
    first: int
    last: int
    regions: str

    @property
    def speaks(self) -> bool:
        return self.effect in ("permitted", "conditional", "prohibited")

    def covers(self, region: str) -> bool:
        return self.regions == "all" or region in self.regions.split()


class Present(NamedTuple):
    """Findings that mean the same everywhere for a technique: ranks and needs by region.

    ``emergency`` is the id of a red flag that the clinical file grades so and that is known to be there.
    """

    name: str
    parts: tuple[tuple[str, int, str | None], ...]
    emergency: str | None
    #: One of them: finding, site, match.
    sample: tuple[str, str | None, str]


class World:
    """The tables, grouped."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        #: Facts about clients by technique and kinds grown; the proofs keep them here.
        self.found: dict[tuple[str, frozenset[str]], Any] = {}

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """All groups of cells, in order."""
        wanted: dict[tuple[Any, ...], list[Want]] = {}
        for row in self.tables.wanted:
            if row.needed:
                key = (row.jurisdiction, row.profession, row.technique, row.valid_from)
                wanted.setdefault(key, []).append(Want(row.step, row.of_person, row.hours))
        cells: dict[tuple[Any, ...], list[Cell]] = {}
        for cell in self.tables.cells:
            whole = (cell.jurisdiction, cell.profession, cell.technique, cell.valid_from, cell.valid_to)
            cells.setdefault(whole, []).append(cell)
        return tuple(_group(key, found, wanted.get(key[:4], [])) for key, found in cells.items())

    @cached_property
    def histories(self) -> dict[Key, tuple[Group, ...]]:
        """Groups of all periods, by jurisdiction, profession and technique."""
        found: dict[Key, list[Group]] = {}
        for group in self.groups:
            found.setdefault(group[:3], []).append(group)
        return {key: tuple(groups) for key, groups in found.items()}

    @cached_property
    def rules(self) -> dict[Key, tuple[RuleRow, ...]]:
        """Rules by jurisdiction, profession and technique."""
        found: dict[Key, list[RuleRow]] = {}
        for row in self.tables.rules():
            key = (row["jurisdiction"], row["profession"], row["technique"])
            found.setdefault(key, []).append(_rule(row))
        return {key: tuple(rows) for key, rows in found.items()}

    @cached_property
    def acts(self) -> dict[str, RuleRow]:
        """Reserved acts that were read, by jurisdiction; ``effect`` holds the techniques that they reach."""
        return {
            row["jurisdiction"]: _rule({**row, "effect": row["techniques"], "basis": None})
            for row in self.tables.reserved_acts()
            if row["text_seen"]
        }

    @cached_property
    def cited(self) -> frozenset[str]:
        """Ids of rules and reserved acts that name their text and where it was read."""
        rows = self.tables.citations
        return frozenset(row.id for row in rows if _said(row.citation) and _said(row.source))

    @cached_property
    def regulated(self) -> dict[tuple[str, str], str]:
        """How each place regulates each profession of its file."""
        return {(row["jurisdiction"], row["profession"]): row["regulated"] for row in self.tables.professions()}

    @cached_property
    def conditions(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of the table of conditions, by rule."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self.tables.conditions():
            found.setdefault(row["rule"], []).append(row)
        return found

    @cached_property
    def present(self) -> dict[str, tuple[Present, ...]]:
        """Findings by technique, those alike together."""
        parts: dict[str, dict[tuple[str, str | None, str], list[tuple[str, int, str | None]]]] = {}
        for row in self.tables.findings:
            keys = parts.setdefault(row.technique, {})
            keys.setdefault((row.finding, row.site, row.match), []).append((row.region, row.rank, row.need))
        return {technique: tuple(_alike(keys)) for technique, keys in parts.items()}

    @cached_property
    def finding_ids(self) -> tuple[str, ...]:
        """Ids of all findings."""
        return tuple(dict.fromkeys(row.finding for row in self.tables.findings))

    @cached_property
    def licence(self) -> dict[str, int]:
        """Rank by what can be wrong with a credential."""
        return {row.fact: row.rank for row in self.tables.licence}

    @cached_property
    def preferred_day(self) -> dict[str, int]:
        """A day on which to show a counterexample: when a place's law was researched."""
        return {law.jurisdiction: law.file.researched.toordinal() for law in self.tables.laws}

    def named(self, rule: str | None) -> RuleRow | None:
        """A rule or a reserved act by its id."""
        return self._by_id.get(rule or "")

    @cached_property
    def _by_id(self) -> dict[str, RuleRow]:
        found = {row.id: row for rows in self.rules.values() for row in rows}
        return found | {row.id: row for row in self.acts.values()}


def _group(key: tuple[Any, ...], cells: list[Cell], wanted: list[Want]) -> Group:
    jurisdiction, profession, technique, first, last = key
    regions = tuple(
        Region(
            cell.region,
            cell.fixed_rank,
            tuple(opening.clauses for opening in cell.openings),
            cell.granted,
            cell.decides,
            cell.classes,
        )
        for cell in cells
    )
    structure = Structure(technique, profession == "unlicensed_person", regions, tuple(sorted(wanted, key=str)))
    days = first.toordinal(), last.toordinal()
    return Group(jurisdiction, profession, technique, *days, tuple(cells), structure)


def _rule(row: dict[str, Any]) -> RuleRow:
    first, last = row["effective_from"], row["effective_to"]
    return RuleRow(
        row["id"],
        row["effect"],
        row["text_seen"] and row["basis"] != "secondary",
        _said(row["citation"]) and _said(row["source"]),
        first.toordinal() if first else FIRST,
        last.toordinal() if last else LAST,
        row["regions"],
    )


def _said(text: str | None) -> bool:
    return bool(text and text.strip())


def _alike(keys: dict[tuple[str, str | None, str], list[tuple[str, int, str | None]]]) -> Iterable[Present]:
    emergencies = {flag.id for flag in red_flags().values() if flag.action == "emergency"}
    classes: dict[tuple[Any, ...], list[tuple[str, str | None, str]]] = {}
    for missing in sorted(emergencies - {key[0] for key in keys}):
        classes[(), missing] = [(missing, None, "exact")]  # the tables say nothing of it
    for key, parts in keys.items():
        worse = tuple(sorted({part for part in parts if part[1] > 0}, key=str))
        # A code that may only mean it (broad) asks; it does not say that it is there.
        emergency = key[0] if key[0] in emergencies and key[2] != "broad" else None
        if worse or emergency:
            classes.setdefault((worse, emergency), []).append(key)
    for (worse, emergency), members in classes.items():
        # The command line takes no broad match: a sample that it can take is preferred.
        sample = min(members, key=lambda key: (key[2] != "exact", key[1] is not None))
        yield Present(f"finding:{finding_key(*sample)}", worse, emergency, sample)
