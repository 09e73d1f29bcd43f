"""Charts of a report as SVG: lines over epochs, and points; drawn here, so that a page needs no Matplotlib."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from minigraph.reading.names import cleaned
from minigraph.reading.numbers import rounded
from minigraph.reading.report_parts import Curve

WIDTH, HEIGHT, LEFT, BELOW, ABOVE, RIGHT = 640, 300, 70, 46, 12, 16
"""Of a chart, and of the margins around what is drawn in it."""
MOST_POINTS = 400
"""A line is drawn through at most so many points; of more points so many are shown, evenly chosen."""
BEYOND = 1e300
"""Numbers so large, and NaN, are not drawn: what is calculated from them would leave the range of floats."""
FAR_APART = 20.0
"""Positive numbers this many times apart have a logarithmic axis."""


@dataclass(frozen=True)
class Scatter:
    """Points, each a pair of numbers, and a level line at 0.

    Attributes:
        title: what is shown.
        across: what the first numbers are.
        up: what the second ones are.
        points: the pairs.
    """

    title: str
    across: str
    up: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class _Axis:
    """From numbers to places between ``start`` and ``end``."""

    low: float
    high: float
    is_log: bool
    start: float
    end: float

    @classmethod
    def over(cls, numbers: Iterable[float], start: float, end: float, *, may_be_log: bool = False) -> _Axis:
        finite = [number for number in numbers if abs(number) < BEYOND] or [0.0]
        low, high = min(finite), max(finite)
        if may_be_log and low > 0 and high > FAR_APART * low:
            return cls(low, high, True, start, end)
        room = 0.05 * ((high - low) or abs(high) or 1.0)
        return cls(low - room, high + room, False, start, end)

    def place(self, number: float) -> float:
        if self.is_log:
            share = (math.log(number) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        else:
            share = (number - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Some round numbers: 1, 2 or 5 times a power of ten."""
        if self.is_log:
            lowest, highest = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            factors = (1, 2, 5) if highest - lowest <= 3 else (1,)
            step = max(1, (highest - lowest) // 6)
            found = [factor * 10.0**power for power in range(lowest, highest + 1, step) for factor in factors]
        else:
            rough = (self.high - self.low) / 5
            power = 10.0 ** math.floor(math.log10(rough))
            step_size = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= 0.999 * rough)
            first = math.ceil(self.low / step_size)
            found = [float(f"{(first + number) * step_size:.9g}") for number in range(8)]
        return [tick for tick in found if self.low <= tick <= self.high]


def line_chart(curve: Curve, mark: int | None = None) -> str:
    """Numbers by their place, counted from 1; a mark stands at one of them."""
    longest = max(map(len, curve.lines.values()))
    across = _Axis.over([1.0, max(longest, 2.0)], LEFT, WIDTH - RIGHT)
    up = _Axis.over((n for line in curve.lines.values() for n in line), HEIGHT - BELOW, ABOVE, may_be_log=True)
    drawn, legend = [], []
    for number, (name, line) in enumerate(curve.lines.items(), 1):
        step = max(1, math.ceil(len(line) / MOST_POINTS))
        places = [p for p in sorted({*range(0, len(line), step), len(line) - 1}) if abs(line[p]) < BEYOND]
        points = " ".join(f"{across.place(p + 1):.1f},{up.place(line[p]):.1f}" for p in places)
        drawn.append(f'<polyline class="line{number}" points="{points}"/>')
        legend.append(f'<span class="name{number}">{_escaped(name)}</span>')
    if mark is not None:
        x = across.place(mark)
        drawn.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{ABOVE}" y2="{HEIGHT - BELOW}"/>')
    kept = "" if mark is None else f"; the line across marks epoch {mark}, which was kept"
    ends = ", ".join(f"{name} from {rounded(line[0])} to {rounded(line[-1])}" for name, line in curve.lines.items())
    said = f"{curve.title}: {ends}{', logarithmic axis' if up.is_log else ''}{kept}"
    return f'<p class="legend">{" ".join(legend)}</p>' + _chart(said, across, up, "epoch", "cost", drawn)


def scatter_chart(scatter: Scatter) -> str:
    """The points of a scatter."""
    finite = [(x, y) for x, y in scatter.points if abs(x) < BEYOND and abs(y) < BEYOND]
    chosen = {*np.linspace(0, len(finite) - 1, min(len(finite), MOST_POINTS)).astype(int).tolist()}
    across = _Axis.over((x for x, _ in finite), LEFT, WIDTH - RIGHT)
    up = _Axis.over([0.0, *(y for _, y in finite)], HEIGHT - BELOW, ABOVE)
    drawn = [f'<line class="zero" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up.place(0):.1f}" y2="{up.place(0):.1f}"/>']
    drawn += [
        f'<circle cx="{across.place(finite[i][0]):.1f}" cy="{up.place(finite[i][1]):.1f}" r="3"/>' for i in sorted(chosen)
    ]
    shown = f"{len(scatter.points):,} points" + (f", of which {len(chosen)} are shown" if len(chosen) < len(finite) else "")
    said = f"{scatter.title}: {shown}; {scatter.up} from {rounded(up.low)} to {rounded(up.high)}"
    return _chart(said, across, up, scatter.across, scatter.up, drawn)


def _chart(said: str, across: _Axis, up: _Axis, name_across: str, name_up: str, drawn: Iterable[str]) -> str:
    """A chart with its axes; ``said`` tells those what is in it who don't see it."""
    bottom = HEIGHT - BELOW
    axes = [f'<path class="axis" d="M{LEFT},{ABOVE}V{bottom}H{WIDTH - RIGHT}"/>']
    for tick in across.ticks():
        x = across.place(tick)
        axes.append(f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{_escaped(rounded(tick))}</text>')
    for tick in up.ticks():
        y = up.place(tick)
        axes.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        axes.append(f'<text x="{LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{_escaped(rounded(tick))}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    axes.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{_escaped(name_across)}</text>')
    axes.append(
        f'<text x="14" y="{(ABOVE + bottom) / 2}" text-anchor="middle" transform="rotate(-90 14 {(ABOVE + bottom) / 2})">'
        f"{_escaped(name_up)}</text>"
    )
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{_escaped(said)}">'
        f"{''.join([*axes, *drawn])}</svg>"
    )


def _escaped(text: str) -> str:
    return html.escape(cleaned(text))
