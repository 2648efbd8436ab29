"""The store: SQLite out of the box, PostgreSQL by URL; transactions, migrations, errors that say what is wrong."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from handrail.clinic.errors import StoreBusy, StoreDown, StoreError, StoreFull
from handrail.clinic.models import SettingRow
from handrail.terms import InputError

MIGRATIONS = Path(__file__).parent / "migrations"
#: How long a writer waits for another one, in seconds.
WAIT = 10
#: Alembic's upgrades take turns on PostgreSQL by this advisory lock; the number means nothing.
_LOCK = 4_841_246_717
#: SQLite's codes (the lower byte) for a full disk, and for one that refuses to grow a file.
_FULL, _IO = 13, 10
_BUSY, _LOCKED = 5, 6
_CORRUPT, _NO_DATABASE = 11, 26


class Store:
    """A clinic's database.

    Args:
        url: SQLAlchemy's, such as ``sqlite:///handrail.db`` or ``postgresql+psycopg://host/name``.

    Raises:
        InputError: for an URL that is none, or of another kind of database.
    """

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"connect_args": {"timeout": WAIT}}
        if not self.sqlite:
            # What is acknowledged is on the disk, whatever the server's default is.
            words = f"-c synchronous_commit=on -c lock_timeout={WAIT * 1000}"
            options = {"connect_args": {"options": words, "connect_timeout": WAIT}, "pool_pre_ping": True}
        try:
            self.engine: Engine = create_engine(self.url, **options)
        except ImportError:
            raise InputError(
                "PostgreSQL needs the extra postgres", hint="pip install 'handrail[postgres]'"
            ) from None
        if self.sqlite:
            event.listen(self.engine, "connect", _connected)
            event.listen(self.engine, "begin", _begun)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the store, and changes nothing."""
        level = {} if self.sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with (
            _clear_errors(),
            self.engine.connect().execution_options(**level) as connection,
            connection.begin() as transaction,
            Session(connection, autoflush=False) as session,
        ):
            yield session
            session.expunge_all()  # what was read stays readable
            transaction.rollback()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are all on the disk when the block ends, or none of them is.

        Raises:
            StoreFull, StoreBusy, StoreDown: and then nothing has been written.
        """
        with (
            _clear_errors(),
            self.engine.connect().execution_options(immediate=True) as connection,
            connection.begin(),
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()

    def migrate(self) -> None:
        """Makes the tables, or brings those of an older version up to date."""
        from alembic import command

        if self.sqlite and self.url.database:
            folder = Path(self.url.database).resolve().parent
            if not folder.is_dir():
                raise InputError(f"there is no folder {folder}", hint="Make it, or give another --db")
            # Password hashes and the log are in it: only its owner may read it.
            os.close(os.open(self.url.database, os.O_RDWR | os.O_CREAT, 0o600))
        with _clear_errors(), self.engine.connect() as connection:
            if self.sqlite:
                # A write-ahead log is a property of the file; it cannot be set within a transaction.
                connection.connection.driver_connection.execute("PRAGMA journal_mode = WAL")  # type: ignore[union-attr]
            with connection.execution_options(immediate=True).begin():
                if not self.sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                config = _alembic()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")

    def ready(self) -> bool:
        """Whether the tables are there, in this version's shape."""
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        if self.sqlite and self.url.database and not Path(self.url.database).exists():
            return False
        with _clear_errors(), self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return False
            now = MigrationContext.configure(connection).get_current_revision()
            return now == ScriptDirectory.from_config(_alembic()).get_current_head()

    def need_ready(self) -> None:
        """Raises InputError unless ``ready``."""
        if not self.ready():
            raise InputError(
                "the clinic's store is not set up, or is of another version", hint="Run `handrail clinic init`"
            )

    def get(self, key: str) -> str | None:
        """One of the clinic's settings."""
        with self.read() as session:
            return session.scalar(select(SettingRow.value).where(SettingRow.key == key))

    def set(self, key: str, value: str) -> None:
        """Sets one of the clinic's settings."""
        with self.write() as session:
            session.merge(SettingRow(key=key, value=value))

    def close(self) -> None:
        """Gives back the connections."""
        self.engine.dispose()


def _checked(url: str) -> Any:
    try:
        made = make_url(url)
        backend = made.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        made, backend = None, ""
    if made is None or backend not in ("sqlite", "postgresql"):
        # The URL may hold a password: it is not repeated.
        raise InputError(
            "that is no URL of a store", where="--db", hint="sqlite:///FILE or postgresql+psycopg://HOST/NAME"
        )
    if backend == "postgresql":
        return made.set(drivername="postgresql+psycopg")
    if made.database in (None, "", ":memory:"):
        raise InputError("the store must be a file", where="--db", hint="sqlite:///handrail.db")
    return made.set(drivername="sqlite")


def _alembic() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _connected(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say when a transaction begins
    for pragma in (
        "foreign_keys = ON",
        "synchronous = FULL",
        f"busy_timeout = {WAIT * 1000}",
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection) -> None:
    # A writer takes its turn at once: two that both had read could not both go on.
    now = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if now else "BEGIN")


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raised = _named(error)
        if raised is None:
            raise
        raise raised from None  # the driver's own text may hold what was to be written


def _named(error: DBAPIError) -> StoreError | InputError | None:
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        code = (getattr(origin, "sqlite_errorcode", None) or 0) & 0xFF
        if code in (_FULL, _IO):
            return StoreFull("The store's disk is full. Nothing was written.")
        if code in (_BUSY, _LOCKED):
            return StoreBusy("The store is busy. Nothing was written; try again.")
        if isinstance(origin, sqlite3.OperationalError) or code in (_CORRUPT, _NO_DATABASE):
            return StoreDown("The store cannot be read: is it Handrail's, and set up?")
        return None
    state = getattr(origin, "sqlstate", None) or ""
    if isinstance(error, DataError):
        return InputError("a value that the store cannot hold")
    if (
        state.startswith("53") and state != "53300"
    ):  # no room on the disk or in memory; 53300: too many connections
        return StoreFull("The store's disk is full. Nothing was written.")
    if state in ("55P03", "40P01", "40001", "53300"):
        return StoreBusy("The store is busy. Nothing was written; try again.")
    if error.connection_invalidated or not state or state[:2] in ("08", "57", "28", "3D", "42"):
        return StoreDown("The store cannot be reached, or is not set up.")
    return None
