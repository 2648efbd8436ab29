"""The matrix of 64 places, in each of the formats that a table has."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest

from handrail.cli import tables
from handrail.decide.survey import coverage
from handrail.law import jurisdictions, load
from handrail.law.gaps import WANTED_PROFESSIONS
from handrail.terms import InputError, Verdict

DAY = date(2026, 11, 24)
HEADERS = ["jurisdiction", "name", *WANTED_PROFESSIONS]


@pytest.fixture(scope="module")
def rows():
    return coverage(DAY, WANTED_PROFESSIONS, ["thrust_spine"])


def cells(rows):
    return [[r.jurisdiction, r.name, *(tables.stands(c.verdict, c.leaning) for c in r.cells)] for r in rows]


def test_a_row_for_every_place_and_a_cell_for_every_column(rows):
    assert [row.jurisdiction for row in rows] == jurisdictions()
    for row in rows:
        assert [cell.profession for cell in row.cells] == list(WANTED_PROFESSIONS)


def test_no_yes_without_a_read_rule(rows):
    for row in rows:
        for cell in row.cells:
            if cell.verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL):
                assert cell.rule is not None
                rule = load(row.jurisdiction).rules_by_id[cell.rule]
                assert rule.read
                assert rule.in_force(DAY)


def test_every_format_has_the_same_cells(rows, capsys):
    table = cells(rows)
    tables.write(HEADERS, table, "csv", "x")
    assert list(csv.reader(io.StringIO(capsys.readouterr().out))) == [HEADERS, *table]
    tables.write(HEADERS, table, "json", "x")
    assert [list(row.values()) for row in json.loads(capsys.readouterr().out)] == table
    tables.write(HEADERS, table, "md", "x")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(table)
    assert all(line.count("|") == len(HEADERS) + 1 for line in lines)


def test_a_format_that_is_not_known():
    with pytest.raises(InputError, match="csv"):
        tables.write(HEADERS, [], "xls", "x")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"])
def test_a_spreadsheet_is_given_no_formula(cell, capsys):
    tables.write(["a"], [[cell]], "csv", "x")
    _, (written,) = csv.reader(io.StringIO(capsys.readouterr().out, newline=""))
    assert written == f"'{cell}".replace("\r", "\n")


@pytest.mark.parametrize("cell", ["§ 1", 'a "quoted", word', "two\nlines", "naïve", "1+1=2", "?-"])
def test_csv_keeps_what_is_no_formula(cell, capsys):
    tables.write(["a"], [[cell]], "csv", "x")
    assert list(csv.reader(io.StringIO(capsys.readouterr().out, newline=""))) == [["a"], [cell]]


def test_a_line_break_does_not_begin_a_row(capsys):
    tables.write(["a"], [["x\r=1"], ["y\r\n=1"]], "csv", "x")
    read = list(csv.reader(io.StringIO(capsys.readouterr().out, newline="")))
    assert read == [["a"], ["x\n=1"], ["y\n=1"]]


def test_a_cell_cannot_break_a_markdown_table(capsys):
    tables.write(["a"], [["x|y\r\nz <script>"]], "md", "x")
    assert capsys.readouterr().out.splitlines()[2:] == ["| x\\|y z &lt;script> |"]


def test_an_unknown_column_is_refused():
    with pytest.raises(InputError, match="chiropractor"):
        coverage(DAY, ["chiropracter"], ["thrust_spine"])
