"""Operations that only move entries: reshape, transpose, repeat, join."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import LinearMap, Maps
from minigraph.core.node import Node, Operand
from minigraph.core.op import Op
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Broadcast, Placing, Reshaping, Selection, Transposition
from minigraph.formulas import Written, call, repeated, reshaped, transposed
from minigraph.operations.indexing import index_text
from minigraph.values import Shape, axes_option, shape_option, shown, whole_number


def axes_of(operand: Node) -> str:
    """Which axes the operand has, as errors say it."""
    if not operand.shape:
        return "a scalar has no axes"
    if operand.ndim == 1:
        return f"a vector has axis 0 (or -1) only; as a column, reshape(-1, 1), it is {(operand.size, 1)} and has two"
    return f"it has {operand.ndim} axes, 0 to {operand.ndim - 1}, or from the end -1 to -{operand.ndim}"


def normalized_axes(op: Op, operand: Node, axis: int | Sequence[int] | None) -> tuple[int, ...]:
    """The axes as a sorted tuple, none negative; all of them for None."""
    ndim = len(operand.shape)
    given = tuple(range(ndim)) if axis is None else (axis,) if isinstance(axis, int | np.integer) else tuple(axis)
    if any(not -ndim <= a < ndim for a in given):
        named = f"axis {given[0]}" if len(given) == 1 else f"one of the axes {given}"
        op.refuse([operand], f"{named} does not exist: {axes_of(operand)}.")
    axes = tuple(sorted(int(a) % ndim for a in given))
    if len(set(axes)) < len(axes):
        op.refuse([operand], f"{given} names an axis twice.")
    return axes


@dataclass(frozen=True, repr=False, eq=False)
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
        return self.filled(x)

    def filled(self, x: Written) -> Shape:
        """The target with −1 worked out."""
        known = math.prod(size for size in self.target if size != -1)
        return tuple(math.prod(x.shape) // known if size == -1 else size for size in self.target)

    linear_in = (0,)

    def forward(self, x: Any) -> Any:
        return np.reshape(x, self.target)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Reshaping(x.shape, result.shape),)

    def notation(self, x: Written) -> Written:
        return reshaped(x, self.filled(x))


@operation(np.reshape)
def reshape(x: Operand, shape: int | Sequence[int]) -> Node:
    """The same entries in another shape, row by row; one size may be −1 and is worked out.

    Raises:
        ShapeError: if the entries don't fill the shape.
        TypeError: if a size is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.reshape([1.0, 2.0, 3.0, 4.0], (2, -1)).value
        array([[1., 2.],
               [3., 4.]])
    """
    return Reshape(shape_option(shape, "reshape"))(x)


@dataclass(frozen=True, repr=False, eq=False)
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

    linear_in = (0,)

    def forward(self, x: Any) -> Any:
        return np.transpose(x, self.axes)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Transposition(self.order(x)),)

    def notation(self, x: Written) -> Written:
        reverses = self.axes is None or self.axes == tuple(reversed(range(len(self.axes))))
        return transposed(x) if reverses else call("transpose", x, axes=self.axes)


@operation(np.transpose)
def transpose(x: Operand, axes: int | Sequence[int] | None = None) -> Node:
    """The axes in the order ``axes``, by default reversed: xᵀ for a matrix.

    Raises:
        ShapeError: if ``axes`` does not name each axis once.
        TypeError: if an axis is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.transpose([[1.0, 2.0]]).value
        array([[1.],
               [2.]])
    """
    return Transpose(axes_option(axes, "transpose"))(x)


@dataclass(frozen=True, repr=False, eq=False)
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

    linear_in = (0,)

    def forward(self, x: Any) -> Any:
        return np.broadcast_to(x, self.target)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Broadcast(x.shape, self.target),)

    def notation(self, x: Written) -> Written:
        return repeated(x, self.target)


@operation(np.broadcast_to)
def broadcast_to(x: Operand, shape: int | Sequence[int]) -> Node:
    """Repeat x to ``shape`` as NumPy broadcasts. Derivative: the sum over the repeats.

    Raises:
        ShapeError: if x does not broadcast to the shape.
        TypeError: if a size is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.broadcast_to([[1.0], [2.0]], (2, 3)).value
        array([[1., 1., 1.],
               [2., 2., 2.]])
    """
    return BroadcastTo(shape_option(shape, "broadcast_to"))(x)


@dataclass(frozen=True, repr=False, eq=False)
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
        return (*first[:axis], sum(x.shape[axis] for x in parts), *first[axis + 1 :])

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
        return call("concatenate", *parts, axis=self.axis)


_AS_LIST = "Put the parts into a list: mg.concatenate([a, b], axis=0)."


@operation(np.concatenate)
def concatenate(parts: Sequence[Operand], axis: int = 0) -> Node:
    """Arrays one after the other along ``axis``. Derivative: each part has its slice of ∂J/∂y.

    Raises:
        ShapeError: if sizes but that of the axis differ, or there is no part.
        TypeError: if the axis is not a whole number, or the parts are no sequence.

    Example:
        >>> import minigraph as mg
        >>> mg.concatenate([[1.0, 2.0], mg.data([3.0])]).value
        array([1., 2., 3.])
    """
    hint = _AS_LIST if isinstance(axis, Node | np.ndarray) else "To join all entries, give x.reshape(-1) for each."
    op = Concatenate(whole_number(axis, "concatenate: the axis", hint))
    if not isinstance(parts, Node | Sequence | np.ndarray) or isinstance(parts, str | bytes):
        raise TypeError(f"concatenate: the parts are a list of nodes or arrays, not {shown(parts)}. {_AS_LIST}")
    return op(*parts) if len(parts) else op.refuse([], "there is nothing to concatenate.")
