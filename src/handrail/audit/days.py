"""The days of service of a batch: first and last, and where there is none that can be."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from handrail.audit.columns import encoded, indices, parse_days

if TYPE_CHECKING:
    from handrail.audit.plan import Plan

_EPOCH = date(1970, 1, 1).toordinal()
_NO_DAY = np.iinfo(np.int32).min
_BAD_DAY = np.iinfo(np.int32).min + 1


def of(batch: pa.RecordBatch, plan: Plan) -> tuple[pa.Array, pa.Array, Any, Any]:
    """First and last day (date32), where no day is given, and where it can be none (None: nowhere)."""
    low, high = (day.toordinal() - _EPOCH for day in plan.window)
    first, last = _one(batch, plan, "service_from"), _one(batch, plan, "service_to")
    if first is None:
        first = _one(batch, plan, "year") or _years(plan, batch.num_rows)
    start, end = first[0], (last or first)[1]
    if isinstance(start, pa.Array) and isinstance(end, pa.Array) and _plausible(start, end, low, high):
        return start, end, None, None
    begin, close = _days(start), _days(end)
    close = np.where(close == _NO_DAY, _days(first[1]), close)
    absent = begin == _NO_DAY
    bad = ~absent & ((begin == _BAD_DAY) | (close == _BAD_DAY) | (begin < low) | (close > high) | (close < begin))
    gone = absent | bad
    days = [
        pa.array(np.where(gone, 0, values), pa.int32(), mask=gone).cast(pa.date32()) for values in (begin, close)
    ]
    return days[0], days[1], absent if absent.any() else None, bad if bad.any() else None


def _plausible(start: pa.Array, end: pa.Array, low: int, high: int) -> bool:
    """Whether all days are there, in the window and in order, told without a pass per question."""
    if start.null_count or end.null_count or not len(start):
        return False
    ends = [pc.min_max(column.cast(pa.int32())).as_py() for column in (start, end)]
    if ends[0]["min"] < low or ends[1]["max"] > high:
        return False
    return start is end or not bool(np.any(np.asarray(end.cast(pa.int32())) < np.asarray(start.cast(pa.int32()))))


def _days(column: Any) -> Any:
    """Days since 1970 as int32."""
    if isinstance(column, np.ndarray):
        return column
    return np.asarray(column.cast(pa.int32()).fill_null(_NO_DAY))


def _years(plan: Plan, rows: int) -> tuple[Any, Any]:
    year = plan.year or 1
    first, last = (
        np.full(rows, day.toordinal() - _EPOCH, np.int32) for day in (date(year, 1, 1), date(year, 12, 31))
    )
    return first, last


def _one(batch: pa.RecordBatch, plan: Plan, role: str) -> tuple[Any, Any] | None:
    """A column's first and last days: one array twice if they are days, else int32 of days and marks."""
    names = plan.columns.get(role)
    if not names:
        return None
    column = batch.column(names[0])
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        dates = pc.cast(column, pa.date32(), safe=False) if column.type != pa.date32() else column
        return dates, dates
    found = encoded(column, names[0])
    table = plan.remembered(role, _table)(found.dictionary)
    places = indices(found)
    return table[0][places], table[1][places]


def _table(dictionary: pa.Array) -> tuple[Any, Any]:
    pairs = []
    for value in dictionary.to_pylist():
        word = (value or "").strip()
        pairs.append((parse_days(word) or (_BAD_DAY, _BAD_DAY)) if word else (_NO_DAY, _NO_DAY))
    pairs.append((_NO_DAY, _NO_DAY))
    array = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    return array[:, 0].copy(), array[:, 1].copy()
