"""Batches of every shape are judged row by row alike: slices, nulls, types of columns, dictionaries."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handrail import compiled
from handrail.compiled import judging, records
from handrail.compiled.lines import cases
from handrail.decide import decide
from handrail.terms import InputError

DAY = date(2024, 3, 5)
VALUES: dict[str, list[str | None]] = {
    "jurisdiction": ["US-FL", "CA-ON", "US-WA", "US-VA", "US-XX", "", None],
    "profession": [
        "chiropractor",
        "massage_therapist",
        "physical_therapist",
        "unlicensed_person",
        "masseuse",
        None,
    ],
    "technique": [
        "thrust_spine",
        "soft_tissue",
        "soft_tissue|mobilization|thrust_spine|thrust_extremity",
        "thrust",
        "",
        None,
    ],
    "regions": ["", "cervical", "lumbar|cervical", "@dx", "extremity", "neck", None],
    "dx1": ["M81.0", "m810", "M54.5", "S12.000A", "M99.01", "M99.05", "I60.9", "nonsense", "", "Z79.01", None],
    "dx2": ["M99.03", "M50.00", "G95.89", "S12.000A", "C41.2", None],
}
DAYS: list[date | None] = [DAY, date(1998, 4, 1), date(2026, 7, 1), date(2028, 6, 30), date(1, 1, 1), None]
INDICES = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32()]
FIELDS = ("verdict", "leaning", "rule", "reason", "candidates")

rows_ = st.lists(
    st.fixed_dictionaries(
        {
            **{name: st.sampled_from(values) for name, values in VALUES.items()},
            "service_from": st.sampled_from(DAYS),
            "service_to": st.sampled_from(DAYS),
        }
    ),
    max_size=40,
)


def plainly(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """Rows in the simplest columns there are."""
    columns = {name: pa.array([row[name] for row in rows], pa.utf8()) for name in VALUES}
    for name in ("service_from", "service_to"):
        columns[name] = pa.array([row[name] for row in rows], pa.date32())
    return pa.RecordBatch.from_pydict(columns)


def answers(lines: pa.RecordBatch) -> list[tuple[Any, ...]]:
    """The answers, row by row, after Arrow itself has checked them."""
    found = compiled.judge(lines)
    found.validate(full=True)
    assert found.num_rows == lines.num_rows
    assert tuple(found.schema.names) == FIELDS
    return list(zip(*(found.column(name).to_pylist() for name in FIELDS), strict=True))


def one_by_one(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Each row judged alone."""
    return [answers(plainly([row]))[0] for row in rows]


def dictionary(values: list[str | None], draw: Any) -> pa.Array:
    """A column with some index type, values repeated, unused or null in its dictionary, and a slice of it."""
    words: list[str | None] = [*dict.fromkeys(v for v in values if v is not None), "unused", None]
    words += draw(st.lists(st.sampled_from(words), max_size=3))
    places: list[int | None] = []
    for value in values:
        where = [at for at, word in enumerate(words) if word == value]
        places.append(draw(st.sampled_from([*where, *([None] if value is None else [])])))
    before = draw(st.integers(0, 9))
    texts = pa.array(words, draw(st.sampled_from([pa.utf8(), pa.large_utf8(), pa.string_view()])))
    cut = draw(st.integers(0, 2))
    texts = pa.concat_arrays([texts.slice(0, cut), texts]).slice(cut) if cut else texts
    index = pa.array([*([None] * before), *places], draw(st.sampled_from(INDICES)))
    return pa.DictionaryArray.from_arrays(index, texts).slice(before)


@settings(max_examples=60)
@given(rows_, st.data())
def test_any_shape_gives_what_each_row_alone_gets(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    columns: dict[str, Any] = {}
    for name in VALUES:
        columns[name] = dictionary([row[name] for row in rows], data.draw)
    for name in ("service_from", "service_to"):
        values = [row[name] for row in rows]
        columns[name] = pa.array([None, *values], pa.date32()).slice(1)
    assert answers(pa.RecordBatch.from_pydict(columns)) == one_by_one(rows)


@settings(max_examples=40)
@given(rows_, st.integers(0, 40), st.integers(0, 40))
def test_slices(rows: list[dict[str, Any]], low: int, size: int) -> None:
    whole = plainly(rows)
    encoded = pa.RecordBatch.from_pydict(
        {
            name: whole.column(name) if name.startswith("service") else whole.column(name).dictionary_encode()
            for name in whole.schema.names
        }
    )
    low = min(low, len(rows))
    assert (
        answers(encoded.slice(low, size)) == answers(encoded)[low : low + size] == answers(whole.slice(low, size))
    )


@given(rows_.filter(bool))
@settings(max_examples=40)
def test_dictionaries_may_differ_between_batches(rows: list[dict[str, Any]]) -> None:
    backwards = list(reversed(rows))
    assert answers(plainly(rows)) == list(reversed(answers(plainly(backwards))))


def test_an_empty_batch() -> None:
    assert answers(plainly([])) == []
    encoded = {name: pa.array([], pa.utf8()).dictionary_encode() for name in VALUES}
    assert answers(pa.RecordBatch.from_pydict({**encoded, "service_from": pa.array([], pa.date32())})) == []


LINE: dict[str, Any] = {
    "jurisdiction": "US-FL",
    "profession": "chiropractor",
    "technique": "thrust_spine",
    "regions": "cervical",
    "dx1": "M54.5",
    "dx2": None,
    "service_from": DAY,
    "service_to": DAY,
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"jurisdiction": None}, "no_place"),
        ({"jurisdiction": "Florida"}, "unknown_place"),
        ({"profession": None}, "no_profession"),
        ({"profession": "masseuse"}, "unknown_profession"),
        ({"technique": None}, "no_technique"),
        ({"technique": ""}, "no_technique"),
        ({"technique": "thrust"}, "unknown_technique"),
        ({"technique": "thrust_spine|thrust"}, "unknown_technique"),
        ({"regions": "neck"}, "unknown_region"),
        ({"regions": "extremity"}, "region_of_another_technique"),
        ({"regions": "cervical|extremity"}, "region_of_another_technique"),
        ({"service_from": None}, "no_day"),
        ({"service_to": date(2024, 3, 4)}, "bad_day"),
        ({"jurisdiction": "US-XX", "service_from": None}, "unknown_place"),
    ],
)
def test_what_cannot_be_judged_says_why(change: dict[str, Any], reason: str) -> None:
    found = answers(plainly([LINE, {**LINE, **change}]))
    assert found[0][0] != "not_judged"
    assert found[1] == ("not_judged", None, None, reason, None)
    assert reason in compiled.REASONS


def test_columns_may_be_left_out() -> None:
    lines = plainly([LINE])
    few = lines.select(["jurisdiction", "profession", "technique", "regions", "service_from"])
    assert answers(few) == answers(lines)
    assert answers(few.append_column("dx1", pa.nulls(1))) == answers(lines)
    assert answers(lines.append_column("note", pa.array([{"a": 1}]))) == answers(lines)


@pytest.mark.parametrize(
    "days",
    [
        pa.array([DAY], pa.date64()),
        pa.array([datetime(2024, 3, 5, 23, 59)], pa.timestamp("us")),  # noqa: DTZ001  (without a zone)
        pa.array([datetime(2024, 3, 5)], pa.timestamp("s")),  # noqa: DTZ001
        # Half past eleven in the evening in Florida, and already the next day in Greenwich.
        pa.array([datetime(2024, 3, 6, 4, 30, tzinfo=UTC)], pa.timestamp("ns", tz="America/New_York")),
        pa.array([DAY], pa.date32()).dictionary_encode().cast(pa.date32()),
    ],
)
def test_kinds_of_days(days: pa.Array) -> None:
    lines = plainly(
        [{**LINE, "jurisdiction": "US-VA", "profession": "physical_therapist", "technique": "mobilization"}]
    )
    at = lines.schema.get_field_index("service_from")
    assert answers(lines.set_column(at, "service_from", days)) == answers(lines)


@pytest.mark.parametrize(
    ("name", "column", "message"),
    [
        ("service_from", pa.array(["2024-03-05"]), "column service_from: is string, and must be a date"),
        ("service_to", pa.array([20240305]), "column service_to: is int64, and must be a date"),
        ("jurisdiction", pa.array([12]), "column jurisdiction: is int64, and must be text"),
        ("dx2", pa.array([["M81.0"]]), r"column dx2: is list<.*>, and must be text"),
        ("technique", pa.array([1]).dictionary_encode(), "column technique: is a dictionary of int64"),
    ],
)
def test_columns_of_another_type(name: str, column: pa.Array, message: str) -> None:
    lines = plainly([LINE])
    with pytest.raises(InputError, match=message):
        compiled.judge(lines.set_column(lines.schema.get_field_index(name), name, column))


@pytest.mark.parametrize("name", ["jurisdiction", "regions", "service_from"])
def test_a_column_that_is_missing(name: str) -> None:
    with pytest.raises(InputError, match=f"column {name}: is missing"):
        compiled.judge(plainly([LINE]).drop_columns([name]))


def test_a_column_that_is_there_twice() -> None:
    lines = plainly([LINE])
    with pytest.raises(InputError, match="column dx1: is there more than once"):
        compiled.judge(lines.append_column("dx1", lines.column("dx1")))


def test_days_outside_the_calendar() -> None:
    lines = plainly([LINE, LINE])
    days = pa.array([-800_000, 2**31 - 1], pa.int32()).cast(pa.date32())
    at = lines.schema.get_field_index("service_from")
    found = answers(lines.set_column(at, "service_from", days).drop_columns(["service_to"]))
    assert [row[3] for row in found] == ["bad_day", "bad_day"]


def many(rows: int, seed: int = 5) -> pa.RecordBatch:
    """Rows enough for several blocks and threads, with shared indices as a reader makes them."""
    random = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for name, values in VALUES.items():
        index = pa.array(
            random.integers(0, len(values) - 1, rows).astype(np.int32), mask=random.random(rows) < 0.1
        )
        columns[name] = pa.DictionaryArray.from_arrays(index, pa.array(values[:-1]))
    procedure = pa.array(random.integers(0, 3, rows).astype(np.int32))
    columns["technique"] = pa.DictionaryArray.from_arrays(procedure, pa.array(VALUES["technique"][:3]))
    columns["regions"] = pa.DictionaryArray.from_arrays(procedure, pa.array(["cervical", "", "@dx"]))
    days = random.integers(10_000, 21_500, rows).astype(np.int32)
    columns["service_from"] = pa.array(days, pa.int32()).cast(pa.date32())
    columns["service_to"] = pa.array(days + random.integers(0, 3, rows).astype(np.int32)).cast(pa.date32())
    return pa.RecordBatch.from_pydict(columns)


def test_threads_give_what_one_thread_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = many(3 * records.BLOCK + 77)
    alone = compiled.judge(lines)
    monkeypatch.setattr(judging, "ROWS_PER_THREAD", 1000)
    monkeypatch.setattr(judging, "threads", lambda: 3)
    assert compiled.judge(lines).equals(alone)
    parts = [compiled.judge(lines.slice(low, 1000)) for low in range(0, lines.num_rows, 1000)]
    # Dictionaries of candidates may have grown: texts are compared.
    for name in FIELDS:
        assert pa.chunked_array([p.column(name).cast(pa.utf8()) for p in parts]).to_pylist() == (
            alone.column(name).to_pylist()
        )


def test_several_threads_may_judge_at_once() -> None:
    batches = [many(5000, seed) for seed in range(6)]
    alone = [answers(lines) for lines in batches]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(answers, batches)) == alone


def test_all_ways_through_the_kernel_agree() -> None:
    """Rows without nulls and with 32-bit indices take a shorter way."""
    lines = many(records.BLOCK + 9)
    for name in ("jurisdiction", "profession"):
        filled = pc.fill_null(
            lines.column(name).cast(pa.utf8()), "US-FL" if name == "jurisdiction" else "chiropractor"
        )
        lines = lines.set_column(lines.schema.get_field_index(name), name, filled.dictionary_encode())
    lines = lines.drop_columns(["service_to"])
    narrow = lines
    for name in ("jurisdiction", "profession", "technique", "regions"):
        column = lines.column(name)
        slim = pa.DictionaryArray.from_arrays(column.indices.cast(pa.int8()), column.dictionary)
        narrow = narrow.set_column(narrow.schema.get_field_index(name), name, slim)
    assert answers(lines) == answers(narrow)


def test_the_threads_of_numba_are_honoured() -> None:
    code = "from handrail.compiled.judging import threads; print(threads())"
    env = {**os.environ, "NUMBA_NUM_THREADS": "1"}
    assert subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True).stdout == "1\n"


def test_warming_up_leaves_everything_as_it_is() -> None:
    before = answers(plainly([LINE]))
    compiled.warm()
    assert answers(plainly([LINE])) == before


def test_one_line_as_cases() -> None:
    asked = (
        "US-FL",
        "chiropractor",
        "soft_tissue|thrust_spine|thrust_extremity",
        "@dx",
        DAY,
        DAY,
        ["M99.01", "M81.0"],
    )
    found = cases(*asked)
    assert [(case.technique, case.region) for case in found] == [
        ("soft_tissue", ("cervical",)),
        ("thrust_spine", ("cervical",)),
    ]
    row = {**LINE, "technique": asked[2], "regions": "@dx", "dx1": "M99.01", "dx2": "M81.0"}
    said = answers(plainly([row]))[0][4].split("; ")
    assert [text.split(": ")[1].split(",")[0] for text in said] == [decide(case).verdict for case in found]
    with pytest.raises(InputError, match=r"^no technique of the line has all its regions: extremity, cervical$"):
        cases("US-FL", "chiropractor", "thrust_extremity", "extremity|cervical", DAY)
    with pytest.raises(InputError, match="neck"):
        cases("US-FL", "chiropractor", "thrust_spine", "neck", DAY)
    with pytest.raises(InputError, match=r"^the line names no technique$"):
        cases("US-FL", "chiropractor", "", "neck", DAY)
    with pytest.raises(InputError, match="thrust_xyz"):
        cases("US-FL", "chiropractor", "thrust_xyz", "", DAY)
    with pytest.raises(InputError, match=r"ends .* before it begins"):
        cases("US-FL", "chiropractor", "thrust_spine", "", DAY, date(2024, 3, 1))
