"""Rows that hold several lines, and small files that lie beside the claims."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from handrail.audit.columns import encoded, indices
from handrail.audit.layouts import Beside
from handrail.terms import InputError

if TYPE_CHECKING:
    from handrail.audit.plan import Plan


def unfold(batch: pa.RecordBatch, plan: Plan, first: Any) -> tuple[pa.RecordBatch, Any]:
    """One row per line, named as the plan names the columns, and the number of the row that each came from.

    A line is there where its procedure is; the others are room, not lines.
    """
    lines = range(1, plan.kind.lines + 1)
    procedures = [_at(plan, "procedure", n) for n in lines]
    there = np.array([_filled(encoded(batch.column(name), name)) for name in procedures])
    number, row = np.nonzero(there.reshape(len(procedures), -1))
    order = np.lexsort((number, row))
    number, row = number[order], row[order]
    made: dict[str, pa.Array] = {}
    for name in dict.fromkeys(name for names in plan.columns.values() for name in names):
        if "{n}" in name:
            parts = [batch.column(name.replace("{n}", str(n))) for n in lines]
            made[name] = _joined(parts, name).take(pa.array(number * batch.num_rows + row))
        else:
            made[name] = batch.column(name).take(pa.array(row))
    if "line" not in plan.columns:
        made["@line"] = pa.array((number + 1).astype(np.int32))
    return pa.record_batch(list(made.values()), names=list(made)), first[row]


def _at(plan: Plan, role: str, number: int) -> str:
    return plan.columns[role][0].replace("{n}", str(number))


def _filled(column: pa.DictionaryArray) -> Any:
    words = [bool((value or "").strip()) for value in column.dictionary.to_pylist()]
    return np.array([*words, False])[indices(column)]


def _joined(parts: list[pa.Array], name: str) -> pa.Array:
    if pa.types.is_dictionary(parts[0].type):
        whole = pa.chunked_array([encoded(part, name) for part in parts])
        return pa.concat_arrays(whole.unify_dictionaries().chunks)
    return pa.concat_arrays(parts)


def beside(folder: Path, what: Beside) -> dict[str, str]:
    """What the keys of a small CSV file mean.

    Raises:
        InputError: if it cannot be read or lacks a column.
    """
    path = folder / what.file
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            names = {name.casefold(): name for name in rows.fieldnames or ()}
            for wanted in (what.key, what.value):
                if wanted.casefold() not in names:
                    raise InputError(f"lacks the column {wanted}", where=str(path))
            key, value = names[what.key.casefold()], names[what.value.casefold()]
            return {row[key]: row[value] or "" for row in rows if row.get(key)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read ({type(error).__name__})", where=str(path)) from None
