"""Audits that run beside the service: a folder each, a process each, everything about one in its folder.

A folder ``data/audits/ID`` holds the claims file under its own name in ``claims/``, ``job.json``, ``progress.json``
while it runs, and what the audit writes in ``out/``. Nothing else is remembered, so several workers see the same audits.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from handrail.web.problems import Problem, not_found

ID = re.compile(r"[0-9a-f]{32}")


class Job(msgspec.Struct, kw_only=True):
    """What is kept of an audit beside its files."""

    id: str
    file: str
    created: datetime
    expires: datetime
    options: dict[str, Any] = {}


class Jobs:
    """The audits of a folder.

    Args:
        folder: where they lie.
        at_once: how many run at the same time.
        kept: how many may lie there.
        hours: after how many of them an audit is deleted.
    """

    def __init__(self, folder: Path, *, at_once: int, kept: int, hours: float) -> None:
        self.folder, self.kept, self.hours = folder / "audits", kept, hours
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="audit")
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._closed = False

    # Beginning and ending

    def begin(self, name: str, options: dict[str, Any]) -> tuple[Job, Path]:
        """A new audit, and where its claims file is to be written.

        Raises:
            Problem: if there are too many.
        """
        self.sweep()
        if self.folder.is_dir() and sum(1 for _ in self.folder.iterdir()) >= self.kept:
            raise Problem(
                503,
                "Too many audits",
                f"{self.kept} audits are kept already",
                kind="busy",
                hint="Delete one, or wait until one expires",
                headers={"retry-after": "600"},
            )
        now = datetime.now(UTC)
        job = Job(
            id=secrets.token_hex(16),
            file=plain_name(name),
            created=now,
            expires=now + timedelta(hours=self.hours),
            options=options,
        )
        place = self.folder / job.id / "claims"
        place.mkdir(parents=True, mode=0o700)
        write_whole(self.folder / job.id / "job.json", msgspec.json.encode(job))
        return job, place / job.file

    def start(self, job: Job) -> None:
        """Lets an audit run as soon as there is room."""
        (self.folder / job.id / "queued").touch()
        self._pool.submit(self._run, job)

    def delete(self, id_: str) -> None:
        """Stops an audit and deletes everything of it."""
        folder = self._folder(id_)
        with self._lock:
            child = self._running.get(id_)
        if child is not None:
            child.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(5)
        shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """Deletes what has expired, and what never began."""
        if not self.folder.is_dir():
            return
        now = datetime.now(UTC)
        for folder in list(self.folder.iterdir()):
            if not ID.fullmatch(folder.name):
                continue
            with contextlib.suppress(Problem, OSError):
                if self._job(folder).expires < now:
                    self.delete(folder.name)

    def close(self) -> None:
        """Stops what runs. It goes on when the service starts again."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            children = list(self._running.values())
        for child in children:
            child.send_signal(signal.SIGTERM)

    def resume(self) -> None:
        """Goes on with what a stop of the service interrupted."""
        if not self.folder.is_dir():
            return
        for folder in sorted(self.folder.iterdir()):
            if ID.fullmatch(folder.name) and (folder / "queued").exists() and not self._ended(folder):
                with contextlib.suppress(Problem):
                    self._pool.submit(self._run, self._job(folder))

    # Looking

    def about(self, id_: str) -> dict[str, Any]:
        """How far an audit is, in the shape of ``shapes.Audit``."""
        folder = self._folder(id_)
        job = self._job(folder)
        told = _read(folder / "progress.json") or {}
        failed = _read(folder / "failed.json")
        summary = _read(folder / "out" / "summary.json")
        rows, expected = told.get("rows", 0), told.get("expected")
        state = "queued"
        if failed:
            state = "failed"
        elif summary:
            state, rows = "done", summary["rows"]
        elif told:
            state = "running"
        progress = 1.0 if state == "done" else (min(1.0, rows / expected) if expected else None)
        return {
            "id": job.id,
            "state": state,
            "file": job.file,
            "rows": rows,
            "expected": expected,
            "progress": progress,
            "created": job.created.isoformat(timespec="seconds"),
            "expires": job.expires.isoformat(timespec="seconds"),
            "problem": failed["problem"] if failed else None,
            "summary": _short(summary) if summary else None,
        }

    def result(self, id_: str, name: str) -> Path:
        """A file that a finished audit wrote.

        Raises:
            Problem: if it is not finished.
        """
        folder = self._folder(id_)
        path = folder / "out" / name
        if not (folder / "out" / "summary.json").exists() or not path.exists():
            raise Problem(409, "Not finished", "the audit has not written this yet", kind="not-finished")
        return path

    def _folder(self, id_: str) -> Path:
        folder = self.folder / id_
        if not ID.fullmatch(id_) or not folder.is_dir():
            raise not_found("there is no such audit", "Audits are deleted after some hours")
        return folder

    def _job(self, folder: Path) -> Job:
        try:
            return msgspec.json.decode((folder / "job.json").read_bytes(), type=Job)
        except (OSError, msgspec.DecodeError):
            raise not_found("there is no such audit") from None

    def _ended(self, folder: Path) -> bool:
        return (folder / "failed.json").exists() or (folder / "out" / "summary.json").exists()

    # Running

    def _run(self, job: Job) -> None:
        folder = self.folder / job.id
        if self._closed or not folder.is_dir() or self._ended(folder):
            return
        command = [sys.executable, "-m", "handrail.web.rest.auditing", str(folder)]
        with self._lock:
            if self._closed:
                return
            child = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            self._running[job.id] = child
        code = child.wait()
        with self._lock:
            del self._running[job.id]
        if folder.is_dir() and not self._closed and not self._ended(folder):
            reason = "the audit was stopped" if code < 0 else "the audit ended before it was done"
            with contextlib.suppress(OSError):
                write_whole(folder / "failed.json", msgspec.json.encode({"problem": reason}))


def plain_name(given: str) -> str:
    """A file's name that can do no harm: no folders, no signs, never hidden.

    >>> plain_name("../../etc/passwd"), plain_name("März 2024.csv.gz"), plain_name("")
    ('passwd', 'M_rz_2024.csv.gz', 'claims')
    """
    name = re.sub(r"[^A-Za-z0-9._-]", "_", re.split(r"[/\\]", given)[-1]).lstrip(".")[-100:]
    return name or "claims"


def write_whole(path: Path, data: bytes) -> None:
    """Writes a small file whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    beside.write_bytes(data)
    beside.replace(path)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        data = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
    return data if isinstance(data, dict) else None


def _short(summary: dict[str, Any]) -> dict[str, Any]:
    """The counts of a summary that fit an answer; the whole of it is a file."""
    names = ("rows", "lines", "findings", "dollars", "by_verdict", "troubles_in_all")
    return {name: summary[name] for name in names if name in summary}
