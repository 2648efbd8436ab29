"""Idempotency keys: a write that is sent again gets the answer it got, and is not done again."""

from __future__ import annotations

import hashlib
import time
from typing import Any, NamedTuple

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from handrail.clinic.models import AnsweredRow
from handrail.clinic.store import Store
from handrail.terms import InputError

#: How long an answer is kept, in seconds.
KEPT = 24 * 60 * 60
#: What stands for an answer that is not there yet.
_UNDER_WAY = 0


class Answered(NamedTuple):
    """An answer that was given before."""

    status: int
    answer: Any


class Once:
    """The idempotency keys of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def begin(self, user: str, key: str, request: bytes) -> Answered | None:
        """Claims a key for a request; the answer given before, if it was the same request.

        Raises:
            InputError: for a key that is none, that came with another request, or whose request is under way.
        """
        if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
            raise InputError("the Idempotency-Key is none", where="Idempotency-Key", hint="1 to 200 ASCII signs")
        id_, asked, now = _id(user, key), hashlib.sha256(request).hexdigest(), time.time()
        try:
            with self.store.write() as session:
                session.execute(delete(AnsweredRow).where(AnsweredRow.at < now - KEPT))
                row = session.get(AnsweredRow, id_)
                if row is None:
                    values = {"key": id_, "request": asked, "status": _UNDER_WAY, "answer": None, "at": now}
                    session.execute(insert(AnsweredRow).values(**values))
                    return None
        except IntegrityError:  # another worker was quicker
            return self.begin(user, key, request)
        if row.request != asked:
            raise InputError("the Idempotency-Key came with another request before", where="Idempotency-Key")
        if row.status == _UNDER_WAY:
            raise InputError("the request of this Idempotency-Key is still under way", where="Idempotency-Key")
        return Answered(row.status, row.answer)

    def end(self, user: str, key: str, status: int, answer: Any) -> None:
        """Keeps the answer."""
        with self.store.write() as session:
            row = session.get(AnsweredRow, _id(user, key))
            if row is not None:
                row.status, row.answer = status, answer

    def forget(self, user: str, key: str) -> None:
        """Gives a key free again: its request has failed, and nothing was done."""
        with self.store.write() as session:
            session.execute(delete(AnsweredRow).where(AnsweredRow.key == _id(user, key)))


def _id(user: str, key: str) -> str:
    return hashlib.sha256(f"{user}\n{key}".encode()).hexdigest()
