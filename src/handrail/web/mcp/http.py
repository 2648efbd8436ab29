"""The tools over streamable HTTP at ``/mcp``: stateless, in JSON, for hosts and origins that are named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from handrail.web.mcp.server import make_server
from handrail.web.settings import Settings

PATH = "/mcp"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
#: A record has its place in a body of this size.
MAX_BYTES = 4 << 20


def security(settings: Settings) -> TransportSecuritySettings:
    """Hosts by which it may be called, and the origins that belong to them: a page of elsewhere is refused."""
    named = [one.strip() for one in settings.mcp_hosts.split(",") if one.strip()]
    if named:
        origins = [f"{scheme}://{host}" for host in named for scheme in ("https", "http")]
        return TransportSecuritySettings(allowed_hosts=named, allowed_origins=origins)
    hosts = [one for host in _LOOPBACK for one in (host, f"{host}:*")]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[f"http://{host}" for host in hosts])


class _Door:
    """Hands a request to the manager of sessions, which lives as long as the application runs."""

    def __init__(self) -> None:
        self.manager: StreamableHTTPSessionManager | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.manager is None:
            await JSONResponse({"error": "the service is not running yet"}, 503)(scope, receive, send)
            return
        await self.manager.handle_request(scope, receive, send)


def add(app: FastAPI) -> None:
    """Adds the route, and what must run beside the application."""
    settings: Settings = app.state.settings
    door, inner = _Door(), app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: Any) -> AsyncIterator[Any]:
        # A manager runs once: each start of the application has its own.
        server = make_server()._lowlevel_server
        manager = StreamableHTTPSessionManager(
            app=server,
            json_response=True,
            stateless=True,
            security_settings=security(settings),
            max_request_body_size=MAX_BYTES,
        )
        async with manager.run():
            door.manager = manager
            try:
                async with inner(running) as state:
                    yield state
            finally:
                door.manager = None

    app.router.lifespan_context = lifespan
    app.router.routes.append(Route(PATH, door, include_in_schema=False))
