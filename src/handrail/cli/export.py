"""The command ``handrail export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handrail.cli import show

EPILOG = "Example: handrail export --format parquet --out law"


def export(
    format: Annotated[  # noqa: A002
        str,
        typer.Option(metavar="FORMAT", help="parquet, csv, sql, cedar, rego, dmn, frictionless or jsonld."),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write into.")],
    only: Annotated[
        list[str] | None,
        typer.Option("--in", metavar="PLACE", help="Only this jurisdiction: US-FL, or its name. Repeatable."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that has files already.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Say what was written as JSON.")] = False,
) -> int:
    """Write the law, and the clinical knowledge where the format carries it, for other engines to run."""
    from handrail.cli.places import code_of
    from handrail.export import Tables, write
    from handrail.law import load

    places = dict.fromkeys(code_of(place) for place in only or ())
    tables = Tables(map(load, places) if places else None)
    paths = write(tables, format, out, force=force)
    size = sum(path.stat().st_size for path in paths)
    if json:
        show.as_json(
            {"format": format, "knowledge": tables.digest, "files": [str(path) for path in paths], "bytes": size}
        )
    else:
        show.out(f"{out}: {len(paths)} files, {size:,} bytes, knowledge {tables.digest}")
    return 0
