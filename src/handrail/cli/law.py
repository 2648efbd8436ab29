"""The commands ``handrail law ...``: the law itself, what is known of it, and what would change it."""

from __future__ import annotations

from typing import Annotated

import typer

from handrail.cli import show

law_app = typer.Typer(
    help="The law behind the answers: show, coverage, gaps, diff, stale, lint, whatif, compare, schema.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
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
