"""`Levels`: operations on numbers as few operations on entries of one long array. `Picked`: entries picked from an array."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.node import Node, Role
from minigraph.core.op import Op
from minigraph.values import Array, Shape, locked


@dataclass(frozen=True, slots=True)
class Entries:
    """Where numbers lie in a long array.

    Attributes:
        start: the first of them.
        count: how many there are; one may stand for all of a level.
        picked: whether they lie in no order: then the indices, from ``start`` on, say where each one is.
    """

    start: int
    count: int
    picked: bool = False

    @property
    def slice(self) -> slice:
        """These entries, or those of the indices."""
        return slice(self.start, self.start + self.count)


@dataclass(frozen=True, slots=True)
class Level:
    """Equal operations that don't wait for each other: one call.

    Attributes:
        op: the operation.
        start: where the result begins.
        shape: of the result. Two axes are those of a run of sums: each row is the one before and one more term, the
            first row the first term.
        operands: the entries of each operand.
        terms: if the level is a sum of rows, or a run of sums, the shape of its only operand: a row for each term.
    """

    op: Op
    start: int
    shape: Shape
    operands: tuple[Entries, ...]
    terms: Shape | None = None

    @property
    def slice(self) -> slice:
        """The entries of the result."""
        return slice(self.start, self.start + math.prod(self.shape))

    @property
    def is_run(self) -> bool:
        """Whether it is a run of sums."""
        return len(self.shape) == 2


@dataclass(frozen=True, repr=False, eq=False)
class Levels(Op):
    """Operations on numbers, level by level, in one long array. The last operand holds indices.

    Attributes:
        size: how long the array is; what is given comes first.
        given: for each operand but the last where its numbers go, and which of its entries they are.
        levels: what is done, in order.
    """

    size: int
    given: tuple[tuple[int, Entries], ...]
    levels: tuple[Level, ...]

    def forward(self, *values: Any) -> Any:
        *arrays, indices = values
        numbers = np.empty(self.size, arrays[0].dtype)

        def seen(array: Array, entries: Entries) -> Array:
            found: Array = array[indices[entries.slice] if entries.picked else entries.slice]
            return found

        for (start, entries), array in zip(self.given, arrays, strict=True):
            numbers[start : start + entries.count] = seen(array, entries)
        for level in self.levels:
            operands = [seen(numbers, entries) for entries in level.operands]
            if level.terms is None:
                numbers[level.slice] = level.op.forward(*operands)
            else:
                add = np.add.accumulate if level.is_run else np.add.reduce
                numbers[level.slice] = np.ravel(add(operands[0].reshape(level.terms), 0))
        return numbers


@dataclass(frozen=True, repr=False)
class Picked(Op):
    """The entries of a long array that the second operand, indices, says."""

    def forward(self, *values: Any) -> Any:
        array, indices = values
        return array[indices]


def whole_numbers(values: Any) -> Node:
    """Indices as a literal."""
    array = np.array(values, np.intp)
    return Node(None, (), array.shape, array.dtype, Role.LITERAL, locked(array))
