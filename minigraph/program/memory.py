"""Buffers: arrays that every step writes over, used again as soon as nothing reads them any more."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph.operations.emission import Place
from minigraph.operations.source_text import dtype_source, source_text
from minigraph.program.numpy_text.identifiers import Names
from minigraph.values import Array, Shape

LINE = 64
"""Bytes of a cache line."""


def empty(shape: Shape, dtype: npt.DTypeLike = np.float64) -> Array:
    """An array that begins on a cache line, which BLAS is quicker with."""
    size, kind = math.prod(shape), np.dtype(dtype)
    block = np.zeros(size * kind.itemsize + LINE, np.uint8)
    start = -block.ctypes.data % LINE
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
