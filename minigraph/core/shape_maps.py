"""Linear maps that move, repeat or add up entries: the derivatives of reductions, reshapes and slices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigraph.core.linear_maps import FamilyMap, LinearMap
from minigraph.core.node import Node
from minigraph.core.operators import OPERATIONS
from minigraph.formulas import Written, bracket, indexed, phrase, repeated, reshaped, symbol, transposed
from minigraph.formulas.index_sums import Entry, Factor, Index, Letters, Places, Position, at, fixed, numbers, regrouped
from minigraph.formulas.tree import added_up
from minigraph.values import Array, Shape


class Broadcast(FamilyMap):
    """x ↦ x repeated to a larger shape. Its pull undoes broadcasting: it sums over the repeated axes."""

    def __init__(self, shape_in: Shape, shape_out: Shape):
        self.shape_in = shape_in
        self.shape_out = shape_out

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes of the output along which x is repeated."""
        new = len(self.shape_out) - len(self.shape_in)
        pairs = zip(self.shape_in, self.shape_out[new:], strict=True)
        return (*range(new), *(new + i for i, (small, large) in enumerate(pairs) if small != large))

    def push(self, tangent: Node) -> Node:
        return OPERATIONS["broadcast_to"](tangent, self.shape_out)

    def pull(self, cotangent: Node) -> Node:
        summed = cotangent.sum(self.axes, keepdims=len(self.shape_in) == len(self.shape_out))
        return summed if summed.shape == self.shape_in else summed.reshape(self.shape_in)

    def notation(self, upstream: Written) -> Written:
        """Row sum of ∂J/∂Z."""
        if not self.axes:
            return upstream
        return phrase(self._words(), upstream, axis=self.axes, keepdims=len(self.shape_in) == len(self.shape_out))

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The sum over the repeats."""
        new = len(self.shape_out) - len(self.shape_in)
        above = tuple(
            letters.along(size) if axis in self.axes else index[axis - new] for axis, size in enumerate(self.shape_out)
        )
        return Entry(above, tuple(above[axis] for axis in self.axes if above[axis].size != 1))

    def _words(self) -> str:
        """What the pull does: row sum of, column sum of, sum of."""
        if len(self.shape_out) == 2 and len(self.shape_in) == 2 and len(self.axes) == 1:
            return "row sum of" if self.axes == (1,) else "column sum of"
        if len(self.axes) == len(self.shape_out) or self.shape_in == ():
            return "sum of"
        return "sum over {axis} of"


class Summation(FamilyMap):
    """x ↦ the sum of x over axes; its pull repeats the cotangent along them.

    Attributes:
        shape_in: shape of x.
        axes: the axes that are summed, not negative.
        keepdims: whether they stay, with size 1.
    """

    def __init__(self, shape_in: Shape, axes: tuple[int, ...], keepdims: bool):
        self.shape_in = shape_in
        self.axes = axes
        self.keepdims = keepdims

    def push(self, tangent: Node) -> Node:
        return tangent.sum(self.axes, keepdims=self.keepdims)

    def pull(self, cotangent: Node) -> Node:
        kept = self._kept
        if kept == self.shape_in:
            return cotangent if cotangent.shape == kept else cotangent.reshape(kept)
        # A scalar is repeated along all axes at once.
        spread = cotangent if cotangent.shape in ((), kept) else cotangent.reshape(kept)
        return OPERATIONS["broadcast_to"](spread, self.shape_in)

    @property
    def _kept(self) -> Shape:
        """The shape of the sum, with the axes that are summed as 1."""
        return tuple(1 if axis in self.axes else size for axis, size in enumerate(self.shape_in))

    def notation(self, upstream: Written) -> Written:
        """∂J/∂s repeated to 4×400."""
        if self.shape_in == upstream.shape:
            return upstream
        kept = self._kept
        as_broadcast = (1,) * (len(kept) - len(upstream.shape)) + tuple(upstream.shape)
        if as_broadcast != kept and upstream.shape != ():  # repeated as it stands, it would go along other axes
            upstream = reshaped(upstream, kept)
        return upstream if kept == self.shape_in else repeated(upstream, self.shape_in)

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The entry of the sum that it was added to."""
        if self.keepdims:
            return Entry(tuple(fixed(0, 1) if axis in self.axes else place for axis, place in enumerate(index)))
        return Entry(tuple(place for axis, place in enumerate(index) if axis not in self.axes))


class Reshaping(FamilyMap):
    """x ↦ the same entries in another shape."""

    def __init__(self, shape_in: Shape, shape_out: Shape):
        self.shape_in = shape_in
        self.shape_out = shape_out

    def push(self, tangent: Node) -> Node:
        return tangent.reshape(self.shape_out)

    def pull(self, cotangent: Node) -> Node:
        return cotangent.reshape(self.shape_in)

    def notation(self, upstream: Written) -> Written:
        """∂J/∂y as 2×3."""
        return reshaped(upstream, self.shape_in)

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The entry at the same place, counted row by row."""
        return Entry(regrouped(index, self.shape_out))


class Transposition(FamilyMap):
    """x ↦ x with its axes in another order."""

    def __init__(self, axes: tuple[int, ...]):
        self.axes = axes

    def push(self, tangent: Node) -> Node:
        return OPERATIONS["transpose"](tangent, self.axes)

    def pull(self, cotangent: Node) -> Node:
        return OPERATIONS["transpose"](cotangent, tuple(int(axis) for axis in np.argsort(self.axes)))

    def notation(self, upstream: Written) -> Written:
        """(∂J/∂y)ᵀ."""
        if self.axes == tuple(reversed(range(len(self.axes)))):
            return transposed(upstream)
        return phrase("", upstream, "with axes {axes}", axes=tuple(int(axis) for axis in np.argsort(self.axes)))

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The same places along the axes in their other order."""
        return Entry(tuple(index[axis] for axis in self.axes))


class Selection(LinearMap):
    """x ↦ x[index]; its pull puts the cotangent back where it was taken from, into zeros.

    Attributes:
        index: its parts; a node among them holds whole numbers.
        shape_in: shape of x.
        text: how the index is written, with gaps for its nodes.
    """

    def __init__(self, index: Any, shape_in: Shape, text: str):
        self.index = index
        self.shape_in = shape_in
        self.text = text

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes of the index."""
        return tuple(part for part in self.index if isinstance(part, Node))

    def push(self, tangent: Node) -> Node:
        return tangent[self.index]

    def pull(self, cotangent: Node) -> Node:
        return OPERATIONS["scatter"](cotangent, self.index, self.shape_in)

    def notation(self, upstream: Written) -> Written:
        """∂J/∂y placed at [1:3] in zeros 4×5; by a node, which may name a place twice, added up there."""
        return added_up(upstream, self.text, self.nodes, self.shape_in)

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The sum over the entries that were taken from here."""
        if (axis := self._looked_up()) is not None:
            return self._entry_of_rows(axis, index, letters)
        source = self.source()
        above = tuple(letters.along(size) for size in source.shape)
        taken = bracket(symbol(_text(above)), "was taken from", symbol(_text(index)))

        def is_taken(places: Places) -> float:
            return float(source[numbers(above, places)] == np.ravel_multi_index(numbers(index, places), self.shape_in))

        factor = Factor(taken, is_taken)
        return Entry(above, tuple(place for place in above if place.size != 1), right=(factor,))

    def _looked_up(self) -> int | None:
        """The axis along which a node chooses, if all else is taken as it is."""
        nodes = [axis for axis, part in enumerate(self.index) if isinstance(part, Node)]
        others = all(isinstance(part, Node) or (isinstance(part, slice) and part == slice(None)) for part in self.index)
        return nodes[0] if len(nodes) == 1 and others else None

    def _entry_of_rows(self, axis: int, index: Index, letters: Letters) -> Entry:
        """Σₚ [words[p] = i] · ∂J/∂y[p, k]: every place that looked up row i."""
        chosen: Node = self.index[axis]
        places = tuple(letters.along(size) for size in chosen.shape)
        size = self.shape_in[axis]
        word, row = at(chosen, places), index[axis]

        def is_chosen(numbers: Places) -> float:
            return float(word.value(numbers) % size == row.at(numbers))

        factor = Factor(bracket(word.written, "=", symbol(row.text)), is_chosen)
        over = tuple(place for place in places if place.size != 1)
        return Entry((*index[:axis], *places, *index[axis + 1 :]), over, (factor,))

    def source(self) -> Array:
        """For each entry of the output, which entry of the input it is, counted row by row."""
        index = tuple(part.value.astype(int) if isinstance(part, Node) else part for part in self.index)
        entries: Array = np.arange(int(np.prod(self.shape_in, dtype=int))).reshape(self.shape_in)[index]
        return entries


class Placing(LinearMap):
    """x ↦ zeros with x added at an index: the adjoint of `Selection`."""

    def __init__(self, selection: Selection):
        self.selection = selection

    def push(self, tangent: Node) -> Node:
        return self.selection.pull(tangent)

    def pull(self, cotangent: Node) -> Node:
        return self.selection.push(cotangent)

    def notation(self, upstream: Written) -> Written:
        """(∂J/∂y)[1:3]."""
        return indexed(upstream, self.selection.text, gaps=self.selection.nodes)

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The entry at the place where it was put."""
        source, shape = self.selection.source(), self.selection.shape_in

        def place(axis: int) -> Callable[[Places], int]:
            return lambda places: int(np.unravel_index(int(source[numbers(index, places)]), shape)[axis])

        texts = [f"{axis} of the place of {_text(index)}" for axis in range(len(shape))]
        parts = self.selection.index
        if len(parts) <= len(shape) and all(type(part) in (slice, int) for part in parts):
            rest = iter(index)
            texts = [
                str(part % size) if type(part) is int else _shifted(next(rest), part.indices(size))
                for part, size in zip(parts, shape, strict=False)
            ]
            texts += [position.text for position in rest]
        return Entry(
            tuple(Position(text, size, place(axis)) for axis, (text, size) in enumerate(zip(texts, shape, strict=True)))
        )


def _shifted(position: Position, taken: tuple[int, int, int]) -> str:
    """Where a slice that starts and steps so finds its entry: 2 + p."""
    start, _, step = taken
    if position.text.isdigit():
        return str(start + step * int(position.text))
    steps = position.text if step == 1 else f"{step}·{position.text}"
    return f"{start} + {steps}" if start else steps


def _text(index: Index) -> str:
    return ", ".join(position.text for position in index)


class Casting(FamilyMap):
    """x ↦ x in another precision."""

    def __init__(self, dtype_in: Any, dtype_out: Any):
        self.dtype_in = dtype_in
        self.dtype_out = dtype_out

    def push(self, tangent: Node) -> Node:
        return OPERATIONS["cast"](tangent, self.dtype_out)

    def pull(self, cotangent: Node) -> Node:
        return OPERATIONS["cast"](cotangent, self.dtype_in)

    def notation(self, upstream: Written) -> Written:
        """The upstream gradient: the mathematics does not know of precision."""
        return upstream

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The same entry."""
        return Entry(index)
