"""The report's charts: boxes that the style sheet draws, so that the page needs neither script nor library.

Every verdict has a texture beside its colour, and every chart has its numbers in a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from handrail.audit.report.numbers import count

#: Verdicts, worst first, as bars and legends have them.
VERDICTS: dict[str, str] = {
    "urgent": "urgent",
    "prohibited": "prohibited",
    "undetermined": "undetermined",
    "conditional": "conditional",
    "permitted": "permitted",
    "not_judged": "not judged",
}
#: What is there is at least so wide, in percent of the bar.
_HAIR = 0.35


class Part(NamedTuple):
    """A part of a bar: a verdict, how much of the bar it is, and what it says."""

    verdict: str
    value: float
    said: str


def swatch(verdict: str) -> Markup:
    """A small sample of a verdict's colour and texture."""
    return Markup('<span class="swatch v-{}" aria-hidden="true"></span>').format(verdict)


def bar(parts: Sequence[Part], label: str) -> Markup:
    """One bar, cut into verdicts. A part that is there but too thin to be seen is as wide as a hair."""
    there = [part for part in parts if part.value > 0]
    total = sum(part.value for part in there)
    spans = Markup("").join(
        Markup('<span class="v-{}" style="flex:{:.3f} 1 0" title="{}"></span>').format(
            part.verdict, max(100 * part.value / total, _HAIR), part.said
        )
        for part in there
    )
    return Markup('<div class="bar" role="img" aria-label="{}">{}</div>').format(label, spans)


class Column(NamedTuple):
    """A column of a chart over time. ``tick``: what stands below it, if anything."""

    tick: str
    value: float
    said: str


def columns(data: Sequence[Column], label: str, verdict: str) -> Markup:
    """Columns over time, on a scale from zero to a round number."""
    top = round_up(max((column.value for column in data), default=0))
    drawn = Markup("").join(
        Markup(
            '<span class="column" title="{}"><i class="v-{}" style="height:{:.2f}%"></i><b>{}</b></span>'
        ).format(column.said, verdict, max(100 * column.value / top, 0.8) if column.value > 0 else 0, column.tick)
        for column in data
    )
    scale = Markup('<span class="scale"><b>{}</b><b>0</b></span>').format(short(top))
    return Markup('<div class="columns" role="img" aria-label="{}">{}{}</div>').format(label, scale, drawn)


def round_up(value: float) -> float:
    """The next round number, for the top of a scale.

    >>> round_up(34), round_up(1200), round_up(0)
    (40.0, 1500.0, 1.0)
    """
    power = 1.0
    while True:
        for factor in (1, 1.5, 2, 3, 4, 6, 8):
            if value <= factor * power:
                return factor * power
        power *= 10


def short(value: float) -> str:
    """A round number in few signs.

    >>> short(20000), short(5e6), short(50)
    ('20k', '5M', '50')
    """
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return count(value)


def pips(filled: int, of: int) -> Markup:
    """A step of a scale as filled and empty marks, for who does not see its colour."""
    return Markup('<span class="pips" aria-hidden="true">{}</span>').format(
        Markup("").join(
            Markup('<i class="on"></i>') if number < filled else Markup("<i></i>") for number in range(of)
        )
    )


def breakable(id_: str) -> Markup:
    """An id that may go on in the next line behind each slash."""
    return Markup("/<wbr>").join(id_.split("/"))
