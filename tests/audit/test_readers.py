"""Formats, batches that are always the same, and columns of any type."""

from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from handrail.audit import Plan, npi, open_claims, streams, tables, who
from handrail.audit.troubles import Troubles
from handrail.terms import InputError

X12 = Path(__file__).parents[1] / "cases" / "audit" / "claims.837"


def table(rows: int = 50, seed: int = 1) -> pa.Table:
    """Claims of which every sixth cannot be judged, by one reason or another."""
    rng = np.random.default_rng(seed)

    def some(*values: str | None) -> pa.Array:
        return pa.array([values[n] for n in rng.integers(0, len(values), rows)], pa.string())

    return pa.table(
        {
            "claim": pa.array([f"C{n}" for n in range(rows)]),
            "line": pa.array(np.ones(rows, np.int64)),
            "npi": some("1234567893", "1234567890", None),
            "taxonomy": some("111N00000X", "225700000X", "225100000X", "208100000X", "999", None),
            "state": some("FL", "TX", "ON", "Nevada", "ZZ", None),
            "procedure": some("97140", "98941", "97124", "98943", "97112", "99213"),
            "service_from": pa.array(rng.integers(17000, 20000, rows).astype(np.int32)).cast(pa.date32()),
            "dx1": some("M99.01", "M9905", "M81.0", "M54.5", None),
            "dx2": some("I10", "M99.03", None),
            "amount": pa.array(np.round(rng.random(rows) * 100, 2)),
        }
    )


def lines_of(*paths: Path, **options: Any) -> list[dict[str, Any]]:
    claims = open_claims(paths, **options)
    found: list[dict[str, Any]] = []
    for file in claims.files:
        for batch in claims.batches(file):
            assert batch.troubles == ()
            assert batch.lines is not None
            assert batch.rows == batch.raw.num_rows  # type: ignore[union-attr]
            found += batch.lines.to_pylist()
    return found


def test_every_format_gives_the_same_lines(tmp_path: Path) -> None:
    claims = table()
    (tmp_path / "csv").mkdir()
    plain = tmp_path / "csv" / "claims.csv"
    pcsv.write_csv(claims, plain)
    wanted = lines_of(plain)
    assert len(wanted) == 50
    assert len({line["unjudged"] for line in wanted}) > 4
    (tmp_path / "claims.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    (tmp_path / "claims.csv.zst").write_bytes(zstandard.compress(plain.read_bytes()))
    (tmp_path / "claims.tsv").write_bytes(plain.read_bytes().replace(b",", b"\t"))
    (tmp_path / "bom.csv").write_bytes(b"\xef\xbb\xbf" + plain.read_bytes().replace(b"\n", b"\r\n"))
    records = [json.dumps(row, default=str) for row in claims.to_pylist()]
    (tmp_path / "claims.ndjson").write_text("\n".join(records) + "\n")
    mixed = claims.to_pylist()
    for row in mixed[::2]:
        if row["procedure"].isdigit():
            row["procedure"] = int(row["procedure"])  # some programs write a code as a number
    (tmp_path / "mixed.jsonl").write_text("\n".join(json.dumps(row, default=str) for row in mixed))
    pq.write_table(claims, tmp_path / "claims.parquet", row_group_size=7)
    pq.write_table(claims, tmp_path / "plain.parquet", use_dictionary=False)
    for path in sorted(tmp_path.glob("*.*")):
        assert lines_of(path) == wanted, path.name


def test_columns_of_any_type_mean_the_same(tmp_path: Path) -> None:
    claims = table().select(["claim", "taxonomy", "state", "procedure", "service_from", "dx1"])
    claims = claims.filter(pa.array([value != "" for value in claims["procedure"].to_pylist()]))
    pq.write_table(claims, tmp_path / "a.parquet")
    wanted = lines_of(tmp_path / "a.parquet")
    days = claims["service_from"].to_pylist()
    columns = {
        "large": {name: claims[name].cast(pa.large_string()) for name in ("taxonomy", "state", "dx1", "claim")},
        "dictionary": {
            name: claims[name].dictionary_encode() for name in ("taxonomy", "state", "procedure", "dx1")
        },
        "whole numbers": {"procedure": pa.array([int(code) for code in claims["procedure"].to_pylist()])},
        "floats": {"procedure": pa.array([float(code) for code in claims["procedure"].to_pylist()])},
        "moments": {"service_from": pa.array([datetime(d.year, d.month, d.day, 9) for d in days])},  # noqa: DTZ001
        "packed days": {"service_from": pa.array([int(d.strftime("%Y%m%d")) for d in days])},
        "days in text": {"service_from": pa.array([d.strftime("%m/%d/%Y") for d in days])},
    }
    for what, changed in columns.items():
        made = claims
        for name, values in changed.items():
            made = made.set_column(made.schema.get_field_index(name), name, values)
        pq.write_table(made, tmp_path / "b.parquet")
        assert lines_of(tmp_path / "b.parquet") == wanted, what


def test_a_plan_works_on_batches_of_any_engine() -> None:
    """Spark hands over plain strings, Polars views, DuckDB large strings: the lines are the same."""
    batch = table().combine_chunks().to_batches()[0]
    plan: Plan = pickle.loads(pickle.dumps(Plan.of(batch.schema)))  # noqa: S301  (our own)
    wanted = plan.lines(batch).to_pylist()
    for kind in (pa.large_string(), pa.string_view()):
        columns = [c.cast(kind) if c.type == pa.string() else c for c in batch.columns]
        found = plan.lines(pa.record_batch(columns, names=batch.schema.names))
        assert found.to_pylist() == wanted
    cut = plan.lines(batch.slice(13, 20), first_row=13)
    assert cut.to_pylist() == wanted[13:33]
    types = {field.name: field.type for field in plan.lines(batch).schema}
    shared = ("jurisdiction", "profession", "technique", "regions", "dx1", "dx2", "procedure")
    assert {types[name] for name in shared} == {pa.dictionary(pa.int32(), pa.string())}
    assert types["service_from"] == types["service_to"] == pa.date32()
    empty = plan.lines(batch.slice(0, 0))
    assert empty.num_rows == 0
    assert empty.schema == plan.lines(batch).schema


def test_the_rows_indices_are_shared_not_copied() -> None:
    batch = table().combine_chunks().filter(pa.array([True] * 50)).to_batches()[0]
    codes = pa.array(["97124", "97140"] * 25).dictionary_encode()
    batch = batch.set_column(batch.schema.get_field_index("procedure"), "procedure", codes)
    lines = Plan.of(batch.schema).lines(batch)
    addresses = {lines[name].indices.buffers()[1].address for name in ("technique", "regions", "procedure")}
    assert addresses == {codes.indices.buffers()[1].address}


def test_folders_and_their_names(tmp_path: Path) -> None:
    for state in ("FL", "TX"):
        folder = tmp_path / f"state={state}" / "year=2020"
        folder.mkdir(parents=True)
        pq.write_table(table(10).drop(["state"]), folder / "part-0.parquet")
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".part.crc").touch()
    (tmp_path / "readme.md").touch()
    claims = open_claims(tmp_path)
    assert [file.key for file in claims.files] == [
        "state=FL/year=2020/part-0.parquet",
        "state=TX/year=2020/part-0.parquet",
    ]
    assert claims.skipped == ("readme.md",)
    assert [file.rows for file in claims.files] == [10, 10]
    assert {line["jurisdiction"] for line in lines_of(tmp_path)} == {"US-FL", "US-TX"}


def test_keys_are_unique_and_no_file_counts_twice(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        pq.write_table(table(3), tmp_path / name / "claims.parquet")
    claims = open_claims([tmp_path / "a", tmp_path / "b"])
    assert len({file.key for file in claims.files}) == 2
    with pytest.raises(InputError, match="given twice"):
        open_claims([tmp_path / "a", tmp_path / "a" / "claims.parquet"])


@pytest.mark.parametrize("kind", ["parquet", "csv", "csv.gz", "ndjson", "x12"])
def test_reading_goes_on_where_it_stopped(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from handrail.audit import rows

    monkeypatch.setattr(streams, "PIECE", 700)
    monkeypatch.setattr(streams, "BLOCK", 4000)
    monkeypatch.setattr(tables, "ROWS", 5)
    monkeypatch.setattr(rows, "ROWS", 3)
    path = tmp_path / f"claims.{kind}"
    if kind == "parquet":
        pq.write_table(table(), path, row_group_size=12)
    elif kind == "ndjson":
        path.write_text("\n".join(json.dumps(row, default=str) for row in table().to_pylist()))
    elif kind == "x12":
        path.write_text(X12.read_text() * 4)
    else:
        pcsv.write_csv(table(), path.with_suffix(""))
        text = path.with_suffix("").read_text().replace('"C7"', '"C7",one,column,more')
        path.write_bytes(gzip.compress(text.encode()) if kind == "csv.gz" else text.encode())
    claims = open_claims(path)
    (file,) = claims.files
    whole = list(claims.batches(file))
    assert len(whole) > 2
    starts = [batch.first_row for batch in whole]
    assert starts == sorted(starts)
    assert all(b.first_row == a.first_row + a.rows for a, b in pairwise(whole))
    for number, start in enumerate(starts):
        again = list(claims.batches(file, start))
        assert [(b.first_row, b.rows, b.troubles) for b in again] == [
            (b.first_row, b.rows, b.troubles) for b in whole[number:]
        ]
        assert [b.lines for b in again] == [b.lines for b in whole[number:]]


FIELDS = st.text(st.sampled_from('ab"\n,\té€ '), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=30), st.integers(60, 400))
def test_csv_fields_come_through_whatever_they_hold(rows: list[tuple[str, str]], piece: int) -> None:
    """Quotes, line breaks, delimiters and blocks that end anywhere: no field changes, no row is lost."""
    import csv
    import io
    import tempfile

    from handrail.audit.csvs import Table, header

    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("one", "two"), *rows])
    kept = streams.PIECE
    streams.PIECE = piece
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.csv"
            path.write_text(text.getvalue(), encoding="utf-8", newline="")
            troubles = Troubles("a.csv")
            with streams.Bytes(path, troubles) as stream:
                names, delimiter = header(stream)
                read = Table(stream, names, ",", ["one", "two"], ["one"], troubles)
                found = [row for _, _, b in read.batches() if b is not None for row in b.to_pylist()]
    finally:
        streams.PIECE = kept
    assert names == ["one", "two"]
    assert delimiter in ",\t"
    assert troubles.take() == ()
    assert [(row["one"] or "", row["two"] or "") for row in found] == rows


@given(st.integers(10**8, 3 * 10**8 - 1))
def test_one_digit_in_ten_fits_an_npi(stem: int) -> None:
    def luhn(number: int) -> bool:
        digits = [int(d) for d in f"80840{number}"][::-1]
        return sum(d if n % 2 == 0 else sum(divmod(2 * d, 10)) for n, d in enumerate(digits)) % 10 == 0

    candidates = [stem * 10 + digit for digit in range(10)]
    found = npi.right(np.array(candidates)).tolist()
    assert found == [luhn(number) for number in candidates]
    assert found.count(True) == 1


@given(st.lists(st.integers(0, 2**20), max_size=8))
def test_several_bits(bits: list[int]) -> None:
    found = who.several(np.array(bits, dtype=np.uint32))
    assert found.tolist() == [value.bit_count() > 1 for value in bits]


def test_days_of_months_and_years(read: Any, plain: Callable[..., Path]) -> None:
    rows = [f"111N00000X,FL,98941,{pair}" for pair in ("2020-02,", "2021,", "20240105,", ",")]
    lines, _ = read(plain(*rows, header="taxonomy,state,procedure,service_from,service_to"))
    assert (lines[0]["service_from"], lines[0]["service_to"]) == (date(2020, 2, 1), date(2020, 2, 29))
    assert (lines[1]["service_from"], lines[1]["service_to"]) == (date(2021, 1, 1), date(2021, 12, 31))
    assert lines[2]["service_to"] == date(2024, 1, 5)
    assert lines[3]["unjudged"] == "no_day"
