"""Cedar policies: default deny, and a forbid beats every permit, which is the worst of all reasons.

Cedar answers yes or no. Each verdict is therefore a threshold with an action of its own: asked in the order of
``ACTIONS``, the first that is allowed names the verdict; if none is, it is ``urgent``. The text of a request is in
docs/export.md. Policies are annotated with the ids of the rules behind them and their citations.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from handrail.export.case import Flat, cells_asked, class_unread, finding_key, number, shown
from handrail.export.cells import groups
from handrail.export.model import Cell, Clause
from handrail.export.tables import Tables
from handrail.terms import TECHNIQUES

#: The thresholds, best first: the worst rank that each allows, and the verdict that it means.
ACTIONS = (
    ("permitted", 0, "permitted"),
    ("at_most_conditional", 1, "conditional"),
    ("not_forbidden", 4, "undetermined"),
    ("not_urgent", 5, "prohibited"),
)

SCHEMA = """\
namespace Handrail {
  entity Profession;
  entity Place;
  action permitted, at_most_conditional, not_forbidden, not_urgent appliesTo {
    principal: [Profession],
    resource: [Place],
    context: {
      technique: String,
      regions: Set<String>,
      in_question: Set<String>,
      day: Long,
      atoms: Set<String>,
      licence: Set<String>,
      findings: Set<String>,
      visit: Bool,
      unscreened: Bool,
      hours: {%s},
    }
  };
}
"""


def schema(tables: Tables) -> str:
    """The Cedar schema: what a request holds."""
    hours = sorted({subject for subject, _ in _subjects(tables)})
    return SCHEMA % ", ".join(f"{_quoted(subject)}?: Long" for subject in hours)


def policies(tables: Tables) -> str:
    """All policies, in a fixed order."""
    return "\n".join(_policies(tables)) + "\n"


def _policies(tables: Tables) -> Iterator[str]:
    cited = {row.id: row.citation or "" for row in tables.citations}
    yield f"// Handrail {tables.digest}. Law as researched; not legal or medical advice."
    yield _policy("open", None, cited, "permit", (3, 6), "", ())
    for group in groups(tables.cells):
        yield from _of_group(group, cited)
    yield from _of_findings(tables, cited)
    yield from _of_steps(tables, cited)
    for fact in tables.licence:
        yield _policy(
            f"licence/{fact.fact}", None, cited, "forbid", (-1, fact.rank), "", (_has("licence", fact.fact),)
        )
    yield from _unheard_of(tables, cited)
    unscreened = ("context.visit", "context.unscreened")
    yield _policy("unscreened", None, cited, "forbid", (-1, 1), "", unscreened)


def _of_group(group: list[Cell], cited: dict[str, str]) -> Iterator[str]:
    """The policies of cells that differ in their region only."""
    ranks = [_best(cell) for cell in group]
    alike: dict[tuple[Any, ...], list[Cell]] = {}
    for cell in group:
        alike.setdefault((cell.fixed_rank, cell.fixed_rule, cell.openings), []).append(cell)
    for cells in alike.values():
        cell = cells[0]
        regions = [one.region for one in cells]
        where = _scope(cell)
        here = (
            f'context.technique == "{cell.technique}"',
            f"context.regions.containsAny({_set(regions)})",
            *_days(cell),
        )
        name = f"{cell.jurisdiction}/{cell.profession}/{cell.technique}/{cell.valid_from}/{'+'.join(regions)}"
        best = _best(cell)
        if best < 2:
            rule = cell.fixed_rule or cell.openings[0].rule
            yield _policy(f"{name}/permit", rule, cited, "permit", (best, 6), where, here)
        if best > min(ranks) or best > 4:
            yield _policy(f"{name}/forbid", cell.fixed_rule, cited, "forbid", (-1, best), where, here)
        for order, opening in enumerate(cell.openings, 1):
            unless = " || ".join(_clause(clause) for clause in opening.clauses)
            id_ = f"{name}/open/{order}"
            yield _policy(id_, opening.rule, cited, "forbid", (-1, 1), where, here, unless)


def _best(cell: Cell) -> int:
    """The rank of a cell with all that its openings ask for."""
    return cell.fixed_rank if cell.fixed_rank is not None else 0


def _of_findings(tables: Tables, cited: dict[str, str]) -> Iterator[str]:
    """The policies of findings: one for each finding, rank and what settles it, for sites and regions alike."""
    reach: dict[tuple[str, int, str | None], dict[str, dict[str, list[str]]]] = {}
    for row in tables.findings:
        if row.rank > 0:
            keys = reach.setdefault((row.finding, row.rank, row.need), {})
            techniques = keys.setdefault(finding_key(row.finding, row.site, row.match), {})
            regions = techniques.setdefault(row.technique, [])
            if row.region not in regions:
                regions.append(row.region)
    for (finding, rank, need), found in reach.items():
        alike: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
        for key, techniques in found.items():
            alike.setdefault(tuple((name, tuple(regions)) for name, regions in techniques.items()), []).append(key)
        ways = (
            f"(context.findings.containsAny({_set(keys)}) && ({' || '.join(map(_place, places))}))"
            for places, keys in alike.items()
        )
        id_ = f"finding/{finding}/{rank}/{need or 'never'}"
        unless = _has("atoms", need) if need else ""
        when = ("!context.findings.isEmpty()", f"({' || '.join(ways)})")
        yield _policy(id_, finding, cited, "forbid", (-1, rank), "", when, unless)


def _place(place: tuple[str, tuple[str, ...]]) -> str:
    technique, regions = place
    return f'(context.technique == "{technique}" && context.regions.containsAny({_set(regions)}))'


def _unheard_of(tables: Tables, cited: dict[str, str]) -> Iterator[str]:
    """A request that names what is not known here is at best undetermined."""
    findings = _set(finding_key(*key) for key in tables.known_findings)
    facts = _set(fact.fact for fact in tables.licence)
    regions = " || ".join(
        f'(context.technique == "{id_}" && {_set(technique.regions)}.containsAll(context.regions))'
        for id_, technique in TECHNIQUES.items()
    )
    named = SCHEMA.partition("context: {")[2].partition("}")[0]
    given = [line.partition(":")[0].strip() for line in named.splitlines() if ":" in line]
    known = {
        "fields": " && ".join(f"context has {name}" for name in given),
        "findings": f"context.findings.isEmpty() || {findings}.containsAll(context.findings)",
        "licence": f"{facts}.containsAll(context.licence)",
        "regions": f"({regions}) && context.in_question.containsAll(context.regions)",
    }
    for what, unless in known.items():
        yield _policy(f"unheard_of/{what}", None, cited, "forbid", (-1, 3), "", (), unless)


def _of_steps(tables: Tables, cited: dict[str, str]) -> Iterator[str]:
    alike: dict[tuple[Any, ...], list[str]] = {}
    for want in tables.wanted:
        if not want.needed:
            continue
        cells = [
            cell
            for cell in tables.index[(want.jurisdiction, want.profession, want.technique)]
            if cell.valid_from == want.valid_from
        ]
        regions = tuple(cell.region for cell in cells if not (want.of_person and cell.granted))
        if regions:
            key = (
                want.technique,
                want.step,
                want.of_person,
                want.hours,
                want.rule,
                want.valid_from,
                want.valid_to,
                regions,
            )
            alike.setdefault((want.jurisdiction, *key), []).append(want.profession)
    for (place, technique, step, of_person, hours, rule, first, last, regions), professions in alike.items():
        unless = _has("atoms", f"confirmed:{step}")
        if of_person and hours is not None:
            unless = f"{unless} || {_trained(step, hours)}"
        when = (
            f'context.visit && context.technique == "{technique}"',
            f"context.in_question.containsAny({_set(regions)})",
            *_between(first, last),
        )
        principals = " || ".join(f'principal == Handrail::Profession::"{name}"' for name in professions)
        id_ = f"step/{place}/{technique}/{step}/{first}/{'+'.join(professions)}"
        where = f'principal, {{actions}}, resource == Handrail::Place::"{place}"'
        yield _policy(id_, rule, cited, "forbid", (-1, 1), where, (*when, f"({principals})"), unless)


def _policy(
    id_: str,
    rule: str | None,
    cited: dict[str, str],
    effect: str,
    ranks: tuple[int, int],
    where: str,
    when: Iterable[str],
    unless: str = "",
) -> str:
    """One policy. It permits the thresholds from the first rank up, or forbids those below the second."""
    first, last = ranks
    actions = [name for name, most, _ in ACTIONS if (most >= first if effect == "permit" else most < last)]
    named = ", ".join(f'Handrail::Action::"{name}"' for name in actions)
    head = (where or "principal, {actions}, resource").format(actions=f"action in [{named}]")
    notes = [f"@id({_quoted(id_)})"]
    if rule:
        notes += [f"@rule({_quoted(rule)})", f"@citation({_quoted(cited.get(rule, ''))})"]
    body = " && ".join(when)
    text = "\n".join(notes) + f"\n{effect} ({head})"
    text += f"\nwhen {{ {body} }}" if body else ""
    return text + (f"\nunless {{ {unless} }};" if unless else ";")


def _scope(cell: Cell) -> str:
    return (
        f'principal == Handrail::Profession::"{cell.profession}", {{actions}}, '
        f'resource == Handrail::Place::"{cell.jurisdiction}"'
    )


def _days(cell: Cell) -> tuple[str, ...]:
    return _between(cell.valid_from, cell.valid_to)


def _between(first: date, last: date) -> tuple[str, ...]:
    """Conditions on the day; none where it is open."""
    start = (f"context.day >= {number(first)}",) if first > date.min else ()
    return (*start, *((f"context.day <= {number(last)}",) if last < date.max else ()))


def request(tables: Tables, case: Flat) -> dict[str, Any]:
    """A case as a Cedar request without its action.

    Where no region is asked, ``regions`` holds those that decide, and ``in_question`` all that the technique has.
    """
    cells = cells_asked(tables, case)
    regions = case.regions or tuple(cell.region for cell in cells if cell.decides)
    facts = [*case.licence, *(["class_unread"] if class_unread(case, cells) else [])]
    known = {subject for subject, _ in _subjects(tables)}
    return {
        "principal": {"type": "Handrail::Profession", "id": case.profession},
        "resource": {"type": "Handrail::Place", "id": case.jurisdiction},
        "context": {
            "technique": case.technique,
            "regions": list(regions),
            "in_question": [cell.region for cell in cells],
            "day": number(case.day),
            "atoms": sorted(shown(case)),
            "licence": facts,
            "findings": [finding_key(*found) for found in case.findings],
            "visit": case.kind == "visit",
            "unscreened": any(f"confirmed:ask:{id_}" not in case.atoms for id_ in case.unscreened),
            "hours": {subject: int(hours) for subject, hours in case.hours if subject in known},
        },
    }


def _clause(clause: Clause) -> str:
    return "(" + (" && ".join(_atom(atom) for atom in clause) or "true") + ")"


def _atom(atom: str) -> str:
    kind, _, rest = atom.partition(":")
    if kind == "hours":
        subject, _, least = rest.rpartition(":")
        return _trained(subject, int(least))
    if kind == "class_not":
        return "(" + " && ".join(f"!{_has('atoms', f'class:{name}')}" for name in rest.split("|")) + ")"
    return _has("atoms", atom)


def _trained(subject: str, hours: int) -> str:
    return f"(context.hours has {_quoted(subject)} && context.hours[{_quoted(subject)}] >= {hours})"


def _subjects(tables: Tables) -> Iterator[tuple[str, int]]:
    for cell in tables.cells:
        for opening in cell.openings:
            for atom in (atom for clause in opening.clauses for atom in clause):
                if atom.startswith("hours:"):
                    subject, _, least = atom.removeprefix("hours:").rpartition(":")
                    yield subject, int(least)
    for want in tables.wanted:
        if want.hours is not None:
            yield want.step, want.hours


def _has(what: str, value: str) -> str:
    return f"context.{what}.contains({_quoted(value)})"


def _set(values: Iterable[str]) -> str:
    return "[" + ", ".join(_quoted(value) for value in values) + "]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
