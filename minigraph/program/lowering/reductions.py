"""Lowering of products, norms, smallest entries and running sums: by operations that every machine has."""

from __future__ import annotations

import numpy as np

from minigraph.core.node import Node
from minigraph.operations.choices import Equal, maximum
from minigraph.operations.elementary import abs
from minigraph.operations.joining import Stack, concatenate
from minigraph.operations.norms_and_variances import Norm, QuotientOrZero
from minigraph.operations.powers import sqrt, square
from minigraph.operations.reductions import Max, Min, Prod, ProductOfOthers, line_product, lines_of_others
from minigraph.operations.running_sums import CumSum
from minigraph.operations.softmax import LogSumExp
from minigraph.program.inserted_operations import LargerOrOnly
from minigraph.program.lowering.losses import log_of_sum
from minigraph.program.lowering.table import Lowering, Table, always


def _prod(op: Prod, x: Node) -> Node | None:
    if x.size == 0:
        return None
    order, rows = op.lines(x)
    product: Node = line_product(x.transpose(order).reshape(rows))
    return product.reshape(op.shape(x))


def _product_of_others(op: ProductOfOthers, x: Node) -> Node | None:
    order, rows = op.lines(x)
    if x.size == 0 or rows[0] == 1:
        return None
    moved = x.transpose(order)
    others: Node = lines_of_others(moved.reshape(rows), concatenate)
    return others.reshape(moved.shape).transpose(np.argsort(order).tolist())


def _norm(op: Norm, x: Node) -> Node | None:
    if op.count(x) == 0:
        return None
    axes = op.axes(x)
    # By the largest, so that no square is too large or too small; where all are 0, by a number that is not.
    largest = maximum(Max(axes, True)(abs(x)), float(np.finfo(x.dtype).tiny))
    squares = square(x / largest).sum(axes, keepdims=True)
    return (largest * sqrt(squares if op.divisor == 1 else squares / op.divisor)).reshape(op.shape(x))


def _quotient_or_zero(op: QuotientOrZero, a: Node, b: Node) -> Node:
    is_zero = Equal()(b, 0.0)
    return a * (1 - is_zero) / (b + is_zero)


def _logsumexp(op: LogSumExp, z: Node) -> Node | None:
    if z.size == 0:
        return None
    largest = z.max(op.axis, keepdims=True)
    below = LargerOrOnly()(largest - z, 0.0)  # 0 where both are infinite
    return (largest + log_of_sum(-below, op.axis)).reshape(op.shape(z))


def _stack(op: Stack, *parts: Node) -> Node:
    axis, shape = op.along(parts[0]), parts[0].shape
    return concatenate([part.reshape((*shape[:axis], 1, *shape[axis:])) for part in parts], axis)


LOWERINGS: Table = {
    Min: Lowering(expansion=lambda op, x: -Max(op.axis, op.keepdims)(-x)),
    Prod: Lowering(expansion=_prod),
    ProductOfOthers: Lowering(expansion=_product_of_others),
    Norm: Lowering(expansion=_norm, magnifies=always),
    QuotientOrZero: Lowering(expansion=_quotient_or_zero, magnifies=always),
    LogSumExp: Lowering(expansion=_logsumexp),
    CumSum: Lowering(lambda write, op, out, x: write.call("add.accumulate", x, op.along(x), out)),
    Stack: Lowering(expansion=_stack),
}
