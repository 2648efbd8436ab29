"""What an audit has done so far, kept on disk so that it can be stopped anywhere and go on.

A folder ``.audit`` beside the results holds ``job.json`` (which files, settings and knowledge) and, for every part
that is finished, ``part-000007.parquet`` (its findings) and ``part-000007.json`` (its counts, its troubles, and
where the next part begins). A part counts once its JSON file is there; both are written beside and renamed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from handrail.audit.judged import FINDINGS
from handrail.terms import InputError

FOLDER = ".audit"
#: The folder before it has its ``job.json``, and when it is no longer needed.
NEW, GONE = ".audit.new", ".audit.gone"
RESULTS = ("findings.parquet", "summary.json", "report.html")
#: Findings up to this number become one file; more become a folder of files.
ONE_FILE = 2_000_000
WORDS = [field.name for field in FINDINGS if pa.types.is_dictionary(field.type)]
GROUP = 1 << 20


class Job:
    """An audit's folder."""

    def __init__(self, out: Path, described: dict[str, Any]) -> None:
        self.out, self.folder = out, out / FOLDER
        self.described = described

    def begin(self) -> list[dict[str, Any]]:
        """Makes the folder, or finds what an earlier run of the same audit has done.

        Returns:
            The parts that are finished, in order.

        Raises:
            InputError: if the folder holds another audit, or a finished one, or cannot be written.
        """
        if self.out.exists() and not self.out.is_dir():
            raise InputError("is a file, not a folder", where=str(self.out))
        if not self.folder.is_dir():
            self._guarded(self._tidy)
            if self.out.is_dir() and any(self.out.iterdir()):
                raise InputError("is not empty", where=str(self.out), hint="Name another folder, or give --force")
            self._guarded(self._make)
            return []
        try:
            known = json.loads((self.folder / "job.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise InputError(
                "holds an audit that cannot be read", where=str(self.out), hint="Give --force"
            ) from None
        for key, value in self.described.items():
            if known.get(key) != value:
                hint = "Name another folder, or give --force to begin anew"
                raise InputError(f"holds an unfinished audit with other {key}", where=str(self.out), hint=hint)
        return self.parts()

    def _make(self) -> None:
        beside = self.out / NEW
        beside.mkdir(parents=True)
        _write(beside / "job.json", _json(self.described))
        beside.replace(self.folder)
        _sync_folder(self.out)

    def _tidy(self) -> None:
        for name in (NEW, GONE):
            if (self.out / name).is_dir():
                shutil.rmtree(self.out / name)

    def parts(self) -> list[dict[str, Any]]:
        """The finished parts, in order, up to the first that is missing."""
        found: list[dict[str, Any]] = []
        while (state := self.state(len(found))) is not None:
            found.append(state)
        return found

    def state(self, number: int) -> dict[str, Any] | None:
        """What a finished part has counted; None: it is not finished."""
        try:
            state: dict[str, Any] = json.loads(self._part(number, "json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return state

    def keep(self, number: int, findings: pa.Table, state: dict[str, Any]) -> dict[str, Any]:
        """Keeps a finished part, and gives its state as it can be read again.

        Raises:
            InputError: if it cannot be written, such as on a full disk; what was kept before stays.
        """
        self._guarded(lambda: self._keep(number, findings, state))
        return state

    def _keep(self, number: int, findings: pa.Table, state: dict[str, Any]) -> None:
        _write_table(self._part(number, "parquet"), findings)
        _write(self._part(number, "json"), _json(state))

    def finish(self, parts: int, findings: int, others: dict[str, bytes]) -> None:
        """Puts the results in their place and clears up.

        Args:
            parts: how many parts there are; ``findings``: how many lines in them.
            others: other results by name.
        """
        self._guarded(lambda: self._finish(parts, findings, others))

    def _finish(self, parts: int, findings: int, others: dict[str, bytes]) -> None:
        place = self.out / "findings.parquet"
        sources = [self._part(number, "parquet") for number in range(parts)]
        if findings <= ONE_FILE:
            tables = [pq.read_table(source, read_dictionary=WORDS, schema=FINDINGS) for source in sources]
            _write_table(place, pa.concat_tables(tables).unify_dictionaries())
        else:
            place.mkdir(exist_ok=True)
            for number, source in enumerate(sources):
                if source.exists():  # else it was moved before a stop
                    source.replace(place / f"part-{number:06}.parquet")
            _sync_folder(place)
        for name, data in others.items():
            _write(self.out / name, data)
        _sync_folder(self.out)
        self.folder.replace(self.out / GONE)
        self._tidy()

    def _part(self, number: int, kind: str) -> Path:
        return self.folder / f"part-{number:06}.{kind}"

    def _guarded(self, work: Any) -> None:
        try:
            work()
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            with contextlib.suppress(OSError):
                for left in self.folder.glob("*.part"):
                    left.unlink()
            why = "there is no room left" if full else error.strerror or "it cannot be written"
            hint = "What was judged is kept: make room and give the same command again" if full else ""
            raise InputError(why, where=str(self.out), hint=hint) from None


def clear(out: Path) -> None:
    """Removes what an earlier audit left in a folder, and nothing else."""
    for name in (FOLDER, NEW, GONE):
        shutil.rmtree(out / name, ignore_errors=True)
    for name in RESULTS:
        place = out / name
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


def _write(place: Path, data: bytes) -> None:
    """Writes a file whole, or not at all."""
    beside = place.with_name(f"{place.name}.part")
    with beside.open("wb") as file:
        file.write(data)
        _sync(file)
    beside.replace(place)


def _write_table(place: Path, findings: pa.Table) -> None:
    """Writes findings whole, or not at all. What is no dictionary has too many values to be coded as one."""
    beside = place.with_name(f"{place.name}.part")
    with beside.open("wb") as file:
        pq.write_table(
            findings,
            file,
            row_group_size=GROUP,
            compression="zstd",
            compression_level=1,
            use_dictionary=WORDS,
            write_statistics=["row", "service_from", "amount"],
        )
        _sync(file)
    beside.replace(place)


def _sync_folder(place: Path) -> None:
    """Makes names in a folder last, where the system can."""
    with contextlib.suppress(OSError):
        number = os.open(place, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
