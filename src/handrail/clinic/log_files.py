"""The decision log as a file: CSV for people, NDJSON for programs, which can check the chain by it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from handrail.clinic.log import Entry
from handrail.clinic.roster_csv import guarded
from handrail.terms import known

FORMATS = ("csv", "ndjson")
COLUMNS = (
    "seq",
    "at",
    "kind",
    "user",
    "client",
    "practitioner",
    "service",
    "jurisdiction",
    "technique",
    "regions",
    "on",
    "findings",
    "verdict",
    "leaning",
    "rules",
    "needs",
    "of",
    "reason",
    "knowledge",
    "previous",
    "hash",
)


def export_log(entries: Iterable[Entry], format: str) -> Iterator[str]:  # noqa: A002
    """The lines of a file.

    Args:
        entries: what to write, in that order.
        format: ``csv`` (cells that no spreadsheet takes for a formula) or ``ndjson`` (the whole entries).

    Raises:
        InputError: for another format.
    """
    known("format", format, FORMATS)
    return _csv(entries) if format == "csv" else _ndjson(entries)


def _ndjson(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        yield json.dumps(entry.as_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"


def _csv(entries: Iterable[Entry]) -> Iterator[str]:
    yield _line(COLUMNS)
    for entry in entries:
        row = _row(entry)
        yield _line(guarded(row.get(name)) for name in COLUMNS)


def _line(cells: Iterable[Any]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _row(entry: Entry) -> dict[str, Any]:
    body = entry.as_dict()
    case, decision = body.get("case") or {}, body.get("decision") or {}
    region = case.get("region")
    found = (case.get("client") or {}).get("findings") or []
    return {
        **body,
        "jurisdiction": case.get("jurisdiction"),
        "technique": case.get("technique"),
        "regions": " ".join([region] if isinstance(region, str) else region or []),
        "on": case.get("on") if case else body.get("on"),
        "findings": " ".join(f"{f['id']}@{f['site']}" if f.get("site") else f["id"] for f in found),
        "verdict": decision.get("verdict"),
        "leaning": decision.get("leaning"),
        "rules": " ".join(decision.get("rules") or []),
        "needs": " ".join(decision.get("needs") or []),
    }
