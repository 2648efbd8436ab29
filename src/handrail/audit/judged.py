"""The one function of every engine: rows of a claim file in, judged lines out.

It is pure: the same rows, plan and knowledge give the same lines, in whatever process it runs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from handrail.audit.cited import citations
from handrail.audit.layouts import MOST_DIAGNOSES
from handrail.audit.plan import Plan
from handrail.audit.reasons import UNJUDGED
from handrail.compiled import NOT_JUDGED, REASONS, VERDICTS, judge

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
    made = {name: answered.column(name) for name in answered.schema.names}
    unjudged = lines.column("unjudged")
    if unjudged.null_count < len(unjudged):
        _override(made, unjudged)
    else:
        made["reason"] = _recoded(made["reason"], None)
    return pa.RecordBatch.from_arrays(list(made.values()), list(made))


def whole(lines: pa.RecordBatch, answered: pa.RecordBatch) -> pa.RecordBatch:
    """Lines with their answers, as SCHEMA has them."""
    made = {name: lines.column(name) for name in lines.schema.names if name in SCHEMA.names}
    made |= {name: answered.column(name) for name in answered.schema.names}
    made["citation"] = _citations(made["rule"])
    arrays = [_as(made.get(field.name), field.type, lines.num_rows) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _override(made: dict[str, pa.Array], unjudged: pa.DictionaryArray) -> None:
    """A line that cannot be judged has no verdict, whatever its columns would give."""
    there = ~np.asarray(unjudged.indices.is_null())
    verdict = np.array(_places(made["verdict"], VERDICTS))
    verdict[there] = VERDICTS.index(NOT_JUDGED)
    made["verdict"] = pa.DictionaryArray.from_arrays(pa.array(verdict), pa.array(VERDICTS))
    made["reason"] = _recoded(made["reason"], unjudged)
    for name in ("leaning", "rule", "candidates"):
        column = made[name]
        gone = there | np.asarray(column.indices.is_null())
        if not gone.any():
            continue
        indices = np.asarray(column.indices.fill_null(0)).astype(np.int32)
        made[name] = pa.DictionaryArray.from_arrays(pa.array(indices, mask=gone), column.dictionary, safe=False)


def _places(column: pa.DictionaryArray, words: tuple[str, ...]) -> Any:
    """Where each value of a column without nulls stands among words."""
    order = {word: number for number, word in enumerate(words)}
    table = np.array([order[word] for word in column.dictionary.to_pylist()], np.int32)
    return table[np.asarray(column.indices)]


def _recoded(reason: pa.DictionaryArray, unjudged: pa.DictionaryArray | None) -> pa.DictionaryArray:
    """Reasons over all of WHY, those of lines that could not be asked laid over the kernel's."""
    found = np.array(_places(reason, tuple(WHY)))
    if unjudged is not None:
        there = ~np.asarray(unjudged.indices.is_null())
        table = np.array([_WHY[word] for word in unjudged.dictionary.to_pylist()], np.int32)
        found[there] = table[np.asarray(unjudged.indices.fill_null(0))[there]]
    return pa.DictionaryArray.from_arrays(pa.array(found), _words())


@lru_cache(maxsize=1)
def _words() -> pa.Array:
    return pa.array(WHY)


def _citations(rule: pa.DictionaryArray) -> pa.DictionaryArray:
    """What each rule rests on: the same indices over another dictionary."""
    return pa.DictionaryArray.from_arrays(rule.indices, _cited(tuple(rule.dictionary.to_pylist())), safe=False)


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
