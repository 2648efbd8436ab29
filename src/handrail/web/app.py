"""Puts the service together: each room under ``web`` adds its own routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from handrail import __version__
from handrail.web import metrics
from handrail.web.clinic import add_clinic
from handrail.web.headers import SecurityHeaders
from handrail.web.hooks import add_hooks
from handrail.web.knowledge import Versioned, version
from handrail.web.limits import Limits
from handrail.web.logs import Observed
from handrail.web.mcp import add_mcp
from handrail.web.pages import add_pages
from handrail.web.problems import add_problem_handlers
from handrail.web.rest import UPLOADS, VERSIONED, add_rest
from handrail.web.settings import Settings

MIB = 1 << 20


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole service as an ASGI application.

    Args:
        settings: what the environment would say otherwise.
    """
    settings = settings or Settings()
    app = FastAPI(
        title="Handrail",
        version=__version__,
        description="May these hands do this technique to this body, here, today? Every answer cited and dated. "
        "Not legal or medical advice.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.opening, app.state.closing, app.state.checks = [], [], []
    add_problem_handlers(app)
    _add_operations(app)
    add_rest(app)
    add_clinic(app)
    add_pages(app)
    add_hooks(app)
    add_mcp(app)
    # The last one added sees a request first.
    app.add_middleware(Versioned, paths=VERSIONED)
    app.add_middleware(
        Limits,
        max_body=int(settings.max_body_mib * MIB),
        max_upload=int(settings.max_upload_mib * MIB),
        uploads=UPLOADS,
        seconds=settings.max_seconds,
        at_once=settings.max_at_once,
    )
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["authorization", "content-type", "idempotency-key", "if-none-match"],
            expose_headers=["etag", "link", "x-request-id"],
        )
    app.add_middleware(Observed)  # answers what failed, so the headers come after it
    app.add_middleware(SecurityHeaders, behind_proxy=settings.behind_proxy)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    version()  # read now, not at the first request
    for open_ in app.state.opening:
        open_()
    yield
    for close in app.state.closing:
        close()


def _add_operations(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__, "knowledge": version()}

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> dict[str, str]:
        for ask in app.state.checks:
            ask()
        return {"status": "ok", "store": "ok" if app.state.clinic else "none"}

    @app.get("/metrics", include_in_schema=False)
    def counted() -> Response:
        return metrics.metrics()
