"""The flat tables: whole, without overlap, typed as the schema says, and saying what decide says."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise

import pytest

from handrail.export import RANKS, TABLES
from handrail.law import jurisdictions
from handrail.terms import PROFESSIONS, TECHNIQUES

PYTHON = {"string": str, "integer": int, "boolean": bool, "date": date}


def test_every_place_profession_technique_region_and_day_stands_in_exactly_one_cell(tables):
    periods: dict[tuple[str, str, str, str], list[tuple[date, date]]] = {}
    for cell in tables.cells:
        where = (cell.jurisdiction, cell.profession, cell.technique, cell.region)
        periods.setdefault(where, []).append((cell.valid_from, cell.valid_to))
    assert set(periods) == {
        (place, profession, technique, region)
        for place in jurisdictions()
        for profession in PROFESSIONS
        for technique, about in TECHNIQUES.items()
        for region in about.regions
    }
    for where, days in periods.items():
        assert days[0][0] == date.min, where
        assert days[-1][1] == date.max, where
        for (first, last), (following, _) in pairwise(days):
            assert first <= last, where
            assert following == last + timedelta(1), where
    assert [cell.number for cell in tables.cells] == list(range(len(tables.cells)))


def test_some_cells_end_where_the_law_changes(tables):
    assert sum(cell.valid_from > date.min for cell in tables.cells) > 200


def test_where_no_region_is_asked_at_least_one_decides(tables):
    deciding: dict[tuple[str, str, str, date], int] = {}
    for cell in tables.cells:
        where = (cell.jurisdiction, cell.profession, cell.technique, cell.valid_from)
        deciding[where] = deciding.get(where, 0) + cell.decides
    assert min(deciding.values()) >= 1


def test_every_answer_is_decides_on_the_first_and_the_last_day(tables, space):
    assert len(space) == 2 * len(tables.answers)
    for number, (case, want) in enumerate(space):
        row = tables.answers[number // 2]
        assert (row.verdict, row.leaning, row.rule) == want, case
        assert RANKS[row.rank] == (row.verdict, row.leaning)


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_rows_are_what_the_schema_says(table, tables):
    rows = table.rows(tables)
    assert rows
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    for row in rows:
        assert len(row) == len(names)
        for value, column in zip(row, table.columns, strict=True):
            right = type(value) is PYTHON[column.type]
            assert value is None or right or (column.type == "string" and isinstance(value, str)), (row, column)
    keys = [tuple(row[names.index(part)] for part in table.key) for row in rows]
    assert len(set(keys)) == len(keys)
    for part in table.key:
        assert part == "site" or all(row[names.index(part)] is not None for row in rows), part


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_dictionaries_have_the_columns_in_the_schemas_order(table, tables):
    made = getattr(tables, table.name, None)
    if callable(made):
        for row in made():
            assert list(row) == [column.name for column in table.columns]


def test_what_a_row_points_to_is_there(tables):
    cells = {cell.number for cell in tables.cells}
    cited = {row.id for row in tables.citations}
    by_name = {table.name: table for table in TABLES}
    for name in ("clauses", "atoms", "cell_classes"):
        assert {row[0] for row in by_name[name].rows(tables)} <= cells, name
    assert {row.rule for row in tables.answers} - {None} <= cited
    assert {cell.fixed_rule for cell in tables.cells} - {None} <= cited
    assert {opening.rule for cell in tables.cells for opening in cell.openings} <= cited
    assert {row.rule for row in tables.findings} <= cited
    assert {row.finding for row in tables.codes} <= cited
    for row in by_name["clauses"].rows(tables):
        atoms = [atom for atom in by_name["atoms"].rows(tables) if atom[:3] == (row[0], row[1], row[3])]
        assert len(atoms) == row[4], row


FINGERPRINT = """
import hashlib, sys
from handrail.export import FORMATS, Tables, made
from handrail.law import load
few = Tables(map(load, ["CA-ON", "US-VA", "US-WA"]))
files = [("all", *file) for file in made(Tables(), "csv")]
files += [(name, *file) for name in FORMATS for file in made(few, name)]
for name, path, data in files:
    print(name, path, hashlib.sha256(data).hexdigest())
"""


def test_two_processes_write_the_same_bytes():
    def run(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        made = [sys.executable, "-c", FINGERPRINT]
        return subprocess.run(made, capture_output=True, text=True, check=True, env=environment).stdout

    first, second = run("1"), run("20261124")
    assert first == second
    assert len(first.splitlines()) > 80
    assert hashlib.sha256(b"").hexdigest() not in first  # no file is empty
