"""Where the arrays of a program lie: buffers, used again when nothing reads them any more; the values of updated leaves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph.core.node import Node
from minigraph.program.graph import Part
from minigraph.program.instructions import Place
from minigraph.program.numpy_text.identifiers import Names
from minigraph.program.numpy_text.source_text import dtype_source, source_text
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


@dataclass
class Memory:
    """Hands out places and takes them back.

    Attributes:
        names: where names come from.
        reuse: whether memory is used again.
        lines: the lines that make the arrays.
        count: how many arrays there are.
        bytes: their size together.
        saved: the bytes that using memory again has saved.
    """

    names: Names
    reuse: bool = True
    lines: list[str] = field(default_factory=list)
    count: int = 0
    bytes: int = 0
    saved: int = 0
    _free: dict[tuple[int, Any], list[Place]] = field(default_factory=dict)

    def take(self, wish: str, shape: Shape, dtype: np.dtype[Any], own: bool = False) -> Place:
        """An array of the shape; ``own`` if it must not share memory with others."""
        size = int(np.prod(shape, dtype=int))
        free = self._free.get((size, dtype), [])
        name = self.names.new(wish)
        if free and self.reuse and not own:
            return self.again(name, free.pop(), shape)
        self.lines.append(f"{name} = empty({source_text(shape)}{dtype_source(dtype)})")
        self.count += 1
        self.bytes += size * dtype.itemsize
        return Place(name, shape, dtype)

    def again(self, name: str, place: Place, shape: Shape) -> Place:
        """The memory of a place under a new name, in a shape of as many entries."""
        text = place.name if place.shape == shape else f"{place}.reshape({shape})"
        self.lines.append(f"{name} = {text}  # its memory is free by then")
        self.saved += place.size * place.dtype.itemsize
        return Place(name, shape, place.dtype)

    def give_back(self, place: Place) -> None:
        """The place's memory may be used again."""
        self._free.setdefault((place.size, place.dtype), []).append(place)


class States:
    """The arrays of a program's state leaves: of each the value, and memory for the next one.

    A leaf that is updated by one call in place has one array only.

    Attributes:
        pairs: value and memory of the first leaf, of the second, and so on, as the text takes them.
    """

    def __init__(self, leaves: Sequence[Node], in_place: tuple[Node, Array] | None):
        self.pairs: list[Array] = [empty(leaf.shape, leaf.dtype) for leaf in leaves for _ in range(2)]
        self._first = {leaf: 2 * i for i, leaf in enumerate(leaves)}
        self._in_place = in_place

    def values(self) -> list[Array]:
        """The values of all state leaves."""
        return [*self.pairs[::2], *(() if self._in_place is None else (self._in_place[1],))]

    def of(self, part: Part) -> Array:
        """The value of a user's leaf, in the array of its state leaf."""
        in_place = self._in_place
        if in_place is not None and part.state is in_place[0]:
            return part.of(in_place[1])
        return part.of(self.pairs[self._first[part.state]])

    def publish(self, values: Sequence[Array]) -> None:
        """These are the values from now on, all of them in one store: an interrupt comes before or after."""
        pairs = []
        for value, one, other in zip(values, self.pairs[::2], self.pairs[1::2], strict=True):
            pairs += [value, other if value is one else one]
        self.pairs = pairs
