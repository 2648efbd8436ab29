"""The solver's model of a case and `decide` agree: what the model says of a random case, `handrail check` says."""

from __future__ import annotations

import json
import random
import shlex

from handrail.cli.run import run
from handrail.export import RANKS, Tables
from handrail.law import load
from handrail.verify.about_cases import case_of, rank_in
from handrail.verify.model import z3
from handrail.verify.shown import command
from handrail.verify.world import World

PLACES = ("CA-ON", "US-WA", "US-VA", "US-CO", "US-OR")
WORLD = World(Tables([load(place) for place in PLACES]))
CONDITIONAL = [group for group in WORLD.groups if any(region.openings for region in group.structure.regions)]


def some_case(seed):
    """A group and a model of a case in it, with some facts chosen at random."""
    choose = random.Random(seed)  # noqa: S311  (nothing secret)
    group = choose.choice(CONDITIONAL if seed % 2 else WORLD.groups)
    case = case_of(WORLD, group)
    m = z3()
    solver = m.SimpleSolver()
    day = WORLD.preferred_day[group.jurisdiction]
    solver.add(*case.possible(), case.days[0] == max(group.first, min(group.last, day)))
    broad = [item for item in case.found.present if item.sample[2] != "exact"]
    solver.add(*(m.Not(case.found.there(item)) for item in broad))  # the command line takes no broad match
    own = [name for name in case.facts if name not in case.found.facts]
    if seed % 4:  # a licence in order, or nothing else would matter
        own = [name for name in own if not name.startswith("credential")]
    chosen = choose.sample(own, choose.randint(len(own) // 2, len(own)))
    chosen += choose.sample(list(case.found.facts), choose.choice([0, 0, 1, 2]))
    for name in (*(f"kind:{kind}" for kind in choose.choices(["visit", "record", "none"])), *chosen):
        if name in case.facts and solver.check(case.facts[name]) == m.sat:
            solver.add(case.facts[name])
    for hours in case.hours.values():
        if choose.random() < 0.5:
            solver.add(hours == choose.choice([1, 100, 400, 5000]))
    rest = [fact for name, fact in case.facts.items() if name.startswith(("credential", "finding", "unscreened"))]
    for fact in rest:
        if solver.check(m.Not(fact)) == m.sat:
            solver.add(m.Not(fact))
    assert solver.check() == m.sat
    return group, case, solver.model()


def test_the_model_says_what_check_says(capsys):
    seen = set()
    for seed in range(60):
        group, case, model = some_case(seed)
        words = command(model, case, group)
        assert run([*shlex.split(words)[1:], "--json"]) == 0, words
        answer = json.loads(capsys.readouterr().out)
        rank = rank_in(model, case)
        verdict, leaning = RANKS[rank]
        assert (answer["verdict"], answer["leaning"]) == (verdict, leaning), words
        seen.add(rank)
    assert seen >= {0, 1, 3, 5, 6}
