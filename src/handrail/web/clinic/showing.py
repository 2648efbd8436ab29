"""Draws the clinic's pages within the frame of all pages."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from handrail.terms import PROFESSIONS, REGIONS, TECHNIQUES
from handrail.web.clinic.guard import current_user

HERE = Path(__file__).parent


class Names:
    """Names of ids in a language."""

    @staticmethod
    def profession(id_: str, language: str) -> str:
        """A profession's name."""
        return _named(PROFESSIONS.get(id_), language) or id_

    @staticmethod
    def technique(id_: str, language: str) -> str:
        """A technique's name; empty if it is none."""
        return _named(TECHNIQUES.get(id_), language)

    @staticmethod
    def region(id_: str, language: str) -> str:
        """A region's name."""
        return _named(REGIONS.get(id_), language) or id_


def _named(about: Any, language: str) -> str:
    return str("" if about is None else about.name_fr if language == "fr" else about.name)


@cache
def _pages() -> Any:
    # Found when a page is first asked for: the REST routes do not need the frame of the pages.
    pages = import_module("handrail.web.pages")
    pages.extend(templates=HERE / "templates", texts=HERE / "texts")
    return pages


def show(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page for whoever is signed in; no cache keeps it."""
    if "user" not in context:
        context["user"] = current_user(request)
    page: Response = _pages().render(request, template, status=status, names=Names, **context)
    page.headers["cache-control"] = "no-store"
    return page
