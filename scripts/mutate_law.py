"""Changes the law in one place at a time and counts who notices. ``make mutate`` runs it.

Observers: the checks of a law file (it does not load, or ``law lint`` finds an error), the cases of
tests/cases/decide, the reviewed answers (tests/cases/decide/answers.txt), and those proofs that a law can break.
A mutant that nobody notices is listed; docs/trust.md says why some are left.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

import handrail
from handrail.decide import process, scope
from handrail.export import Tables
from handrail.export.cells import cells_of, periods
from handrail.law import Basis, Condition, ConditionClass, Effect, Law, Regulated, Rule, jurisdictions, load
from handrail.law.lint import contradictions
from handrail.law.load import problems
from handrail.law.model import LawFile, Prerequisite, ReservedAct
from handrail.terms import PROFESSIONS, TECHNIQUES
from handrail.verify import verify

ROOT = Path(__file__).parent.parent
OBSERVERS = ("file checks", "cases", "answers", "proofs")
PROOFS = ("thrust_needs_grant", "permitted_is_cited", "no_contradiction")
LATER = timedelta(30)


class Mutant(NamedTuple):
    """A law with one thing changed."""

    kind: str
    where: str
    techniques: tuple[str, ...]
    file: LawFile


# What is changed


def mutants(file: LawFile) -> Iterator[Mutant]:
    """Every mutant of a law file."""
    for profession, entry in file.professions.items():
        for number, rule in enumerate(entry.rules):
            for kind, changed in _of_rule(rule):
                rules = [*entry.rules[:number], *([changed] if changed else []), *entry.rules[number + 1 :]]
                professions = {**file.professions, profession: replace(entry, rules=tuple(rules))}
                yield Mutant(kind, rule.id, (rule.technique,), replace(file, professions=professions))
        other = Regulated.NONE if entry.regulated is not Regulated.NONE else Regulated.LICENSED
        professions = {**file.professions, profession: replace(entry, regulated=other)}
        where = f"{file.jurisdiction}/{profession}"
        yield Mutant("regulated", where, tuple(TECHNIQUES), replace(file, professions=professions))
    for number, item in enumerate(file.prerequisites):
        for kind, wanted in _of_prerequisite(item):
            items = [
                *file.prerequisites[:number],
                *([wanted] if wanted else []),
                *file.prerequisites[number + 1 :],
            ]
            yield Mutant(kind, item.id, (item.technique,), replace(file, prerequisites=tuple(items)))
    if file.reserved_act:
        for kind, act in _of_act(file.reserved_act):
            where = f"{file.jurisdiction}/reserved_act"
            yield Mutant(kind, where, tuple(TECHNIQUES), replace(file, reserved_act=act))


def _of_rule(rule: Rule) -> Iterator[tuple[str, Rule | None]]:
    yield "rule: dropped", None
    for effect in Effect:
        if effect is not rule.effect:
            yield f"rule: effect to {effect}", replace(rule, effect=effect)
    yield "rule: text_seen flipped", replace(rule, text_seen=not rule.text_seen)
    yield "rule: explicit flipped", replace(rule, explicit=not rule.explicit)
    other = Basis.STATUTE if rule.basis is not Basis.STATUTE else Basis.COURT
    yield "rule: basis to another", replace(rule, basis=other)
    if rule.basis is not Basis.SECONDARY:
        yield "rule: basis to secondary", replace(rule, basis=Basis.SECONDARY)
    regions = TECHNIQUES[rule.technique].regions if rule.regions == "all" else rule.regions
    if len(regions) > 1:
        yield "rule: a region dropped", replace(rule, regions=tuple(regions[1:]))
    if rule.regions != "all":
        yield "rule: regions to all", replace(rule, regions="all")
    if rule.citation:
        yield "rule: citation dropped", replace(rule, citation=None)
    yield from _dated("rule", rule)
    for kind, conditions in _fewer(rule.conditions):
        yield kind, replace(rule, conditions=conditions)


def _dated(what: str, item: Any) -> Iterator[tuple[str, Any]]:
    first, last = item.effective_from, item.effective_to
    if first:
        yield f"{what}: start dropped", replace(item, effective_from=None)
        yield f"{what}: start earlier", replace(item, effective_from=first - LATER)
        if last is None or first + LATER <= last:
            yield f"{what}: start later", replace(item, effective_from=first + LATER)
    elif last is None or last > date(2000, 1, 1):
        yield f"{what}: start added", replace(item, effective_from=date(2000, 1, 1))
    if last:
        yield f"{what}: end dropped", replace(item, effective_to=None)
        yield f"{what}: end later", replace(item, effective_to=last + LATER)
        if first is None or first <= last - LATER:
            yield f"{what}: end earlier", replace(item, effective_to=last - LATER)
    else:
        yield f"{what}: end added", replace(item, effective_to=date(2040, 1, 1))


def _fewer(conditions: tuple[Condition, ...]) -> Iterator[tuple[str, tuple[Condition, ...]]]:
    """One condition dropped, softened or changed, inside groups too."""
    for number, condition in enumerate(conditions):
        before, after = conditions[:number], conditions[number + 1 :]
        if len(conditions) > 1:
            yield "condition: dropped", (*before, *after)
        classes = ConditionClass
        other = classes.DUTY if condition.cls is not classes.DUTY else classes.QUALIFICATION
        yield f"condition: class to {other}", (*before, replace(condition, cls=other), *after)
        if condition.hours:
            yield "condition: hours fewer", (*before, replace(condition, hours=condition.hours - 1), *after)
        if condition.met_by:
            yield "condition: met_by dropped", (*before, replace(condition, met_by=()), *after)
        if len(condition.closed_to) > 1:
            shorter = replace(condition, closed_to=condition.closed_to[1:])
            yield "condition: a class dropped", (*before, shorter, *after)
        for kind, members in _fewer(condition.of):
            yield f"{kind} (in a group)", (*before, replace(condition, of=members), *after)


def _of_prerequisite(item: Prerequisite) -> Iterator[tuple[str, Prerequisite | None]]:
    yield "prerequisite: dropped", None
    yield "prerequisite: text_seen flipped", replace(item, text_seen=not item.text_seen)
    yield from _dated("prerequisite", item)
    if item.exempt:
        yield "prerequisite: exempt dropped", replace(item, exempt=())
    if item.binds != "any":
        yield "prerequisite: binds to any", replace(item, binds="any")
    for number, wanted in enumerate(item.requires):
        before, after = item.requires[:number], item.requires[number + 1 :]
        flipped = replace(wanted, optional=not wanted.optional)
        yield "prerequisite: optional flipped", replace(item, requires=(*before, flipped, *after))
        if len(item.requires) > 1:
            yield "prerequisite: a thing dropped", replace(item, requires=(*before, *after))


def _of_act(act: ReservedAct) -> Iterator[tuple[str, ReservedAct | None]]:
    yield "reserved act: dropped", None
    yield "reserved act: text_seen flipped", replace(act, text_seen=not act.text_seen)
    yield "reserved act: closed list flipped", replace(act, granted_to_complete=not act.granted_to_complete)
    yield from _dated("reserved act", act)
    for technique in TECHNIQUES:
        if technique not in act.techniques:
            yield "reserved act: a technique added", replace(act, techniques=(*act.techniques, technique))
        elif len(act.techniques) > 1:
            fewer = tuple(name for name in act.techniques if name != technique)
            yield "reserved act: a technique dropped", replace(act, techniques=fewer)
    for field in ("granted_to", "does_not_affect"):
        for name in getattr(act, field):
            fewer = tuple(other for other in getattr(act, field) if other != name)
            yield f"reserved act: one of {field} dropped", replace(act, **{field: fewer})


# Who notices


@cache
def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"mutate_{path.stem}", path)
    assert spec is not None  # noqa: S101
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _cases(place: str) -> list[tuple[Any, Any, Any]]:
    """The cases about a place: the module that runs them, the question and the expectation."""
    found = []
    for name in ("test_cases", "test_themes"):
        module = _module(ROOT / "tests" / "decide" / f"{name}.py")
        found += [(module, *case.values) for case in module._cases() if case.values[0]["in"] == place]
    return found


def _by_cases(mutant: Mutant, law: Law) -> bool:
    for module, ask, expected in _cases(law.jurisdiction):
        module.decide = lambda case: handrail.decide(case, law=law)
        try:
            module.test_case(ask, expected)
        except BaseException:
            return True
        finally:
            module.decide = handrail.decide
    return False


def _by_checks(mutant: Mutant, law: Law) -> bool:
    return any(problems(mutant.file)) or any(contradictions(mutant.file))


def _by_answers(mutant: Mutant, law: Law) -> bool:
    answers = _module(ROOT / "scripts" / "answers.py")
    if answers.head(law) != _reviewed(law.jurisdiction, None):
        return True
    return any(
        answers.of_technique(law, technique) != _reviewed(law.jurisdiction, technique)
        for technique in mutant.techniques
    )


@cache
def _reviewed(place: str, technique: str | None) -> list[str]:
    """The reviewed answers, as they stand in the file."""
    text = (ROOT / "tests" / "cases" / "decide" / "answers.txt").read_text(encoding="utf-8")
    blocks = {block.split(maxsplit=1)[0]: block.splitlines() for block in text.split("\n\n") if block.strip()}
    lines = next(lines for name, lines in blocks.items() if name == place)
    if technique is None:
        return lines[1 : lines.index(f"  {next(iter(TECHNIQUES))}")]
    start = lines.index(f"  {technique}")
    end = next((n for n in range(start + 1, len(lines)) if not lines[n].startswith("   ")), len(lines))
    return lines[start:end]


_PROVED: set[Hashable] = set()


def _by_proofs(mutant: Mutant, law: Law) -> bool:
    tables = Tables([law])
    cells: list[Any] = []
    for profession in PROFESSIONS:
        for technique in mutant.techniques:
            for first, last in periods(law, profession, technique):
                cells += cells_of(law, profession, technique, first, last, len(cells))
    # The rest of the tables does not depend on what was changed, or not on the law at all.
    tables.__dict__.update(cells=tuple(cells), wanted=())
    return not verify(tables, PROOFS, memory=_PROVED, most=1).proved


_NOTICE: tuple[Callable[[Mutant, Law], bool], ...] = (_by_checks, _by_cases, _by_answers, _by_proofs)


def observe(place: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Each mutant of a place's law, with who notices it."""
    shipped = load(place)
    found = []
    for number, mutant in enumerate(mutants(shipped.file)):
        law = Law(mutant.file, f"mutant {number}")
        noticed = []
        for name, notices in zip(OBSERVERS, _NOTICE, strict=True):
            if "file checks" in noticed and name != "proofs":
                continue  # it is no law: nobody else is asked
            if any(problems(mutant.file)) and name == "proofs":
                continue
            if notices(mutant, law):
                noticed.append(name)
        found.append((mutant.kind, mutant.where, tuple(noticed)))
    for cached in (scope.read, process.wanted_before):  # no mutant is asked again
        cached.cache_clear()
    return found


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--in", dest="places", action="append", help="only this jurisdiction")
    arguments.add_argument("--list", action="store_true", help="list every mutant that nobody notices")
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--least", type=float, default=95, help="end with 1 below so many percent")
    given = arguments.parse_args()
    start = time.monotonic()
    with ProcessPoolExecutor(given.jobs) as pool:
        found = [row for rows in pool.map(observe, given.places or jurisdictions()) for row in rows]
    by_kind: dict[str, Counter[str]] = {}
    for kind, _, noticed in found:
        counts = by_kind.setdefault(kind, Counter())
        counts.update(["all", *noticed, *(["noticed"] if noticed else [])])
        if not set(noticed) - {"answers"}:
            counts["only by answers"] += bool(noticed)
    columns = ("all", "noticed", *OBSERVERS, "only by answers")
    out = sys.stdout.write
    out(f"{'mutants':44}" + "".join(f"{name:>17}" for name in columns) + "\n")
    total: Counter[str] = Counter()
    for kind, counts in sorted(by_kind.items()):
        total.update(counts)
        out(f"{kind:44}" + "".join(f"{counts[name]:17,}" for name in columns) + "\n")
    out(f"{'all':44}" + "".join(f"{total[name]:17,}" for name in columns) + "\n")
    percent = 100 * total["noticed"] / total["all"]
    out(f"{percent:.1f} % of {total['all']:,} mutants noticed, in {time.monotonic() - start:.0f} s\n")
    if given.list:
        for kind, where, noticed in found:
            if not noticed:
                out(f"{where}: {kind}\n")
    return 0 if percent >= given.least else 1


if __name__ == "__main__":
    sys.exit(main())
