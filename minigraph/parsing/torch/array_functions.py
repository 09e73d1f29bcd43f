"""Entries of arrays, as PyTorch takes, repeats and replaces them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.core.operators import OPERATIONS


def on_axis(x: Any, axis: int, index: Any) -> tuple[Any, ...]:
    """The index of an array that is this on one axis, and all on those before it."""
    return (*[slice(None)] * (axis % x.ndim), index)


def along(x: Node, axis: int, index: Any) -> Node:
    """x[…, index, …]: a number, a slice or an array on one axis."""
    if isinstance(index, slice) and range(x.shape[axis])[index] == range(x.shape[axis]):
        return x
    return x[on_axis(x, axis, index)]


def split(x: Node, sizes: Sequence[int], axis: int = 0) -> list[Node]:
    """Parts of these sizes, one after the other."""
    ends = np.cumsum(sizes).tolist()
    return [along(x, axis, slice(end - size, end)) for size, end in zip(sizes, ends, strict=True)]


def index(x: Node, indices: Sequence[Any]) -> Node:
    """x[indices], all of an axis where there is None."""
    return x[tuple(slice(None) if part is None else part for part in indices)]


def gather(x: Node, axis: int, index: Any, **_: Any) -> Node:
    """For each entry of the index, the entry of x that it names on the axis; its place says the others."""
    places: list[Any] = list(np.ogrid[tuple(slice(size) for size in index.shape)])
    places[axis] = index
    return x[tuple(places)]


def flip(x: Node, axes: Sequence[int]) -> Node:
    """The other way round on these axes."""
    for axis in axes:
        x = x[on_axis(x, axis, slice(None, None, -1))]
    return x


def padded(x: Any, widths: Sequence[int], value: float = 0.0) -> Node:
    """x with so many entries of a value before and after it, on the last axis first; negative widths cut entries off."""
    shape, place = list(x.shape), [slice(None)] * x.ndim
    for axis, before, after in zip(range(x.ndim - 1, -1, -1), widths[::2], widths[1::2], strict=False):
        x = along(x, axis, slice(max(-before, 0), x.shape[axis] - max(-after, 0)))
        place[axis] = slice(max(before, 0), max(before, 0) + x.shape[axis])
        shape[axis] = x.shape[axis] + max(before, 0) + max(after, 0)
    around = np.full(shape, value, float)
    around[tuple(place)] = 0
    inside = OPERATIONS["scatter"](x, tuple(place), tuple(shape))
    return inside if value == 0 else inside + around


def part(values: Any, number: int) -> Any:
    """One of several values that an operation gives."""
    if number >= len(values):
        raise ValueError("which entries they are depends on values, and that is no part of a graph")
    return values[number]


def replaced(x: Any, new: Any, axis: int, index: Any) -> Node:
    """x with new entries at an index on one axis."""
    place = on_axis(x, axis, index)
    mask = np.zeros(x.shape, bool)
    mask[place] = True
    return OPERATIONS["where"](mask, OPERATIONS["scatter"](new, place, x.shape), x)


# Shapes


def expand(x: Any, shape: Sequence[int], **_: Any) -> Node:
    """x repeated to a shape, in which −1 is a size that stays."""
    x = x if isinstance(x, Node) else np.asarray(x, float)
    kept = [1] * (len(shape) - x.ndim) + list(x.shape)
    return OPERATIONS["broadcast_to"](x, [old if new == -1 else new for old, new in zip(kept, shape, strict=True)])


def squeeze(x: Node, axes: Sequence[int]) -> Node:
    """Without those of these axes that have size 1."""
    gone = {axis % x.ndim for axis in axes if x.shape[axis] == 1}
    return x.reshape([size for axis, size in enumerate(x.shape) if axis not in gone])
