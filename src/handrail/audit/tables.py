"""Parquet in batches, row group by row group; strings stay indices into their dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from handrail.audit.troubles import Stop, Troubles

#: The most rows in a batch; a row group that has more is read in several.
ROWS = 1 << 20


class Parquet:
    """A Parquet file.

    Args:
        path: the file.

    Raises:
        Stop: if it is none, or its footer is damaged.
    """

    def __init__(self, path: Path) -> None:
        try:
            if path.stat().st_size == 0:
                raise Stop("is empty")
            self.file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise Stop(f"is no Parquet file that can be read ({' '.join(str(error).split())[:120]})") from None
        self.path = path
        self.schema: pa.Schema = self.file.schema_arrow
        self.rows: int = self.file.metadata.num_rows

    def batches(
        self, wanted: list[str], as_text: list[str], troubles: Troubles, start: int = 0
    ) -> Iterator[tuple[int, int, pa.RecordBatch | None]]:
        """First row, number of rows and the rows of each batch from the row ``start``.

        A row group that cannot be read is told and passed over; its batch is None.
        """
        strings = [name for name in wanted if name not in as_text and _textual(self.schema.field(name).type)]
        file = pq.ParquetFile(self.path, read_dictionary=strings, metadata=self.file.metadata)
        first = 0
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if first + rows > start:
                yield from self._group(file, group, first, rows, wanted, troubles, start)
            first += rows

    def _group(
        self,
        file: Any,
        group: int,
        first: int,
        rows: int,
        wanted: list[str],
        troubles: Troubles,
        start: int,
    ) -> Iterator[tuple[int, int, pa.RecordBatch | None]]:
        at, end = first, first + rows
        try:
            if rows <= ROWS:
                table = file.read_row_group(group, columns=wanted)
                yield at, rows, _one(table, wanted)
                return
            for batch in file.iter_batches(ROWS, row_groups=[group], columns=wanted):
                if at >= start:
                    yield at, batch.num_rows, batch
                at += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            lost = end - at
            why = " ".join(str(error).split())[:120]
            troubles.add(
                "row group", at, f"{lost} rows cannot be read ({why})", f"row group {group + 1}", rows=lost
            )
            yield at, lost, None


def _one(table: pa.Table, wanted: list[str]) -> pa.RecordBatch:
    columns = []
    for name in wanted:
        chunks = table.column(name)
        if pa.types.is_dictionary(chunks.type) and chunks.num_chunks > 1:
            chunks = chunks.unify_dictionaries()
        if chunks.num_chunks == 1:
            columns.append(chunks.chunk(0))
        else:
            columns.append(pa.concat_arrays(chunks.chunks) if chunks.num_chunks else pa.array([], chunks.type))
    return pa.record_batch(columns, names=wanted)


def _textual(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))
