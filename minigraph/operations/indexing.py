"""Slices: x[index], and its adjoint, which puts entries back into zeros."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Maps
from minigraph.core.node import Node, Operand
from minigraph.core.op import Op
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Placing, Selection
from minigraph.formulas import Written, indexed
from minigraph.formulas.tree import placed
from minigraph.values import Shape, whole_number

MOST_ENTRIES = 12
"""An array in an index with more entries than this is not written out."""


@dataclass(frozen=True, repr=False, eq=False)
class GetItem(Op):
    """x[index], for any index that NumPy takes; the index is a constant."""

    index: tuple[Any, ...]

    name = "getitem"

    def shape(self, x: Node) -> Shape:
        try:
            shape: Shape = np.empty(x.shape, np.void)[self.index].shape
            return shape
        except (IndexError, ValueError) as error:
            self.refuse([x], f"the index [{index_text(self.index)}] does not fit: {error}.")

    linear_in = (0,)

    def forward(self, x: Any) -> Any:
        return np.asarray(x)[self.index]

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Selection(self.index, x.shape, index_text(self.index)),)

    def notation(self, x: Written) -> Written:
        return indexed(x, index_text(self.index))


@operation()
def getitem(x: Operand, index: Any) -> Node:
    """Take x[index], with numbers, slices, ..., None and arrays of numbers or truth values, as NumPy has it.

    Derivative: ∂J/∂y put back into zeros where the entries were taken; an entry taken twice gets the sum.

    Raises:
        ShapeError: if the index does not fit.
        TypeError: if the index holds a node, or an end of a slice is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.data([[1.0, 2.0], [3.0, 4.0]])[:, 1].value
        array([2., 4.])
    """
    return GetItem(tuple(map(_frozen, index if isinstance(index, tuple) else (index,))))(x)


def _frozen(part: Any) -> Any:
    """The part of an index as a constant, and a plain number as Python's: what is written of it is what it is."""
    if isinstance(part, Node):
        raise TypeError("getitem: an index is made of plain numbers, not of nodes. Write node.value where it is meant.")
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
class Scatter(Op):
    """Zeros of a shape with x added at an index: the adjoint of x[index]."""

    index: tuple[Any, ...]
    target: Shape

    name = "scatter"

    def shape(self, x: Node) -> Shape:
        return self.target

    linear_in = (0,)

    def forward(self, x: Any) -> Any:
        zeros = np.zeros(self.target, x.dtype)
        np.add.at(zeros, self.index, x)
        return zeros

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Placing(Selection(self.index, self.target, index_text(self.index))),)

    def notation(self, x: Written) -> Written:
        return placed(x, index_text(self.index), self.target)


@operation()
def scatter(x: Operand, index: tuple[Any, ...], shape: Shape) -> Node:
    """Zeros of ``shape`` with x added at ``index``."""
    return Scatter(index, shape)(x)


def index_text(index: tuple[Any, ...]) -> str:
    """An index as it is typed: 1:3, :, ..."""

    def one(part: Any) -> str:
        if isinstance(part, slice):
            step = "" if part.step is None else f":{part.step}"
            return f"{'' if part.start is None else part.start}:{'' if part.stop is None else part.stop}{step}"
        if isinstance(part, np.ndarray):
            return str(part.tolist()) if part.size <= MOST_ENTRIES else f"{part.size} entries"
        return "..." if part is Ellipsis else str(part)

    return ", ".join(map(one, index))
