"""Backup and restore of a SQLite store, while it is in use. PostgreSQL has its own tools (docs/clinic.md)."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from handrail.clinic.chain import Verified
from handrail.clinic.errors import StoreBusy, StoreError, StoreFull
from handrail.clinic.log import Log
from handrail.clinic.store import Store
from handrail.terms import InputError

_SQLITE = b"SQLite format 3\0"


def backup(store: Store, to: Path, *, force: bool = False) -> Verified:
    """Copies a store to a file as it is at one moment, and checks the copy's log.

    The copy comes under its name only when it is whole and on the disk.

    Raises:
        InputError: for a store in PostgreSQL, a file that is there already, a folder that is not there.
        StoreFull: if there is no room; no file is left.
    """
    _only_sqlite(store)
    store.need_ready()
    if to.exists() and not force:
        raise InputError("there is such a file already", where=str(to), hint="Give another name, or --force")
    if not to.parent.is_dir():
        raise InputError("there is no such folder", where=str(to.parent))
    return _copy(Path(str(store.url.database)), to)


def restore(source: Path, store: Store, *, force: bool = False) -> Verified:
    """Puts a backup in the store's place. The service must be stopped.

    Nothing is replaced unless the backup is a whole store of Handrail's. A store that is replaced stays beside the
    new one, with ``.before-restore`` at its name.

    Raises:
        InputError: for a file that is no backup, or a store that is there already and no ``force``.
    """
    _only_sqlite(store)
    to = Path(str(store.url.database))
    if not source.is_file():
        raise InputError("there is no such file", where=str(source))
    with source.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            raise InputError("that is no backup of a store", where=str(source))
    if to.exists() and not force:
        raise InputError("there is a store already", where=str(to), hint="--force replaces it; it is kept beside")
    if not to.parent.is_dir():
        raise InputError("there is no such folder", where=str(to.parent))
    found = _checked(source)
    store.close()
    if to.exists():
        _copy(to, to.with_name(f"{to.name}.before-restore"))
    # Files of an unfinished write-ahead log belong to the old store: they must not meet the new one.
    for ending in ("-wal", "-shm"):
        to.with_name(f"{to.name}{ending}").unlink(missing_ok=True)
    _copy(source, to)
    with closing(sqlite3.connect(to)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    return found


def _checked(path: Path) -> Verified:
    """What the log of a store in a file is worth; raises InputError if it is no store of Handrail's."""
    # A copy is looked at: to open a store in write-ahead mode writes beside it.
    with tempfile.TemporaryDirectory(prefix="handrail-") as folder:
        copy = Path(folder) / "copy.db"
        _online(path, copy)
        with closing(sqlite3.connect(copy)) as connection:
            try:
                sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            except sqlite3.DatabaseError:
                sound = False
        if not sound:
            raise InputError("the file is damaged", where=str(path))
        store = Store(f"sqlite:///{copy}")
        try:
            if not store.ready():
                raise InputError("that is no store of Handrail's of this version", where=str(path))
            return Log(store).verify()
        except StoreError:
            raise InputError("that is no store of Handrail's", where=str(path)) from None
        finally:
            store.close()


def _copy(source: Path, to: Path) -> Verified:
    found = None
    half = to.with_name(f".{to.name}.half-{os.getpid()}")
    try:
        _online(source, half)
        found = _checked(half)
        with half.open("rb") as file:
            os.fsync(file.fileno())
        half.replace(to)
        folder = os.open(to.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreFull(f"The copy could not be written: {error.strerror}.") from None
    finally:
        half.unlink(missing_ok=True)
    return found


def _online(source: Path, to: Path) -> None:
    """SQLite's own copy of a database in use."""
    to.unlink(missing_ok=True)
    old = os.umask(0o077)  # password hashes are in it
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as reader,
            closing(sqlite3.connect(to)) as writer,
        ):
            reader.backup(writer)
            writer.execute("PRAGMA journal_mode = DELETE")  # one file, whole by itself
    except sqlite3.OperationalError as error:
        if (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (5, 6):
            raise StoreBusy("The store is busy. Try again.") from None
        raise StoreFull("The copy could not be made: the disk is full, or the store cannot be read.") from None
    except sqlite3.DatabaseError:
        raise InputError("the file is damaged, or no store", where=str(source)) from None
    finally:
        os.umask(old)


def _only_sqlite(store: Any) -> None:
    if not store.sqlite:
        raise InputError("this is for SQLite", hint="PostgreSQL: pg_dump and pg_restore (docs/clinic.md)")
