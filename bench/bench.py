"""Measures Handrail's speed as ratios within one run; ``make bench`` runs it.

Absolute times mean little on a shared machine, so everything is set against something measured beside it.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random

import engines
import kernel
from audit import whole_audit
from handrail import Case, Client, Credential, decide
from handrail.law import jurisdictions, load
from handrail.terms import PROFESSIONS, TECHNIQUES
from screening import screening
from service import service

DAY = date(2026, 11, 24)
VISIT = Client(findings=("osteoporosis", "pregnancy"), steps=("history", "examination", "contraindication_screen"))
SEED = 20261124


def cold_check(rounds: int = 15) -> None:
    """`handrail check` in a new process, as a multiple of `python -c pass`."""
    check = ["check", "--in", "US-FL", "--as", "massage_therapist", "--do", "thrust_spine", "--on", "2026-11-24"]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import typer'": [sys.executable, "-c", "import typer"],
        "handrail check": [sys.executable, "-m", "handrail", *check],
        "handrail check --json": [sys.executable, "-m", "handrail", *check, "--json"],
        "handrail check, a visit": [sys.executable, "-m", "handrail", *check, "--with", "osteoporosis", "--json"],
        "handrail ask": [sys.executable, "-m", "handrail", "ask", "Can a masseuse crack my back in Florida?"],
    }
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _round in range(rounds + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
            times[name].append(time.perf_counter() - start)
    base = statistics.median(times["python -c pass"][1:])
    print("Cold start (median of 15, in turns; aim for check: 20x or less)")
    for name, measured in times.items():
        median = statistics.median(measured[1:])
        print(f"  {name:28} {median * 1000:7.1f} ms  {median / base:5.1f}x")


def cases(count: int) -> list[Case]:
    """General questions drawn evenly from the whole space."""
    random = Random(SEED)  # noqa: S311  (a sample, no secret)
    drawn = []
    places = jurisdictions()
    for _number in range(count):
        technique = random.choice(list(TECHNIQUES))
        region = random.choice(TECHNIQUES[technique].regions)
        credential = Credential(random.choice(list(PROFESSIONS)))
        drawn.append(Case(random.choice(places), technique, (credential,), region=region, on=DAY))
    return drawn


def per_second(run: Callable[[], object], count: int, repeat: int = 7) -> float:
    """How many per second, the median of some repeats."""
    rates = []
    for _repeat in range(repeat):
        start = time.perf_counter()
        run()
        rates.append(count / (time.perf_counter() - start))
    return statistics.median(rates)


def decisions() -> None:
    """`decide` with full reasons, against ZEN and Cedar on the same questions."""
    for place in jurisdictions():
        load(place)
    asked = cases(20_000)
    start = time.perf_counter()
    for case in asked:
        decide(case)
    first = len(asked) / (time.perf_counter() - start)
    few = asked[:300]
    whole_zen = engines.Zen(jurisdictions())
    cedar = engines.Cedar(jurisdictions())
    in_place = [case for case in asked if case.jurisdiction == "US-WA"]
    one_zen = engines.Zen(["US-WA"])
    engines.agree(whole_zen, cedar, few)

    def with_extras() -> None:
        for case in few:
            decision = decide(case)
            _extras = decision.who_may, decision.instead

    visits = [replace(case, client=VISIT) for case in asked[:2000]]
    rates = {
        "decide": per_second(lambda: [decide(case) for case in asked], len(asked)),
        "decide, as JSON-ready data": per_second(lambda: [engines.plain(decide(case)) for case in few], len(few)),
        "decide, a visit with two findings": per_second(lambda: [decide(v) for v in visits], len(visits)),
        "decide, who_may and instead": per_second(with_extras, len(few)),
        "ZEN, whole law in one table": per_second(lambda: [whole_zen.ask(c) for c in few], len(few), 3),
        "ZEN, one jurisdiction's table": per_second(lambda: [one_zen.ask(c) for c in in_place], len(in_place), 3),
        "Cedar, whole law, parsed before": per_second(lambda: [cedar.ask(c) for c in few], len(few), 3),
    }
    ours = rates["decide"]
    print(f"Decisions per second on {len(asked):,} general questions drawn from the whole space (medians)")
    print(f"  {'decide, the very first time':34} {first:10,.0f}   (general answers are then kept)")
    for name, rate in rates.items():
        print(f"  {name:34} {rate:10,.0f}   decide is {ours / rate:8.1f}x")
    print("  aims: 50x ZEN and 100x Cedar on the whole law")


def loading() -> None:
    """All 64 files, in a new process each time, and the checks they go through."""
    code = "import time; from handrail.law import *; t = time.perf_counter(); [load(j) for j in jurisdictions()]"
    times = [
        float(
            subprocess.run(
                [sys.executable, "-c", f"{code}; print(time.perf_counter() - t)"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for _round in range(7)
    ]
    print(f"Loading all {len(jurisdictions())} law files: {statistics.median(times):.3f} s (median of 7)")


def main() -> None:
    """Prints every figure of one run."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"Machine: {machine}")
    cold_check()
    loading()
    decisions()
    screening()
    kernel.run()
    whole_audit()
    service()


if __name__ == "__main__":
    main()
