"""The columns of a batch as the kernel reads them: where their buffers lie, and what their dictionaries mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from handrail.terms import InputError

#: The most diagnoses that a line has.
MOST_DIAGNOSES = 12


class Coded(NamedTuple):
    """A column of texts as indices into a dictionary. ``dictionary`` is None where the column is not there."""

    address: int
    width: int
    valid: int
    offset: int
    dictionary: Any
    #: What must live as long as the addresses are used.
    keep: Any

    @property
    def place(self) -> tuple[int, int, int, int]:
        """What the kernel is told."""
        return self.address, self.width, self.valid, self.offset


ABSENT = Coded(0, 0, 0, 0, None, None)


class Days(NamedTuple):
    """A column of days since 1970-01-01."""

    address: int
    valid: int
    offset: int
    keep: Any

    @property
    def place(self) -> tuple[int, int, int]:
        """What the kernel is told."""
        return self.address, self.valid, self.offset


def coded(lines: pa.RecordBatch, name: str, *, needed: bool = True) -> Coded:
    """A column of texts.

    Raises:
        InputError: if it is missing, or of another type.
    """
    column = _column(lines, name, needed=needed)
    if column is None or pa.types.is_null(column.type):
        return ABSENT
    if not pa.types.is_dictionary(column.type):
        if not _is_text(column.type):
            raise InputError(f"is {column.type}, and must be text", where=f"column {name}")
        column = column.dictionary_encode()
    dictionary = column.dictionary
    if pa.types.is_null(dictionary.type):
        return ABSENT
    if not _is_text(dictionary.type):
        raise InputError(f"is a dictionary of {dictionary.type}, and must be text", where=f"column {name}")
    if not (pa.types.is_string(dictionary.type) or pa.types.is_large_string(dictionary.type)):
        dictionary = dictionary.cast(pa.large_string())
    valid, indices = column.buffers()[:2]
    if indices is None or not len(column):
        return ABSENT
    width = column.type.index_type.bit_width // 8
    has_nulls = valid is not None and column.null_count
    return Coded(
        indices.address, width, valid.address if has_nulls else 0, column.offset, dictionary, (column, dictionary)
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _column(lines: pa.RecordBatch, name: str, *, needed: bool = True) -> Any:
    found = lines.schema.get_all_field_indices(name)
    if len(found) > 1:
        raise InputError("is there more than once", where=f"column {name}")
    if not found:
        if needed:
            raise InputError(
                "is missing", where=f"column {name}", hint=f"The lines have: {', '.join(lines.schema.names[:20])}"
            )
        return None
    return lines.column(found[0])


def days(lines: pa.RecordBatch, name: str, *, needed: bool = True) -> Days | None:
    """A column of days: dates, or timestamps (of which the day counts, on the clock of their own time zone).

    Raises:
        InputError: if it is missing, or of another type.
    """
    column = _column(lines, name, needed=needed)
    if column is None:
        return None
    kind = column.type
    if pa.types.is_null(kind):
        column = pa.nulls(len(column), pa.date32())
    elif pa.types.is_timestamp(kind):
        if kind.tz is not None:
            column = pc.local_timestamp(column)
        column = pc.floor_temporal(column, unit="day").cast(pa.date32())
    elif pa.types.is_date64(kind):
        column = column.cast(pa.date32())
    elif not pa.types.is_date32(kind):
        raise InputError(
            f"is {kind}, and must be a date",
            where=f"column {name}",
            hint="Cast it to date32 (YYYY-MM-DD texts too)",
        )
    valid, values = column.buffers()
    has_nulls = valid is not None and column.null_count
    address = values.address if values is not None else 0
    return Days(address, valid.address if has_nulls else 0, column.offset, column)


def diagnosis_columns(lines: pa.RecordBatch) -> list[str]:
    """The names of the diagnosis columns that are there, in order."""
    names = set(lines.schema.names)
    return [name for number in range(1, MOST_DIAGNOSES + 1) if (name := f"dx{number}") in names]


def meant(dictionary: Any, null: int, meaning: Callable[[str], int]) -> npt.NDArray[np.uint16]:
    """What the values of a dictionary mean, behind what a null means. Equal values are looked at once.

    Args:
        dictionary: an Arrow array of texts, or None.
        null: the number for a row that is null, and for a value that is.
        meaning: the number for a value.
    """
    if dictionary is None or not len(dictionary):
        return np.array([null], np.uint16)
    distinct = dictionary.dictionary_encode()
    numbers = np.array([*(meaning(value) for value in distinct.dictionary.to_pylist()), null], np.uint16)
    at = distinct.indices.fill_null(len(numbers) - 1).to_numpy(zero_copy_only=False)
    return np.concatenate([np.array([null], np.uint16), numbers[at]])
