"""Writes an export into a folder: whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from handrail.export import cedar, dmn, files, rego, sql
from handrail.export.tables import Tables
from handrail.terms import InputError, known

Files = Iterable[tuple[str, bytes]]


def _sql(tables: Tables) -> Iterator[tuple[str, bytes]]:
    for dialect in sql.DIALECTS:
        yield f"handrail.{dialect}.sql", sql.script(tables, dialect).encode()


def _cedar(tables: Tables) -> Iterator[tuple[str, bytes]]:
    yield "handrail.cedar", cedar.policies(tables).encode()
    yield "handrail.cedarschema", cedar.schema(tables).encode()


FORMATS: dict[str, tuple[str, Callable[[Tables], Files]]] = {
    "parquet": ("typed tables, a file each", files.parquet_files),
    "csv": ("the same tables as text", files.csv_files),
    "sql": ("tables and a deciding view for DuckDB, PostgreSQL, Spark and BigQuery", _sql),
    "cedar": ("policies and their schema", _cedar),
    "rego": ("a policy and its data", rego.files),
    "dmn": ("decision tables, DMN 1.3 and JDM, a file for each jurisdiction", dmn.files),
    "frictionless": ("CSV tables with their description", files.package),
    "jsonld": ("places, rules, reserved acts and prerequisites as linked data", files.json_ld),
}


def made(tables: Tables, format: str) -> Files:  # noqa: A002
    """The files of a format, as names and bytes; the same knowledge gives the same bytes.

    Raises:
        InputError: for a format that is not one, or a library that is not installed.
    """
    known("format", format, FORMATS)
    return FORMATS[format][1](tables)


def write(tables: Tables, format: str, out: Path, *, force: bool = False) -> list[Path]:  # noqa: A002
    """Writes a format into a folder that is not there yet, or is empty. Nothing is left there if that fails.

    Args:
        force: write into a folder that has files; those of the same names are replaced, others stay.

    Raises:
        InputError: if the folder has files and ``force`` is not given, or nothing can be written there.
    """
    wanted = made(tables, format)
    building: Path | None = None
    new = False
    try:
        new = not out.exists()
        if not new and not out.is_dir():
            raise InputError("is a file, not a folder", where=str(out))
        if not new and any(out.iterdir()) and not force:
            raise InputError("is not empty", where=str(out), hint="Name another folder, or give --force")
        out.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=".handrail-", dir=out))
        names = []
        for name, data in wanted:
            (building / name).write_bytes(data)
            names.append(name)
        for name in names:
            if (out / name).is_dir():
                raise InputError("cannot be written (a folder has that name)", where=str(out / name))
        for name in names:
            (building / name).replace(out / name)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=str(out)) from None
    finally:
        if building is not None:
            shutil.rmtree(building, ignore_errors=True)
        if new and out.is_dir() and not any(out.iterdir()):
            out.rmdir()
    return [out / name for name in names]
