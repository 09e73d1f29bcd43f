"""Entries that are repeated: to a larger shape, each by itself, or all as a block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Maps
from minigraph.core.node import Node, Operand
from minigraph.core.op import Composed, Op, as_nodes
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Broadcast
from minigraph.formulas import Written, repeated
from minigraph.operations.shapes import Reshape, normalized_axes
from minigraph.values import Shape, broadcast_shape, shape_option, whole_number, whole_numbers


@dataclass(frozen=True, repr=False, eq=False)
class BroadcastTo(Op):
    """Repeat x to a larger shape."""

    target: Shape

    name = "broadcast_to"

    def shape(self, x: Node) -> Shape:
        try:
            fits = broadcast_shape(x.shape, self.target) == self.target
        except ValueError:
            fits = False
        if not fits:
            self.refuse([x], f"it can't be repeated to {self.target}. Sizes must agree from the right, or be 1.")
        return self.target

    linear_in = (0,)

    def forward(self, x: Any) -> Any:
        return np.broadcast_to(x, self.target)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Broadcast(x.shape, self.target),)

    def notation(self, x: Written) -> Written:
        return repeated(x, self.target)


@operation(np.broadcast_to)
def broadcast_to(x: Operand, shape: int | Sequence[int]) -> Node:
    """Repeat x to ``shape`` as NumPy broadcasts. Derivative: the sum over the repeats.

    Raises:
        ShapeError: if x does not broadcast to the shape.
        TypeError: if a size is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.broadcast_to([[1.0], [2.0]], (2, 3)).value
        array([[1., 1., 1.],
               [2., 2., 2.]])
    """
    return BroadcastTo(shape_option(shape, "broadcast_to"))(x)


@operation(np.repeat)
def repeat(x: Operand, repeats: int | Sequence[int], axis: int | None = None) -> Node:
    """Each entry ``repeats`` times, along ``axis`` or in one line. Derivative: the sum over the repeats.

    Args:
        x: any shape.
        repeats: one number, or one for each place along the axis.
        axis: the axis, or None to put all entries into one line first.

    Raises:
        ShapeError: if the axis does not exist, or there are not as many numbers as places.
        TypeError: if an option is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.repeat([1.0, 2.0], 2).value, mg.repeat([1.0, 2.0], [3, 1]).value
        (array([1., 1., 2., 2.]), array([1., 1., 1., 2.]))
    """
    times = whole_numbers(repeats, "repeat: the number of repeats")
    given = node = as_nodes([x], "repeat")[0][0]
    refusing, place = Composed("repeat"), 0
    if axis is None:
        node = given.reshape(-1)
    else:
        place = normalized_axes(refusing, given, whole_number(axis, "repeat: the axis"))[0]
    size = node.shape[place]
    if min(times, default=0) < 0 or len(times) not in (1, size):
        refusing.refuse([given], f"there are {size} places, and each is repeated 0 times or more, not {repeats}.")
    if len(times) != 1:
        return node[(*[slice(None)] * place, np.repeat(np.arange(size), times))]
    before, after = node.shape[: place + 1], node.shape[place + 1 :]
    spread = BroadcastTo((*before, times[0], *after))(node.reshape((*before, 1, *after)))
    return Reshape((*before[:-1], size * times[0], *after))(spread)


@operation(np.tile)
def tile(x: Operand, reps: int | Sequence[int]) -> Node:
    """Copies of x side by side, ``reps`` along each axis, counted from the last. Derivative: the sum over the copies.

    Raises:
        ShapeError: if a number is negative.
        TypeError: if a number is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.tile([1.0, 2.0], (2, 2)).value
        array([[1., 2., 1., 2.],
               [1., 2., 1., 2.]])
    """
    times = whole_numbers(reps, "tile: the number of copies")
    node = as_nodes([x], "tile")[0][0]
    if min(times, default=0) < 0:
        Composed("tile").refuse([node], f"there are 0 copies or more along each axis, not {reps}.")
    ndim = max(node.ndim, len(times))
    shape = (*[1] * (ndim - node.ndim), *node.shape)
    times = (*[1] * (ndim - len(times)), *times)
    pairs = [pair for both in zip(times, shape, strict=True) for pair in both]
    blocks = BroadcastTo(tuple(pairs))(node.reshape([1 if i % 2 == 0 else size for i, size in enumerate(pairs)]))
    return Reshape(tuple(count * size for count, size in zip(times, shape, strict=True)))(blocks)
