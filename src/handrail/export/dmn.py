"""Decision tables: DMN 1.3, and the same as JDM for ZEN; a file for each jurisdiction.

A row is a profession, a technique, regions (``any`` where none is asked), days as numbers such as 20261122, and
whether all that the named rule asks for is shown (``met``). The first row that fits answers. The last row fits
everything: undetermined, because nothing was found. Clients and credentials are beyond these tables: ask about
the profession.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from handrail.export.case import Flat, cells_asked, class_unread, number, shown
from handrail.export.cells import groups, holds, stands, worst_of
from handrail.export.model import ANY, RANKS, Cell
from handrail.export.schema import NOTICE
from handrail.export.tables import Tables
from handrail.terms import InputError

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
INPUTS = (
    ("profession", "string"),
    ("technique", "string"),
    ("region", "string"),
    ("day", "number"),
    ("met", "boolean"),
)
OUTPUTS = ("verdict", "leaning", "rule", "citation")


class Row(NamedTuple):
    """A row of a decision table."""

    profession: str
    technique: str
    regions: tuple[str, ...]
    first: int
    last: int
    met: bool | None
    rank: int
    rule: str


def rows(cells: list[Cell]) -> list[Row]:
    """The rows of a jurisdiction's cells, those that only say that nothing was found left out."""
    found: list[Row] = []
    for group in groups(cells):
        alike: dict[tuple[bool | None, int, str], list[str]] = {}
        wheres = [(cell.region, [cell]) for cell in group] + [(ANY, [c for c in group if c.decides])]
        for region, asked in wheres:
            unmet, met = (worst_of(_stands(cell, full) for cell in asked) for full in (False, True))
            ways = [(None, unmet)] if met == unmet else [(True, met), (False, unmet)]
            for full, (rank, rule) in ways:
                if rank != NOTHING or rule is not None:
                    alike.setdefault((full, rank, rule or ""), []).append(region)
        cell = group[0]
        days = (number(cell.valid_from), number(cell.valid_to))
        found += [
            Row(cell.profession, cell.technique, tuple(regions), *days, shown, rank, rule)
            for (shown, rank, rule), regions in alike.items()
        ]
    return found


#: Where nothing was found: undetermined, without a leaning.
NOTHING = 3


def _stands(cell: Cell, met: bool) -> tuple[int, str | None]:
    """As it stands with nothing shown, or with all that the first way of each opening asks for."""
    atoms = [atom for opening in cell.openings for clause in opening.clauses[:1] for atom in clause] if met else []
    hours: dict[str, float] = {}
    for atom in atoms:
        if atom.startswith("hours:"):
            subject, _, least = atom.removeprefix("hours:").rpartition(":")
            hours[subject] = max(hours.get(subject, 0), float(least))
    return stands(cell, frozenset(atoms), hours)


def request(tables: Tables, case: Flat) -> dict[str, Any]:
    """A general question about one region, or none, as the input of the tables.

    ``met`` is whether the rules in question have all that they ask for, as far as the case shows it.

    Raises:
        InputError: for what the tables do not know: a client, a credential in doubt, or several regions.
    """
    cells = cells_asked(tables, case)
    if case.kind != "general":
        raise InputError("the decision tables know no client", hint="Ask about the profession")
    if case.licence or class_unread(case, cells):
        raise InputError("the decision tables know no credential in doubt", hint="Ask about the profession")
    if len(case.regions) > 1:
        raise InputError("the decision tables know one region at a time", hint="Ask for each, and take the worst")
    held, hours = shown(case), dict(case.hours)
    met = all(
        any(all(holds(atom, held, hours) for atom in clause) for clause in opening.clauses)
        for cell in cells
        if case.regions or cell.decides
        for opening in cell.openings
    )
    return {
        "profession": case.profession,
        "technique": case.technique,
        "region": case.regions[0] if case.regions else ANY,
        "day": number(case.day),
        "met": met,
    }


def _outputs(row: Row, cited: dict[str, str]) -> tuple[str, str, str, str]:
    verdict, leaning = RANKS[row.rank]
    return verdict.value, leaning.value if leaning else "", row.rule, _plain(cited.get(row.rule, ""))


def _plain(text: str) -> str:
    """A citation on one line, with single quotes and no backslash: engines differ in how they escape these."""
    return " ".join(text.replace('"', "'").replace("\\", "/").split())


def _last() -> Row:
    return Row("", "", (), 0, 0, None, NOTHING, "")


def dmn(tables: Tables, jurisdiction: str) -> bytes:
    """A jurisdiction's decision table as DMN 1.3."""
    cited = {row.id: row.citation or "" for row in tables.citations}
    cells = [cell for cell in tables.cells if cell.jurisdiction == jurisdiction]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<definitions xmlns="{NAMESPACE}" id={quoteattr(_id(jurisdiction))} '
        f'name={quoteattr(f"Handrail {jurisdiction}")} namespace="urn:handrail:{jurisdiction}">',
        f"  <description>{escape(f'{tables.digest}. {NOTICE}')}</description>",
    ]
    lines += [
        f'  <inputData id="in_{name}" name="{name}">'
        f'<variable id="var_{name}" name="{name}" typeRef="{kind}"/></inputData>'
        for name, kind in INPUTS
    ]
    lines += ['  <decision id="scope" name="scope">', '    <variable id="var_scope" name="scope"/>']
    lines += [
        f'    <informationRequirement id="req_{name}"><requiredInput href="#in_{name}"/></informationRequirement>'
        for name, _ in INPUTS
    ]
    lines.append('    <decisionTable id="table" hitPolicy="FIRST">')
    lines += [
        f'      <input id="col_{name}" label="{name}"><inputExpression id="expr_{name}" typeRef="{kind}">'
        f"<text>{name}</text></inputExpression></input>"
        for name, kind in INPUTS
    ]
    lines += [f'      <output id="out_{name}" name="{name}" label="{name}" typeRef="string"/>' for name in OUTPUTS]
    for order, row in enumerate([*rows(cells), _last()], 1):
        inputs = "".join(
            f'<inputEntry id="i{order}_{n}"><text>{escape(entry)}</text></inputEntry>'
            for n, entry in enumerate(_feel(row))
        )
        outputs = "".join(
            f'<outputEntry id="o{order}_{n}"><text>{escape(_string(value))}</text></outputEntry>'
            for n, value in enumerate(_outputs(row, cited))
        )
        lines.append(f'      <rule id="rule_{order}">{inputs}{outputs}</rule>')
    lines += ["    </decisionTable>", "  </decision>", "</definitions>"]
    return ("\n".join(lines) + "\n").encode()


def _id(jurisdiction: str) -> str:
    return f"handrail_{jurisdiction.replace('-', '_')}"


def _feel(row: Row) -> tuple[str, ...]:
    """The input entries in FEEL; ``-`` fits anything."""
    if not row.profession:
        return ("-",) * len(INPUTS)
    return (
        _string(row.profession),
        _string(row.technique),
        ",".join(_string(region) for region in row.regions),
        f"[{row.first}..{row.last}]",
        "-" if row.met is None else str(row.met).lower(),
    )


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def jdm(tables: Tables, jurisdiction: str) -> bytes:
    """The same table in ZEN's JSON decision model."""
    cited = {row.id: row.citation or "" for row in tables.citations}
    cells = [cell for cell in tables.cells if cell.jurisdiction == jurisdiction]
    made = []
    for order, row in enumerate([*rows(cells), _last()], 1):
        entries = ["" if entry == "-" else entry for entry in _feel(row)]
        named = dict(zip((name for name, _ in INPUTS), entries, strict=True))
        said = {name: _string(value) for name, value in zip(OUTPUTS, _outputs(row, cited), strict=True)}
        made.append({"_id": f"rule_{order}", **named, **said})
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": name} for name, _ in INPUTS],
        "outputs": [{"id": name, "name": name, "field": name} for name in OUTPUTS],
        "rules": made,
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "case"},
        {"id": "table", "type": "decisionTableNode", "name": "scope", "content": table},
        {"id": "out", "type": "outputNode", "name": "answer"},
    ]
    edges = [
        {"id": "a", "type": "edge", "sourceId": "in", "targetId": "table"},
        {"id": "b", "type": "edge", "sourceId": "table", "targetId": "out"},
    ]
    model = {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
    return (json.dumps(model, ensure_ascii=False, indent=1) + "\n").encode()


def files(tables: Tables) -> Iterator[tuple[str, bytes]]:
    """Both, for every jurisdiction."""
    for law in tables.laws:
        yield f"{law.jurisdiction}.dmn", dmn(tables, law.jurisdiction)
        yield f"{law.jurisdiction}.jdm.json", jdm(tables, law.jurisdiction)
