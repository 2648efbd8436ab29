"""API keys: shown once, kept as a hash, told apart by their prefix."""

from __future__ import annotations

import hmac
import secrets
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from handrail.clinic.accounts import ROLES, User, hashed
from handrail.clinic.models import KeyRow
from handrail.clinic.store import Store
from handrail.clinic.words import plain
from handrail.terms import InputError, known

#: How every key begins, so that one that was leaked is recognised.
BEGINS = "hr_"
DAY = 24 * 60 * 60
LONGEST_DAYS = 3660


class Key(NamedTuple):
    """What is told of a key; never the key itself."""

    prefix: str
    name: str
    role: str
    made_by: str
    made: datetime
    ends: datetime | None
    revoked: bool

    @property
    def good(self) -> bool:
        """Whether it opens anything now."""
        return not self.revoked and (self.ends is None or self.ends > datetime.now(UTC))

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        ends = self.ends.isoformat(timespec="seconds") if self.ends else None
        return {**self._asdict(), "made": self.made.isoformat(timespec="seconds"), "ends": ends, "good": self.good}


class Keys:
    """The API keys of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(self, name: str, role: str, *, by: User, days: int | None = 365) -> tuple[str, Key]:
        """Makes a key: the whole key, which is shown now and never again, and what is told of it.

        Args:
            name: what it is for.
            role: at most that of who makes it.
            by: who makes it.
            days: until it ends; None for never.

        Raises:
            InputError: for a role above the maker's, or days that are none.
        """
        known("role", role, ROLES)
        if not by.may(role):
            raise InputError(f"a key may not do more than who makes it: {by.role}", where="role")
        if days is not None and not 1 <= days <= LONGEST_DAYS:
            raise InputError(f"days must be from 1 to {LONGEST_DAYS}", where="days")
        prefix, secret, now = BEGINS + secrets.token_hex(4), secrets.token_urlsafe(32), time.time()
        row = KeyRow(
            prefix=prefix,
            secret_hash=hashed(secret),
            name=plain(name, "name", longest=100),
            role=role,
            made_by=by.name,
            made=now,
            ends=None if days is None else now + days * DAY,
            revoked=False,
        )
        with self.store.write() as session:
            session.add(row)
        return f"{prefix}_{secret}", _key(row)

    def all(self) -> list[Key]:
        """Every key that was made, newest first."""
        with self.store.read() as session:
            return [
                _key(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.made.desc(), KeyRow.prefix))
            ]

    def revoke(self, prefix: str) -> Key:
        """Ends a key at once.

        Raises:
            InputError: if there is none of that prefix.
        """
        with self.store.write() as session:
            row = session.get(KeyRow, prefix) if isinstance(prefix, str) else None
            if row is None:
                raise InputError("there is no key of that prefix", where="prefix")
            row.revoked = True
            return _key(row)

    def user_of(self, given: str) -> User | None:
        """Whom a key stands for; None if it is none, was revoked, or has ended."""
        prefix, secret = given[: len(BEGINS) + 8], given[len(BEGINS) + 9 : 200]
        if not given.isascii() or not given.startswith(BEGINS):
            return None
        with self.store.read() as session:
            row = session.get(KeyRow, prefix)
        right = hmac.compare_digest(row.secret_hash if row else "0" * 64, hashed(secret))
        if row is None or not right or given != f"{prefix}_{secret}" or not _key(row).good:
            return None
        return User(f"key:{row.prefix}", row.role)


def _key(row: KeyRow) -> Key:
    made = datetime.fromtimestamp(row.made, UTC)
    ends = datetime.fromtimestamp(row.ends, UTC) if row.ends is not None else None
    return Key(row.prefix, row.name, row.role, row.made_by, made, ends, row.revoked)
