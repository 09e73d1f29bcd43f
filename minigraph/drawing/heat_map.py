"""Arrays as coloured cells: which colour an entry has, and the cells as a table of Graphviz, the same in SVG, PNG and PDF.

Colours run from blue over white to orange, which readers who confuse red with green tell apart; a cell below 0 has a line
around it as well, so that a printer without colours says the sign too.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from minigraph.drawing.view import Cells, Kind
from minigraph.values import Array

MOST = 16
"""So many rows and columns of cells there are at most; of larger arrays each cell is the mean of a block."""
SMALL = 8
"""With more rows or columns than this, cells are smaller."""
WIDE, NARROW = 10, 6
"""Points of a cell's side."""
NEGATIVE, ZERO, POSITIVE = (11, 84, 160), (255, 255, 255), (224, 116, 10)
FRAME, NOTHING = (5, 35, 80), "#1b1f24"
LEGEND = "cells: below 0, framed · 0 · above 0; full colour is the largest of the array"
AVERAGED = f"; means where there are more than {MOST}"
BLACK = "; black is NaN"
INFINITE = "; in a black frame, ∞ or −∞"


def cells_of(kind: Kind, value: Any) -> Cells | None:
    """The cells of an array; None for a number and for no entries. Axes before the last two stand below one another.

    Example:
        >>> cells_of(Kind.VALUE, [[2.0, -1.0], [0.0, 0.5]]).shares
        ((1.0, -0.5), (0.0, 0.25))
    """
    array = np.asarray(value, np.float64)
    if array.size < 2:
        return None
    matrix = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)
    with np.errstate(all="ignore"):
        matrix = _parts_of_largest(matrix)  # first, so that no sum of a block overflows
        shares = _parts_of_largest(averaged := _averaged(matrix))
    return Cells(kind, tuple(tuple(map(float, row)) for row in shares), averaged.shape != matrix.shape)


def _parts_of_largest(matrix: Array) -> Array:
    """Each entry as a part of the largest finite one; an infinity stays one."""
    largest = float(np.abs(matrix[np.isfinite(matrix)]).max(initial=0.0)) or 1.0
    return np.where(np.isinf(matrix), matrix, np.clip(matrix / largest, -1.0, 1.0))


def _averaged(matrix: Array) -> Array:
    """At most so many rows and columns, by means of blocks of nearly equal size."""
    rows, columns = ([*np.linspace(0, size, min(size, MOST) + 1).astype(int)] for size in matrix.shape)
    return np.array([[matrix[a:b, c:d].mean() for c, d in itertools.pairwise(columns)] for a, b in itertools.pairwise(rows)])


def colour(share: float) -> str:
    """From blue at −1 over white at 0 to orange at 1; black for NaN."""
    if math.isnan(share):
        return NOTHING
    return _mixed(POSITIVE if share > 0 else NEGATIVE, min(1.0, abs(share)))


def _mixed(full: tuple[int, int, int], share: float) -> str:
    """White, with so much of another colour in it."""
    return "#{:02x}{:02x}{:02x}".format(*(round(zero + (end - zero) * share) for zero, end in zip(ZERO, full, strict=True)))


def table(cells: Cells, line: str) -> str:
    """The cells with a frame of the colour ``line``, in a cell that Graphviz does not stretch."""
    side = WIDE if max(len(cells.shares), len(cells.shares[0])) <= SMALL else NARROW
    rows = "".join(f"<TR>{''.join(_cell(share, side) for share in row)}</TR>" for row in cells.shares)
    inner = f'<TABLE BORDER="2" COLOR="{line}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>'
    # with its lines, which Graphviz counts twice
    width, height = (side * count + 8 for count in (len(cells.shares[0]), len(cells.shares)))
    return f'<TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}">{inner}</TD>'


def _cell(share: float, side: int) -> str:
    framed = f' BORDER="1" COLOR="{_mixed(FRAME, -share)}"' if -1 <= share < 0 else ""  # a pale frame around a pale cell
    framed = f' BORDER="2" COLOR="{NOTHING}"' if math.isinf(share) else framed
    return f'<TD FIXEDSIZE="TRUE" WIDTH="{side}" HEIGHT="{side}" BGCOLOR="{colour(share)}"{framed}></TD>'


def legend(all_cells: list[Cells]) -> tuple[str, str]:
    """The scale as cells, and what it means, with what occurs only."""
    scale = table(Cells(Kind.NOTE, ((-1.0, -0.5, 0.0, 0.5, 1.0),), False), NOTHING)
    averaged = any(cells.averaged for cells in all_cells)
    shares = [share for cells in all_cells for row in cells.shares for share in row]
    return scale, LEGEND + AVERAGED * averaged + BLACK * any(map(math.isnan, shares)) + INFINITE * any(
        map(math.isinf, shares)
    )
