"""The command ``handrail export`` as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from handrail.export import FORMATS, Tables, made
from handrail.law import load


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "handrail", "export", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )


FLORIDA = ("--format", "csv", "--in", "US-FL")


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What went wrong: exit code 2, one line, no traceback."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_a_folder_is_made_with_the_law_of_one_place(tmp_path):
    done = run(*FLORIDA, "--out", "deep/law", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    expected = dict(made(Tables([load("US-FL")]), "csv"))
    assert {path.name: path.read_bytes() for path in (tmp_path / "deep" / "law").iterdir()} == expected
    assert f"deep/law: {len(expected)} files" in done.stdout


def test_places_may_be_given_by_name_and_more_than_once(tmp_path):
    both = ("--in", "Washington", "--in", "US-FL", "--in", "US-WA")
    done = run("--format", "dmn", *both, "--out", "law", "--json", cwd=tmp_path)
    said = json.loads(done.stdout)
    names = [Path(name).name for name in said["files"]]
    assert names == ["US-FL.dmn", "US-FL.jdm.json", "US-WA.dmn", "US-WA.jdm.json"]
    assert said["format"] == "dmn"
    assert said["bytes"] == sum((tmp_path / name).stat().st_size for name in said["files"])
    assert said["knowledge"] == Tables([load("US-WA"), load("US-FL")]).digest


def test_the_order_in_which_places_are_named_is_no_part_of_the_knowledge(tmp_path):
    one = run("--format", "csv", "--in", "US-WA", "--in", "US-FL", "--out", "one", cwd=tmp_path)
    other = run("--format", "csv", "--in", "US-FL", "--in", "US-WA", "--out", "other", cwd=tmp_path)
    assert one.returncode == other.returncode == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes(), path.name


@pytest.mark.parametrize(("given", "meant"), [("parquett", "parquet"), ("JSON-LD", "jsonld"), ("rigo", "rego")])
def test_a_format_that_is_none(given, meant, tmp_path):
    said = one_line(run("--format", given, "--out", "law", cwd=tmp_path))
    assert given in said
    assert meant in said
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_none(tmp_path):
    assert "Florida" in one_line(run("--format", "csv", "--in", "Floridda", "--out", "law", cwd=tmp_path))


def test_a_folder_with_files_is_left_as_it_is_unless_forced(tmp_path):
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "rules.csv").write_text("mine")
    said = one_line(run(*FLORIDA, "--out", "law", cwd=tmp_path))
    assert "not empty" in said
    assert "--force" in said
    assert (tmp_path / "law" / "rules.csv").read_text() == "mine"
    assert run(*FLORIDA, "--out", "law", "--force", cwd=tmp_path).returncode == 0
    assert (tmp_path / "law" / "rules.csv").read_text().startswith("id,")


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "law").write_text("mine")
    assert "is a file" in one_line(run(*FLORIDA, "--out", "law", cwd=tmp_path))
    assert "cannot be written" in one_line(run(*FLORIDA, "--out", "law/inside", cwd=tmp_path))
    assert "cannot be written" in one_line(run(*FLORIDA, "--out", "law/deep/inside", cwd=tmp_path))
    assert (tmp_path / "law").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["law"]


def test_a_folder_of_that_name_inside_is_in_the_way_and_nothing_is_left_half_written(tmp_path):
    (tmp_path / "law" / "rules.csv").mkdir(parents=True)
    assert "cannot be written" in one_line(run(*FLORIDA, "--out", "law", "--force", cwd=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["law"]


def test_a_folder_that_may_not_be_written_to(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    where = "/proc/law" if os.geteuid() == 0 else str(closed / "law")  # root writes everywhere but there
    assert "cannot be written" in one_line(run(*FLORIDA, "--out", where, cwd=tmp_path))
    assert list(closed.iterdir()) == []


def test_the_folder_itself_may_be_the_one_where_one_stands(tmp_path):
    done = run("--format", "jsonld", "--in", "US-FL", "--out", ".", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["handrail.jsonld"]


def test_help_names_every_format(tmp_path):
    said = run("--help", cwd=tmp_path).stdout
    for name in FORMATS:
        assert name in said
