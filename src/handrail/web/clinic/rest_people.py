"""``/v1/clinic/users`` and ``/v1/clinic/keys``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from handrail.clinic import Accounts, Keys
from handrail.terms import InputError
from handrail.web.clinic.bodies import ALWAYS, WRITES, KeyBody, UserBody, UserChange
from handrail.web.clinic.guard import register, store_of, user_of
from handrail.web.clinic.once import IdempotencyKey, once
from handrail.web.problems import Problem


def users(request: Request) -> dict[str, Any]:
    """Every account."""
    found = Accounts(store_of(request)).all()
    return {"users": [{"name": user.name, "role": user.role, "disabled": off} for user, off in found]}


def add_user(request: Request, body: UserBody, key: IdempotencyKey = None) -> dict[str, Any]:
    """Makes an account."""

    def do() -> dict[str, Any]:
        user = Accounts(store_of(request)).add(body.name, body.role, body.password)
        return {"name": user.name, "role": user.role, "disabled": False}

    return once(request, key, body, do)


def change_user(
    request: Request, name: Annotated[str, Path(max_length=64)], body: UserChange, key: IdempotencyKey = None
) -> dict[str, Any]:
    """Changes an account; its sessions end."""

    def do() -> dict[str, Any]:
        accounts = Accounts(store_of(request))
        names = [user.name for user, _ in accounts.all()]
        if name.casefold() not in names:
            raise Problem(404, "Not found", "there is no such account", kind="not-found")
        user = accounts.change(name, role=body.role, password=body.password, disabled=body.disabled)
        return {"name": user.name, "role": user.role}

    return once(request, key, body, do)


def keys(request: Request) -> dict[str, Any]:
    """Every API key, by its prefix."""
    return {"keys": [key.as_dict() for key in Keys(store_of(request)).all()]}


def add_key(request: Request, body: KeyBody, key: IdempotencyKey = None) -> dict[str, Any]:
    """Makes an API key. `key` is shown now and never again: a repeated request gets null."""

    def do() -> dict[str, Any]:
        secret, made = Keys(store_of(request)).add(body.name, body.role, by=user_of(request), days=body.days)
        return {"key": secret, **made.as_dict()}

    return once(request, key, body, do, keep=lambda answer: {**answer, "key": None})


def revoke_key(
    request: Request, prefix: Annotated[str, Path(max_length=64)], key: IdempotencyKey = None
) -> dict[str, Any]:
    """Ends an API key at once."""

    def do() -> dict[str, Any]:
        try:
            return Keys(store_of(request)).revoke(prefix).as_dict()
        except InputError as error:
            raise Problem(404, "Not found", error.message, kind="not-found") from None

    return once(request, key, None, do)


def router() -> APIRouter:
    """The routes, each guarded as the table of access says."""
    made = APIRouter(tags=["clinic"])
    register(made, "GET", "/v1/clinic/users", users, responses=ALWAYS)
    register(made, "POST", "/v1/clinic/users", add_user, responses=WRITES)
    register(made, "PATCH", "/v1/clinic/users/{name}", change_user, responses=WRITES)
    register(made, "GET", "/v1/clinic/keys", keys, responses=ALWAYS)
    register(made, "POST", "/v1/clinic/keys", add_key, responses=WRITES)
    register(made, "DELETE", "/v1/clinic/keys/{prefix}", revoke_key, responses=WRITES)
    return made
