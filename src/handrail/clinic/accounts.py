"""Accounts and sign-in: argon2id, server-side sessions, lockout that holds over all workers."""

from __future__ import annotations

import hashlib
import secrets
import time
from functools import cache
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from handrail.clinic.errors import Refused, TooMany
from handrail.clinic.models import AttemptRow, KeyRow, SessionRow, UserRow
from handrail.clinic.store import Store
from handrail.clinic.words import an_id
from handrail.terms import InputError, known

#: From the least to the most.
ROLES = ("viewer", "front_desk", "clinician", "owner")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
#: A session ends when it was not used for this long, and in any case after the longer time. Seconds.
IDLE, LONGEST = 30 * 60, 12 * 60 * 60
#: Failed attempts within the window, of one name and from one address, after which none is looked at.
WINDOW, PER_NAME, PER_ADDRESS = 15 * 60, 5, 30
#: How often a session's last use is written down, in seconds: not at each request.
_TOUCH = 60

_hasher = PasswordHasher()  # argon2id with the library's parameters of RFC 9106


class User(NamedTuple):
    """Who is asking: an account, or an API key."""

    name: str
    role: str
    id: int | None = None
    #: The session's token against forged forms; None for an API key, which no browser sends by itself.
    csrf: str | None = None

    def may(self, role: str) -> bool:
        """Whether the role is at least the one given."""
        return ROLES.index(self.role) >= ROLES.index(role)


class SignedIn(NamedTuple):
    """A new session: the token goes to the browser, and only there."""

    token: str
    user: User


def hashed(token: str) -> str:
    """What is kept of a random token. It is long and random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


class Accounts:
    """The accounts of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(self, name: str, role: str, password: str) -> User:
        """Makes an account.

        Raises:
            InputError: for a name that is taken or is none, a role that is none, a password that is too short.
        """
        name = _name(name)
        known("role", role, ROLES)
        made = _hasher.hash(_password(password, name))
        try:
            with self.store.write() as session:
                row = UserRow(name=name, role=role, password=made, disabled=False)
                session.add(row)
                session.flush()
                return User(name, role, row.id)
        except IntegrityError:
            raise InputError(f"there is an account {name} already", where="name") from None

    def all(self) -> list[tuple[User, bool]]:
        """Every account, and whether it is disabled."""
        with self.store.read() as session:
            rows = session.scalars(select(UserRow).order_by(UserRow.name)).all()
            return [(User(row.name, row.role, row.id), row.disabled) for row in rows]

    def has_owner(self) -> bool:
        """Whether anybody can administer this store."""
        with self.store.read() as session:
            return _owners(session) > 0

    def change(
        self, name: str, *, role: str | None = None, password: str | None = None, disabled: bool | None = None
    ) -> User:
        """Changes an account; its sessions end. The last owner stays one.

        Raises:
            InputError: for an account that is not there, or a change that would leave no owner.
        """
        name = _name(name)
        if role is not None:
            known("role", role, ROLES)
        made = None if password is None else _hasher.hash(_password(password, name))
        with self.store.write() as session:
            row = session.scalar(select(UserRow).where(UserRow.name == name).with_for_update())
            if row is None:
                raise InputError(f"there is no account {name}", where="name")
            row.role = role or row.role
            row.password = made or row.password
            row.disabled = row.disabled if disabled is None else disabled
            session.flush()
            if not _owners(session):
                raise InputError("that would leave the clinic without an owner", hint="Make another owner first")
            session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
            # A key may not do more than who made it.
            for key in session.scalars(select(KeyRow).where(KeyRow.made_by == name)):
                key.revoked = key.revoked or row.disabled or ROLES.index(key.role) > ROLES.index(row.role)
            if made or disabled is False:
                session.execute(delete(AttemptRow).where(AttemptRow.bucket == _bucket("name", name)))
            return User(row.name, row.role, row.id)

    def sign_in(self, name: str, password: str, *, address: str = "", old_token: str | None = None) -> SignedIn:
        """Begins a session. A session that the browser brought along ends: its token is never used on.

        Raises:
            TooMany: too many failures of this name or from this address; the password was not looked at.
            Refused: wrong name or password; which, is not said, and both take equally long.
        """
        buckets = {_bucket("name", name[:200].casefold()): PER_NAME}
        if address:
            buckets[_bucket("address", address)] = PER_ADDRESS
        counted = self._count(buckets)
        with self.store.read() as session:
            row = session.scalar(select(UserRow).where(UserRow.name == name[:64].casefold()))
            known_hash = row.password if row else None
        right = _matches(known_hash or _nobody(), password[: LONGEST_PASSWORD + 1])
        if row is None or not right or row.disabled:
            raise Refused("Wrong name or password.")
        token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), time.time()
        with self.store.write() as session:
            session.execute(delete(SessionRow).where(SessionRow.ends < now))
            if old_token:
                session.execute(delete(SessionRow).where(SessionRow.token_hash == hashed(old_token)))
            session.execute(
                insert(SessionRow).values(
                    token_hash=hashed(token), user_id=row.id, csrf=csrf, seen=now, ends=now + LONGEST
                )
            )
            # The failures of the name are forgiven; of the address, only this attempt: others may sit behind it.
            mine = (AttemptRow.bucket == next(iter(buckets))) | (AttemptRow.at == counted)
            session.execute(delete(AttemptRow).where(AttemptRow.bucket.in_(buckets), mine))
            if known_hash and _hasher.check_needs_rehash(known_hash):
                session.execute(
                    update(UserRow).where(UserRow.id == row.id).values(password=_hasher.hash(password))
                )
        return SignedIn(token, User(row.name, row.role, row.id, csrf))

    def user_of(self, token: str) -> User | None:
        """Whose session a token is; None if it is nobody's, or has ended."""
        now = time.time()
        with self.store.read() as session:
            query = select(SessionRow, UserRow).join(UserRow, UserRow.id == SessionRow.user_id)
            found = session.execute(query.where(SessionRow.token_hash == hashed(token[:200]))).one_or_none()
        if found is None:
            return None
        kept, row = found
        if row.disabled or now >= kept.ends or now >= kept.seen + IDLE:
            return None
        if now >= kept.seen + _TOUCH:
            with self.store.write() as session:
                same = SessionRow.token_hash == kept.token_hash
                session.execute(update(SessionRow).where(same).values(seen=now))
        return User(row.name, row.role, row.id, kept.csrf)

    def sign_out(self, token: str) -> None:
        """Ends a session."""
        with self.store.write() as session:
            session.execute(delete(SessionRow).where(SessionRow.token_hash == hashed(token)))

    def _count(self, buckets: dict[str, int]) -> float:
        """Counts an attempt before it is looked at, so that many at once do not slip through."""
        now = time.time()
        retry = 0.0
        with self.store.write() as session:
            session.execute(delete(AttemptRow).where(AttemptRow.at < now - WINDOW))
            for bucket, most in sorted(buckets.items()):
                if not self.store.sqlite:
                    session.execute(select(func.pg_advisory_xact_lock(int(bucket[:15], 16))))
                same = AttemptRow.bucket == bucket
                seen = session.execute(select(func.count(), func.min(AttemptRow.at)).where(same)).one()
                if seen[0] >= most:
                    retry = max(retry, seen[1] + WINDOW - now)
            if not retry:
                session.execute(insert(AttemptRow), [{"bucket": bucket, "at": now} for bucket in buckets])
        if retry:
            raise TooMany(max(1, int(retry)))
        return now


def _bucket(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode(errors="replace")).hexdigest()


def _name(given: str) -> str:
    return an_id(given.casefold() if isinstance(given, str) else given, "name")


def _password(given: str, name: str) -> str:
    if len(given) < SHORTEST_PASSWORD:
        raise InputError(f"the password is shorter than {SHORTEST_PASSWORD} characters", where="password")
    if len(given) > LONGEST_PASSWORD:
        raise InputError(f"the password is longer than {LONGEST_PASSWORD} characters", where="password")
    if name in given.casefold() and len(given) < SHORTEST_PASSWORD + len(name):
        raise InputError("the password is little more than the account's name", where="password")
    if len(set(given)) < 5:
        raise InputError("the password has fewer than 5 different characters", where="password")
    return given


@cache
def _nobody() -> str:
    """A hash that nobody's password has, so that an unknown name takes as long as a known one."""
    return _hasher.hash(secrets.token_urlsafe(32))


def _matches(known_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(known_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _owners(session: Session) -> int:
    query = select(func.count()).where(UserRow.role == "owner", UserRow.disabled.is_(False))
    return session.scalar(query) or 0
