"""How much one request may ask for: bytes, time, and how many at once."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handrail.web.problems import Problem


class Limits:
    """Bounds bodies, time and concurrency.

    A body is counted as it comes, whatever its Content-Length says. The time bound is on the first byte of the
    answer: downloads and streams of events may take longer.

    Args:
        app: what is bounded.
        max_body: bytes of a body.
        max_upload: bytes of a body sent to a path in ``uploads``.
        uploads: paths that take files.
        seconds: until the answer begins.
        at_once: requests that are worked on at the same time.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body: int,
        max_upload: int,
        uploads: tuple[str, ...],
        seconds: float,
        at_once: int,
    ) -> None:
        self.app, self.seconds, self.at_once = app, seconds, at_once
        self.max_body, self.max_upload, self.uploads = max_body, max_upload, uploads
        self.busy = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self.busy >= self.at_once:
            busy = Problem(
                503,
                "Too busy",
                f"{self.at_once} requests are under way",
                kind="busy",
                headers={"retry-after": "1"},
            )
            await busy.response()(scope, receive, send)
            return
        self.busy += 1
        try:
            await self._bounded(scope, receive, send)
        finally:
            self.busy -= 1

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = self.max_upload if scope["path"] in self.uploads else self.max_body
        for name, value in scope["headers"]:
            if name == b"content-length" and (not value.isdigit() or int(value) > most):
                await too_large(most).response()(scope, receive, send)
                return
        begun = asyncio.Event()
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > most:
                    raise too_large(most)
            return message

        async def sending(message: Message) -> None:
            begun.set()
            await send(message)

        try:
            async with asyncio.timeout(self.seconds) as clock:

                async def starting(message: Message) -> None:
                    if not begun.is_set():
                        clock.reschedule(None)
                    await sending(message)

                await self.app(scope, counting, starting)
        except TimeoutError:
            if not begun.is_set():
                late = Problem(503, "Took too long", f"No answer within {self.seconds:g} s", kind="timeout")
                await late.response()(scope, receive, send)


def too_large(most: int) -> Problem:
    """A body that is larger than it may be."""
    return Problem(
        413,
        "Too large",
        f"A request may have {most:,} bytes here",
        kind="too-large",
        headers={"connection": "close"},
    )
