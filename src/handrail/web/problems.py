"""Errors of the service as problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from handrail.terms import InputError


class Problem(Exception):  # noqa: N818  (the word of the standard)
    """An answer that is an error: status, title, what is wrong, where, and what would be right."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        kind: str,
        where: str | None = None,
        hint: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.kind = status, title, detail, kind
        self.where, self.hint, self.headers = where, hint, headers


#: Doors for programs: they get problem documents, not pages.
PROGRAMS = ("/v1", "/cds-services", "/mcp")


def add_problem_handlers(app: FastAPI) -> None:
    """Problems and wrong input become problem+json at the doors for programs; pages keep theirs elsewhere."""
    page = app.exception_handlers.get(InputError)

    async def problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101
        return _answer(error)

    async def wrong(request: Request, error: Exception) -> Response:
        assert isinstance(error, InputError)  # noqa: S101
        if page is not None and not request.url.path.startswith(PROGRAMS):
            shown: Response = page(request, error)
            return shown
        made = Problem(400, "Bad request", error.message, kind="input", where=error.where, hint=error.hint)
        return _answer(made)

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(InputError, wrong)


def _answer(error: Problem) -> Response:
    body = {
        "type": f"about:blank#{error.kind}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
    }
    body |= {name: value for name, value in (("where", error.where), ("hint", error.hint)) if value}
    return JSONResponse(body, error.status, headers=error.headers, media_type="application/problem+json")
