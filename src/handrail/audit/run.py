"""A whole audit on one machine: files in, findings and a summary out, in bounded memory, stopped and resumed."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from handrail.audit.job import Job, clear
from handrail.audit.part import Part, Total
from handrail.audit.read import Batch, Claims
from handrail.audit.report import report
from handrail.audit.summary import InputFile, Summary, TroubleText, as_json, summary
from handrail.compiled import NOT_JUDGED, VERDICTS, digest, warm
from handrail.terms.billing import shipped

#: Rows after which a part is finished and kept.
PART_ROWS = 2_000_000
#: Batches that are read ahead.
AHEAD = 2
#: The verdicts that are written unless all are asked for.
WRITTEN = tuple(verdict for verdict in VERDICTS if verdict not in ("permitted", NOT_JUDGED))

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
    threading.Thread(target=warm, daemon=True).start()
    job, total = begin(claims, out, every=every, force=force, parts=part_rows)
    tell = progress or (lambda done, expected: None)
    expected = rows_of(claims)
    written = VERDICTS if every else WRITTEN
    tell(total.rows, expected)
    part, rows = Part(written), total.rows
    with _Keeper(job, total) as keeper:
        for number, batch in _ahead(_batches(claims, *total.next)):
            part.take(number, claims.files[number].key, batch)
            rows += batch.rows
            tell(rows, expected)
            if part.rows >= part_rows:
                keeper.keep(part, number, batch.first_row + batch.rows)
                part = Part(written)
        if not part.empty or not rows:
            keeper.keep(part, len(claims.files), 0)
    return finish(claims, job, total, written=written, parameters=parameters or {})


class _Keeper:
    """Writes a part while the next one is judged; one at a time, in order."""

    def __init__(self, job: Job, total: Total) -> None:
        self.job, self.total = job, total
        self._thread = ThreadPoolExecutor(1)
        self._waiting: Future[dict[str, Any]] | None = None

    def __enter__(self) -> _Keeper:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._settle()
        finally:
            self._thread.shutdown()

    def keep(self, part: Part, file: int, row: int) -> None:
        """Keeps a part, once the one before is kept. The next one begins at a row of a file."""
        self._settle()
        self._waiting = self._thread.submit(self._keep, self.total.parts, part, part.state(file, row))

    def _keep(self, number: int, part: Part, state: dict[str, Any]) -> dict[str, Any]:
        return self.job.keep(number, part.table(), state)

    def _settle(self) -> None:
        if self._waiting is not None:
            self.total.add(self._waiting.result())
            self._waiting = None


def begin(claims: Claims, out: Path, *, every: bool, force: bool, parts: Any) -> tuple[Job, Total]:
    """Opens the folder of an audit, and counts what an earlier run of it has done.

    Args:
        claims, out, every, force: as for ``audit``.
        parts: what says where parts end.

    Raises:
        InputError: as for ``audit``.
    """
    _ = claims.plan  # says at once what is not understood
    if force:
        clear(out)
    settings = {key: str(value) for key, value in sorted(claims.settings.items()) if key != "codes"}
    register = claims.settings.get("providers")
    described = {
        "files": [[file.key, *_stamp(file.path)] for file in claims.files],
        "settings": {**settings, "register": _stamp(register) if register else None, "parts": parts},
        "written": list(VERDICTS if every else WRITTEN),
        "knowledge": [digest(), codes_digest(claims)],
    }
    job, total = Job(out, described), Total(len(claims.files))
    for state in job.begin():
        total.add(state)
    return job, total


def finish(
    claims: Claims, job: Job, total: Total, *, written: tuple[str, ...], parameters: dict[str, Any]
) -> Summary:
    """Puts together what the parts of an audit hold, and writes the results.

    Args:
        claims, job, total: from ``begin``, all parts added.
        written: the verdicts whose lines are findings.
        parameters: settings to be named in the summary.
    """
    files = [
        InputFile(key=file.key, format=file.format, bytes=file.size, rows=rows)
        for file, rows in zip(claims.files, total.rows_of, strict=True)
    ]
    made = summary(
        total.tally,
        knowledge=digest(),
        codes=codes_digest(claims),
        parameters=parameters,
        files=tuple(files),
        skipped=claims.skipped,
        rows=total.rows,
        rows_lost=total.lost,
        findings=total.findings,
        written=written,
        troubles=tuple(TroubleText(**trouble) for trouble in total.troubles),
        troubles_in_all=total.troubles_in_all,
    )
    others = {"summary.json": as_json(made), "report.html": report(made).encode()}
    job.finish(total.parts, total.findings, others)
    return made


def _stamp(path: Path) -> list[int]:
    """What changes when a file does."""
    about = path.stat()
    return [about.st_size, about.st_mtime_ns]


def codes_digest(claims: Claims) -> str:
    """SHA-256 of the maps of codes in use, in hex."""
    return hashlib.sha256(msgspec.json.encode(claims.settings.get("codes") or shipped())).hexdigest()


def rows_of(claims: Claims) -> int | None:
    """How many rows there are, if all files say it."""
    known = [file.rows for file in claims.files]
    return None if None in known else sum(rows or 0 for rows in known)


def _batches(claims: Claims, first: int, start: int) -> Iterator[tuple[int, Batch]]:
    for number in range(first, len(claims.files)):
        for batch in claims.batches(claims.files[number], start if number == first else 0):
            _ = batch.lines  # worked out here, beside the judging of others
            yield number, batch


def _ahead(batches: Iterator[tuple[int, Batch]]) -> Iterator[tuple[int, Batch]]:
    """The batches, read in a thread of their own while others are judged."""
    ready: queue.Queue[Any] = queue.Queue(AHEAD)
    stop = threading.Event()

    def put(item: Any) -> bool:
        while not stop.is_set():
            try:
                ready.put(item, timeout=0.2)
                return True
            except queue.Full:
                continue
        return False

    def read() -> None:
        try:
            for item in batches:
                if not put(item):
                    return
            put(None)
        except BaseException as error:  # it is raised where the batches are taken
            put(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        thread.join()
