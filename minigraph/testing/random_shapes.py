"""Recipes for entries that are put elsewhere: other shapes, repeats, parts put together, parts chosen by an index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from hypothesis import strategies as st

from minigraph.core.node import Node
from minigraph.operations import gathering, joining, repeating, running_sums, shapes
from minigraph.testing.builder import RECIPES, Builder, recipe, unary, whole_numbers_below
from minigraph.values import Shape


@recipe
def reshape(builder: Builder) -> Node:
    """Flat, a column, a row, an axis more."""
    x = builder.pick()
    return shapes.reshape(x, builder.draw(st.sampled_from([(x.size,), (-1, 1), (1, -1), (*x.shape, 1)])))


@recipe
def expand_dims(builder: Builder) -> Node:
    """One axis more, anywhere."""
    x = builder.pick()
    return shapes.expand_dims(x, builder.draw(st.integers(-x.ndim - 1, x.ndim)))


for _shape in (shapes.ravel, shapes.squeeze):
    RECIPES[_shape.__name__] = partial(unary, _shape, None)


@recipe
def swapaxes(builder: Builder) -> Node:
    """Any two axes, which may be one."""
    x = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    axes = st.integers(-x.ndim, x.ndim - 1)
    return shapes.swapaxes(x, builder.draw(axes), builder.draw(axes))


@recipe
def cumsum(builder: Builder) -> Node:
    """Along an axis, or all entries."""
    x = builder.pick()
    return running_sums.cumsum(x, builder.draw(st.none() | st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.none()))


@recipe
def repeat(builder: Builder) -> Node:
    """Along an axis or in one line, all equally often or not."""
    x = builder.pick()
    axis = builder.draw(st.none() | st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.none())
    size = x.size if axis is None else x.shape[axis]
    return repeating.repeat(x, builder.draw(st.sampled_from([2, [1 + place % 2 for place in range(size)]])), axis)


@recipe
def tile(builder: Builder) -> Node:
    """Along the last axis, and along a new one."""
    return repeating.tile(builder.pick(), builder.draw(st.sampled_from([2, (2, 1), (2, 1, 1, 1)])))


@recipe
def transpose(builder: Builder) -> Node:
    """Reversed axes, and any order."""
    x = builder.pick()
    return shapes.transpose(x, builder.draw(st.none() | st.permutations(range(x.ndim))))


@recipe
def broadcast_to(builder: Builder) -> Node:
    """A new first axis, and axes of size 1 made larger."""
    x = builder.pick()
    wider = tuple(2 if size == 1 else size for size in x.shape)
    return repeating.broadcast_to(x, builder.draw(st.sampled_from([wider, (2, *x.shape), (1, *wider)])))


@recipe
def concatenate(builder: Builder) -> Node:
    """Two parts, or the same one twice, along any axis."""
    x = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    axis = builder.draw(st.integers(0, x.ndim - 1))

    def fits(shape: Shape) -> bool:
        return len(shape) == x.ndim and all(m == n or i == axis for i, (m, n) in enumerate(zip(shape, x.shape, strict=True)))

    return joining.concatenate([x, builder.pick(fits, x.shape)], axis - builder.draw(st.sampled_from([0, x.ndim])))


@recipe
def stack(builder: Builder) -> Node:
    """Two parts of one shape, or the same one twice, along a new axis anywhere."""
    x = builder.pick()
    parts = [x, builder.pick(lambda shape: shape == x.shape, x.shape)]
    return joining.stack(parts, builder.draw(st.integers(-x.ndim - 1, x.ndim)))


def _side_by_side(operation: Callable[[Sequence[Node]], Node], builder: Builder) -> Node:
    x = builder.pick()
    return operation([x, builder.pick(lambda shape: shape == x.shape, x.shape)])


RECIPES["vstack"] = partial(_side_by_side, joining.vstack)
RECIPES["hstack"] = partial(_side_by_side, joining.hstack)


@recipe
def getitem(builder: Builder) -> Node:
    """Numbers, slices, ..., None, arrays of positions with repeats, masks."""
    x = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    mask = np.arange(x.size).reshape(x.shape) % 2 == 0
    indices = [0, -1, slice(None, None, -1), slice(0, 2), ..., None, (..., 0), (None, ..., slice(1)), [0, -1, 0], mask]
    return x[builder.draw(st.sampled_from(indices))]


@recipe
def take(builder: Builder) -> Node:
    """Places along an axis, some of them twice, held by a node."""
    x = builder.pick(lambda shape: len(shape) > 0, (3, 2))
    axis = builder.draw(st.integers(-x.ndim, x.ndim - 1))
    shape = builder.draw(st.sampled_from([(), (1,), (3,), (2, 2)]))
    return gathering.take(x, whole_numbers_below(builder, shape, x.shape[axis]), axis)


@recipe
def one_hot(builder: Builder) -> Node:
    """Columns of labels, which choose the entries of another node."""
    x = builder.pick(lambda shape: len(shape) == 2, (3, 2))
    return x * gathering.one_hot(whole_numbers_below(builder, x.shape[1:], x.shape[0]), x.shape[0])
