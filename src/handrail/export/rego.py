"""A Rego policy with the tables as its data: default deny, and a forbid beats every permit.

``handrail.rego`` is the policy, ``data.json`` the tables. Ask for ``data.handrail.decision`` with the input that
``request`` makes: the answer holds the verdict, the leaning, the rule with its citation, and ``allow``, which is
true only for what is permitted.
"""

from __future__ import annotations

import json
from typing import Any

from handrail.export.case import Flat, finding_key, number
from handrail.export.cells import groups
from handrail.export.model import RANKS
from handrail.export.schema import NOTICE
from handrail.export.tables import Tables
from handrail.terms import FULL_REGISTER_CLASSES

POLICY = """\
# METADATA
# title: May these hands do this technique to this body, here, on this day?
# description: The worst of all reasons decides; what no rule permits is not allowed.
# custom:
#   knowledge: "%s"
#   notice: "%s"
package handrail

import rego.v1

default allow := false

allow if decision.verdict == "permitted"

# Whether everything that the case names is known here, and nothing is left out. If not: undetermined at best.
default heard := false

heard if {
	count(cells) > 0
	input.kind in {"general", "visit", "record"}
	every region in input.regions { region in regions }
	every finding in input.findings { data.handrail_findings[finding] }
	every fact in input.licence { data.handrail_licence[fact] }
	every atom in input.atoms { is_string(atom) }
	every finding in input.unscreened { is_string(finding) }
	is_string(input.register_class)
	is_object(input.hours)
}

regions := {cell.region | some cell in cells}

# The cells in force that day: of the regions asked, in their order, else of all that the technique has.
in_force contains cell if {
	some cell in data.handrail_cells[input.jurisdiction][input.profession][input.technique]
	cell.from <= input.day
	input.day <= cell.to
}

asked := count(input.regions) > 0

place(cell) := position if {
	asked
	some position, region in input.regions
	region == cell.region
}

place(cell) := cell.number if not asked

cells contains cell if {
	some cell in in_force
	not asked
}

cells contains cell if {
	some cell in in_force
	cell.region in input.regions
}

deciding contains cell if {
	some cell in cells
	asked
}

deciding contains cell if {
	some cell in cells
	cell.decides
}

# What is shown: atoms hold as given, by hours of training, or by the register class.
holds(atom) if atom.text in input.atoms

holds(atom) if {
	atom.kind == "hours"
	input.hours[atom.subject] >= atom.least
}

holds(atom) if {
	atom.kind == "class_not"
	not input.register_class in atom.classes
}

met(opening) if {
	some clause in opening.clauses
	every atom in clause { holds(atom) }
}

open_rank(opening) := 0 if met(opening)

open_rank(opening) := 1 if not met(opening)

# Every reason as [rank, gate, place, part, number, rule]. A licence (gate 0) names no rule.
reasons contains [0, 0, 0, 0, 0, ""] if heard

reasons contains [3, 0, 0, 0, 0, ""] if not heard

reasons contains [data.handrail_licence[fact], 0, 0, 0, 0, ""] if some fact in input.licence

reasons contains [data.handrail_licence.class_unread, 0, 0, 0, 0, ""] if {
	input.profession != "unlicensed_person"
	input.register_class != ""
	not input.register_class in data.handrail_full_classes
	count([cell | some cell in cells; input.register_class in cell.classes]) == 0
}

reasons contains [cell.rank, 1, place(cell), 0, 0, cell.rule] if {
	some cell in deciding
	cell.rank >= 0
}

reasons contains [open_rank(opening), 1, place(cell), 1, number, opening.rule] if {
	some cell in deciding
	some number, opening in cell.openings
}

settled(need) if need in input.atoms

finding_rank(row) := 0 if settled(row.need)

finding_rank(row) := row.rank if not settled(row.need)

reasons contains [finding_rank(row), row.gate, place(cell), 0, (number * 10) + part, row.rule] if {
	some cell in deciding
	some number, finding in input.findings
	some part, row in data.handrail_findings[finding][input.technique][cell.region]
}

granted if {
	every cell in cells { cell.granted }
}

counts(want) if not want.of_person

counts(want) if not granted

done(want) if sprintf("confirmed:%%s", [want.step]) in input.atoms

done(want) if {
	want.of_person
	want.hours > 0
	input.hours[want.step] >= want.hours
}

first_place := min([place(cell) | some cell in cells])

reasons contains [1, 3, first_place, 1, want.position, want.rule] if {
	input.kind == "visit"
	some want in data.handrail_wanted[input.jurisdiction][input.profession][input.technique]
	want.from <= input.day
	input.day <= want.to
	counts(want)
	not done(want)
}

reasons contains [1, 3, first_place, 2, number, finding] if {
	input.kind == "visit"
	some number, finding in input.unscreened
	not sprintf("confirmed:ask:%%s", [finding]) in input.atoms
}

worst := max([reason[0] | some reason in reasons])

naming := sort([[reason[1], reason[2], reason[3], reason[4], reason[5]] |
	some reason in reasons
	reason[0] == worst
	reason[1] > 0
])

default rule := ""

rule := naming[0][4] if count(naming) > 0

default citation := ""

citation := data.handrail_citations[rule]

decision := {
	"verdict": data.handrail_ranks[worst].verdict,
	"leaning": data.handrail_ranks[worst].leaning,
	"rule": rule,
	"citation": citation,
}
"""


def policy(tables: Tables) -> str:
    """The policy's text."""
    return POLICY % (tables.digest, NOTICE)


def data(tables: Tables) -> dict[str, Any]:
    """The tables as the policy reads them; days are numbers such as 20261122."""
    cells: dict[str, Any] = {}
    for group in groups(tables.cells):
        for order, cell in enumerate(group):
            by_place = cells.setdefault(cell.jurisdiction, {}).setdefault(cell.profession, {})
            by_place.setdefault(cell.technique, []).append(
                {
                    "region": cell.region,
                    "number": order,
                    "from": number(cell.valid_from),
                    "to": number(cell.valid_to),
                    "decides": cell.decides,
                    "rank": -1 if cell.fixed_rank is None else cell.fixed_rank,
                    "rule": cell.fixed_rule or "",
                    "granted": cell.granted,
                    "classes": list(cell.classes),
                    "openings": [
                        {
                            "rule": opening.rule,
                            "clauses": [[_atom(atom) for atom in clause] for clause in opening.clauses],
                        }
                        for opening in cell.openings
                    ],
                }
            )
    return {
        "handrail_cells": cells,
        "handrail_wanted": _wanted(tables),
        "handrail_findings": _findings(tables),
        "handrail_licence": {fact.fact: fact.rank for fact in tables.licence},
        "handrail_full_classes": list(FULL_REGISTER_CLASSES),
        "handrail_citations": {row.id: row.citation or "" for row in tables.citations},
        "handrail_ranks": [
            {"verdict": v.value, "leaning": leaning.value if leaning else ""} for v, leaning in RANKS
        ],
    }


def _wanted(tables: Tables) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for want in tables.wanted:
        if want.needed:
            rows = found.setdefault(want.jurisdiction, {}).setdefault(want.profession, {})
            rows.setdefault(want.technique, []).append(
                {
                    "from": number(want.valid_from),
                    "to": number(want.valid_to),
                    "position": want.position,
                    "step": want.step,
                    "of_person": want.of_person,
                    "hours": want.hours or 0,
                    "rule": want.rule or "",
                }
            )
    return found


def _findings(tables: Tables) -> dict[str, Any]:
    found: dict[str, Any] = {finding_key(*key): {} for key in tables.known_findings}
    for row in tables.findings:
        if row.rank > 0:
            by_technique = found[finding_key(row.finding, row.site, row.match)]
            by_technique.setdefault(row.technique, {}).setdefault(row.region, []).append(
                {
                    "rank": row.rank,
                    "need": row.need or "",
                    "rule": row.rule,
                    "gate": 2 if row.gate == "safety" else 3,
                }
            )
    return found


def _atom(atom: str) -> dict[str, Any]:
    kind, _, rest = atom.partition(":")
    made: dict[str, Any] = {"text": atom, "kind": kind, "subject": rest, "least": 0, "classes": []}
    if kind == "hours":
        subject, _, least = rest.rpartition(":")
        return {**made, "subject": subject, "least": int(least)}
    return {**made, "classes": rest.split("|")} if kind == "class_not" else made


def request(case: Flat) -> dict[str, Any]:
    """A case as the policy's input."""
    return {
        "jurisdiction": case.jurisdiction,
        "profession": case.profession,
        "technique": case.technique,
        "regions": list(case.regions),
        "day": number(case.day),
        "kind": case.kind,
        "atoms": list(case.atoms),
        "hours": dict(case.hours),
        "register_class": case.register_class or "",
        "licence": list(case.licence),
        "findings": [finding_key(*found) for found in case.findings],
        "unscreened": list(case.unscreened),
    }


def files(tables: Tables) -> list[tuple[str, bytes]]:
    """The policy and its data as files."""
    made = json.dumps(data(tables), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    return [("handrail.rego", policy(tables).encode()), ("data.json", made.encode())]
