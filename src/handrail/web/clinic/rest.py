"""``/v1/clinic``: bookings, roster, services, decision log."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response, StreamingResponse

from handrail.clinic import (
    Filter,
    Log,
    Practitioner,
    Roster,
    Service,
    Verified,
    check,
    export_csv,
    export_log,
    import_csv,
    read_anchor,
    reference,
)
from handrail.clinic.roster_csv import LARGEST
from handrail.decide import Period, parse_day
from handrail.terms import InputError
from handrail.web.clinic.bodies import ALWAYS, WRITES, CheckBody, OverrideBody, ServiceBody, SwitchBody
from handrail.web.clinic.guard import register, store_of, user_of
from handrail.web.clinic.once import IdempotencyKey, once
from handrail.web.problems import Problem

CSV = "text/csv; charset=utf-8"
NDJSON = "application/x-ndjson"
Day = Annotated[str | None, Query(description="YYYY-MM-DD", max_length=10, examples=["2026-12-01"])]
Short = Annotated[str | None, Query(max_length=128)]
Limit = Annotated[int, Query(ge=1, le=500, description="How many on a page.")]
Cursor = Annotated[int | None, Query(ge=0, lt=2**63, description="`next` of the page before.")]
Id = Annotated[str, Path(max_length=128)]


def booking(request: Request, body: CheckBody, key: IdempotencyKey = None) -> dict[str, Any]:
    """Whether a booking may stand, why, and who else on the roster may.

    If the clinic's log is on and the booking is of a client, it is written down.
    """
    return do_check(request, body, key)


def do_check(request: Request, body: CheckBody, key: str | None) -> dict[str, Any]:
    """The check, written down if the log is on; also for the page."""
    store = store_of(request)
    if body.client is not None:
        reference(body.client)
    about_client = body.client is not None or not (body.codes is None and body.steps is None and body.age is None)
    codes = [] if body.codes is None and about_client else body.codes
    found = check(
        store, body.practitioner, body.service, body.time, codes, steps=body.steps, age=body.age, met=body.met
    )
    log = Log(store)

    def write_down() -> dict[str, Any]:
        if not about_client or not log.on:
            return {"logged": None}
        if body.client is None:
            raise InputError(
                "the client's code is missing", where="client", hint="The log is on: give one like c-0042"
            )
        entry = log.append(
            found.decision,
            user=user_of(request).name,
            client=body.client,
            practitioner=found.practitioner.id,
            service=found.service.id,
            unrecognised=found.unrecognised,
        )
        return {"logged": entry.seq if entry else None}

    # Only the entry's number is kept for a repeated request: what was asked of a client is not.
    logged = once(request, key, body, write_down)
    return {**found.as_dict(), **logged}


def roster(request: Request, format: Annotated[str, Query(pattern="^(json|csv)$")] = "json") -> Any:  # noqa: A002
    """Everybody on the roster; `format=csv` as `roster/import` reads it."""
    everyone = Roster(store_of(request)).all()
    if format == "csv":
        return csv_of(everyone)
    return {"jurisdiction": store_of(request).get("jurisdiction"), "roster": [who.as_dict() for who in everyone]}


def csv_of(everyone: list[Practitioner]) -> Response:
    """The roster as a file."""
    return Response(export_csv(everyone), media_type=CSV, headers=_file("roster.csv"))


def expiring(
    request: Request, within: Annotated[int, Query(ge=0, le=3660, description="Days ahead.")] = 90, on: Day = None
) -> dict[str, Any]:
    """Credentials that end soon, have ended, are not active, or have no known end; worst first."""
    day = Period.of(parse_day(on) if on else None).first
    found = Roster(store_of(request)).expiring(day, within)
    return {"on": day.isoformat(), "within": within, "expiring": [one.as_dict() for one in found]}


def grid(request: Request, on: Day = None) -> dict[str, Any]:
    """Who may do what here, without any client in mind."""
    return Roster(store_of(request)).grid(Period.of(parse_day(on) if on else None).first).as_dict()


async def read_csv(request: Request) -> bytes:
    """The body, no larger than a roster may be."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > LARGEST:
            raise Problem(413, "Too large", f"A roster has at most {LARGEST:,} bytes.", kind="too-large")
    return bytes(data)


def import_roster(
    request: Request,
    data: Annotated[bytes, Depends(read_csv)],
    commit: Annotated[bool, Query(description="Write it; else only say what would be.")] = False,
    only_good: Annotated[bool, Query(description="Leave out rows with an error.")] = False,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Reads a roster from CSV (docs/clinic.md): what would become of each row; with `commit`, what did."""

    def do() -> dict[str, Any]:
        return import_csv(Roster(store_of(request)), data, commit=commit, only_good=only_good).as_dict()

    return once(request, key, data, do) if commit else do()


def remove_practitioner(request: Request, practitioner: Id, key: IdempotencyKey = None) -> dict[str, Any]:
    """Takes somebody off the roster. The log keeps what it says of them."""

    def do() -> dict[str, Any]:
        with _missing():
            Roster(store_of(request)).remove(practitioner)
        return {"removed": practitioner}

    return once(request, key, None, do)


def services(request: Request) -> dict[str, Any]:
    """What the clinic offers."""
    return {"services": [one.as_dict() for one in Roster(store_of(request)).services()]}


def put_service(request: Request, service: Id, body: ServiceBody, key: IdempotencyKey = None) -> dict[str, Any]:
    """Adds or replaces a service."""

    def do() -> dict[str, Any]:
        made = Service(service, body.name, body.technique, tuple(body.regions))
        return Roster(store_of(request)).put_service(made).as_dict()

    return once(request, key, body, do)


def remove_service(request: Request, service: Id, key: IdempotencyKey = None) -> dict[str, Any]:
    """Takes a service off."""

    def do() -> dict[str, Any]:
        with _missing():
            Roster(store_of(request)).remove_service(service)
        return {"removed": service}

    return once(request, key, None, do)


def wanted(
    since: Day = None,
    until: Day = None,
    kind: Short = None,
    client: Short = None,
    practitioner: Short = None,
    user: Short = None,
    verdict: Short = None,
) -> Filter:
    """Which entries are wanted; empty fields of a form are none."""
    days = [parse_day(given) if given else None for given in (since, until)]
    rest = [given or None for given in (kind, client, practitioner, user, verdict)]
    if any(given and "\0" in given for given in rest):
        raise InputError("a null sign is in no entry")
    return Filter(days[0], days[1], *rest).check()


Wanted = Annotated[Filter, Depends(wanted)]


def log(request: Request, filter: Wanted, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:  # noqa: A002
    """Entries of the decision log, newest first."""
    found = Log(store_of(request))
    entries = found.page(filter, before=cursor, limit=limit + 1)
    more = entries[limit - 1].seq if len(entries) > limit else None
    return {"on": found.on, "entries": [entry.as_dict() for entry in entries[:limit]], "next": more}


def switch(request: Request, body: SwitchBody, key: IdempotencyKey = None) -> dict[str, Any]:
    """Switches the log on or off; that itself is an entry."""

    def do() -> dict[str, Any]:
        Log(store_of(request)).switch(body.on, user=user_of(request).name)
        return {"on": body.on}

    return once(request, key, body, do)


def export(
    request: Request,
    filter: Wanted,  # noqa: A002
    format: Annotated[str, Query(pattern="^(csv|ndjson)$")] = "ndjson",  # noqa: A002
) -> Response:
    """Entries as a file, oldest first: CSV for people, NDJSON for programs, which can check the chain by it."""
    lines = export_log(Log(store_of(request)).each(filter), format)
    media = CSV if format == "csv" else NDJSON
    return StreamingResponse(lines, media_type=media, headers=_file(f"decisions-{date.today()}.{format}"))  # noqa: DTZ011


def verify(
    request: Request,
    anchor: Annotated[list[str] | None, Query(max_length=20, description="SEQ:HASH, kept elsewhere.")] = None,
) -> dict[str, Any]:
    """Whether anything in the log was altered, removed or reordered, and which entry is the first bad one."""
    anchors = []
    for given in anchor or ():
        seq, _, hash_ = given[:100].partition(":")
        text = f'{{"seq": {int(seq)}, "hash": "{hash_}"}}' if seq.isascii() and seq.isdigit() else ""
        anchors.append(read_anchor(text))
    found: Verified = Log(store_of(request)).verify(anchors)
    return found.as_dict()


def override(request: Request, body: OverrideBody, key: IdempotencyKey = None) -> dict[str, Any]:
    """Writes down that somebody went against a decision, and why."""

    def do() -> dict[str, Any]:
        entry = Log(store_of(request)).override(body.of, body.reason, user=user_of(request).name)
        return {"seq": entry.seq, "of": body.of, "hash": entry.hash}

    return once(request, key, body, do)


class _missing:  # noqa: N801
    """What is not on the roster is not there (404), not badly asked."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, InputError):
            raise Problem(404, "Not found", error.message, kind="not-found") from None


def _file(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


def router() -> APIRouter:
    """The routes, each guarded as the table of access says."""
    made = APIRouter(tags=["clinic"])
    csv_body = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}
    reads = {"responses": ALWAYS}
    writes = {"responses": WRITES}
    register(made, "POST", "/v1/clinic/check", booking, **writes)
    as_csv = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
    as_file = {
        200: {"content": {"text/csv": {"schema": {"type": "string"}}, NDJSON: {"schema": {"type": "string"}}}}
    }
    register(made, "GET", "/v1/clinic/roster", roster, responses={**ALWAYS, **as_csv})
    register(made, "GET", "/v1/clinic/roster/expiring", expiring, **reads)
    register(made, "GET", "/v1/clinic/roster/grid", grid, **reads)
    register(made, "POST", "/v1/clinic/roster/import", import_roster, openapi_extra=csv_body, **writes)
    register(made, "DELETE", "/v1/clinic/roster/{practitioner}", remove_practitioner, **writes)
    register(made, "GET", "/v1/clinic/services", services, **reads)
    register(made, "PUT", "/v1/clinic/services/{service}", put_service, **writes)
    register(made, "DELETE", "/v1/clinic/services/{service}", remove_service, **writes)
    register(made, "GET", "/v1/clinic/log", log, **reads)
    register(made, "PUT", "/v1/clinic/log", switch, **writes)
    register(
        made, "GET", "/v1/clinic/log/export", export, response_class=Response, responses={**ALWAYS, **as_file}
    )
    register(made, "GET", "/v1/clinic/log/verify", verify, **reads)
    register(made, "POST", "/v1/clinic/overrides", override, **writes)
    return made
