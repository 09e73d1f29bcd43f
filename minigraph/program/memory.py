"""The arrays of a program: how they are made, and the values of updated leaves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from minigraph.program.graph import Part
from minigraph.program.instructions import Instructions
from minigraph.values import Array, Shape

CACHE_LINE = 64
"""Bytes of a cache line: an array that begins on one is read more quickly by BLAS."""


def empty(shape: Shape, dtype: npt.DTypeLike = np.float64) -> Array:
    """An array that begins on a cache line, which BLAS is quicker with."""
    size, kind = math.prod(shape), np.dtype(dtype)
    block = np.zeros(size * kind.itemsize + CACHE_LINE, np.uint8)
    start = -block.ctypes.data % CACHE_LINE
    found: Array = block[start : start + size * kind.itemsize].view(kind).reshape(shape)
    return found


class States:
    """The arrays of a program's state leaves: of each the value, and memory for the next one.

    A leaf that is updated by one call in place has one array only.

    Attributes:
        pairs: value and memory of the first leaf, of the second, and so on, as the text takes them.
    """

    def __init__(self, instructions: Instructions, kept: Array | None):
        leaves = [state.leaf for state in instructions.states]
        self.pairs: list[Array] = [empty(leaf.shape, leaf.dtype) for leaf in leaves for _ in range(2)]
        self._first = {leaf: 2 * i for i, leaf in enumerate(leaves)}
        self._kept = kept

    def of(self, part: Part) -> Array:
        """The value of a user's leaf, in the array of its state leaf."""
        first = self._first.get(part.state)
        array = self._kept if first is None else self.pairs[first]
        assert array is not None
        return part.of(array)

    def publish(self, values: Sequence[Array]) -> None:
        """These are the values from now on, all of them in one store: an interrupt comes before or after."""
        pairs = []
        for value, one, other in zip(values, self.pairs[::2], self.pairs[1::2], strict=True):
            pairs += [value, other if value is one else one]
        self.pairs = pairs
