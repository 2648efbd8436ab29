"""Backup and restore of a SQLite store: whole, while it is written to, and nothing else is ever restored."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest
from tests.clinic.conftest import ROSTER
from tests.clinic.test_crash import acknowledged, start
from tests.clinic.writer import DECISION
from tests.postgres import program, url

from handrail.clinic import Accounts, Log, Roster, Store, backup, import_csv, restore
from handrail.terms import InputError


@pytest.fixture
def sqlite(tmp_path) -> Store:
    (tmp_path / "home").mkdir()
    store = Store(f"sqlite:///{tmp_path}/home/clinic.db")
    store.migrate()
    Roster(store).settle("US-WA")
    import_csv(Roster(store), ROSTER, commit=True)
    Log(store).switch(True, user="anna")
    Accounts(store).add("anna", "owner", "correct horse battery")
    return store


def path_of(store: Store) -> Path:
    return Path(str(store.url.database))


def test_a_backup_comes_back_whole(sqlite, tmp_path):
    log = Log(sqlite)
    for number in range(5):
        log.append(DECISION, user="anna", client=f"c-{number}")
    anchor = log.anchor()
    copy = tmp_path / "copy.db"
    assert backup(sqlite, copy).entries == 6
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "home"]
    log.append(DECISION, user="anna", client="c-9")
    Roster(sqlite).remove("p-bo")
    assert restore(copy, sqlite, force=True).good
    assert Log(sqlite).anchor() == anchor
    assert "p-bo" in [who.id for who in Roster(sqlite).all()]
    assert Accounts(sqlite).sign_in("anna", "correct horse battery").user.role == "owner"
    assert log.append(DECISION, user="anna", client="c-10").seq == 7
    before = Store(f"sqlite:///{path_of(sqlite)}.before-restore")
    assert Log(before).verify().entries == 7
    before.close()


def test_a_backup_to_a_new_machine(sqlite, tmp_path):
    copy = tmp_path / "copy.db"
    backup(sqlite, copy)
    other = Store(f"sqlite:///{tmp_path}/new.db")
    restore(copy, other)
    assert len(Roster(other).all()) == 5
    with pytest.raises(InputError, match="a store already"):
        restore(copy, other)
    other.close()


def test_a_backup_while_others_write_has_no_half_entry(sqlite, tmp_path):
    child = start(f"sqlite:///{path_of(sqlite)}", count=60)
    found = [backup(sqlite, tmp_path / f"copy{number}.db") for number in range(4)]
    kept = acknowledged(child.communicate(timeout=120)[0])
    assert len(kept) == 60
    assert all(one.good for one in found)
    assert Log(sqlite).verify(kept).good


def test_a_write_ahead_log_of_the_old_store_does_not_meet_the_new_one(sqlite, tmp_path):
    copy = tmp_path / "copy.db"
    backup(sqlite, copy)
    log = Log(sqlite)
    for number in range(3):
        log.append(DECISION, user="anna", client=f"c-{number}")
    # As after a kill: the log of the old store lies beside it.
    wal = path_of(sqlite).with_name("clinic.db-wal")
    shutil.copy(wal, tmp_path / "wal")
    sqlite.close()
    shutil.copy(tmp_path / "wal", wal)
    assert restore(copy, sqlite, force=True).entries == 1
    assert Log(sqlite).verify().entries == 1


def test_a_tampered_backup_is_told(sqlite, tmp_path):
    copy = tmp_path / "copy.db"
    Log(sqlite).append(DECISION, user="anna", client="c-1")
    backup(sqlite, copy)
    with sqlite3.connect(copy) as connection:
        connection.execute("DROP TRIGGER log_entry_no_update")
        connection.execute("UPDATE log_entry SET body = replace(body, 'c-1', 'c-2')")
    found = restore(copy, Store(f"sqlite:///{tmp_path}/new.db"))
    assert (found.good, found.bad) == (False, 2)


def test_what_is_no_backup_replaces_nothing(sqlite, tmp_path):
    good = tmp_path / "good.db"
    backup(sqlite, good)
    whole = good.read_bytes()
    empty = tmp_path / "other.db"
    with sqlite3.connect(empty) as connection:
        connection.execute("CREATE TABLE x (y)")
    (tmp_path / "text").write_text("hello")
    (tmp_path / "cut.db").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "spoilt.db").write_bytes(whole[:5000] + os.urandom(20_000) + whole[25_000:])
    before = path_of(sqlite).read_bytes()
    for name in ("text", "cut.db", "spoilt.db", "other.db", "none", "home", "../none", "../../etc/passwd"):
        with pytest.raises(InputError):
            restore(tmp_path / name, sqlite, force=True)
    assert path_of(sqlite).read_bytes() == before
    assert not path_of(sqlite).with_name("clinic.db.before-restore").exists()


def test_a_backup_replaces_nothing_and_leaves_no_half(sqlite, tmp_path):
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(InputError, match="such a file"):
        backup(sqlite, tmp_path / "copy.db")
    with pytest.raises(InputError, match="no such folder"):
        backup(sqlite, tmp_path / "none" / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"
    backup(sqlite, tmp_path / "copy.db", force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "home"]


def test_postgresql_is_kept_by_its_own_tools(postgres_server, tmp_path):
    """As docs/clinic.md says: pg_dump, and pg_restore into an empty database."""
    from tests.postgres import database

    with database(postgres_server) as one, database(postgres_server) as other:
        store = Store(url(one))
        store.migrate()
        Log(store).switch(True, user="anna")
        for number in range(3):
            Log(store).append(DECISION, user="anna", client=f"c-{number}")
        with pytest.raises(InputError, match="pg_dump"):
            backup(store, tmp_path / "x.db")
        dump = str(tmp_path / "clinic.dump")
        subprocess.run([program("pg_dump"), "--format=custom", "--file", dump, "--dbname", one], check=True)
        restored = [program("pg_restore"), "--single-transaction", "--no-owner", "--dbname", other, dump]
        subprocess.run(restored, check=True)
        back = Store(url(other))
        assert back.ready()
        assert Log(back).verify([Log(store).anchor()]).entries == 4
        assert Log(back).append(DECISION, user="anna", client="c-9").seq == 5
        store.close()
        back.close()
