"""The chain that ties the decision log together: each entry's hash covers the one before it.

Anyone can check it by hand: an entry's hash is the SHA-256 of the hash before it, a line feed, and the body as it
is stored. The body is JSON with sorted keys, no spaces, and no signs escaped that need not be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

#: What stands before the first entry.
START = "0" * 64


def canonical(body: dict[str, Any]) -> str:
    """A body as the one text that stands for it.

    >>> canonical({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def link(previous: str, body: str) -> str:
    """The hash of an entry, in hex."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


class Linked(NamedTuple):
    """An entry as stored."""

    seq: int
    body: str
    previous: str
    hash: str
    #: The columns beside the body, which must repeat it: at, kind, user, client, practitioner, verdict.
    repeated: dict[str, Any]


class Anchor(NamedTuple):
    """Where the log once stood, kept elsewhere: a log that was cut or made anew does not come by it again."""

    seq: int
    hash: str


class Verified(NamedTuple):
    """What a check of the whole log found.

    Args:
        good: whether nothing was altered, removed or reordered.
        entries: how many entries were found right before the first bad one.
        head: the sequence number and hash of the last right entry.
        bad: the sequence number of the first bad entry, or of the one that is missing; None if all is well.
        why: what is wrong with it.
    """

    good: bool
    entries: int
    head: Anchor
    bad: int | None = None
    why: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {**self._asdict(), "head": self.head._asdict()}


def verify(entries: Iterable[Linked], head: Anchor | None, anchors: Iterable[Anchor] = ()) -> Verified:
    """Whether entries, in the order of their numbers, are whole and unaltered.

    Args:
        entries: all of the log's.
        head: where the log itself says that it ends; None if even that is gone.
        anchors: where it stood before, as kept elsewhere.
    """
    kept = {anchor.seq: anchor.hash for anchor in anchors}
    last = Anchor(0, START)

    def bad(seq: int, why: str) -> Verified:
        return Verified(False, last.seq, last, seq, why)

    for entry in entries:
        expected = last.seq + 1
        if entry.seq != expected:
            return bad(expected, f"entry {expected} is missing: entry {entry.seq} follows entry {last.seq}")
        why = _wrong(entry, last, kept)
        if why:
            return bad(entry.seq, why)
        last = Anchor(entry.seq, entry.hash)
    if head is None:
        return bad(last.seq + 1, "the record of where the log ends is gone")
    if head.seq > last.seq:
        return bad(
            last.seq + 1, f"the log ends at entry {last.seq}, but its head says {head.seq}: entries are gone"
        )
    if head != last:
        return bad(last.seq, f"the head of the log does not agree with its last entry, {last.seq}")
    beyond = [seq for seq in kept if seq > last.seq]
    if beyond:
        return bad(last.seq + 1, f"the log ends at entry {last.seq}, but an anchor is of entry {max(beyond)}")
    if kept.get(0, START) != START:
        return bad(0, "an anchor of the empty log has another hash")
    return Verified(True, last.seq, last)


def _wrong(entry: Linked, last: Anchor, kept: dict[int, str]) -> str | None:
    if entry.previous != last.hash:
        return "it does not follow the entry before it: that one was replaced, or this one was moved"
    if link(entry.previous, entry.body) != entry.hash:
        return "its text is not the one that was hashed: it was altered"
    try:
        body = json.loads(entry.body)
        same = canonical(body) == entry.body
    except ValueError:
        body, same = None, False
    if not same or not isinstance(body, dict):
        return "its text is not in the form in which entries are written"
    if body.get("seq") != entry.seq:
        return f"its text says that it is entry {body.get('seq')}"
    for name, value in entry.repeated.items():
        if found(body, name) != value:
            return f"the column {name} was altered: it no longer says what the entry says"
    if entry.seq in kept and kept[entry.seq] != entry.hash:
        return "it is not the entry that the anchor is of: the log was made anew"
    return None


def found(body: dict[str, Any], name: str) -> Any:
    """What a body says that a column beside it repeats."""
    if name == "verdict":
        decision = body.get("decision")
        return decision.get("verdict") if isinstance(decision, dict) else None
    return body.get(name)
