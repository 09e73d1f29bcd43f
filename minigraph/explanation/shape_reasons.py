"""Where a shape comes from: the story from a node back to its leaves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minigraph.core.linear_maps import LinearMap
from minigraph.core.node import Node, Role, literal
from minigraph.core.shape_maps import Broadcast
from minigraph.explanation.report import Explanation
from minigraph.reading.names import Names
from minigraph.reading.words import shape_story
from minigraph.values import Shape

MOST_LINES = 30
"""So many nodes are told about."""


def why_shape(node: Node) -> Explanation:
    """Tell how a node got its shape, back to the leaves.

    Returns:
        An `Explanation`: a line for each node, indented below the node that uses it.

    Example:
        >>> import numpy as np
        >>> import minigraph as mg
        >>> W, b = mg.parameter(np.ones((4, 2)), "W"), mg.parameter(np.zeros((4, 1)), "b")
        >>> X = mg.data(np.ones((2, 400)), "X")
        >>> print(mg.why_shape((W @ X + b).named("Z")))
        Z is (4, 400) = W X + b, entry by entry; b: (4, 1) is repeated to (4, 400), sizes from the right being equal or 1
          W X is (4, 400): the inner sizes of (4, 2)·(2, 400), 2 and 2, are equal and fall away; the outer ones stay
            W is (4, 2), a parameter
            X is (2, 400), data
          b is (4, 1), a parameter
    """
    text = Explanation()
    tell_shapes([node], Names(node), text)
    return text


def tell_shapes(nodes: list[Node], names: Names, text: Explanation, depth: int = 0) -> None:
    """Tell how these nodes got their shapes, each node once."""
    told: set[Node] = set()
    waiting = [(node, depth) for node in reversed(nodes)]
    while waiting:
        node, at = waiting.pop()
        if node in told:
            continue
        if len(told) == MOST_LINES:
            text.say("… and so on.", depth=at)
            return
        told.add(node)
        text.say(_sentence(node, names), depth=at)
        waiting += [(x, at + 1) for x in reversed(node.inputs) if x.role is not Role.LITERAL or x.shape]


def _sentence(node: Node, names: Names) -> str:
    name = names.of(node)
    here = f"{name} is {node.shape or 'a scalar'}"
    if node.op is None:
        return f"{here}, {node.role if node.role is Role.DATA else f'a {node.role}'}"
    formula = f" = {names.formula(node)}" if node in names else ""
    reasons = "; ".join(dict.fromkeys(_reasons(node, names)))
    if node.op.broadcasts and node.shape == ():
        return here + formula
    if node.op.broadcasts:
        return f"{here}{formula}, entry by entry" + (f"; {reasons}" if reasons else _same(node, names))
    return f"{here}{formula}" + (
        f": {reasons}" if reasons else _same(node, names) or f", by the shape rule of {node.op.name}"
    )


def _same(node: Node, names: Names) -> str:
    """The operands whose shape it has."""
    arrays = [names.of(x) for x in node.inputs if x.shape == node.shape and x.shape]
    return f", so it has the shape of {' and of '.join(dict.fromkeys(arrays))}" if arrays else ""


def _reasons(node: Node, names: Names) -> Iterator[str]:
    """What the local derivatives do to the shapes of the operands: they are written for these shapes."""
    assert node.op is not None
    for operand, local in zip(node.inputs, node.op.derivatives(node, *node.inputs), strict=True):
        if node.op.broadcasts and operand.shape != node.shape and operand.shape:
            yield f"{names.of(operand)}: {shape_story(Broadcast(operand.shape, node.shape), operand.shape)}"
        elif local is not None and not node.op.broadcasts:
            yield from _along(local, operand.shape)


def _along(local: LinearMap, shape: Shape) -> Iterator[str]:
    """What each factor of a map does to the shape, the first applied first."""
    for factor in reversed(list(local.factors())):
        if story := shape_story(factor, shape):
            yield story
        shape = factor.push(literal(np.zeros(shape))).shape
