"""Reads records from files: one document, an export with a resource a line, or a folder of them.

Nothing is held longer than it must be: one document at a time. Of an export what a screening reads is kept until
its end, because its lines are in no order; that much is limited too.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from handrail.intake.fhir import MIB, Check, Document, Item, checked_text, read, read_one, type_of
from handrail.terms import InputError

EXPORTS = (".ndjson", ".jsonl")
DOCUMENTS = (".json",)
STDIN = "-"
_SECOND = re.compile(rb"\}[ \t]*\r?\n\s*\{")
_PERSON = re.compile(r"(?:^|/)(Patient/[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?$")


class Found(NamedTuple):
    """A document of a file, or why there is none.

    Args:
        name: the file's name; in an export with the line or the patient.
        document: what was read; None if there is an error.
        error: what is wrong.
        last: whether it is the last one of its file (of all files of an export).
    """

    name: str
    document: Document | None
    error: InputError | None = None
    last: bool = True


class Plan(NamedTuple):
    """What there is to read."""

    documents: list[Path]
    exports: list[list[Path]]
    passed_over: int
    folder: bool = False

    @property
    def size(self) -> int:
        """The number of files."""
        return len(self.documents) + sum(len(export) for export in self.exports)


def printable(name: str) -> str:
    """A file's name that can be written anywhere, on one line."""
    return "".join(sign if sign.isprintable() else "?" for sign in name)


def plan(path: str) -> Plan:
    """The files of a folder in the order of their names, or the one file.

    All files of a folder with a resource a line are one export.

    Raises:
        InputError: if there is nothing of that name, or nothing to read in a folder.
    """
    place = Path(path)
    try:
        folder = place.is_dir()
        if not folder:
            place.stat()
    except OSError as error:
        raise _cannot(path, error) from None
    except ValueError:
        raise InputError("is no file name", where=ascii(path)) from None
    if not folder:
        return Plan([], [[place]], 0) if place.suffix.lower() in EXPORTS else Plan([place], [], 0)
    made = Plan([], [], 0)
    other = 0
    for base, folders, names in os.walk(place):
        folders.sort()
        export = []
        for name in sorted(names):
            suffix = Path(name).suffix.lower()
            if suffix in DOCUMENTS:
                made.documents.append(Path(base, name))
            elif suffix in EXPORTS:
                export.append(Path(base, name))
            else:
                other += 1
        if export:
            made.exports.append(export)
    if not made.size:
        raise InputError("has no .json, .ndjson or .jsonl file", where=printable(path))
    return made._replace(passed_over=other, folder=True)


def go_through(planned: Plan, *, max_bytes: int, check: Check | None = None) -> Iterator[Found]:
    """Every document of a plan; one that is bad is given as an error, and the rest goes on."""
    for path in planned.documents:
        name = printable(str(path))
        try:
            with opened(path, max_bytes) as file:
                raw = _whole(file, name, max_bytes, os.fstat(file.fileno()).st_size)
            yield Found(name, read(raw, name, check))
        except InputError as error:
            yield Found(name, None, error)
    for export in planned.exports:
        yield from _export(export, max_bytes, check)


def from_stdin(*, max_bytes: int, check: Check | None = None) -> tuple[bool, Iterator[Found]]:
    """What comes by standard input, and whether it is an export."""
    name = "standard input"
    raw = _whole(sys.stdin.buffer, name, max_bytes)
    if _SECOND.search(raw[: 4 * MIB]) and _is_whole_line(raw):
        return True, _lines([(name, raw.splitlines(keepends=True))], name, max_bytes, check)
    return False, iter([Found(name, read(raw, name, check))])


def _is_whole_line(raw: bytes) -> bool:
    """Whether the first line is a JSON object by itself."""
    import msgspec

    try:
        msgspec.json.decode(
            raw.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0], type=dict[str, msgspec.Raw]
        )
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
    return True


def opened(path: Path, max_bytes: int | None) -> BinaryIO:
    """An open file, if it may be read and is not too large.

    Raises:
        InputError: with its name.
    """
    name = printable(str(path))
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError("is no plain file", where=name)
        size = path.stat().st_size
        if max_bytes is not None and size > max_bytes:
            raise _too_large(name, max_bytes, f" ({size / MIB:.0f} MiB)")
        return path.open("rb")
    except OSError as error:
        raise _cannot(name, error) from None


def _whole(file: BinaryIO, name: str, max_bytes: int, size: int | None = None) -> bytes:
    try:
        raw = file.read((max_bytes if size is None else min(size, max_bytes)) + 1)
    except OSError as error:
        raise _cannot(name, error) from None
    if len(raw) > max_bytes:
        raise _too_large(name, max_bytes)
    return raw


def _too_large(name: str, max_bytes: int, is_: str = "") -> InputError:
    return InputError(
        f"is larger than {max_bytes / MIB:g} MiB{is_}", where=name, hint="--max-mib raises the limit"
    )


def _cannot(name: str, error: OSError) -> InputError:
    return InputError(f"cannot be read ({error.strerror or 'error'})", where=printable(name))


def _export(paths: list[Path], max_bytes: int, check: Check | None) -> Iterator[Found]:
    name = printable(str(paths[0] if len(paths) == 1 else paths[0].parent))
    bad: list[Found] = []

    def each() -> Iterator[tuple[str, Iterable[bytes]]]:
        for path in paths:
            try:
                with opened(path, None) as file:
                    yield printable(str(path)), _bounded(file, max_bytes)
            except InputError as error:
                bad.append(Found(printable(str(path)), None, error, last=False))

    yield from _lines(each(), name, max_bytes, check, bad)


def _bounded(file: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    """The lines of a file; of one that is too long, only so much that this shows."""
    while line := file.readline(max_bytes + 1):
        yield line
        while len(line) > max_bytes and not line.endswith(b"\n") and line:
            line = file.readline(max_bytes + 1)


class _Kept:
    """What an export holds about each patient, as far as a screening reads it."""

    def __init__(self) -> None:
        self.by_patient: dict[str, list[Item]] = {}
        self.medications: list[Item] = []
        self.size = 0

    def take(self, document: Document, size: int, where: str) -> None:
        for item in document.items:
            self.size += size
            if item.kind == "Medication":
                self.medications.append(item)
                continue
            self.by_patient.setdefault(_whose(item, where), []).append(item)


def _whose(item: Item, where: str) -> str:
    if item.kind == "Patient":
        if item.resource.id is None:
            raise InputError(
                "is a Patient without an id", where=where, hint="In an export others refer to it by its id"
            )
        return f"Patient/{item.resource.id}"
    given = (item.resource.subject.reference if item.resource.subject else None) or ""
    if given.startswith("urn:uuid:"):
        return f"Patient/{given.removeprefix('urn:uuid:')}"
    found = _PERSON.search(given)
    if found is None:
        raise InputError("does not say which Patient it is about", where=where)
    return found[1]


def _lines(
    files: Iterable[tuple[str, Iterable[bytes]]],
    name: str,
    max_bytes: int,
    check: Check | None,
    bad: list[Found] | None = None,
) -> Iterator[Found]:
    """The patients of an export, and the Bundles in it, each by itself."""
    kept = _Kept()
    broken = 0
    for file, lines in files:
        for number, line in enumerate(lines, 1):
            place = f"{file}:{number}"
            if not line.strip():
                continue
            try:
                if len(line) > max_bytes:
                    raise _too_large(place, max_bytes)
                raw = checked_text(line, place)
                kind = type_of(raw, place)
                if kind == "Bundle":
                    yield Found(place, read(raw, place, check), last=False)
                    continue
                document = Document([], Counter(), [])
                read_one(document, raw, kind, kind, None, place, check)
                document.items[:] = [
                    item._replace(path=f"{Path(file).name}:{number}: {kind}") for item in document.items
                ]
                kept.take(document, len(raw), place)
            except InputError as error:
                broken += 1
                yield Found(place, None, error, last=False)
            if kept.size > max_bytes:
                hint = "--max-mib raises the limit; or split the export by patient"
                much = f"holds more than {max_bytes / MIB:g} MiB of what a screening reads"
                yield Found(name, None, InputError(much, where=name, hint=hint))
                return
    for found in bad or ():
        broken += 1
        yield found
    notes = (
        [f"{broken} lines or files of the export could not be read: not everything may be here"] if broken else []
    )
    left = len(kept.by_patient)
    for patient, items in kept.by_patient.items():
        left -= 1
        document = Document([*items, *kept.medications], Counter(), list(notes))
        yield Found(f"{name}#{patient}", document, last=not left)
