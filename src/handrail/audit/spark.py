"""The audit on Spark: the same function over the same rows, in as many processes as the cluster has.

Needs the extra ``spark`` and Java. Two ways: ``audit`` shares out the parts of an audit among workers, which read
the files themselves, with the readers of the local audit, from a file system that all see; ``findings`` judges
the rows of any DataFrame, wherever Spark has it from.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from handrail.audit.job import Job
from handrail.audit.judged import SCHEMA, judge_batch
from handrail.audit.part import Part
from handrail.audit.plan import Plan
from handrail.audit.read import ClaimFile, Claims
from handrail.audit.run import PART_ROWS, WRITTEN, Progress, begin, finish, rows_of
from handrail.audit.summary import Summary
from handrail.audit.tables import Parquet
from handrail.audit.troubles import Stop
from handrail.compiled import VERDICTS
from handrail.terms import InputError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SHARED = "Do all workers see the folder? Give the same command again to go on"


class Range(NamedTuple):
    """A part: the number of a file, its first row and the row after its last (-1: up to the file's end)."""

    file: int
    first: int
    last: int


def audit(
    claims: Claims,
    out: Path,
    *,
    master: str | None = None,
    spark: SparkSession | None = None,
    every: bool = False,
    force: bool = False,
    part_rows: int = PART_ROWS,
    progress: Progress | None = None,
    parameters: dict[str, Any] | None = None,
) -> Summary:
    """Judges every line of some files, as ``run.audit`` does, with its workers in Spark.

    Args:
        claims, out, every, force, part_rows, progress, parameters: as for ``run.audit``. Parts end with files and
            with row groups; of formats other than Parquet, a file is one part.
        master: where Spark runs, such as ``local[2]`` or ``spark://host:7077``; None: as Spark is configured.
        spark: a session that is there; it is not stopped.

    Raises:
        InputError: as for ``run.audit``, or if the extra ``spark`` or Java is not there.
    """
    written = VERDICTS if every else WRITTEN
    ranges = [part for number, file in enumerate(claims.files) for part in _ranges(number, file, part_rows)]
    job, total = begin(claims, out, every=every, force=force, parts=["files", part_rows])
    # Parts may have been finished out of turn before a stop; they are not done again.
    numbers = range(total.parts, len(ranges))
    todo = [(number, ranges[number]) for number in numbers if job.state(number) is None]
    if todo:
        with session(spark, master) as running, _telling(progress, job, ranges, rows_of(claims)):
            _run(running, _worker(claims, job, written, todo), len(todo))
    for number in numbers:
        state = job.state(number)
        if state is None:
            raise InputError(f"part {number + 1} of {len(ranges)} is missing", where=str(out), hint=_SHARED)
        total.add(state)
    return finish(claims, job, total, written=written, parameters=parameters or {})


def findings(frame: DataFrame, plan: Plan) -> DataFrame:
    """Judged lines of a DataFrame's rows, with the columns of ``judged.SCHEMA`` (dictionaries as plain texts).

    Args:
        frame: rows as ``plan`` knows them. A column ``@row`` (a long) numbers them; without it ``row`` is null.
        plan: how they become lines. It goes to the workers as it is.

    Raises:
        InputError: if a column that the plan wants is missing.
    """
    absent = [name for name in plan.wanted if name not in frame.columns]
    if absent:
        raise InputError(f"the DataFrame lacks the column {absent[0]}")
    numbered = "@row" in frame.columns

    def judged(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows:
                made = plain(judge_batch(batch, plan))
                if not numbered:
                    made = made.set_column(0, "row", pa.nulls(made.num_rows, pa.int64()))
                yield made

    names = [*plan.wanted, "@row"] if numbered else plan.wanted
    return frame.select(*(f"`{name}`" for name in names)).mapInArrow(judged, ddl())


def plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch with its dictionaries decoded, for engines that have no such type."""
    columns = [c.cast(pa.string()) if pa.types.is_dictionary(c.type) else c for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def ddl() -> str:
    """The columns of judged lines, as Spark writes a schema."""
    names = {pa.int64(): "long", pa.int32(): "int", pa.float64(): "double", pa.date32(): "date"}
    return ", ".join(f"{field.name} {names.get(field.type, 'string')}" for field in SCHEMA)


@contextmanager
def session(spark: SparkSession | None = None, master: str | None = None) -> Iterator[SparkSession]:
    """A session of Spark: the one given or already running, or one that ends with the block.

    Raises:
        InputError: if the extra ``spark`` is not installed, or Spark does not start.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputError("the engine spark needs PySpark", hint="Run: pip install 'handrail[spark]'") from None
    there = spark or SparkSession.getActiveSession()
    if there is not None:
        yield there
        return
    # Workers must run this interpreter: another may not have Handrail, or another version of it.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings: dict[str, Any] = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    settings["spark.log.level"] = "ERROR"
    if (master or "").startswith("local"):
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    try:
        builder = SparkSession.builder.appName("handrail audit").config(map=settings)
        running = (builder.master(master) if master else builder).getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise InputError(f"Spark does not start ({_one_line(error)})", hint="Is Java there?") from None
    try:
        yield running
    finally:
        running.stop()


def _run(spark: SparkSession, work: Callable[[Any], Any], parts: int) -> None:
    """Has all parts done, one to a task.

    Raises:
        InputError: if a worker could not keep a part, or Spark gave up.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        rows = spark.range(0, parts, 1, parts).mapInArrow(work, "problem string").collect()
    except (PySparkException, Py4JError) as error:
        raise InputError(f"Spark gave up ({_one_line(error)})", hint=_SHARED) from None
    if rows:
        raise InputError(rows[0].problem)


def _worker(
    claims: Claims, job: Job, written: tuple[str, ...], todo: list[tuple[int, Range]]
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a worker does with the numbers of parts that it is given; it says what it could not do."""
    files = tuple(replace(file, path=file.path.resolve()) for file in claims.files)
    register = claims.settings.get("providers")
    settings = {**claims.settings, "providers": register.resolve() if register else None}
    own, folder = Claims(files, claims.skipped, settings), Job(job.out.resolve(), {})

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for place in batch.column(0).to_pylist():
                number, part = todo[place]
                try:
                    _one(own, folder, written, number, part)
                except InputError as error:
                    yield pa.RecordBatch.from_pydict({"problem": [str(error)]})

    return work


def _one(claims: Claims, job: Job, written: tuple[str, ...], number: int, asked: Range) -> None:
    """Judges a part and keeps it. Done twice, as Spark may, it writes the same bytes again."""
    file = claims.files[asked.file]
    part = Part(written)
    for batch in claims.batches(file, asked.first):
        part.take(asked.file, file.key, batch)
        if 0 <= asked.last <= batch.first_row + batch.rows:
            break
    job.keep(number, part.table(), part.state(asked.file, max(asked.last, 0)))


def _ranges(number: int, file: ClaimFile, part_rows: int) -> Iterator[Range]:
    """The parts of a file; the last goes up to its end."""
    first = at = 0
    sizes = _groups(file)
    for size in sizes[:-1]:
        at += size
        if at - first >= part_rows:
            yield Range(number, first, at)
            first = at
    yield Range(number, first, -1)


def _groups(file: ClaimFile) -> list[int]:
    """Rows of each group that reading can begin with."""
    if file.format != "parquet":
        return []
    try:
        about = Parquet(file.path).file.metadata
    except Stop:
        return []  # the worker tells it
    return [about.row_group(group).num_rows for group in range(about.num_row_groups)]


@contextmanager
def _telling(progress: Progress | None, job: Job, ranges: list[Range], expected: int | None) -> Iterator[None]:
    """Tells how far the workers are, from the parts that they have kept."""
    if progress is None:
        yield
        return
    over = threading.Event()

    def tell() -> None:
        rows: dict[int, int] = {}
        while not over.wait(0.5):
            for number in range(len(ranges)):
                state = None if number in rows else job.state(number)
                if state:
                    rows[number] = state["rows"]
            progress(sum(rows.values()), expected)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
