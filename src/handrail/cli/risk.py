"""The command ``handrail risk``: published harms as a picture or as text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from handrail.risk import Risks

FORMATS = ("text", "svg", "png")

EPILOG = "Example: handrail risk --do thrust_spine --region cervical --out risk.svg"


def risk(
    technique: Annotated[
        str,
        typer.Option(
            "--do", metavar="TECHNIQUE", help="soft_tissue, mobilization, thrust_spine or thrust_extremity."
        ),
    ],
    region: Annotated[
        list[str] | None,
        typer.Option(metavar="REGION", help="cervical, thoracic, lumbar, sacral or extremity. Repeatable."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help="text, svg or png. Default: by the name of --out, or text."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to this file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")] = False,
) -> int:
    """Draw the published harms of a technique: each study's own figure, range and source, on one log scale."""
    from handrail.risk import risks
    from handrail.terms import InputError, known

    by_name = out.suffix[1:].lower() if out else ""
    wanted = kind or {"svg": "svg", "png": "png"}.get(by_name, "text")
    known("format", wanted, FORMATS)
    found = risks(technique, region)
    if out is None and wanted == "png" and sys.stdout.isatty():
        raise InputError("a PNG picture is no text for a terminal", hint="Give a file: --out risk.png")
    if wanted == "text":
        _text(found, out, force)
        return 0
    from handrail.risk.chart import picture

    drawn = picture(found, "svg" if wanted == "svg" else "png")
    if out is None:
        sys.stdout.buffer.write(drawn)
    else:
        _write(drawn, out, force)
    return 0


def _text(found: Risks, out: Path | None, force: bool) -> None:
    from rich.console import Console

    from handrail.cli import show
    from handrail.risk.text import lines

    if out is not None:
        _write("".join(f"{line.plain.rstrip()}\n" for line in lines(found)).encode(), out, force)
        return
    if not sys.stdout.isatty():
        for line in lines(found):
            show.out(line.plain.rstrip())
        return
    console = Console(highlight=False, soft_wrap=True)
    for line in lines(found, show.width()):
        console.print(line)


def _write(data: bytes, out: Path, force: bool) -> None:
    from handrail.cli.paper import write_file

    write_file(data, out, force=force)
