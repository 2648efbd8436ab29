"""Claims as columns: Handrail's plain layout."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from handrail.audit.synthetic.cells import texts
from handrail.audit.synthetic.draw import Chunk, World
from handrail.audit.synthetic.visits import MOST_DIAGNOSES
from handrail.terms import InputError

#: Claims are numbered from here on, so that all numbers have as many digits.
FIRST_CLAIM = 10**11


def plain(world: World, chunk: Chunk) -> pa.RecordBatch:
    """Lines in the plain layout."""
    table, people = world.table, world.people
    npis = pa.array([str(npi) if npi else "" for npi in people.npi.tolist()])
    npi = pa.DictionaryArray.from_arrays(pa.array(chunk.provider, mask=people.npi[chunk.provider] == 0), npis)
    day = pa.array(chunk.day.astype(np.int32)).cast(pa.date32())
    return pa.RecordBatch.from_pydict(
        {
            "claim": pa.array(FIRST_CLAIM + chunk.claim).cast(pa.string()),
            "line": pa.array(chunk.line),
            "npi": npi,
            "taxonomy": texts(people.taxonomy[chunk.provider], people.taxonomies),
            "state": texts(people.place[chunk.provider], world.places),
            "procedure": texts(table.procedure[chunk.template], table.procedures),
            "modifiers": texts(table.modifier[chunk.template], table.modifiers),
            "service_from": day,
            "service_to": day,
            **{f"dx{n + 1}": texts(table.diagnosis[n][chunk.visit], table.codes) for n in range(MOST_DIAGNOSES)},
            "units": pa.array(chunk.units),
            "amount": pa.array(chunk.amount),
        }
    )


class Writer:
    """Writes record batches to a Parquet or CSV file, by its ending, while the next one is drawn."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.to: Any = None
        self.packed: Any = None
        self.pool = ThreadPoolExecutor(1)
        self.under_way: Future[None] | None = None
        name = out.name.casefold()
        self.kind = "parquet" if name.endswith(".parquet") else "csv"
        if self.kind == "csv" and not name.endswith((".csv", ".csv.gz", ".csv.zst")):
            raise InputError(
                "has an ending that says no format", where=str(out), hint="Write .parquet, .csv or .csv.gz"
            )

    def write(self, batch: pa.RecordBatch) -> None:
        """Writes a batch, once the one before is written.

        Raises:
            OSError: if it, or the one before, cannot be written.
        """
        self._wait()
        self.under_way = self.pool.submit(self._write, batch)

    def _wait(self) -> None:
        if self.under_way is not None:
            done, self.under_way = self.under_way, None
            done.result()

    def _write(self, batch: pa.RecordBatch) -> None:
        if self.to is None:
            self._open(batch)
        if self.kind == "csv":
            self.to.write_batch(_plain_text(batch))
        else:
            self.to.write_batch(batch, row_group_size=batch.num_rows)

    def _open(self, batch: pa.RecordBatch) -> None:
        if self.kind == "parquet":
            repeats = [name for name in batch.schema.names if name not in ("claim", "amount")]
            days = [field.name for field in batch.schema if pa.types.is_date(field.type)]
            self.to = pq.ParquetWriter(
                self.out,
                batch.schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=repeats,
                write_statistics=days,
            )
            return
        packing = {"gz": "gzip", "zst": "zstd"}.get(self.out.suffix[1:].casefold())
        self.packed = pa.CompressedOutputStream(str(self.out), packing) if packing else None
        self.to = pcsv.CSVWriter(self.packed or str(self.out), _plain_text(batch).schema)

    def close(self) -> None:
        """Ends the file."""
        try:
            self._wait()
        finally:
            self.pool.shutdown()
            if self.to is not None:
                self.to.close()
            if self.packed is not None:
                self.packed.close()


def _plain_text(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch without dictionaries, for CSV."""
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
