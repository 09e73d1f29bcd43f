"""A gradient with its axes as they may have been meant: turned, lost, flattened, broadcast."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minigraph.core.node import Node
from minigraph.reading.names import Names
from minigraph.values import Array


def as_meant(mine: Array, node: Node, names: Names) -> Iterator[tuple[Array, str]]:
    """The array as it is, and with its axes as they may have been meant, with words for it."""
    yield mine, ""
    shape = node.shape
    column = len(shape) == 2 and shape[0] > 1 == shape[1]
    if column and mine.shape == shape[:1] * 2 and np.all(mine == mine[:1]):
        why = f"{shape[:1]} and {shape} make {mine.shape}: sum with keepdims=True, so that the shape stays {shape}"
        yield mine[0].reshape(shape), f"it was broadcast to {mine.shape} when axis 1 was lost, for {why}"
    if mine.ndim == 2 and node.size > 1 and mine.shape == shape[::-1]:
        yield mine.T, transposed(node, names)
    if mine.ndim == 2 and mine.shape == shape[::-1] != shape and 1 not in shape:
        yield mine.reshape(shape), f"it was reshaped to {mine.shape}, which moves entries to other rows: it must be {shape}"
    if mine.shape == shape or mine.size != node.size or mine.shape == shape[::-1] != shape[:1]:
        return
    numbers = mine.reshape(shape)
    lost = [axis for axis, size in enumerate(shape) if size == 1 and mine.shape == shape[:axis] + shape[axis + 1 :]]
    for axis in lost:
        yield numbers, f"axis {axis} was lost: sum with keepdims=True, so that the shape stays {shape}"
    if mine.shape == () and not lost:
        yield numbers, f"it is one number: sum with keepdims=True, so that the shape stays {shape}"
    elif not lost:
        yield numbers, f"it was flattened: the shape must be {shape}" if mine.ndim == 1 else f"the shape must be {shape}"


def transposed(node: Node, names: Names) -> str:
    """How a transpose is told."""
    if node.shape == node.shape[::-1]:
        return f"it is transposed: {names.of(node)} is square, so its shape does not tell"
    return f"it is transposed: {names.gradient(node).name} has the shape of {names.of(node)}"
