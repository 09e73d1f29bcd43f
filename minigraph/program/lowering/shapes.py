"""Lowering of operations that only move entries: most are views, which cost nothing."""

from __future__ import annotations

from typing import Any

from minigraph.operations.indexing import GetItem
from minigraph.operations.shapes import BroadcastTo, Reshape, Transpose
from minigraph.program.instructions import Place, View, Writer
from minigraph.program.lowering.table import Lowering, Table


def _reshape(write: Writer, op: Reshape, out: Place, x: Place) -> None:
    write.copy(x, write.reshaped(out, x.shape))


def _selected(op: GetItem, x: Place) -> View | None:
    if not all(map(_is_basic, op.index)):
        return None
    return View().then("index", op.index if Ellipsis in op.index else (*op.index, Ellipsis))


def _is_basic(part: Any) -> bool:
    """Whether an index of such parts only shows entries that lie evenly in memory."""
    bounds = (part.start, part.stop, part.step) if type(part) is slice else (part,)
    return part is Ellipsis or all(bound is None or type(bound) is int for bound in bounds)


LOWERINGS: Table = {
    GetItem: Lowering(view=_selected),
    Reshape: Lowering(_reshape, view=lambda op, x: View().then("reshape", op.target) if x.contiguous else None),
    Transpose: Lowering(view=lambda op, x: View().then("transpose", None if op.axes == (1, 0) else op.axes)),
    BroadcastTo: Lowering(view=lambda op, x: View().then("broadcast", op.target)),
}
