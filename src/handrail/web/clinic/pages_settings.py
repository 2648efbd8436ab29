"""The owner's page: accounts, keys, services, the log's switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from handrail.clinic import ROLES, Accounts, Keys, Log, Roster, Service
from handrail.terms import REGIONS, TECHNIQUES, InputError, known
from handrail.web.clinic.guard import check_csrf, register, store_of, user_of
from handrail.web.clinic.showing import show

Text = Annotated[str, Form(max_length=2000)]


def settings(request: Request) -> Response:
    """The page."""
    return _settings(request)


def _settings(
    request: Request, *, status: int = 200, problem: InputError | None = None, secret: str = ""
) -> Response:
    store = store_of(request)
    return show(
        request,
        "clinic_settings.html",
        status=status,
        problem=problem,
        secret=secret,
        users=Accounts(store).all(),
        keys=Keys(store).all(),
        services=Roster(store).services(),
        roles=ROLES,
        techniques=list(TECHNIQUES),
        regions=list(REGIONS),
        log_on=Log(store).on,
    )


def _done(request: Request, csrf: str, do: Callable[[], Any]) -> Response:
    """Does it and shows the page anew; a mistake is shown on it."""
    check_csrf(user_of(request), csrf)
    try:
        do()
    except InputError as error:
        return _settings(request, status=400, problem=error)
    return RedirectResponse("/clinic/settings", status_code=303)


def switch(request: Request, csrf: Text = "", on: Text = "") -> Response:
    """Switches the log."""
    return _done(request, csrf, lambda: Log(store_of(request)).switch(on == "yes", user=user_of(request).name))


def add_user(request: Request, csrf: Text = "", name: Text = "", role: Text = "", password: Text = "") -> Response:
    """Makes an account."""
    return _done(request, csrf, lambda: Accounts(store_of(request)).add(name.strip(), role, password))


def change_user(request: Request, csrf: Text = "", name: Text = "", role: Text = "", do: Text = "") -> Response:
    """Gives an account another role, disables or enables it."""

    def change() -> None:
        known("action", do, ("role", "disable", "enable"))
        disabled = None if do == "role" else do == "disable"
        Accounts(store_of(request)).change(name, role=role if do == "role" else None, disabled=disabled)

    return _done(request, csrf, change)


def add_key(request: Request, csrf: Text = "", name: Text = "", role: Text = "", days: Text = "365") -> Response:
    """Makes a key and shows it, this once."""
    user = user_of(request)
    check_csrf(user, csrf)
    try:
        if not days.isascii() or not days.isdigit() or len(days) > 5:
            raise InputError("days are not a number", where="days")
        secret, _ = Keys(store_of(request)).add(name, role, by=user, days=int(days))
    except InputError as error:
        return _settings(request, status=400, problem=error)
    return _settings(request, secret=secret)


def revoke_key(request: Request, csrf: Text = "", prefix: Text = "") -> Response:
    """Ends a key."""
    return _done(request, csrf, lambda: Keys(store_of(request)).revoke(prefix))


def add_service(
    request: Request,
    csrf: Text = "",
    id: Text = "",  # noqa: A002
    name: Text = "",
    technique: Text = "",
    region: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Adds a service."""
    made = Service(id.strip(), name, technique, tuple(region or ()))
    return _done(request, csrf, lambda: Roster(store_of(request)).put_service(made))


def remove_service(request: Request, csrf: Text = "", id: Text = "") -> Response:  # noqa: A002
    """Takes a service off."""
    return _done(request, csrf, lambda: Roster(store_of(request)).remove_service(id))


def add_settings(router: APIRouter) -> None:
    """Adds the routes, each guarded as the table of access says."""
    register(router, "GET", "/clinic/settings", settings)
    register(router, "POST", "/clinic/settings/log", switch)
    register(router, "POST", "/clinic/settings/user", add_user)
    register(router, "POST", "/clinic/settings/user/change", change_user)
    register(router, "POST", "/clinic/settings/key", add_key)
    register(router, "POST", "/clinic/settings/key/revoke", revoke_key)
    register(router, "POST", "/clinic/settings/service", add_service)
    register(router, "POST", "/clinic/settings/service/remove", remove_service)
