"""Tokens that were used, so that none is taken twice: in memory, or in a file that several processes share."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Protocol

from handrail.web.problems import Problem

#: So many are remembered at a time; each is forgotten once it has expired.
REMEMBERED = 200_000


class Seen(Protocol):
    """Remembers tokens until they have expired."""

    def first(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """Whether a token is seen for the first time; raises Problem (503) if no more can be remembered."""


def _full() -> Problem:
    return Problem(503, "Too many tokens", "no more tokens can be remembered; try again later", kind="busy")


class InMemory:
    """For one process."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def first(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """See ``Seen``."""
        with self._lock:
            if len(self._seen) >= REMEMBERED:
                self._seen = {key: end for key, end in self._seen.items() if end > now}
                if len(self._seen) >= REMEMBERED:
                    raise _full()
            if self._seen.get((issuer, jti), 0) > now:
                return False
            self._seen[issuer, jti] = until
            return True


class InFile:
    """For several processes on one machine. Of a token only a digest is kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as store:
            store.execute("PRAGMA journal_mode=WAL")
            store.execute("CREATE TABLE IF NOT EXISTS seen (token BLOB PRIMARY KEY, until REAL) WITHOUT ROWID")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=5, isolation_level=None)

    def first(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """See ``Seen``."""
        token = hashlib.sha256(f"{issuer}\0{jti}".encode()).digest()
        try:
            with closing(self._open()) as store:
                store.execute("DELETE FROM seen WHERE until <= ?", (now,))
                if store.execute("SELECT COUNT(*) FROM seen").fetchone()[0] >= REMEMBERED:
                    raise _full()
                store.execute("INSERT INTO seen VALUES (?, ?)", (token, until))
        except sqlite3.IntegrityError:
            return False
        except sqlite3.Error:
            raise _full() from None
        return True
