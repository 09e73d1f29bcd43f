"""The memory of programs: how its arrays are made, and how the values that lie in it are lent to updated leaves."""

from __future__ import annotations

import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from minigraph.core.node import Node
from minigraph.core.pulling import Clock
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


class LendsValues(ABC):
    """Keeps the values of updated leaves, lends them to whoever reads one, and takes what others have set.

    Attributes:
        published_at: when the values that it lends were published.
    """

    def __init__(self, leaves: Iterable[Node]):
        self._leaves = list(leaves)
        self.published_at = -1
        self._shown = bool(self._leaves)  # whether a value from before the next step may have been read
        self._busy = threading.Lock()

    @abstractmethod
    def kept(self, leaf: Node) -> npt.ArrayLike:
        """The leaf's value, in the machine's own memory."""

    @abstractmethod
    def keep(self, leaf: Node, value: Array) -> None:
        """Put a value there."""

    def lent(self, leaf: Node) -> Array:
        """A copy of the leaf's value, for `Node.value`."""
        self._shown = True
        return np.array(self.kept(leaf))

    def _begin(self) -> None:
        """Take the lock, which whoever began gives back."""
        if not self._busy.acquire(False):
            raise RuntimeError("the program is running already: give each thread a program of its own.")

    def _adopt(self) -> None:
        """Take the leaves' values where somebody else has set them since the last step."""
        for leaf in self._leaves if Clock.time != self.published_at else ():
            if leaf._lender is not self:
                self._shown = True  # so that whoever kept it notices after the step
                self.keep(leaf, leaf.value)
                leaf._lend(self)

    def _advance(self) -> None:
        """The values are others now; if nobody has seen those before, time need not advance."""
        if self._shown:
            self._shown, self.published_at = False, Clock.tick()
