"""The Model Context Protocol: tools for assistants, over HTTP at ``/mcp`` and on standard input and output.

Needs the extra ``mcp``. ``tools.py`` are the tools, ``shapes.py`` what they give back, ``http.py`` the route.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handrail.terms import InputError

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["add_mcp", "run_stdio"]


def _require() -> None:
    try:
        import mcp.server.mcpserver  # noqa: F401
    except ImportError:
        raise InputError(
            "tools for assistants need the mcp SDK, version 2", hint="Run: pip install 'handrail[mcp]'"
        ) from None


def add_mcp(app: FastAPI) -> None:
    """Adds the tools at ``/mcp``; without the SDK the address says which extra it needs."""
    try:
        _require()
    except InputError as error:
        _say_what_is_missing(app, error)
        return
    from handrail.web.mcp.http import add

    add(app)


def _say_what_is_missing(app: FastAPI, error: InputError) -> None:
    from handrail.web.problems import Problem

    missing = Problem(501, "Not installed", error.message, kind="not-installed", hint=error.hint)

    @app.api_route("/mcp", methods=["GET", "POST", "DELETE"], include_in_schema=False)
    def without() -> None:
        raise missing


def run_stdio() -> None:
    """Serves the tools on standard input and output.

    Raises:
        InputError: naming the extra, if the SDK is not installed.
    """
    _require()
    from handrail.web.mcp.server import run_stdio as run

    run()
