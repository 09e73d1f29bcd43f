"""Lowering of arithmetic, of powers and sums; what is a ufunc of NumPy needs none."""

from __future__ import annotations

import math
from functools import reduce
from operator import add, mul
from typing import Any

from minigraph.core.node import Node
from minigraph.operations.arithmetic import Accumulate, Add, Divide, Subtract
from minigraph.operations.choices import maximum
from minigraph.operations.elementary import abs, log, sign
from minigraph.operations.powers import Power, PowerOfNodes
from minigraph.operations.reductions import Max, Mean, Sum, WeightedSum
from minigraph.program.inserted_operations import Chosen, Raised
from minigraph.program.instructions import Place
from minigraph.program.lowering.table import Lowering, Table
from minigraph.program.writer import Writer

LONGEST_DOT = 8192
"""Sums of at most so many terms are products with ones: BLAS is quicker to call, NumPy's pairwise sum more exact."""


def write_sum(write: Writer, out: Place, x: Place, axes: tuple[int, ...], weight: float) -> None:
    """Weight · (the sum of x over the axes)."""
    kept, count = len(x.shape) - len(axes), math.prod(x.shape[axis] for axis in axes)
    is_matrix, is_last = len(x.shape) == 2, axes == tuple(range(kept, len(x.shape)))
    if count <= LONGEST_DOT and is_last and (x.contiguous or (is_matrix and kept)):
        rows = (math.prod(x.shape[:kept]),) if kept else ()
        write.dot(write.reshaped(x, (*rows, count)), write.filled(weight, (count,), x.dtype), write.reshaped(out, rows))
    elif count <= LONGEST_DOT and is_matrix and axes == (0,):
        write.dot(write.filled(weight, (count,), x.dtype), x, write.reshaped(out, (x.shape[1],)))
    else:
        write.call("add.reduce", x, axes, len(out.shape) == len(x.shape), out)
        if weight != 1:
            write.call("multiply", out, write.number(weight, out.dtype), out)


def _weighted_sum(write: Writer, op: WeightedSum, out: Place, x: Place) -> None:
    write_sum(write, out, x, op.axes(x), op.weight(x))


def _weighted_sum_by_value(numpy: Any, node: Node, x: Any) -> Any:
    op: Any = node.op
    total, weight = numpy.sum(x, axis=op.axes(x), keepdims=op.keepdims), op.weight(x)
    return total if weight == 1 else total * weight


def _accumulate(write: Writer, op: Accumulate, out: Place, *terms: Place) -> None:
    write.call("add", *terms[:2], out)
    for term in terms[2:]:
        write.call("add", out, term, out)


def _power(write: Writer, op: Power, out: Place, x: Place) -> None:
    if op.exponent == 2:
        write.call("square", x, out)
    else:
        write.call("power", x, write.number(op.exponent, out.dtype), out)


def _power_of_nodes(op: PowerOfNodes, a: Node, b: Node) -> Node:
    """The terms of its forward rule, one after the other."""
    lowered = b - op.by_base
    power = Raised()(a, lowered)
    moves = maximum(maximum(abs(a), -lowered), 0.0)  # 0 where a is and the exponent is not negative

    def term(polynomial: list[float], logs: int) -> Node:
        part = reduce(mul, [log(a)] * logs, power)
        if logs:
            part = Chosen()(moves, part, 0.0)
        if len(polynomial) == 1:
            return part * polynomial[0]
        coefficient: Any = polynomial[0]
        for c in polynomial[1:]:
            coefficient = coefficient * b + c
        nothing = coefficient * sign(part) if logs else coefficient  # NaN where there is no logarithm
        return Chosen()(coefficient, coefficient * part, nothing)

    return reduce(add, [term(*each) for each in op.terms()])


LOWERINGS: Table = {
    Add: Lowering(sign=lambda position: 1),
    Subtract: Lowering(sign=lambda position: -1 if position else 1),
    Divide: Lowering(magnifies=lambda op, position: position == 1),
    Accumulate: Lowering(_accumulate, sign=lambda position: 1),
    Power: Lowering(_power, in_place=True, magnifies=lambda op, position: bool(op.exponent < 1)),
    PowerOfNodes: Lowering(expansion=_power_of_nodes, magnifies=lambda op, position: position == 0),
    Raised: Lowering(magnifies=lambda op, position: position == 0),
    Chosen: Lowering(lambda write, op, out, mask, a, b: write.call("where", mask, a, b, out)),
    **dict.fromkeys((Sum, Mean), Lowering(_weighted_sum, by_value=_weighted_sum_by_value)),
    Max: Lowering(lambda write, op, out, x: write.call("maximum.reduce", x, op.axes(x), op.keepdims, out)),
}
