"""CSV in batches: dictionaries where they help, bad rows counted and named, no more than some blocks in memory."""

from __future__ import annotations

import csv
import io
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv

from handrail.audit.streams import BLOCK, Bytes, encoding_problem
from handrail.audit.troubles import Stop, Troubles

#: A file whose bad rows pass this number and outnumber the good ones is no such table.
MAX_BAD = 100_000
DELIMITERS = ",\t;|"


def header(stream: Bytes) -> tuple[list[str], str]:
    """The columns of a CSV file and what separates them.

    Raises:
        Stop: if it is empty, no text, has no header, or names a column twice.
    """
    head = stream.peek()
    if not head.strip():
        raise Stop("is empty")
    if problem := encoding_problem(head):
        raise Stop(problem)
    words = head.decode("utf-8", "replace").removeprefix("\ufeff")
    first = words.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        names = next(csv.reader(io.StringIO(words), delimiter=delimiter))
    except (csv.Error, StopIteration):
        raise Stop("has no header that can be read") from None
    return names, delimiter


class Table:
    """A CSV file as a table, read once.

    Args:
        stream: its bytes.
        names: its columns.
        delimiter: what separates them.
        wanted: the columns to read.
        as_text: those of them that are no use as dictionaries.
        troubles: where bad rows are told.
    """

    def __init__(
        self,
        stream: Bytes,
        names: list[str],
        delimiter: str,
        wanted: list[str],
        as_text: list[str],
        troubles: Troubles,
    ) -> None:
        self.stream, self.names, self.delimiter = stream, names, delimiter
        self.wanted, self.as_text, self.troubles = wanted, as_text, troubles
        self.bad: list[int] = []
        self.good = 0
        self.flooded = False

    def batches(self) -> Iterator[tuple[int, int, pa.RecordBatch]]:
        """First row, number of rows (bad ones among them) and the good rows of each block.

        Where bad rows lie between good ones, a column ``@row`` numbers the good ones.

        Raises:
            Stop: if it cannot be read further.
        """
        words, places = pa.string(), pa.dictionary(pa.int32(), pa.string())
        try:
            reader = pcsv.open_csv(
                pa.PythonFile(self.stream, mode="r"),
                read_options=pcsv.ReadOptions(block_size=BLOCK, use_threads=False),
                parse_options=pcsv.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=self._bad
                ),
                convert_options=pcsv.ConvertOptions(
                    include_columns=self.wanted,
                    column_types={name: words if name in self.as_text else places for name in self.wanted},
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                    null_values=["", "NULL", "null", "\\N"],
                ),
            )
            at = 0
            for batch in reader:
                if not batch.num_rows:
                    continue
                first, at, numbers = at, *self._placed(at, batch.num_rows)
                self.good += batch.num_rows
                if numbers is not None:
                    batch = batch.append_column("@row", pa.array(numbers))
                yield first, at - first, batch
            left = len(self.bad) - bisect_left(self.bad, at)
            if left:
                empty = reader.schema.empty_table()
                yield at, left, pa.record_batch([c.combine_chunks() for c in empty.columns], names=self.wanted)
        except pa.ArrowInvalid as error:
            raise Stop(self._why(str(error))) from None
        if self.stream.quotes % 2:
            self.troubles.add(
                "quote",
                None,
                "a quote is opened and never closed: rows after it may have been read as one field",
                rows=None,
            )

    def _bad(self, row: Any) -> str:
        number = row.number - 2  # counted from 1, the header among them
        self.bad.append(number)
        has, should = row.actual_columns, row.expected_columns
        self.troubles.add("columns", number, f"has {has} columns, not {should}", rows=1)
        if len(self.bad) > MAX_BAD and len(self.bad) > self.good:
            self.flooded = True
            return "error"
        return "skip"

    def _placed(self, first: int, rows: int) -> tuple[int, Any]:
        """Where the next batch begins, and the numbers of these good rows if bad ones lie between them."""
        start = bisect_left(self.bad, first)
        numbers = np.arange(first, first + rows, dtype=np.int64)
        place = start
        while place < len(self.bad) and self.bad[place] <= numbers[-1]:
            numbers[self.bad[place] - first - (place - start) :] += 1
            place += 1
        after = int(numbers[-1]) + 1
        return after, numbers if place > start else None

    def _why(self, error: str) -> str:
        if self.flooded:
            return f"more than {MAX_BAD} rows have the wrong number of columns: not read further"
        if "straddling" in error or "block size" in error:
            return f"a row is longer than {BLOCK >> 20} MiB (a quote that is never closed?): not read further"
        return f"cannot be read further: {' '.join(error.split())[:160]}"
