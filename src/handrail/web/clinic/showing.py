"""Draws the clinic's pages within the frame of all pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from handrail.web.clinic.guard import current_user

HERE = Path(__file__).parent


@cache
def _extended() -> None:
    from handrail.web import pages

    pages.extend(templates=HERE / "templates", texts=HERE / "texts")


def show(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page for whoever is signed in; no cache keeps it."""
    from handrail.web import pages

    _extended()
    context.setdefault(
        "user", current_user(request) if getattr(request.app.state, "clinic_ready", False) else None
    )
    page = pages.render(request, template, status=status, **context)
    page.headers["cache-control"] = "no-store"
    return page
