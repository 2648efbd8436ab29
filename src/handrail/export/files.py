"""The flat tables as CSV and Parquet, as a Frictionless data package, and as JSON-LD. Same tables, same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from handrail.export.schema import NOTICE, TABLES, Table
from handrail.export.tables import Tables
from handrail.terms import InputError

LICENCE_NAME = "Apache-2.0"
LICENCE_PATH = "https://www.apache.org/licenses/LICENSE-2.0"


def csv_files(tables: Tables) -> Iterator[tuple[str, bytes]]:
    """Each table as a CSV file: UTF-8, a header, ISO dates, true and false, nothing for null."""
    for table in TABLES:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(column.name for column in table.columns)
        writer.writerows([_cell(value) for value in row] for row in table.rows(tables))
        yield f"{table.name}.csv", text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def parquet_files(tables: Tables) -> Iterator[tuple[str, bytes]]:
    """Each table as a Parquet file, typed, with what each column holds in its metadata."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise InputError("pyarrow is not installed", hint="Run: pip install 'handrail[export]'") from None
    types = {"string": pa.string(), "integer": pa.int32(), "boolean": pa.bool_(), "date": pa.date32()}
    for table in TABLES:
        fields = [pa.field(c.name, types[c.type], metadata={"description": c.text}) for c in table.columns]
        schema = pa.schema(fields, metadata={"description": table.text, "knowledge": tables.digest})
        columns = _transposed(table, table.rows(tables))
        arrays = [pa.array(column, field.type) for column, field in zip(columns, fields, strict=True)]
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), sink, compression="zstd")
        yield f"{table.name}.parquet", sink.getvalue()


def _transposed(table: Table, rows: list[Sequence[Any]]) -> list[list[Any]]:
    return [[row[number] for row in rows] for number in range(len(table.columns))]


def package(tables: Tables) -> Iterator[tuple[str, bytes]]:
    """The CSV files with ``datapackage.json``, which says what each table and column holds."""
    resources = []
    for table in TABLES:
        fields = [{"name": c.name, "type": c.type, "description": c.text} for c in table.columns]
        nullable = {"missingValues": [""]}
        # A key of a package may not be null: a table whose key can be has none.
        key = {} if "site" in table.key else {"primaryKey": list(table.key)}
        resources.append(
            {
                "name": table.name.replace("_", "-"),
                "path": f"{table.name}.csv",
                "description": table.text,
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {"fields": fields, **nullable, **key},
            }
        )
    described = {
        "profile": "tabular-data-package",
        "name": "handrail",
        "title": "Handrail: who may do which manual technique where, with citations and dates",
        "description": NOTICE,
        "version": tables.digest,
        "licenses": [{"name": LICENCE_NAME, "path": LICENCE_PATH}],
        "resources": resources,
    }
    yield "datapackage.json", _json(described)
    yield from csv_files(tables)


#: Words of others' vocabularies where they fit; everything else is our own.
CONTEXT = {
    "@vocab": "urn:handrail:",
    "dcterms": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
    "id": "@id",
    "type": "@type",
    "citation": "dcterms:bibliographicCitation",
    "source": "dcterms:source",
    "summary": "dcterms:description",
    "name": "schema:name",
    "jurisdiction": {"@id": "schema:legislationJurisdiction", "@type": "@id"},
    "licence": {"@id": "dcterms:license", "@type": "@id"},
    "effective_from": {"@type": "schema:Date"},
    "effective_to": {"@type": "schema:Date"},
}


def json_ld(tables: Tables) -> Iterator[tuple[str, bytes]]:
    """Places, rules, reserved acts and prerequisites as linked data: one file, nodes in a fixed order."""
    about = {"name": "Handrail", "summary": NOTICE, "digest": tables.digest, "licence": LICENCE_PATH}
    nodes: list[dict[str, Any]] = [{"id": "urn:handrail:dataset", "type": "schema:Dataset", **about}]
    nodes += [
        {"id": _place(row), "type": "schema:AdministrativeArea", **_told(row)} for row in tables.jurisdictions()
    ]
    kinds = (
        ("Rule", tables.rules()),
        ("ReservedAct", tables.reserved_acts()),
        ("Prerequisite", tables.prerequisites()),
    )
    for kind, rows in kinds:
        for row in rows:
            number = f"/{row['number']}" if kind == "Prerequisite" else ""
            id_ = f"urn:handrail:{row['id']}{number}"
            told = {**_told(row), "jurisdiction": _place(row)}
            if row.get("conditions"):
                told["conditions"] = _conditions(id_, json.loads(row["conditions"]))
            nodes.append({"id": id_, "type": kind, **told})
    yield "handrail.jsonld", _json({"@context": CONTEXT, "@graph": nodes})


def _place(row: dict[str, Any]) -> str:
    return f"urn:handrail:place/{row['jurisdiction']}"


def _conditions(of: str, conditions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Conditions as nodes of their own rule: the same id means another thing in another rule."""
    nodes = []
    for number, condition in enumerate(conditions, 1):
        id_ = f"{of}/condition/{number}"
        told = {
            key: value for key, value in condition.items() if key not in ("id", "of") and value not in (None, [])
        }
        members = {"of": _conditions(id_, condition["of"])} if condition.get("of") else {}
        nodes.append({"id": id_, "condition": condition["id"], **told, **members})
    return nodes


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """A row without its id and without what is null."""
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in row.items()
        if key not in ("id", "jurisdiction") and value is not None
    }


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
