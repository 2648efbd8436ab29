"""The command ``handrail serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from handrail.cli import show

EPILOG = "Example: handrail serve --port 8000"


def serve(
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on. Default: 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, metavar="PORT", help="Port; 0 takes a free one. Default: 8000.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, metavar="N", help="Processes. Default: 1.")] = None,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for audits that are under way.")] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="URL of the clinic's store; without it: no clinic."),
    ] = None,
) -> int:
    """Serve pages, REST and CDS Hooks. Options win over the environment (HANDRAIL_..., docs/service.md)."""
    from handrail.terms import InputError

    try:
        from handrail.web.serving import run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("handrail"):
            raise
        raise InputError(
            f"the service needs {error.name}", hint="Run: pip install 'handrail[serve,clinic,mcp]'"
        ) from None
    given: dict[str, Any] = {
        "host": host,
        "port": port,
        "workers": workers,
        "data": data,
        "database": database,
    }
    run({name: value for name, value in given.items() if value is not None}, show.out)
    return 0
