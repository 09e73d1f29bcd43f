"""Which leaf is to blame for shapes that don't fit: found by trying, not by guessing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from minigraph.core.errors import ShapeError, describe
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.explanation.report import Explanation
from minigraph.explanation.shape_reasons import tell_shapes
from minigraph.reading.names import Names
from minigraph.values import Shape

LARGEST_GRAPH = 2000
"""In larger graphs no other shapes are tried."""
MOST_TRIES = 400
RESIZED = 2
"""The rank of another size: then a parameter is likelier than data, which is given."""


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
