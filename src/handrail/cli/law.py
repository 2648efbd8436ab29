"""The commands ``handrail law ...``: the law itself, what is known of it, and what would change it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handrail.cli import show

law_app = typer.Typer(
    help="The law behind the answers: show, coverage, gaps, diff, stale, lint, whatif, compare, schema.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Format = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="text, csv, json or md (Markdown).", show_default=True)
]
On = Annotated[str | None, typer.Option(metavar="DATE", help="The day asked, YYYY-MM-DD. Default: today.")]


@law_app.command("show", epilog="Example: handrail law show US-FL --profession massage_therapist")
def show_(
    place: Annotated[str, typer.Argument(metavar="PLACE", help="Jurisdiction: US-FL, CA-ON, or its name.")],
    profession: Annotated[str | None, typer.Option(metavar="PROFESSION", help="Only this profession.")] = None,
    technique: Annotated[str | None, typer.Option(metavar="TECHNIQUE", help="Only this technique.")] = None,
    on: On = None,
    json: Json = False,
) -> int:
    """Show a jurisdiction's law, whole: rules with dates, basis, doubts and sources."""
    from handrail.cli.law_text import lines
    from handrail.cli.places import code_of
    from handrail.decide import parse_day
    from handrail.law import load
    from handrail.terms import PROFESSIONS, TECHNIQUES, known

    law = load(code_of(place))
    if profession:
        known("profession", profession, PROFESSIONS)
    if technique:
        known("technique", technique, TECHNIQUES)
    if json:
        import msgspec

        show.as_json(msgspec.to_builtins(law.file))
        return 0
    for line in lines(law, parse_day(on) if on else None, profession, technique):
        show.out(line)
    return 0


@law_app.command()
def schema() -> int:
    """Print the JSON Schema of a law file, for editors."""
    from handrail.law import schema as schema_

    show.as_json(schema_())
    return 0


@law_app.command(epilog="Example: handrail law coverage --technique mobilization --format csv")
def coverage(
    profession: Annotated[
        list[str] | None, typer.Option(metavar="PROFESSION", help="A column. Repeatable.")
    ] = None,
    technique: Annotated[
        list[str] | None, typer.Option(metavar="TECHNIQUE", help="Default: thrust_spine. Repeatable.")
    ] = None,
    on: On = None,
    format: Format = "text",  # noqa: A002  (the option's own name)
    json: Json = False,
) -> int:
    """Show how the general question stands in all 64 jurisdictions, a row each."""
    from handrail.cli import tables
    from handrail.decide import Period
    from handrail.decide.survey import coverage as survey
    from handrail.law.gaps import WANTED_PROFESSIONS
    from handrail.terms import PROFESSIONS, TECHNIQUES, known

    professions = [known("profession", name, PROFESSIONS) for name in profession or WANTED_PROFESSIONS]
    techniques = [known("technique", name, TECHNIQUES) for name in technique or ["thrust_spine"]]
    rows = survey(Period.of(on).first, professions, techniques)
    columns = [name if len(techniques) == 1 else f"{name}/{what}" for name in professions for what in techniques]
    drawn = format == "text" and not json and show.drawn()
    stands = tables.sign if drawn else tables.stands
    tables.write(
        ["place", "name", *(c.replace("_", " ") for c in columns)]
        if drawn
        else ["jurisdiction", "name", *columns],
        [[row.jurisdiction, row.name, *(stands(c.verdict, c.leaning) for c in row.cells)] for row in rows],
        "json" if json else format,
        title=f"{', '.join(techniques)}: the general question on {Period.of(on).first}",
    )
    if drawn:
        show.out(tables.LEGEND)
    return 0


@law_app.command()
def gaps(
    every: Annotated[bool, typer.Option("--every", help="Also cells for which no rule is there at all.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="Show so many; 0 shows all.")] = 0,
    format: Format = "text",  # noqa: A002
    json: Json = False,
) -> int:
    """List what was not read and what is not known, most wanted first."""
    from handrail.cli import tables
    from handrail.law.gaps import gaps as find

    found = find(every=every)
    rows = [[gap.rule, gap.missing, gap.citation or "", gap.note or ""] for gap in found[: limit or None]]
    headers = ["rule", "missing", "citation", "note"]
    tables.write(headers, rows, "json" if json else format, title=f"{len(found)} gaps")
    return 0


@law_app.command(epilog="Example: handrail law diff --from 2020-01-01 --to 2026-11-24")
def diff(
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The earlier day.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The later day.")],
    format: Format = "text",  # noqa: A002
    json: Json = False,
) -> int:
    """Show what changed in force between two days: rules that begin or end, and decisions that differ."""
    from handrail.cli import tables
    from handrail.decide import parse_day
    from handrail.decide.survey import changes, events
    from handrail.terms import InputError

    start, end = parse_day(first), parse_day(last)
    if start > end:
        raise InputError(f"{first} is after {last}", where="law diff", hint="Give the earlier day as --from")
    happened, differing = events(start, end), changes(start, end)
    if json or format == "json":
        show.as_json(
            {
                "events": [tables.plain(event._asdict()) for event in happened],
                "decisions": [tables.plain(change._asdict()) for change in differing],
            }
        )
        return 0
    tables.write(
        ["on", "rule", "what", "effect", "citation"],
        [[str(e.on), e.rule, e.what, e.effect, e.citation or ""] for e in happened],
        format,
        title=f"{len(happened)} rules begin or end after {first}, up to {last}",
    )
    show.out()
    tables.changes(differing, format, f"{len(differing)} general decisions differ between {first} and {last}")
    return 0


@law_app.command(epilog="Example: handrail law stale --older-than 365d")
def stale(
    older_than: Annotated[str, typer.Option(metavar="TIME", help="Such as 365d, 12w, 6m or 1y.")] = "365d",
    on: On = None,
    format: Format = "text",  # noqa: A002
    json: Json = False,
) -> int:
    """List files researched long ago, and rules that ended, or will, with no successor."""
    from handrail.cli import tables
    from handrail.decide import Period
    from handrail.law.stale import duration
    from handrail.law.stale import stale as find

    found = find(duration(older_than), Period.of(on).first)
    rows = [[item.jurisdiction, item.what, str(item.since), item.text] for item in found]
    headers = ["jurisdiction", "what", "since", "text"]
    tables.write(headers, rows, "json" if json else format, title=f"{len(found)} to look at again")
    return 0


@law_app.command()
def lint(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Law files; without any, all shipped ones.")
    ] = None,
    notices: Annotated[bool, typer.Option("--notices", help="List the notices too, not only count them.")] = False,
    json: Json = False,
) -> int:
    """Check law files. Errors end with 2; notices mark gaps and never fail."""
    from handrail.law.lint import lint as check

    found = check(files)
    errors = [problem for problem in found if problem.severity == "error"]
    if json:
        show.as_json([problem._asdict() for problem in found])
    else:
        for problem in found if notices else errors:
            place = f"{problem.file}: {problem.where}" if problem.where else problem.file
            show.out(f"{problem.severity}: {place}: {problem.text}")
        clean = "clean" if not errors else f"{len(errors)} errors"
        show.out(f"{clean}; {len(found) - len(errors)} notices{'' if notices else ' (--notices lists them)'}")
    return 2 if errors else 0


@law_app.command()
def whatif(
    patch: Annotated[Path, typer.Argument(metavar="PATCH", help="A bill as a patch; see docs/whatif.md.")],
    on: On = None,
    format: Format = "text",  # noqa: A002
    json: Json = False,
) -> int:
    """Show which decisions a bill would change, before and after. Nothing is edited."""
    from handrail.cli import tables
    from handrail.decide import Period
    from handrail.decide.survey import whatif as find

    found = find(patch, Period.of(on).first)
    if json or format == "json":
        show.as_json([tables.plain(change._asdict()) for change in found])
    else:
        tables.changes(found, format, f"{len(found)} general decisions would change")
    return 0


@law_app.command()
def compare(
    dossier: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the research dossiers.")],
    format: Format = "text",  # noqa: A002
    json: Json = False,
) -> int:
    """Tell what differs between a folder of research dossiers and the product's files."""
    from handrail.cli import tables
    from handrail.law.compare import compare as find

    found = find(dossier)
    rows = [[d.jurisdiction, d.where, d.dossier, d.product] for d in found]
    headers = ["jurisdiction", "where", "dossier", "product"]
    tables.write(headers, rows, "json" if json else format, title=f"{len(found)} differences")
    return 0
