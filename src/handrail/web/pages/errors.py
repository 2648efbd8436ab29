"""Pages for what went wrong."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from handrail.web.pages.rendering import render
from handrail.web.problems import Problem

#: Statuses that have sentences of their own; the others take those of 400 or 500.
_TOLD = (404, 413, 429, 500, 503)


def error_page(request: Request, status: int, detail: str = "", hint: str = "") -> HTMLResponse:
    """The page for a status: what went wrong and what would be right.

    Args:
        request: what failed.
        status: 400 or more.
        detail: one line, without a final stop; nothing of a client.
        hint: what would be right.
    """
    kind = 404 if status == 405 else status if status in _TOLD else 400 if status < 500 else 500
    return render(request, "error.html", status=status, kind=str(kind), code=status, detail=detail, hint=hint)


def add_error_pages(app: FastAPI) -> None:
    """Draws problems as pages for browsers."""

    def page(request: Request, problem: Problem) -> HTMLResponse:
        # What went wrong on our side has sentences in both languages; its own are for programs.
        told = problem.status < 500
        answer = error_page(
            request,
            problem.status,
            problem.detail.rstrip(".") if told else "",
            (problem.hint or "") if told else "",
        )
        answer.headers.update(problem.headers)
        return answer

    app.state.problem_page = page
