"""A part of an audit: some batches of rows, judged and counted, and kept as one when an audit is stopped."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from handrail.audit.judged import FINDINGS, answers, whole
from handrail.audit.read import Batch
from handrail.audit.summary import TOLD
from handrail.audit.tally import Tally
from handrail.audit.troubles import Trouble


class Part:
    """Counts and findings of batches.

    Args:
        written: the verdicts whose lines are findings.
    """

    def __init__(self, written: tuple[str, ...]) -> None:
        self.written = written
        self.rows = self.lost = self.findings = self.troubles_in_all = 0
        self.rows_of: dict[int, int] = {}
        self.troubles: list[dict[str, Any]] = []
        self.tally = Tally()
        self._kept: list[pa.RecordBatch] = []

    @property
    def empty(self) -> bool:
        """Whether nothing was taken."""
        return not self.rows and not self.troubles_in_all

    def take(self, number: int, key: str, batch: Batch) -> None:
        """Judges and counts a batch.

        Args:
            number: the number of its file; ``key``: the file's name.
            batch: the rows.
        """
        self.rows += batch.rows
        self.rows_of[number] = self.rows_of.get(number, 0) + batch.rows
        for trouble in batch.troubles:
            self._trouble(trouble)
        lines = batch.lines
        if lines is None or batch.plan is None or not lines.num_rows:
            return
        answered = answers(lines, batch.plan)
        kept = self.tally.add(lines, answered, self.written)
        if len(kept):
            judged = whole(lines, answered, kept)
            zeros = pa.repeat(pa.scalar(0, pa.int32()), len(kept))
            names = pa.DictionaryArray.from_arrays(zeros, pa.array([key]))
            self._kept.append(pa.RecordBatch.from_arrays([names, *judged.columns], schema=FINDINGS))
            self.findings += len(kept)

    def _trouble(self, trouble: Trouble) -> None:
        self.troubles_in_all += 1
        self.lost += trouble.rows or 0
        if len(self.troubles) < TOLD:
            row = None if trouble.row is None else trouble.row + 1
            told = {"file": trouble.file, "row": row, "where": trouble.where, "what": trouble.what}
            self.troubles.append({**told, "rows": trouble.rows})

    def table(self) -> pa.Table:
        """The findings, with dictionaries in the order of appearance: the same bytes each time."""
        return pa.Table.from_batches(self._kept, schema=FINDINGS).unify_dictionaries()

    def state(self, file: int, row: int) -> dict[str, Any]:
        """The counts as plain data.

        Args:
            file, row: where the next part begins.
        """
        return {
            "next": [file, row],
            "rows": self.rows,
            "lost": self.lost,
            "findings": self.findings,
            "troubles": self.troubles,
            "troubles_in_all": self.troubles_in_all,
            "rows_of": {str(number): rows for number, rows in self.rows_of.items()},
            "tally": self.tally.state(),
        }


class Total:
    """What all parts together counted.

    Args:
        files: how many files there are.
    """

    def __init__(self, files: int) -> None:
        self.parts = self.rows = self.lost = self.findings = self.troubles_in_all = 0
        self.rows_of = [0] * files
        self.troubles: list[dict[str, Any]] = []
        self.tally = Tally()
        #: Where the next part begins: a file and a row in it.
        self.next = (0, 0)

    def add(self, state: dict[str, Any]) -> None:
        """Adds the next part, from its state."""
        self.parts += 1
        self.rows += state["rows"]
        self.lost += state["lost"]
        self.findings += state["findings"]
        self.troubles_in_all += state["troubles_in_all"]
        self.troubles = [*self.troubles, *state["troubles"]][:TOLD]
        for number, rows in state["rows_of"].items():
            self.rows_of[int(number)] += rows
        self.tally.add_state(state["tally"])
        self.next = (state["next"][0], state["next"][1])
