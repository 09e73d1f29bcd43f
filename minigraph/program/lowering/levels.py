"""Lowering of `Levels`: each level becomes the instructions of its operation, on parts of one long array."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigraph.program.instructions import Place
from minigraph.program.lowering.table import Lowering, Table, lowering_of
from minigraph.program.scalar_levels import Entries, Levels, Picked
from minigraph.program.writer import Writer
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
    *given, indices = operands
    largest = max(max([math.prod(level.shape), *(entries.count for entries in level.operands)]) for level in op.levels)
    spare = _Spare(write, largest)

    def part(x: Place, entries: Entries) -> Place:
        return write.part(x, entries.slice, (entries.count,))

    for (start, entries), x in zip(op.given, given, strict=True):
        target = part(out, Entries(start, entries.count))
        if entries.picked:
            write.call("take", x, part(indices, entries), target)
        else:
            write.copy(part(x, entries), target)
    for level in op.levels:
        read = []
        for entries in level.operands:
            if entries.picked:
                read.append(spare.scratch((entries.count,), out.dtype))
                write.call("take", out, part(indices, entries), read[-1])
            else:
                read.append(part(out, entries))
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


LOWERINGS: Table = {
    Levels: Lowering(_levels),
    Picked: Lowering(lambda write, op, out, x, indices: write.call("take", x, indices, out)),
}
