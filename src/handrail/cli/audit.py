"""The commands ``handrail audit ...``: claim lines without authority, or with a diagnosis that forbids them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer
from typer.core import TyperGroup

from handrail.cli import audit_made, show

if TYPE_CHECKING:
    from handrail.audit.summary import Summary


class _Audit(TyperGroup):
    """``handrail audit CLAIMS...`` is ``handrail audit run CLAIMS...``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


audit_app = typer.Typer(
    cls=_Audit,
    help="Judge claim files: handrail audit CLAIMS... --out DIR. Also: explain, layouts, generate, report.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


@audit_app.command(epilog="Example: handrail audit --help")
def run(
    claims: Annotated[
        list[Path], typer.Argument(metavar="CLAIMS...", help="Files of claims, or folders of them.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for findings, summary and report.")],
    layout: Annotated[
        str | None, typer.Option(metavar="NAME", help="The layout; default: found by the columns.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="ROLE=COLUMN", help="A column that the layout does not know. Repeatable."),
    ] = None,
    providers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A register of providers: NPPES's npidata_pfile CSV.")
    ] = None,
    codes: Annotated[
        Path | None, typer.Option(metavar="FILE", help="More procedures, taxonomies, provider types and places.")
    ] = None,
    place: Annotated[
        str | None, typer.Option(metavar="PLACE", help="The place of all lines, where no column says it.")
    ] = None,
    year: Annotated[int | None, typer.Option(metavar="YEAR", help="The year of all lines, likewise.")] = None,
    kind: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="parquet, csv, ndjson, fhir or x12.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Write every line, not only those that are not plainly permitted.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Begin anew, whatever audit is in the folder.")] = False,
    engine: Annotated[
        str, typer.Option(metavar="ENGINE", help="local, or spark (the extra spark).", show_default=True)
    ] = "local",
    master: Annotated[
        str | None, typer.Option(metavar="URL", help="Where Spark runs, such as local[2]. Default: as configured.")
    ] = None,
    json: Json = False,
) -> int:
    """Judge every line of claim files. An audit that was stopped goes on with the same command."""
    from handrail.audit import codes as codes_
    from handrail.audit import open_claims

    audit = _engine(engine, master)

    opened = open_claims(
        claims,
        layout=layout,
        columns=_map(columns or []),
        providers=providers,
        codes=codes_.load(codes) if codes else None,
        fmt=kind,
        place=place,
        year=year,
    )
    given = {
        "layout": layout,
        "map": columns or [],
        "providers": providers.name if providers else None,
        "codes": codes.name if codes else None,
        "place": place,
        "year": year,
        "all": every,
    }
    with _progress() as progress:
        made = audit(opened, out, every=every, force=force, progress=progress, parameters=given)
    if json:
        from handrail.audit.summary import as_json

        sys.stdout.write(as_json(made).decode())
    else:
        _tell(made, out)
    return 1 if made.troubles_in_all else 0


def _engine(name: str, master: str | None) -> Callable[..., Summary]:
    """What audits."""
    from handrail.terms import InputError, did_you_mean

    if name == "spark":
        from handrail.audit import spark

        return partial(spark.audit, master=master)
    if name != "local":
        raise InputError(
            f"{name!r} is not an engine", where="--engine", hint=did_you_mean(name, ("local", "spark"))
        )
    if master is not None:
        raise InputError("--master is for Spark", where="--master", hint="Add --engine spark")
    from handrail.audit.run import audit

    return audit


def _map(given: list[str]) -> dict[str, str]:
    from handrail.terms import InputError

    columns = {}
    for item in given:
        role, equals, column = item.partition("=")
        if not equals or not role or not column:
            raise InputError(f"{item!r} is no map", where="--map", hint="Write ROLE=COLUMN, such as state=ST")
        columns[role] = column
    return columns


@contextmanager
def _progress() -> Iterator[Callable[[int, int | None], None] | None]:
    """A progress bar on standard error, if a person looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("rows"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task("rows", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _tell(made: Summary, out: Path) -> None:
    from handrail.audit.tally import STANDS

    show.out(f"{made.lines:,} lines in {len(made.files)} files, ${made.dollars:,.2f}")
    order = {standing: number for number, standing in enumerate(reversed(STANDS))}
    rows = [
        [
            count.standing.replace("/", ", leaning "),
            f"{count.lines:,}",
            _share(count.lines, made.lines),
            f"{count.dollars:,.2f}",
        ]
        for count in sorted(made.by_verdict, key=lambda count: order[count.standing])
    ]
    show.table(["verdict", "lines", "of all", "dollars"], rows)
    unjudged = [why for why in made.reasons if why.standing == "not_judged"]
    for why in sorted(unjudged, key=lambda why: -why.lines):
        show.labelled([("", f"not judged, {why.lines:,} lines: {why.text}")], indent=2)
    for trouble in made.troubles:
        row = f", row {trouble.row}" if trouble.row else ""
        where = f" ({trouble.where})" if trouble.where else ""
        show.labelled([("", f"{trouble.file}{row}{where}: {trouble.what}")], indent=2)
    if made.troubles_in_all > len(made.troubles):
        show.out(f"  and {made.troubles_in_all - len(made.troubles):,} more troubles")
    show.out(f"{made.findings:,} findings in {out / 'findings.parquet'}; {out / 'summary.json'}")
    show.out(f"Report: {out / 'report.html'}")
    show.out(f"{made.notice}")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%" if whole else ""


@audit_app.command(epilog="Example: handrail audit explain --help")
def explain(
    findings: Annotated[Path, typer.Argument(metavar="FINDINGS", help="findings.parquet of an audit.")],
    line: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="Its place among the findings, from 1; with --claim the line in it."),
    ] = None,
    claim: Annotated[str | None, typer.Option(metavar="ID", help="The claim.")] = None,
    json: Json = False,
) -> int:
    """Show the full reasons of one line, with its law and its sources."""
    from handrail.ask.card import card
    from handrail.audit.explain import explain as explain_

    found = explain_(findings, None if claim else line, claim=claim, line=line)
    if json:
        data: dict[str, Any] = {
            "line": {
                key: value if isinstance(value, int | float | str | None) else str(value)
                for key, value in found.line.items()
            },
            "decisions": [decision.as_dict() for decision in found.decisions],
        }
        show.as_json(data)
        return 0
    said = found.line
    show.out(f"{said['file']}, row {said['row'] + 1}: {said['verdict']} ({said['reason']})")
    who = f"by {said['profession']} in {said['jurisdiction']}"
    show.out(f"procedure {said['procedure']} on {said['service_from']} {who}")
    for decision in found.decisions:
        show.out()
        show.out(f"Judged as {decision.case.technique}")
        show.card(card(decision))
    if not found.decisions:
        from handrail.audit.judged import WHY

        show.out(WHY.get(said["reason"], said["reason"]))
    return 0


@audit_app.command(epilog="Example: handrail audit layouts")
def layouts(json: Json = False) -> int:
    """List the layouts of claim files that are known by name."""
    from handrail.audit import layouts as known
    from handrail.cli import tables

    rows = [[name, found.title, found.reader] for name, found in known().items()]
    tables.write(
        ["layout", "what it is", "reader"], rows, "json" if json else "text", title=f"{len(rows)} layouts"
    )
    return 0


audit_app.command(epilog=audit_made.EPILOG)(audit_made.generate)
audit_app.command(epilog=audit_made.REPORT_EPILOG)(audit_made.report)
