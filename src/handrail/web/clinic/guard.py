"""Stands before each address of the clinic: who is asking, may they, does the request come from our page."""

from __future__ import annotations

import functools
import hmac
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse

from handrail.clinic import Accounts, Keys, Refused, Store, StoreError, TooMany, User
from handrail.web.clinic.access import ACCESS
from handrail.web.problems import Problem

COOKIE = "handrail_session"
SAFE = ("GET", "HEAD", "OPTIONS")
_NOBODY = object()


def store_of(request: Request) -> Store:
    """The clinic's store; raises Problem if there is none, or it is not set up."""
    store: Store | None = getattr(request.app.state, "clinic", None)
    if store is None:
        raise Problem(
            404, "No clinic here", "This service keeps no clinic.", kind="no-clinic", hint="Set HANDRAIL_DATABASE"
        )
    if not _is_ready(request, store):
        raise _not_set_up()
    return store


def check_store(state: Any) -> None:
    """Asks the store something; raises Problem (503) if it cannot answer, or is not set up."""
    with told():
        ready = state.clinic.ready()
    if not ready:
        raise _not_set_up()


def _not_set_up() -> Problem:
    return Problem(
        503,
        "Not set up",
        "The clinic's store is not set up, or is of another version.",
        kind="not-set-up",
        hint="Run `handrail clinic init`",
    )


def _is_ready(request: Request, store: Store) -> bool:
    """Whether the store is set up; once it is, it is not asked again."""
    if not getattr(request.app.state, "clinic_ready", False):
        request.app.state.clinic_ready = store.ready()
    return bool(request.app.state.clinic_ready)


def current_user(request: Request) -> User | None:
    """Who is asking: by an API key (``Authorization: Bearer``) or by a session's cookie; None: nobody known.

    It reads the store: call it from a thread, not from the event loop.
    """
    found = getattr(request.state, "clinic_user", _NOBODY)
    if found is _NOBODY:
        with told():
            found = _user(request)
        request.state.clinic_user = found
    return found if isinstance(found, User) else None


def _user(request: Request) -> User | None:
    store: Store | None = getattr(request.app.state, "clinic", None)
    if store is None or not _is_ready(request, store):
        return None
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if given:
        # A key that is wrong is not made good by a cookie that came along.
        return Keys(store).user_of(given.strip()) if kind.casefold() == "bearer" else None
    token = request.cookies.get(COOKIE, "")
    return Accounts(store).user_of(token) if token else None


def register(router: APIRouter, method: str, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
    """Adds a route with the guard that the table of access asks for.

    Raises:
        KeyError: if the table does not have it.
    """
    role = ACCESS[method, path]

    def stop(request: Request) -> None:
        # Before what the request brings is looked at: who may not is told nothing of it.
        with told():
            _check(request, role, path)

    @functools.wraps(endpoint)
    def guarded(*given: Any, **named: Any) -> Any:
        request: Request = named["request"]
        with told():
            if role is not None and current_user(request) is None:
                return RedirectResponse(f"/sign-in?next={quote(path)}", status_code=303)
            return endpoint(*given, **named)

    assert "request" in inspect.signature(endpoint).parameters  # noqa: S101  (each endpoint here is our own)
    router.add_api_route(path, guarded, methods=[method], dependencies=[Depends(stop)], **options)


@contextmanager
def told() -> Iterator[None]:
    """Turns what the store and the accounts raise into problems."""
    try:
        yield
    except StoreError as error:
        raise of_store(error) from None
    except TooMany as error:
        again = {"retry-after": str(error.retry_after)}
        raise Problem(429, "Too many attempts", str(error), kind="too-many", headers=again) from None
    except Refused as error:
        raise Problem(401, "Not signed in", str(error), kind="not-signed-in") from None


def of_store(error: StoreError) -> Problem:
    """What the store says, as 503."""
    return Problem(503, "The store cannot answer", str(error), kind=error.kind, headers={"retry-after": "5"})


def _check(request: Request, role: str | None, path: str) -> None:
    """Raises Problem for somebody who may not; a browser that only looks is sent to sign in later."""
    program = path.startswith("/v1/")
    if request.method not in SAFE and not _from_here(request):
        raise Problem(403, "Refused", "The request comes from another site.", kind="other-site")
    if role is None:
        return
    user = current_user(request)
    if user is None:
        store_of(request)
        if program or request.method not in SAFE:
            headers = {"www-authenticate": "Bearer"} if program else None
            raise Problem(401, "Not signed in", kind="not-signed-in", headers=headers)
        return
    if not user.may(role):
        raise Problem(403, "Not allowed", f"This needs the role {role}.", kind="not-allowed")
    if program and request.method not in SAFE and user.csrf is not None:
        check_csrf(user, request.headers.get("x-csrf-token", ""))


def check_csrf(user: User, given: str) -> None:
    """Raises Problem unless the session's own token came with the request; keys need none."""
    if user.csrf is not None and not hmac.compare_digest(user.csrf.encode(), given.encode()):
        raise Problem(
            403, "Refused", "The form was not made by this session.", kind="csrf", hint="Open the page again"
        )


def _from_here(request: Request) -> bool:
    """Whether a browser says that a page of ours sent it; programs say nothing, and bring no cookie."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    # Under the policy no-referrer a browser hides the origin of our own forms too, but still tells the site.
    if origin is None or (origin == "null" and site is not None):
        return True
    try:
        return urlsplit(origin).netloc == request.headers.get("host", "")
    except ValueError:
        return False


def user_of(request: Request) -> User:
    """Who is asking, where the guard has let somebody in."""
    user = current_user(request)
    if user is None:
        raise Problem(401, "Not signed in", kind="not-signed-in")
    return user
