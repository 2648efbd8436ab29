"""The command ``technique``: which technique a description fits."""

from __future__ import annotations

from typing import Annotated

import typer

from handrail.cli import show


def technique(
    speed: Annotated[str | None, typer.Option(metavar="fast|slow", help="How fast the movement is.")] = None,
    amplitude: Annotated[str | None, typer.Option(metavar="small|large", help="How far it goes.")] = None,
    beyond_passive_range: Annotated[
        bool | None,
        typer.Option(
            "--beyond-passive-range/--within-passive-range",
            help="Whether a joint is carried past its passive range.",
        ),
    ] = None,
    tissue: Annotated[str | None, typer.Option(metavar="soft|joint", help="What is worked on.")] = None,
    can_resist: Annotated[
        bool | None,
        typer.Option("--can-resist/--cannot-resist", help="Whether the client can stop the movement."),
    ] = None,
    pop: Annotated[bool | None, typer.Option("--pop/--no-pop", help="Whether a pop is heard.")] = None,
    region: Annotated[
        str | None, typer.Option(metavar="REGION", help="cervical, thoracic, lumbar, sacral or extremity.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> int:
    """Say which technique a description fits, or what is missing to tell."""
    from handrail.terms import TECHNIQUES
    from handrail.terms.technique import classify

    found = classify(
        speed=speed,
        amplitude=amplitude,
        beyond_passive_range=beyond_passive_range,
        tissue=tissue,
        can_resist=can_resist,
        pop=pop,
        region=region,
    )
    if json:
        from dataclasses import asdict

        show.as_json(asdict(found))
        return 0
    lines = []
    if found.technique:
        about = TECHNIQUES.get(found.technique)
        show.out(show.coloured(about.name if about else "a thrust; the region tells of what", "1"))
        if about:
            lines.append(("Is", about.plain))
    elif found.contradictions:
        show.out(show.coloured("The description contradicts itself.", "1"))
    else:
        show.out(show.coloured("Not enough to tell.", "1"))
    lines += [("But", text) for text in found.contradictions]
    if found.missing:
        lines.append(("Missing", ", ".join(name.replace("_", " ") for name in found.missing)))
    for label, statements in (("Why", found.reasons), ("Mind", found.cautions)):
        for statement in statements:
            lines.append((label, f"{statement.text}  {_sources(statement.sources)}".rstrip()))
    show.labelled(lines)
    return 0


def _sources(sources: tuple[object, ...]) -> str:
    from handrail.terms.technique import Source

    parts = []
    for source in sources:
        assert isinstance(source, Source)  # noqa: S101
        seen = "" if source.text_seen else ", wording not seen"
        parts.append(f"{source.title}{f', {source.url}' if source.url else ''}{seen}")
    return f"({'; '.join(parts)})" if parts else ""
