"""Claim files of any known kind, in batches whose boundaries are always the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from handrail.audit import csvs, ndjson
from handrail.audit.columns import constant
from handrail.audit.layouts import layouts
from handrail.audit.plan import WINDOW, Plan, year_in
from handrail.audit.streams import Bytes, magic
from handrail.audit.tables import Parquet
from handrail.audit.troubles import Stop, Trouble, Troubles
from handrail.files import one_line
from handrail.terms import InputError, did_you_mean
from handrail.terms.billing import Codes

__all__ = ["FORMATS", "Batch", "ClaimFile", "Claims", "Trouble", "open_claims"]

#: Formats by the endings that files of it have; packed ones end in .gz, .zst or .zstd besides.
FORMATS: dict[str, tuple[str, ...]] = {
    "parquet": (".parquet", ".pq", ".parq"),
    "csv": (".csv", ".tsv", ".txt", ".psv"),
    "ndjson": (".ndjson", ".jsonl"),
    "fhir": (),
    "x12": (".x12", ".edi", ".837", ".837p"),
}
_PACKED = (".gz", ".gzip", ".zst", ".zstd")
#: Which kinds of trouble cost a row each.
_COST = {"columns": True, "not UTF-8": False, "json": True, "claim": True}


@dataclass(frozen=True)
class ClaimFile:
    """A file of claims.

    Args:
        key: its name, the same in every run over the same paths.
        path: where it is.
        format: one of FORMATS.
        size: its bytes.
        rows: how many rows it has, where the file says it.
        partition: columns that its folders' names say (``state=FL``).
    """

    key: str
    path: Path
    format: str
    size: int
    rows: int | None = None
    partition: tuple[tuple[str, str], ...] = ()


@dataclass
class Batch:
    """Some rows of a file.

    Args:
        first_row: the number of the first of them in the file, from 0.
        rows: how many there are, those that could not be read among them.
        raw: the rows that could be read, as the file has them; None: none could.
        plan: how they become lines; None if there is no raw.
        troubles: what went wrong in them.
    """

    first_row: int
    rows: int
    raw: pa.RecordBatch | None
    plan: Plan | None = None
    troubles: tuple[Trouble, ...] = ()

    @cached_property
    def lines(self) -> pa.RecordBatch | None:
        """The canonical lines, as Plan.lines gives them; None if no row could be read."""
        if self.raw is None or self.plan is None:
            return None
        return self.plan.lines(self.raw, self.first_row)


@dataclass
class Claims:
    """Files of claims, opened.

    Args:
        files: sorted by key.
        skipped: files of the folders given that are none of a known format, and are not read.
        plan: how the first file's columns become lines.
    """

    files: tuple[ClaimFile, ...]
    skipped: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._plans: dict[Any, Plan] = {}
        self._types: dict[str, tuple[str, str]] = {}

    @property
    def plan(self) -> Plan:
        """The plan of the first file that can be read.

        Raises:
            InputError: of the first file, if none can.
        """
        errors: list[InputError] = []
        for file in self.files:
            try:
                return self.plan_of(file)
            except InputError as error:
                errors.append(error)
                if not isinstance(error.__cause__, Stop):
                    break  # a file that can be read and is not understood: say so at once
        raise errors[-1] if errors else InputError("no claim files are given")

    def plan_of(self, file: ClaimFile) -> Plan:
        """How a file's columns become lines.

        Raises:
            InputError: naming the file, if its layout is not known or it cannot be read.
        """
        try:
            return self._plan(file, self._columns(file))
        except Stop as stop:
            raise InputError(str(stop), where=file.key) from stop
        except InputError as error:
            where = f"{file.key}: {error.where}" if error.where else file.key
            raise InputError(error.message, where=where, hint=error.hint) from None

    def _columns(self, file: ClaimFile) -> list[str]:
        if file.format in ("x12", "fhir"):
            return []
        names = [name for name, _ in file.partition]
        if file.format == "parquet":
            return [*Parquet(file.path).schema.names, *names]
        with Bytes(file.path, Troubles(file.key)) as stream:
            found = ndjson.columns(stream) if file.format == "ndjson" else csvs.header(stream)[0]
            return [*found, *names]

    def _plan(self, file: ClaimFile, names: list[str]) -> Plan:
        key = (tuple(names), file.format, file.path.parent, year_in(file.path.name))
        if key not in self._plans:
            settings = dict(self.settings)
            if file.format in ("x12", "fhir"):
                settings |= {"layout": "plain", "columns": {}}
                names = list(ndjson.PLAIN)
            if settings.get("year") is None and self._dateless(names, settings):
                settings["year"] = year_in(file.path.name)
            plan = Plan.of(names, folder=file.path.parent, **settings)
            twice = [name for name in plan.wanted if names.count(name) > 1]
            if twice:
                raise InputError(f"has the column {one_line(twice[0], 40)!r} more than once")
            self._plans[key] = plan
        return self._plans[key]

    @staticmethod
    def _dateless(names: list[str], settings: Mapping[str, Any]) -> bool:
        from handrail.audit.layouts import find

        try:
            return layouts()[find(names, settings.get("layout"), settings.get("columns") or {})[0]].year
        except InputError:
            return False  # Plan.of says it better

    def batches(self, file: ClaimFile, start: int = 0) -> Iterator[Batch]:
        """The batches of a file, in order.

        Args:
            file: one of ``files``.
            start: the first row of the batch to begin with, as an earlier run over the same file gave it. Parquet
                jumps there; other formats are read again from their beginning, and passed over.

        A file that cannot be read, or not further, ends with a batch without rows that tells why.
        """
        troubles = Troubles(file.key)
        at = 0
        try:
            plan = self.plan_of(file)
            for first, rows, raw in self._read(file, plan, troubles, start):
                at = first + rows
                found = troubles.take(at)
                if first >= start:
                    yield Batch(first, rows, raw, plan if raw is not None else None, found)
        except (Stop, InputError) as error:
            what = error.message if isinstance(error, InputError) else str(error)
            hint = f". {error.hint}" if isinstance(error, InputError) and error.hint else ""
            troubles.add("file", at if at else None, f"{what}{hint}", rows=None)
        left = (*troubles.take(), *troubles.rest(_COST))
        if left:
            yield Batch(max(at, start), 0, None, None, left)

    def _read(
        self, file: ClaimFile, plan: Plan, troubles: Troubles, start: int
    ) -> Iterator[tuple[int, int, pa.RecordBatch | None]]:
        said = dict(file.partition)
        own = [name for name in plan.wanted if name not in said]
        for first, rows, raw in self._own(file, plan, own, troubles, start):
            if raw is not None:
                for name, value in said.items():
                    if name in plan.wanted:
                        raw = raw.append_column(name, constant(value, raw.num_rows))
            yield first, rows, raw

    def _first_types(self) -> dict[str, tuple[str, str]]:
        """Types of the first readable Parquet file: the same one, also when resumed."""
        for file in self.files:
            if file.format == "parquet":
                try:
                    return {field.name: (_type(field.type), file.key) for field in Parquet(file.path).schema}
                except Stop:
                    continue
        return {}

    def _own(
        self, file: ClaimFile, plan: Plan, wanted: list[str], troubles: Troubles, start: int
    ) -> Iterator[tuple[int, int, pa.RecordBatch | None]]:
        if file.format == "parquet":
            table = Parquet(file.path)
            self._compare(file, table.schema, wanted, troubles if start == 0 else Troubles(file.key))  # told once
            yield from table.batches(wanted, plan.as_text, troubles, start)
            return
        with Bytes(file.path, troubles) as stream:
            if file.format == "csv":
                names, delimiter = csvs.header(stream)
                yield from csvs.Table(stream, names, delimiter, wanted, plan.as_text, troubles).batches()
            elif file.format == "ndjson":
                yield from ndjson.batches(stream, wanted, troubles)
            elif file.format == "fhir":
                from handrail.audit import fhir

                yield from fhir.batches(stream, troubles, file.path.parent)
            else:
                from handrail.audit import x12

                yield from x12.batches(stream, troubles)

    def _compare(self, file: ClaimFile, schema: pa.Schema, wanted: list[str], troubles: Troubles) -> None:
        """Says where a column's type is another than in the first file; what holds no values stops the file."""
        if not self._types:
            self._types = self._first_types()
        for name in wanted:
            kind = schema.field(name).type
            if pa.types.is_nested(kind):
                raise Stop(f"the column {name} holds lists or records ({kind}), not values")
            known, where = self._types.get(name, ("null", ""))
            if known != _type(kind) and known != "null" and _type(kind) != "null":
                troubles.add("type", None, f"the column {name} is {kind}, and {known} in {where}")


def _type(kind: pa.DataType) -> str:
    """A type's name; plain, large and dictionary-coded strings are one."""
    return str(kind.value_type if pa.types.is_dictionary(kind) else kind).removeprefix("large_")


def open_claims(
    paths: Iterable[Path | str] | Path | str,
    *,
    layout: str | None = None,
    columns: Mapping[str, str] | None = None,
    providers: Path | str | None = None,
    codes: Codes | None = None,
    fmt: str | None = None,
    place: str | None = None,
    year: int | None = None,
    window: tuple[date, date] = WINDOW,
) -> Claims:
    """Finds the files of claims under some paths.

    Args:
        paths: files, and folders, which are searched through. Folders named ``column=value`` make columns.
        layout, columns, place, year, window, codes: as for Plan.of.
        providers: a register of providers, such as NPPES's ``npidata_pfile``.
        fmt: the format of all files, one of FORMATS; None: told by endings and first bytes.

    Raises:
        InputError: if a path is not there, a file is given twice, or no file is found.
    """
    if fmt is not None and fmt not in FORMATS:
        raise InputError(f"{fmt!r} is not a format of claims", hint=did_you_mean(fmt, FORMATS))
    if layout is not None and layout in layouts() and layouts()[layout].reader != "table":
        fmt, layout = layouts()[layout].reader, None
    if providers is not None and not Path(providers).is_file():
        raise InputError("there is no such file", where=str(providers))
    if isinstance(paths, str | Path):
        paths = [paths]
    files: list[ClaimFile] = []
    skipped: list[str] = []
    for given in map(Path, paths):
        if given.is_dir():
            found = [path for path in sorted(given.rglob("*")) if path.is_file() and not _hidden(path, given)]
            for path in found:
                kind = fmt or _format(path)
                key = path.relative_to(given).as_posix()
                if kind:
                    files.append(_file(key, path, kind, path.relative_to(given).parts[:-1]))
                else:
                    skipped.append(key)
        elif given.is_file():
            kind = fmt or _format(given) or _sniffed(given)
            if kind is None:
                raise InputError("is of no known format", where=str(given), hint="Say it with --format")
            files.append(_file(given.name, given, kind, ()))
        else:
            raise InputError("there is no such file or folder", where=str(given))
    files = _distinct(files)
    if not files:
        raise InputError("no claim files are found", hint=f"Endings known: {', '.join(sum(FORMATS.values(), ()))}")
    settings = {
        "layout": layout,
        "columns": dict(columns or {}),
        "providers": Path(providers) if providers else None,
        "codes": codes,
        "place": place,
        "year": year,
        "window": window,
    }
    return Claims(tuple(sorted(files, key=lambda file: file.key)), tuple(skipped), settings)


def _distinct(files: list[ClaimFile]) -> list[ClaimFile]:
    seen: set[Path] = set()
    for file in files:
        real = file.path.resolve()
        if real in seen:
            raise InputError("is given twice", where=str(file.path))
        seen.add(real)
    keys = [file.key for file in files]
    return [
        ClaimFile(file.path.as_posix(), file.path, file.format, file.size, file.rows, file.partition)
        if keys.count(file.key) > 1
        else file
        for file in files
    ]


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.relative_to(root).parts)


def _format(path: Path) -> str | None:
    """The format that a file's ending says; JSON lines are looked into, for FHIR."""
    name = path.name.casefold()
    for ending in _PACKED:
        name = name.removesuffix(ending)
    kind = next((kind for kind, endings in FORMATS.items() if name.endswith(endings) and endings), None)
    if kind == "ndjson" or name.endswith(".json"):
        return _sniffed(path) or kind
    if name.endswith(".txt"):
        return _sniffed(path) or kind
    return kind


def _sniffed(path: Path) -> str | None:
    """The format that a file's first bytes say."""
    try:
        with Bytes(path, Troubles("")) as stream:
            if magic(stream.head) == "parquet":
                return "parquet"
            head = stream.peek(1 << 16).lstrip(b"\xef\xbb\xbf \r\n\t")
    except (Stop, OSError):
        return None
    if head.startswith(b"ISA"):
        return "x12"
    if head.startswith(b"{"):
        return "fhir" if re.search(rb'"resourceType"\s*:', head) else "ndjson"
    return None


def _file(key: str, path: Path, kind: str, folders: tuple[str, ...]) -> ClaimFile:
    rows = None
    if kind == "parquet":
        try:
            rows = Parquet(path).rows
        except Stop:
            rows = None
    partition = tuple(
        (name, unquote(value)) for part in folders if "=" in part for name, _, value in [part.partition("=")]
    )
    return ClaimFile(key, path, kind, path.stat().st_size, rows, partition)
