"""Sums, means, products, largest and smallest entries over axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from minigraph.core.linear_maps import Maps, Scale, compose
from minigraph.core.node import Node, Operand, literal
from minigraph.core.numpy_functions import NUMPY
from minigraph.core.op import Op, as_nodes
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Reshaping, Selection, Summation, Transposition
from minigraph.formulas import Written, call, phrase
from minigraph.operations.choices import Equal, where
from minigraph.operations.indexing import index_text
from minigraph.operations.shapes import normalized_axes
from minigraph.values import Shape, axes_option, truth_value

Axis = int | Sequence[int] | None


@dataclass(frozen=True, repr=False, eq=False)
class Reduction(Op):
    """What sum, mean and max share: the axes, and the shape that is left."""

    axis: tuple[int, ...] | None
    keepdims: bool

    of_two: ClassVar[str] = ""
    """What to write for two operands, which whoever gives an array as axis has in mind."""
    of_none: ClassVar[str] = ""
    """What is not defined where there are no entries, if it is not."""

    def axes(self, x: Any) -> tuple[int, ...]:
        """The reduced axes, none negative."""
        return normalized_axes(self, x, self.axis)

    def count(self, x: Any) -> int:
        """How many entries are reduced to one."""
        return math.prod(x.shape[axis] for axis in self.axes(x))

    def shape(self, x: Node) -> Shape:
        axes = self.axes(x)
        if self.of_none and self.count(x) == 0:
            self.refuse([x], f"{self.of_none} of no entries is not defined.")
        if self.keepdims:
            return tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))
        return tuple(size for axis, size in enumerate(x.shape) if axis not in axes)

    def notation(self, x: Written) -> Written:
        options: dict[str, Any] = {"keepdims": True} if self.keepdims else {}
        if self.axis is None:
            return phrase(self.name, x, **options)
        return call(self.name, x, axis=self.axis, **options)


def _reduced(kind: type[Reduction], x: Operand, axis: Axis, keepdims: bool) -> Node:
    axes = axes_option(axis, kind.name, f"For {kind.of_two}.")
    return kind(axes, truth_value(keepdims, f"{kind.name}: keepdims", "Several axes are given as axis=(0, 1)."))(x)


class WeightedSum(Reduction):
    """What sum and mean share: entries are added up, each with one weight."""

    linear_in = (0,)

    def weight(self, x: Any) -> float:
        """What each entry counts."""
        return 1.0


class Sum(WeightedSum):
    """The sum over axes."""

    of_two = "the sum of two, entry by entry, write a + b"

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
        TypeError: if an axis is not a whole number, or keepdims neither True nor False.

    Example:
        >>> import minigraph as mg
        >>> mg.sum([[1.0, 2.0], [3.0, 4.0]], axis=1, keepdims=True).value
        array([[3.],
               [7.]])
    """
    return _reduced(Sum, x, axis, keepdims)


def sum_without_nan(x: Operand, axis: Axis = None, keepdims: bool = False) -> Node:
    """What ``np.nansum`` means: the sum of the entries that are not NaN, 0 if there are none."""
    node = as_nodes([x], "np.nansum")[0][0]
    return sum(where(Equal()(node, node), node, 0.0), axis, keepdims)  # NaN alone does not equal itself


NUMPY[np.nansum] = sum_without_nan


class Mean(WeightedSum):
    """The mean over axes."""

    of_two = "the mean of two, entry by entry, write (a + b) / 2"
    of_none = "the mean"

    def forward(self, x: Any) -> Any:
        return np.mean(x, axis=self.axis, keepdims=self.keepdims)

    def weight(self, x: Any) -> float:
        return 1 / self.count(x)

    def derivatives(self, result: Node, x: Node) -> Maps:
        axes, count = self.axes(x), self.count(x)
        if count == 1:
            return (Summation(x.shape, axes, self.keepdims),)
        # The mean over the columns of a (1, m) node is the mean over m examples, and is written so.
        examples = x.ndim == 2 and x.shape[0] == 1 and 1 in axes and count > 1
        share = 1 / literal(count, x.dtype, "m" if examples else None)
        return (compose(Scale(share), Summation(x.shape, axes, self.keepdims)),)


@operation(np.mean)
def mean(x: Operand, axis: Axis = None, keepdims: bool = False) -> Node:
    """The mean over ``axis``, or of all entries. Derivative: 1/m by each of the m entries.

    Raises:
        ShapeError: if an axis does not exist, or there are no entries.
        TypeError: if an axis is not a whole number, or keepdims neither True nor False.

    Example:
        >>> import minigraph as mg
        >>> mg.mean([1.0, 2.0, 6.0]).value
        np.float64(3.0)
    """
    return _reduced(Mean, x, axis, keepdims)


def line_product(lines: Any) -> Any:
    """The product of lines, arrays or nodes, along axis 0, which stays: that of one half, entry by entry, with the other."""
    rest = None
    while (count := lines.shape[0]) > 1:
        half, last = count // 2, lines[count - count % 2 :]
        if count % 2:
            rest = last if rest is None else rest * last
        lines = lines[:half] * lines[half : 2 * half]
    return lines if rest is None else lines * rest


def lines_of_others(lines: Any, concatenate: Callable[[list[Any]], Any]) -> Any:
    """For each of two or more lines, arrays or nodes along axis 0, the product of the others."""
    count = lines.shape[0]
    half = count // 2
    first, second, rest = lines[:half], lines[half : 2 * half], lines[2 * half :]
    if count == 2:
        return concatenate([second, first])
    above = lines_of_others(concatenate([first * second, rest] if count % 2 else [first * second]), concatenate)
    return concatenate([above[:half] * second, above[:half] * first, *([above[half:]] if count % 2 else [])])


class Prod(Reduction):
    """The product over axes."""

    of_two = "the product of two, entry by entry, write a * b"

    def lines(self, x: Any) -> tuple[tuple[int, ...], Shape]:
        """The order of axes that begins with those of the product, and its shape with them as one."""
        return _first(self.axes(x), x.shape)

    def forward(self, x: Any) -> Any:
        if x.size == 0:
            return np.prod(x, axis=self.axis, keepdims=self.keepdims)
        order, rows = self.lines(x)
        return line_product(np.transpose(x, order).reshape(rows)).reshape(self.shape(x))

    def derivatives(self, result: Node, x: Node) -> Maps:
        axes, summation = self.axes(x), Summation(x.shape, self.axes(x), self.keepdims)
        return (summation if self.count(x) == 1 else compose(summation, Scale(ProductOfOthers(axes)(x))),)


@dataclass(frozen=True, repr=False, eq=False)
class ProductOfOthers(Op):
    """For each entry the product of the others over axes: the derivative of the product, right where entries are 0."""

    axes: tuple[int, ...]

    name = "product_of_others"

    def shape(self, x: Node) -> Shape:
        return x.shape

    def lines(self, x: Any) -> tuple[tuple[int, ...], Shape]:
        """The order of axes that begins with those of the product, and its shape with them as one."""
        return _first(self.axes, x.shape)

    def forward(self, x: Any) -> Any:
        order, rows = self.lines(x)
        if x.size == 0 or rows[0] == 1:
            return np.ones_like(x)
        moved = np.transpose(x, order)
        others = lines_of_others(moved.reshape(rows), np.concatenate)
        return np.transpose(others.reshape(moved.shape), np.argsort(order))

    def derivatives(self, result: Node, x: Node) -> Maps:
        order, rows = self.lines(x)
        if x.size == 0 or rows[0] == 1:
            return (None,)
        # Each is a product of all lines but one; so its derivative is of the same kind.
        count, moved = rows[0], x.transpose(order)
        others = (np.array([[j for j in range(count) if j != i] for i in range(count)]),)
        lines = moved.reshape(rows)[others]
        product = Summation(lines.shape, (1,), False), Scale(ProductOfOthers((1,))(lines))
        back = Transposition(tuple(np.argsort(order).tolist())), Reshaping(rows, moved.shape)
        taken = Selection(others, rows, index_text(others)), Reshaping(moved.shape, rows), Transposition(order)
        return (compose(*back, *product, *taken),)

    def notation(self, x: Written) -> Written:
        if len(self.axes) == len(x.shape):
            return phrase("product of the others in", x)
        return phrase("product of the others along {axis} in", x, axis=self.axes)


def _first(axes: tuple[int, ...], shape: Shape) -> tuple[tuple[int, ...], Shape]:
    """The order of axes that begins with some, and the shape of what is so turned with those as one."""
    rest = tuple(axis for axis in range(len(shape)) if axis not in axes)
    return (*axes, *rest), (math.prod(shape[axis] for axis in axes), *(shape[axis] for axis in rest))


@operation(np.prod)
def prod(x: Operand, axis: Axis = None, keepdims: bool = False) -> Node:
    """The product over ``axis``, or of all entries. Derivative by each entry: the product of the others.

    It is right where entries are 0, and so are further derivatives. A second derivative by n entries takes memory for
    n² numbers.

    Raises:
        ShapeError: if an axis does not exist.
        TypeError: if an axis is not a whole number, or keepdims neither True nor False.

    Example:
        >>> import minigraph as mg
        >>> x = mg.parameter([2.0, 0.0, 5.0], "x")
        >>> mg.prod(x).value, mg.grad(mg.prod(x), x).value
        (np.float64(0.0), array([ 0., 10.,  0.]))
    """
    return _reduced(Prod, x, axis, keepdims)


class Extreme(Reduction):
    """What max and min share: ties share the derivative equally."""

    kinks = (0.0,)

    def derivatives(self, result: Node, x: Node) -> Maps:
        axes = self.axes(x)
        kept = type(self)(axes, True).shape(x)
        chosen = Equal()(x, result if result.shape in ((), kept) else result.reshape(kept))
        share = chosen / chosen.sum(axes, keepdims=True)
        return (compose(Summation(x.shape, axes, self.keepdims), Scale(share)),)

    def distance_to_kink(self, x: Any) -> float:
        chosen = type(self)(self.axis, True).forward(x)
        return super().distance_to_kink((chosen - x)[x != chosen]) if np.sum(x == chosen) == chosen.size else 0.0


class Max(Extreme):
    """The largest entry over axes."""

    of_two = "the larger of two, entry by entry, write mg.maximum(a, b)"
    of_none = "the largest"

    def forward(self, x: Any) -> Any:
        return np.max(x, axis=self.axis, keepdims=self.keepdims)


@operation(np.max, np.amax)
def max(x: Operand, axis: Axis = None, keepdims: bool = False) -> Node:
    """The largest entry over ``axis``, or of all. Derivative: 1 by the largest, shared equally at a tie, else 0.

    Raises:
        ShapeError: if an axis does not exist, or there are no entries.
        TypeError: if an axis is not a whole number, or keepdims neither True nor False.

    Example:
        >>> import minigraph as mg
        >>> mg.max([[1.0, 5.0], [7.0, 2.0]], axis=0).value
        array([7., 5.])
    """
    return _reduced(Max, x, axis, keepdims)


class Min(Extreme):
    """The smallest entry over axes."""

    of_two = "the smaller of two, entry by entry, write mg.minimum(a, b)"
    of_none = "the smallest"

    def forward(self, x: Any) -> Any:
        return np.min(x, axis=self.axis, keepdims=bool(self.keepdims))  # np.min takes no bool of NumPy's


@operation(np.min, np.amin)
def min(x: Operand, axis: Axis = None, keepdims: bool = False) -> Node:
    """The smallest entry over ``axis``, or of all. Derivative: 1 by the smallest, shared equally at a tie, else 0.

    Raises:
        ShapeError: if an axis does not exist, or there are no entries.
        TypeError: if an axis is not a whole number, or keepdims neither True nor False.

    Example:
        >>> import minigraph as mg
        >>> mg.min([[1.0, 5.0], [7.0, 2.0]], axis=0).value
        array([1., 2.])
    """
    return _reduced(Min, x, axis, keepdims)
