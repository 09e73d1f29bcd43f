"""A picture with empty places where the numbers that a pass works out would stand: to be filled in by hand."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from minigraph.drawing.view import Box, Edge, Kind, Look, Row, View

PLACE = "______"
"""An empty place, wide enough for a pen."""
GIVEN = (Look.DATA, Look.PARAMETER, Look.CONSTANT)
"""The boxes whose values are given: without them nothing could be worked out."""
WORKED_OUT = (Kind.VALUE, Kind.GRADIENT, Kind.LOCAL, Kind.CONTRIBUTION, Kind.CARRIED, Kind.BARS)
SEED = re.compile(r"\(seed\)$")
SIZES = re.compile(r" \S+ → \S+$")


def blanked(view: View) -> View:
    """The view without the numbers that the pass works out; names, formulas, and what is given stay.

    What is all of a gradient, the one product that arrives at a box, has one place: the gradient's.

    Example:
        >>> import minigraph as mg
        >>> b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> view = mg.draw((b * c).named("u"), "backward", blank=True).view
        >>> [row.text for row in view.edges[0].rows], view.boxes[0].rows[-1].text
        (['∂u/∂b = ______', '______ × ______'], '∂u/∂b = ______')
    """
    arrivals = Counter(edge.tail for edge in view.edges)
    edges = tuple(_edge(edge, is_all=arrivals[edge.tail] == 1) for edge in view.edges)
    return replace(view, boxes=tuple(map(_box, view.boxes)), edges=edges)


def _box(box: Box) -> Box:
    rows = []
    for row in box.rows:
        is_given = (row.kind is Kind.VALUE and box.look in GIVEN) or SEED.search(row.text) is not None
        rows.append(row if is_given else _row(row, is_all=False))
    shown = tuple(row for row in rows if row.text)
    return replace(box, rows=shown, full=" · ".join(row.text for row in shown), cells=())


def _edge(edge: Edge, *, is_all: bool) -> Edge:
    rows = (_row(row, is_all) for row in edge.rows)
    return replace(edge, rows=tuple(row for row in rows if row.text), size=None)


def _row(row: Row, is_all: bool) -> Row:
    """The row with empty places for its numbers; ``is_all``: of a product, which is a gradient, not for the result."""
    if row.kind not in WORKED_OUT:
        return row
    if row.kind is Kind.BARS:
        return Row(Kind.BARS, "")
    if row.kind is Kind.CONTRIBUTION:  # of numbers, or a product of arrays
        if not row.numbers:
            return Row(row.kind, PLACE)
        return Row(row.kind, f"{PLACE} × {PLACE}" if is_all else f"{PLACE} × {PLACE} = {PLACE}")
    left, equals, _ = row.text.partition("= ")
    if equals:
        return Row(row.kind, f"{left}= {PLACE}")
    sizes = SIZES.search(row.text)  # of the first and of the last layer of many
    if sizes:
        return Row(row.kind, f"{row.text[: sizes.start()]} {PLACE} → {PLACE}")
    return Row(row.kind, PLACE) if row.kind is Kind.CARRIED else row
