"""Each format is well formed and read by its own readers; an export is written whole or not at all."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree

import pytest

from handrail import InputError
from handrail.export import FORMATS, TABLES, Tables, cedar, dmn, made, sql, write
from handrail.law import load


def files(tables: Tables, name: str) -> dict[str, bytes]:
    return dict(made(tables, name))


def test_the_frictionless_package_validates(tables, tmp_path):
    from frictionless import validate

    write(tables, "frictionless", tmp_path / "law")
    report = validate(str(tmp_path / "law" / "datapackage.json"), type="package")
    assert report.valid, report.flatten(["type", "message"])
    assert report.stats["tasks"] == len(TABLES)
    assert sum(task.stats["rows"] for task in report.tasks) > 100_000


def test_a_row_that_does_not_fit_the_schema_is_noticed(tmp_path):
    from frictionless import Package

    write(Tables([load("US-FL")]), "frictionless", tmp_path / "law")
    path = tmp_path / "law" / "ranks.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("6,urgent,", "six,urgent,"), encoding="utf-8")
    package = Package(str(tmp_path / "law" / "datapackage.json"))
    assert not package.get_resource("ranks").validate().valid
    assert package.get_resource("licence").validate().valid


def test_parquet_is_typed_and_says_what_its_columns_hold(tables):
    import polars
    import pyarrow.parquet as pq

    found = files(tables, "parquet")
    for table in TABLES:
        schema = pq.read_schema(io.BytesIO(found[f"{table.name}.parquet"]))
        assert schema.names == [column.name for column in table.columns]
        for column in table.columns:
            assert schema.field(column.name).metadata[b"description"].decode() == column.text
        assert schema.metadata[b"knowledge"].decode() == tables.digest
    answers = polars.read_parquet(io.BytesIO(found["answers.parquet"]))
    assert answers.height == len(tables.answers)
    assert answers["valid_from"].dtype == polars.Date
    assert answers.rows()[0] == tuple(tables.answers[0])


def test_json_ld_says_every_statement_once(tables):
    import rdflib

    data = files(tables, "jsonld")["handrail.jsonld"]
    graph = rdflib.Dataset()
    graph.parse(data=data, format="json-ld")
    quads = [line for line in graph.serialize(format="nquads").splitlines() if line.strip()]

    def statements(node: dict) -> int:
        return sum(statements(part) + 1 if isinstance(part, dict) else 1 for part in parts(node))

    def parts(node: dict) -> list:
        listed = [value if isinstance(value, list) else [value] for key, value in node.items() if key != "id"]
        return [part for values in listed for part in values]

    nodes = json.loads(data)["@graph"]
    assert len(nodes) == 1 + 64 + sum(len(table.rows(tables)) for table in TABLES if table.name in NODES)
    assert len(quads) == sum(map(statements, nodes))
    rule = rdflib.URIRef("urn:handrail:US-WA/physical_therapist/thrust_spine/2")
    cited = rdflib.URIRef("http://purl.org/dc/terms/bibliographicCitation")
    assert str(graph.value(rule, cited)).startswith("RCW")


NODES = ("rules", "reserved_acts", "prerequisites")


def test_cedars_own_validator_finds_nothing(tables):
    import cedarpy

    text, schema = cedar.policies(tables), cedar.schema(tables)
    report = cedarpy.validate_policies(text, schema)
    assert report.validation_passed, report.errors[:3]
    broken = text.replace("context.in_question", "context.in_qustion")
    assert not cedarpy.validate_policies(broken, schema).validation_passed


def test_dmn_is_well_formed_and_every_id_is_used_once(tables):
    for law in tables.laws:
        root = ElementTree.fromstring(dmn.dmn(tables, law.jurisdiction))  # noqa: S314
        assert root.tag == f"{{{dmn.NAMESPACE}}}definitions"
        ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids))


def test_the_sql_for_bigquery_parses_and_holds_no_rows(tables):
    """Parsed only: nothing here runs BigQuery."""
    import sqlglot

    script = sql.script(tables, "bigquery")
    assert len(script) < 100_000
    kinds = [type(statement).__name__ for statement in sqlglot.parse(script, read="bigquery") if statement]
    assert kinds.count("Create") == len(sql.NEEDED) + 7 + 1
    assert set(kinds) == {"Create", "Drop"}


def test_a_script_that_runs_again_replaces_the_knowledge_and_leaves_the_cases(postgres):
    few = Tables([load("US-FL")])
    script = sql.script(few, "postgres")
    postgres.execute(script)
    postgres.execute(
        "INSERT INTO handrail_case VALUES (1, 'US-FL', 'chiropractor', 'thrust_spine', '2026-11-24', 'general')"
    )
    postgres.execute("DELETE FROM handrail_cells")
    postgres.execute(script)
    assert postgres.execute("SELECT verdict FROM handrail_decision").fetchall() == [("permitted",)]


# Writing


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_as_it_is_made(name, tmp_path):
    few = Tables([load("US-FL")])
    paths = write(few, name, tmp_path / "new" / "law")
    assert {path.name: path.read_bytes() for path in paths} == dict(made(few, name))
    assert sorted(tmp_path.iterdir()) == [tmp_path / "new"]


def test_a_later_export_into_the_same_folder_leaves_other_files(tmp_path):
    few = Tables([load("US-FL")])
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty"):
        write(few, "csv", tmp_path)
    write(few, "csv", tmp_path, force=True)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "rules.csv").exists()
