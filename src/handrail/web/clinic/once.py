"""Idempotency-Key on writes: sent again, a request gets its answer again, and is not done again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header, Request
from pydantic import BaseModel

from handrail.clinic import Once
from handrail.terms import InputError
from handrail.web.clinic.guard import store_of, user_of
from handrail.web.problems import Problem

IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, description="Sent again, it is not done again."),
]


def once(
    request: Request,
    key: str | None,
    given: BaseModel | bytes | None,
    do: Callable[[], dict[str, Any]],
    *,
    keep: Callable[[dict[str, Any]], Any] = lambda answer: answer,
    again: Callable[[Any], dict[str, Any]] = lambda kept: kept,
) -> dict[str, Any]:
    """Does something, or gives the answer of the time when it was done.

    Args:
        request: the request.
        key: its Idempotency-Key; None: it is done.
        given: its body.
        do: does it.
        keep: what is kept of the answer; no secret, and nothing of a client.
        again: the answer, from what was kept.

    Raises:
        Problem: 409 for a key of another request, or of one that is under way.
    """
    if key is None:
        return do()
    user, kept = user_of(request).name, Once(store_of(request))
    body = given.model_dump_json().encode() if isinstance(given, BaseModel) else given or b""
    # The key goes into what is hashed: without it nobody can try out which codes a body had.
    whole = b"\n".join((key.encode(), request.method.encode(), str(request.url.path).encode(), body))
    try:
        before = kept.begin(user, key, whole + str(request.url.query).encode())
    except InputError as error:
        raise Problem(
            409, "Conflict", error.message, kind="idempotency", where=error.where, hint=error.hint
        ) from None
    if before is not None:
        return again(before.answer)
    try:
        answer = do()
    except BaseException:
        kept.forget(user, key)
        raise
    kept.end(user, key, 200, keep(answer))
    return answer
