"""What goes wrong, told in one shape: problem+json (RFC 9457), or a page where a browser asked for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from handrail.terms import InputError

MEDIA = "application/problem+json"
#: Paths whose answers are for programs.
PROGRAMS = ("/v1/", "/cds-services", "/mcp", "/metrics", "/healthz", "/readyz")

Page = Callable[[Request, "Problem"], Response]


class Problem(Exception):  # noqa: N818  (the RFC's word)
    """A request that cannot be answered.

    Args:
        status: the HTTP status.
        title: what kind of problem it is, the same for all of its kind.
        detail: what is wrong with this request.
        kind: a word for programs; the problem's type is ``urn:handrail:problem:KIND``.
        where: the field or parameter, if there is one.
        hint: what would be right.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        *,
        kind: str,
        where: str | None = None,
        hint: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.kind = status, title, detail, kind
        self.where, self.hint, self.headers = where, hint, dict(headers or {})

    def as_dict(self) -> dict[str, Any]:
        """The problem as RFC 9457 has it."""
        given = {
            "type": f"urn:handrail:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail or None,
            "where": self.where or None,
            "hint": self.hint or None,
        }
        return {name: value for name, value in given.items() if value is not None}

    def response(self) -> Response:
        """The problem as problem+json."""
        return Response(msgspec.json.encode(self.as_dict()), self.status, self.headers, MEDIA)


def of_input(error: InputError, status: int = 400) -> Problem:
    """Bad input as a problem."""
    return Problem(
        status, "Bad input", error.message, kind="bad-input", where=error.where or None, hint=error.hint or None
    )


def not_found(what: str, hint: str | None = None) -> Problem:
    """Something that is not there."""
    return Problem(404, "Not found", what, kind="not-found", hint=hint)


def add_problem_handlers(app: FastAPI) -> None:
    """Every error becomes a problem; ``app.state.problem_page``, if it is set, draws it for browsers."""

    def answer(request: Request, problem: Problem) -> Response:
        page: Page | None = getattr(request.app.state, "problem_page", None)
        # "/v1" itself, as "/v1/law/.." is sent, is for programs too.
        if page is None or f"{request.url.path}/".startswith(PROGRAMS) or not _wants_html(request):
            return problem.response()
        return page(request, problem)

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(InputError)
    async def _input(request: Request, error: InputError) -> Response:
        return answer(request, of_input(error))

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        # The value itself may be about a client: it is not repeated.
        where = ".".join(str(part) for part in first["loc"] if part not in ("query", "path", "body", "header"))
        return answer(request, Problem(400, "Bad input", str(first["msg"]), kind="bad-input", where=where or None))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        kind = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "http")
        title = HTTPStatus(error.status_code).phrase.capitalize()
        detail = "" if error.detail == HTTPStatus(error.status_code).phrase else str(error.detail)
        return answer(request, Problem(error.status_code, title, detail, kind=kind, headers=error.headers))

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, _error: Exception) -> Response:
        return answer(
            request,
            Problem(
                500,
                "Something went wrong on our side",
                "It was logged. Nothing of the request was kept.",
                kind="internal",
            ),
        )


def _wants_html(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "text/html" in accepted
