"""Arrays put together: one after the other, or one beside the other along a new axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import LinearMap, Maps
from minigraph.core.node import Node, Operand
from minigraph.core.op import Composed, Op, as_nodes, refusing_as
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Placing, Selection
from minigraph.formulas import Written, call
from minigraph.operations.indexing import index_text
from minigraph.operations.shapes import normalized_axes
from minigraph.values import Shape, shown, whole_number


def _list_of(parts: Any, op: Op) -> Any:
    """The parts, or the error that says that they are no list."""
    if not isinstance(parts, Node | Sequence | np.ndarray) or isinstance(parts, str | bytes):
        raise TypeError(
            f"{op.name}: the parts are a list of nodes or arrays, not {shown(parts)}. {_AS_LIST.format(op.name)}"
        )
    return parts if len(parts) else op.refuse([], f"there is nothing to {op.name}.")


_AS_LIST = "Put the parts into a list: mg.{}([a, b])."


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


@operation(np.concatenate)
def concatenate(parts: Sequence[Operand], axis: int = 0) -> Node:
    """Arrays one after the other along ``axis``. Derivative: each part has its slice of ∂J/∂y.

    Raises:
        ShapeError: if sizes but that of the axis differ, or there is no part.
        TypeError: if the axis is not a whole number, or the parts are not a sequence.

    Example:
        >>> import minigraph as mg
        >>> mg.concatenate([[1.0, 2.0], mg.data([3.0])]).value
        array([1., 2., 3.])
    """
    joining = "To join all entries, give x.reshape(-1) for each."
    hint = _AS_LIST.format("concatenate") if isinstance(axis, Node | np.ndarray) else joining
    op = Concatenate(whole_number(axis, "concatenate: the axis", hint))
    return op(*_list_of(parts, op))


@dataclass(frozen=True, repr=False, eq=False)
class Stack(Op):
    """Arrays of one shape, each at its place along a new axis."""

    axis: int

    def along(self, part: Any) -> int:
        """The new axis, not negative."""
        return self.axis % (len(part.shape) + 1)

    def shape(self, *parts: Node) -> Shape:
        first = parts[0].shape
        if any(x.shape != first for x in parts):
            self.refuse(parts, "all shapes must be equal. To join along an axis that there is, use mg.concatenate.")
        if not -len(first) - 1 <= self.axis <= len(first):
            self.refuse(parts, f"the result has axes 0 to {len(first)}, or -1 to -{len(first) + 1}: {self.axis} is none.")
        axis = self.along(parts[0])
        return (*first[:axis], len(parts), *first[axis:])

    def forward(self, *parts: Any) -> Any:
        return np.stack(parts, axis=self.axis)

    def derivatives(self, result: Node, *parts: Node) -> Maps:
        before = [slice(None)] * self.along(parts[0])
        indices = [(*before, place) for place in range(len(parts))]
        return [Placing(Selection(index, result.shape, index_text(index))) for index in indices]

    def notation(self, *parts: Written) -> Written:
        return call("stack", *parts, axis=self.axis)


@operation(np.stack)
def stack(parts: Sequence[Operand], axis: int = 0) -> Node:
    """Arrays of one shape along a new axis. Derivative: each part has its slice of ∂J/∂y.

    Raises:
        ShapeError: if the shapes differ, there is no such axis, or there is no part.
        TypeError: if the axis is not a whole number, or the parts are not a sequence.

    Example:
        >>> import minigraph as mg
        >>> mg.stack([[1.0, 2.0], mg.data([3.0, 4.0])], axis=1).value
        array([[1., 3.],
               [2., 4.]])
    """
    hint = _AS_LIST.format("stack") if isinstance(axis, Node | np.ndarray) else ""
    op = Stack(whole_number(axis, "stack: the axis", hint))
    return op(*_list_of(parts, op))


@operation(np.vstack)
def vstack(parts: Sequence[Operand]) -> Node:
    """Arrays one below the other; numbers and vectors count as rows.

    Raises:
        ShapeError: if the rows are not of one length, or there is no part.
        TypeError: if the parts are not a sequence.

    Example:
        >>> import minigraph as mg
        >>> mg.vstack([mg.data([1.0, 2.0]), [[3.0, 4.0], [5.0, 6.0]]]).value
        array([[1., 2.],
               [3., 4.],
               [5., 6.]])
    """
    return _joined(parts, Composed("vstack"), 2)


@operation(np.hstack)
def hstack(parts: Sequence[Operand]) -> Node:
    """Arrays one beside the other: vectors along their axis, numbers as vectors of one, others along axis 1.

    Raises:
        ShapeError: if the other sizes differ, or there is no part.
        TypeError: if the parts are not a sequence.

    Example:
        >>> import minigraph as mg
        >>> mg.hstack([mg.data([1.0, 2.0]), [3.0]]).value
        array([1., 2., 3.])
    """
    return _joined(parts, Composed("hstack"), 1)


def _joined(parts: Any, refusing: Op, least: int) -> Node:
    """The parts, with at least so many axes, along axis 0; hstack joins those of more than one axis along axis 1."""
    nodes, _ = as_nodes(_list_of(parts, refusing), refusing.name)
    if len({node.ndim for node in nodes}) == 1 and nodes[0].ndim == least - 1:
        return Stack(0)(*nodes)  # numbers side by side, rows one below the other: nothing is reshaped
    with refusing_as(refusing.name, *nodes):
        return _side_by_side(nodes, least)


def _side_by_side(nodes: Sequence[Node], least: int) -> Node:
    wide = [node if node.ndim >= least else node.reshape([1] * (least - node.ndim) + list(node.shape)) for node in nodes]
    return Concatenate(0 if least == 2 or max(node.ndim for node in wide) == 1 else 1)(*wide)
