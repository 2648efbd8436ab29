"""CSV in batches: dictionaries where they help, bad rows counted and named, no more than some blocks in memory."""

from __future__ import annotations

import csv
import io
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv

from handrail.audit.streams import Bytes
from handrail.audit.troubles import Stop, Troubles

#: A file whose bad rows pass this number and outnumber the good ones is no such table.
MAX_BAD = 100_000
DELIMITERS = ",\t;|"


def header(stream: Bytes) -> tuple[list[str], str]:
    """The columns of a CSV file and what separates them.

    Raises:
        Stop: if it is empty, no text, has no header, or names a column twice.
    """
    head = stream.text()
    words = head.decode("utf-8", "replace").removeprefix("\ufeff")
    first = words.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        names = next(csv.reader(io.StringIO(words), delimiter=delimiter))
    except (csv.Error, StopIteration):
        raise Stop("has no header that can be read") from None
    return names, delimiter


class Block(NamedTuple):
    """Rows of a file: those that could be read, and the places of others, with the columns they have."""

    batch: pa.RecordBatch | None
    bad: tuple[tuple[int, int, int], ...]
    problem: str = ""


class Table:
    """A CSV file as a table, read once, blocks of it at a time by several threads.

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
        self.wanted, self.troubles = wanted, troubles
        words, places = pa.string(), pa.dictionary(pa.int32(), pa.string())
        self.types = {name: words if name in as_text else places for name in wanted}
        self.bad = self.good = 0

    def batches(self) -> Iterator[tuple[int, int, pa.RecordBatch | None]]:
        """First row, number of rows (bad ones among them) and the good rows of each block.

        Where bad rows lie between good ones, a column ``@row`` numbers the good ones.

        Raises:
            Stop: if it cannot be read further, or most of its rows are bad.
        """
        at = 0
        stopped: Stop | None = None
        workers = max(1, min(4, os.cpu_count() or 1))
        blocks = self.stream.records()
        first = True
        with ThreadPoolExecutor(workers) as pool:
            waiting: deque[Future[Block]] = deque()
            while True:
                try:
                    while stopped is None and len(waiting) <= workers:
                        block = next(blocks)
                        waiting.append(pool.submit(self._parse, block, first))
                        first = False
                except StopIteration:
                    blocks = iter(())
                except Stop as stop:
                    stopped = stop
                if not waiting:
                    break
                read = waiting.popleft().result()
                rows = (read.batch.num_rows if read.batch else 0) + len(read.bad)
                if read.problem:
                    self.troubles.add("block", at, read.problem, rows=None)
                if rows:
                    yield at, rows, self._numbered(read, at)
                at += rows
                self._enough()
        if stopped is not None:
            raise stopped
        if self.stream.quotes % 2:
            what = "an odd number of quotes: one may never be closed, and rows after it be read as one field"
            self.troubles.add("quote", None, what)

    def _parse(self, block: bytes, first: bool) -> Block:
        bad: list[tuple[int, int, int]] = []

        def skip(row: Any) -> str:
            bad.append((row.number - (2 if first else 1), row.actual_columns, row.expected_columns))
            return "skip"

        try:
            table = pcsv.read_csv(
                pa.BufferReader(block),
                read_options=pcsv.ReadOptions(
                    block_size=len(block) + 1, use_threads=False, column_names=None if first else self.names
                ),
                parse_options=pcsv.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=skip
                ),
                convert_options=pcsv.ConvertOptions(
                    include_columns=self.wanted,
                    column_types=self.types,
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                    null_values=["", "NULL", "null", "\\N"],
                ),
            )
        except (pa.ArrowException, OSError) as error:
            lines = block.count(b"\n")
            why = " ".join(str(error).split())[:120]
            return Block(None, tuple(bad), f"some {lines} lines cannot be read ({why})")
        batches = table.combine_chunks().to_batches()
        return Block(batches[0] if batches else None, tuple(bad))

    def _numbered(self, read: Block, at: int) -> pa.RecordBatch | None:
        """The good rows; with their numbers where bad ones lie between them."""
        self.bad += len(read.bad)
        for place, has, should in read.bad:
            self.troubles.add("columns", at + place, f"has {has} columns, not {should}", rows=1)
        if read.batch is None:
            return None
        self.good += read.batch.num_rows
        if not read.bad:
            return read.batch
        numbers = np.delete(np.arange(read.batch.num_rows + len(read.bad)), [place for place, _, _ in read.bad])
        return read.batch.append_column("@row", pa.array(numbers + at, pa.int64()))

    def _enough(self) -> None:
        if self.bad > MAX_BAD and self.bad > self.good:
            raise Stop(f"more than {MAX_BAD} rows have the wrong number of columns: not read further")
