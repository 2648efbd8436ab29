"""The MCP server of the official SDK with the tools on it, for stdio and for HTTP."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from handrail import __version__
from handrail.terms import InputError
from handrail.web.mcp.shapes import DISCLAIMER
from handrail.web.mcp.tools import TOOLS

INSTRUCTIONS = (
    "Handrail answers whether a practitioner may do massage, mobilization or a thrust ('cracking') here, today, "
    "to this client, by the law of 50 US states, DC and 13 Canadian provinces and territories, and by published "
    "contraindications. Start with ask for words, check for a case. Pass on the verdict as it is: undetermined is "
    f"not a yes. Name the citations and the day of the law. {DISCLAIMER}"
)
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


def make_server() -> MCPServer[Any]:
    """A server with every tool."""
    server: MCPServer[Any] = MCPServer(
        "handrail", title="Handrail", instructions=INSTRUCTIONS, version=__version__, log_level="ERROR"
    )
    # What is asked, and what was wrong with it, may speak of a client: it goes into no log.
    logging.getLogger("mcp").setLevel(logging.CRITICAL)
    for tool in TOOLS:
        server.add_tool(_plain(tool), title=tool.__name__.replace("_", " "), annotations=_READS)
    return server


def _plain(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, whose wrong input is an error of the tool with its hint."""

    @functools.wraps(tool)
    def run(*args: Any, **given: Any) -> Any:
        try:
            return tool(*args, **given)
        except InputError as error:
            raise ToolError(str(error)) from None

    return run


def run_stdio() -> None:
    """Serves on standard input and output until the input ends."""
    make_server().run("stdio")
