"""Bytes of a claim file, unpacked, checked to be UTF-8, within bounds."""

from __future__ import annotations

import codecs
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from handrail.audit.troubles import Stop, Troubles

#: The longest line, or record with its embedded newlines, and so the most of a file in memory at once.
BLOCK = 16 << 20
#: So much of a CSV file makes one batch.
PIECE = 8 << 20
#: A field with line breaks is hardly longer; a quote that is not closed within this is taken for a stray one.
QUOTED = 1 << 16
#: Claims shrink some 10 to 50 times when packed. What shrinks more than this holds no claims.
MAX_RATIO = 400
#: Below this size nobody minds the ratio.
RATIO_FROM = 64 << 20

_MAGIC = {b"\x1f\x8b": "gz", b"\x28\xb5\x2f\xfd": "zst", b"PAR1": "parquet", b"PK\x03\x04": "zip"}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def magic(head: bytes) -> str | None:
    """What the first bytes of a file say that it is: gz, zst, parquet or zip."""
    return next((kind for start, kind in _MAGIC.items() if head.startswith(start)), None)


class Bytes:
    """The text of a file as bytes that are UTF-8, read once from its beginning.

    What is no UTF-8 is replaced, and told with its line. Quotes are counted, so that one that is never closed does
    not swallow rows unseen.

    Args:
        path: the file; unpacked if its first bytes say that it is packed.
        troubles: where replaced bytes are told.
    """

    def __init__(self, path: Path, troubles: Troubles) -> None:
        self.raw: BinaryIO = path.open("rb")
        self.troubles = troubles
        self.head = self.raw.read(4)
        self.raw.seek(0)
        self.packed = magic(self.head)
        self.source: Any = _unpacked(self.raw, self.packed)
        self.lines = self.quotes = self.total = 0
        self.told_line = -1
        self.start = self.rest = self.ready = b""
        self.ended = self.closed = False

    def __enter__(self) -> Bytes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self.closed = True
        self.raw.close()

    def readable(self) -> bool:
        """True: for readers that ask."""
        return True

    def peek(self, size: int = 1 << 20) -> bytes:
        """The beginning, without taking it."""
        while len(self.ready) < size and not self.ended:
            self.ready += self._next(size)
        return self.ready[:size]

    def text(self) -> bytes:
        """The beginning, without taking it.

        Raises:
            Stop: if it is empty, or no text in UTF-8.
        """
        head = self.peek()
        if not head.strip():
            raise Stop("is empty")
        if self.start.startswith(_UTF16):
            raise Stop("is UTF-16, not UTF-8")
        if magic(self.start) == "zip":
            raise Stop("is a ZIP archive or a spreadsheet; unpack it, or save it as CSV")
        if b"\x00" in head[: 1 << 12]:
            raise Stop("is binary, not text (it holds zero bytes)")
        return head

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes; empty at the end.

        Raises:
            Stop: if the file cannot be unpacked, or unpacks to far more than its size.
        """
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(BLOCK), b""))
        while not self.ready and not self.ended:
            self.ready = self._next(max(size, 1 << 16))
        given, self.ready = self.ready[:size], self.ready[size:]
        return given

    def blocks(self) -> Iterator[bytes]:
        """Whole lines, some megabytes of them at a time.

        Raises:
            Stop: also for a line longer than BLOCK.
        """
        kept = b""
        for data, stop in self._pieces():
            kept += data
            end = kept.rfind(b"\n") + 1
            if end:
                yield kept[:end]
                kept = kept[end:]
            elif len(kept) > BLOCK:
                raise Stop(f"a line is longer than {BLOCK >> 20} MiB: not read further")
            if stop:
                raise stop
        if kept:
            yield kept

    def records(self) -> Iterator[bytes]:
        """Whole records of CSV, some megabytes of them at a time: a line break within quotes ends none.

        Raises:
            Stop: also for a record longer than BLOCK.
        """
        kept = b""
        for data, stop in self._pieces():
            kept += data
            end = _record_end(kept)
            if end:
                yield kept[:end]
                kept = kept[end:]
            elif len(kept) > BLOCK:
                raise Stop(f"a row is longer than {BLOCK >> 20} MiB: not read further")
            if stop:
                raise stop
        if kept:
            yield kept

    def _pieces(self) -> Iterator[tuple[bytes, Stop | None]]:
        """The file in pieces of one size, the last shorter; with the last, why it is the last if not the end."""
        while True:
            found: list[bytes] = []
            size = 0
            stop: Stop | None = None
            try:
                while size < PIECE and (piece := self.read(PIECE - size)):
                    found.append(piece)
                    size += len(piece)
            except Stop as stopped:
                stop = stopped
            if size or stop:
                yield b"".join(found), stop
            if size < PIECE:
                return

    def _next(self, size: int) -> bytes:
        try:
            data = self.source.read(size)
        except (OSError, pa.ArrowException, EOFError) as error:
            raise Stop(f"cannot be read further: {_short(error)}") from None
        data = bytes(data)
        if not self.total:
            self.start = data[:4]
        self.total += len(data)
        if self.packed and self.total > RATIO_FROM and self.total > MAX_RATIO * max(self.raw.tell(), 1):
            told = f"{self.total >> 20} MiB so far"
            raise Stop(f"unpacks to more than {MAX_RATIO} times its size ({told}): not read further")
        self.ended = not data
        if not data or self.rest or not data.isascii():
            data = self._utf8(self.rest + data)
        self.quotes += data.count(b'"')
        self.lines += data.count(b"\n")
        return data

    def _utf8(self, data: bytes) -> bytes:
        """Data with bytes that are not UTF-8 replaced; a character that the end cuts is kept for the next."""
        cut = 0 if self.ended else _cut(data)
        data, self.rest = data[: len(data) - cut], data[len(data) - cut :]
        _found.places = []
        text = data.decode("utf-8", _HANDLER)
        line, at = self.lines, 0
        for place in _found.places:
            line, at = line + data.count(b"\n", at, place), place
            self._tell(line)
        return text.encode() if _found.places else data

    def _tell(self, line: int) -> None:
        if line != self.told_line:
            self.told_line = line
            self.troubles.add(
                "not UTF-8",
                None,
                "holds bytes that are not UTF-8; they are read as \ufffd",
                f"line {line + 1}",
            )


_HANDLER = "handrail.audit.replace"
_found = threading.local()


def _replace(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  (only decoding uses it)
    _found.places.append(error.start)
    return "\ufffd", error.end


codecs.register_error(_HANDLER, _replace)


def _cut(data: bytes) -> int:
    """How many bytes at the end belong to a character that goes on."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte >= 0xC0:
            return back if back < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) else 0
        if byte < 0x80:
            break
    return 0


def _record_end(data: bytes) -> int:
    """Where the last whole record ends: behind a line break that is not within quotes; 0 if there is none."""
    last = at = data.rfind(b"\n")
    quotes = data.count(b'"', 0, at + 1)
    while quotes % 2 and at > max(last - QUOTED, 0):
        before = data.rfind(b"\n", 0, data.rfind(b'"', 0, at))
        if before < 0:
            break
        quotes -= data.count(b'"', before + 1, at + 1)
        at = before
    return (last if quotes % 2 else at) + 1


def _unpacked(raw: BinaryIO, kind: str | None) -> Any:
    if kind in ("gz", "zst"):
        return pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), {"gz": "gzip", "zst": "zstd"}[kind])
    return raw


def _short(error: BaseException) -> str:
    words = " ".join(str(error).split())
    return words if len(words) <= 120 else f"{words[:119]}…"
