"""What the root of a graph is for a reader: a loss, or an output."""

from __future__ import annotations

from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.operations.arithmetic import Add, Multiply, Subtract
from minigraph.operations.elementary import Log
from minigraph.operations.idiom_parts import scaled
from minigraph.operations.idioms import recognised
from minigraph.operations.reductions import Mean, Sum

LOSSES = ("BCE", "mean BCE", "mean squared error")
"""Formulas that are losses, by the names of `minigraph.operations.idioms`."""


def is_loss(root: Node) -> bool:
    """Whether a node is a loss: as an operation or written out, its mean, or with a penalty added to it.

    Example:
        >>> import minigraph as mg
        >>> a, y, w = mg.parameter([[0.5]], "a"), mg.data([[1.0]], "y"), mg.parameter(2.0, "w")
        >>> is_loss(mg.bce(a, y).mean() + 0.1 * w**2), is_loss(-(y * mg.log(a)).sum()), is_loss(3 * w)
        (True, True, False)
    """
    waiting, met = [root], {root}
    while waiting:
        node = waiting.pop()
        if node.op is None:
            continue
        if node.op.is_loss or _is_written_out(node):
            return True
        operands = [x for x in node.inputs if x.op is not None]
        if len(operands) > 1 and not isinstance(node.op, Add | Subtract):
            operands = []
        waiting += [x for x in operands if x not in met]
        met.update(operands)
    return False


def _is_written_out(node: Node) -> bool:
    idiom = recognised(node)
    return (idiom is not None and idiom.name in LOSSES) or _is_log_likelihood(node)


def _is_log_likelihood(node: Node) -> bool:
    """−Σ y log a, or its mean: the cross-entropy of targets y, which are data."""
    factor, node = scaled(node)
    while isinstance(node.op, Mean | Sum):
        inner, node = scaled(node.inputs[0])
        factor *= inner
    if factor > 0 or not isinstance(node.op, Multiply):
        return False
    return any(isinstance(a.op, Log) and _is_given(y) for a, y in (node.inputs, node.inputs[::-1]))


def _is_given(node: Node) -> bool:
    """Whether a node is made of data alone; a number is a factor, and no target."""
    is_number = node.role is Role.LITERAL and node.shape == ()
    return not is_number and all(x.role is not Role.PARAMETER for x in ancestors([node]))
