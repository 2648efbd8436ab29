"""Which knowledge answers, and whether a client has its answer already."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handrail import __version__, law
from handrail.decide import digest


@cache
def version() -> str:
    """The version of law, clinical files, vocabulary and semantics together: 16 hex digits."""
    return hashlib.sha256(f"{digest()}:{__version__}".encode()).hexdigest()[:16]


@cache
def researched() -> date:
    """The day on which the law was researched last."""
    return max(law.load(place).file.researched for place in law.jurisdictions())


def etag() -> str:
    """Answers change with the knowledge, and with the day where none was asked."""
    return f'W/"{version()}-{date.today():%Y%m%d}"'  # noqa: DTZ011  (the server's day, as decide takes it)


class Versioned:
    """Gives answers to GET under some paths an ETag; says 304 to who has the answer of today's knowledge."""

    def __init__(self, app: ASGIApp, *, paths: tuple[str, ...]) -> None:
        self.app, self.paths = app, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(self.paths):
            await self.app(scope, receive, send)
            return
        tag = etag()
        # RFC 9110 compares weakly here: with or without W/. A star is any answer.
        given = Headers(scope=scope).get("if-none-match", "").split(",")
        has = {one.strip().removeprefix("W/") for one in given}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(scope=message)
                headers["etag"] = tag
                headers["cache-control"] = "private, no-cache"
                headers.add_vary_header("accept-language")
                # Only now: a request that is wrong must not be told that nothing changed.
                if not has.isdisjoint((tag.removeprefix("W/"), "*")):
                    message["status"] = 304
                    for name in ("content-length", "content-type"):
                        del headers[name]
                    scope["handrail.unchanged"] = True
            elif message["type"] == "http.response.body" and scope.get("handrail.unchanged"):
                message = {**message, "body": b""}
            await send(message)

        await self.app(scope, receive, sending)
