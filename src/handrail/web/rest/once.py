"""Idempotency keys of audits: the same key and the same file give the same audit, also at the same time.

A key is kept as its hash, with the hash of what was sent and the audit's id, until the audit is gone.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from handrail.web.problems import Problem
from handrail.web.rest.jobs import write_whole


def once(
    folder: Path,
    key: str,
    file: BinaryIO,
    options: dict[str, Any],
    there: Callable[[str], bool],
    begin: Callable[[], str],
) -> str:
    """The id of the audit of a key: begun now, or before.

    Args:
        folder: where keys are kept.
        key: as the client gave it.
        file: what was sent; it is read, and wound back.
        options: what was sent with it.
        there: whether an audit is still there.
        begin: begins the audit.

    Raises:
        Problem: if the key was used with something else.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = folder / f"{hashlib.sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()}.json"
    with _alone(kept.with_suffix(".lock")):
        sent = _hash(file, options)
        before = _read(kept)
        if before is not None and there(before["id"]):
            if before["hash"] != sent:
                raise Problem(
                    422, "Key used before", "the Idempotency-Key was used with something else", kind="idempotency"
                )
            return before["id"]
        id_ = begin()
        write_whole(kept, msgspec.json.encode({"id": id_, "hash": sent}))
        return id_


def forget(folder: Path, there: Callable[[str], bool]) -> None:
    """Deletes keys whose audits are gone."""
    for kept in list(folder.glob("*.json")) if folder.is_dir() else ():
        with _alone(kept.with_suffix(".lock")):
            before = _read(kept)
            if before is None or not there(before["id"]):
                kept.unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keeps other threads and other processes away from a key."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _hash(file: BinaryIO, options: dict[str, Any]) -> str:
    total = hashlib.sha256(json.dumps(options, sort_keys=True).encode())
    for part in iter(lambda: file.read(1 << 20), b""):
        total.update(part)
    file.seek(0)
    return total.hexdigest()


def _read(kept: Path) -> dict[str, str] | None:
    try:
        return msgspec.json.decode(kept.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return None
