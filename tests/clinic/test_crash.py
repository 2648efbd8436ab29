"""Whatever dies, no entry that was acknowledged is lost, no half entry is left, and the chain verifies."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.postgres import Server, url

from handrail.clinic import Accounts, Anchor, Log, Roster, Store, StoreFull, import_csv

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
WRITER = str(Path(__file__).parent / "writer.py")


def start(store_url: str, name: str = "w", count: int = 0, **more) -> subprocess.Popen[str]:
    command = [sys.executable, WRITER, store_url, name, str(count)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def acknowledged(output: str) -> list[Anchor]:
    """What the writer said was kept; a line that was cut off was not said."""
    said = [line.split() for line in output.splitlines(keepends=False) if line.startswith("kept ")]
    return [Anchor(int(line[1]), line[2]) for line in said if len(line) == 3 and len(line[2]) == 64]


def kill_while_writing(store_url: str, chance: random.Random) -> list[Anchor]:
    child = start(store_url)
    time.sleep(chance.uniform(0.0, 0.08))
    child.send_signal(signal.SIGKILL)
    output, _ = child.communicate(timeout=30)
    return acknowledged(output)


def test_a_killed_writer_loses_nothing_that_it_acknowledged(store):
    log = Log(store)
    log.switch(True, user="anna")
    chance, kept = random.Random(11), []  # noqa: S311
    for _ in range((200 if store.sqlite else 50) if SOAK else 4):
        kept += kill_while_writing(store.url.render_as_string(hide_password=False), chance)
        found = log.verify(kept)
        assert found.good, found.why
    # At most the one entry of each kill was kept and could no longer be acknowledged.
    assert found.entries - 1 - len(kept) <= (200 if SOAK else 4)
    assert kept or not SOAK


def test_a_killed_server_loses_nothing_that_it_acknowledged():
    """PostgreSQL itself is killed, with all its processes, and recovers."""
    server = Server(durable=True)
    try:
        store = Store(url(server.connection))
        store.migrate()
        Log(store).switch(True, user="anna")
        chance, kept = random.Random(12), []  # noqa: S311
        for _ in range(50 if SOAK else 2):
            child = start(url(server.connection))
            time.sleep(chance.uniform(0.0, 0.2))
            server.kill()
            output, _ = child.communicate(timeout=60)
            kept += acknowledged(output)
            server.start()
            store.close()
            found = Log(store).verify(kept)
            assert found.good, found.why
        store.close()
    finally:
        server.stop()


def test_two_writers_at_once_make_one_chain(store):
    log = Log(store)
    log.switch(True, user="anna")
    where = store.url.render_as_string(hide_password=False)
    each = 200 if SOAK else 25
    children = [start(where, name, each) for name in ("one", "two")]
    kept = [acknowledged(child.communicate(timeout=300)[0]) for child in children]
    assert [len(part) for part in kept] == [each, each]
    found = log.verify(kept[0] + kept[1])
    assert found.good, found.why
    assert found.entries == 1 + 2 * each
    assert len({anchor.seq for part in kept for anchor in part}) == 2 * each


@pytest.fixture
def sqlite(tmp_path) -> Store:
    store = Store(f"sqlite:///{tmp_path}/full.db")
    store.migrate()
    Log(store).switch(True, user="anna")
    return store


def test_a_disk_that_fills_up_leaves_no_half_entry(sqlite):
    """The writer may not make a file larger than it is: what a full disk does to it."""
    size = sum(path.stat().st_size for path in Path(sqlite.url.database).parent.iterdir())

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 200_000, size + 200_000))

    child = start(sqlite.url.render_as_string(), preexec_fn=small)
    output, complaint = child.communicate(timeout=120)
    assert "error store-full" in output, complaint
    kept = acknowledged(output)
    found = Log(sqlite).verify(kept)
    assert found.good, found.why
    assert found.entries == 1 + len(kept)


def test_a_store_that_may_not_grow_says_so_and_goes_on_when_it_may(sqlite):
    """SQLite's own limit of pages."""
    from sqlalchemy import event
    from tests.clinic.writer import DECISION

    log = Log(sqlite)
    most = [0]

    def limit(connection, _record) -> None:
        now = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {most[0] or now}")

    event.listen(sqlite.engine, "connect", limit)
    sqlite.close()
    kept = []
    full = None
    while full is None and len(kept) < 2000:
        try:
            kept.append(log.append(DECISION, user="anna", client=f"c-{len(kept)}"))
        except StoreFull as error:
            full = error
    assert "Nothing was written" in str(full)
    assert log.verify().entries == 1 + len(kept)
    before = len(Roster(sqlite).all())
    rows = "".join(f"p{n},{'x' * 150},chiropractor,US-WA,active\n" for n in range(2000))
    head = "practitioner_id,name,profession,jurisdiction,status\n"
    with pytest.raises(StoreFull):
        import_csv(Roster(sqlite), (head + rows).encode(), commit=True)
    assert len(Roster(sqlite).all()) == before
    most[0] = 1_000_000
    sqlite.close()
    assert log.append(DECISION, user="anna", client="c-1").seq == 2 + len(kept)
    assert log.verify().good


def test_postgresql_that_has_no_room_says_so_and_leaves_no_half_entry(postgres_server):
    """A disk cannot be filled here; the server raises its own error for one (53100) where an entry is written."""
    from tests.clinic.writer import DECISION
    from tests.postgres import database

    with database(postgres_server) as connection:
        store = Store(url(connection))
        store.migrate()
        log = Log(store)
        log.switch(True, user="anna")
        raises = (
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
        with store.engine.begin() as own:
            own.execute(text(raises))
            # After the entry is written and before its head is: half of it is there when the disk is full.
            own.execute(text("CREATE TRIGGER full_disk BEFORE UPDATE ON log_head EXECUTE FUNCTION full_disk()"))
        with pytest.raises(StoreFull):
            log.append(DECISION, user="anna", client="c-1")
        assert log.verify().entries == 1
        with store.engine.begin() as own:
            own.execute(text("DROP TRIGGER full_disk ON log_head"))
        assert log.append(DECISION, user="anna", client="c-1").seq == 2
        assert log.verify().good
        store.close()


def test_a_full_disk_stops_a_sign_in_with_the_same_error(sqlite):
    from sqlalchemy import event

    def limit(connection, _record) -> None:
        connection.execute("PRAGMA query_only = OFF")
        now = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {now}")

    people = Accounts(sqlite)
    people.add("anna", "owner", "correct horse battery")
    event.listen(sqlite.engine, "connect", limit)
    sqlite.close()

    def many() -> None:
        for _ in range(400):
            people._count({os.urandom(30).hex(): 10**6})

    with pytest.raises(StoreFull):
        many()
