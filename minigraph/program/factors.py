"""Nodes as a number times another node, and which numbers passes may move."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigraph.core.node import Node, Role, literal
from minigraph.operations.arithmetic import Multiply, Negative

SMALLEST_MOVED, LARGEST_MOVED = 2.0**-32, 2.0**32
"""The sizes of numbers that are moved, each of them and all that meet: rates and 1/m are between, 0, ∞ and 1e30 are not.

So no value on the way is more than these times larger or smaller than in the graph.
"""


def may_move(factor: float) -> bool:
    """Whether the number is of a size that is moved."""
    return SMALLEST_MOVED <= abs(factor) <= LARGEST_MOVED


def constant_factor(node: Node, fits: Callable[[float], bool] = may_move) -> tuple[float, Node] | None:
    """c and x if the node is c · x, entry by entry, with a number c that may be moved: whatever operation says so."""
    op = node.op
    if op is None or not op.broadcasts or (len(node.inputs) > 1 and not any([x.role is Role.LITERAL for x in node.inputs])):
        return None
    for position in op.linear_in:
        x = node.inputs[position]
        others = [y for y in node.inputs if y is not x]
        if x.shape != node.shape or len(others) < len(node.inputs) - 1 or x.dtype != node.dtype:
            continue
        if all(y.role is Role.LITERAL and y.size and np.all(y.value == np.ravel(y.value)[0]) for y in others):
            with np.errstate(all="ignore"):
                factor = op.forward(*(np.float64(1) if y is x else np.float64(np.ravel(y.value)[0]) for y in node.inputs))
            if fits(float(factor)):
                return float(factor), x
    return None


def times(factor: float, node: Node) -> Node:
    """The node Number · node, of the node's dtype."""
    if factor == -1:
        return Negative()(node)
    made = Node(Multiply(), (literal(factor, node.dtype), node), node.shape, node.dtype)
    made.group = node.group
    return made
