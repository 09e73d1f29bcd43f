"""Which entries meet: one entry of a gradient, as the sum over entries of the gradient above it.

A `LinearMap` says by its `entry` form which entries of ∂J/∂y have a part in one entry of ∂J/∂x, and with
which factor. For Z = W A the entry [i, k] of ∂J/∂W is Σₚ ∂J/∂Z[i, p] · A[k, p]: that is why A is
transposed in ∂J/∂Z · Aᵀ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from minigraph.formulas.tree import Expression, Written, bracket, indexed, infix, symbol
from minigraph.values import Shape

Places: TypeAlias = Mapping[str, int]
"""What each letter stands for."""


class Position(NamedTuple):
    """A place along one axis: a letter, a number, or something worked out from them."""

    text: str  # how it is written, such as p
    size: int  # how many places the axis has
    at: Callable[[Places], int]  # the number, given what the letters stand for


Index: TypeAlias = tuple[Position, ...]
"""A position for each axis."""


def fixed(place: int, size: int) -> Position:
    """A number."""
    return Position(str(place), size, lambda places: place)


def entry_of(shape: Shape, entry: Sequence[int] | None = None) -> Index:
    """An index into an array: [i, k], or the entry given. Along an axis of size 1 there is only 0."""
    if entry is not None:
        return tuple(fixed(place, size) for place, size in zip(entry, shape, strict=True))
    letters = Letters("ikln")
    return tuple(letters.along(size) for size in shape)


class Letters:
    """Letters that have not been used yet."""

    def __init__(self, alphabet: str = "prstuv"):
        self._unused = chain(alphabet, (f"{alphabet[0]}{i}" for i in count(2)))

    def along(self, size: int) -> Position:
        """A new letter for an axis; 0 if it has one place only."""
        if size == 1:
            return fixed(0, 1)
        letter = next(self._unused)
        return Position(letter, size, lambda places: places[letter])


class Factor(NamedTuple):
    """A number that an entry is multiplied by: how it is written, such as A[k, p], and what it is at some places."""

    written: Expression
    value: Callable[[Places], float]


@dataclass(eq=False)
class Entry:
    """One entry of a pulled gradient: ± Σ over letters of left · ∂J/∂y[index] · right, the factors."""

    index: Index
    over: tuple[Position, ...] = ()
    left: tuple[Factor, ...] = ()
    right: tuple[Factor, ...] = ()
    sign: int = 1

    def after(self, inner: Entry) -> Entry:
        """This entry of what is above ``inner``, in place of it."""
        return Entry(
            self.index,
            (*inner.over, *self.over),
            (*inner.left, *self.left),
            (*self.right, *inner.right),
            self.sign * inner.sign,
        )

    def factors(self) -> list[Expression]:
        """The factors, as they are written."""
        return [factor.written for factor in (*self.left, *self.right)]

    def places(self) -> Iterator[dict[str, int]]:
        """All that the letters can stand for, in order."""
        for place in np.ndindex(*(position.size for position in self.over)):
            yield {position.text: int(number) for position, number in zip(self.over, place, strict=True)}

    def factor(self, places: Places) -> float:
        """The product of the factors, with its sign."""
        product = float(self.sign)
        for factor in (*self.left, *self.right):
            product *= factor.value(places)
        return product


def numbers(index: Index, places: Places) -> tuple[int, ...]:
    """The index in numbers."""
    return tuple(position.at(places) for position in index)


def at(array: Any, index: Index) -> Factor:
    """An entry of a node, at an index of a shape that the node broadcasts to."""
    own: Index = tuple(
        fixed(0, 1) if size == 1 else position
        for size, position in zip(array.shape, index[len(index) - len(array.shape) :], strict=True)
    )
    return Factor(entry_at(array, own), lambda places: float(array.value[numbers(own, places)]))


def entry_at(array: Written, index: Index) -> Expression:
    """A[k, p]"""
    if not index:
        return array.expression()
    return indexed(array, ", ".join(position.text for position in index), is_entry=True)


def centred(a: Position, b: Position, array: Any, index: Index) -> Factor:
    """[p = i] − S[i, k]: 1 where the two are the same place, else 0, less an entry of a node."""
    entry = at(array, index)
    written = infix(bracket(symbol(a.text), "=", symbol(b.text)), "−", entry.written)
    return Factor(written, lambda places: float(a.at(places) == b.at(places)) - entry.value(places))


def regrouped(index: Index, shape: Shape) -> Index:
    """The index of the same entry, counted row by row, in another shape."""
    long = [position for position in index if position.size != 1]
    if [position.size for position in long] == [size for size in shape if size != 1]:
        rest = iter(long)
        return tuple(fixed(0, 1) if size == 1 else next(rest) for size in shape)
    sizes = tuple(position.size for position in index)
    count = _count_text(index)

    def place(axis: int) -> Callable[[Places], int]:
        return lambda places: int(np.unravel_index(np.ravel_multi_index(numbers(index, places), sizes), shape)[axis])

    steps = [int(np.prod(shape[axis + 1 :], dtype=int)) for axis in range(len(shape))]
    texts = [f"{count} ÷ {step}" if step > 1 else count for step in steps]
    whole = [f"{text} mod {size}" if axis else text for axis, (text, size) in enumerate(zip(texts, shape, strict=True))]
    return tuple(Position(text, size, place(axis)) for axis, (text, size) in enumerate(zip(whole, shape, strict=True)))


def _count_text(index: Index) -> str:
    """How many entries come before, row by row: (4i + k)."""
    terms: list[str] = []
    step = 1
    for position in reversed(index):
        if position.text != "0":
            terms.insert(0, position.text if step == 1 else f"{step}{position.text}")
        step *= position.size
    return terms[0] if len(terms) == 1 else f"({' + '.join(terms)})" if terms else "0"
