"""Entries chosen by an index: x[index], and its adjoint, which puts entries back into zeros.

The parts of an index are constants or *index arguments*: nodes of data whose values are whole numbers, such as the words of
a sentence or the labels of a mini-batch. Like all values these are floats; that they are whole, and within the axis, is
checked when they are used, so they may change from call to call. Nothing is ever differentiated by an index.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.errors import DomainError, describe
from minigraph.core.linear_maps import Maps
from minigraph.core.node import Node, Operand, Role
from minigraph.core.op import Op, as_nodes
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Placing, Selection
from minigraph.formulas import Written, indexed, symbol, to_text
from minigraph.formulas.tree import GAP, added_up
from minigraph.values import Shape, whole_number

MOST_ENTRIES = 12
"""An array in an index with more entries than this is not written out."""


@dataclass(frozen=True, repr=False, eq=False)
class Indexed(Op):
    """What taking by an index and putting back share: the index, with gaps for the parts that are operands.

    Attributes:
        index: the parts, with 0 for those that are operands.
        gaps: which parts are operands, the first operand being x.
        sizes: how many places there are along the axis of each gap.
    """

    index: tuple[Any, ...]
    gaps: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "checked", tuple(range(1, len(self.gaps) + 1)))

    linear_in = (0,)

    def filled(self, parts: Sequence[Any]) -> tuple[Any, ...]:
        """The index with these parts in the gaps."""
        filled = list(self.index)
        for gap, part in zip(self.gaps, parts, strict=True):
            filled[gap] = part
        return tuple(filled)

    def numbers(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The index with values in the gaps, as whole numbers."""
        return self.filled([value.astype(int) for value in values]) if self.gaps else self.index

    def check(self, position: int, value: Any) -> None:
        size = self.sizes[position - 1]
        most = f"there are {size} places along this axis, 0 to {size - 1}, or from the end −1 to −{size}."
        refuse_no_place(value, position, -size, size, most)

    def checked_numbers(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The index with values in the gaps, once they have been found to be places."""
        for position, value in zip(self.checked, values, strict=True):
            self.check(position, value)
        return self.numbers(values)


def refuse_no_place(value: Any, operand: int, least: int, end: int, places: str) -> None:
    """Raise the `DomainError` of an index argument unless all values are whole numbers from ``least`` to below ``end``."""
    entries = np.ravel(value)
    if (parts := entries[entries != np.rint(entries)]).size:
        raise DomainError(f"it has the entry {parts[0]}: an index is made of whole numbers.", operand)
    if (outside := entries[(entries < least) | (entries >= end)]).size:
        raise DomainError(f"it has the entry {outside[0]:.0f}: {places}", operand)


class GetItem(Indexed):
    """x[index], for any index that NumPy takes."""

    name = "getitem"

    def shape(self, x: Node, *parts: Node) -> Shape:
        try:
            index = self.filled([np.zeros(part.shape, int) for part in parts])
            shape: Shape = np.empty(x.shape, np.void)[index].shape
            return shape
        except (IndexError, ValueError) as error:
            shown = to_text(indexed(symbol(""), index_text(self.filled(parts)), gaps=parts))
            self.refuse([x], f"the index {shown} does not fit: {error}.")

    def forward(self, x: Any, *parts: Any) -> Any:
        return np.asarray(x)[self.checked_numbers(parts)]

    def derivatives(self, result: Node, x: Node, *parts: Node) -> Maps:
        index = self.filled(parts)
        return (Selection(index, x.shape, index_text(index)), *[None] * len(parts))

    def notation(self, x: Written, *parts: Written) -> Written:
        return indexed(x, index_text(self.filled(parts)), gaps=parts)


@operation()
def getitem(x: Operand, index: Any) -> Node:
    """Take x[index], with numbers, slices, ..., None, arrays of numbers or truth values, as NumPy has it, and nodes of data.

    A node in an index holds whole numbers. It may change from call to call, as the labels of a mini-batch do.

    Derivative: ∂J/∂y put back into zeros where the entries were taken; an entry taken twice gets the sum. Nothing is
    differentiated by the index.

    Raises:
        ShapeError: if the index does not fit.
        TypeError: if the index holds a parameter, or an end of a slice is not a whole number.
        DomainError: when a node of the index is read that holds anything but whole numbers within the axis.

    Example:
        >>> import minigraph as mg
        >>> mg.data([[1.0, 2.0], [3.0, 4.0]])[:, 1].value
        array([2., 4.])
    """
    (x,), _ = as_nodes((x,), "getitem")
    parts = tuple(map(_frozen, index if isinstance(index, tuple) else (index,)))
    template, gaps, sizes, nodes = _apart(parts, x.shape)
    op = GetItem(template, gaps, sizes)
    return Node(op, (x, *nodes), op.shape(x, *nodes), x.dtype)


def _apart(
    index: tuple[Any, ...], shape: Shape
) -> tuple[tuple[Any, ...], tuple[int, ...], tuple[int, ...], tuple[Node, ...]]:
    """The index with 0 for its nodes, which parts these are, how many places there are along their axes, and themselves."""
    gaps = tuple(place for place, part in enumerate(index) if isinstance(part, Node))
    if not gaps:
        return index, (), (), ()
    template = tuple(0 if isinstance(part, Node) else part for part in index)
    return template, gaps, tuple(_sizes(shape, index)), tuple(index[gap] for gap in gaps)


def _sizes(shape: Shape, index: tuple[Any, ...]) -> Iterator[int]:
    """How many places there are along the axis of each node in the index."""
    taken = [_axes_taken(part) for part in index]
    axis = 0
    for part, count in zip(index, taken, strict=True):
        if isinstance(part, Node):
            yield shape[axis] if axis < len(shape) else 0
        axis += len(shape) - sum(taken) if part is Ellipsis else count


def _axes_taken(part: Any) -> int:
    """How many axes a part of an index stands for; those of an ellipsis are the rest."""
    if part is None or part is Ellipsis or isinstance(part, bool):
        return 0
    return part.ndim if isinstance(part, np.ndarray) and part.dtype == bool else 1


def _frozen(part: Any) -> Any:
    """The part of an index as a constant or a node, and a plain number as Python's: what is written of it is what it is."""
    if isinstance(part, Node):
        if part.role is Role.PARAMETER:
            raise TypeError(f"getitem: {describe(part)}, a parameter, but no index is learned: make it data, mg.data(…).")
        return part
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        return slice(*(None if end is None else whole_number(end, "getitem: an end of a slice") for end in _ends(part)))
    if isinstance(part, bool | np.bool_):
        return bool(part)
    if isinstance(part, np.integer) or (hasattr(part, "__index__") and not hasattr(part, "__array__")):
        return operator.index(part)
    try:
        array = np.array(part)
    except ValueError as error:
        raise TypeError(
            f"getitem: a list in an index is a regular list of whole numbers or truth values ({error})."
        ) from None
    empty = array.size == 0 and isinstance(part, Sequence)
    return array.astype(np.intp) if empty else array  # as NumPy has it: an empty list takes nothing


def _ends(part: slice) -> tuple[Any, Any, Any]:
    return part.start, part.stop, part.step


@dataclass(frozen=True, repr=False, eq=False)
class Scatter(Indexed):
    """Zeros of a shape with x added at an index: the adjoint of x[index]."""

    target: Shape = ()

    name = "scatter"

    def shape(self, x: Node, *parts: Node) -> Shape:
        return self.target

    def forward(self, x: Any, *parts: Any) -> Any:
        zeros = np.zeros(self.target, x.dtype)
        np.add.at(zeros, self.checked_numbers(parts), x)
        return zeros

    def derivatives(self, result: Node, x: Node, *parts: Node) -> Maps:
        index = self.filled(parts)
        return (Placing(Selection(index, self.target, index_text(index))), *[None] * len(parts))

    def notation(self, x: Written, *parts: Written) -> Written:
        return added_up(x, index_text(self.filled(parts)), parts, self.target)


@operation()
def scatter(x: Operand, index: tuple[Any, ...], shape: Shape) -> Node:
    """Zeros of ``shape`` with x added at ``index``."""
    (x,), _ = as_nodes((x,), "scatter")
    template, gaps, sizes, nodes = _apart(index, shape)
    return Node(Scatter(template, gaps, sizes, shape), (x, *nodes), shape, x.dtype)


def index_text(index: tuple[Any, ...]) -> str:
    """An index as it is typed, 1:3, :, ..., with gaps for its nodes."""

    def one(part: Any) -> str:
        if hasattr(part, "expression"):
            return GAP
        if isinstance(part, slice):
            step = "" if part.step is None else f":{part.step}"
            return f"{'' if part.start is None else part.start}:{'' if part.stop is None else part.stop}{step}"
        if isinstance(part, np.ndarray):
            return str(part.tolist()) if part.size <= MOST_ENTRIES else f"{part.size} entries"
        return "..." if part is Ellipsis else str(part)

    return ", ".join(map(one, index))
