"""Lines that were read one by one, as batches in the columns of the plain layout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from handrail.audit.layouts import MOST_DIAGNOSES
from handrail.audit.ndjson import PLAIN
from handrail.terms.billing import shipped

#: Lines in a batch.
ROWS = 1 << 16

Batches = Iterator[tuple[int, int, pa.RecordBatch | None]]


class Rows:
    """Collects lines, numbers them, and gives them out in batches."""

    def __init__(self) -> None:
        self.first = self.next = 0
        self._begin()

    def _begin(self) -> None:
        self.values: dict[str, list[Any]] = {name: [] for name in PLAIN}
        self.numbers: list[int] = []

    def add(self, values: dict[str, Any]) -> None:
        """Another line; what is not given is null."""
        for name, column in self.values.items():
            column.append(values.get(name))
        self.numbers.append(self.next)
        self.next += 1

    def lose(self) -> int:
        """Counts a line that could not be read; gives its number."""
        self.next += 1
        return self.next - 1

    def full(self) -> bool:
        """Whether it is time to give a batch out."""
        return self.next - self.first >= ROWS

    def take(self) -> Batches:
        """The lines since the last call, if there were any."""
        rows = self.next - self.first
        if not rows:
            return
        made = [pa.array([_text(v) for v in self.values[name]], pa.string()) for name in PLAIN]
        numbers = pa.array(np.array(self.numbers, dtype=np.int64))
        yield self.first, rows, pa.record_batch([*made, numbers], names=[*PLAIN, "@row"])
        self.first = self.next
        self._begin()


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def diagnoses(all_: list[tuple[int, str]], pointed: list[int]) -> dict[str, str]:
    """A line's diagnoses: those it points at, then the claim's others.

    The others are the client's as well, and may forbid the technique. Only those that name a region treated are
    left out where the line points elsewhere: they belong to other lines.
    """
    first = [code for number in pointed for at, code in all_ if at == number]
    regions = shipped().regions
    rest = [
        code for at, code in all_ if at not in pointed and not (first and code.replace(".", "").upper() in regions)
    ]
    kept = list(dict.fromkeys((*first, *rest)))[:MOST_DIAGNOSES]
    return {f"dx{number}": code for number, code in enumerate(kept, 1)}
