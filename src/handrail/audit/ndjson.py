"""JSON lines in batches: one flat record in each line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.json as pj

from handrail.audit.layouts import layouts
from handrail.audit.streams import BLOCK, Bytes
from handrail.audit.troubles import Stop, Troubles

#: The columns of the plain layout, which readers of other structures fill.
PLAIN: tuple[str, ...] = tuple(
    name for role in layouts()["plain"].columns for name in layouts()["plain"].names(role)
)


def columns(stream: Bytes) -> list[str]:
    """The names in the first lines.

    Raises:
        Stop: if it is empty, no text, or no line in it is a record.
    """
    head = stream.text()
    whole = head[: head.rfind(b"\n") + 1] or head
    names: dict[str, None] = {}
    for line in whole.lstrip(b"\xef\xbb\xbf").splitlines():
        record = _record(line)
        if record is not None:
            names.update(dict.fromkeys(record))
    if not names:
        raise Stop("holds no JSON records, one in each line")
    return list(names)


def batches(
    stream: Bytes, wanted: list[str], troubles: Troubles
) -> Iterator[tuple[int, int, pa.RecordBatch | None]]:
    """First row, number of rows and the rows of each block; lines that are no record are told."""
    at = 0
    for block in stream.blocks():
        block = block.lstrip(b"\xef\xbb\xbf") if at == 0 else block
        try:
            table = pj.read_json(
                io.BytesIO(block),
                read_options=pj.ReadOptions(block_size=BLOCK + (1 << 20), use_threads=False),
            )
            if table.num_rows != _filled(block):
                raise pa.ArrowInvalid("a line holds several records")
            batch = _batch(table, wanted)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError):
            batch = _slowly(block, wanted, at, troubles)
        rows = _filled(block)
        if rows:
            yield at, rows, batch
        at += rows


def _filled(block: bytes) -> int:
    """The number of lines that are not blank."""
    return sum(1 for line in block.splitlines() if line.strip())


def _batch(table: pa.Table, wanted: list[str]) -> pa.RecordBatch:
    made = []
    for name in wanted:
        column = table.column(name).combine_chunks() if name in table.column_names else pa.nulls(table.num_rows)
        if pa.types.is_nested(column.type):
            raise pa.ArrowInvalid("nested")
        made.append(column.chunk(0) if isinstance(column, pa.ChunkedArray) else column)
    return pa.record_batch(made, names=wanted)


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _slowly(block: bytes, wanted: list[str], first: int, troubles: Troubles) -> pa.RecordBatch:
    """Line by line: for a block in which a line is no record, or a column mixes numbers and text."""
    rows: list[int] = []
    values: dict[str, list[str | None]] = {name: [] for name in wanted}
    number = first - 1
    for line in block.splitlines():
        if not line.strip():
            continue
        number += 1
        record = _record(line)
        if record is None or any(isinstance(record.get(name), dict | list) for name in wanted):
            what = "is no JSON record" if record is None else "holds lists or records where a value should be"
            troubles.add("json", number, what, rows=1)
            continue
        rows.append(number)
        for name in wanted:
            value = record.get(name)
            values[name].append(None if value is None else value if isinstance(value, str) else str(value))
    made = [pa.array(values[name], pa.string()) for name in wanted]
    return pa.record_batch([*made, pa.array(np.array(rows, dtype=np.int64))], names=[*wanted, "@row"])
