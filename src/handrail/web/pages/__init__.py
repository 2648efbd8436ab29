"""The pages: Ask, Map, Law, Screen, Technique, Audit and About, in English and French.

Templates are in ``templates/``, sentences in ``texts/``, files for the browser in ``static/``; docs/pages.md lists
the addresses. Other rooms of the service show their own pages with ``render`` and ``extend``.
"""

from __future__ import annotations

from fastapi import FastAPI

from handrail.web.pages.errors import error_page
from handrail.web.pages.rendering import extend, language_of, remember, render

__all__ = ["add_pages", "error_page", "extend", "language_of", "remember", "render"]


def add_pages(app: FastAPI) -> None:
    """Adds the pages and the static files to the service."""
    from handrail.web.pages import about, ask, audit, errors, files, law, map_, screen, technique

    for part in (ask, map_, law, screen, technique, audit, about, files):
        app.include_router(part.router, include_in_schema=False)
    errors.add_error_pages(app)
