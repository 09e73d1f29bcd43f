"""Sums, means and maxima over axes, and operations that only move entries: reshape, transpose, slices."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.linear_maps import (
    Broadcast,
    LinearMap,
    Placing,
    Reshaping,
    Scale,
    Selection,
    Summation,
    Transposition,
    compose,
    format_shape,
)
from minigraph.node import Node, Operand, literal
from minigraph.notation import ATOM, POWER, Expression, Written, call, phrase, transposed
from minigraph.operations.arithmetic import Equal
from minigraph.operations.op import Op, normalized_axes, operation
from minigraph.values import Shape

Axis = int | Sequence[int] | None
Maps = Sequence[LinearMap | None]


@dataclass(frozen=True, repr=False)
class Reduction(Op):
    """What sum, mean and max share: the axes, and the shape that is left."""

    axis: tuple[int, ...] | None
    keepdims: bool

    def axes(self, x: Node) -> tuple[int, ...]:
        """The reduced axes, none negative."""
        return normalized_axes(self, x, self.axis)

    def shape(self, x: Node) -> Shape:
        axes = self.axes(x)
        if self.keepdims:
            return tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))
        return tuple(size for axis, size in enumerate(x.shape) if axis not in axes)

    def notation(self, x: Written) -> Written:
        return (
            phrase(self.name, x) if self.axis is None else call(self.name, x, options=f"axis {self.axis}".replace(",)", ")"))
        )


def _axis(axis: Axis) -> tuple[int, ...] | None:
    return None if axis is None else (int(axis),) if isinstance(axis, int | np.integer) else tuple(axis)


class Sum(Reduction):
    """The sum over axes."""

    def forward(self, x: Any) -> Any:
        return np.sum(x, axis=self.axis, keepdims=self.keepdims)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Summation(x.shape, self.axes(x), self.keepdims),)


@operation(np.sum)
def sum(x: Operand, axis: Axis = None, keepdims: bool = False) -> Node:
    """The sum over ``axis``, or of all entries. Derivative: 1 by each entry, so ∂J/∂s is repeated.

    Args:
        x: any shape.
        axis: an axis, several, or None for all.
        keepdims: keep the summed axes with size 1, as db needs it.

    Raises:
        ShapeError: if an axis does not exist.

    Example:
        >>> import minigraph as mg
        >>> mg.sum([[1.0, 2.0], [3.0, 4.0]], axis=1, keepdims=True).value
        array([[3.],
               [7.]])
    """
    return Sum(_axis(axis), keepdims)(x)


class Mean(Reduction):
    """The mean over axes."""

    def shape(self, x: Node) -> Shape:
        if math.prod(x.shape[axis] for axis in self.axes(x)) == 0:
            self.refuse([x], "the mean of no entries is not defined.")
        return super().shape(x)

    def forward(self, x: Any) -> Any:
        return np.mean(x, axis=self.axis, keepdims=self.keepdims)

    def derivatives(self, result: Node, x: Node) -> Maps:
        axes = self.axes(x)
        count = math.prod(x.shape[axis] for axis in axes)
        # The mean over the columns of a (1, m) node is the mean over m examples, and is written so.
        examples = x.ndim == 2 and x.shape[0] == 1 and 1 in axes and count > 1
        share = 1 / literal(count, x.dtype, "m" if examples else None)
        return (compose(Scale(share), Summation(x.shape, axes, self.keepdims)),)


@operation(np.mean)
def mean(x: Operand, axis: Axis = None, keepdims: bool = False) -> Node:
    """The mean over ``axis``, or of all entries. Derivative: 1/m by each of the m entries.

    Raises:
        ShapeError: if an axis does not exist, or there are no entries.

    Example:
        >>> import minigraph as mg
        >>> mg.mean([1.0, 2.0, 6.0]).value
        np.float64(3.0)
    """
    return Mean(_axis(axis), keepdims)(x)


class Max(Reduction):
    """The largest entry over axes; ties share the derivative equally."""

    kinks = (0.0,)

    def shape(self, x: Node) -> Shape:
        if math.prod(x.shape[axis] for axis in self.axes(x)) == 0:
            self.refuse([x], "the largest of no entries is not defined.")
        return super().shape(x)

    def forward(self, x: Any) -> Any:
        return np.max(x, axis=self.axis, keepdims=self.keepdims)

    def derivatives(self, result: Node, x: Node) -> Maps:
        axes = self.axes(x)
        kept = Max(axes, True).shape(x)
        largest = Equal()(x, result if result.shape == kept else result.reshape(kept))
        share = largest / largest.sum(axes, keepdims=True)
        return (compose(Summation(x.shape, axes, self.keepdims), Scale(share)),)


@operation(np.max)
def max(x: Operand, axis: Axis = None, keepdims: bool = False) -> Node:
    """The largest entry over ``axis``, or of all. Derivative: 1 by the largest, shared equally at a tie, else 0.

    Raises:
        ShapeError: if an axis does not exist, or there are no entries.

    Example:
        >>> import minigraph as mg
        >>> mg.max([[1.0, 5.0], [7.0, 2.0]], axis=0).value
        array([7., 5.])
    """
    return Max(_axis(axis), keepdims)(x)


@dataclass(frozen=True, repr=False)
class Reshape(Op):
    """The same entries in another shape."""

    target: Shape

    name = "reshape"

    def shape(self, x: Node) -> Shape:
        known = math.prod(size for size in self.target if size != -1)
        unknown = self.target.count(-1)
        fits = known == x.size if not unknown else unknown == 1 and known > 0 and x.size % known == 0
        if not fits or any(size < -1 for size in self.target):
            self.refuse([x], f"its {x.size} entries don't fill the shape {self.target}.")
        return tuple(x.size // known if size == -1 else size for size in self.target)

    def forward(self, x: Any) -> Any:
        return np.reshape(x, self.target)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Reshaping(x.shape, result.shape),)

    def notation(self, x: Written) -> Written:
        return phrase("", x, f"as {format_shape(self.target)}")


@operation(np.reshape)
def reshape(x: Operand, shape: int | Sequence[int]) -> Node:
    """The same entries in another shape, row by row; one size may be −1 and is worked out.

    Raises:
        ShapeError: if the entries don't fill the shape.

    Example:
        >>> import minigraph as mg
        >>> mg.reshape([1.0, 2.0, 3.0, 4.0], (2, -1)).value
        array([[1., 2.],
               [3., 4.]])
    """
    return Reshape(tuple(map(int, (shape,) if isinstance(shape, int | np.integer) else shape)))(x)


@dataclass(frozen=True, repr=False)
class Transpose(Op):
    """The axes in another order."""

    axes: tuple[int, ...] | None

    name = "transpose"

    def order(self, x: Node) -> tuple[int, ...]:
        """For each axis of the result, the axis of x that it was."""
        if self.axes is None:
            return tuple(reversed(range(x.ndim)))
        if len(normalized_axes(self, x, self.axes)) != x.ndim:
            self.refuse([x], f"the axes {self.axes} must name each of its {x.ndim} axes once.")
        return tuple(axis % x.ndim for axis in self.axes)

    def shape(self, x: Node) -> Shape:
        return tuple(x.shape[axis] for axis in self.order(x))

    def forward(self, x: Any) -> Any:
        return np.transpose(x, self.axes)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Transposition(self.order(x)),)

    def notation(self, x: Written) -> Written:
        return transposed(x) if self.axes is None else call("transpose", x, options=f"axes {self.axes}")


@operation(np.transpose)
def transpose(x: Operand, axes: Sequence[int] | None = None) -> Node:
    """The axes in the order ``axes``, by default reversed: xᵀ for a matrix.

    Raises:
        ShapeError: if ``axes`` does not name each axis once.

    Example:
        >>> import minigraph as mg
        >>> mg.transpose([[1.0, 2.0]]).value
        array([[1.],
               [2.]])
    """
    return Transpose(None if axes is None else tuple(map(int, axes)))(x)


@dataclass(frozen=True, repr=False)
class BroadcastTo(Op):
    """Repeat x to a larger shape."""

    target: Shape

    name = "broadcast_to"

    def shape(self, x: Node) -> Shape:
        try:
            fits = np.broadcast_shapes(x.shape, self.target) == self.target
        except ValueError:
            fits = False
        if not fits:
            self.refuse([x], f"it can't be repeated to {self.target}. Sizes must agree from the right, or be 1.")
        return self.target

    def forward(self, x: Any) -> Any:
        return np.broadcast_to(x, self.target)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Broadcast(x.shape, self.target),)

    def notation(self, x: Written) -> Written:
        return phrase("", x, f"repeated to {format_shape(self.target)}")


@operation(np.broadcast_to)
def broadcast_to(x: Operand, shape: int | Sequence[int]) -> Node:
    """Repeat x to ``shape`` as NumPy broadcasts. Derivative: the sum over the repeats.

    Raises:
        ShapeError: if x does not broadcast to the shape.

    Example:
        >>> import minigraph as mg
        >>> mg.broadcast_to([[1.0], [2.0]], (2, 3)).value
        array([[1., 1., 1.],
               [2., 2., 2.]])
    """
    return BroadcastTo(tuple(map(int, (shape,) if isinstance(shape, int | np.integer) else shape)))(x)


@dataclass(frozen=True, repr=False)
class Concatenate(Op):
    """Arrays one after the other along an axis."""

    axis: int

    name = "concatenate"

    def shape(self, *parts: Node) -> Shape:
        if parts[0].shape == ():
            self.refuse(parts, "scalars have no axis to join. Reshape them to (1,).")
        axis = normalized_axes(self, parts[0], self.axis)[0]
        shapes = [(*x.shape[:axis], *x.shape[axis + 1 :]) for x in parts]
        if any(x.ndim != parts[0].ndim or rest != shapes[0] for x, rest in zip(parts, shapes, strict=True)):
            self.refuse(parts, f"all sizes but that of axis {axis} must be equal.")
        first = parts[0].shape
        return (*first[:axis], builtins.sum(x.shape[axis] for x in parts), *first[axis + 1 :])

    def forward(self, *parts: Any) -> Any:
        return np.concatenate(parts, axis=self.axis)

    def derivatives(self, result: Node, *parts: Node) -> Maps:
        axis = self.axis % result.ndim
        maps: list[LinearMap] = []
        start = 0
        for part in parts:
            stop = start + part.shape[axis]
            index = (*[slice(None)] * axis, slice(start, stop))
            maps.append(Placing(Selection(index, result.shape, index_text(index))))
            start = stop
        return maps

    def notation(self, *parts: Written) -> Written:
        return call("concatenate", *parts, options=f"axis {self.axis}")


@operation(np.concatenate)
def concatenate(parts: Sequence[Operand], axis: int = 0) -> Node:
    """Arrays one after the other along ``axis``. Derivative: each part has its slice of ∂J/∂y.

    Raises:
        ShapeError: if sizes but that of the axis differ, or there is no part.

    Example:
        >>> import minigraph as mg
        >>> mg.concatenate([[1.0, 2.0], mg.data([3.0])]).value
        array([1., 2., 3.])
    """
    op = Concatenate(int(axis))
    return op(*parts) if len(parts) else op.refuse([], "there is nothing to concatenate.")


def index_text(index: tuple[Any, ...]) -> str:
    """An index as it is typed: 1:3, :, ..."""

    def one(part: Any) -> str:
        if isinstance(part, slice):
            step = "" if part.step is None else f":{part.step}"
            return f"{'' if part.start is None else part.start}:{'' if part.stop is None else part.stop}{step}"
        return "..." if part is Ellipsis else str(part.tolist() if isinstance(part, np.ndarray) else part)

    return ", ".join(map(one, index))


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

    def forward(self, x: Any) -> Any:
        return np.asarray(x)[self.index]

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Selection(self.index, x.shape, index_text(self.index)),)

    def notation(self, x: Written) -> Written:
        text = f"[{index_text(self.index)}]"
        return Expression(POWER, ("", text), ("", text), (x,), (ATOM,))


@operation()
def getitem(x: Operand, index: Any) -> Node:
    """Take x[index], with numbers, slices, ..., None and arrays of numbers or truth values, as NumPy has it.

    Derivative: ∂J/∂y put back into zeros where the entries were taken; an entry taken twice gets the sum.

    Raises:
        ShapeError: if the index does not fit.
        TypeError: if the index holds a node.

    Example:
        >>> import minigraph as mg
        >>> mg.data([[1.0, 2.0], [3.0, 4.0]])[:, 1].value
        array([2., 4.])
    """
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, Node) for part in parts):
        raise TypeError("getitem: an index is made of plain numbers, not of nodes. Write node.value where it is meant.")
    return GetItem(tuple(_frozen(part) for part in parts))(x)


def _frozen(part: Any) -> Any:
    """The part of an index as a constant: lists and arrays are copied."""
    return np.array(part) if isinstance(part, list | np.ndarray) else part


@dataclass(frozen=True, repr=False, eq=False)
class Scatter(Op):
    """Zeros of a shape with x added at an index: the adjoint of x[index]."""

    index: tuple[Any, ...]
    target: Shape

    name = "scatter"

    def shape(self, x: Node) -> Shape:
        return self.target

    def forward(self, x: Any) -> Any:
        zeros = np.zeros(self.target, x.dtype)
        np.add.at(zeros, self.index, x)
        return zeros

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Placing(Selection(self.index, self.target, index_text(self.index))),)

    def notation(self, x: Written) -> Written:
        return phrase("", x, f"placed at [{index_text(self.index)}] in zeros {format_shape(self.target)}")


@operation()
def scatter(x: Operand, index: tuple[Any, ...], shape: Shape) -> Node:
    """Zeros of ``shape`` with x added at ``index``."""
    return Scatter(index, shape)(x)
