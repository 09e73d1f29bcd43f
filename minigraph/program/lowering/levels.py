"""Lowering of `Levels`: each level becomes the instructions of its operation, on parts of one long array."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigraph.program.instructions import Place
from minigraph.program.lowering.table import Lowering, Table, lowering_of
from minigraph.program.scalar_levels import Levels, Picked, length
from minigraph.program.writer import INDICES, Writer
from minigraph.values import Shape


class _Spare:
    """A writer whose scratch memory is free again for the next level."""

    def __init__(self, write: Writer, size: int):
        self._write = write
        self._size = size
        self._blocks: list[Place] = []
        self._used = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._write, name)

    def free(self) -> None:
        """The level is done."""
        self._used = 0

    def scratch(self, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """An array until the level is done."""
        if self._used == len(self._blocks):
            self._blocks.append(self._write.scratch((self._size,), dtype))
        self._used += 1
        return self._write.part(self._blocks[self._used - 1], slice(0, math.prod(shape)), shape)


def _levels(write: Writer, op: Levels, out: Place, *operands: Place) -> None:
    largest = max(max([math.prod(level.shape), *map(length, level.operands)]) for level in op.levels)
    spare = _Spare(write, largest)

    def part(x: Place, entries: slice) -> Place:
        return write.part(x, entries, (length(entries),))

    for (start, entries), x in zip(op.given, operands, strict=True):
        target = part(out, slice(start, start + length(entries)))
        if isinstance(entries, slice):
            write.copy(part(x, entries), target)
        else:
            _take(write, x, entries, target)
    for level in op.levels:
        read = []
        for entries in level.operands:
            if isinstance(entries, slice):
                read.append(part(out, entries))
            else:
                read.append(spare.scratch((len(entries),), out.dtype))
                _take(write, out, entries, read[-1])
        target = write.part(out, level.slice, level.shape)
        if level.terms is not None:
            rows = write.reshaped(read[0], level.terms)
            function = "add.accumulate" if level.is_run else "add.reduce"
            write.call(function, rows, *((0,) if level.is_run else ((0,), False)), target)
        else:
            lower = lowering_of(level.op).write
            assert lower is not None
            lower(spare, level.op, target, *read)
        spare.free()


def _take(write: Writer, x: Place, places: Sequence[int], out: Place) -> None:
    """Pick entries."""
    write.call("take", x, write.constant("places", np.array(places, INDICES)), out)


LOWERINGS: Table = {
    Levels: Lowering(_levels),
    Picked: Lowering(lambda write, op, out, x: _take(write, x, op.places, out)),
}
