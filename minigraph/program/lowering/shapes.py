"""Lowering of operations that only move entries, copy or look at them: most are views, which cost nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigraph.core.node import Node, literal
from minigraph.operations.arithmetic import Cast, Detach, Identical, cast
from minigraph.operations.choices import Equal
from minigraph.operations.gathering import OneHot
from minigraph.operations.indexing import GetItem, Scatter
from minigraph.operations.joining import Concatenate
from minigraph.operations.repeating import BroadcastTo
from minigraph.operations.shapes import Reshape, Transpose
from minigraph.program.inserted_operations import Again, Checked, Copy, Piece, entries_of
from minigraph.program.instructions import Place, View
from minigraph.program.lowering.table import Lowering, Table, lowering_of


def _selected(op: GetItem, x: Place) -> View | None:
    if op.gaps or not all(map(_is_basic, op.index)):
        return None
    return View().then("index", op.index if Ellipsis in op.index else (*op.index, Ellipsis))


def _one_hot(op: OneHot, labels: Node) -> Node:
    classes = literal(np.arange(op.classes).reshape(-1, 1), labels.dtype)
    return cast(Equal()(labels.reshape(1, labels.size), classes), op.dtype)


def _is_basic(part: Any) -> bool:
    """Whether an index of such parts only shows entries that lie evenly in memory."""
    bounds = (part.start, part.stop, part.step) if type(part) is slice else (part,)
    return part is Ellipsis or all(bound is None or type(bound) is int for bound in bounds)


LOWERINGS: Table = {
    **dict.fromkeys((Identical, Detach, Again), Lowering(view=lambda op, x: View())),
    **dict.fromkeys((Cast, Copy), Lowering(lambda write, op, out, x: write.copy(x, out))),
    Checked: Lowering(
        view=lambda op, x: View(),
        magnifies=lambda op, position: lowering_of(op.user.op).magnifies(op.user.op, op.position),
    ),
    Piece: Lowering(view=lambda op, x: entries_of(op.entries, op.target)),
    GetItem: Lowering(view=_selected, by_value=lambda numpy, node, x, *parts: x[node.op.numbers(parts)]),
    Scatter: Lowering(
        by_value=lambda numpy, node, x, *parts: numpy.zeros(node.shape, node.dtype).at[node.op.numbers(parts)].add(x)
    ),
    Concatenate: Lowering(by_value=lambda numpy, node, *parts: numpy.concatenate(parts, node.op.axis)),
    OneHot: Lowering(expansion=_one_hot),
    Reshape: Lowering(
        lambda write, op, out, x: write.copy(x, write.reshaped(out, x.shape)),
        view=lambda op, x: View().then("reshape", op.target) if x.contiguous else None,
    ),
    Transpose: Lowering(view=lambda op, x: View().then("transpose", None if op.axes == (1, 0) else op.axes)),
    BroadcastTo: Lowering(
        view=lambda op, x: View().then("broadcast", op.target),
        by_value=lambda numpy, node, x: numpy.broadcast_to(x, node.shape),
    ),
}
