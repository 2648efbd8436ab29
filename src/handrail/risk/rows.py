"""What the picture and the terminal both show: rows in order, labels in words, and numbered sources."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, log10
from typing import NamedTuple

from handrail.risk.model import EventRisk, Listed, Mark, Risks
from handrail.safety import Estimate, Source
from handrail.terms import REGIONS, TECHNIQUES

PER = {
    "patient": "per patient",
    "visit": "per visit",
    "session": "per session",
    "consultation": "per consultation",
    "treatment": "per treatment",
    "manipulation": "per manipulation",
    "day": "per day after treatment",
}
WHY = {
    "share_of_events": "a share of reported reactions or cases, not of people treated",
    "ratio": "how many times likelier, not how likely",
    "cases": "cases without the number of people treated",
    "zero": "none seen; nought has no place on a log scale",
    "no_denominator": "the text as read gives no denominator for it",
    "not_reviewed": "the text has changed since it was reviewed",
}
NOTHING = "No published figure was found."
UNREAD = "recalled, its text was not read"
RULE = (
    "Each mark is one study's own figure. Per patient, per visit and per manipulation are different things: "
    "compare only marks of one kind. Zero events give no rate, case reports neither, and under-reporting is "
    "expected. "
    "A dashed line ends at an upper limit; an arrow goes on towards none; a hollow mark was recalled, not read."
)


class Row(NamedTuple):
    """One mark with the estimate it belongs to and the number of its source."""

    estimate: Estimate
    mark: Mark
    source: int


class Beside(NamedTuple):
    """Something that is listed and not drawn."""

    estimate: Estimate
    listed: Listed
    source: int

    @property
    def text(self) -> str:
        """The estimate's words and why they are not drawn."""
        said = f"“{self.listed.text}” of {self.estimate.denominator}"
        note = f". {self.listed.note}" if self.listed.note else ""
        unread = "" if self.estimate.text_seen else f" ({UNREAD})"
        return f"{self.estimate.study} {self.estimate.year}{unread}: {said} ({WHY[self.listed.why]}{note})"


class Block(NamedTuple):
    """One harm: its marks grouped by what they count, and what is listed."""

    event: EventRisk
    rows: tuple[Row, ...]
    beside: tuple[Beside, ...]


class Shown(NamedTuple):
    """All that is shown of some risks."""

    title: str
    blocks: tuple[Block, ...]
    sources: tuple[tuple[Source, bool], ...]
    lowest: int  # the axis begins at ten to this power

    @property
    def drawn(self) -> list[Row]:
        """Every mark."""
        return [row for block in self.blocks for row in block.rows]


def shown(risks: Risks) -> Shown:
    """What to show of some risks, in order. A source is said to be read if it was for any of its figures."""
    numbers: dict[Source, int] = {}
    seen: dict[Source, bool] = {}
    blocks = []
    for event in risks.events:
        rows, beside = [], []
        for part in event.estimates:
            source = part.estimate.source
            number = numbers.setdefault(source, len(numbers) + 1)
            seen[source] = seen.get(source, False) or part.estimate.text_seen
            rows += [Row(part.estimate, mark, number) for mark in part.marks]
            beside += [Beside(part.estimate, listed, number) for listed in part.listed]
        rows.sort(key=lambda row: list(PER).index(row.mark.per))
        blocks.append(Block(event, tuple(rows), tuple(beside)))
    ends = [end for block in blocks for row in block.rows for end in _ends(row.mark)]
    lowest = min((floor(log10(end)) for end in ends), default=-6)
    return Shown(title(risks), tuple(blocks), tuple((source, seen[source]) for source in numbers), min(lowest, -3))


def _ends(mark: Mark) -> list[Fraction]:
    return [end for end in (mark.at, mark.low, mark.high) if end]


def title(risks: Risks) -> str:
    """What the picture is of."""
    where = ", ".join(REGIONS[region].name for region in risks.regions) or "all regions"
    return f"Published harms of {TECHNIQUES[risks.technique].name}: {where}"


def words(row: Row) -> str:
    """A mark's own words: what is counted, the figure as written, and of what."""
    return f"{row.mark.what}: {row.mark.number}; of {row.estimate.denominator}"


def name(row: Row) -> str:
    """A mark's study and year, and what sets it apart."""
    label = f"{row.estimate.study} {row.estimate.year}"
    if row.mark.comparison:
        label += " (comparison group)"
    return label


def one_in(power: int) -> str:
    """A tick of the axis, ten to a power: ``1 in 1,000``."""
    size = 10**-power
    if size == 1:
        return "all"
    for scale, word in ((10**9, "billion"), (10**6, "million")):
        if size >= scale:
            return f"1 in {size // scale} {word}"
    return f"1 in {size:,}"


def place(value: Fraction, lowest: int, width: float) -> float:
    """Where a figure lies on the axis, from 0 (ten to ``lowest``) to ``width`` (all)."""
    return (log10(value) - lowest) / -lowest * width


def ticks(lowest: int, most: int) -> list[int]:
    """Powers of ten to write on the axis, at most ``most`` of them."""
    step = max(1, ceil(-lowest / most))
    return list(range(0, lowest - 1, -step))
