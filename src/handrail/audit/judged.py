"""The one function of every engine: rows of a claim file in, judged lines out.

It is pure: the same rows, plan and knowledge give the same lines, in whatever process it runs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from handrail.audit.cited import citations
from handrail.audit.fast import compact, overlay, places
from handrail.audit.layouts import MOST_DIAGNOSES
from handrail.audit.plan import Plan
from handrail.audit.reasons import UNJUDGED
from handrail.compiled import NOT_JUDGED, REASONS, judge

_TEXT = pa.dictionary(pa.int32(), pa.string())
#: Why a line came out as it did: the kernel's reasons, and why a line could not even be asked.
WHY: dict[str, str] = {**REASONS, **{name: text for name, text in UNJUDGED.items() if name not in REASONS}}
_WHY = {name: number for number, name in enumerate(WHY)}

#: The columns of a judged line, in order.
SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64()),
        pa.field("claim", pa.string()),
        pa.field("line", pa.int32()),
        pa.field("npi", _TEXT),
        pa.field("service_from", pa.date32()),
        pa.field("service_to", pa.date32()),
        pa.field("jurisdiction", _TEXT),
        pa.field("profession", _TEXT),
        pa.field("procedure", _TEXT),
        pa.field("modifiers", _TEXT),
        pa.field("technique", _TEXT),
        pa.field("regions", _TEXT),
        *(pa.field(f"dx{number}", _TEXT) for number in range(1, MOST_DIAGNOSES + 1)),
        pa.field("amount", pa.float64()),
        pa.field("verdict", _TEXT),
        pa.field("leaning", _TEXT),
        pa.field("rule", _TEXT),
        pa.field("reason", _TEXT),
        pa.field("citation", _TEXT),
        pa.field("candidates", _TEXT),
        pa.field("notes", _TEXT),
    ]
)
#: The columns of ``findings.parquet``.
FINDINGS = pa.schema([pa.field("file", _TEXT), *SCHEMA])


def judge_batch(batch: pa.RecordBatch, plan: Plan, first_row: int = 0) -> pa.RecordBatch:
    """Judged lines of some rows of a claim file, with the columns of SCHEMA.

    Args:
        batch: rows as the file has them.
        plan: how they become lines.
        first_row: the number of the first of them in its file, from 0.

    Raises:
        InputError: if a column that the plan wants is not there, or holds lists or records.
    """
    lines = plan.lines(batch, first_row)
    return whole(lines, answers(lines, plan))


def answers(lines: pa.RecordBatch, plan: Plan) -> pa.RecordBatch:
    """Verdict, leaning, rule, reason and candidates of canonical lines; what cannot be asked is not judged."""
    answered = judge(lines, codes=plan.codes)
    unjudged = lines.column("unjudged")
    verdict, reason = (_codes(answered.column(name)) for name in ("verdict", "reason"))
    others = {name: answered.column(name) for name in ("leaning", "rule", "candidates")}
    bits = {name: _bits(column) for name, column in others.items()}
    over = np.array([_WHY[word] for word in unjudged.dictionary.to_pylist()], np.uint8)
    recode = np.array([_WHY[word] for word in answered.column("reason").dictionary.to_pylist()], np.uint8)
    code = answered.column("verdict").dictionary.to_pylist().index(NOT_JUDGED)
    overlay(*places(unjudged), over, recode, code, verdict, reason, *bits.values())
    made = {
        name: _over(column.indices.type, column.indices, bits[name], column.dictionary)
        for name, column in others.items()
    }
    made["verdict"] = _over(pa.int8(), verdict, None, answered.column("verdict").dictionary)
    made["reason"] = _over(pa.int8(), reason, None, _words())
    names = answered.schema.names
    return pa.RecordBatch.from_arrays([made[name] for name in names], names)


def _codes(column: pa.DictionaryArray) -> Any:
    """A column without nulls as codes, in memory of its own."""
    return np.asarray(column.indices).astype(np.uint8)


def _bits(column: pa.DictionaryArray) -> Any:
    """Bits of what is there in a column, in memory of their own, from the first bit."""
    indices = column.indices
    if indices.buffers()[0] is not None and indices.offset == 0:
        return np.frombuffer(indices.buffers()[0], np.uint8)[: (len(indices) + 7) // 8].copy()
    return np.packbits(np.asarray(indices.is_valid()), bitorder="little")


def _over(kind: pa.DataType, values: Any, bits: Any, words: pa.Array) -> pa.DictionaryArray:
    """A dictionary column from codes or indices without an offset, and bits of what is there."""
    rows = len(values)
    data = pa.py_buffer(values) if isinstance(values, np.ndarray) else _data(values)
    buffers = [None if bits is None else pa.py_buffer(bits), data]
    nulls = 0 if bits is None else -1
    return pa.DictionaryArray.from_buffers(
        pa.dictionary(kind, pa.string()), rows, buffers, words, null_count=nulls
    )


def _data(indices: pa.Array) -> pa.Buffer:
    width = indices.type.bit_width // 8
    return indices.buffers()[1].slice(indices.offset * width, len(indices) * width)


def whole(lines: pa.RecordBatch, answered: pa.RecordBatch, rows: Any = None) -> pa.RecordBatch:
    """Lines with their answers, as SCHEMA has them.

    Args:
        lines, answered: the lines and their answers.
        rows: which of them, as numbers; None: all.
    """
    made = {name: lines.column(name) for name in lines.schema.names if name in SCHEMA.names}
    made |= {name: answered.column(name) for name in answered.schema.names}
    count = lines.num_rows
    if rows is not None:
        count, numbers = len(rows), pa.array(rows)
        made = {
            name: compact(column, rows) if pa.types.is_dictionary(column.type) else column.take(numbers)
            for name, column in made.items()
        }
    made["citation"] = _citations(made["rule"])
    arrays = [_as(made.get(field.name), field.type, count) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


@lru_cache(maxsize=1)
def _words() -> pa.Array:
    return pa.array(WHY)


def _citations(rule: pa.DictionaryArray) -> pa.DictionaryArray:
    """What each rule rests on. Rules of one citation share its place."""
    cited = _cited(tuple(rule.dictionary.to_pylist())).dictionary_encode()
    indices = rule.indices
    if len(cited.dictionary) < len(cited):
        indices = cited.indices.take(indices)
    return pa.DictionaryArray.from_arrays(indices, cited.dictionary, safe=False)


@lru_cache(maxsize=8)
def _cited(rules: tuple[str, ...]) -> pa.Array:
    found = citations()
    return pa.array([found[rule].citation or "" if rule in found else "" for rule in rules])


def _as(column: pa.Array | None, kind: pa.DataType, rows: int) -> pa.Array:
    """A column as SCHEMA has it; one that the lines do not have is empty."""
    if column is None:
        if pa.types.is_dictionary(kind):
            return pa.DictionaryArray.from_arrays(pa.nulls(rows, pa.int32()), pa.array([], pa.string()))
        return pa.nulls(rows, kind)
    if column.type == kind:
        return column
    if pa.types.is_dictionary(kind):
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        return pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), column.dictionary, safe=False)
    return column.cast(kind)
