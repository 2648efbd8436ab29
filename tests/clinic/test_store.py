"""The store: its tables, its versions, its errors."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from handrail.clinic import Log, Store, StoreDown
from handrail.clinic.models import Base
from handrail.terms import InputError


def test_the_migrations_make_what_the_models_say(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_to_migrate_again_changes_nothing(store):
    store.set("jurisdiction", "US-WA")
    store.migrate()
    assert store.ready()
    assert store.get("jurisdiction") == "US-WA"


def test_a_store_that_is_not_set_up_says_what_to_do(store_url):
    store = Store(store_url)
    assert not store.ready()
    with pytest.raises(InputError, match="handrail clinic init"):
        store.need_ready()
    with pytest.raises(StoreDown):
        Log(store).page()


def test_sqlite_waits_for_the_disk_and_keeps_others_out(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/a.db")
    store.migrate()
    with store.engine.connect() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")
        }
        assert found == {"journal_mode": "wal", "synchronous": 2}
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() > 0
    assert stat.S_IMODE((tmp_path / "a.db").stat().st_mode) == 0o600


def test_postgresql_waits_for_the_disk_whatever_the_server_says(store):
    if store.sqlite:
        pytest.skip("PostgreSQL only")
    with store.engine.connect() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"


@pytest.mark.parametrize(
    "bad", ["x", "mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:", "", "nope://secret"]
)
def test_an_url_that_is_none_is_refused_and_not_repeated(bad):
    with pytest.raises(InputError) as caught:
        Store(bad)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_store_is_said_to_be_none(tmp_path: Path):
    (tmp_path / "a.db").write_bytes(b"hello, I am no database" * 100)
    with pytest.raises(StoreDown):
        Log(Store(f"sqlite:///{tmp_path}/a.db")).page()
    with pytest.raises(InputError, match="no folder"):
        Store(f"sqlite:///{tmp_path}/none/a.db").migrate()


def test_a_server_that_is_not_there_is_said_to_be_away(tmp_path: Path):
    with pytest.raises(StoreDown, match="cannot be reached"):
        Log(Store(f"postgresql://nobody@/none?host={tmp_path}")).page()
