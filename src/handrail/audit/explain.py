"""One line of ``findings.parquet`` with the full reasons of ``decide``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from handrail.audit.layouts import MOST_DIAGNOSES
from handrail.compiled import NOT_JUDGED
from handrail.compiled.lines import cases
from handrail.decide import Decision, decide
from handrail.terms import InputError


class Explained(NamedTuple):
    """A line as it was written, and a decision for each candidate of technique; none if it was not judged."""

    line: dict[str, Any]
    decisions: tuple[Decision, ...]


def explain(
    findings: Path, number: int | None = None, *, claim: str | None = None, line: int | None = None
) -> Explained:
    """A line of the findings with its reasons. Of large findings only the part that holds it is read.

    Args:
        findings: ``findings.parquet`` of an audit, a file or a folder.
        number: its place among the findings, from 1.
        claim, line: the claim, and the line in it if there are several.

    Raises:
        InputError: if there is no such line, or the file is none of findings.
    """
    files = _files(findings)
    if claim is not None:
        row = _of_claim(files, findings, claim, line)
    elif number is not None:
        row = _of_number(files, findings, number)
    else:
        raise InputError("says no line", hint="Give --line NUMBER, or --claim ID")
    if row["verdict"] == NOT_JUDGED:
        return Explained(row, ())
    diagnoses = [row[f"dx{n}"] for n in range(1, MOST_DIAGNOSES + 1) if row.get(f"dx{n}")]
    asked = cases(
        row["jurisdiction"],
        row["profession"],
        row["technique"],
        row["regions"],
        row["service_from"],
        row["service_to"],
        diagnoses,
    )
    return Explained(row, tuple(decide(case) for case in asked))


def _files(findings: Path) -> list[pq.ParquetFile]:
    try:
        paths = sorted(findings.glob("*.parquet")) if findings.is_dir() else [findings]
        files = [pq.ParquetFile(path) for path in paths]
    except (OSError, pa.ArrowException):
        files = []
    if not files:
        raise InputError("cannot be read as findings of an audit", where=str(findings))
    for file in files:
        missing = {"claim", "line", "verdict", "jurisdiction", "technique"} - set(file.schema_arrow.names)
        if missing:
            raise InputError(f"is no findings.parquet: it lacks {sorted(missing)[0]}", where=str(findings))
    return files


def _of_number(files: list[pq.ParquetFile], findings: Path, number: int) -> dict[str, Any]:
    left = number - 1
    for file in files:
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if 0 <= left < rows:
                row: dict[str, Any] = file.read_row_group(group).slice(left, 1).to_pylist()[0]
                return row
            left -= rows
    there = sum(file.metadata.num_rows for file in files)
    raise InputError(f"there is no line {number}", where=str(findings), hint=f"It has 1 to {there}")


def _of_claim(files: list[pq.ParquetFile], findings: Path, claim: str, line: int | None) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    for file in files:
        for group in range(file.num_row_groups):
            mask = pc.equal(file.read_row_group(group, columns=["claim"]).column("claim"), claim)
            if pc.any(mask).as_py():
                found += file.read_row_group(group).filter(mask).to_pylist()
    rows = [row for row in found if line is None or row["line"] == line]
    if not rows:
        raise InputError("has no such line of a claim", where=str(findings), hint=f"Lines of it: {_lines(found)}")
    if len(rows) > 1:
        hint = f"Give --line as well: {_lines(rows)}"
        raise InputError(f"has {len(rows)} lines of this claim", where=str(findings), hint=hint)
    return rows[0]


def _lines(rows: list[dict[str, Any]]) -> str:
    return ", ".join(str(row["line"]) for row in rows[:20]) or "none"
