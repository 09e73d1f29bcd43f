"""The parts of a display as HTML that a notebook takes into its own page: escaped, bounded, light or dark as the page is."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from minigraph.drawing.light_and_dark import CLASS, style
from minigraph.drawing.theme import DARK, THEME
from minigraph.reading.names import cleaned
from minigraph.reading.numbers import cut, rounded
from minigraph.reading.report_parts import Curve, Formula, Part, Picture, Table

MOST_LINES, LONGEST_LINE = 60, 1_000
"""Of longer displays the first and last lines are shown, of longer lines the beginning."""
WIDTH, HEIGHT, MOST_POINTS = 320, 110, 400
"""The size of a curve, and the most points that it is drawn through."""
COLOURS = (THEME.value, THEME.gradient), (DARK.value, DARK.gradient)
"""Of the lines of a curve, on light and on dark pages."""

_OURS = f".{CLASS}.{CLASS}.{CLASS}"  # before the rules that notebooks have for tables
STYLE = (
    f".{CLASS}{{line-height:1.45;overflow-x:auto}}"
    f".{CLASS} p{{margin:.15em 0;white-space:pre-wrap}}.{CLASS} .mg-formula{{font-size:1.15em;font-weight:600}}"
    f"{_OURS} table{{border-collapse:collapse;margin:.4em 0;font-variant-numeric:tabular-nums;width:auto}}"
    f"{_OURS} :is(td,th){{padding:.1em .7em;text-align:left;border:0;white-space:pre}}"
    f"{_OURS} :is(.mg-counted td,.mg-counted th){{text-align:right}}"
    f"{_OURS} th{{font-weight:600;border-bottom:1px solid color-mix(in srgb,currentColor 35%,transparent)}}"
    f".{CLASS} svg{{border-radius:4px}}{_OURS} svg a{{color:inherit;text-decoration:none;cursor:default}}"
)


@dataclass(frozen=True)
class Markup:
    """HTML that is safe already."""

    html: str


def html_of(parts: Iterable[Part | Markup]) -> str:
    """A display: an element that brings its style along, and whose dollars are no formulas to MathJax."""
    lines = "".join(
        _omitted(left_out) * bool(left_out) + _html(part)
        for part, left_out in cut(list(parts), MOST_LINES, MOST_LINES // 2, MOST_LINES // 2)
    )
    return f'<div class="{CLASS} mathjax_ignore tex2jax_ignore"><style>{style()}{STYLE}</style>{lines}</div>'


def _omitted(lines: int) -> str:
    return f"<p>… {lines:,} more lines …</p>"


def _html(part: Part | Markup) -> str:
    if isinstance(part, Markup):
        return part.html
    if isinstance(part, Table):
        return _table(part)
    if isinstance(part, Curve):
        return _curve(part)
    if isinstance(part, Formula):
        return f'<p class="mg-formula">{escaped(part.text)}</p>'
    return "" if isinstance(part, Picture) else "".join(f"<p>{escaped(line)}</p>" for line in part.split("\n"))


def escaped(text: str) -> str:
    """Text as HTML, without what turns or breaks the line, cut where it is very long."""
    text = cleaned(text)
    return html.escape(text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…")


def _table(table: Table) -> str:
    width = len(table.rows[0])
    rows = []
    for (place, row), left_out in cut(list(enumerate(table.rows)), MOST_LINES + 2, MOST_LINES // 2, MOST_LINES // 2):
        if left_out:
            rows.append(f'<tr><td colspan="{width}">… {left_out:,} more rows …</td></tr>')
        tag = "th" if place == 0 and table.has_head else "td"
        across = f' colspan="{width}"' if len(row) < width else ""
        rows.append(f"<tr>{''.join(f'<{tag}{across}>{escaped(cell)}</{tag}>' for cell in row)}</tr>")
    return f"<table{' class=mg-counted' if table.is_counted else ''}>{''.join(rows)}</table>"


def _curve(curve: Curve) -> str:
    """Lines over their place; on a logarithmic scale where all numbers are positive and far apart."""
    finite = [number for line in curve.lines.values() for number in line if math.isfinite(number)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    is_log = low > 0 and high > 20 * low
    scale = math.log if is_log else float
    bottom, span = scale(low), (scale(high) - scale(low)) or 1.0
    longest = max(map(len, curve.lines.values()))
    drawn, names = [], []
    for (name, line), light, dark in zip(curve.lines.items(), *COLOURS, strict=False):
        colour = f"stroke:{light};stroke:light-dark({light},{dark})"
        points = " ".join(
            f"{WIDTH * place / max(longest - 1, 1):.1f},{HEIGHT * (1 - (scale(line[place]) - bottom) / span):.1f}"
            for place in _places(line)
        )
        drawn.append(f'<polyline points="{points}" fill="none" style="{colour}" stroke-width="1.5"/>')
        names.append(f'<span style="color:{light};color:light-dark({light},{dark})">— {escaped(name)}</span>')
    ends = f"{rounded(low)} … {rounded(high)}{', logarithmic' if is_log else ''}"
    return (
        f"<p>{escaped(curve.title)}, {escaped(ends)}: {', '.join(names)}</p>"
        f'<svg viewBox="-2 -2 {WIDTH + 4} {HEIGHT + 4}" style="width:{WIDTH}px;max-width:100%;height:auto" role="img" '
        f'aria-label="{escaped(f"{curve.title}, {ends}")}">{"".join(drawn)}</svg>'
    )


def _places(line: Sequence[float]) -> list[int]:
    """The places of a line through which it is drawn."""
    step = max(1, math.ceil(len(line) / MOST_POINTS))
    return [place for place in sorted({*range(0, len(line), step), len(line) - 1}) if math.isfinite(line[place])]
