"""Pages for what went wrong."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from handrail.terms import InputError
from handrail.web.pages.rendering import render

#: Doors for programs: they get problem documents, not pages.
PROGRAMS = ("/v1", "/cds-services", "/mcp", "/healthz", "/metrics")


class NotFoundError(Exception):
    """Nothing is at this address; ``message`` and ``hint`` say what would be."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def error_page(request: Request, status: int, detail: str = "", hint: str = "") -> HTMLResponse:
    """The page for a status: what went wrong and what would be right.

    Args:
        request: what failed.
        status: 400 or more.
        detail: one line, without a final stop; nothing of a client.
        hint: what would be right.
    """
    kind = {404: "404", 405: "404", 413: "413", 422: "400", 429: "429", 503: "503"}.get(
        status, "400" if status < 500 else "500"
    )
    return render(request, "error.html", status=status, kind=kind, code=status, detail=detail, hint=hint)


def for_program(request: Request) -> bool:
    """Whether a request came through a door for programs."""
    path = request.url.path
    return any(path == door or path.startswith(f"{door}/") for door in PROGRAMS)


def add_error_pages(app: FastAPI) -> None:
    """Handles what the core does not handle yet; its own handlers stay."""

    def not_found(request: Request, error: Exception) -> Response:
        assert isinstance(error, NotFoundError)  # noqa: S101
        return error_page(request, 404, error.message, error.hint)

    def bad_input(request: Request, error: Exception) -> Response:
        assert isinstance(error, InputError)  # noqa: S101
        return error_page(request, 400, error.message, error.hint)

    def invalid(request: Request, _: Exception) -> Response:
        return error_page(request, 400)

    def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        page = error_page(request, error.status_code)
        page.headers.update(error.headers or {})
        return page

    def broken(request: Request, _: Exception) -> Response:
        return error_page(request, 500)

    app.add_exception_handler(NotFoundError, not_found)
    for kind, handler in (
        (InputError, bad_input),
        (RequestValidationError, invalid),
        (HTTPException, of_http),
        (Exception, broken),
    ):
        if not getattr(app.state, "handles_errors", False):
            app.add_exception_handler(kind, handler)
