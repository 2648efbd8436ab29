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

from handrail.terms import InputError

FOLDER = ".audit"


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
        self.folder.mkdir(parents=True)
        _write(self.folder / "job.json", _json(self.described))

    def parts(self) -> list[dict[str, Any]]:
        """The finished parts, in order, up to the first that is missing."""
        found: list[dict[str, Any]] = []
        while True:
            try:
                found.append(json.loads(self._part(len(found), "json").read_text(encoding="utf-8")))
            except (OSError, ValueError):
                return found

    def keep(self, number: int, findings: pa.Table, state: dict[str, Any]) -> None:
        """Keeps a finished part.

        Raises:
            InputError: if it cannot be written, such as on a full disk; what was kept before stays.
        """
        self._guarded(lambda: self._keep(number, findings, state))

    def _keep(self, number: int, findings: pa.Table, state: dict[str, Any]) -> None:
        place = self._part(number, "parquet")
        beside = place.with_suffix(".part")
        with beside.open("wb") as file:
            pq.write_table(findings, file, compression="zstd", compression_level=1)
            _sync(file)
        beside.replace(place)
        _write(self._part(number, "json"), _json(state))

    def finish(self, parts: int, files: dict[str, bytes]) -> None:
        """Puts the results in their place and clears up.

        Args:
            parts: how many parts there are.
            files: other results by name.
        """
        self._guarded(lambda: self._finish(parts, files))

    def _finish(self, parts: int, files: dict[str, bytes]) -> None:
        place = self.out / "findings.parquet"
        if parts == 1:
            if self._part(0, "parquet").exists():
                self._part(0, "parquet").replace(place)
        else:
            place.mkdir(exist_ok=True)
            for number in range(parts):
                source = self._part(number, "parquet")
                if source.exists():
                    source.replace(place / f"part-{number:06}.parquet")
        for name, data in files.items():
            _write(self.out / name, data)
        shutil.rmtree(self.folder)

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
    shutil.rmtree(out / FOLDER, ignore_errors=True)
    for name in ("findings.parquet", "summary.json", "report.html"):
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


def _sync(file: Any) -> None:
    file.flush()
    with contextlib.suppress(OSError):
        os.fsync(file.fileno())


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
