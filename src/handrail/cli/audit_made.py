"""The commands ``handrail audit generate`` and ``handrail audit report``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from handrail.cli import show


def generate(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write; its ending says the format.")],
    rows: Annotated[int, typer.Option(metavar="N", help="How many lines of claims.")] = 1_000_000,
    seed: Annotated[int, typer.Option(metavar="S", help="The same seed makes the same claims.")] = 1,
    layout: Annotated[
        str,
        typer.Option(metavar="LAYOUT", help="plain, cms_puf, desynpuf, synthea, x12_837p or fhir."),
    ] = "plain",
    violations: Annotated[
        int | None, typer.Option(metavar="K", help="How many violations to plant; default: one in 2,000 lines.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first day of service; default: 2023-01-01.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="The last day of service; default: 2025-12-31.")
    ] = None,
    place: Annotated[str | None, typer.Option(metavar="PLACE", help="Only claims of this place.")] = None,
) -> int:
    """Make synthetic claims, with known violations planted and listed beside them."""
    from handrail.audit.generate import FIRST_DAY, LAST_DAY
    from handrail.audit.generate import generate as generate_
    from handrail.decide.case import parse_day

    with _progress() as progress:
        made = generate_(
            rows,
            seed=seed,
            layout=layout,
            out=out,
            violations=violations,
            first=parse_day(first) if first else FIRST_DAY,
            last=parse_day(last) if last else LAST_DAY,
            place=place,
            progress=progress,
        )
    show.out(f"{made.rows:,} lines in {', '.join(map(str, made.files))}")
    if made.rows < rows:
        show.out(f"  {rows:,} were asked for: there are no more providers")
    show.out(f"{made.violations:,} violations planted, listed in {made.listed}")
    if made.violations < made.asked:
        show.out(f"  {made.asked:,} were asked for: there was no room for more")
    command = " ".join(["handrail audit", str(out), *made.options, "--out DIR"])
    show.out(f"Audit them with: {command}")
    return 0


def report(
    summary: Annotated[Path, typer.Argument(metavar="SUMMARY", help="summary.json of an audit.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The page to write; default: report.html beside it.")
    ] = None,
) -> int:
    """Make the report of an audit again, from its summary alone."""
    from handrail.audit.report import read
    from handrail.audit.report import report as report_
    from handrail.terms import InputError

    place = out or summary.with_name("report.html")
    page = report_(read(summary))
    try:
        place.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=str(place)) from None
    show.out(str(place))
    return 0


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on standard error, if a person looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("lines"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True)
    )
    with bar:
        task = bar.add_task("lines", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


EPILOG = "Example: handrail audit generate --rows 1000000 --out claims.parquet"
REPORT_EPILOG = "Example: handrail audit report --help"
