"""Shows answers in the terminal: in colour for a person, as plain text when piped."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handrail.ask.card import Card

LABEL = 9
COLOURS = {
    "permitted": "32",
    "conditional": "33",
    "undetermined": "35",
    "prohibited": "31",
    "urgent": "1;31",
}
#: Said with a shape as well as a colour.
SHAPES = {"permitted": "✓", "conditional": "◐", "undetermined": "?", "prohibited": "✗", "urgent": "!"}


def out(text: str = "") -> None:
    """A line on standard output."""
    sys.stdout.write(text + "\n")


def as_json(data: Any) -> None:
    """Data as JSON, indented."""
    out(json.dumps(data, ensure_ascii=False, indent=2))


def coloured(text: str, colour: str) -> str:
    """Text in a colour (an ANSI code), if a terminal reads it."""
    import os

    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{colour}m{text}\033[0m"


def width() -> int:
    """How wide a line may be: that of the terminal, at most 100; always 100 when piped."""
    if not sys.stdout.isatty():
        return 100
    return max(40, min(100, shutil.get_terminal_size((100, 24)).columns))


def card(shown: Card) -> None:
    """A card: the headline, its lines, and the footer."""
    verdict = shown.verdict.value
    shape = f"{SHAPES[verdict]} " if sys.stdout.isatty() else ""
    for line in textwrap.wrap(f"{shape}{shown.headline}", width()):
        out(coloured(line, COLOURS[verdict]))
    longest = max((len(line.label) + 1 for line in shown.lines), default=LABEL)
    labelled(((line.label, line.text) for line in shown.lines), max(LABEL, longest))
    for line in textwrap.wrap(shown.footer, width()):
        out(coloured(line, "2"))


def labelled(lines: Iterable[tuple[str, str]], indent: int = LABEL) -> None:
    """Lines of a label and a text, the text wrapped beside it; a label that repeats is left out."""
    before = ""
    for label, text in lines:
        head = "" if label == before else label
        before = label
        first = True
        for line in textwrap.wrap(text, width() - indent, break_long_words=False, break_on_hyphens=False) or [""]:
            start = head.ljust(indent) if first else " " * indent
            out(f"{coloured(start, '1') if first and head else start}{line}".rstrip())
            first = False


def drawn() -> bool:
    """Whether a person reads the output at a terminal."""
    return sys.stdout.isatty()


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table: drawn for a person, tab-separated when piped."""
    rows = [list(row) for row in rows]
    if not drawn():
        out("\t".join(headers))
        for row in rows:
            out("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=None, header_style="bold", pad_edge=False)
    for header in headers:
        grid.add_column(header, overflow="fold")
    for row in rows:
        grid.add_row(*(cell.replace("[", r"\[") for cell in row))
    Console().print(grid)
