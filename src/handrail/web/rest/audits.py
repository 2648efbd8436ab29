"""``/v1/audits``: a file of claims is sent, judged beside, and its results fetched."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, FastAPI, File, Form, Header, Query, Request, UploadFile
from fastapi import Path as PathParameter
from sse_starlette.sse import EventSourceResponse
from starlette.responses import FileResponse, Response, StreamingResponse

from handrail.terms import InputError, find_place
from handrail.terms import cells as cells_
from handrail.web.problems import Problem
from handrail.web.rest.decisions import encoded
from handrail.web.rest.describe import answers, files, problems
from handrail.web.rest.jobs import Jobs
from handrail.web.rest.once import once
from handrail.web.rest.shapes import Audit

router = APIRouter(prefix="/v1/audits", tags=["audits"])
Id = Annotated[str, PathParameter(max_length=64, description="The audit's id")]
#: The report's own policy: nothing runs in it, its style stands in it.
REPORT_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_LOOK = 0.3


def add_audits(app: FastAPI) -> None:
    """Adds the routes, and goes on with audits that a stop interrupted."""
    settings = app.state.settings
    jobs = Jobs(
        settings.data, at_once=settings.audits_at_once, kept=settings.audits_kept, hours=settings.audit_hours
    )
    app.state.jobs = jobs
    app.state.opening.append(jobs.resume)
    app.state.closing.append(jobs.close)
    app.include_router(router)


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


@router.post(
    "",
    status_code=202,
    responses={
        202: {**answers(Audit)[200], "description": "It was taken."},
        **problems(s422="The Idempotency-Key was used with something else."),
    },
    summary="Send a file of claims",
)
async def send(
    request: Request,
    file: Annotated[UploadFile, File(description="Parquet, CSV, NDJSON, X12 837P or FHIR; packed or not")],
    place: Annotated[str | None, Form(max_length=100, description="The place of lines that name none")] = None,
    year: Annotated[int | None, Form(ge=1980, le=2049, description="The year of lines that name none")] = None,
    key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", max_length=200, description="The same key and file give the same audit"),
    ] = None,
) -> Response:
    """It is judged beside, and deleted after some hours, with its results. Follow ``/v1/audits/{id}``."""
    options: dict[str, Any] = {}
    if place:
        options["place"] = find_place(place)
    if year:
        options["year"] = year
    jobs = _jobs(request)
    return await to_thread.run_sync(_taken, jobs, file, options, key)


def _taken(jobs: Jobs, file: UploadFile, options: dict[str, Any], key: str | None) -> Response:
    def begin() -> str:
        return _begun(jobs, file, options)

    id_ = once(jobs.keys, key, file.file, options, jobs.there, begin) if key else begin()
    return _accepted(jobs.about(id_))


def _begun(jobs: Jobs, file: UploadFile, options: dict[str, Any]) -> str:
    job, path = jobs.begin(file.filename or "claims", options)
    try:
        with path.open("wb") as out:
            shutil.copyfileobj(file.file, out, 1 << 20)
    except OSError:
        jobs.delete(job.id)
        raise Problem(503, "No room", "the file could not be kept", kind="storage") from None
    if path.stat().st_size == 0:
        jobs.delete(job.id)
        raise InputError("the file is empty", where="file")
    jobs.start(job)
    return job.id


def _accepted(about: dict[str, Any]) -> Response:
    answer = encoded(about)
    answer.status_code = 202
    answer.headers["location"] = f"/v1/audits/{about['id']}"
    return answer


@router.get("/{id}", responses=answers(Audit), openapi_extra={"x-versioned": False}, summary="How far an audit is")
def about(request: Request, id: Id) -> Response:  # noqa: A002
    """State, rows, and when it is done the counts."""
    return _fresh(encoded(_jobs(request).about(id)))


@router.delete("/{id}", status_code=204, summary="Delete an audit")
def delete(request: Request, id: Id) -> Response:  # noqa: A002
    """Its file and its results; if it runs, it is stopped."""
    _jobs(request).delete(id)
    return Response(status_code=204)


@router.get(
    "/{id}/events",
    responses={200: {"description": "Server-sent events named audit.", "content": {"text/event-stream": {}}}},
    openapi_extra={"x-versioned": False},
    summary="Follow an audit",
)
async def events(request: Request, id: Id) -> Response:  # noqa: A002
    """An event each time something changes, with what GET would give; the last one is done or failed."""
    jobs = _jobs(request)
    await to_thread.run_sync(jobs.about, id)

    async def told() -> AsyncIterator[dict[str, str]]:
        last: dict[str, Any] | None = None
        while not await request.is_disconnected():
            try:
                now = await to_thread.run_sync(jobs.about, id)
            except Problem:  # it was deleted
                return
            if now != last:
                yield {"event": "audit", "data": json.dumps(now)}
                last = now
            if now["state"] in ("done", "failed"):
                return
            await asyncio.sleep(_LOOK)

    return EventSourceResponse(told(), ping=15)


@router.get(
    "/{id}/report",
    responses=files("The report.", "text/html", s409="The audit is not finished."),
    openapi_extra={"x-versioned": False},
    summary="The report",
)
def report(request: Request, id: Id) -> Response:  # noqa: A002
    """One page, the same that ``handrail audit`` writes."""
    path = _jobs(request).result(id, "report.html")
    return _fresh(FileResponse(path, media_type="text/html", headers={"content-security-policy": REPORT_CSP}))


@router.get(
    "/{id}/summary",
    responses=answers({"type": "object"}, s409="The audit is not finished."),
    openapi_extra={"x-versioned": False},
    summary="Every count",
)
def summary(request: Request, id: Id) -> Response:  # noqa: A002
    """``summary.json``, whole."""
    return _fresh(FileResponse(_jobs(request).result(id, "summary.json"), media_type="application/json"))


@router.get(
    "/{id}/findings",
    responses=files(
        "The findings.", "application/vnd.apache.parquet", "text/csv", s409="The audit is not finished."
    ),
    openapi_extra={"x-versioned": False},
    summary="The findings",
)
def findings(
    request: Request,
    id: Id,  # noqa: A002
    form: Annotated[Literal["parquet", "csv"], Query(alias="format")] = "csv",
) -> Response:
    """As Parquet, or as CSV in which no spreadsheet finds a formula."""
    path = _jobs(request).result(id, "findings.parquet")
    if form == "parquet":
        if path.is_dir():
            raise Problem(
                409,
                "Several files",
                "the findings are a folder of files",
                kind="several-files",
                hint="Take the CSV",
            )
        return _fresh(FileResponse(path, media_type="application/vnd.apache.parquet", filename="findings.parquet"))
    headers = {"content-disposition": 'attachment; filename="findings.csv"'}
    return _fresh(StreamingResponse(_rows(path), media_type="text/csv; charset=utf-8", headers=headers))


def _fresh(answer: Response) -> Response:
    answer.headers["cache-control"] = "no-store"
    return answer


def _rows(path: Path) -> Iterator[str]:
    import pyarrow.dataset as ds

    data = ds.dataset(path)
    yield _line(data.schema.names)
    for batch in data.to_batches(batch_size=10_000):
        columns = [column.to_pylist() for column in batch.columns]
        yield "".join(_line([guarded(value) for value in row]) for row in zip(*columns, strict=True))


def _line(cells: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def guarded(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it.

    >>> guarded("=1+1"), guarded("M54.5"), guarded(-3)
    ("'=1+1", 'M54.5', -3)
    """
    return cells_.guarded(value) if isinstance(value, str) else value
