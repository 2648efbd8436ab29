"""The decision log in a store: what it takes, what it refuses, what it gives back, what it finds."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from handrail.clinic import Anchor, Filter, Log, Store, check, export_log, read_anchor, reference
from handrail.decide import Case, Client, Credential, decide
from handrail.terms import InputError


def decision(*findings: str, age: float | None = None):
    client = Client(findings, None, age=age)
    return decide(Case("US-WA", "thrust_spine", [Credential("chiropractor")], on="2026-11-27", client=client))


def filled(store: Store, count: int = 6) -> Log:
    log = Log(store)
    for number in range(count):
        log.append(decision(), user="anna", client=f"c-{number % 3}", practitioner="p-bo", service="thrust_spine")
    return log


def test_nothing_is_kept_until_the_log_is_on(store):
    log = Log(store)
    assert not log.on
    assert log.append(decision(), user="anna", client="c-1") is None
    assert log.feedback({"card": "1"}, user="ehr") is None
    assert log.page() == []
    with pytest.raises(InputError, match="the log is off"):
        log.override(1, "reason", user="anna")
    assert log.switch(True, user="anna").body["on"] is True
    assert log.switch(True, user="anna") is None
    assert log.append(decision(), user="anna", client="c-1").seq == 2
    log.switch(False, user="anna")
    assert log.append(decision(), user="anna", client="c-1") is None
    assert log.verify().entries == 3


def test_an_entry_says_what_was_decided_by_what(clinic):
    log = Log(clinic)
    made = decision("osteoporosis", age=97)
    entry = log.append(made, user="anna", client="c-7", practitioner="p-bo", unrecognised=["Z99.9"])
    body = log.page(limit=1)[0].body
    assert body == entry.body
    assert body["decision"]["verdict"] == made.verdict.value
    assert body["decision"]["needs"] == [need.id for need in made.needs]
    assert set(body["decision"]["rules"]) == {reason.rule for reason in made.reasons if reason.rule}
    assert body["knowledge"] == made.knowledge
    assert body["case"]["client"]["findings"] == [{"id": "osteoporosis", "match": "exact", "site": None}]
    assert body["case"]["client"]["age"] == 90  # who is older is known by it
    assert body["unrecognised"] == ["Z99.9"]
    assert log.verify().good


@pytest.mark.parametrize("good", ["c-0042", "A7", "2024.17", "x:9", "AB-12-CD", "7f3a9c"])
def test_a_code_is_a_reference(good):
    assert reference(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        "John Smith", "smith", "Smith1975", "", "c 1", "é1", "a@b.org1", "1975-03-02", "19750302", "02.03.1975",
        "123-45-6789", "206-555-0100", "123456789", "c\n1", "x" * 65 + "1", "=1", "-1", "c-1\x00",
    ],
)  # fmt: skip
def test_what_looks_like_a_person_is_no_reference_and_is_not_repeated(bad):
    with pytest.raises(InputError) as caught:
        reference(bad)
    assert not bad.strip() or bad not in str(caught.value)


def test_an_override_names_its_decision_and_its_reason(clinic):
    log = filled(clinic, 2)
    entry = log.override(2, "  cleared by\nthe physician ", user="ben")
    assert entry.body["of"] == 2
    assert entry.body["of_hash"] == log.page(after=1, limit=1)[0].hash
    assert entry.body["reason"] == "cleared by the physician"
    assert entry.body["client"] == "c-0"
    for wrong in (0, 1, 4, 99, 2**70, -1):  # 1 is the switch, 4 the override
        with pytest.raises(InputError, match="no decision"):
            log.override(wrong, "reason", user="ben")
    for reason in ("", "   ", "x" * 1001, "a\u202eb"):
        with pytest.raises(InputError):
            log.override(2, reason, user="ben")
    assert log.verify().good


def test_entries_are_found_by_what_they_say(clinic):
    log = filled(clinic)
    log.override(3, "why", user="ben")
    today = datetime.now(UTC).date()
    assert [e.seq for e in log.page(limit=3)] == [8, 7, 6]
    assert [e.seq for e in log.page(before=6, limit=2)] == [5, 4]
    assert [e.seq for e in log.page(Filter(client="c-1"))] == [8, 6, 3]
    assert [e.seq for e in log.page(Filter(kind="override"))] == [8]
    assert [e.seq for e in log.page(Filter(user="ben"))] == [8]
    assert len(log.page(Filter(verdict="permitted", practitioner="p-bo"))) == 6
    assert len(log.page(Filter(since=today, until=today))) == 8
    assert log.page(Filter(until=date(2020, 1, 1))) == []
    assert log.page(Filter(since=date(2100, 1, 1))) == []
    assert [e.seq for e in log.each(Filter(client="c-0"))] == [2, 5]
    with pytest.raises(InputError, match="verdict"):
        log.page(Filter(verdict="maybe"))
    with pytest.raises(InputError, match="kind"):
        log.page(Filter(kind="x"))


def test_an_export_can_be_checked_without_the_store(clinic):
    from handrail.clinic.chain import START, canonical, link

    log = filled(clinic)
    previous = START
    for line in export_log(log.each(), "ndjson"):
        data = json.loads(line)
        given = {name: data.pop(name) for name in ("previous", "hash")}
        assert given["previous"] == previous
        assert link(previous, canonical(data)) == given["hash"]
        previous = given["hash"]
    assert previous == log.anchor().hash


def test_an_export_as_csv_holds_no_formula(clinic):
    log = filled(clinic, 1)
    for reason in ("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"):
        log.override(2, reason, user="ben")
    lines = "".join(export_log(log.each(), "csv")).splitlines()
    assert len(lines) == 7
    for line in lines:
        assert not any(cell.strip('"').startswith(("=", "+", "-", "@")) for cell in line.split(","))
    with pytest.raises(InputError, match="format"):
        list(export_log(log.each(), "xlsx"))


# Somebody who can write to the database


def unguarded(store: Store, *statements: str) -> None:
    """Statements of somebody who first took the triggers away."""
    with store.engine.begin() as connection:
        if store.sqlite:
            for name in ("log_entry_no_update", "log_entry_no_delete", "log_head_stays"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        else:
            connection.execute(text("ALTER TABLE log_entry DISABLE TRIGGER USER"))
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE log_entry SET user_name = 'eve' WHERE seq = 2", "DELETE FROM log_entry", "DELETE FROM log_head"],
)
def test_the_store_itself_refuses_to_change_the_log(clinic, statement):
    filled(clinic)
    with pytest.raises(Exception, match="append-only"), clinic.engine.begin() as connection:
        connection.execute(text(statement))
    assert Log(clinic).verify().entries == 7


SWAP = """UPDATE log_entry SET
    body = (SELECT o.body FROM log_entry o WHERE o.seq = 9 - log_entry.seq),
    at = (SELECT o.at FROM log_entry o WHERE o.seq = 9 - log_entry.seq)
    WHERE seq IN (4, 5)"""


@pytest.mark.parametrize(
    ("statements", "bad"),
    [
        (["UPDATE log_entry SET body = replace(body, 'permitted', 'prohibited') WHERE seq = 4"], 4),
        (["UPDATE log_entry SET body = replace(body, '\"anna\"', '\"ben\"') WHERE seq = 3"], 3),
        (["UPDATE log_entry SET verdict = 'prohibited' WHERE seq = 4"], 4),
        (["UPDATE log_entry SET client = NULL WHERE seq = 4"], 4),
        (["UPDATE log_entry SET practitioner = 'p-di' WHERE seq = 2"], 2),
        (["UPDATE log_entry SET user_name = 'eve' WHERE seq = 1"], 1),
        (["UPDATE log_entry SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = 6"], 6),
        (["UPDATE log_entry SET kind = 'switch' WHERE seq = 6"], 6),
        (["UPDATE log_entry SET hash = client WHERE seq = 5"], 5),
        (["UPDATE log_entry SET previous = hash WHERE seq = 5"], 5),
        (["DELETE FROM log_entry WHERE seq = 1"], 1),
        (["DELETE FROM log_entry WHERE seq = 3"], 3),
        (["DELETE FROM log_entry WHERE seq = 7"], 7),
        (["DELETE FROM log_entry"], 1),
        (["DELETE FROM log_entry WHERE seq = 3", "UPDATE log_entry SET seq = 3 WHERE seq = 7"], 3),
        (["UPDATE log_entry SET seq = 70 WHERE seq = 7"], 7),
        (["UPDATE log_entry SET seq = -seq WHERE seq = 1"], 1),
        (["UPDATE log_head SET seq = 6"], 7),
        (["UPDATE log_head SET seq = 9"], 8),
        ([SWAP], 4),
    ],
)
def test_whatever_is_done_to_the_rows_is_found(clinic, statements, bad):
    log = filled(clinic)
    assert log.verify() == log.verify([log.anchor()])
    unguarded(clinic, *statements)
    found = log.verify()
    assert not found.good
    assert found.bad == bad, found.why


def test_a_tail_cut_off_with_its_head_is_found_by_an_anchor(clinic):
    log = filled(clinic)
    anchor = log.anchor()
    assert read_anchor(json.dumps(anchor._asdict())) == anchor
    cut = "UPDATE log_head SET seq = 5, hash = (SELECT hash FROM log_entry WHERE seq = 5)"
    unguarded(clinic, "DELETE FROM log_entry WHERE seq > 5", cut)
    assert log.verify().good
    assert log.verify([anchor]).bad == 6


@pytest.mark.parametrize(
    "bad", ["", "{}", "[]", '{"seq": "1", "hash": ""}', '{"seq": true, "hash": "' + "0" * 64 + '"}']
)
def test_what_is_no_anchor_is_refused(bad):
    with pytest.raises(InputError, match="no anchor"):
        read_anchor(bad)


def test_a_damaged_entry_can_still_be_shown(clinic):
    log = filled(clinic, 1)
    unguarded(clinic, "UPDATE log_entry SET body = '{' WHERE seq = 2")
    assert log.page(limit=1)[0].body["damaged"]
    assert "damaged" in "".join(export_log(log.each(), "ndjson"))


def test_a_check_is_written_down_as_it_was_answered(clinic):
    found = check(clinic, "p-di", "thrust_spine", "2026-12-01", ["osteoporosis"])
    entry = Log(clinic).append(found.decision, user="anna", client="c-9", practitioner="p-di")
    assert entry.body["decision"]["verdict"] == "prohibited"
    assert Log(clinic).verify([Anchor(entry.seq, entry.hash)]).good


def test_an_account_that_may_only_add_cannot_take_the_guard_away(postgres_server):
    """As docs/clinic.md advises for PostgreSQL."""
    from tests.postgres import database, url

    with database(postgres_server) as connection:
        owner = Store(url(connection))
        owner.migrate()
        Log(owner).switch(True, user="anna")
        name = f"w_{os.urandom(4).hex()}"
        with owner.engine.begin() as own:
            own.execute(text(f"CREATE ROLE {name} LOGIN"))
            own.execute(text(f"GRANT SELECT, INSERT ON log_entry TO {name}"))
            own.execute(text(f"GRANT SELECT, UPDATE ON log_head TO {name}"))
            own.execute(text(f"GRANT SELECT ON setting, alembic_version TO {name}"))
        service = Store(url(connection.replace("user=handrail", f"user={name}")))
        assert service.ready()
        assert Log(service).append(decision(), user="anna", client="c-1").seq == 2
        for statement in (
            "DROP TRIGGER log_entry_stays ON log_entry",
            "ALTER TABLE log_entry DISABLE TRIGGER ALL",
            "UPDATE log_entry SET user_name = 'eve'",
            "DELETE FROM log_entry",
            "TRUNCATE log_entry",
            "DELETE FROM log_head",
        ):
            with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                _run(service, statement)
        assert Log(service).verify().entries == 2
        service.close()
        owner.close()


def _run(store: Store, statement: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(statement))
