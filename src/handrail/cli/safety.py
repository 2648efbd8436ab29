"""The commands ``handrail safety ...``: what speaks against a technique, what codes mean, checks of the files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from handrail.cli import show

if TYPE_CHECKING:
    from handrail.safety import Contraindication, RedFlag

safety_app = typer.Typer(
    help="Clinical knowledge: show, list, rows, code, training, lint, compare.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Format = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="text, csv, json or md (Markdown).", show_default=True)
]


@safety_app.command("show", epilog="Example: handrail safety show osteoporosis")
def show_(
    id_: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A contraindication, red flag, adverse event, item of a step, or training figure."
        ),
    ],
    json: Json = False,
) -> int:
    """Show a row of the clinical files, whole: levels and what each rests on, codes, sources, doubts."""
    rows = _rows(id_)
    if json:
        import msgspec

        show.as_json([{"file": file, **msgspec.to_builtins(row)} for file, row in rows])
        return 0
    from handrail.cli.safety_text import lines

    for number, (_, row) in enumerate(rows):
        if number:
            show.out()
        for line in lines(row):
            show.out(line)
    return 0


def _rows(id_: str) -> list[tuple[str, Any]]:
    """Rows of that id, in whatever file: an id can be a contraindication and a red flag.

    Raises:
        InputError: if there is none.
    """
    from handrail.safety import adverse_events, contraindications, red_flags, step_items, training
    from handrail.terms import InputError, did_you_mean

    files: dict[str, dict[str, Any]] = {
        "contraindications.yaml": dict(contraindications()),
        "red_flags.yaml": dict(red_flags()),
        "adverse_events.yaml": dict(adverse_events()),
        "prerequisites.yaml": {item.id: item for item in step_items()},
        "training.yaml": dict(training()),
    }
    found = [(file, rows[id_]) for file, rows in files.items() if id_ in rows]
    if not found:
        ids = sorted({name for rows in files.values() for name in rows})
        raise InputError(f"{id_!r} is in none of the clinical files", hint=did_you_mean(id_, ids))
    return found


@safety_app.command("list", epilog="Example: handrail safety list --do thrust_spine --region cervical")
def list_(
    technique: Annotated[
        str | None,
        typer.Option(
            "--do", metavar="TECHNIQUE", help="soft_tissue, mobilization, thrust_spine or thrust_extremity."
        ),
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(metavar="REGION", help="cervical, thoracic, lumbar, sacral or extremity. Repeatable."),
    ] = None,
    format: Format = "text",  # noqa: A002
    json: Json = False,
) -> int:
    """List what speaks against a technique, the worst first, each with what its level rests on."""
    from handrail.cli import tables
    from handrail.safety import contraindications, red_flags
    from handrail.terms import REGIONS, TECHNIQUES, InputError, known

    techniques = [known("technique", technique, TECHNIQUES)] if technique else list(TECHNIQUES)
    asked = [known("region", name, REGIONS) for name in region or ()]
    if technique:
        has = TECHNIQUES[technique].regions
        for name in asked:
            if name not in has:
                raise InputError(f"{technique} has no region {name}", hint=f"Its regions: {', '.join(has)}")
    rows: list[tuple[tuple[Any, ...], list[str]]] = []
    everything: list[Contraindication | RedFlag] = [*red_flags().values(), *contraindications().values()]
    for row in everything:
        for what in techniques:
            regions = [name for name in asked or TECHNIQUES[what].regions if name in TECHNIQUES[what].regions]
            rows += _listed(row, what, regions)
    rows.sort(key=lambda pair: pair[0])
    headers = ["verdict", "technique", "regions", "id", "name", "level", "rests on"]
    tables.write(
        headers,
        [cells for _, cells in rows],
        "json" if json else format,
        title=f"{len(rows)} findings that speak against {technique or 'a technique'}",
    )
    return 0


def _listed(
    row: Contraindication | RedFlag, technique: str, regions: list[str]
) -> list[tuple[tuple[Any, ...], list[str]]]:
    """A line for each verdict that a row leads to, with the regions where it does."""
    from handrail.cli.safety_text import verdict_of
    from handrail.decide.safety import GENTLER
    from handrail.safety import RedFlag
    from handrail.terms import standing

    if isinstance(row, RedFlag):
        level, rests = row.action.replace("_", " "), "our grade, unless the source states it"
        speaks = [name for name in regions if row.action != "refer" or row.covers(name)]
    else:
        named = next((name for name in (technique, *GENTLER[technique]) if name in row.level), None)
        if named is None:
            return []
        level = row.level[named]
        rests = row.basis(named) + ("" if named == technique else f" (for {named})")
        speaks = [name for name in regions if row.covers(name)]
    by_verdict: dict[Any, list[str]] = {}
    for name in speaks:
        by_verdict.setdefault(verdict_of(row, technique, name), []).append(name)
    order = ("absolute", "emergency", "urgent referral", "relative", "refer", "precaution").index(level)
    return [
        (
            (-standing(verdict, None), order, row.name, technique),
            [verdict.value, technique, " ".join(where), row.id, row.name, level, rests],
        )
        for verdict, where in by_verdict.items()
        if verdict.value != "permitted" or level == "precaution"
    ]


KINDS = ("adverse_events", "endangerment_sites", "not_contraindications", "prerequisites", "standards")


@safety_app.command("rows", epilog="Example: handrail safety rows endangerment_sites")
def rows_(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"{', '.join(KINDS)}.")],
    format: Format = "text",  # noqa: A002
    json: Json = False,
) -> int:
    """List the other rows of the clinical files: harms, contents of steps, standards, sites that need care."""
    import msgspec

    from handrail.cli import tables
    from handrail.safety import adverse_events, contraindications_file, prerequisites_file
    from handrail.terms import known

    known("kind", kind, KINDS)
    file = contraindications_file()
    files: dict[str, tuple[msgspec.Struct, ...]] = {
        "adverse_events": tuple(adverse_events().values()),
        "endangerment_sites": file.endangerment_sites,
        "not_contraindications": file.not_contraindications,
        "prerequisites": prerequisites_file().prerequisites,
        "standards": prerequisites_file().standards,
    }
    rows = files[kind]
    if json or format == "json":
        show.as_json([msgspec.to_builtins(row) for row in rows])
        return 0
    names = [field.name for field in msgspec.structs.fields(type(rows[0]))]
    fields = [name for name in names if name not in ("also", "estimates", "note", "source")] + ["source", "note"]
    cells = [[_cell(getattr(row, name)) for name in fields] for row in rows]
    tables.write(fields, cells, format, title=f"{len(rows)} {kind}")
    return 0


def _cell(value: Any) -> str:
    """A value of a clinical file in a cell."""
    from handrail.safety import Source

    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Source):
        return f"{value.title} <{value.url}>" if value.url else value.title
    return ", ".join(value) if isinstance(value, tuple) else str(value)


@safety_app.command(epilog="Example: handrail safety code M80.08XA")
def code(
    codes: Annotated[
        list[str], typer.Argument(metavar="CODE...", help="ICD-10-CM, SNOMED CT or RxNorm, or a medicine's name.")
    ],
    day: Annotated[str | None, typer.Option(metavar="DATE", help="The day asked, YYYY-MM-DD.")] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="When it began, YYYY-MM-DD.")] = None,
    json: Json = False,
) -> int:
    """Show what a code, or a medicine's name, means: which rows, how surely, and what has to be asked."""
    from handrail.cli.safety_text import coded as as_lines
    from handrail.decide import parse_day
    from handrail.safety import Facts, look_up

    facts = Facts(parse_day(day) if day else None, parse_day(since) if since else None)
    found = [coded for given in codes for coded in look_up(given, facts)]
    if json:
        show.as_json([{**one._asdict(), "matches": [match._asdict() for match in one.matches]} for one in found])
        return 0
    for one in found:
        for line in as_lines(one):
            show.out(line)
    return 0


@safety_app.command(epilog="Example: handrail safety training --profession physical_therapist")
def training(
    profession: Annotated[str | None, typer.Option(metavar="PROFESSION", help="Only this profession.")] = None,
    format: Format = "text",  # noqa: A002
    json: Json = False,
) -> int:
    """List published figures on training. Only figures of the same kind and unit can be compared."""
    from handrail.cli import tables
    from handrail.safety import training as figures
    from handrail.terms import known

    rows = list(figures().values())
    if profession:
        known("profession", profession, dict.fromkeys(row.profession for row in rows))
        rows = [row for row in rows if row.profession == profession]
    headers = ["id", "profession", "jurisdiction", "kind", "value", "unit", "what", "set by", "text seen"]
    cells = [
        [
            row.id,
            row.profession,
            row.jurisdiction,
            row.kind,
            _figure(row.value, row.range),
            row.unit,
            row.what,
            row.setting_body,
            "yes" if row.text_seen else "no",
        ]
        for row in rows
    ]
    tables.write(headers, cells, "json" if json else format, title=f"{len(rows)} published figures on training")
    return 0


def _figure(value: float | None, ends: Any) -> str:
    between = f"{ends.min}-{ends.max}" if ends else None
    return "; ".join(str(part) for part in (value, between) if part is not None)


@safety_app.command(epilog="Example: handrail safety lint --errors")
def lint(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="A folder of clinical files. Default: ours."),
    ] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Leave out notices, which mark gaps.")] = False,
    format: Format = "text",  # noqa: A002
    json: Json = False,
) -> int:
    """Check the clinical files. Errors end with exit code 1; notices mark levels that no read text grades."""
    from handrail.cli import tables
    from handrail.safety import lint as check

    found = check(folder)
    wrong = [problem for problem in found if problem.severity == "error"]
    shown = wrong if errors else found
    title = f"{len(wrong)} errors, {len(found) - len(wrong)} notices" if found else "clean"
    tables.write(
        ["severity", "file", "where", "problem"], [list(p) for p in shown], "json" if json else format, title=title
    )
    return 1 if wrong else 0


@safety_app.command()
def compare(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the research dossiers.")],
    format: Format = "text",  # noqa: A002
    json: Json = False,
) -> int:
    """Show what research dossiers say and the clinical files do not, or say otherwise. Exit code 1 if so."""
    from handrail.cli import tables
    from handrail.safety import compare as differ

    found = differ(folder)
    tables.write(
        ["file", "where", "dossier", "product"],
        [list(difference) for difference in found],
        "json" if json else format,
        title=f"{len(found)} differences",
    )
    return 1 if found else 0
