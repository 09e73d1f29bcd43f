"""Lowering of losses and of softmax: expansions, which share exponentials with each other and with gradients."""

from __future__ import annotations

from minigraph.core.node import Node
from minigraph.operations.activations import relu
from minigraph.operations.choices import Equal, maximum
from minigraph.operations.elementary import exp, log, log1p
from minigraph.operations.losses import BCE, LOG_FLOOR, BCEWithLogits, CrossEntropyWithLogits, SquaredError
from minigraph.operations.powers import square
from minigraph.operations.softmax import LogSoftmax, Softmax, log_softmax
from minigraph.program.inserted_operations import LargerOrOnly, negative_size
from minigraph.program.instructions import Place
from minigraph.program.lowering.table import Lowering, Table
from minigraph.program.writer import Writer


def _bce(write: Writer, op: BCE, out: Place, p: Place, y: Place) -> None:
    floor, others, rest = write.number(LOG_FLOOR, out.dtype), *(write.scratch(out.shape, out.dtype) for _ in "ab")
    write.call("log", p, out)
    write.call("maximum", out, floor, out)
    write.call("multiply", y, out, out)
    write.call("negative", p, rest)
    write.call("log1p", rest, rest)
    write.call("maximum", rest, floor, rest)
    write.call("subtract", write.number(1.0, out.dtype), y, others)
    write.call("multiply", others, rest, rest)
    write.call("add", out, rest, out)
    write.call("negative", out, out)


def _bce_with_logits(op: BCEWithLogits, z: Node, y: Node) -> Node:
    # |z| (1 − y or y) is the larger of z (1 − y) and −z y. At ±∞ one of them may be ∞ · 0, which is NaN and counts as 0
    return relu(LargerOrOnly()(z * (1 - y), z * -y)) + log1p(exp(negative_size(z)))


def _squared_error(op: SquaredError, a: Node, y: Node) -> Node:
    return square(a - y) * 0.5


def _cross_entropy_with_logits(op: CrossEntropyWithLogits, z: Node, y: Node) -> Node:
    floor = log(Equal()(y, 0.0))  # 0 where y is 0, so that 0 · log 0 is 0; else −∞
    return -(y * maximum(log_softmax(z), floor)).sum(0, keepdims=True)


def _softmax(op: Softmax, z: Node) -> Node:
    e = exp(z - z.max(op.axis, keepdims=True))
    return e / e.sum(op.axis, keepdims=True)


def _log_softmax(op: LogSoftmax, z: Node) -> Node:
    low = z - z.max(op.axis, keepdims=True)
    # Σ exp(low) − 1 without the largest, which is 1 (each of them, less 1, at a tie): a sum of terms ≥ 0 loses no digits
    largest = Equal()(low, 0.0)
    others = (exp(low) - largest).sum(op.axis, keepdims=True) + (largest.sum(op.axis, keepdims=True) - 1)
    return low - log1p(others)


LOWERINGS: Table = {
    BCE: Lowering(_bce),
    BCEWithLogits: Lowering(expansion=_bce_with_logits),
    SquaredError: Lowering(expansion=_squared_error),
    CrossEntropyWithLogits: Lowering(expansion=_cross_entropy_with_logits),
    Softmax: Lowering(expansion=_softmax),
    LogSoftmax: Lowering(expansion=_log_softmax),
}
