"""Bad files: each fault a clear line with file and row, counted, nothing dropped silently."""

from __future__ import annotations

import gzip
import resource
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from handrail.audit import NOTES, UNJUDGED, open_claims, streams
from handrail.audit.columns import harmless
from handrail.terms import InputError

PLAIN = "claim,line,npi,taxonomy,state,procedure,modifiers,service_from,service_to,dx1,dx2,amount"
#: A line that can be judged: a chiropractor in Florida, spinal manipulation, the neck by its diagnosis.
GOOD = "C1,1,1234567893,111N00000X,FL,98941,AT,2024-01-05,2024-01-05,M99.01,,50.10"
X12 = Path(__file__).parents[1] / "cases" / "audit" / "claims.837"


def told(troubles: list[Any]) -> list[str]:
    return [str(trouble) for trouble in troubles]


def table(rows: int = 10) -> pa.Table:
    values = GOOD.split(",")
    columns = {name: pa.array([value] * rows) for name, value in zip(PLAIN.split(","), values, strict=True)}
    return pa.table(columns)


def test_ragged_rows_are_named_and_counted(read: Any, plain: Callable[..., Path]) -> None:
    broken = '"C\n4"' + GOOD[2:]
    path = plain(GOOD, "short,row", GOOD, broken, GOOD + ",more", GOOD)
    lines, troubles = read(path)
    assert told(troubles) == [
        "claims.csv, row 2: has 2 columns, not 12",
        "claims.csv, row 5: has 13 columns, not 12",
    ]
    assert [trouble.rows for trouble in troubles] == [1, 1]
    assert [line["row"] for line in lines] == [0, 2, 3, 5]
    assert lines[2]["claim"] == "C\n4"


def test_many_bad_rows_are_all_counted(read: Any, plain: Callable[..., Path]) -> None:
    lines, troubles = read(plain(*([GOOD] * 1500 + ["short"] * 1200)))
    assert len(lines) == 1500
    assert sum(trouble.rows for trouble in troubles) == 1200
    assert len(troubles) == 1001  # a thousand one by one, the rest in one


def test_a_quote_that_is_never_closed(read: Any, plain: Callable[..., Path]) -> None:
    lines, troubles = read(plain(GOOD, GOOD, '"C3' + GOOD[2:], GOOD, GOOD))
    assert [line["row"] for line in lines] == [0, 1]
    assert any("odd number of quotes" in text for text in told(troubles))


def test_an_inch_mark_does_no_harm(read: Any, plain: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PIECE", 900)
    monkeypatch.setattr(streams, "QUOTED", 300)
    lines, _ = read(plain(*[GOOD] * 20, 'C5"' + GOOD[2:], *[GOOD] * 40))
    assert len(lines) == 61


def test_an_unreadable_row_group_costs_its_rows_only(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "claims.parquet"
    pq.write_table(table(40), path, row_group_size=10, compression="gzip")
    chunk = pq.ParquetFile(path).metadata.row_group(2).column(3)
    start = chunk.dictionary_page_offset
    raw = bytearray(path.read_bytes())
    raw[start : start + chunk.total_compressed_size] = b"\x00" * chunk.total_compressed_size
    path.write_bytes(raw)
    lines, troubles = read(path)
    assert [line["row"] for line in lines] == [*range(20), *range(30, 40)]
    assert len(troubles) == 1
    assert str(troubles[0]).startswith("claims.parquet, row 21 (row group 3): 10 rows cannot be read")
    assert troubles[0].rows == 10
    claims = open_claims(path)
    assert [(b.first_row, b.rows) for b in claims.batches(claims.files[0])] == [
        (0, 10),
        (10, 10),
        (20, 10),
        (30, 10),
    ]


def test_a_damaged_footer(tmp_path: Path, read: Any) -> None:
    for name in ("a", "b"):
        pq.write_table(table(5), tmp_path / f"{name}.parquet")
    (tmp_path / "a.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-4])
    lines, troubles = read(tmp_path)
    assert len(lines) == 5
    assert "a.parquet: is no Parquet file that can be read" in told(troubles)[0]
    assert troubles[0].rows is None


def test_a_column_of_another_type_in_file_7_of_20(tmp_path: Path, read: Any) -> None:
    for number in range(1, 21):
        made = table(2)
        if number == 7:
            made = made.set_column(11, "amount", pa.array(["a lot", "7.5"]))
            made = made.set_column(7, "service_from", pa.array([20240105, 20240199]))
        else:
            made = made.set_column(11, "amount", pa.array([7.5, 7.5]))
        if number == 9:
            made = made.set_column(9, "dx1", pa.array([["M54.5"], []]))
        if number == 11:
            made = made.drop(["procedure"])
        pq.write_table(made, tmp_path / f"part-{number:02d}.parquet")
    lines, troubles = read(tmp_path)
    assert len(lines) == 36
    assert told(troubles) == [
        "part-07.parquet: the column service_from is int64, and string in part-01.parquet",
        "part-07.parquet: the column amount is string, and double in part-01.parquet",
        "part-09.parquet: the column dx1 holds lists or records (list<element: string>), not values",
        "part-11.parquet: is of no known layout; nearest is plain, which lacks procedure. Columns seen: "
        "claim, line, npi, taxonomy, state, modifiers, service_from, service_to, dx1, dx2, amount. "
        "Use --map procedure=COLUMN",
    ]
    seventh = lines[12:14]
    assert seventh[0]["notes"] == "likely bad_amount"
    assert seventh[0]["service_from"] == date(2024, 1, 5)
    assert seventh[1]["unjudged"] == "bad_day"


def test_empty_files(tmp_path: Path, read: Any, plain: Callable[..., Path]) -> None:
    plain(GOOD, name="good.csv")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "empty.parquet").touch()
    (tmp_path / "blank.ndjson").write_text("\n\n")
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(b""))
    (tmp_path / "header.csv").write_text(PLAIN + "\n")
    lines, troubles = read(tmp_path)
    assert len(lines) == 1
    assert sorted(told(troubles)) == [
        "blank.ndjson: is empty",
        "empty.csv: is empty",
        "empty.parquet: is empty",
        "packed.csv.gz: is empty",
    ]


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_gigabytes_of_zeros_cost_no_memory(tmp_path: Path, read: Any, kind: str) -> None:
    """Zeros pack a thousandfold: reading stops, says why, and what came before is judged."""
    good = "\n".join([PLAIN, *[GOOD] * 100]) + "\n"
    zeros = bytes(64 << 20)
    path = tmp_path / f"bomb.csv.{kind}"
    if kind == "gz":
        with gzip.open(path, "wb", compresslevel=1) as file:
            file.write(good.encode())
            for _ in range(4):
                file.write(zeros)
    else:
        with path.open("wb") as out, zstandard.ZstdCompressor(level=1).stream_writer(out) as packer:
            packer.write(good.encode())
            for _ in range(4):
                packer.write(zeros)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines, troubles = read(path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 250 * 1024  # KiB; the file unpacks to 256 MiB here, and would be stopped the same at 10 GiB
    assert len(lines) == 100
    assert len(troubles) == 1
    assert "not read further" in str(troubles[0])
    assert troubles[0].rows is None


def test_a_bomb_of_short_lines_is_stopped_by_its_ratio(
    tmp_path: Path, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "RATIO_FROM", 1 << 20)
    monkeypatch.setattr(streams, "PIECE", 1 << 18)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress((PLAIN + "\n" + (GOOD + "\n") * 60_000).encode()))
    monkeypatch.setattr(streams, "MAX_RATIO", 100)
    lines, troubles = read(path)
    assert 0 < len(lines) < 60_000
    assert "unpacks to more than 100 times its size" in str(troubles[-1])
    assert troubles[-1].row == len(lines)


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_a_packed_file_that_was_cut_off(tmp_path: Path, read: Any, ending: str) -> None:
    rng = np.random.default_rng(1)
    rows = [GOOD.replace("C1", f"C{number}") for number in rng.integers(0, 10**9, 50_000)]
    raw = ("\n".join([PLAIN, *rows]) + "\n").encode()
    packed = gzip.compress(raw) if ending == "gz" else zstandard.compress(raw)
    path = tmp_path / f"claims.csv.{ending}"
    path.write_bytes(packed[: len(packed) // 2])
    lines, troubles = read(path)
    assert 0 < len(lines) < 50_000
    assert troubles
    assert troubles[-1].rows is None


def test_bytes_that_are_not_utf8_are_told_with_their_line(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "latin.csv"
    rows = [GOOD.replace("C1", name) for name in ("Cé", "C2", "Cü€", "C4")]
    raw = "\n".join([PLAIN, *rows]).encode("utf-8").replace("Cé".encode(), b"C\xe9")
    path.write_bytes(raw + b"\n")
    lines, troubles = read(path)
    assert [line["claim"] for line in lines] == ["C\ufffd", "C2", "Cü€", "C4"]
    assert told(troubles) == ["latin.csv (line 2): holds bytes that are not UTF-8; they are read as \ufffd"]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ((PLAIN + "\n" + GOOD).encode("utf-16"), "is UTF-16, not UTF-8"),
        (b"PK\x03\x04 and so on", "ZIP archive or a spreadsheet"),
        (b"claim,line\x00\x00\x00", "is binary"),
        (b"claim,procedure,procedure,service_from,state,taxonomy\na,b,c,d,e,f\n", "'procedure' more than once"),
        (b"clam,lin\n1,2\n", "is of no known layout"),
        (b"claim,procedur,service_from,state,taxonomy\n1,2,3,4,5\n", "Did you mean procedur"),
    ],
)
def test_files_that_are_no_claims(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=message) as error:
        _ = open_claims(path).plan
    assert str(error.value).startswith("claims.csv: ")


def test_paths_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        open_claims(tmp_path / "nothing.csv")
    with pytest.raises(InputError, match="no claim files are found"):
        open_claims(tmp_path)
    (tmp_path / "notes.doc").write_text("text")
    with pytest.raises(InputError, match="--format"):
        open_claims(tmp_path / "notes.doc")
    (tmp_path / "a.csv").write_text(PLAIN + "\n")
    with pytest.raises(InputError, match="there is no such file"):
        open_claims(tmp_path / "a.csv", providers=tmp_path / "npi.csv")


def test_formulas_are_data(read: Any, plain: Callable[..., Path]) -> None:
    lines, troubles = read(plain('"=HYPERLINK(""x"")",1,' + GOOD.split(",", 2)[2], "+1,@SUM" + GOOD[4:]))
    assert troubles == []
    assert lines[0]["claim"] == '=HYPERLINK("x")'
    assert lines[1]["claim"] == "+1"
    exported = harmless(pa.array([lines[0]["claim"], "@SUM(A1)", "+1", None, "C1"]))
    assert exported.to_pylist() == ['\'=HYPERLINK("x")', "'@SUM(A1)", "+1", None, "C1"]


@pytest.mark.parametrize(
    ("day", "unjudged"),
    [
        ("1900-01-05", "bad_day"),
        ("1979-12-31", "bad_day"),
        ("1980-01-01", None),
        ("2049-12-31", None),
        ("2090-01-05", "bad_day"),
        ("2023-02-29", "bad_day"),
        ("31/12/2023", "bad_day"),
        ("yesterday", "bad_day"),
        ("", "no_day"),
    ],
)
def test_days_outside_the_window_are_not_judged(
    read: Any, plain: Callable[..., Path], day: str, unjudged: str | None
) -> None:
    lines, troubles = read(plain(GOOD.replace("2024-01-05,2024-01-05", f"{day},{day}"), GOOD))
    assert troubles == []
    assert lines[0].get("unjudged") == unjudged
    assert ("service_from" in lines[0]) == (unjudged is None)
    assert "unjudged" not in lines[1]


def test_a_service_cannot_end_before_it_begins(read: Any, plain: Callable[..., Path]) -> None:
    lines, _ = read(plain(GOOD.replace("2024-01-05,2024-01-05", "2024-01-05,2024-01-04")))
    assert lines[0]["unjudged"] == "bad_day"


@pytest.mark.parametrize(
    ("number", "bad"),
    [
        ("1234567893", False),
        ("1234567890", True),
        ("123456789", True),
        ("12345678931", True),
        ("abc", True),
        ("3234567891", True),
        ("", False),
        (" 1234567893 ", False),
    ],
)
def test_check_digits(read: Any, plain: Callable[..., Path], number: str, bad: bool) -> None:
    lines, _ = read(plain(GOOD.replace("1234567893", number)))
    assert ("bad_npi" in lines[0]["notes"]) == bad
    assert "unjudged" not in lines[0]  # told, and judged all the same


@pytest.mark.parametrize(
    ("old", "new", "unjudged"),
    [
        ("98941", "", "no_procedure"),
        ("98941", "99213", "unmapped_procedure"),
        ("98941", "97112", "no_manual_technique"),
        (",FL,", ",ZZ,", "unknown_place"),
        (",FL,", ",,", "unknown_place"),
        ("111N00000X", "", "unknown_provider"),
        ("111N00000X", "207R00000X", "unmapped_provider"),
        ("111N00000X", "208100000X", "ambiguous_profession"),
        ("111N00000X", "163WM1400X", "ambiguous_profession"),
        ("111N00000X", "213E00000X", "profession_not_in_law"),
    ],
)
def test_why_lines_are_not_judged(
    read: Any, plain: Callable[..., Path], old: str, new: str, unjudged: str
) -> None:
    lines, troubles = read(plain(GOOD, GOOD.replace(old, new)))
    assert troubles == []
    assert "unjudged" not in lines[0]
    assert lines[1]["unjudged"] == unjudged


def test_regions_that_are_none_of_ours_are_named(read: Any, plain: Callable[..., Path]) -> None:
    rows = [
        GOOD.replace("M99.01,", f"M99.01,{code}") for code in ("M99.00", "m9905", "M99.08", "M99.09", "M99.03")
    ]
    massage = GOOD.replace("98941", "97124").replace("M99.01", "M99.05")
    lines, _ = read(plain(*rows, massage))
    assert [line.get("notes") for line in lines] == [
        "likely region_head",
        "likely region_pelvic",
        "likely region_rib_cage",
        "likely region_abdomen_viscera",
        "likely",
        None,  # massage is not asked where
    ]


def test_amounts_that_are_no_numbers(read: Any, plain: Callable[..., Path]) -> None:
    rows = [GOOD.replace("50.10", amount) for amount in ("n/a", '"$1,234.50"', "-3", "", "1e3")]
    lines, _ = read(plain(*rows))
    assert [line.get("amount") for line in lines] == [None, 1234.5, -3, None, 1000]
    assert ["bad_amount" in line["notes"] for line in lines] == [True, False, False, False, False]


def test_x12_that_is_cut_off_or_institutional(tmp_path: Path, read: Any) -> None:
    text = X12.read_text()
    cut = tmp_path / "cut.837"
    cut.write_text(text[: text.index("LX*3~")])
    lines, troubles = read(cut)
    assert len(lines) == 2
    assert "ends within an interchange" in told(troubles)[-1]
    other = tmp_path / "hospital.837"
    other.write_text(text.replace("005010X222A1", "005010X223A2"))
    lines, troubles = read(other)
    assert lines == []
    assert "a transaction 005010X223A2 is no 837P: its claims are not read" in told(troubles)[0]
    nothing = tmp_path / "nothing.837"
    nothing.write_text("hello")
    _, troubles = read(nothing)
    assert "is no X12 interchange" in told(troubles)[0]


def test_every_reason_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")
    for name, sentence in (*UNJUDGED.items(), *NOTES.items()):
        assert f"| `{name}` | {sentence} |" in page
