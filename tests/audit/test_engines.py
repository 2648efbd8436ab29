"""Every engine gives the same findings: local, Spark, DuckDB, Polars."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from handrail.audit import open_claims, spark
from handrail.audit.generate import generate
from handrail.audit.judged import SCHEMA
from handrail.audit.run import audit
from handrail.cli.run import run

ROWS = 4000
SCALE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("claims")
    generate(ROWS, seed=3, layout="plain", out=place / "made.parquet", violations=20)
    pq.write_table(pq.read_table(place / "made.parquet"), place / "claims.parquet", row_group_size=500)
    (place / "made.parquet").unlink()
    return place


@pytest.fixture(scope="module")
def local(folder, tmp_path_factory) -> list[dict[str, Any]]:
    """Every line as the local audit judges it."""
    out = tmp_path_factory.mktemp("local") / "out"
    audit(open_claims(folder), out, every=True)
    return rows_of(ds.dataset(out / "findings.parquet").to_table())


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with spark.session(master="local[2]") as running:
        yield running


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """Judged lines as plain rows in the order of the file."""
    rows = table.select(SCHEMA.names).to_pylist()
    return sorted(rows, key=lambda row: row["row"])


def example(name: str, **given: Any) -> Any:
    """What an example of docs/scale.md leaves in ``judged``."""
    code = re.search(rf"```python\n# {name}\n(.*?)```", SCALE, re.DOTALL)
    assert code is not None
    names: dict[str, Any] = dict(given)
    exec(code[1], names)  # noqa: S102  (the project's own document)
    return names["judged"]


def test_every_line_is_there(local):
    assert len(local) == ROWS
    assert sum(row["verdict"] in ("prohibited", "urgent") for row in local) == 20


def test_duckdb_gives_the_same(folder, local, monkeypatch):
    monkeypatch.chdir(folder)
    assert rows_of(example("duckdb").to_arrow_table()) == local


def test_polars_gives_the_same(folder, local, monkeypatch):
    import polars as pl

    monkeypatch.chdir(folder)
    judged = example("polars").with_columns(pl.col(pl.Categorical).cast(pl.String))
    assert rows_of(judged.to_arrow()) == local


def test_a_dataframe_of_spark_gives_the_same(folder, local, session, monkeypatch):
    monkeypatch.chdir(folder)
    judged = example("spark", spark=_At(session, folder))
    assert rows_of(judged.toArrow()) == local


class _At:
    """A session that reads from a folder: Spark's own working folder does not follow the process's."""

    def __init__(self, running: Any, folder: Path) -> None:
        self.running, self.folder = running, folder

    @property
    def read(self) -> _At:
        return self

    def parquet(self, name: str) -> Any:
        return self.running.read.parquet(str(self.folder / name))


def test_a_dataframe_without_row_numbers_has_none(folder, session):
    claims = open_claims(folder)
    frame = session.read.parquet(str(folder / "claims.parquet"))
    rows = spark.findings(frame, claims.plan).toArrow()
    assert rows.num_rows == ROWS
    assert rows.column("row").null_count == ROWS


def test_a_whole_audit_on_spark_gives_the_same(folder, session, tmp_path):
    """With a file that is damaged, and one that is no Parquet."""
    for path in folder.glob("*.parquet"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / path.name).write_bytes(path.read_bytes())
    generate(500, seed=4, layout="plain", out=tmp_path / "in" / "more.csv")
    (tmp_path / "in" / "broken.parquet").write_bytes(b"PAR1 nothing PAR1")
    here = audit(open_claims(tmp_path / "in"), tmp_path / "here")
    there = spark.audit(open_claims(tmp_path / "in"), tmp_path / "there", spark=session, part_rows=900)
    assert there == here
    assert there.troubles_in_all == 1
    for name in ("findings.parquet", "summary.json", "report.html"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes(), name


def test_an_audit_on_spark_goes_on_with_the_parts_that_are_missing(folder, session, tmp_path, monkeypatch):
    here = audit(open_claims(folder), tmp_path / "here")
    out = tmp_path / "there"

    def never(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(spark, "finish", never)
        with pytest.raises(KeyboardInterrupt):
            spark.audit(open_claims(folder), out, spark=session, part_rows=500)
    kept = sorted((out / ".audit").glob("part-*.json"))
    assert len(kept) == ROWS // 500
    for gone in (kept[2], kept[5]):
        gone.unlink()
    before = {path: path.stat().st_mtime_ns for path in kept if path.exists()}
    with monkeypatch.context() as patched:
        patched.setattr(spark, "finish", never)
        with pytest.raises(KeyboardInterrupt):
            spark.audit(open_claims(folder), out, spark=session, part_rows=500)
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in before.items())
    assert spark.audit(open_claims(folder), out, spark=session, part_rows=500) == here


def test_the_command_runs_spark(folder, session, tmp_path, capsys):
    out = tmp_path / "out"
    assert session.sparkContext.master == "local[2]"
    assert (
        run(["audit", str(folder), "--out", str(out), "--engine", "spark", "--master", "local[2]", "--json"]) == 0
    )
    assert (out / "summary.json").read_text() == capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--engine", "sprak"], "is not an engine"),
        (["--master", "local[2]"], "--master is for Spark"),
    ],
)
def test_engines_that_are_none(folder, tmp_path, capsys, options, said):
    assert run(["audit", str(folder), "--out", str(tmp_path / "out"), *options]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_without_pyspark_the_extra_is_named(folder, tmp_path):
    code = "import sys; sys.modules['pyspark'] = None\n"
    code += "from handrail.cli.run import run; sys.exit(run(sys.argv[1:]))"
    command = [
        sys.executable,
        "-c",
        code,
        "audit",
        str(folder),
        "--out",
        str(tmp_path / "out"),
        "--engine",
        "spark",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'handrail[spark]'" in done.stderr
    assert done.stderr.count("\n") == 1
