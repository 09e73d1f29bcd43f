"""Where a shape comes from, back to the leaves; and which leaf is to blame for shapes that don't fit: tried, not guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from minigraph.core.errors import ShapeError, describe
from minigraph.core.linear_maps import LinearMap
from minigraph.core.node import Node, Role, literal
from minigraph.core.pulling import ancestors
from minigraph.core.shape_maps import Broadcast
from minigraph.explanation.report import Explanation
from minigraph.reading.names import Names
from minigraph.reading.words import shape_story
from minigraph.values import Shape

MOST_LINES = 30
"""So many nodes are told about."""
LARGEST_GRAPH = 2000
"""In larger graphs no other shapes are tried."""
MOST_TRIES = 400
RESIZED = 2
"""The rank of another size: then a parameter is likelier than data, which is given."""


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


def explain_shape_error(error: ShapeError) -> Explanation:
    """The error, where the shapes of the operands come from, and which leaf in another shape would fit."""
    text = Explanation()
    text.say(str(error))
    operands = list(dict.fromkeys(error.operands))
    if not operands:
        return text
    text.say("Where the shapes come from:")
    tell_shapes(operands, Names(None, operands), text, depth=1)
    found = list(_found(error))
    if not found:
        if error.op is not None:
            text.say("No single leaf in another shape would make it fit.")
        return text
    best = min(rank for rank, _ in found)
    told = [sentence for rank, sentence in found if rank == best]
    text.say("The likely culprit, since it would fit then:" if len(told) == 1 else "It would fit with one of these:")
    for sentence in told:
        text.say(sentence, depth=1)
    return text


def _found(error: ShapeError) -> Iterator[tuple[int, str]]:
    """The leaves in another shape with which the operation accepts its operands, with a rank: low is likely."""
    order = ancestors(error.operands)
    if error.op is None or len(order) > LARGEST_GRAPH:
        return
    if len(error.operands) == 2 and _fits(error, order, {}, swapped=True):
        yield 0, f"in the other order, {' and '.join(map(describe, reversed(error.operands)))}, they fit."
    leaves = [x for x in order if x.op is None]
    sizes = sorted({size for x in error.operands for size in x.shape})
    tries = ((leaf, rank, shape, how) for leaf in leaves for rank, shape, how in _others(leaf, sizes))
    for _, (leaf, rank, shape, how) in zip(range(MOST_TRIES), tries, strict=False):
        if _fits(error, order, {leaf: shape}):
            likely = rank * 2 + ((leaf.role is Role.DATA) == (rank == RESIZED))
            yield likely, f"{describe(leaf)}{how}"


def _others(leaf: Node, sizes: Sequence[int]) -> Iterator[tuple[int, Shape, str]]:
    """Other shapes that the leaf may have been meant to have, the likeliest first."""
    shape = leaf.shape
    if len(shape) == 2 and shape[0] != shape[1]:
        yield 0, shape[::-1], f": transposed it is {shape[::-1]} and fits. Examples are columns, features are rows."
    if len(shape) == 1:
        for longer in ((1, *shape), (*shape, 1)):
            yield 1, longer, f", of one axis: reshape it to {longer}."
    for axis, size in enumerate(shape):
        for other in sizes:
            if other != size:
                changed = (*shape[:axis], other, *shape[axis + 1 :])
                yield RESIZED, changed, f": it would have to be {changed}."


def _fits(error: ShapeError, order: Sequence[Node], shapes: Mapping[Node, Shape], *, swapped: bool = False) -> bool:
    """Whether the operation accepts its operands, or them swapped, if some leaves had these shapes."""
    became: dict[Node, Node] = {}
    try:
        for node in order:
            if node in shapes:
                became[node] = _hollow(node, (), shapes[node])
            elif any(became[x] is not x for x in node.inputs):
                assert node.op is not None
                inputs = tuple(became[x] for x in node.inputs)
                became[node] = _hollow(node, inputs, node.op.shape(*inputs))
            else:
                became[node] = node
        assert error.op is not None
        error.op.shape(*(became[x] for x in (error.operands[::-1] if swapped else error.operands)))
    except ValueError:  # what ShapeError is, and what NumPy raises inside a rule of one's own
        return False
    return True


def _hollow(node: Node, inputs: tuple[Node, ...], shape: Shape) -> Node:
    """A node of another shape, without a value: shape rules look at shapes only."""
    return Node(node.op, inputs, shape, node.dtype, node.role)
