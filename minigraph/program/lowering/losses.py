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
from minigraph.program.lowering.table import Lowering, Table


def _bce(op: BCE, p: Node, y: Node) -> Node:
    return -(y * maximum(log(p), LOG_FLOOR) + (1 - y) * maximum(log1p(-p), LOG_FLOOR))


def _bce_with_logits(op: BCEWithLogits, z: Node, y: Node) -> Node:
    # |z| (1 − y or y) is the larger of z (1 − y) and −z y. At ±∞ one of them may be ∞ · 0, which is NaN and counts as 0
    return relu(LargerOrOnly()(z * (1 - y), z * -y)) + log1p(exp(negative_size(z)))


def _cross_entropy_with_logits(op: CrossEntropyWithLogits, z: Node, y: Node) -> Node:
    floor = log(Equal()(y, 0.0))  # 0 where y is 0, so that 0 · log 0 is 0; else −∞
    return -(y * maximum(log_softmax(z), floor)).sum(0, keepdims=True)


def _softmax(op: Softmax, z: Node) -> Node:
    e = exp(z - z.max(op.axis, keepdims=True))
    return e / e.sum(op.axis, keepdims=True)


def log_of_sum(low: Node, axis: int) -> Node:
    """The logarithm of Σ exp(low) along the axis, where the largest entry is 0."""
    # Σ exp(low) − 1 without the largest, which is 1 (each of them, less 1, at a tie): a sum of terms ≥ 0 loses no digits
    largest = Equal()(low, 0.0)
    return log1p((exp(low) - largest).sum(axis, keepdims=True) + (largest.sum(axis, keepdims=True) - 1))


def _log_softmax(op: LogSoftmax, z: Node) -> Node:
    low = z - z.max(op.axis, keepdims=True)
    return low - log_of_sum(low, op.axis)


LOWERINGS: Table = {
    BCE: Lowering(expansion=_bce),
    BCEWithLogits: Lowering(expansion=_bce_with_logits),
    SquaredError: Lowering(expansion=lambda op, a, y: square(a - y) * 0.5),
    CrossEntropyWithLogits: Lowering(expansion=_cross_entropy_with_logits),
    Softmax: Lowering(expansion=_softmax),
    LogSoftmax: Lowering(expansion=_log_softmax),
}
