"""`Levels`: operations on numbers as few operations on entries of one long array. `Picked`: entries picked from an array."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from minigraph.core.op import Op
from minigraph.values import Shape

Entries: TypeAlias = slice | list[int]
"""Where numbers lie in a long array: side by side, or, if they have to be picked, where each of them lies."""


def length(entries: Entries) -> int:
    """How many they are."""
    return entries.stop - entries.start if isinstance(entries, slice) else len(entries)


@dataclass(frozen=True, slots=True)
class Level:
    """Equal operations that don't wait for each other: one call.

    Attributes:
        op: the operation.
        start: where the result begins.
        shape: of the result. Two axes are those of a run of sums: each row is the one before and one more term, the
            first row the first term.
        operands: the entries of each operand; one may stand for all.
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
    """Operations on numbers, level by level, in one long array.

    Attributes:
        size: how long the array is; what is given comes first.
        given: for each operand where its numbers go, and which of its entries they are.
        levels: what is done, in order.
    """

    size: int
    given: tuple[tuple[int, Entries], ...]
    levels: tuple[Level, ...]

    def forward(self, *values: Any) -> Any:
        numbers = np.empty(self.size, values[0].dtype)
        for (start, entries), array in zip(self.given, values, strict=True):
            numbers[start : start + length(entries)] = array[entries]
        for level in self.levels:
            operands = [numbers[entries] for entries in level.operands]
            if level.terms is None:
                numbers[level.slice] = level.op.forward(*operands)
            else:
                add = np.add.accumulate if level.is_run else np.add.reduce
                numbers[level.slice] = np.ravel(add(operands[0].reshape(level.terms), 0))
        return numbers


@dataclass(frozen=True, repr=False)
class Picked(Op):
    """Entries picked from a long array."""

    places: tuple[int, ...]

    def forward(self, *values: Any) -> Any:
        return values[0][list(self.places)]
