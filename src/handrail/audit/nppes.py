"""The register of providers (NPPES): an NPI's possible professions, its licences, its deactivation.

The monthly file has some eight million rows of 330 columns. It is turned once into a Parquet file with what is
needed, beside it or in the cache folder, and used from there until the file changes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from handrail.audit import who
from handrail.audit.columns import encoded, indices, parse_days
from handrail.audit.npi import as_numbers
from handrail.audit.streams import BLOCK, Bytes
from handrail.audit.troubles import Stop, Troubles
from handrail.terms import PLACES, InputError, did_you_mean
from handrail.terms.billing import Codes

#: A provider names up to this many taxonomies.
MOST = 15
_NPI, _LETTERS = "NPI", "Provider Credential Text"
_OFF, _ON = "NPI Deactivation Date", "NPI Reactivation Date"
_TAXONOMY = "Healthcare Provider Taxonomy Code_{n}"
_SWITCH = "Healthcare Provider Primary Taxonomy Switch_{n}"
_STATE = "Provider License Number State Code_{n}"
_FORMAT = "1"
#: Some profession that the map does not have.
_OTHER = np.uint32(who.mask(("other",)))
_NEVER = np.iinfo(np.int32).max

Progress = Callable[[int, int], None]


class Answer(NamedTuple):
    """What the register says, line by line.

    Args:
        masks: the professions (see ``who``); 0: the NPI is not there, or names none.
        letters: the professions that the letters after the name speak of.
        deactivated: whether the NPI was deactivated on the day.
        elsewhere: whether the register names licences, and none of them of the line's place.
    """

    masks: who.Masks
    letters: who.Masks
    deactivated: npt.NDArray[np.bool_]
    elsewhere: npt.NDArray[np.bool_]


class Providers:
    """The register, in memory: some 30 bytes for each provider and taxonomy.

    Where a provider has several taxonomies: those licensed in the line's place count if there are any, else all.
    Ones that the map does not have are let be if the primary one is mapped; a primary one that is not mapped
    leaves the profession open. What is left must be one profession, or the line's own taxonomy must choose.
    """

    def __init__(self, table: pa.Table, codes: Codes) -> None:
        table = table.combine_chunks()
        self.npi: npt.NDArray[np.int64] = np.asarray(table["npi"].combine_chunks())
        lists = _whole(table["taxonomies"])
        self.starts: npt.NDArray[np.int64] = np.asarray(lists.offsets).astype(np.int64)
        self.taxonomies = _masks(lists.values, lambda value: who.of_taxonomy(codes, value))
        states = encoded(_whole(table["states"]).values, "states")
        places = [codes.place(value) if value else None for value in states.dictionary.to_pylist()]
        self.state = np.array([*map(_bit, places), 0], dtype=np.uint64)[indices(states)]
        self.primary: npt.NDArray[np.int8] = np.asarray(table["primary"].combine_chunks())
        self.letters = _masks(_whole(table["letters"]), lambda value: who.of_letters(codes, value))
        self.off = _dates(table["deactivated"])
        self.on = _dates(table["reactivated"])
        self.all, self.varies, self.licensed = self._settled()
        if len(self.npi) > 1 and not bool(np.all(self.npi[1:] >= self.npi[:-1])):
            self.order: Any = np.argsort(self.npi, kind="stable")
            self.sorted = self.npi[self.order]
        else:
            self.order, self.sorted = None, self.npi

    def __len__(self) -> int:
        return len(self.npi)

    @classmethod
    def load(cls, path: Path, codes: Codes, progress: Progress | None = None) -> Providers:
        """The register in a file, from its Parquet if that is there.

        Raises:
            InputError: if the file cannot be read, or is no register of providers.
        """
        return cls(pq.read_table(build(path, progress)), codes)

    def _settled(self) -> tuple[who.Masks, npt.NDArray[np.bool_], npt.NDArray[np.uint64]]:
        """Each provider's professions over all places, where the place can narrow them, and places of licences."""
        counts = np.diff(self.starts)
        owner = np.repeat(np.arange(len(counts)), counts)
        mapped = self.taxonomies != who.UNMAPPED
        union = np.zeros(len(counts), dtype=np.uint32)
        np.bitwise_or.at(union, owner[mapped], self.taxonomies[mapped])
        first = self.starts[:-1] + np.maximum(self.primary, 0)
        primary = np.full(len(counts), who.UNMAPPED, dtype=np.uint32)
        there = counts > 0
        primary[there] = self.taxonomies[first[there]]
        # A primary taxonomy that is not mapped may be a profession of its own: it leaves the mapped one open.
        open_ = (primary == who.UNMAPPED) & (union != 0)
        self.open = open_
        union = np.where(open_, union | _OTHER, union)
        union = np.where(there & (union == 0), who.UNMAPPED, union)
        licensed = np.zeros(len(counts), dtype=np.uint64)
        np.bitwise_or.at(licensed, owner, self.state)
        return union, who.several(union) & (counts > 1) & (licensed != 0), licensed

    def ask(self, npi: Any, jurisdiction: pa.DictionaryArray, day: pa.Array) -> Answer:
        """What the register says of lines, by NPI (0: none), place and first day."""
        at = np.searchsorted(self.sorted, npi)
        at[at == len(self.sorted)] = 0
        found = (self.sorted[at] == npi) & (npi > 0) if len(self.sorted) else np.zeros(len(npi), dtype=bool)
        row = (self.order[at] if self.order is not None else at) * found
        if not len(self.sorted):
            empty = np.zeros(len(npi), dtype=np.uint32)
            return Answer(empty, empty, found, found)
        masks = np.where(found, self.all[row], np.uint32(0))
        letters = np.where(found, self.letters[row], np.uint32(0))
        days = np.asarray(day.cast(pa.int32()).fill_null(-_NEVER))
        off, on = self.off[row], self.on[row]
        deactivated = found & (days >= off) & (days != -_NEVER) & ((on < off) | (days < on))
        bits = np.array([*map(_bit, jurisdiction.dictionary.to_pylist()), 0], dtype=np.uint64)[
            indices(jurisdiction)
        ]
        licensed = self.licensed[row]
        elsewhere = found & (licensed != 0) & (bits != 0) & ((licensed & bits) == 0)
        narrow = np.flatnonzero(found & self.varies[row] & ((licensed & bits) != 0))
        if len(narrow):
            masks[narrow] = self._narrowed(row[narrow], bits[narrow])
        return Answer(masks, letters, deactivated, elsewhere)

    def _narrowed(self, row: Any, bits: Any) -> who.Masks:
        """The professions licensed in the place, per pair of provider and place: there are few such pairs."""
        pairs, back = np.unique(np.stack([row.astype(np.uint64), bits]), axis=1, return_inverse=True)
        result = np.zeros(pairs.shape[1], dtype=np.uint32)
        for number, (owner, bit) in enumerate(pairs.T):
            span = slice(self.starts[owner], self.starts[owner + np.uint64(1)])
            kept = self.taxonomies[span][(self.state[span] & bit) != 0]
            known = np.bitwise_or.reduce(kept[kept != who.UNMAPPED], initial=np.uint32(0))
            if known and self.open[owner] and (kept == who.UNMAPPED).any():
                known |= _OTHER
            result[number] = known or who.UNMAPPED
        return result[back.reshape(-1)]


def _bit(place: str | None) -> int:
    """A place as a bit: there are 64 of them."""
    return _bits().get(place or "", 0)


@cache
def _bits() -> dict[str, int]:
    if len(PLACES) > 64:
        raise InputError("has more places than fit a word", where="places.yaml")
    return {code: 1 << number for number, code in enumerate(PLACES)}


def _whole(column: pa.ChunkedArray) -> Any:
    return (
        column.chunk(0)
        if column.num_chunks == 1
        else pa.concat_arrays(column.chunks or [pa.array([], column.type)])
    )


def _masks(values: pa.Array, read: Callable[[str | None], int]) -> who.Masks:
    column = encoded(values, "register")
    return np.array([*(read(value) for value in column.dictionary.to_pylist()), 0], dtype=np.uint32)[
        indices(column)
    ]


def _dates(column: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    return np.asarray(_whole(column).cast(pa.int32()).fill_null(_NEVER))


def key(path: Path) -> str:
    """What tells one content of a file from another: size, time and a hash of the beginning."""
    stat = path.stat()
    with path.open("rb") as file:
        head = hashlib.sha256(file.read(1 << 20)).hexdigest()
    return hashlib.sha256(f"{_FORMAT} {stat.st_size} {stat.st_mtime_ns} {head}".encode()).hexdigest()[:16]


def build(path: Path, progress: Progress | None = None) -> Path:
    """The Parquet file of a register, made if it is not there yet.

    Args:
        path: ``npidata_pfile_....csv``, packed or not, or a Parquet file made from one.
        progress: called with the bytes read and the bytes of the file.

    Raises:
        InputError: if the file cannot be read, or is no register of providers.
    """
    try:
        name = f"{path.name}.{key(path)}.parquet"
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path)) from None
    for folder in _folders(path):
        if (folder / name).is_file():
            return folder / name
    for folder in _folders(path):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            made = folder / f"{name}.{os.getpid()}.part"
            made.touch()
        except OSError:
            continue
        try:
            _write(path, made, progress)
            return made.replace(folder / name)
        finally:
            made.unlink(missing_ok=True)
    raise InputError("no folder can be written for the register's Parquet file", where=str(path))


def _folders(path: Path) -> tuple[Path, Path]:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return path.parent, cache / "handrail"


def _write(path: Path, made: Path, progress: Progress | None) -> None:
    kind = pa.schema(
        {
            "npi": pa.int64(),
            "letters": pa.string(),
            "deactivated": pa.date32(),
            "reactivated": pa.date32(),
            "taxonomies": pa.list_(pa.string()),
            "states": pa.list_(pa.string()),
            "primary": pa.int8(),
        }
    )
    troubles = Troubles(path.name)
    try:
        with Bytes(path, troubles) as stream, pq.ParquetWriter(made, kind) as writer:
            for batch in _batches(stream, path, progress):
                writer.write_batch(_needed(batch).cast(kind) if batch.num_rows else batch)
    except Stop as stop:
        raise InputError(str(stop), where=str(path)) from None
    except pa.ArrowInvalid as error:
        raise InputError(f"cannot be read ({' '.join(str(error).split())[:120]})", where=str(path)) from None


def _batches(stream: Bytes, path: Path, progress: Progress | None) -> Iterator[pa.RecordBatch]:
    head = stream.text()
    names = pcsv.read_csv(pa.BufferReader(head[: head.find(b"\n") + 1] or head)).column_names
    wanted = [_NPI, _LETTERS, _OFF, _ON]
    wanted += [name.replace("{n}", str(n)) for n in range(1, MOST + 1) for name in (_TAXONOMY, _SWITCH, _STATE)]
    for name in (_NPI, _LETTERS, _OFF, _ON, *(part.replace("{n}", "1") for part in (_TAXONOMY, _SWITCH, _STATE))):
        if name not in names:
            hint = did_you_mean(name, names)
            raise InputError(
                f"is no NPPES file of providers: lacks the column {name!r}", where=str(path), hint=hint
            )
    wanted = [name for name in wanted if name in names]
    size = path.stat().st_size
    with _shown(size, path, progress) as told:
        reader = pcsv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=pcsv.ReadOptions(block_size=BLOCK),
            parse_options=pcsv.ParseOptions(newlines_in_values=True),
            convert_options=pcsv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
        for batch in reader:
            told(stream.raw.tell(), size)
            yield batch


class _shown:  # noqa: N801  (a context, not a kind of thing)
    """Progress to the caller, or as a bar on a terminal."""

    def __init__(self, size: int, path: Path, progress: Progress | None) -> None:
        self.size, self.name, self.progress = size, path.name, progress
        self.bar: Any = None

    def __enter__(self) -> Progress:
        if self.progress:
            return self.progress
        from rich.console import Console
        from rich.progress import Progress as Bar

        self.bar = Bar(console=Console(stderr=True), transient=True, disable=not Console(stderr=True).is_terminal)
        self.bar.start()
        task = self.bar.add_task(f"Turning {self.name} into Parquet (once)", total=self.size)
        return lambda done, _size: self.bar.update(task, completed=done)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()


def _needed(batch: pa.RecordBatch) -> pa.RecordBatch:
    rows = batch.num_rows
    numbers = [n for n in range(1, MOST + 1) if _TAXONOMY.replace("{n}", str(n)) in batch.schema.names]
    columns = {
        part: [
            batch.column(name) if (name := part.replace("{n}", str(n))) in batch.schema.names else None
            for n in numbers
        ]
        for part in (_TAXONOMY, _SWITCH, _STATE)
    }
    none = pa.nulls(rows, pa.string())
    there = np.array([np.asarray(c.is_valid()) for c in columns[_TAXONOMY] if c is not None])
    row, place = np.nonzero(there.T)
    take = pa.array(place * rows + row)
    taxonomies = pa.concat_arrays([c if c is not None else none for c in columns[_TAXONOMY]]).take(take)
    states = pa.concat_arrays([c if c is not None else none for c in columns[_STATE]]).take(take)
    counts = np.bincount(row, minlength=rows)
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    switch = np.array([_yes(c, rows) for c in columns[_SWITCH]]) & there
    rank = np.cumsum(there, axis=0) - 1  # a taxonomy's place among those that are there
    primary = np.where(switch.any(axis=0), np.take_along_axis(rank, switch.argmax(axis=0)[None], axis=0)[0], 0)
    made = {
        "npi": pa.array(as_numbers(batch.column(_NPI))),
        "letters": batch.column(_LETTERS),
        "deactivated": _parsed(batch.column(_OFF)),
        "reactivated": _parsed(batch.column(_ON)),
        "taxonomies": pa.ListArray.from_arrays(offsets, taxonomies),
        "states": pa.ListArray.from_arrays(offsets, states),
        "primary": pa.array(primary.astype(np.int8)),
    }
    return pa.record_batch(list(made.values()), names=list(made))


def _yes(column: pa.Array | None, rows: int) -> Any:
    if column is None:
        return np.zeros(rows, dtype=bool)
    return np.asarray(pc.equal(column, "Y").fill_null(False))


def _parsed(column: pa.Array) -> pa.Array:
    words = encoded(column, "day")
    days = [found[0] if (found := parse_days(value or "")) else None for value in words.dictionary.to_pylist()]
    return pa.array([*days, None], pa.int32()).take(pa.array(indices(words))).cast(pa.date32())
