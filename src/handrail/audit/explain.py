"""One line of ``findings.parquet`` with the full reasons of ``decide``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

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
    """A line of the findings with its reasons.

    Args:
        findings: ``findings.parquet`` of an audit, a file or a folder.
        number: its place among the findings, from 1.
        claim, line: the claim, and the line in it if there are several.

    Raises:
        InputError: if there is no such line, or the file is none of findings.
    """
    table = _table(findings)
    if number is not None:
        if not 1 <= number <= table.num_rows:
            raise InputError(
                f"there is no line {number}", where=str(findings), hint=f"It has 1 to {table.num_rows}"
            )
        row = table.slice(number - 1, 1).to_pylist()[0]
    else:
        row = _of_claim(table, findings, claim, line)
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


def _of_claim(table: pa.Table, findings: Path, claim: str | None, line: int | None) -> dict[str, Any]:
    if claim is None:
        raise InputError("says no line", hint="Give --line NUMBER, or --claim ID")
    found = table.filter(pc.equal(table.column("claim"), claim))
    if line is not None:
        found = found.filter(pc.equal(found.column("line"), line))
    if not found.num_rows:
        raise InputError(f"has no such line of claim {claim[:40]!r}", where=str(findings))
    if found.num_rows > 1:
        lines = ", ".join(str(n) for n in found.column("line").to_pylist()[:20])
        hint = f"Give --line-of-claim as well: {lines}"
        raise InputError(f"has {found.num_rows} lines of claim {claim[:40]!r}", where=str(findings), hint=hint)
    row: dict[str, Any] = found.to_pylist()[0]
    return row


def _table(findings: Path) -> pa.Table:
    try:
        made = ds.dataset(findings, format="parquet").to_table()
    except (OSError, pa.ArrowInvalid):
        raise InputError("cannot be read as findings of an audit", where=str(findings)) from None
    missing = {"verdict", "jurisdiction", "technique", "service_from"} - set(made.schema.names)
    if missing:
        raise InputError(f"is no findings.parquet: it lacks {sorted(missing)[0]}", where=str(findings))
    return made
