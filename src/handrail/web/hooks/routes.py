"""The routes of CDS Hooks. What is read, decided or said goes into no log."""

from __future__ import annotations

from collections import Counter
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from handrail.terms.billing import Codes, shipped
from handrail.terms.places import find_place
from handrail.web.hooks import feedback, request
from handrail.web.hooks.answer import answer
from handrail.web.hooks.seen import InFile
from handrail.web.hooks.services import SERVICES, Service, discovery
from handrail.web.hooks.trust import Clients, admit
from handrail.web.problems import Problem
from handrail.web.settings import Settings

PATH = "/cds-services"
#: A body of more bytes is refused.
MAX_BYTES = 8 << 20


class _Hooks:
    """What the routes need, read once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clients = _clients(settings)
        self.codes = _codes(settings)
        self.place = find_place(settings.hooks_place) if settings.hooks_place else ""
        self.base = self.clients.base if self.clients else ""
        #: How many cards were accepted and overridden since the start.
        self.feedback: Counter[str] = Counter()


def _clients(settings: Settings) -> Clients | None:
    if not settings.hooks_clients:
        return None
    # A token that one process took must not be taken by another.
    seen = InFile(settings.data / "hooks-tokens.db") if settings.workers > 1 else None
    return Clients.of(settings.hooks_clients, seen)


def _codes(settings: Settings) -> Codes:
    if not settings.hooks_codes:
        return shipped()
    from handrail.audit.codes import load

    return load(settings.hooks_codes)


def add_hooks(app: FastAPI) -> None:
    """Adds CDS Hooks under ``/cds-services``.

    Raises:
        InputError: if a setting of it is wrong.
    """
    settings: Settings = app.state.settings
    hooks = _Hooks(settings)
    app.state.hooks_feedback = hooks.feedback
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def services(call: Request) -> JSONResponse:
        await anyio.to_thread.run_sync(admit, call, hooks.clients, settings, (PATH,))
        return _json(discovery())

    @router.post(f"{PATH}/{{service_id}}")
    async def service(service_id: str, call: Request) -> JSONResponse:
        asked = _service(service_id)
        await anyio.to_thread.run_sync(admit, call, hooks.clients, settings, (f"{PATH}/{asked.id}",))
        raw = await _body(call)
        return _json({"cards": await anyio.to_thread.run_sync(_answer, raw, asked, hooks)})

    @router.post(f"{PATH}/{{service_id}}/feedback")
    async def service_feedback(service_id: str, call: Request) -> JSONResponse:
        asked = _service(service_id)
        at = f"{PATH}/{asked.id}"
        client = await anyio.to_thread.run_sync(admit, call, hooks.clients, settings, (f"{at}/feedback", at))
        entries = feedback.read(await _body(call))
        keep = getattr(call.app.state, "feedback", None)
        for entry in entries:
            if keep is not None:
                await anyio.to_thread.run_sync(keep, {"service": asked.id, "client": client, **entry})
            hooks.feedback[entry["outcome"]] += 1
        return _json({})

    app.include_router(router)
    origins = [one.strip() for one in settings.hooks_cors.split(",") if one.strip()]
    if origins:
        app.add_middleware(_Cors, origins=origins)


def _answer(raw: bytes, service: Service, hooks: _Hooks) -> list[dict[str, Any]]:
    call = request.read(raw, service)
    return answer(call, hooks.codes, default_place=hooks.place, base=hooks.base)


def _service(service_id: str) -> Service:
    found = SERVICES.get(service_id)
    if found is None:
        hint = f"Services: {', '.join(SERVICES)}"
        raise Problem(404, "No such service", "there is no CDS service of that id", kind="not-found", hint=hint)
    return found


async def _body(call: Request) -> bytes:
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", "application/fhir+json"):
        raise Problem(415, "Not JSON", "the body must be application/json", kind="media-type")
    parts, size = [], 0
    async for part in call.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise Problem(413, "Too large", f"the body has more than {MAX_BYTES >> 20} MiB", kind="too-large")
        parts.append(part)
    return b"".join(parts)


def _json(data: dict[str, Any]) -> JSONResponse:
    return JSONResponse(data, headers={"Cache-Control": "no-store"})


class _Cors:
    """Lets pages of some origins call CDS Hooks, and nothing else of the service."""

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        self.app = app
        self.cors = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        ours = scope["type"] == "http" and (path == PATH or path.startswith(f"{PATH}/"))
        await (self.cors if ours else self.app)(scope, receive, send)
