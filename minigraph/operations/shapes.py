"""The same entries in another shape, or with their axes in another order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Maps
from minigraph.core.node import Node, Operand
from minigraph.core.op import Composed, Op, as_nodes
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Reshaping, Transposition
from minigraph.formulas import Written, call, reshaped, transposed
from minigraph.values import Shape, axes_option, shape_option, whole_number, whole_numbers


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
def reshape(x: Operand, shape: int | Sequence[int], order: str = "C") -> Node:
    """The same entries in another shape, row by row; one size may be −1 and is worked out.

    With ``order="F"`` the entries are read and written column by column: transposed, reshaped and transposed.

    Raises:
        ShapeError: if the entries don't fill the shape.
        TypeError: if a size is not a whole number, or the order neither "C" nor "F".

    Example:
        >>> import minigraph as mg
        >>> mg.reshape([1.0, 2.0, 3.0, 4.0], (2, -1)).value
        array([[1., 2.],
               [3., 4.]])
    """
    sizes = shape_option(shape, "reshape")
    if _by_columns(order, "reshape"):
        return transpose(Reshape(sizes[::-1])(transpose(x)))
    return Reshape(sizes)(x)


def _by_columns(order: Any, what: str) -> bool:
    """Whether entries are read column by column."""
    if order not in ("C", "F"):
        raise TypeError(f'{what}: the order is "C", row by row, or "F", column by column, not {order!r:.40}.')
    return bool(order == "F")


@operation(np.ravel)
def ravel(x: Operand, order: str = "C") -> Node:
    """All entries along one axis, row by row: the same as ``x.reshape(-1)``, and as ``x.flatten()``; "F": column by column.

    Example:
        >>> import minigraph as mg
        >>> mg.ravel([[1.0, 2.0], [3.0, 4.0]]).value
        array([1., 2., 3., 4.])
    """
    return Reshape((-1,))(transpose(x) if _by_columns(order, "ravel") else x)


@operation(np.squeeze)
def squeeze(x: Operand, axis: int | Sequence[int] | None = None) -> Node:
    """x without its axes of size 1: all of them, or only ``axis``.

    Raises:
        ShapeError: if an axis does not exist, or has another size than 1.
        TypeError: if an axis is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.squeeze([[1.0, 2.0]]).shape
        (2,)
    """
    axes = axes_option(axis, "squeeze")
    node = as_nodes([x], "squeeze")[0][0]
    if axes is None:
        return Reshape(tuple(size for size in node.shape if size != 1))(node)
    refusing = Composed("squeeze")
    left_out = normalized_axes(refusing, node, axes)
    for left in left_out:
        if node.shape[left] != 1:
            refusing.refuse([node], f"axis {left} has size {node.shape[left]}, and only axes of size 1 can be left out.")
    return Reshape(tuple(size for place, size in enumerate(node.shape) if place not in left_out))(node)


@operation(np.expand_dims)
def expand_dims(x: Operand, axis: int | Sequence[int]) -> Node:
    """x with a new axis of size 1 that is axis ``axis`` of the result, or several; x[None] and x[:, None] do the same.

    Raises:
        ShapeError: if there is no such place for an axis.
        TypeError: if an axis is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.expand_dims([1.0, 2.0], 1).value
        array([[1.],
               [2.]])
    """
    new = whole_numbers(axis, "expand_dims: an axis")
    node = as_nodes([x], "expand_dims")[0][0]
    ndim = node.ndim + len(new)
    places = {place % ndim for place in new if -ndim <= place < ndim}
    if len(places) < len(new):
        why = f"the result has axes 0 to {ndim - 1}, or -1 to -{ndim}, and {axis} names another, or one twice."
        Composed("expand_dims").refuse([node], why)
    rest = iter(node.shape)
    return Reshape(tuple(1 if place in places else next(rest) for place in range(ndim)))(node)


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


@operation(np.swapaxes)
def swapaxes(x: Operand, axis1: int, axis2: int) -> Node:
    """x with two axes exchanged.

    Raises:
        ShapeError: if an axis does not exist.
        TypeError: if an axis is not a whole number.

    Example:
        >>> import numpy as np
        >>> import minigraph as mg
        >>> mg.swapaxes(np.ones((2, 3, 4)), 0, -1).shape
        (4, 3, 2)
    """
    node = as_nodes([x], "swapaxes")[0][0]
    refusing = Composed("swapaxes")
    first, second = (normalized_axes(refusing, node, whole_number(axis, "swapaxes: an axis"))[0] for axis in (axis1, axis2))
    order = list(range(node.ndim))
    order[first], order[second] = second, first
    return Transpose(tuple(order))(node)
