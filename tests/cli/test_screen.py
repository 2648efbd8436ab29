"""`handrail screen` as a user meets it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest
from tests.intake.records import ME, condition, patient, raw

ASKED = (
    "--in",
    "US-OR",
    "--as",
    "chiropractor",
    "--do",
    "thrust_spine",
    "--region",
    "cervical",
    "--on",
    "2026-11-24",
)
STEPS = [
    part
    for step in ("history", "examination", "diagnosis", "contraindication_screen", "consent")
    for part in ("--done", step)
]


def run(*arguments, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "handrail", "screen", *map(str, arguments)],
        capture_output=True,
        input=stdin,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "record.json"
    other = condition("icd I48.91", id="c2") | {"subject": {"reference": "Patient/other"}}
    path.write_bytes(
        raw(
            patient(name=[{"family": "<b>Roe</b>"}]),
            condition("icd M81.0", id="c1"),
            condition("http://snomed.info/stc 64859006", id="c3"),
            other,
        )
    )
    return path


def test_a_record(record):
    done = run(record, *ASKED)
    said = " ".join(done.stdout.split())
    assert done.returncode == 0
    assert done.stderr == ""
    assert said.startswith("Yes, on conditions. In Oregon a chiropractor may crack your neck")
    assert "Found Osteoporosis: Condition/c1, ICD-10-CM M81.0: M81 means it" in said
    assert "Set aside Condition/c2: is about another patient" in said
    assert "Did you mean http://snomed.info/sct?" in said
    assert "Roe" not in done.stdout


def test_as_json(record):
    data = json.loads(run(record, *ASKED, "--json").stdout)
    assert data["file"] == str(record)
    assert data["decision"]["verdict"] == "conditional"
    assert data["decision"]["case"]["client"]["findings"] == [
        {"id": "osteoporosis", "site": None, "match": "exact"}
    ]
    assert data["screening"]["findings"][0]["resource"] == "Condition/c1"
    assert data["not_read"] == {}


def test_steps_that_were_done_and_records_of_the_past(tmp_path):
    path = tmp_path / "record.json"
    path.write_bytes(raw(patient()))
    assert run(path, *ASKED, "--exit-code").returncode == 1
    assert run(path, *ASKED, *STEPS, "--exit-code").returncode == 0
    assert run(path, *ASKED, "--record", "--exit-code").returncode == 0


def test_by_standard_input(record):
    assert run("-", *ASKED, stdin=record.read_bytes()).stdout == run(record, *ASKED).stdout
    lines = b"".join(json.dumps(patient(id=name)).encode() + b"\n" for name in ("a", "b"))
    done = run("-", *ASKED, stdin=lines)
    assert [line.split("\t")[-1] for line in done.stdout.splitlines()[1:3]] == [
        "standard input#Patient/a",
        "standard input#Patient/b",
    ]


def test_a_folder(record):
    folder = record.parent
    (folder / "a.json").write_bytes(raw(patient()))
    (folder / "bad.json").write_bytes(b"{")
    done = run(folder, *ASKED)
    assert done.returncode == 2
    assert done.stdout.splitlines() == [
        "verdict\tfindings\tunknown\trecord",
        f"conditional\t0\t0\t{folder}/a.json",
        f"conditional\t1\t1\t{record}",
        "2 records screened: 2 conditional; 1 could not be read",
    ]
    assert done.stderr == f"handrail: {folder}/bad.json: is cut off: the JSON ends too early\n"
    as_json = run(folder, *ASKED, "--json")
    data = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert [set(line) >= {"file", "verdict"} for line in data] == [True, False, True]
    assert data[1] == {
        "file": f"{folder}/bad.json",
        "error": f"{folder}/bad.json: is cut off: the JSON ends too early",
    }
    assert as_json.stderr == "2 records screened: 2 conditional; 1 could not be read\n"
    assert as_json.returncode == 2


def test_one_of_an_export(tmp_path):
    path = tmp_path / "all.ndjson"
    subject = {"subject": {"reference": "Patient/p2"}}
    path.write_text("".join(json.dumps(r) + "\n" for r in (patient(id="p1"), condition("icd M81.0") | subject)))
    done = run(path, *ASKED, "--patient", "p2", "--json")
    assert json.loads(done.stdout)["file"] == f"{path}#Patient/p2"
    assert run(path, *ASKED, "--patient", "p3").returncode == 2
    (tmp_path / "more.ndjson").write_text(json.dumps(condition("icd I48.91") | subject))
    in_folder = json.loads(run(tmp_path, *ASKED, "--patient", "Patient/p2", "--json").stdout)
    assert in_folder["file"] == f"{tmp_path}#Patient/p2"
    assert len(in_folder["screening"]["findings"]) >= 1


def test_strict(record):
    done = run(record, *ASKED, "--strict")
    assert done.returncode == 0
    assert "R4B" in done.stderr
    path = record.parent / "odd.json"
    path.write_bytes(raw(patient(gender=5)))
    done = run(path, *ASKED, "--strict")
    assert done.returncode == 2
    assert "Bundle.entry[0].resource.gender: is not valid R4B" in done.stderr
    assert run(path, *ASKED).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nothing.json", *ASKED), "cannot be read (No such file"),
        ((".", *ASKED), "has no .json"),
        (("-", *ASKED), "standard input: is empty"),
        (("-", *ASKED[:-1], "2026"), "YYYY-MM-DD"),
        (("-", *ASKED, "--record", "--done", "history"), "--record"),
        (("-", *ASKED, "--max-mib", "0"), "--max-mib"),
        (("-", *ASKED, "--max-mib", "nan"), "--max-mib"),
        (("-", *ASKED, "--done", "histroy"), "Did you mean history"),
        (("-", *ASKED[:7], "cervicle"), "cervical"),
    ],
)
def test_bad_arguments_are_one_line(arguments, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_patient_is_not_for_a_folder(record):
    (record.parent / "b.json").write_bytes(raw(patient()))
    assert "--patient is for one record" in run(record.parent, *ASKED, "--patient", "me").stderr


def test_no_more_is_read_than_may_be(record):
    done = run("-", *ASKED, "--max-mib", "0.0009765625", stdin=record.read_bytes() * 2)
    assert "standard input: is larger than 0.000976562 MiB" in done.stderr


def test_a_bar_for_a_person_only(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.json").write_bytes(
            raw(patient(), {"resourceType": "Claim", "x": "y" * 1000, "subject": ME})
        )
    reader, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "handrail", "screen", str(tmp_path), *ASKED],
        stdout=subprocess.PIPE,
        stderr=terminal,
        check=True,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(terminal)
    assert b"Screening" in os.read(reader, 100_000)
    os.close(reader)
    assert b"\x1b" not in done.stdout
    assert len(done.stdout.splitlines()) == 7
