"""Sums, means and maxima over axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from minigraph.core.linear_maps import Maps, Scale, compose
from minigraph.core.node import Node, Operand, literal
from minigraph.core.op import Op
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Summation
from minigraph.formulas import Written, call, phrase
from minigraph.operations.choices import Equal
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


class Max(Reduction):
    """The largest entry over axes; ties share the derivative equally."""

    of_two = "the larger of two, entry by entry, write mg.maximum(a, b)"
    of_none = "the largest"
    kinks = (0.0,)

    def forward(self, x: Any) -> Any:
        return np.max(x, axis=self.axis, keepdims=self.keepdims)

    def derivatives(self, result: Node, x: Node) -> Maps:
        axes = self.axes(x)
        kept = Max(axes, True).shape(x)
        largest = Equal()(x, result if result.shape == kept else result.reshape(kept))
        share = largest / largest.sum(axes, keepdims=True)
        return (compose(Summation(x.shape, axes, self.keepdims), Scale(share)),)

    def distance_to_kink(self, x: Any) -> float:
        top = np.max(x, axis=self.axis, keepdims=True)
        return super().distance_to_kink((top - x)[x < top]) if np.sum(x == top) == top.size else 0.0


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
