"""The command ``handrail mcp``: tools for an assistant on standard input and output."""

from __future__ import annotations

EPILOG = "An assistant starts it; docs/mcp.md shows how it is told to."


def mcp() -> int:
    """Serve Handrail's tools to an assistant (Model Context Protocol) on standard input and output."""
    from handrail.terms import InputError

    try:
        from handrail.web.mcp import run_stdio
    except ImportError:
        raise InputError("tools for assistants need more", hint="Run: pip install 'handrail[serve,mcp]'") from None
    run_stdio()
    return 0
