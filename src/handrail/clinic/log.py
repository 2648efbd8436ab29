"""The decision log: off until the clinic switches it on, append-only, each entry chained to the one before it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from handrail.clinic import chain
from handrail.clinic.chain import START, Anchor, Linked, Verified
from handrail.clinic.errors import StoreDown
from handrail.clinic.models import EntryRow, HeadRow, SettingRow
from handrail.clinic.store import Store
from handrail.clinic.words import plain
from handrail.decide import Decision
from handrail.terms import InputError, Verdict

#: What an entry can be: a decision; an override of one; what came back from an EHR; the log switched on or off.
KINDS = ("decision", "override", "feedback", "switch")
#: The columns that repeat the body, and what they are called there.
REPEATED = {
    "at": "at",
    "kind": "kind",
    "user_name": "user",
    "client": "client",
    "practitioner": "practitioner",
    "verdict": "verdict",
}
#: Entries that are read at a time.
PAGE = 500
LONGEST_REASON = 1000
#: An age above this one can tell who somebody is.
OLDEST_TOLD = 90

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_NAME_LIKE = re.compile(r"[A-Z][a-z]{2,}")
_NUMBER_OF_A_PERSON = re.compile(r"\d{3}-\d{2}-\d{4}|\d{3}-\d{3}-\d{4}|\d{9,}")
_DAY_LIKE = re.compile(r"(19|20)\d\d-?[01]\d-?[0-3]\d|[0-3]?\d[.:_-][0-3]?\d[.:_-](19|20)\d\d")


def reference(given: str) -> str:
    """A pseudonymous reference to a client; never a name.

    Raises:
        InputError: for what looks like a name, a date of birth, or a number that a person has elsewhere. It is not
            repeated in the message.

    >>> reference("c-0042")
    'c-0042'
    """
    if not isinstance(given, str) or not _REFERENCE.fullmatch(given):
        why = "has spaces or signs that a code has not" if given else "is empty"
    elif not any(sign.isdigit() for sign in given):
        why = "has no digit, as a name has none"
    elif _NAME_LIKE.search(given):
        why = "looks like a name"
    elif _DAY_LIKE.search(given):
        why = "looks like a date of birth"
    elif _NUMBER_OF_A_PERSON.search(given):
        why = "looks like a telephone or insurance number"
    else:
        return given
    raise InputError(
        f"the client's reference {why}", where="client", hint="Give a code of the clinic's, such as c-0042"
    )


class Entry(NamedTuple):
    """An entry, as it is read back."""

    seq: int
    hash: str
    previous: str
    body: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """As plain data: the body, and what chains it."""
        return {**self.body, "previous": self.previous, "hash": self.hash}


class Filter(NamedTuple):
    """Which entries are wanted. ``since`` and ``until`` are days (UTC), both included."""

    since: date | None = None
    until: date | None = None
    kind: str | None = None
    client: str | None = None
    practitioner: str | None = None
    user: str | None = None
    verdict: str | None = None

    def check(self) -> Filter:
        """Itself; raises InputError for a kind or verdict that is none."""
        from handrail.terms import known

        if self.kind is not None:
            known("kind of entry", self.kind, KINDS)
        if self.verdict is not None:
            known("verdict", self.verdict, [verdict.value for verdict in Verdict])
        return self


EVERYTHING = Filter()


class Log:
    """The decision log of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def on(self) -> bool:
        """Whether the clinic keeps a log."""
        return self.store.get("log") == "on"

    def switch(self, on: bool, *, user: str) -> Entry | None:
        """Switches the log on or off; that itself is an entry. None if it stood so already."""
        with self.store.write() as session:
            if _is_on(session) == on:
                return None
            session.merge(SettingRow(key="log", value="on" if on else "off"))
            return _append(session, "switch", {"user": plain(user, "user"), "on": on})

    def append(
        self,
        decision: Decision,
        *,
        user: str,
        client: str,
        practitioner: str | None = None,
        service: str | None = None,
        unrecognised: Iterable[str] = (),
    ) -> Entry | None:
        """Writes a decision down, if the log is on; None if it is off. When it returns, the entry is on the disk.

        Args:
            decision: what was decided.
            user: who asked: an account's name, or ``key:`` and the prefix of an API key.
            client: the clinic's own code for the client, never a name.
            practitioner: id on the roster.
            service: id of the clinic's service.
            unrecognised: codes given of which nothing is known here.

        Raises:
            InputError: for a reference that looks like a name.
            StoreFull, StoreBusy, StoreDown: nothing was written.
        """
        case = decision.case.as_dict()
        about = case["client"]
        if about is not None and about["age"] is not None:
            about["age"] = min(about["age"], OLDEST_TOLD)
        body = {
            "user": plain(user, "user"),
            "client": reference(client),
            "practitioner": practitioner,
            "service": service,
            "case": {**case, "on": decision.on},
            "unrecognised": list(unrecognised),
            "decision": {
                "verdict": decision.verdict.value,
                "leaning": decision.leaning.value if decision.leaning else None,
                "profession": decision.profession,
                "rules": list(dict.fromkeys(reason.rule for reason in decision.reasons if reason.rule)),
                "needs": [need.id for need in decision.needs],
            },
            "knowledge": decision.knowledge,
        }
        with self.store.write() as session:
            return _append(session, "decision", body) if _is_on(session) else None

    def override(self, of: int, reason: str, *, user: str) -> Entry:
        """Writes down that somebody went against a decision, and why.

        Args:
            of: the decision's number.
            reason: in their own words, without the client's name.
            user: who did.

        Raises:
            InputError: if there is no such decision, no reason, or the log is off.
        """
        reason = plain(reason, "reason", longest=LONGEST_REASON)
        with self.store.write() as session:
            if not _is_on(session):
                raise InputError("the log is off", hint="An owner switches it on: `handrail log on`")
            row = session.get(EntryRow, of) if 0 < of < 2**63 else None
            if row is None or row.kind != "decision":
                raise InputError(f"the log has no decision {of}", where="of")
            body = {"user": plain(user, "user"), "client": row.client, "practitioner": row.practitioner}
            return _append(session, "override", {**body, "of": of, "of_hash": row.hash, "reason": reason})

    def feedback(self, given: dict[str, Any], *, user: str) -> Entry | None:
        """Writes down what an EHR says became of a card; None if the log is off."""
        if len(chain.canonical(given)) > 10_000:
            raise InputError("the feedback is too long")
        with self.store.write() as session:
            if not _is_on(session):
                return None
            return _append(session, "feedback", {"user": plain(user, "user"), "feedback": given})

    def page(
        self, wanted: Filter = EVERYTHING, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> list[Entry]:
        """Entries, newest first; ``before`` a number. With ``after``, oldest first."""
        query = _where(wanted.check())
        if after is not None:
            query = query.where(EntryRow.seq > after).order_by(EntryRow.seq)
        else:
            query = query.order_by(EntryRow.seq.desc())
        if before is not None:
            query = query.where(EntryRow.seq < before)
        with self.store.read() as session:
            return [_entry(row) for row in session.scalars(query.limit(limit))]

    def each(self, wanted: Filter = EVERYTHING) -> Iterator[Entry]:
        """Every entry wanted, oldest first; a page at a time, so that a long log needs little memory."""
        after = 0
        while page := self.page(wanted, after=after, limit=PAGE):
            yield from page
            after = page[-1].seq

    @property
    def length(self) -> int:
        """The number of the last entry."""
        with self.store.read() as session:
            return session.scalar(select(func.max(EntryRow.seq))) or 0

    def anchor(self) -> Anchor:
        """Where the log stands now, to be kept elsewhere."""
        with self.store.read() as session:
            head = _head(session)
        if head is None:
            raise StoreDown("The record of where the log ends is gone: run `handrail log verify`.")
        return head

    def verify(self, anchors: Iterable[Anchor] = ()) -> Verified:
        """Whether anything was altered, removed or reordered, and which entry is the first bad one."""
        with self.store.read() as session:
            return chain.verify(_linked(session), _head(session), anchors)


def read_anchor(text: str, where: str = "anchor") -> Anchor:
    """An anchor as `handrail log anchor` writes it.

    Raises:
        InputError: if it is none.
    """
    try:
        data = json.loads(text)
        made = Anchor(data["seq"], data["hash"])
    except (ValueError, KeyError, TypeError, RecursionError):
        made = Anchor(-1, "")
    right = isinstance(made.seq, int) and not isinstance(made.seq, bool) and made.seq >= 0
    if not right or not isinstance(made.hash, str) or not re.fullmatch(r"[0-9a-f]{64}", made.hash):
        raise InputError("that is no anchor", where=where, hint='An anchor is {"seq": 12, "hash": "..."}')
    return made


def _is_on(session: Session) -> bool:
    return session.scalar(select(SettingRow.value).where(SettingRow.key == "log")) == "on"


def _head(session: Session) -> Anchor | None:
    row = session.execute(select(HeadRow.seq, HeadRow.hash).where(HeadRow.id == 1)).one_or_none()
    return Anchor(row.seq, row.hash) if row else None


def _append(session: Session, kind: str, body: dict[str, Any]) -> Entry:
    """Adds an entry in this transaction. Other writers wait: for SQLite's lock, or the head's row."""
    locked = select(HeadRow.seq, HeadRow.hash).where(HeadRow.id == 1).with_for_update()
    head = session.execute(locked).one_or_none()
    if head is None:
        raise StoreDown("The record of where the log ends is gone: run `handrail log verify`.")
    seq = head.seq + 1
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    body = {"client": None, "practitioner": None, **body, "seq": seq, "at": at, "kind": kind}
    text = chain.canonical(body)
    made = chain.link(head.hash, text)
    columns = {column: chain.found(body, name) for column, name in REPEATED.items()}
    session.execute(insert(EntryRow).values(seq=seq, body=text, previous=head.hash, hash=made, **columns))
    session.execute(update(HeadRow).where(HeadRow.id == 1).values(seq=seq, hash=made))
    return Entry(seq, made, head.hash, json.loads(text))


def _entry(row: EntryRow) -> Entry:
    try:
        body = json.loads(row.body)
    except ValueError:
        body = {"seq": row.seq, "at": row.at, "kind": row.kind, "user": row.user_name, "damaged": True}
    return Entry(row.seq, row.hash, row.previous, body)


def _where(wanted: Filter) -> Any:
    query = select(EntryRow)
    if wanted.since:
        query = query.where(EntryRow.at >= wanted.since.isoformat())
    if wanted.until:
        query = query.where(EntryRow.at < f"{wanted.until.isoformat()}U")  # after every T of that day
    for column, value in (
        (EntryRow.kind, wanted.kind),
        (EntryRow.client, wanted.client),
        (EntryRow.practitioner, wanted.practitioner),
        (EntryRow.user_name, wanted.user),
        (EntryRow.verdict, wanted.verdict),
    ):
        if value is not None:
            query = query.where(column == value)
    return query


def _linked(session: Session) -> Iterator[Linked]:
    """The whole log by number, a page at a time, within one state of the store."""
    after: int | None = None
    columns = [getattr(EntryRow, column) for column in REPEATED]
    while True:
        query = select(EntryRow.seq, EntryRow.body, EntryRow.previous, EntryRow.hash, *columns)
        if after is not None:
            query = query.where(EntryRow.seq > after)
        rows = session.execute(query.order_by(EntryRow.seq).limit(PAGE)).all()
        if not rows:
            return
        for seq, body, previous, hashed, *repeated in rows:
            yield Linked(seq, body, previous, hashed, dict(zip(REPEATED.values(), repeated, strict=True)))
        after = rows[-1].seq


__all__ = ["KINDS", "START", "Entry", "Filter", "Log", "read_anchor", "reference"]
