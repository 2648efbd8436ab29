"""Broken files in a whole audit: the rest is judged, and what was lost is told with file and row, and counted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from handrail.audit import open_claims
from handrail.audit.generate import generate
from handrail.audit.run import audit
from handrail.audit.summary import Summary
from handrail.cli.run import run


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> pa.Table:
    place = tmp_path_factory.mktemp("made") / "made.parquet"
    generate(2000, seed=11, layout="plain", out=place)
    return pq.read_table(place)


def told(made: Summary) -> list[tuple[str, int | None, int | None]]:
    return [(trouble.file, trouble.row, trouble.rows) for trouble in made.troubles]


def with_column(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, column)


def test_a_column_of_the_wrong_type_in_file_7_of_20(table, tmp_path):
    """Lists where there should be codes: that file is lost, and told; the other 19 are judged."""
    for number in range(1, 21):
        part = table.slice((number - 1) * 100, 100)
        if number == 7:
            part = with_column(part, "procedure", pa.array([["98941"]] * 100))
        pq.write_table(part, tmp_path / f"claims-{number:02}.parquet")
    made = audit(open_claims(tmp_path), tmp_path / "out")
    assert made.lines == 1900
    assert [trouble.file for trouble in made.troubles] == ["claims-07.parquet"]
    assert "procedure holds lists" in made.troubles[0].what
    assert made.troubles[0].rows is None
    assert [file.rows for file in made.files] == [100] * 6 + [0] + [100] * 13


def test_a_column_of_another_type_that_can_be_read_is_judged_and_told(table, tmp_path):
    for number in range(1, 21):
        part = table.slice((number - 1) * 100, 100)
        if number == 7:
            part = with_column(part, "amount", part.column("amount").cast(pa.string()))
        pq.write_table(part, tmp_path / f"claims-{number:02}.parquet")
    made = audit(open_claims(tmp_path), tmp_path / "out", part_rows=150)
    assert made.lines == 2000
    assert told(made) == [("claims-07.parquet", None, 0)]
    assert "amount is string, and double in claims-01.parquet" in made.troubles[0].what


def test_a_row_group_that_cannot_be_read(table, tmp_path):
    path = tmp_path / "claims.parquet"
    pq.write_table(table, path, row_group_size=400, compression="zstd")
    group = pq.ParquetFile(path).metadata.row_group(2)
    column = next(c for c in map(group.column, range(group.num_columns)) if c.path_in_schema == "claim")
    raw = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    raw[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(raw)
    made = audit(open_claims(path), tmp_path / "out")
    assert (made.rows, made.lines, made.rows_lost) == (2000, 1600, 400)
    assert told(made) == [("claims.parquet", 801, 400)]
    assert made.troubles[0].where == "row group 3"


def test_files_with_nothing_in_them(table, tmp_path):
    pq.write_table(table.slice(0, 10), tmp_path / "a.parquet")
    pq.write_table(table.slice(0, 0), tmp_path / "b.parquet")
    (tmp_path / "c.parquet").write_bytes(b"")
    (tmp_path / "d.csv").write_bytes(b"")
    made = audit(open_claims(tmp_path), tmp_path / "out")
    assert made.lines == 10
    assert {trouble.file for trouble in made.troubles} == {"c.parquet", "d.csv"}


def test_ragged_rows_are_told_by_their_row(table, tmp_path):
    generate(50, seed=1, layout="plain", out=tmp_path / "claims.csv")
    lines = (tmp_path / "claims.csv").read_text().splitlines()
    lines[10] += ",more,than,there,should,be"
    lines[31] = "too few"
    (tmp_path / "claims.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "_claims.planted.csv").unlink()
    made = audit(open_claims(tmp_path), tmp_path / "out")
    assert (made.rows, made.lines, made.rows_lost) == (50, 48, 2)
    assert told(made) == [("claims.csv", 10, 1), ("claims.csv", 31, 1)]


def test_the_command_ends_with_1_and_tells_each(table, tmp_path, capsys):
    pq.write_table(table.slice(0, 10), tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(b"")
    assert run(["audit", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    said = [line for line in capsys.readouterr().out.splitlines() if "b.parquet" in line]
    assert len(said) == 1
    assert "is empty" in said[0]


def test_nothing_that_can_be_read_is_bad_input(tmp_path: Path, capsys):
    (tmp_path / "b.parquet").write_bytes(b"")
    assert run(["audit", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "b.parquet" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(table, tmp_path, capsys):
    pq.write_table(table.slice(0, 10), tmp_path / "a.parquet")
    (tmp_path / "file").write_text("")
    for out in ("file", "file/out"):
        assert run(["audit", str(tmp_path / "a.parquet"), "--out", str(tmp_path / out)]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_days_that_can_be_none_are_counted_as_such(table, tmp_path):
    days = pa.array([date(1900, 1, 1), date(2090, 1, 1), None, date(2024, 1, 2)])
    codes = pa.array(["98941"] * 4).dictionary_encode()
    rows = with_column(with_column(table.slice(0, 4), "service_from", days), "procedure", codes)
    pq.write_table(rows, tmp_path / "odd.parquet")
    made = audit(open_claims(tmp_path / "odd.parquet"), tmp_path / "out", every=True)
    reasons = [row["reason"] for row in pq.read_table(tmp_path / "out" / "findings.parquet").to_pylist()]
    assert reasons[:3] == ["bad_day", "bad_day", "no_day"]
    assert made.by_month[-1].key == ""
    assert made.by_month[-1].lines == 3


def test_what_a_spreadsheet_would_run_stays_text(table, tmp_path):
    """Findings are typed columns: what stands in a claim's number comes out as it went in."""
    claims = pa.array(["=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1"])
    pq.write_table(with_column(table.slice(0, 4), "claim", claims), tmp_path / "odd.parquet")
    audit(open_claims(tmp_path / "odd.parquet"), tmp_path / "out", every=True)
    assert pq.read_table(tmp_path / "out" / "findings.parquet").column("claim").to_pylist() == claims.to_pylist()
    for name in ("summary.json", "report.html"):
        assert "=cmd" not in (tmp_path / "out" / name).read_text()
