"""The law's arrays, kept on disk under the hash of everything that they come from.

They lie in ``$XDG_CACHE_HOME/handrail`` (``~/.cache/handrail``). A file that is broken, half written or of other
knowledge is built anew; where nothing can be written they are built in every process, which takes about half a
second.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from handrail.compiled import base as base_
from handrail.compiled.base import Base
from handrail.decide import digest

_MAGIC = b"handrail compiled 1\n"
_HERE = Path(__file__).parent


@cache
def _key() -> str:
    """The digest, and that of the code that makes the arrays: the reference's and this room's."""
    total = hashlib.sha256(digest().encode())
    for folder in (_HERE, _HERE.parent / "decide"):
        for path in sorted(folder.glob("*.py")):
            total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def folder() -> Path:
    """Where files are kept between runs."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home and Path(home).is_absolute() else Path.home() / ".cache") / "handrail"


def load() -> Base:
    """The arrays, from disk where they are there and whole."""
    try:
        path = folder() / f"tables-{_key()[:32]}.bin"
    except RuntimeError:  # no home
        return base_.build()
    found = _read(path)
    if found is None:
        found = base_.build()
        _write(path, found)
    return found


def _read(path: Path) -> Base | None:
    try:
        raw = path.read_bytes()
        head = len(_MAGIC) + 32
        if raw[: len(_MAGIC)] != _MAGIC or hashlib.sha256(raw[head:]).digest() != raw[len(_MAGIC) : head]:
            return None
        return _unpacked(raw[head:])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, made: Base) -> None:
    packed = _packed(made)
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".tables-", delete=False) as file:
            try:
                file.write(_MAGIC + hashlib.sha256(packed).digest() + packed)
                file.close()
                Path(file.name).replace(path)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                return
        for other in path.parent.glob("tables-*.bin"):
            if other != path:  # of other knowledge, or of an earlier version
                other.unlink(missing_ok=True)


def _packed(made: Base) -> bytes:
    fields = {
        name: [value.dtype.str, list(value.shape), value.tobytes()]
        if isinstance(value, np.ndarray)
        else list(value)
        for name, value in made._asdict().items()
    }
    return msgspec.msgpack.encode(fields)


def _unpacked(packed: bytes) -> Base:
    return Base(**{name: _value(value) for name, value in msgspec.msgpack.decode(packed).items()})


def _value(value: list[Any]) -> Any:
    """An array or a tuple. Arrays are copied: numba takes what cannot be written for another type."""
    if value and isinstance(value[-1], bytes):
        kind, shape, raw = value
        return np.frombuffer(raw, kind).reshape(shape).copy()
    return tuple(value)
