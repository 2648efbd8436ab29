"""The picture in the terminal: the same figures on the same log scale, plain when piped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.text import Text

from handrail.risk import rows
from handrail.risk.model import Risks
from handrail.risk.rows import Row, Shown

LABEL = 40
NARROW = 60
SIGNS = {
    "patient": "●",
    "visit": "■",
    "session": "▶",
    "consultation": "▼",
    "treatment": "▲",
    "manipulation": "◆",
    "day": "✚",
}


def lines(risks: Risks, width: int = 100) -> Iterator[Text]:
    """The picture of some risks, line by line.

    Args:
        risks: from ``risks``.
        width: columns; 40 or more.
    """
    shown = rows.shown(risks)
    label = LABEL if width >= NARROW + 20 else 0
    plot = max(width - label - 2, 20)
    yield Text(shown.title, "bold")
    yield from _wrapped(rows.RULE, width, style="dim")
    yield Text()
    yield Text(" " * label + _axis(shown, plot))
    for block in shown.blocks:
        if not block.rows:
            continue
        yield from _wrapped(f"{block.event.event.name} ({block.event.event.severity})", width, style="bold")
        for row in block.rows:
            unread = "" if row.estimate.text_seen else f" ({rows.UNREAD})"
            name = f"  {rows.name(row)} [{row.source}]"
            drawn = _drawn(row, shown, plot)
            if len(name) >= label:
                yield Text(name)
                name = ""
            yield Text(name.ljust(label)) + Text(drawn.rstrip(), "cyan")
            yield from _wrapped(f"{rows.PER[row.mark.per]}{unread}: {rows.words(row)}", width, "    ", "dim")
    yield Text()
    yield Text("Listed, not drawn", "bold")
    for block in shown.blocks:
        if not block.event.estimates:
            yield from _wrapped(f"{block.event.event.name}: {rows.NOTHING}", width, "  ")
        for beside in block.beside:
            yield from _wrapped(f"{block.event.event.name}: {beside.text} [{beside.source}]", width, "  ")
    yield Text()
    yield Text("Sources", "bold")
    for number, (source, seen) in enumerate(shown.sources, 1):
        read = "" if seen else f" ({rows.UNREAD})"
        yield from _wrapped(f"[{number}] {source.title}{read}. {source.url or 'No address.'}", width, "  ")


def _wrapped(text: str, width: int, indent: str = "", style: str = "") -> Iterator[Text]:
    broken = textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent + ("  " if indent else ""),
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in broken:
        yield Text(line, style)


def _axis(shown: Shown, plot: int) -> str:
    line = [" "] * plot
    for power in rows.ticks(shown.lowest, max(2, plot // 18)):
        said = rows.one_in(power)
        at = round((power - shown.lowest) / -shown.lowest * (plot - 1))
        start = max(0, min(at - len(said) // 2, plot - len(said)))
        if all(sign == " " for sign in line[max(0, start - 1) : start + len(said) + 1]):
            line[start : start + len(said)] = said
    return "".join(line).rstrip()


def _drawn(row: Row, shown: Shown, plot: int) -> str:
    line = [" "] * plot
    mark = row.mark

    def to(value: object) -> int:
        return round(rows.place(value, shown.lowest, plot - 1))  # type: ignore[arg-type]

    if mark.high is not None:
        low, high = (to(mark.low) if mark.low else 0), to(mark.high)
        for column in range(low, high + 1):
            line[column] = "╌" if mark.kind == "below" else "─"
        line[low] = "├" if mark.low else "◂"
        line[high] = "┤"
    if mark.at is not None:
        sign = SIGNS[mark.per]
        line[to(mark.at)] = sign if row.estimate.text_seen else "○"
    return "".join(line)
