"""A whole audit on one machine: files in, findings and a summary out, in bounded memory, stopped and resumed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from handrail.audit.job import Job, clear
from handrail.audit.judged import SCHEMA, answers, whole
from handrail.audit.read import Batch, ClaimFile, Claims
from handrail.audit.report import report
from handrail.audit.summary import TOLD, InputFile, Summary, TroubleText, as_json, summary
from handrail.audit.tally import Tally
from handrail.audit.troubles import Trouble
from handrail.compiled import NOT_JUDGED, VERDICTS, digest, warm

#: Rows after which a part is finished and kept.
PART_ROWS = 2_000_000
#: Batches that are read ahead.
AHEAD = 2
#: The verdicts that are written unless all are asked for.
WRITTEN = tuple(verdict for verdict in VERDICTS if verdict not in ("permitted", NOT_JUDGED))
FINDINGS = pa.schema([pa.field("file", pa.dictionary(pa.int32(), pa.string())), *SCHEMA])

Progress = Callable[[int, int | None], None]


def audit(
    claims: Claims,
    out: Path,
    *,
    every: bool = False,
    force: bool = False,
    part_rows: int = PART_ROWS,
    progress: Progress | None = None,
    parameters: dict[str, Any] | None = None,
) -> Summary:
    """Judges every line of some files.

    Args:
        claims: the files, from ``open_claims``.
        out: the folder for ``findings.parquet``, ``summary.json`` and ``report.html``. If it holds an unfinished
            audit of the same files, settings and knowledge, that one goes on.
        every: write all lines, not only those that are not plainly permitted.
        force: begin anew, whatever audit is in the folder.
        part_rows: rows after which what was done is kept.
        progress: called with the rows done, and how many there are if that is known.
        parameters: settings to be named in the summary.

    Raises:
        InputError: if the first file that can be read is not understood, or the folder cannot be used.
    """
    _ = claims.plan  # says at once what is not understood
    written = VERDICTS if every else WRITTEN
    if force:
        clear(out)
    described = {
        "files": [[file.key, file.size, file.path.stat().st_mtime_ns] for file in claims.files],
        "settings": {**{k: str(v) for k, v in sorted(claims.settings.items()) if k != "codes"}, "part": part_rows},
        "written": list(written),
        "knowledge": digest(),
    }
    job = Job(out, described)
    done = job.begin()
    threading.Thread(target=warm, daemon=True).start()
    run = _Run(claims, job, written, part_rows, progress)
    run.resume(done)
    run.go()
    made = run.summary(parameters or {})
    job.finish(run.parts, {"summary.json": as_json(made), "report.html": report(made).encode()})
    return made


class _Run:
    """The state of a run: what was counted in all, and what belongs to the part that is under way."""

    def __init__(
        self, claims: Claims, job: Job, written: tuple[str, ...], part_rows: int, progress: Progress | None
    ) -> None:
        self.claims, self.job, self.written, self.part_rows = claims, job, written, part_rows
        self.progress = progress
        self.total = Tally()
        self.parts = self.rows = self.lost = self.findings = self.troubles_in_all = 0
        self.rows_of = [0] * len(claims.files)
        self.troubles: list[TroubleText] = []
        self.at = (0, 0)
        known = [file.rows for file in claims.files]
        self.expected = None if None in known else sum(n or 0 for n in known)
        self._fresh()

    def _fresh(self) -> None:
        self.tally = Tally()
        self.kept: list[pa.RecordBatch] = []
        self.part: dict[str, Any] = {
            "rows": 0,
            "lost": 0,
            "findings": 0,
            "troubles": [],
            "rows_of": {},
            "count": 0,
        }

    def resume(self, parts: list[dict[str, Any]]) -> None:
        """Takes over what finished parts have counted."""
        for part in parts:
            self._absorb(part)

    def _absorb(self, part: dict[str, Any]) -> None:
        self.parts += 1
        self.rows += part["rows"]
        self.lost += part["lost"]
        self.findings += part["findings"]
        self.troubles_in_all += part["count"]
        self.troubles += [TroubleText(**trouble) for trouble in part["troubles"]]
        for number, rows in part["rows_of"].items():
            self.rows_of[int(number)] += rows
        self.total.add_state(part["tally"])
        self.at = (part["next"][0], part["next"][1])

    def go(self) -> None:
        """Judges from where the finished parts end."""
        self._tell()
        for number, batch in _ahead(self._batches()):
            self._take(number, batch)
            if self.part["rows"] >= self.part_rows:
                self._finish_part(number, batch.first_row + batch.rows)
        if self.parts == 0 or self.part["rows"] or self.part["count"]:
            self._finish_part(len(self.claims.files), 0)

    def _batches(self) -> Iterator[tuple[int, Batch]]:
        first, start = self.at
        for number in range(first, len(self.claims.files)):
            for batch in self.claims.batches(self.claims.files[number], start if number == first else 0):
                yield number, batch

    def _take(self, number: int, batch: Batch) -> None:
        file = self.claims.files[number]
        self.part["rows"] += batch.rows
        self.part["rows_of"][str(number)] = self.part["rows_of"].get(str(number), 0) + batch.rows
        for trouble in batch.troubles:
            self._trouble(trouble)
        lines = batch.lines
        if lines is not None and batch.plan is not None and lines.num_rows:
            answered = answers(lines, batch.plan)
            self.tally.add(lines, answered)
            self._keep(file, lines, answered)
        if self.progress:
            self.progress(self.rows + self.part["rows"], self.expected)

    def _keep(self, file: ClaimFile, lines: pa.RecordBatch, answered: pa.RecordBatch) -> None:
        verdict = answered.column("verdict")
        if len(self.written) < len(VERDICTS):
            wanted = pa.array([word in self.written for word in verdict.dictionary.to_pylist()])
            mask = pc.take(wanted, verdict.indices)
            lines, answered = lines.filter(mask), answered.filter(mask)
        if lines.num_rows:
            judged = whole(lines, answered)
            zeros = pa.repeat(pa.scalar(0, pa.int32()), judged.num_rows)
            names = pa.DictionaryArray.from_arrays(zeros, pa.array([file.key]))
            self.kept.append(pa.RecordBatch.from_arrays([names, *judged.columns], schema=FINDINGS))
            self.part["findings"] += judged.num_rows

    def _trouble(self, trouble: Trouble) -> None:
        self.part["count"] += 1
        self.part["lost"] += trouble.rows or 0
        if len(self.troubles) + len(self.part["troubles"]) < TOLD:
            row = None if trouble.row is None else trouble.row + 1
            self.part["troubles"].append(
                {
                    "file": trouble.file,
                    "row": row,
                    "where": trouble.where,
                    "what": trouble.what,
                    "rows": trouble.rows,
                }
            )

    def _finish_part(self, file: int, row: int) -> None:
        self.part["tally"] = self.tally.state()
        self.part["next"] = [file, row]
        table = _by_appearance(pa.Table.from_batches(self.kept, schema=FINDINGS).unify_dictionaries())
        self.job.keep(self.parts, table, self.part)
        self._absorb(self.part)
        self._fresh()

    def _tell(self) -> None:
        if self.progress:
            self.progress(self.rows, self.expected)

    def summary(self, parameters: dict[str, Any]) -> Summary:
        """The summary of everything."""
        files = [
            InputFile(key=file.key, format=file.format, bytes=file.size, rows=rows)
            for file, rows in zip(self.claims.files, self.rows_of, strict=True)
        ]
        return summary(
            self.total,
            knowledge=digest(),
            parameters=parameters,
            files=tuple(files),
            skipped=self.claims.skipped,
            rows=self.rows,
            rows_lost=self.lost,
            findings=self.findings,
            written=tuple(self.written),
            troubles=tuple(self.troubles),
            troubles_in_all=self.troubles_in_all,
        )


def _by_appearance(table: pa.Table) -> pa.Table:
    """A table whose dictionaries hold what its rows hold, in the order of appearance: the same bytes each time."""
    columns = []
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            array = column.combine_chunks()
            array = array if isinstance(array, pa.Array) else pa.concat_arrays(array.chunks)
            used = pc.drop_null(pc.unique(array.indices))
            words = array.dictionary.take(used).dictionary_encode()  # a value can stand there twice
            place = np.zeros(max(len(array.dictionary), 1), np.int32)
            place[np.asarray(used)] = np.asarray(words.indices)
            indices = pc.take(pa.array(place), array.indices)
            column = pa.DictionaryArray.from_arrays(indices, words.dictionary, safe=False)
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=table.schema)


def _ahead(batches: Iterator[tuple[int, Batch]]) -> Iterator[tuple[int, Batch]]:
    """The batches, read in a thread of their own while others are judged."""
    ready: queue.Queue[Any] = queue.Queue(AHEAD)
    stop = threading.Event()

    def read() -> None:
        try:
            for item in batches:
                while not stop.is_set():
                    try:
                        ready.put(item, timeout=0.2)
                        break
                    except queue.Full:
                        continue
                if stop.is_set():
                    return
            ready.put(None)
        except BaseException as error:  # it is raised where the batches are taken
            ready.put(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
