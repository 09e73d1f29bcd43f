"""What formulas are made of, whichever way they are written: factors, signs, sums in any order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minigraph.core.node import Node, Role
from minigraph.core.op import Op, signature
from minigraph.operations.arithmetic import Add, Divide, Multiply, Negative

DEEPEST = 4
"""Two nodes are seen to be computed alike up to so many steps back."""


def is_a(node: Node, *kinds: type[Op]) -> bool:
    """Whether a node is of one of these operations."""
    return isinstance(node.op, kinds)


def constant(node: Node) -> float | None:
    """The number that a node is, everywhere."""
    if node.role is not Role.LITERAL or node.size == 0:
        return None
    first = float(np.ravel(node.value)[0])
    return first if np.all(np.asarray(node.value) == first) else None


def both(node: Node, *kinds: type[Op]) -> Iterator[tuple[Node, Node]]:
    """The operands in either order."""
    if is_a(node, *kinds):
        a, b = node.inputs
        yield a, b
        yield b, a


def same(a: Node, b: Node, depth: int = DEEPEST) -> bool:
    """Whether two nodes are one, or computed alike by a few steps."""
    if a is b:
        return True
    if a.op is None or b.op is None or depth == 0 or a.shape != b.shape:
        return constant(a) is not None and constant(a) == constant(b) and a.shape == b.shape
    return signature(a.op) == signature(b.op) and all(map(same, a.inputs, b.inputs, [depth - 1] * len(a.inputs)))


def opposite(node: Node) -> Node | None:
    """x of −x."""
    if is_a(node, Negative):
        return node.inputs[0]
    return next((x for number, x in both(node, Multiply) if constant(number) == -1), None)


def one_plus(node: Node) -> Node | None:
    """x of 1 + x."""
    return next((x for number, x in both(node, Add) if constant(number) == 1), None)


def scaled(node: Node) -> tuple[float, Node]:
    """A factor, and what it stands in front of."""
    factor = 1.0
    while True:
        x = opposite(node)
        number = None
        if x is not None:
            number, node = -1.0, x
        elif is_a(node, Divide) and (divisor := constant(node.inputs[1])):
            number, node = 1 / divisor, node.inputs[0]
        else:
            for factor_of, other in both(node, Multiply):
                if (number := constant(factor_of)) is not None:
                    node = other
                    break
        if number is None:
            return factor, node
        factor *= number
