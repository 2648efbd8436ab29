"""Pictures of force over time as SVG, from the published figures in ``terms/force_time.yaml``.

What was published is drawn as points (peak, duration, preload, valley) or as the ends of a range; the line between
them is ours, dashed, and the page says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from handrail.terms.force_time import ForceTime, Thrust

WIDTH, HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 18, 44
Points = Sequence[tuple[float, float]]
Say = Callable[..., str]


class Curve(NamedTuple):
    """A line: its class, its points, which of them were published, and its label with the place it stands at."""

    kind: str
    line: Points
    published: Points
    label: str
    at: tuple[float, float]


def _plot(
    curves: Sequence[Curve], last: float, top: float, said: str, say: Say, steps: tuple[float, float]
) -> Markup:
    """Axes and curves. ``steps``: between the ticks, in ms and N."""

    def x(value: float) -> float:
        return _LEFT + value / last * (WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM)

    out = [Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(WIDTH, HEIGHT, said)]
    value = 0.0
    while value <= top:
        out.append(Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(_LEFT, y(value), WIDTH - _RIGHT))
        out.append(
            Markup('<text class="tick end" x="{}" y="{:.1f}">{:g}</text>').format(_LEFT - 8, y(value) + 4, value)
        )
        value += steps[1]
    value = 0.0
    while value <= last:
        out.append(
            Markup('<text class="tick mid" x="{:.1f}" y="{}">{:g}</text>').format(
                x(value), HEIGHT - _BOTTOM + 18, value
            )
        )
        value += steps[0]
    out.append(
        Markup('<text class="axis end" x="{}" y="{}">{}</text>').format(WIDTH - _RIGHT, HEIGHT - 8, say("axis_ms"))
    )
    out.append(Markup('<text class="axis" x="4" y="12">{}</text>').format("N"))
    for curve in curves:
        path = "M" + "L".join(f"{x(a):.1f} {y(b):.1f}" for a, b in curve.line)
        out.append(Markup('<path class="curve {}" d="{}"/>').format(curve.kind, path))
        for a, b in curve.published:
            out.append(
                Markup('<circle class="point {}" cx="{:.1f}" cy="{:.1f}" r="4.5"/>').format(curve.kind, x(a), y(b))
            )
        a, b = curve.at
        out.append(
            Markup('<text class="name {}" x="{:.1f}" y="{:.1f}">{}</text>').format(
                curve.kind, x(a), y(b), curve.label
            )
        )
    out.append(Markup("</svg>"))
    return Markup("").join(out)


def _hump(start: float, duration: float, rise: float, low: float, high: float) -> list[tuple[float, float]]:
    """A smooth rise and fall; only its ends and its top were published."""
    points = []
    for step in range(41):
        part = step / 40
        at = part * duration
        height = (
            math.sin(math.pi / 2 * at / rise)
            if at <= rise
            else math.cos(math.pi / 2 * (at - rise) / (duration - rise))
        )
        points.append((start + at, low + (high - low) * max(height, 0) ** 1.5))
    return points


def _one(
    thrust: Thrust, start: float, low: float = 0
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """The line of a thrust, and its published points; without a published rise the top stands in the middle."""
    rise = thrust.rise or thrust.duration / 2
    return _hump(start, thrust.duration, rise, low, thrust.peak), [(start + rise, thrust.peak)]


def thrust_and_mobilization(data: ForceTime, say: Say) -> Markup:
    """A thrust to the neck and mobilization of the neck on the same two axes."""
    toggle, slow = data.thrusts[0], data.oscillation
    line, points = _one(toggle, 1000 / slow.frequency - toggle.duration / 2)
    period, middle, half = 1000 / slow.frequency, (slow.low + slow.high) / 2, (slow.high - slow.low) / 2
    wave = [(at, middle - half * math.cos(2 * math.pi * at / period)) for at in range(0, 2001, 10)]
    ends = [(period * (n + 0.5), slow.high) for n in range(3)] + [(period * n, slow.low) for n in range(1, 4)]
    curves = [
        Curve("slow", wave, ends, say("name_mobilization"), (1180, slow.high + 8)),
        Curve("thrust", line, points, say("name_thrust"), (1000 / slow.frequency + 25, toggle.peak - 4)),
    ]
    return _plot(
        curves,
        2000,
        125,
        say(
            "alt_both",
            ms=_number(toggle.duration, say),
            n=_number(toggle.peak, say),
            hz=_number(slow.frequency, say),
            high=_number(slow.high, say),
        ),
        say,
        (500, 25),
    )


def whole_thrust(data: ForceTime, say: Say) -> Markup:
    """A thrust with its preload and the valley before it."""
    one = data.whole
    assert one.preload is not None  # noqa: S101
    assert one.valley is not None  # noqa: S101
    assert one.preload_duration is not None  # noqa: S101
    end = one.preload_duration
    hold = [(0.0, one.preload), (end * 0.97, one.preload), (end, one.valley)]
    peak = end + one.duration / 2
    line = [*hold, *_hump(end, one.duration, one.duration / 2, one.valley, one.peak)[1:21]]
    after = [(end + one.duration, one.valley)]
    curve = Curve(
        "thrust",
        [*line, *after],
        [(0, one.preload), (end, one.valley), (peak, one.peak)],
        say("name_seated"),
        (end * 0.5, one.peak + 2),
    )
    said = say(
        "alt_whole",
        preload=_number(one.preload, say),
        valley=_number(one.valley, say),
        peak=_number(one.peak, say),
        ms=_number(one.duration, say),
    )
    return _plot([curve], 3500, 90, said, say, (500, 30))


def durations(data: ForceTime, say: Say) -> Markup:
    """Single thrusts beside each other, to the same scale."""
    curves = []
    for number, one in enumerate(data.thrusts):
        start = 10 + number * 122.0
        line, points = _one(one, start)
        curves.append(
            Curve(
                f"thrust t{number}",
                line,
                points,
                str(number + 1),
                (start + (one.rise or one.duration / 2) + 7, one.peak + 4),
            )
        )
    return _plot(curves, 620, 125, say("alt_durations"), say, (100, 25))


def peaks(data: ForceTime, say: Say) -> Markup:
    """Peaks of force as points with their standard deviation."""
    rows: list[tuple[str, str, float, float | None]] = [
        *((one.technique, say(f"peak_{one.id}"), one.peak, one.peak_sd) for one in data.peaks),
        *(("thrust", say(f"peak_{one.id}"), one.peak, one.peak_sd) for one in data.thrusts),
    ]
    rows.sort(key=lambda row: ("soft_tissue", "mobilization", "thrust").index(row[0]))
    height, left, top = 34 * len(rows) + 50, 24, 140
    width = WIDTH - 40

    def x(value: float) -> float:
        return left + value / top * (width - left)

    out = [
        Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            WIDTH, height, say("alt_peaks")
        )
    ]
    for value in range(0, top + 1, 20):
        out.append(Markup('<path class="grid" d="M{:.1f} 8V{}"/>').format(x(value), height - 34))
        out.append(
            Markup('<text class="tick mid" x="{:.1f}" y="{}">{}</text>').format(x(value), height - 16, value)
        )
    out.append(Markup('<text class="axis end" x="{}" y="{}">N</text>').format(WIDTH - 4, height - 16))
    for number, (technique, name, peak, sd) in enumerate(rows):
        y = 34 * number + 34
        out.append(Markup('<text class="row" x="{}" y="{}">{}</text>').format(left + 2, y - 9, name))
        if sd is not None:
            out.append(
                Markup('<path class="spread {}" d="M{:.1f} {}H{:.1f}"/>').format(
                    technique, x(max(peak - sd, 0)), y, x(peak + sd)
                )
            )
        out.append(_sign(technique, x(peak), y))
    out.append(Markup("</svg>"))
    return Markup("").join(out)


def _sign(technique: str, x: float, y: float) -> Markup:
    """A point whose shape tells the technique too."""
    if technique == "thrust":
        return Markup('<path class="point thrust" d="M{:.1f} {}l6 10h-12z"/>').format(x, y - 6)
    if technique == "mobilization":
        return Markup('<circle class="point slow" cx="{:.1f}" cy="{}" r="5"/>').format(x, y)
    return Markup('<rect class="point soft" x="{:.1f}" y="{}" width="9" height="9"/>').format(x - 4.5, y - 4.5)


def _number(value: float, say: Say) -> str:
    return f"{value:g}".replace(".", say("decimal"))
