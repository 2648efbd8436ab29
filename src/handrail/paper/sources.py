"""The numbered sources of a paper: every fact on it points to one of them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from handrail.decide import Before, Reason
from handrail.safety import contraindications, red_flags, step_items


class SourceLine(NamedTuple):
    """A source as it stands at the end of a paper. ``seen`` is None where nothing is known about reading it."""

    number: int
    title: str
    where: str | None
    seen: bool | None

    @property
    def link(self) -> str | None:
        """Its address, if it is one that a browser may open."""
        return self.where if self.where and self.where.startswith(("https://", "http://")) else None


class Sources:
    """Collects sources in the order in which they are first named."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str | None], SourceLine] = {}

    def add(self, title: str, where: str | None = None, seen: bool | None = None) -> int:
        """The number of a source; one that is there already keeps its own."""
        key = (title, where if where != title else None)
        line = self._lines.get(key)
        if line is None:
            line = SourceLine(len(self._lines) + 1, title, key[1], seen)
        elif line.seen is None or (seen and not line.seen):
            line = line._replace(seen=seen)
        self._lines[key] = line
        return line.number

    def of_reason(self, reason: Reason) -> tuple[int, ...]:
        """The numbers of what a reason rests on."""
        if reason.source is None:
            return (self.add(reason.citation, None, reason.text_seen),) if reason.citation else ()
        if reason.gate in ("licence", "scope"):
            return (self.add(reason.citation or reason.source, reason.source, reason.text_seen),)
        return self._listed(reason.source, reason.citation, reason.text_seen)

    def of_step(self, step: Before) -> tuple[int, ...]:
        """The numbers of what asks for a step."""
        return self._listed(step.source, None, None)

    def _listed(self, source: str, citation: str | None, seen: bool | None) -> tuple[int, ...]:
        parts = source.split("; ") if "://" in source else [source]
        numbers = []
        for part in parts:
            title, read = _titles().get(part, (citation or part, seen))
            numbers.append(self.add(title, part, read))
        return tuple(dict.fromkeys(numbers))

    @property
    def lines(self) -> list[SourceLine]:
        """All of them, by number."""
        return list(self._lines.values())


@cache
def _titles() -> dict[str, tuple[str, bool]]:
    """Title and whether it was read, for the addresses of the clinical knowledge."""
    titles: dict[str, tuple[str, bool]] = {}
    for row in (*step_items(), *red_flags().values(), *contraindications().values()):
        if row.source.url:
            title, seen = titles.get(row.source.url, (row.source.title, False))
            titles[row.source.url] = (title, seen or row.text_seen)
    return titles
