"""What whole numbers choose: entries along an axis, as rows of an embedding, and classes, as one-hot columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.errors import ShapeError, describe
from minigraph.core.linear_maps import Maps
from minigraph.core.node import Node, Operand
from minigraph.core.op import Op, as_nodes, refusing_as
from minigraph.core.operators import operation
from minigraph.formulas import Written, call
from minigraph.operations.indexing import getitem, refuse_no_place
from minigraph.operations.shapes import axes_of
from minigraph.values import Shape, shown, whole_number


@operation(np.take)
def take(x: Operand, indices: Any, axis: int | None = None) -> Node:
    """The entries at ``indices`` along an axis, as `numpy.take` has it; of all entries, row by row, where no axis is given.

    With axis 0 of a table of rows this looks rows up: an embedding. It is the same as ``x[indices]``, with axis 1 as
    ``x[:, indices]``.

    Args:
        x: any shape.
        indices: whole numbers, or a node of data that holds whole numbers, which may change from call to call.
        axis: the axis, or None.

    Raises:
        ShapeError: if there is no such axis, or a constant index is outside of it.
        TypeError: if the axis is not a whole number, or the indices are a parameter.
        DomainError: when indices of a node are read that are not whole numbers within the axis.

    Example:
        >>> import minigraph as mg
        >>> table, words = mg.parameter([[1.0, 2.0], [3.0, 4.0]], "E"), mg.data([1, 0, 1], "words")
        >>> mg.take(table, words, axis=0).value
        array([[3., 4.],
               [1., 2.],
               [3., 4.]])
        >>> mg.grad(mg.take(table, words, axis=0).sum(), table).value
        array([[1., 1.],
               [2., 2.]])
    """
    (x,), _ = as_nodes((x,), "take")
    if axis is None:
        with refusing_as("take", x):
            return getitem(x.reshape(x.size), _whole(indices))
    along = whole_number(axis, "take: the axis")
    if not -x.ndim <= along < x.ndim:
        raise ShapeError(f"take: {describe(x, 'an array')}: axis {along} does not exist: {axes_of(x)}.")
    with refusing_as("take", x):
        return getitem(x, (*[slice(None)] * (along % x.ndim), _whole(indices)))


def _whole(indices: Any) -> Any:
    """Indices as whole numbers, or the node that holds them."""
    if isinstance(indices, Node):
        return indices
    array = np.asarray(indices)
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"take: indices are whole numbers, not {shown(indices)}.")
    return array.astype(np.intp)


@dataclass(frozen=True, repr=False, eq=False)
class OneHot(Op):
    """A column for each label: 1 in the row of its class, 0 elsewhere."""

    classes: int
    dtype: np.dtype[Any]

    name = "one_hot"
    checked = (0,)

    def check(self, position: int, value: Any) -> None:
        every = f"the labels of {self.classes} classes are 0 to {self.classes - 1}."
        refuse_no_place(value, position, 0, self.classes, every)

    def shape(self, labels: Node) -> Shape:
        if labels.ndim != 1 and (labels.ndim != 2 or labels.shape[0] != 1):
            self.refuse([labels], "there is one label for each example: the shape is (m,) or (1, m).")
        return (self.classes, labels.size)

    def forward(self, labels: Any) -> Any:
        self.check(0, labels)
        return (np.arange(self.classes).reshape(-1, 1) == np.reshape(labels, (1, -1))).astype(self.dtype)

    def derivatives(self, result: Node, labels: Node) -> Maps:
        return (None,)

    def notation(self, labels: Written) -> Written:
        return call("one-hot", labels, classes=self.classes)


@operation()
def one_hot(labels: Operand, classes: int) -> Node:
    """Labels as columns: 1 in the row of the label's class, 0 elsewhere. Nothing is differentiated by a label.

    Args:
        labels: whole numbers from 0 to classes − 1, of shape (m,) or (1, m); a node of data may change from call to call.
        classes: how many classes there are.

    Returns:
        A node of shape (classes, m): examples are columns.

    Raises:
        ShapeError: if the labels are not of shape (m,) or (1, m).
        TypeError: if the number of classes is not a whole number.
        ValueError: if it is less than 1.
        DomainError: when a label is read that is not a whole number from 0 to classes − 1.

    Example:
        >>> import minigraph as mg
        >>> mg.one_hot([0, 2], classes=3).value
        array([[1., 0.],
               [0., 0.],
               [0., 1.]])
    """
    (labels,), dtype = as_nodes((labels,), "one_hot")
    count = whole_number(classes, "one_hot: the number of classes")
    if count < 1:
        raise ValueError(
            f"one_hot: the number of classes is 1 or more, not {count}. It comes second: mg.one_hot(labels, 3)."
        )
    return one_hot_of(labels, count, dtype)


def one_hot_of(labels: Node, classes: int, dtype: np.dtype[Any]) -> Node:
    """One-hot columns of a dtype that the labels need not have."""
    op = OneHot(classes, dtype)
    return Node(op, (labels,), op.shape(labels), dtype)
