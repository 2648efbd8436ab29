"""Quotes, backslashes, line ends and formulas in a text of law come out of each format as they went in."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import msgspec
import pytest
from tests.export import engines

from handrail.export import Flat, Tables, cedar, dmn, made, sql
from handrail.law import Law, load

DAY = date(2026, 11, 24)
#: What some format or other takes for its own sign.
NASTY = "=1+1 it's \"so\" \\ \\n %s {x} <b>&amp; $1 `y` ${z} ;-- '); DROP TABLE x; \n=SUM(A1)\tend\\"
#: The same in a decision table: plain.
PLAIN = "=1+1 it's 'so' / /n %s {x} <b>&amp; $1 `y` ${z} ;-- '); DROP TABLE x; =SUM(A1) end/"


def spoilt(text: str) -> tuple[Tables, str, Flat]:
    """A place's law with a rule whose texts are full of signs, the rule's id, and a case that it decides."""
    law = load("US-FL")
    file = law.file
    entry = file.professions["massage_therapist"]
    rule = next(rule for _, rule in file.rules() if rule.id.startswith("US-FL/massage_therapist/thrust_spine/"))
    new = msgspec.structs.replace(rule, citation=text, summary=text, note=text)
    rules = tuple(new if old.id == rule.id else old for old in entry.rules)
    professions = {**file.professions, "massage_therapist": msgspec.structs.replace(entry, rules=rules)}
    patched = Law(msgspec.structs.replace(file, professions=professions), "patched")
    case = Flat("US-FL", "massage_therapist", "thrust_spine", (), DAY)
    return Tables([patched]), rule.id, case


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


def test_decision_tables_hold_citations_made_plain():
    import zen
    from pyDMNrules import DMN

    patched, rule, case = spoilt(NASTY)
    asked = dmn.request(patched, case)
    by_zen = zen.ZenEngine().create_decision(dmn.jdm(patched, "US-FL").decode()).evaluate(asked)["result"]
    rules = DMN()
    assert "errors" not in rules.useXML(dmn.dmn(patched, "US-FL").decode())
    by_rules = rules.decide(asked)[1]["Result"]
    for said in (by_zen, by_rules):
        assert (said["rule"], said["citation"]) == (rule, PLAIN)
