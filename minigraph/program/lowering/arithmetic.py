"""Lowering of arithmetic, of powers and sums; what is a ufunc of NumPy needs none."""

from __future__ import annotations

import math

from minigraph.operations.arithmetic import Accumulate, Add, Divide, Subtract
from minigraph.operations.powers import Power, PowerOfNodes
from minigraph.operations.reductions import Max, Mean, Sum, WeightedSum
from minigraph.program.instructions import Place
from minigraph.program.lowering.table import Lowering, Table
from minigraph.program.writer import Writer

LONGEST_DOT = 8192
"""Sums of at most so many terms are products with ones: BLAS is quicker to call, NumPy's pairwise sum more exact."""


def write_sum(write: Writer, out: Place, x: Place, axes: tuple[int, ...], weight: float) -> None:
    """Weight · (the sum of x over the axes)."""
    before = tuple(range(len(x.shape)))[: len(x.shape) - len(axes)]
    is_matrix, is_last = len(x.shape) == 2, (*before, *axes) == tuple(range(len(x.shape)))
    count = math.prod(x.shape[axis] for axis in axes)
    if count <= LONGEST_DOT and is_last and (x.contiguous or (is_matrix and before)):
        rows = (math.prod(x.shape[axis] for axis in before),) if before else ()
        write.dot(write.reshaped(x, (*rows, count)), write.filled(weight, (count,), x.dtype), write.reshaped(out, rows))
    elif count <= LONGEST_DOT and is_matrix and axes == (0,):
        write.dot(write.filled(weight, (count,), x.dtype), x, write.reshaped(out, (x.shape[1],)))
    else:
        write.call("add.reduce", x, axes, len(out.shape) == len(x.shape), out)
        if weight != 1:
            write.call("multiply", out, write.number(weight, out.dtype), out)


def _weighted_sum(write: Writer, op: WeightedSum, out: Place, x: Place) -> None:
    write_sum(write, out, x, op.axes(x), op.weight(x))


def _max(write: Writer, op: Max, out: Place, x: Place) -> None:
    write.call("maximum.reduce", x, op.axes(x), op.keepdims, out)


def _accumulate(write: Writer, op: Accumulate, out: Place, *terms: Place) -> None:
    write.call("add", *terms[:2], out)
    for term in terms[2:]:
        write.call("add", out, term, out)


def _power(write: Writer, op: Power, out: Place, x: Place) -> None:
    if op.exponent == 2:
        write.call("square", x, out)
    else:
        write.call("power", x, write.number(op.exponent, out.dtype), out)


def _power_of_nodes(write: Writer, op: PowerOfNodes, out: Place, a: Place, b: Place) -> None:
    """The terms of its forward rule, one after the other."""
    if not (op.by_base or op.by_exponent):
        write.call("power", a, b, out)
        return
    zero = write.number(0.0, out.dtype)
    coefficient, lowered, log = (write.scratch(x.shape, out.dtype) for x in (b, b, a))
    power, moves, term = (write.scratch(out.shape, out.dtype) for _ in range(3))
    write.call("subtract", b, write.number(op.by_base, out.dtype), lowered)
    write.call("power", a, lowered, power)
    write.call("negative", lowered, lowered)
    write.call("absolute", a, log)
    write.call("maximum", log, lowered, moves)
    write.call("maximum", moves, zero, moves)  # 0 where a is and the exponent is not negative
    write.call("log", a, log)
    for position, (polynomial, logs) in enumerate(op.terms()):
        target = term if position else out
        write.copy(power, target)
        for _ in range(logs):
            write.call("multiply", target, log, target)
        if logs:
            write.call("where", moves, target, zero, target)
        if polynomial != [1.0]:
            write.copy(write.number(polynomial[0], out.dtype), coefficient)
            for c in polynomial[1:]:
                write.call("multiply", coefficient, b, coefficient)
                write.call("add", coefficient, write.number(c, out.dtype), coefficient)
            nothing = coefficient
            if logs:
                nothing = write.scratch(out.shape, out.dtype)
                write.call("sign", target, nothing)
                write.call("multiply", coefficient, nothing, nothing)  # NaN where there is no logarithm
            write.call("multiply", coefficient, target, target)
            write.call("where", coefficient, target, nothing, target)
        if position:
            write.call("add", out, term, out)


LOWERINGS: Table = {
    Add: Lowering(sign=lambda position: 1),
    Subtract: Lowering(sign=lambda position: -1 if position else 1),
    Divide: Lowering(magnifies=lambda op, position: position == 1),
    Accumulate: Lowering(_accumulate, sign=lambda position: 1),
    Power: Lowering(_power, in_place=True, magnifies=lambda op, position: bool(op.exponent < 1)),
    PowerOfNodes: Lowering(_power_of_nodes, magnifies=lambda op, position: position == 0),
    Sum: Lowering(_weighted_sum),
    Mean: Lowering(_weighted_sum),
    Max: Lowering(_max),
}
