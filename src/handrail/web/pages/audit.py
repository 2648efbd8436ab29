"""Audit: a claims file goes to the audits of the REST door; this page shows how far they are."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from handrail.web.pages.errors import error_page
from handrail.web.pages.rendering import render
from handrail.web.problems import not_found

router = APIRouter()
DOOR = "/v1/audits"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LARGEST_ANSWER = 1_000_000


@router.get("/audit")
def form(request: Request) -> HTMLResponse:
    """Where a claims file is dropped."""
    return render(request, "audit.html", door=DOOR)


@router.post("/audit")
async def send(request: Request) -> Response:
    """Hands a file on to the audits, for browsers without script, and goes to the page of its job."""
    status, job = await _through(request, "POST", DOOR)
    if status >= 400 or not _ID.fullmatch(str(job.get("id", ""))):
        detail, hint = str(job.get("detail") or job.get("title") or ""), str(job.get("hint") or "")
        return error_page(request, status if status >= 400 else 502, detail.rstrip("."), hint)
    return RedirectResponse(f"/audit/{job['id']}", 303)


@router.get("/audit/{job}")
async def progress(request: Request, job: str) -> Response:
    """How far a job is."""
    if not _ID.fullmatch(job):
        raise HTTPException(404)
    status, found = await _through(request, "GET", f"{DOOR}/{job}")
    if status == 404:
        raise not_found("there is no audit of that name", "It may be over and cleared away")
    if status >= 400:
        return error_page(request, status)
    return render(request, "audit_job.html", job=found, id=job, door=f"{DOOR}/{job}")


async def _through(request: Request, method: str, path: str) -> tuple[int, dict[str, Any]]:
    """What the REST door of this same service answers; an upload goes through piece by piece."""
    scope = {
        **request.scope,
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "path_params": {},
        "headers": [(k, v) for k, v in request.scope["headers"] if k != b"accept"]
        + [(b"accept", b"application/json")],
    }
    for key in ("route", "endpoint", "router"):
        scope.pop(key, None)
    answer: dict[str, Any] = {"status": 500, "body": b""}

    async def take(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
        elif message["type"] == "http.response.body" and len(answer["body"]) < _LARGEST_ANSWER:
            answer["body"] += message.get("body", b"")

    await request.app.router(scope, request.receive, take)
    try:
        body = json.loads(answer["body"] or b"{}")
    except ValueError:
        body = {}
    return int(answer["status"]), body if isinstance(body, dict) else {}
