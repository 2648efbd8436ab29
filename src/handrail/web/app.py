"""Puts the service together: each room under ``web`` adds its own routes."""

from __future__ import annotations

from fastapi import FastAPI

from handrail.web.clinic import add_clinic
from handrail.web.problems import add_problem_handlers
from handrail.web.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole service as an ASGI application.

    Args:
        settings: what the environment would say otherwise.
    """
    settings = settings or Settings()
    app = FastAPI(title="Handrail", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
    app.state.settings = settings
    add_problem_handlers(app)
    add_clinic(app)
    return app
