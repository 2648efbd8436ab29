"""``handrail clinic`` and ``handrail log``."""

from __future__ import annotations

import io
import json
import sqlite3

import pytest
from tests.clinic.conftest import ROSTER

from handrail.cli.run import run


@pytest.fixture
def at(tmp_path, monkeypatch):
    """A clinic in a folder of its own, the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HANDRAIL_DATABASE", raising=False)
    password(monkeypatch)
    assert run(["clinic", "init", "--in", "Washington", "--owner", "anna", "--password-stdin"]) == 0
    (tmp_path / "roster.csv").write_bytes(ROSTER)
    assert run(["clinic", "roster", "import", "roster.csv", "--commit"]) == 0
    return tmp_path


def password(monkeypatch, text: str = "correct horse battery\n") -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_clinic_from_nothing(at, capsys, monkeypatch):
    capsys.readouterr()
    assert run(["log", "on"]) == 0
    check = ["clinic", "check", "--practitioner", "p-di", "--service", "thrust_spine", "--at", "2026-12-01T09:00"]
    assert run([*check, "--code", "M81.0", "--client", "c-0042", "--exit-code"]) == 1
    told = capsys.readouterr().out
    assert "The licence is suspended." in told
    assert "Ann Hall (p-ann)" in told
    assert "entry 2" in told
    assert run(["log", "verify"]) == 0
    assert "Whole: 2 entries" in capsys.readouterr().out
    assert run(["log", "show", "--client", "c-0042", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["decision"]["verdict"] == "prohibited"
    assert run(["log", "export", "--format", "csv", "--out", "log.csv"]) == 0
    assert run(["log", "export", "--format", "csv", "--out", "log.csv"]) == 2
    assert "--force" in capsys.readouterr().err
    assert (at / "log.csv").stat().st_mode & 0o777 == 0o600


def test_a_tampered_log_is_named_and_ends_with_1(at, capsys):
    run(["log", "on"])
    assert run(["log", "anchor", "--out", "a.json"]) == 0
    with sqlite3.connect(at / "handrail.db") as connection:
        connection.execute("DROP TRIGGER log_entry_no_update")
        connection.execute("UPDATE log_entry SET user_name = 'eve'")
    capsys.readouterr()
    assert run(["log", "verify", "--anchor", "a.json"]) == 1
    assert "First bad entry: 1" in capsys.readouterr().out
    (at / "b.json").write_text("{}")
    assert run(["log", "verify", "--anchor", "b.json"]) == 2


def test_people_and_keys(at, capsys, monkeypatch):
    password(monkeypatch, "another long password\n")
    assert run(["clinic", "user", "add", "ben", "--role", "front_desk", "--password-stdin"]) == 0
    assert run(["clinic", "user", "role", "ben", "--role", "clinician"]) == 0
    password(monkeypatch, "yet another password\n")
    assert run(["clinic", "user", "password", "ben", "--password-stdin"]) == 0
    assert run(["clinic", "user", "disable", "ben"]) == 0
    assert run(["clinic", "user", "enable", "ben"]) == 0
    assert run(["clinic", "user", "disable", "anna"]) == 2
    assert "without an owner" in capsys.readouterr().err
    assert run(["clinic", "user", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[1] == {"name": "ben", "role": "clinician", "disabled": False}
    assert run(["clinic", "key", "add", "booking", "--role", "front_desk", "--days", "9"]) == 0
    secret = capsys.readouterr().out.strip()
    assert run(["clinic", "key", "revoke", secret[:11]]) == 0
    assert run(["clinic", "key", "list"]) == 0
    listed = capsys.readouterr().out
    assert secret[:11] in listed
    assert secret not in listed
    assert run(["clinic", "init", "--owner", "eve", "--password-stdin"]) == 2


def test_roster_and_services(at, capsys):
    assert (
        run(["clinic", "service", "add", "neck", "--name", "Neck", "--do", "thrust_spine", "--region", "cervical"])
        == 0
    )
    assert run(["clinic", "service", "list"]) == 0
    assert run(["clinic", "roster", "grid", "--on", "2026-12-01"]) == 0
    assert "neck" in capsys.readouterr().out
    assert run(["clinic", "roster", "expiring", "--on", "2026-12-01", "--json"]) == 0
    assert [one["practitioner"] for one in json.loads(capsys.readouterr().out)] == ["p-di", "p-bo", "p-el"]
    assert run(["clinic", "roster", "export", "--out", "out.csv"]) == 0
    assert run(["clinic", "roster", "import", "out.csv"]) == 0
    assert "5 same" in capsys.readouterr().out
    (at / "bad.csv").write_bytes(ROSTER + b"p-x,X,chiropracter,US-WA,active,,,\n")
    assert run(["clinic", "roster", "import", "bad.csv", "--commit"]) == 2
    assert "line 7: profession" in capsys.readouterr().out
    assert run(["clinic", "roster", "remove", "p-el"]) == 0
    assert run(["clinic", "roster", "list"]) == 0
    assert "p-el" not in capsys.readouterr().out.splitlines()[-1]
    assert run(["clinic", "service", "remove", "neck"]) == 0


def test_backup_and_restore(at, capsys):
    assert run(["clinic", "backup", "--out", "b.db"]) == 0
    assert run(["clinic", "restore", "--from", "b.db"]) == 2
    assert run(["clinic", "restore", "--from", "b.db", "--force"]) == 0
    assert run(["clinic", "restore", "--from", "roster.csv", "--force"]) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["clinic", "roster", "list", "--db", "sqlite:///none.db"],
        ["log", "verify", "--db", "mysql://x/y"],
        ["log", "show", "--verdict", "maybe"],
        ["log", "show", "--since", "x"],
        ["log", "verify", "--anchor", "none.json"],
        ["clinic", "check", "--practitioner", "p-ann", "--service", "x", "--at", "2026-12-01"],
        [
            "clinic",
            "check",
            "--practitioner",
            "p-bo",
            "--service",
            "thrust_spine",
            "--at",
            "2026-12-01",
            "--client",
            "Jo",
        ],
        ["clinic", "roster", "import", "none.csv"],
        ["clinic", "user", "add", "ben", "--role", "king", "--password-stdin"],
        ["clinic", "init", "--in", "Atlantis"],
    ],
)
def test_what_is_wrong_is_one_line(at, capsys, arguments):
    capsys.readouterr()
    assert run(arguments) == 2
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("handrail: ")
