"""REST under ``/v1``: what the command line answers, for programs."""

from __future__ import annotations

from fastapi import FastAPI

#: Paths whose answers to GET follow from the knowledge alone.
VERSIONED = ("/v1/ask", "/v1/who", "/v1/law", "/v1/safety", "/v1/technique", "/v1/intake")
#: Paths that take files.
UPLOADS = ("/v1/audits", "/audit")

__all__ = ["UPLOADS", "VERSIONED", "add_rest"]


def add_rest(app: FastAPI) -> None:
    """Adds all routes under ``/v1``, and their description."""
    from handrail.web.rest import audits, decisions, describe, law, safety, visits

    for room in (decisions, law, safety, visits):
        app.include_router(room.router)
    audits.add_audits(app)
    describe.describe(app)
