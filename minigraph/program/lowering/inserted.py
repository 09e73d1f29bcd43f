"""Lowering of the operations that passes insert."""

from __future__ import annotations

from minigraph.program.inserted_operations import Checked, Copy, Inner, Piece, Positive, entries_of
from minigraph.program.instructions import Place, View, Writer
from minigraph.program.lowering.activations import write_positive
from minigraph.program.lowering.sums import write_sum
from minigraph.program.lowering.table import Lowering, Table, lowering_of


def _inner(write: Writer, op: Inner, out: Place, a: Place, b: Place) -> None:
    if a.contiguous and b.contiguous:
        write.dot(write.reshaped(a, (a.size,)), write.reshaped(b, (b.size,)), out)
    else:
        products = write.scratch(a.shape, out.dtype)
        write.call("multiply", a, b, products)
        write_sum(write, out, products, tuple(range(len(a.shape))), 1.0)


def _magnifies(op: Checked, position: int) -> bool:
    assert op.user.op is not None
    return lowering_of(op.user.op).magnifies(op.user.op, op.position)


LOWERINGS: Table = {
    Checked: Lowering(view=lambda op, x: View(), magnifies=_magnifies),
    Piece: Lowering(view=lambda op, x: entries_of(op.entries, op.target)),
    Inner: Lowering(_inner),
    Positive: Lowering(lambda write, op, out, x: write_positive(write, out, x, negative=False)),
    Copy: Lowering(lambda write, op, out, x: write.copy(x, out)),
}
