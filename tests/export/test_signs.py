"""Quotes, backslashes, line ends and formulas in a text of law come out of each format as they went in."""

from __future__ import annotations

import csv
import io
import json

import pytest
from tests.export import engines
from tests.export.signs import NASTY, PLAIN, spoilt

from handrail.export import ANY, Flat, cedar, dmn, made, sql


def test_csv_holds_every_text_as_it_is(tables):
    patched, rule, _ = spoilt(NASTY)
    found = dict(made(patched, "csv"))
    rows = list(csv.DictReader(io.StringIO(found["rules.csv"].decode(), newline="")))
    row = next(row for row in rows if row["id"] == rule)
    assert (row["citation"], row["summary"], row["note"]) == (NASTY, NASTY, NASTY)


def test_parquet_holds_every_text_as_it_is():
    import pyarrow.parquet as pq

    patched, rule, _ = spoilt(NASTY)
    table = pq.read_table(io.BytesIO(dict(made(patched, "parquet"))["rules.parquet"]))
    assert next(row for row in table.to_pylist() if row["id"] == rule)["citation"] == NASTY


CITED = "SELECT citation, text, note FROM handrail_citations WHERE id = "


def test_duckdb_holds_every_text_as_it_is():
    import duckdb

    patched, rule, case = spoilt(NASTY)
    connection = duckdb.connect()
    connection.execute(sql.script(patched, "duckdb"))
    assert connection.execute(f"{CITED}'{rule}'").fetchall() == [(NASTY, NASTY, NASTY)]
    assert engines.duckdb(patched)([case])[0].rule == rule


def test_postgresql_holds_every_text_as_it_is(postgres):
    patched, rule, case = spoilt(NASTY)
    assert engines.postgres(patched, postgres)([case])[0].rule == rule
    assert postgres.execute(f"{CITED}'{rule}'").fetchall() == [(NASTY, NASTY, NASTY)]


@pytest.mark.parametrize("text", [NASTY, "plain"])
def test_sparks_literals_hold_every_text_as_it_is(text):
    """Read back by sqlglot's Spark dialect; test_docs.py runs Spark itself on the law as it is."""
    import sqlglot

    patched, rule, _ = spoilt(text)
    insert = next(s for s in sql.statements(patched, "spark") if "INSERT INTO handrail_citations" in s)
    literals = sqlglot.parse_one(insert, read="spark").find_all(sqlglot.exp.Literal)
    rows = json.loads(max((literal.name for literal in literals), key=len))
    assert next(row for row in rows if row[0] == rule)[3] == text


def test_cedar_holds_every_text_as_it_is():
    import cedarpy

    patched, rule, case = spoilt(NASTY)
    policies = json.loads(cedarpy.policies_to_json_str(cedar.policies(patched)))["staticPolicies"].values()
    notes = [policy["annotations"] for policy in policies if policy["annotations"].get("rule") == rule]
    assert notes
    assert {note["citation"] for note in notes} == {NASTY}
    assert engines.cedarpy(patched)([case])[0].verdict == "prohibited"


def test_rego_holds_every_text_as_it_is():
    patched, rule, case = spoilt(NASTY)
    assert json.loads(dict(made(patched, "rego"))["data.json"])["handrail_citations"][rule] == NASTY
    assert engines.regopy(patched)([case])[0].rule == rule


def test_zen_gives_citations_made_plain(tables):
    import zen

    patched, rule, case = spoilt(NASTY)
    decision = zen.ZenEngine().create_decision(dmn.jdm(patched, "US-FL").decode())
    said = decision.evaluate(dmn.request(patched, case))["result"]
    assert (said["rule"], said["citation"]) == (rule, PLAIN)

    # The law as it is has citations that quote.
    quoting = {row.id: row.citation for row in tables.citations if row.citation and '"' in row.citation}
    row = next(row for row in tables.answers if row.rule in quoting)
    decision = zen.ZenEngine().create_decision(dmn.jdm(tables, row.jurisdiction).decode())
    region = () if row.region == ANY else (row.region,)
    case = Flat(row.jurisdiction, row.profession, row.technique, region, row.valid_from)
    said = decision.evaluate(dmn.request(tables, case))["result"]
    assert said["citation"] == quoting[row.rule].replace('"', "'")
