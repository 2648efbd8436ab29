"""The kernel of ``handrail.compiled`` against a memory copy, joins in DuckDB and Polars, and rule engines.

All of them answer the same lines; that they answer alike is checked before anything is measured.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

import engines
from handrail import Case, Credential, compiled, decide
from handrail.compiled.base import PLACES_OF_WORK
from handrail.compiled.judging import judge_of, threads
from handrail.law import jurisdictions
from handrail.safety import contraindications
from handrail.terms import PROFESSIONS

ROWS = 4_000_000
FEW = 300
SEED = 20261124
#: Procedures of a manual therapy office: technique and region. One names no manual technique.
PROCEDURES: tuple[tuple[str | None, str], ...] = (
    ("thrust_spine", "cervical"), ("thrust_spine", "thoracic"), ("thrust_spine", "lumbar"), ("thrust_spine",
    "sacral"), ("thrust_extremity", "extremity"), ("soft_tissue", "cervical"), ("soft_tissue", "lumbar"),
    ("mobilization", "lumbar"), ("mobilization", "extremity"), (None, ""),
)  # fmt: skip
HARMLESS = "M54.50 M54.2 M54.6 M25.511 M25.512 M79.18 M62.81 M99.01 M99.02 M99.03 M99.04 R51.9 Z00.00".split()
OUT = ("verdict", "leaning", "rule", "reason")


def lines() -> pa.RecordBatch:
    """Claim lines with four diagnoses, coded as a Parquet reader hands them over (32-bit indices)."""
    random = np.random.default_rng(SEED)
    places = jurisdictions()
    codes = [*HARMLESS, *sorted({code for row in contraindications().values() for code in row.icd10cm})]

    def column(values: list[Any], index: Any, share: float = 0.0) -> pa.Array:
        nulls = random.random(ROWS) < share if share else None
        return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32), mask=nulls), pa.array(values))

    def diagnosis(share: float) -> pa.Array:
        harmless = random.integers(0, len(HARMLESS), ROWS)
        means = random.integers(len(HARMLESS), len(codes), ROWS)
        return column(codes, np.where(random.random(ROWS) < 0.03, means, harmless), share)

    size = random.dirichlet(np.ones(len(places)))
    procedure = pa.array(random.integers(0, len(PROCEDURES), ROWS).astype(np.int32))
    first, last = ((date(*day) - date(1970, 1, 1)).days for day in ((2019, 1, 1), (2026, 11, 1)))
    day = random.integers(first, last, ROWS)
    columns = {
        "jurisdiction": column(places, random.choice(len(places), ROWS, p=size)),
        "profession": column(list(PROFESSIONS), random.zipf(1.4, ROWS) % len(PROFESSIONS)),
        "technique": pa.DictionaryArray.from_arrays(procedure, pa.array([name for name, _ in PROCEDURES])),
        "regions": pa.DictionaryArray.from_arrays(procedure, pa.array([region for _, region in PROCEDURES])),
        "service_from": pa.array(day.astype(np.int32), pa.int32()).cast(pa.date32()),
        **{f"dx{number}": diagnosis(share) for number, share in enumerate((0.0, 0.3, 0.6, 0.8), 1)},
    }
    return pa.RecordBatch.from_pydict(columns)


def buffers(batch: pa.RecordBatch) -> list[np.ndarray[Any, Any]]:
    """The bytes of a batch's rows, each buffer once."""
    found = {}
    for column in batch.columns:
        rows = column.indices if pa.types.is_dictionary(column.type) else column
        for buffer in rows.buffers():
            if buffer is not None and buffer.size:
                found[buffer.address] = np.frombuffer(buffer, np.uint8)
    return list(found.values())


def _relation(rows: list[Any], kinds: dict[str, str]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table({name: np.array(c, kind) for (name, kind), c in zip(kinds.items(), columns, strict=True)})


class Tables:
    """The kernel's own tables as two relations: the law by cell and days, and findings by code and procedure."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        judge = judge_of(None)
        base = judge.base
        law = []
        for place in range(len(base.jurisdictions)):
            first, last = base.first_period[place], base.first_period[place + 1]
            for period in range(first, last):
                until = base.changes[period + 1] - 1 if period + 1 < last else 2**31 - 1
                for profession in range(len(base.professions)):
                    for procedure, (technique, region) in enumerate(PROCEDURES):
                        if technique is None:
                            continue
                        at = (period, profession, PLACES_OF_WORK.index((technique, region)))
                        days = (base.changes[period], until)
                        law.append((place, profession, procedure, *days, base.standing[at], base.rule[at]))
        kinds = {"place": "u1", "profession": "u1", "procedure": "u1", "first": "i4", "last": "i4"}
        self.law = _relation(law, {**kinds, "standing": "u1", "rule": "u2"})
        words = batch.column("dx1").dictionary
        classes = judge.diagnoses.classes(words).tolist()
        arrays = judge.diagnoses.arrays(judge.planes.contexts)
        rows = []
        for procedure, pair in enumerate(PROCEDURES):
            context = judge.planes.contexts.get((PLACES_OF_WORK.index(pair),)) if pair[0] else None
            for code, one in enumerate(classes if context is not None else ()):
                if arrays["key"][context, one]:
                    rows.append((code, procedure, arrays["key"][context, one] >> 3, arrays["rule"][context, one]))
        self.findings = _relation(rows, {"code": "i2", "procedure": "u1", "standing": "u1", "rule": "u2"})

    @staticmethod
    def coded(batch: pa.RecordBatch) -> pa.Table:
        """The lines as small numbers, the best that a join can have."""
        kinds = {"jurisdiction": pa.uint8(), "profession": pa.uint8(), "technique": pa.uint8()}
        names = {"jurisdiction": "place", "profession": "profession", "technique": "procedure"}
        columns = {names[name]: batch.column(name).indices.cast(kind) for name, kind in kinds.items()}
        columns["day"] = batch.column("service_from").cast(pa.int32())
        for number in range(1, 5):
            columns[f"dx{number}"] = batch.column(f"dx{number}").indices.cast(pa.int16())
        return pa.table(columns)


SQL = """
SELECT greatest(coalesce(law.standing, 7), coalesce(f1.standing, 0), coalesce(f2.standing, 0),
                coalesce(f3.standing, 0), coalesce(f4.standing, 0)) AS standing,
       CASE WHEN coalesce(law.standing, 7) >= greatest(coalesce(f1.standing, 0), coalesce(f2.standing, 0),
                 coalesce(f3.standing, 0), coalesce(f4.standing, 0)) THEN law.rule
            WHEN f1.standing >= greatest(coalesce(f2.standing, 0), coalesce(f3.standing, 0), coalesce(f4.standing,
            0))
                 THEN f1.rule
            WHEN f2.standing >= greatest(coalesce(f3.standing, 0), coalesce(f4.standing, 0)) THEN f2.rule
            WHEN f3.standing >= coalesce(f4.standing, 0) THEN f3.rule ELSE f4.rule END AS rule
FROM lines
LEFT JOIN law ON lines.place = law.place AND lines.profession = law.profession AND lines.procedure = law.procedure
     AND lines.day BETWEEN law.first AND law.last
LEFT JOIN findings f1 ON lines.dx1 = f1.code AND lines.procedure = f1.procedure
LEFT JOIN findings f2 ON lines.dx2 = f2.code AND lines.procedure = f2.procedure
LEFT JOIN findings f3 ON lines.dx3 = f3.code AND lines.procedure = f3.procedure
LEFT JOIN findings f4 ON lines.dx4 = f4.code AND lines.procedure = f4.procedure
"""


def in_polars(lines_: pl.DataFrame, law: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    """The same join. Lines find the period of their cell by its first day."""
    cell = ["place", "profession", "procedure"]
    frame = lines_.lazy().with_row_index("row")
    joined = (
        frame.select("row", *cell, "day")
        .join(law.lazy(), on=cell, how="inner")
        .filter((pl.col("day") >= pl.col("first")) & (pl.col("day") <= pl.col("last")))
        .select("row", "standing", "rule")
    )
    frame = frame.join(joined, on="row", how="left")
    for number in range(1, 5):
        named = findings.lazy().rename({"standing": f"s{number}", "rule": f"r{number}"})
        frame = frame.join(named, left_on=[f"dx{number}", "procedure"], right_on=["code", "procedure"], how="left")
    worst = pl.max_horizontal(pl.col(f"s{number}").fill_null(0) for number in range(1, 5))
    own = pl.col("standing").fill_null(7)
    rule = pl.when(own >= worst).then(pl.col("rule"))
    for number in range(1, 5):
        rule = rule.when(pl.col(f"s{number}").fill_null(0) == worst).then(pl.col(f"r{number}"))
    return frame.select("row", standing=pl.max_horizontal(own, worst), rule=rule).collect()


def medians(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds for each, the median of some rounds taken in turns."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _round in range(rounds + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(measured[1:]) for name, measured in times.items()}


def standings(answer: pa.RecordBatch) -> np.ndarray[Any, Any]:
    """The kernel's answer as the joins give it."""
    verdict = np.asarray(answer.column("verdict").indices)
    leaning = np.asarray(answer.column("leaning").indices.fill_null(0))
    return np.select([verdict < 2, verdict == 2], [verdict, 2 + leaning], verdict + 2)


def copying(batch: pa.RecordBatch, few: pa.RecordBatch) -> None:
    """Against a memory copy and the joins."""
    answer = compiled.judge(batch)
    bytes_in, bytes_out = buffers(batch), buffers(answer.select(OUT))
    sources = [*bytes_in, *bytes_out]
    targets = [np.empty_like(source) for source in sources]

    def copy() -> None:
        for target, source in zip(targets, sources, strict=True):
            np.copyto(target, source)

    tables = Tables(batch)
    coded = tables.coded(batch)
    base = duckdb.connect()
    base.execute(f"SET threads = {threads()}")
    for name, table in (("lines", coded), ("law", tables.law), ("findings", tables.findings)):
        base.register("given", table)
        base.execute(f"CREATE TABLE {name} AS SELECT * FROM given")  # noqa: S608  (names of our own)
        base.unregister("given")
    frames = [pl.DataFrame(pl.from_arrow(table)) for table in (coded, tables.law, tables.findings)]

    theirs = base.sql(SQL).to_arrow_table()
    wanted = np.bincount(standings(answer), minlength=8)
    assert (np.bincount(np.asarray(theirs["standing"]), minlength=8) == wanted).all()
    polars_says = in_polars(*frames).sort("row")
    assert (polars_says["standing"].to_numpy() == standings(answer)).all()
    ours = np.asarray(answer.column("rule").indices.fill_null(-1)) + 1
    assert (polars_says["rule"].fill_null(0).to_numpy() == ours).mean() > 0.999  # ties of findings apart

    found = medians({"copy": copy, "kernel": lambda: compiled.judge(batch)}, 15)
    joins = medians(
        {
            "kernel": lambda: compiled.judge(batch),
            "duckdb": lambda: base.sql(SQL).to_arrow_table(),
            "polars": lambda: in_polars(*frames),
        },
        3,
    )
    size = sum(source.nbytes for source in sources) / len(batch)
    rate = len(batch) / found["kernel"]
    print(
        f"Claim lines with four diagnoses: {len(batch):,}, {size:.0f} bytes each in and out; {threads()} threads"
    )
    print(f"  kernel                         {rate:14,.0f} lines/s")
    print(f"  copy of the same bytes         {len(batch) / found['copy']:14,.0f} lines/s", end="")
    print(f"   kernel / copy {found['copy'] / found['kernel']:6.2f}   (aim 0.8)")
    for name, aim in (("duckdb", 8), ("polars", 12)):
        times = joins[name] / joins["kernel"]
        print(f"  {name} join, tables in memory    {len(batch) / joins[name]:14,.0f} lines/s", end="")
        print(f"   kernel is {times:8.1f}x   (aim {aim})")
    rules(few, rate)


def rules(few: pa.RecordBatch, rate: float) -> None:
    """Against rule engines, one question after another, on lines without diagnoses."""
    asked = []
    for row in few.to_pylist():
        if row["technique"] and len(asked) < FEW:
            held = (Credential(row["profession"]),)
            asked.append(Case(row["jurisdiction"], row["technique"], held, row["regions"], row["service_from"]))
    every = jurisdictions()
    zen, cedar, rego = engines.Zen(every), engines.Cedar(every), engines.Rego(every)
    engines.agree(zen, cedar, asked)
    for case in asked:
        if decide(case).verdict == "permitted":
            assert {"permitted", "silent", "conditional"} & set(rego.ask(case)), case
    runs: dict[str, Callable[[], object]] = {
        "ZEN": lambda: [zen.ask(case) for case in asked],
        "Cedar": lambda: [cedar.ask(case) for case in asked],
        "Rego": lambda: [rego.ask(case) for case in asked],
        "decide": lambda: [decide(case) for case in asked],
    }
    for name, seconds in medians(runs, 3).items():
        print(f"  {name:30} {len(asked) / seconds:14,.0f} lines/s", end="")
        aim = "" if name == "decide" else "   (aim 100,000)"
        print(f"   kernel is {rate * seconds / len(asked):10,.0f}x{aim}")


def first_use() -> None:
    """What a process waits for before its first batch, with nothing on disk and with everything."""
    code = "import time; t = time.perf_counter(); from handrail.compiled import warm; warm()"
    command = [sys.executable, "-c", f"{code}; print(time.perf_counter() - t)"]
    with TemporaryDirectory() as folder:
        env = {**os.environ, "XDG_CACHE_HOME": folder, "NUMBA_CACHE_DIR": str(Path(folder) / "numba")}
        waited = []
        for _round in range(4):
            done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
            waited.append(float(done.stdout))
    then = statistics.median(waited[1:])
    print(f"First use: {waited[0]:.1f} s once on a machine (compiling), then {then:.2f} s")


def run() -> None:
    """Prints the figures."""
    first_use()
    batch = lines()
    copying(batch, batch.slice(0, 4 * FEW))


if __name__ == "__main__":
    run()
