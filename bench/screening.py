"""The speed of ``handrail screen``: records per second, and bytes per second beside a bare ``json.loads``."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import bundles
from handrail import Case, Credential, decide
from handrail.intake import read, screen
from handrail.intake.files import go_through, plan
from handrail.intake.stream import screen_all

DAY = date(2026, 11, 24)
RECORDS = 40
ROUNDS = 7
MIB = 1 << 20


def _seconds(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The median time of each, run in turns so that a busy machine is busy for all."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _round in range(ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(measured) for name, measured in times.items()}


def screening() -> None:
    """Prints the figures."""
    print(f"Screening {RECORDS} made-up records (medians of {ROUNDS}, in turns; aim: 2.5x json.loads)")
    for label, indent in (("as a server sends them", None), ("indented", 2)):
        made = [bundles.as_bytes(number, 0.5 + number % 4 / 2, indent) for number in range(RECORDS)]
        _one_layout(label, made)


def _one_layout(label: str, made: list[bytes]) -> None:
    size = sum(map(len, made))
    case = Case("US-OR", "thrust_spine", [Credential("chiropractor")], region="cervical", on=DAY)
    asked = {"on": DAY, "technique": "thrust_spine", "regions": ("cervical",)}

    def each(run: Callable[[bytes], object]) -> None:
        for raw in made:
            run(raw)  # nothing is kept

    def decided(raw: bytes) -> object:
        return decide(replace(case, client=screen(read(raw, "x"), **asked).client))

    with tempfile.TemporaryDirectory() as folder:
        for number, raw in enumerate(made):
            Path(folder, f"{number:04}.json").write_bytes(raw)

        def streamed() -> None:
            for one in screen_all(go_through(plan(folder), max_bytes=64 * MIB), **asked):
                assert one.screening is not None
                decide(replace(case, client=one.screening.client))

        seconds = _seconds(
            {
                "json.loads": lambda: each(json.loads),
                "read": lambda: each(lambda raw: read(raw, "x")),
                "read and screen": lambda: each(lambda raw: screen(read(raw, "x"), **asked)),
                "read, screen, decide": lambda: each(decided),
                "a folder, streamed and decided": streamed,
            }
        )
    base = seconds["json.loads"]
    print(f"  {label}: {size / MIB:.1f} MiB")
    for name, taken in seconds.items():
        rate = f"{size / MIB / taken:7.1f} MiB/s  {len(made) / taken:7.1f} records/s"
        print(f"    {name:32} {rate}  {base / taken:5.2f}x json.loads")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    screening()
