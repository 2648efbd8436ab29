"""The clinic's pages: sign in, roster and bookings, decision log, import, settings. All without JavaScript."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from handrail.clinic import (
    COLUMNS,
    KINDS,
    Accounts,
    Filter,
    Log,
    Refused,
    Roster,
    TooMany,
    import_csv,
)
from handrail.clinic.accounts import LONGEST
from handrail.clinic.roster_csv import LARGEST
from handrail.decide import Period, parse_day
from handrail.terms import InputError, Verdict
from handrail.web.clinic import rest
from handrail.web.clinic.access import ACCESS
from handrail.web.clinic.bodies import CheckBody
from handrail.web.clinic.guard import COOKIE, check_csrf, register, store_of, user_of
from handrail.web.clinic.pages_settings import add_settings
from handrail.web.clinic.showing import show

Text = Annotated[str, Form(max_length=2000)]
ON_A_PAGE = 50
#: A log of so many entries is read whole each time it is shown; a longer one when asked to.
READ_WHOLE = 2000


def sign_in_page(request: Request, next: str = "") -> Response:  # noqa: A002
    """The form; or, with no owner yet, how to make one."""
    return _sign_in(request, next)


def _sign_in(request: Request, onward: str, *, problem: str = "", minutes: int = 0, status: int = 200) -> Response:
    store = getattr(request.app.state, "clinic", None)
    ready = store is not None and store.ready()
    state = "none" if store is None else "form" if ready and Accounts(store).has_owner() else "first"
    return show(
        request,
        "clinic_sign_in.html",
        status=status,
        state=state,
        onward=onward[:200],
        problem=problem,
        minutes=minutes,
    )


def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=200)] = "",  # noqa: A002
) -> Response:
    """Begins a session with a token of its own: one that the browser brought along ends."""
    accounts = Accounts(store_of(request))
    old = request.cookies.get(COOKIE)
    try:
        signed = accounts.sign_in(name, password, address=_address(request), old_token=old)
    except TooMany as error:
        minutes = -(-error.retry_after // 60)
        answer = _sign_in(request, next, problem="clinic.too_many", minutes=minutes, status=429)
        answer.headers["retry-after"] = str(error.retry_after)
        return answer
    except Refused:
        return _sign_in(request, next, problem="clinic.wrong", status=401)
    onward = RedirectResponse(_local(next), status_code=303)
    onward.set_cookie(
        COOKIE,
        signed.token,
        max_age=LONGEST,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return onward


def _address(request: Request) -> str:
    """Where a request comes from: IPv6 by its network, of which one customer has all addresses."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else host


def _local(given: str) -> str:
    """Where to go on: only to a page of the clinic's own, so that no other site is ever gone to."""
    return given if ("GET", given) in ACCESS and given.startswith("/clinic") else "/clinic"


def sign_out(request: Request, csrf: Text = "") -> Response:
    """Ends the session."""
    check_csrf(user_of(request), csrf)
    Accounts(store_of(request)).sign_out(request.cookies.get(COOKIE, ""))
    gone = RedirectResponse("/sign-in", status_code=303)
    gone.delete_cookie(COOKIE, path="/")
    return gone


def clinic(request: Request, on: Annotated[str, Query(max_length=10)] = "") -> Response:
    """Roster, what expires, who may do what, and the form for a booking."""
    return _clinic(request, on=on)


def _clinic(request: Request, *, on: str = "", status: int = 200, **more: Any) -> Response:
    roster = Roster(store_of(request))
    day = Period.of(parse_day(on) if on else None).first
    placed = store_of(request).get("jurisdiction") is not None
    fields = ("practitioner", "service", "time", "codes", "client")
    context = {"checked": None, "problem": None, "asked": dict.fromkeys(fields, ""), **more}
    return show(
        request,
        "clinic.html",
        status=status,
        on=day.isoformat(),
        everyone=roster.all(),
        expiring=roster.expiring(day),
        grid=roster.grid(day) if placed else None,
        services=roster.services(),
        log_on=Log(store_of(request)).on,
        **context,
    )


def check(
    request: Request,
    csrf: Text = "",
    practitioner: Text = "",
    service: Text = "",
    time: Text = "",
    codes: Text = "",
    client: Text = "",
) -> Response:
    """Checks a booking, and shows the answer above the roster."""
    check_csrf(user_of(request), csrf)
    given = [code.strip() for part in codes.splitlines() for code in part.split(",") if code.strip()]
    asked = {"practitioner": practitioner, "service": service, "time": time, "codes": codes, "client": client}
    try:
        body = CheckBody(
            practitioner=practitioner,
            service=service,
            time=time,
            codes=given or ([] if client.strip() else None),
            client=client.strip() or None,
            steps=None,
            age=None,
        )
        found = rest.do_check(request, body, None)
    except InputError as error:
        return _clinic(request, status=400, problem=error, asked=asked)
    except ValidationError as error:
        where = str(error.errors()[0]["loc"][0])
        return _clinic(request, status=400, problem=InputError("is missing or too long", where=where), asked=asked)
    return _clinic(request, checked=found, asked={**asked, "codes": "", "client": ""})


def roster_csv(request: Request) -> Response:
    """The roster as a file."""
    return rest.csv_of(Roster(store_of(request)).all())


def fields_of(
    since: str = "",
    until: str = "",
    kind: str = "",
    client: str = "",
    practitioner: str = "",
    user: str = "",
    verdict: str = "",
) -> dict[str, str]:
    """The fields of the log's filter, as a form sends them."""
    return {
        "since": since,
        "until": until,
        "kind": kind,
        "client": client,
        "practitioner": practitioner,
        "user": user,
        "verdict": verdict,
    }


Fields = Annotated[dict[str, str], Depends(fields_of)]


def log(
    request: Request,
    fields: Fields,
    before: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    override: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    verify: Annotated[bool, Query()] = False,
    done: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> Response:
    """The decision log, newest first, filtered."""
    problem, wanted = None, Filter()
    try:
        wanted = rest.wanted(**{name: value[:128] for name, value in fields.items()})
    except InputError as error:
        problem = error
    more = {"problem": problem, "override": override, "done": done}
    return _log(request, wanted, fields, before, verify=verify, **more)


def _log(
    request: Request,
    wanted: Filter,
    fields: dict[str, str],
    before: int | None = None,
    *,
    verify: bool = False,
    **more: Any,
) -> Response:
    found = Log(store_of(request))
    length = found.length
    entries = (
        []
        if more.get("problem") and not more.get("override")
        else found.page(wanted, before=before, limit=ON_A_PAGE + 1)
    )
    return show(
        request,
        "clinic_log.html",
        status=400 if more.get("problem") else 200,
        log_on=found.on,
        entries=[entry.as_dict() for entry in entries[:ON_A_PAGE]],
        older=entries[ON_A_PAGE - 1].seq if len(entries) > ON_A_PAGE else None,
        fields=fields,
        query={name: value for name, value in fields.items() if value},
        kinds=KINDS,
        verdicts=[verdict.value for verdict in Verdict],
        length=length,
        verified=found.verify() if verify or length <= READ_WHOLE else None,
        **{"problem": None, "override": None, "done": None, **more},
    )


def log_export(
    request: Request,
    fields: Fields,
    format: Annotated[str, Query(pattern="^(csv|ndjson)$")] = "csv",  # noqa: A002
) -> Response:
    """What the filter shows, as a file."""
    wanted = rest.wanted(**fields)
    return rest.export(request, wanted, format)


def override(
    request: Request, of: Annotated[int, Form(ge=1, lt=2**63)], reason: Text = "", csrf: Text = ""
) -> Response:
    """Writes an override down."""
    check_csrf(user_of(request), csrf)
    try:
        entry = Log(store_of(request)).override(of, reason, user=user_of(request).name)
    except InputError as error:
        return _log(request, Filter(), fields_of(), problem=error, override=of)
    return RedirectResponse(f"/clinic/log?done={entry.seq}", status_code=303)


def import_page(request: Request) -> Response:
    """The form for a roster's file."""
    return show(request, "clinic_import.html", found=None, problem=None, columns=COLUMNS, text="")


def import_(
    request: Request,
    csrf: Text = "",
    file: UploadFile | None = None,
    text: Annotated[str, Form(max_length=LARGEST)] = "",
    do: Text = "preview",
) -> Response:
    """Says what a file would do; the second time, with the same text, does it."""
    check_csrf(user_of(request), csrf)
    data = file.file.read(LARGEST + 1) if file is not None and file.filename else text.encode()
    try:
        commit = do in ("all", "good")
        found = import_csv(Roster(store_of(request)), data, commit=commit, only_good=do == "good")
    except InputError as error:
        return show(
            request, "clinic_import.html", status=400, found=None, problem=error, columns=COLUMNS, text=text
        )
    kept = "" if found.done else data.decode("utf-8-sig")
    return show(request, "clinic_import.html", found=found, problem=None, columns=COLUMNS, text=kept)


def router() -> APIRouter:
    """The pages, each guarded as the table of access says."""
    made = APIRouter()
    register(made, "GET", "/sign-in", sign_in_page)
    register(made, "POST", "/sign-in", sign_in)
    register(made, "POST", "/sign-out", sign_out)
    register(made, "GET", "/clinic", clinic)
    register(made, "POST", "/clinic/check", check)
    register(made, "GET", "/clinic/roster.csv", roster_csv)
    register(made, "GET", "/clinic/log", log)
    register(made, "GET", "/clinic/log/export", log_export)
    register(made, "POST", "/clinic/log/override", override)
    register(made, "GET", "/clinic/import", import_page)
    register(made, "POST", "/clinic/import", import_)
    add_settings(made)
    return made
