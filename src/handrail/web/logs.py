"""Logs for machines: one JSON object a line, of requests only what cannot be about a client."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handrail.web import metrics

LOG = logging.getLogger("handrail.web")
#: Never logged: the path itself, the query, headers and bodies. The route says which kind of thing was asked.
FIELDS = ("request", "method", "route", "status", "ms", "error", "at")


class Lines(logging.Formatter):
    """Records as JSON lines."""

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        return json.dumps(line, ensure_ascii=False)


def configure(level: str) -> None:
    """Sends all logs of the service to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = name != "uvicorn.access"  # our own has no query strings
    logging.getLogger("httpx").setLevel("WARNING")


class Observed:
    """Logs and counts every request, and gives it a number (``X-Request-ID``)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number, status = secrets.token_hex(8), 500
        start = time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", number.encode())]
            await send(message)

        about = {"request": number, "method": scope["method"]}
        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            # The kind of error and where it was raised; its text may hold what was sent.
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{last.filename.rpartition('handrail/')[2]}:{last.lineno}"
            LOG.error("failed", extra={**about, "error": type(error).__name__, "at": where})
        seconds = time.perf_counter() - start
        route = route_of(scope)
        metrics.observe(scope["method"], route, status, seconds)
        if LOG.isEnabledFor(logging.INFO):
            ms = round(1000 * seconds, 1)
            LOG.info("request", extra={**about, "route": route, "status": status, "ms": ms})


def route_of(scope: Scope) -> str:
    """The route's own pattern, such as ``/v1/law/{place}``; "none" where no route fits."""
    route = scope.get("route")
    return getattr(route, "path", None) or "none"
