"""Every example of docs/export.md runs and prints what it shows. Spark and pyDMNrules have files of their own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.export import examples

from handrail.export import FORMATS, RANKS, TABLES, cedar

SECTIONS = examples.sections()
#: The first one, the one that wants a server, and those that are slow to start.
ELSEWHERE = ("", "PostgreSQL", "Spark", "DMN")
TEXT = examples.DOCUMENT.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the document's own first example wrote the law."""
    made = tmp_path_factory.mktemp("docs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        examples.run(SECTIONS[""])
    assert sorted(path.name for path in (made / "law").iterdir()) == sorted(FORMATS)
    return made


@pytest.mark.parametrize("name", [name for name in SECTIONS if name not in ELSEWHERE])
def test_an_example_prints_what_is_shown(name, folder, monkeypatch):
    monkeypatch.chdir(folder)
    examples.run(SECTIONS[name])


def test_the_example_for_postgresql(folder, postgres, monkeypatch):
    monkeypatch.chdir(folder)
    for key, value in (("HOST", "host"), ("USER", "user"), ("DATABASE", "dbname")):
        monkeypatch.setenv(f"PG{key}", postgres.info.get_parameters()[value])
    examples.run(SECTIONS["PostgreSQL"])


def test_every_engine_has_an_example():
    for name in (
        "Parquet",
        "Frictionless",
        "JSON-LD",
        "DuckDB",
        "PostgreSQL",
        "Spark",
        "Cedar",
        "Rego",
        "DMN",
        "JDM",
    ):
        assert any(section.startswith(name) for section in SECTIONS), name


def test_the_document_names_every_format_rank_and_threshold():
    for name in FORMATS:
        assert f"| `{name}` |" in TEXT
    for number, (verdict, leaning) in enumerate(RANKS):
        assert re.search(rf"^\| {number} \| {verdict} \|\s*{leaning or ''} ?\|$", TEXT, re.MULTILINE), number
    for action, _, verdict in cedar.ACTIONS:
        assert f"| `{action}` | {verdict} |" in TEXT


def test_every_table_and_column_is_documented():
    text = (examples.DOCUMENT.parent / "export-tables.md").read_text(encoding="utf-8")
    for table in TABLES:
        assert f"## `{table.name}`" in text
        for column in table.columns:
            assert f"| `{column.name}` | {column.type} |" in text
