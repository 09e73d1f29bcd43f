"""Lowering of sums of many terms: reductions, and products of matrices and vectors."""

from __future__ import annotations

import math

from minigraph.operations.arithmetic import MatMul
from minigraph.operations.reductions import Max, Mean, Sum, WeightedSum
from minigraph.program.instructions import Place, Writer
from minigraph.program.lowering.table import Lowering, Table

LONGEST_DOT = 8192
"""Sums of at most so many terms are products with ones: BLAS is quicker to call, NumPy's pairwise sum more exact."""


def write_sum(write: Writer, out: Place, x: Place, axes: tuple[int, ...], weight: float) -> None:
    """Weight · (the sum of x over the axes)."""
    count = math.prod(x.shape[axis] for axis in axes)
    if count <= LONGEST_DOT and x.contiguous and len(axes) == len(x.shape):
        flat = write.reshaped(x, (x.size,))
        write.dot(flat, write.filled(weight, (count,), x.dtype), write.reshaped(out, ()))
    elif count <= LONGEST_DOT and x.contiguous and len(x.shape) > 2 and axes == tuple(range(len(x.shape)))[-len(axes) :]:
        rows = x.size // count
        write.dot(write.reshaped(x, (rows, count)), write.filled(weight, (count,), x.dtype), write.reshaped(out, (rows,)))
    elif count <= LONGEST_DOT and len(x.shape) == 2 and axes == (1,):
        write.dot(x, write.filled(weight, (count,), x.dtype), write.reshaped(out, (x.shape[0],)))
    elif count <= LONGEST_DOT and len(x.shape) == 2 and axes == (0,):
        write.dot(write.filled(weight, (count,), x.dtype), x, write.reshaped(out, (x.shape[1],)))
    else:
        write.call("add.reduce", x, axes, len(out.shape) == len(x.shape), out)
        if weight != 1:
            write.call("multiply", out, write.number(weight, out.dtype), out)


def _weighted_sum(write: Writer, op: WeightedSum, out: Place, x: Place) -> None:
    write_sum(write, out, x, op.axes(x), op.weight(x))


def _max(write: Writer, op: Max, out: Place, x: Place) -> None:
    write.call("maximum.reduce", x, op.axes(x), op.keepdims, out)


LOWERINGS: Table = {
    Sum: Lowering(_weighted_sum),
    Mean: Lowering(_weighted_sum),
    Max: Lowering(_max),
    MatMul: Lowering(lambda write, op, out, a, b: write.dot(a, b, out)),
}
