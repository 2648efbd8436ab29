"""Tables in four formats: drawn or tab-separated text, CSV, JSON and Markdown."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from handrail.cli import show
from handrail.terms import Leaning, Verdict, known

if TYPE_CHECKING:
    from handrail.decide.survey import Change

FORMATS = ("text", "csv", "json", "md")
#: What a spreadsheet would take for a formula (full-width signs too: some programs fold them).
_FORMULA = tuple("=+-@＝＋－＠\t\n")


def write(headers: Sequence[str], rows: Sequence[Sequence[str]], format: str, title: str) -> None:  # noqa: A002
    """Writes a table.

    Raises:
        InputError: for a format that is not known.
    """
    known("format", format, FORMATS)
    if format == "json":
        show.as_json([dict(zip(headers, row, strict=True)) for row in rows])
    elif format == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([_safe(cell) for cell in row] for row in (headers, *rows))
    elif format == "md":
        show.out(f"| {' | '.join(map(_in_markdown, headers))} |")
        show.out(f"|{'---|' * len(headers)}")
        for row in rows:
            show.out(f"| {' | '.join(map(_in_markdown, row))} |")
    else:
        show.out(show.coloured(title, "1"))
        if rows:
            show.table(headers, rows)


def changes(found: Iterable[Change], format: str, title: str) -> None:  # noqa: A002
    """Writes decisions that differ."""
    rows = [
        [
            change.jurisdiction,
            change.profession,
            change.technique,
            change.region or "",
            str(change.on),
            stands(change.before, change.before_leaning),
            _after(change),
            change.after_rule or "",
        ]
        for change in found
    ]
    headers = ["jurisdiction", "profession", "technique", "region", "on", "before", "after", "rule"]
    write(headers, rows, format, title)


def _after(change: Change) -> str:
    """How it stands afterwards, and what it needs then where nothing else differs."""
    after = stands(change.after, change.after_leaning)
    if after != stands(change.before, change.before_leaning):
        return after
    return f"{after}, needs {', '.join(change.after_needs) or 'nothing'}"


def stands(verdict: Verdict, leaning: Leaning | None) -> str:
    """A verdict in a cell: ``undetermined, leaning no``."""
    if leaning is None or leaning is Leaning.NONE:
        return verdict.value
    return f"{verdict.value}, leaning {leaning.value}"


#: A verdict as a sign, for a narrow table; told apart without colour.
_SIGNS = {
    "permitted": "✓",
    "conditional": "◐",
    "undetermined, leaning yes": "?+",
    "undetermined": "?",
    "undetermined, leaning no": "?-",
    "prohibited": "✗",
    "urgent": "!",
}
LEGEND = "✓ permitted   ◐ conditional   ?+ ? ?- undetermined, leaning yes, none, no   ✗ prohibited"


def sign(verdict: Verdict, leaning: Leaning | None) -> str:
    """A verdict as a sign of the LEGEND."""
    return _SIGNS[stands(verdict, leaning)]


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON-ready data."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in data.items()}


def _safe(cell: str) -> str:
    cell = cell.replace("\r\n", "\n").replace("\r", "\n")  # the csv module leaves a lone \r unquoted: a new row
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell


def _in_markdown(cell: str) -> str:
    return " ".join(cell.splitlines()).replace("|", "\\|").replace("<", "&lt;")
