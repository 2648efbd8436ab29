"""A case as other engines take it: plain values, made from a ``handrail.Case``."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from handrail.decide import Case, Client, Period
from handrail.export.model import RANKS, Cell
from handrail.export.tables import Tables
from handrail.safety import contraindications
from handrail.terms import FULL_REGISTER_CLASSES, InputError


class Flat(NamedTuple):
    """One credential, one day.

    Args:
        regions: those asked, in order; empty for none.
        atoms: what is shown: ``confirmed:ID``, ``held:ID``.
        hours: hours of training by subject.
        licence: facts of the table ``licence`` that hold, but ``class_unread``, which follows from the cells.
        findings: id, site and match, in order.
        kind: ``general``, ``visit`` or ``record``.
    """

    jurisdiction: str
    profession: str
    technique: str
    regions: tuple[str, ...]
    day: date
    atoms: tuple[str, ...] = ()
    hours: tuple[tuple[str, float], ...] = ()
    register_class: str | None = None
    licence: tuple[str, ...] = ()
    findings: tuple[tuple[str, str | None, str], ...] = ()
    unscreened: tuple[str, ...] = ()
    kind: str = "general"


def flat(case: Case) -> Flat:
    """A case with one credential about one day, as plain values.

    Raises:
        InputError: for several credentials, or a month or year; an age is no part of the tables either.
    """
    period = Period.of(case.on)
    if len(case.credentials) != 1 or period.first != period.last:
        raise InputError(
            "the exported tables answer for one credential and one day", hint="Ask for each by itself"
        )
    if case.client is not None and case.client.age is not None:
        raise InputError("the exported tables know no age", hint="Give what it means as a finding")
    credential, client = case.credentials[0], case.client
    steps = (client.steps or ()) if client else ()
    atoms = [f"confirmed:{id_}" for id_ in (*case.met, *steps)]
    atoms += [f"held:{id_}" for id_ in credential.endorsements]
    facts = []
    if credential.profession != "unlicensed_person":
        if credential.status not in (None, "active"):
            facts.append("status_unknown" if credential.status == "unknown" else "not_active")
        if credential.valid_from and period.first < credential.valid_from:
            facts.append("not_yet")
        elif credential.valid_to and period.first > credential.valid_to:
            facts.append("ended")
        if credential.jurisdiction not in (None, case.jurisdiction):
            facts.append("compact" if credential.compact else "elsewhere")
    kind = "general" if client is None else ("record" if client.steps is None else "visit")
    return Flat(
        case.jurisdiction,
        credential.profession,
        case.technique,
        case.asked_regions,
        period.first,
        tuple(dict.fromkeys(atoms)),
        tuple(sorted(credential.training.items())),
        credential.register_class,
        tuple(facts),
        _findings(client) if client else (),
        client.unscreened if client and kind == "visit" else (),
        kind,
    )


def _findings(client: Client) -> tuple[tuple[str, str | None, str], ...]:
    """A red flag counts wherever it sits: its site is left out."""
    rows = contraindications()
    return tuple((found.id, found.site if found.id in rows else None, found.match) for found in client.findings)


def number(day: date) -> int:
    """A day as a number, such as 20261122."""
    return day.year * 10000 + day.month * 100 + day.day


def finding_key(finding: str, site: str | None, match: str) -> str:
    """A finding as one word: ``acute_fracture@lumbar/exact``."""
    return f"{finding}{f'@{site}' if site else ''}/{match}"


class Result(NamedTuple):
    """What an engine answers."""

    verdict: str
    leaning: str | None
    rule: str | None


def result(rank: int, rule: str | None) -> Result:
    """A result from a rank."""
    verdict, leaning = RANKS[rank]
    return Result(verdict.value, leaning.value if leaning else None, rule)


def shown(case: Flat) -> frozenset[str]:
    """The atoms that hold: those given, and the register class."""
    return frozenset((*case.atoms, *((f"class:{case.register_class}",) if case.register_class else ())))


def class_unread(case: Flat, cells: list[Cell]) -> bool:
    """Whether the register class is neither the full one nor one that a rule in question names."""
    held = case.register_class
    if held is None or held in FULL_REGISTER_CLASSES or case.profession == "unlicensed_person":
        return False
    return not any(held in cell.classes for cell in cells)


def cells_asked(tables: Tables, case: Flat) -> list[Cell]:
    """The cells of the regions asked, in order; of all regions of the technique where none is."""
    found = {
        cell.region: cell
        for cell in tables.index.get((case.jurisdiction, case.profession, case.technique), ())
        if cell.valid_from <= case.day <= cell.valid_to
    }
    return [found[region] for region in case.regions or found]
