"""What goes wrong in a file: where, what, and how many rows it costs."""

from __future__ import annotations

from typing import NamedTuple


class Trouble(NamedTuple):
    """A row, a row group or a file that could not be read, or something about it that should be known.

    Args:
        file: the file's key.
        row: its number in the file from 0, the header not counted; None: the whole file.
        what: a sentence without the row's contents.
        where: the place in other words, such as a line or a row group.
        rows: how many rows are not judged because of it; None: not known.
    """

    file: str
    row: int | None
    what: str
    where: str = ""
    rows: int | None = 0

    def __str__(self) -> str:
        place = f"{self.file}, row {self.row + 1}" if self.row is not None else self.file
        return f"{place}{f' ({self.where})' if self.where else ''}: {self.what}"


class Stop(Exception):  # noqa: N818  (it ends a file, not the program)
    """A file cannot be read further."""


#: So many troubles of one kind are told one by one; of the rest only their number.
TOLD = 1000


class Troubles:
    """Collects the troubles of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Trouble] = []
        self.counts: dict[str, int] = {}
        self.untold: dict[str, int] = {}

    def add(self, kind: str, row: int | None, what: str, where: str = "", rows: int | None = 0) -> None:
        """Notes a trouble, in full if there were not too many of its kind."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] <= TOLD:
            self.found.append(Trouble(self.file, row, what, where, rows))
        else:
            self.untold[kind] = self.untold.get(kind, 0) + 1

    def take(self, before: int | None = None) -> tuple[Trouble, ...]:
        """The troubles since the last call, of rows before a number; None: all."""
        now = [t for t in self.found if before is None or t.row is None or t.row < before]
        self.found = [t for t in self.found if t not in now] if len(now) < len(self.found) else []
        return tuple(sorted(now, key=lambda trouble: -1 if trouble.row is None else trouble.row))

    def rest(self, cost: dict[str, bool]) -> tuple[Trouble, ...]:
        """How many were not told, by kind; ``cost`` says which kinds cost a row each."""
        told = tuple(
            Trouble(self.file, None, f"{number} more of this kind: {kind}", "", number if cost.get(kind) else 0)
            for kind, number in self.untold.items()
        )
        self.untold = {}
        return told
