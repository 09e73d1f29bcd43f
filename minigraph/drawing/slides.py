"""A picture for a page of a given shape: a long chain in rows, letters that can be read, fewer boxes where it takes that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from minigraph.drawing.dot import to_dot
from minigraph.drawing.layout import lay_out
from minigraph.drawing.rendering import render
from minigraph.drawing.theme import Theme
from minigraph.drawing.view import Box, Direction, Edge, Kind, Look, Row, View

SMALLEST = 12
"""No letter on a page is smaller than so many points."""
TIGHT = 0.2
"""How far steps stand from one another, in inches, where a picture does not fit otherwise."""
MOST_ROWS = 5
"""A chain is wrapped into so many rows, no more."""
MOST_ARROWS = 160
"""A picture with more arrows is folded before anything else is tried: its letters would be too small in any layout."""
FEWER = (24, 16, 10, 6)
"""If the letters would be too small, the picture is folded into so many boxes, one after the other."""

Refold = Callable[[int], View]
"""The view with so many boxes at most."""


@dataclass(frozen=True)
class Arrangement:
    """A way to lay out a view.

    Attributes:
        way: "TB", down, or "LR", across.
        gap: between steps, in inches; None for the usual one.
        rows: into how many a chain is wrapped.
    """

    way: str
    gap: float | None = None
    rows: int = 1

    def look(self, theme: Theme, smallest: int = SMALLEST) -> Theme:
        """The look of a page whose letters have so many points, or more."""
        return replace(theme, rank_gap=self.gap or theme.rank_gap).with_letters_of(smallest)

    def filling(self, view: View, theme: Theme, width: float, height: float, smallest: int = SMALLEST) -> tuple[View, str]:
        """The view laid out so, and its DOT, as large as the page allows: for many alike, of which one was `fitted`."""
        shown = view if self.rows == 1 else wrapped(view, self.rows)
        return shown, to_dot(shown, self.way, self.look(theme, smallest), size=(width, height))


class Fitted(NamedTuple):
    """A view that fills a page, its DOT, the points of its smallest letters there, and how it is laid out."""

    view: View
    source: str
    letters: float
    arrangement: Arrangement


def fitted(
    view: View,
    refold: Refold | None,
    rankdir: str | None,
    theme: Theme,
    width: float,
    height: float,
    smallest: int = SMALLEST,
) -> Fitted:
    """The view that fills a page best.

    What can be read, with no letters below ``smallest``, is folded no further, and torn into no more rows.
    """
    best: Fitted | None = None
    for shown in _less_and_less(view, refold):
        for candidates in _candidates(shown, rankdir):
            for arrangement, candidate in candidates:
                look = arrangement.look(theme, smallest)
                wide, high = _size(to_dot(candidate, arrangement.way, look))
                scale = min(width / wide, height / high)
                if best is None or smallest * scale > best.letters:
                    page = to_dot(candidate, arrangement.way, look, size=(wide * scale, high * scale))
                    best = Fitted(candidate, page, smallest * scale, arrangement)
            if best is not None and best.letters >= smallest:
                return best
    assert best is not None
    return best


def _less_and_less(view: View, refold: Refold | None) -> Iterator[View]:
    if refold is None or len(view.edges) <= MOST_ARROWS:
        yield view
    if refold is not None:
        yield from (refold(most) for most in FEWER if most < len(view.boxes))


def _candidates(view: View, rankdir: str | None) -> Iterator[Sequence[tuple[Arrangement, View]]]:
    """Ways to lay a view out, those first that are read most easily.

    In one piece, down or across; the same with less between its steps; then across in rows.
    """
    ways = [lay_out(view, rankdir).rankdir] if rankdir else ["TB", "LR"]
    yield from ([(Arrangement(way, gap), view) for way in ways] for gap in (None, TIGHT))
    if "LR" in ways:
        chain = len(lay_out(view, "LR").main)
        most = min(MOST_ROWS, chain // 2)
        yield from ([(Arrangement("LR", rows=rows), wrapped(view, rows))] for rows in range(2, most + 1))


def _size(source: str) -> tuple[float, float]:
    """Width and height of a picture in points."""
    found = re.search(rb'viewBox="\S+ \S+ (\S+) (\S+)"', render(source, "svg"))
    assert found is not None
    return float(found[1]), float(found[2])


def wrapped(view: View, rows: int) -> View:
    """The view in rows: what a row reads of another one stands in it as words, "from z", or "to z" where a gradient goes."""
    row_of = _rows(view, rows)
    signs: dict[tuple[str, int], Box] = {}
    edges: list[Edge] = []
    for edge in view.edges:
        row = row_of[edge.head]
        if row_of[edge.tail] != row:
            key = edge.tail, row
            if key not in signs:
                signs[key] = _sign(view, edge, f"n{len(view.boxes) + len(signs)}")
            edge = replace(edge, tail=signs[key].id)
        edges.append(edge)
    starts: dict[int, str] = {}
    heads = {edge.head for edge in edges}
    in_rows = [(row, sign) for (_, row), sign in signs.items()] + [(row_of[box.id], box) for box in view.boxes]
    for row, box in in_rows:
        if box.id not in heads:
            starts.setdefault(row, box.id)
    return replace(
        view,
        boxes=(*signs.values(), *view.boxes),
        edges=tuple(edges),
        rows=tuple(
            (starts[row], *(box.id for at, box in in_rows if at == row and box.id != starts[row])) for row in sorted(starts)
        ),
    )


def _rows(view: View, rows: int) -> Mapping[str, int]:
    """The row of each box: the longest path in equal parts, frames whole, and all else where it is read first."""
    chain = [*reversed(lay_out(view, "LR").main)]
    parents = {frame.id: frame.parent for frame in view.frames}
    row_of: dict[str, int] = {}
    row_of_frame: dict[str, int] = {}
    for place, box in enumerate(chain):
        frame = _outermost(view.by_id[box].frame, parents)
        row = place * rows // len(chain)
        row_of[box] = row_of_frame.setdefault(frame, row) if frame else row
    readers: dict[str, list[str]] = {}
    for edge in view.edges:
        readers.setdefault(edge.tail, []).append(edge.head)
    for other in reversed(view.boxes):
        if other.id not in row_of:
            frame = _outermost(other.frame, parents)
            known = [row_of[reader] for reader in readers.get(other.id, ()) if reader in row_of]
            row = min(known, default=0)  # a fold may be read by a box before it, whose row is not known yet
            row_of[other.id] = row_of_frame.setdefault(frame, row) if frame else row
    return row_of


def _outermost(frame: str | None, parents: Mapping[str, str | None]) -> str | None:
    while frame is not None and parents[frame] is not None:
        frame = parents[frame]
    return frame


def _sign(view: View, edge: Edge, sign_id: str) -> Box:
    box = view.by_id[edge.tail]
    word = "to" if view.direction is Direction.BACKWARD else "from"
    text = f"{word} {box.rows[0].text.partition(' = ')[0]}"
    return Box(sign_id, Look.ELSEWHERE, (Row(Kind.TAG, text),), text, idle=edge.idle, faint=box.faint, stands_for=box.id)
