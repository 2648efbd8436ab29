"""The commands `handrail audit ...` as a person or a program meets them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from handrail.audit.summary import read_summary
from handrail.cli.run import run

COMMAND = [sys.executable, "-m", "handrail", "audit"]


@pytest.fixture(scope="module")
def claims(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("claims") / "claims.parquet"
    assert run(["audit", "generate", "--rows", "2000", "--seed", "5", "--out", str(place)]) == 0
    return place


@pytest.fixture(scope="module")
def out(claims, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("out") / "out"
    assert run(["audit", str(claims), "--out", str(place)]) == 0
    return place


def test_json_is_the_summary(claims, out, tmp_path, capsys):
    assert run(["audit", str(claims), "--out", str(tmp_path / "out"), "--json"]) == 0
    shown = capsys.readouterr().out
    assert shown.encode() == (out / "summary.json").read_bytes()
    assert read_summary(shown.encode()).lines == 2000


def test_all_writes_every_line(claims, tmp_path):
    assert run(["audit", str(claims), "--out", str(tmp_path / "out"), "--all"]) == 0
    assert pq.read_metadata(tmp_path / "out" / "findings.parquet").num_rows == 2000


def test_a_bar_shows_only_at_a_terminal(claims, tmp_path):
    command = [*COMMAND, str(claims), "--out"]
    piped = subprocess.run([*command, str(tmp_path / "a")], capture_output=True, check=True)
    assert piped.stderr == b""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([*command, str(tmp_path / "b")], stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # the other end was closed
        pass
    assert child.wait() == 0
    assert b"rows" in shown
    assert b"2000/2000" in shown


def test_a_finding_is_explained_by_its_place_and_by_its_claim(out, capsys):
    findings = out / "findings.parquet"
    rows = pq.read_table(findings).to_pylist()
    number = next(n for n, row in enumerate(rows, 1) if row["verdict"] == "prohibited")
    row = rows[number - 1]
    assert run(["audit", "explain", str(findings), "--line", str(number), "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    one = ["--claim", row["claim"], "--line", str(row["line"])]
    assert run(["audit", "explain", str(findings), *one, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert {decision["verdict"] for decision in first["decisions"]} == {"prohibited"}
    assert run(["audit", "explain", str(findings), "--line", str(number)]) == 0
    assert row["citation"] in " ".join(capsys.readouterr().out.split())


def test_every_candidate_is_explained(out, capsys):
    findings = out / "findings.parquet"
    rows = pq.read_table(findings).to_pylist()
    number = next(n for n, row in enumerate(rows, 1) if row["reason"] == "technique_ambiguous")
    assert run(["audit", "explain", str(findings), "--line", str(number), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    said = rows[number - 1]["candidates"].split("; ")
    assert [one.split(": ")[1].split(",")[0] for one in said] == [d["verdict"] for d in shown["decisions"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--claim", "none"], "no such line of a claim"),
        (["--line", "0"], "there is no line 0"),
        (["--line", "999999999"], "there is no line"),
        ([], "says no line"),
    ],
)
def test_a_line_that_is_not_there(out, capsys, arguments, said):
    assert run(["audit", "explain", str(out / "findings.parquet"), *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_layouts_as_json(capsys):
    assert run(["audit", "layouts", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["layout"] for row in rows} >= {"plain", "cms_puf", "desynpuf", "synthea"}
