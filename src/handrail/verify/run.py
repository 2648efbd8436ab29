"""Puts the questions of the properties to the solver."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable
from typing import Any, Literal, NamedTuple

from handrail.export import Tables
from handrail.terms import known
from handrail.verify.about_cases import CASES
from handrail.verify.about_days import DAYS
from handrail.verify.about_law import LAW
from handrail.verify.model import z3
from handrail.verify.question import Asked, Property, Question
from handrail.verify.shown import Counterexample
from handrail.verify.world import World

PROPERTIES: tuple[Property, ...] = (*LAW, *DAYS, *CASES)
BY_NAME = {each.name: each for each in PROPERTIES}
#: Seconds spent on making a counterexample short.
SHORTENING = 5


class Result(NamedTuple):
    """How a property came out.

    Args:
        cells: how many cells the proof covers, each with every combination of the facts.
        questions: how many questions were put to the solver; cells alike share one.
        facts: free facts in the largest question, or 0 if it was answered before.
    """

    name: str
    says: str
    formula: str
    outcome: Literal["proved", "counterexample", "undecided"]
    cells: int
    questions: int
    facts: int
    seconds: float
    counterexamples: tuple[Counterexample, ...] = ()


class Report(NamedTuple):
    """What was proved, of which knowledge, and by which solver."""

    results: tuple[Result, ...]
    knowledge: str
    solver: str
    seconds: float

    @property
    def proved(self) -> bool:
        return all(result.outcome == "proved" for result in self.results)


def verify(
    tables: Tables,
    names: Iterable[str] = (),
    *,
    timeout: float | None = None,
    memory: set[Hashable] | None = None,
    most: int = 3,
) -> Report:
    """Proves properties of the tables, or finds counterexamples.

    Args:
        tables: the law (patched or not) and the clinical knowledge.
        names: properties; none for all.
        timeout: seconds for each property; None for as long as it takes.
        memory: questions that were proved before, of tables with the same clinical knowledge; grows.
        most: so many counterexamples of a property are enough.

    Raises:
        InputError: for a property that is not known, or if z3 is not installed.
    """
    start = time.monotonic()
    wanted = [BY_NAME[known("property", name, BY_NAME)] for name in names] or PROPERTIES
    world = World(tables)
    version = z3().get_version_string()
    memory = set() if memory is None else memory
    results = tuple(_prove(world, each, timeout, memory, most) for each in dict.fromkeys(wanted))
    return Report(results, tables.digest, f"z3 {version}", time.monotonic() - start)


def _prove(world: World, each: Property, timeout: float | None, memory: set[Hashable], most: int) -> Result:
    start = time.monotonic()
    end = start + timeout if timeout else None
    questions: dict[Hashable, Question] = {}
    cells = 0
    for question in each.questions(world):
        cells += question.cells
        questions.setdefault(question.key, question)
    found: list[Counterexample] = []
    facts, undecided = 0, False
    for key, question in questions.items():
        if (each.name, key) in memory:
            continue
        asked = question.ask()
        facts = max(facts, sum(len(case.facts) + len(case.hours) for case in asked.cases[-1:]))
        answer = _answer(asked, end)
        if answer == z3().unsat:
            memory.add((each.name, key))
        elif answer == z3().unknown:
            undecided = True
            break
        else:
            found.append(asked.show(_short(asked)))
            if len(found) >= most:
                break
    outcome: Literal["proved", "counterexample", "undecided"] = "undecided" if undecided else "proved"
    seconds = time.monotonic() - start
    return Result(
        each.name,
        each.says,
        each.formula,
        "counterexample" if found else outcome,
        cells,
        len(questions),
        facts,
        seconds,
        tuple(found),
    )


def _answer(asked: Asked, end: float | None) -> Any:
    solver = z3().SimpleSolver()
    if end is not None:
        left = end - time.monotonic()
        if left <= 0:
            return z3().unknown
        solver.set("timeout", max(1, int(left * 1000)))
    solver.add(*asked.formulas)
    return solver.check()


def _short(asked: Asked) -> Any:
    """A model with as few facts as can be: a counterexample is there to be read."""
    m = z3()
    best = m.Optimize()
    best.set("timeout", SHORTENING * 1000)
    best.add(*asked.formulas)
    if asked.day is not None:
        best.add_soft(m.Int("day") == asked.day, 100)
    for case in asked.cases:
        for fact in case.facts.values():
            best.add_soft(m.Not(fact), 1)
        for hours in case.hours.values():
            best.add_soft(hours == 0, 1)
    if best.check() == m.sat:
        return best.model()
    solver = m.Solver()
    solver.add(*asked.formulas)
    solver.check()
    return solver.model()
