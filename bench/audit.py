"""Measures whole audits: a file of claims read, judged and its findings written, against merely reading it.

``make bench`` runs it; alone: ``python bench/audit.py``. Every contestant has a process of its own, so that its
memory can be told; they take turns. The environment says how much:

    HANDRAIL_BENCH_LINES   lines of the Parquet file (50,000,000); the CSV file has a tenth of them
    HANDRAIL_BENCH_ROUNDS  rounds (3)
    HANDRAIL_BENCH_DIR     where the files are made and kept (else a temporary folder)
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

LINES = int(os.environ.get("HANDRAIL_BENCH_LINES", "50000000"))
ROUNDS = int(os.environ.get("HANDRAIL_BENCH_ROUNDS", "3"))
COLUMNS = ["claim", "state", "taxonomy", "procedure", "service_from", "amount", "dx1", "dx2", "dx3", "dx4"]
BLOCK = 1_000_000

CLOCK = """
import atexit, time
def _end():
    took, busy = time.perf_counter() - _start, time.process_time() - _busy
    peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(took, busy, peak)
atexit.register(_end)
_start, _busy = time.perf_counter(), time.process_time()
"""
AUDIT = """
from pathlib import Path
from handrail.audit import open_claims
from handrail.audit.run import audit
{clock}
made = audit(open_claims({path!r}), Path({out!r}))
assert made.lines == {lines}
"""
# Aggregates that the file's statistics cannot answer: every value is decoded.
DUCKDB = """
import duckdb
{clock}
kinds = {{"service_from": "sum(year({{}}))", "amount": "sum({{}})"}}
columns = ", ".join(kinds.get(name, "sum(strlen({{}}))").format(name) for name in {columns!r})
duckdb.sql("select count(*), " + columns + " from '{path}'").fetchall()
"""
DUCKDB_HASH = """
import duckdb
{clock}
duckdb.sql("select bit_xor(hash(" + ", ".join({columns!r}) + ")) from '{path}'").fetchall()
"""
PYARROW = """
import pyarrow.parquet as pq
{clock}
assert pq.read_table({path!r}, columns={columns!r}).num_rows == {lines}
"""
BY_GROUP = """
import pyarrow.parquet as pq
{clock}
file = pq.ParquetFile({path!r})
rows = sum(file.read_row_group(n, columns={columns!r}).num_rows for n in range(file.num_row_groups))
assert rows == {lines}
"""
PYARROW_CSV = """
import pyarrow.csv as csv
{clock}
assert sum(batch.num_rows for batch in csv.open_csv({path!r})) == {lines}
"""
PYARROW_CSV_WHOLE = """
import pyarrow.csv as csv
{clock}
assert csv.read_csv({path!r}).num_rows == {lines}
"""


class Run(NamedTuple):
    """Seconds of the work itself (imports left out), of processors in it, and the process's peak in MiB."""

    seconds: float
    processor: float
    peak: float


def claims(path: Path, lines: int) -> None:
    """A Parquet file of ten columns: a million synthetic lines over and over, each time with claims of its own."""
    from handrail.audit.generate import generate

    block = min(BLOCK, lines)
    made = path.with_name("_block.parquet")
    generate(block, seed=1, layout="plain", out=made)
    table = pq.read_table(made, columns=COLUMNS).slice(0, block)
    made.unlink()
    numbers = np.asarray(table.column("claim").cast(pa.int64()))
    step = int(numbers.max() - numbers.min()) + 1
    with pq.ParquetWriter(path, table.schema, compression="snappy") as writer:
        for at in range(0, lines, block):
            rows = min(block, lines - at)
            own = pa.array(numbers[:rows] + at // block * step).cast(pa.string())
            writer.write_table(table.slice(0, rows).set_column(0, "claim", own), row_group_size=block)


def csv_of(path: Path, source: Path, lines: int) -> None:
    """The first lines of a Parquet file as CSV."""
    left = lines
    with pq.ParquetFile(source) as file:
        writer = None
        for batch in file.iter_batches(BLOCK, columns=COLUMNS):
            kept = pa.Table.from_batches([batch.slice(0, left)])
            plain = [c.cast(pa.string()) if pa.types.is_dictionary(c.type) else c for c in kept.columns]
            kept = pa.table(plain, names=COLUMNS)
            writer = writer or pcsv.CSVWriter(path, kept.schema)
            writer.write_table(kept)
            left -= kept.num_rows
            if not left:
                break
        assert writer is not None
        writer.close()


def run(script: str, **about: object) -> Run:
    """Runs a contestant in a new process."""
    code = script.format(clock=CLOCK, columns=COLUMNS, **about)
    child = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    seconds, processor, peak = map(float, child.stdout.split()[-3:])
    return Run(seconds, processor, peak / 1024)


def contest(title: str, contestants: dict[str, tuple[str, dict[str, object]]], rounds: int) -> dict[str, Run]:
    """All contestants in turns; medians, as multiples of the first one's time."""
    runs: dict[str, list[Run]] = {name: [] for name in contestants}
    for _round in range(rounds):
        for name, (script, about) in contestants.items():
            if script == AUDIT:
                shutil.rmtree(str(about["out"]), ignore_errors=True)
            runs[name].append(run(script, **about))
    medians = {
        name: Run(
            statistics.median(r.seconds for r in measured),
            statistics.median(r.processor for r in measured),
            max(r.peak for r in measured),
        )
        for name, measured in runs.items()
    }
    print(title)
    first = next(iter(medians.values())).seconds
    for name, one in medians.items():
        print(
            f"  {name:40} {one.seconds:7.2f} s  audit takes {first / one.seconds:5.2f}x its time"
            f"  {one.processor:7.2f} s of processors  peak {one.peak:6.0f} MiB"
        )
    return medians


def whole_audit() -> None:
    """The whole comparison."""
    with _folder() as folder:
        path, lines = folder / f"claims-{LINES}.parquet", LINES
        if not path.exists():
            claims(path, lines)
        table = folder / f"claims-{LINES // 10}.csv"
        if not table.exists():
            csv_of(table, path, lines // 10)
        out = folder / "out"
        about: dict[str, object] = {"path": str(path), "out": str(out), "lines": lines}
        made = contest(
            f"Whole audit of {lines:,} lines in Parquet, {path.stat().st_size >> 20} MiB, ten columns,"
            f" four of them diagnoses (median of {ROUNDS};"
            " aims: DuckDB's scan 1.2x or less, pyarrow's read 0.5x or less)",
            {
                "audit (read, judge, write findings)": (AUDIT, about),
                "DuckDB: lengths and sums of the columns": (DUCKDB, about),
                "DuckDB: a hash of each row": (DUCKDB_HASH, about),
                "pyarrow: read_table": (PYARROW, about),
                "pyarrow: row group by row group": (BY_GROUP, about),
            },
            ROUNDS,
        )
        audited = next(iter(made.values()))
        findings = json.loads((out / "summary.json").read_text())["findings"]
        print(f"  {lines / audited.seconds / 1e6:.2f} million lines a second; {findings:,} findings written")
        twice = folder / "twice"
        shutil.rmtree(twice, ignore_errors=True)
        twice.mkdir()
        for name in ("a.parquet", "b.parquet"):
            os.link(path, twice / name)
        double = run(AUDIT, path=str(twice), out=str(out.with_name("out2")), lines=2 * lines)
        shutil.rmtree(out.with_name("out2"))
        print(
            f"  peak memory: {audited.peak:.0f} MiB for {lines:,} lines, {double.peak:.0f} MiB for {2 * lines:,}"
            " (aim: under 1536, and the same)"
        )
        about = {"path": str(table), "out": str(out), "lines": lines // 10}
        contest(
            f"Whole audit of {lines // 10:,} lines in CSV, {table.stat().st_size >> 20} MiB"
            f" (median of {ROUNDS}; aim: pyarrow.csv 1.3x or less)",
            {
                "audit (read, judge, write findings)": (AUDIT, about),
                "pyarrow.csv: read_csv": (PYARROW_CSV_WHOLE, about),
                "pyarrow.csv: open_csv, batch by batch": (PYARROW_CSV, about),
            },
            ROUNDS,
        )


@contextmanager
def _folder() -> Iterator[Path]:
    kept = os.environ.get("HANDRAIL_BENCH_DIR")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


if __name__ == "__main__":
    whole_audit()
