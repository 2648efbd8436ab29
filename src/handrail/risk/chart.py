"""The picture: every published figure on one log scale, as SVG or PNG. Needs the extra ``charts``."""

from __future__ import annotations

import importlib
import io
import textwrap
from typing import Any, Literal, NamedTuple

from handrail.risk import rows
from handrail.risk.model import Risks
from handrail.risk.rows import Row, Shown
from handrail.terms import InputError

Format = Literal["svg", "png"]

PLOT = 520
TEXT = 520  # the words stand left of the plot
LINE = 15
SMALL_CHARS = 88
LIST_CHARS = 176
FONT = "sans-serif"
INK, GREY, FAINT = "#1a1a1a", "#555555", "#d9d9d9"
SHAPES = {
    "patient": "circle",
    "visit": "square",
    "session": "triangle-right",
    "consultation": "triangle-down",
    "treatment": "triangle-up",
    "manipulation": "diamond",
    "day": "cross",
}


class _Text(NamedTuple):
    x: float
    y: float
    text: str
    size: int
    bold: bool
    grey: bool


class _Layout:
    """Places texts and marks from top to bottom, in pixels."""

    def __init__(self, shown: Shown) -> None:
        self.texts: list[_Text] = []
        self.marks: list[tuple[float, Row]] = []
        self.rules: list[float] = []
        self.y = 0.0
        self.plot_top = 0.0
        self._head(shown)
        self.plot_top = self.y + 20
        self.y += 40
        for block in shown.blocks:
            if block.rows:
                self._block(block)
        self.plot_bottom = self.y
        self.y += 34
        self._lists(shown)
        self.height = self.y + 6

    def say(
        self, text: str, chars: int, *, size: int = 12, bold: bool = False, grey: bool = False, x: float = -TEXT
    ) -> None:
        for line in textwrap.wrap(text, chars, break_on_hyphens=False) or [""]:
            self.y += size + 4
            self.texts.append(_Text(x, self.y, line, size, bold, grey))

    def _head(self, shown: Shown) -> None:
        self.say(shown.title, 90, size=20, bold=True)
        self.y += 4
        self.say(rows.RULE, LIST_CHARS, grey=True)
        self.y += 4

    def _block(self, block: rows.Block) -> None:
        self.rules.append(self.y)
        self.y += 6
        self.say(f"{block.event.event.name} ({block.event.event.severity})", 78, size=14, bold=True)
        self.y += 2
        for row in block.rows:
            self.y += 4
            top = self.y
            unread = "" if row.estimate.text_seen else f", {rows.UNREAD}"
            self.say(f"{rows.name(row)} [{row.source}], {rows.PER[row.mark.per]}{unread}", 78, size=12)
            self.marks.append((top + 11, row))
            self.say(rows.words(row), SMALL_CHARS, size=11, grey=True)
        self.y += 8

    def _lists(self, shown: Shown) -> None:
        self.say("Listed, not drawn", 80, size=14, bold=True)
        for block in shown.blocks:
            if not block.event.estimates:
                self.say(f"{block.event.event.name}: {rows.NOTHING}", LIST_CHARS, size=11)
            for beside in block.beside:
                text = f"{block.event.event.name}: {beside.text} [{beside.source}]"
                self.say(text, LIST_CHARS, size=11)
        self.y += 8
        self.say("Sources", 80, size=14, bold=True)
        for number, (source, seen) in enumerate(shown.sources, 1):
            read = "" if seen else f" ({rows.UNREAD})"
            self.say(f"[{number}] {source.title}{read}. {source.url or 'No address.'}", LIST_CHARS, size=11)


def picture(risks: Risks, kind: Format = "svg") -> bytes:
    """The picture of some risks.

    Args:
        risks: from ``risks``.
        kind: ``svg`` or ``png`` (at twice its size, for print).

    Raises:
        InputError: if the libraries of the extra ``charts`` are missing, or the kind is none of these.
    """
    if kind not in ("svg", "png"):
        raise InputError(f"{kind!r} is not a kind of picture", hint="svg or png")
    chart = _chart(risks)
    if kind == "svg":
        text = io.StringIO()
        chart.save(text, format="svg")
        return text.getvalue().encode()
    raw = io.BytesIO()
    chart.save(raw, format="png", scale_factor=2)
    return raw.getvalue()


def _chart(risks: Risks) -> Any:
    try:
        alt = importlib.import_module("altair")
        importlib.import_module("vl_convert")  # altair needs it to save, and would say so less clearly
    except ImportError:
        raise InputError(
            "pictures need the libraries altair and vl-convert", hint="pip install 'handrail[charts]'"
        ) from None
    shown = rows.shown(risks)
    layout = _Layout(shown)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, layout.height], reverse=True, nice=False, zero=False), axis=None)
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, PLOT], nice=False), axis=None)

    def of(values: list[dict[str, Any]]) -> Any:
        return alt.Chart(alt.Data(values=values))

    layers = [_grid(of, layout, shown, x, y), *_texts(of, layout, x, y), *_marks(of, layout, shown, x, y)]
    return (
        alt.layer(*layers)
        .properties(width=PLOT, height=layout.height, padding=24, background="white", description=shown.title)
        .configure_view(stroke=None)
        .configure_text(font=FONT, color=INK)
    )


def _grid(of: Any, layout: _Layout, shown: Shown, x: Any, y: Any) -> Any:
    powers = rows.ticks(shown.lowest, 5)
    top, bottom = layout.plot_top, layout.plot_bottom
    lines = [{"x": _at(power, shown), "x2": _at(power, shown), "y": top, "y2": bottom} for power in powers] + [
        {"x": -TEXT, "x2": PLOT, "y": line, "y2": line} for line in layout.rules
    ]
    for power in powers:
        for line in (top - 6, bottom + 14):
            layout.texts.append(_Text(_at(power, shown), line, rows.one_in(power), 11, False, False))
    return of(lines).mark_rule(color=FAINT, aria=False).encode(x=x, x2="x2:Q", y=y, y2="y2:Q")


def _at(power: int, shown: Shown) -> float:
    return (power - shown.lowest) / -shown.lowest * PLOT


def _texts(of: Any, layout: _Layout, x: Any, y: Any) -> list[Any]:
    layers = []
    for key in sorted({(text.size, text.bold, text.grey, text.x >= 0) for text in layout.texts}):
        size, bold, grey, on_axis = key
        values = [
            {"x": text.x, "y": text.y, "text": text.text}
            for text in layout.texts
            if (text.size, text.bold, text.grey, text.x >= 0) == key
        ]
        layers.append(
            of(values)
            .mark_text(
                align="center" if on_axis else "left",
                baseline="alphabetic",
                fontSize=size,
                fontWeight="bold" if bold else "normal",
                color=GREY if grey else INK,
                limit=0,
            )
            .encode(x=x, y=y, text="text:N", description="text:N")
        )
    return layers


def _marks(of: Any, layout: _Layout, shown: Shown, x: Any, y: Any) -> list[Any]:
    solid: list[dict[str, Any]] = []
    dashed: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    arrows: list[dict[str, Any]] = []
    points: dict[tuple[str, bool, bool], list[dict[str, Any]]] = {}
    for at_y, row in layout.marks:
        mark = row.mark

        def to(value: Any) -> float:
            return rows.place(value, shown.lowest, PLOT)

        if mark.high is not None:
            low = to(mark.low) if mark.low else 0.0
            line = {"x": low, "x2": to(mark.high), "y": at_y}
            (dashed if mark.kind == "below" else solid).append(line)
            ends += [{"x": to(end), "y": at_y - 5, "y2": at_y + 5} for end in (mark.low, mark.high) if end]
            if not mark.low:
                arrows.append({"x": 2, "y": at_y})
        if mark.at is not None:
            key = (mark.per, row.estimate.text_seen, mark.comparison)
            points.setdefault(key, []).append(
                {"x": to(mark.at), "y": at_y, "says": f"{rows.name(row)}: {mark.read}"}
            )
    layers = []
    for lines, dash in ((solid, [1, 0]), (dashed, [4, 3])):
        if lines:
            drawn = of(lines).mark_rule(color=INK, strokeWidth=1.5, strokeDash=dash, aria=False)
            layers.append(drawn.encode(x=x, x2="x2:Q", y=y))
    if ends:
        layers.append(of(ends).mark_rule(color=INK, strokeWidth=1.5, aria=False).encode(x=x, y=y, y2="y2:Q"))
    if arrows:
        layers.append(
            of(arrows)
            .mark_point(shape="triangle-left", size=40, color=INK, filled=True, aria=False)
            .encode(x=x, y=y)
        )
    for (per, seen, comparison), values in points.items():
        layers.append(
            of(values)
            .mark_point(
                shape=SHAPES[per],
                size=45 if comparison else 90,
                color="#888888" if comparison else INK,
                fill="white" if not seen else "#888888" if comparison else INK,
                strokeWidth=1.5,
                opacity=1,
            )
            .encode(x=x, y=y, description="says:N")
        )
    return layers
