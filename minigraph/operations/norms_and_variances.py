"""How far entries lie from 0, or from their mean: norm, variance, standard deviation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Maps, Scale, compose
from minigraph.core.node import Node, Operand
from minigraph.core.numpy_functions import NUMPY
from minigraph.core.op import Composed, Elementwise, as_nodes
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Summation
from minigraph.formulas import Written, enclosed, number, quotient
from minigraph.operations.elementary import abs
from minigraph.operations.powers import square
from minigraph.operations.reductions import Axis, Reduction, max, mean, sum
from minigraph.operations.shapes import normalized_axes
from minigraph.values import axes_option, real_number, truth_value


class QuotientOrZero(Elementwise):
    """a / b, and 0 where b is 0: the direction of a vector, which 0 has none of."""

    name = "quotient_or_zero"

    def forward(self, a: Any, b: Any) -> Any:
        return a * (b != 0) / (b + (b == 0))

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Scale(QuotientOrZero()(1.0, b)), Scale(-QuotientOrZero()(result, b))

    def notation(self, a: Written, b: Written) -> Written:
        return quotient(a, b)


@dataclass(frozen=True, repr=False, eq=False)
class Norm(Reduction):
    """The root of the sum of squares over axes, divided by a number before the root; its derivative at 0 is 0."""

    divisor: float = 1.0

    def forward(self, x: Any) -> Any:
        # By a power of 2, which loses no digit, the largest is brought near 1: no square is too large or too small.
        largest = np.max(np.abs(x), axis=self.axis, keepdims=True, initial=0)
        exponent = np.where(np.isfinite(largest), np.frexp(largest)[1], 0)
        squares = np.sum(np.square(np.ldexp(x, -exponent)), axis=self.axis, keepdims=True)
        return np.ldexp(np.sqrt(squares / self.divisor), exponent).reshape(self.shape(x))

    def derivatives(self, result: Node, x: Node) -> Maps:
        axes = self.axes(x)
        kept = Norm(axes, True).shape(x)
        size = result if result.shape in ((), kept) else result.reshape(kept)
        direction = QuotientOrZero()(x, size if self.divisor == 1 else self.divisor * size)
        return (compose(Summation(x.shape, axes, self.keepdims), Scale(direction)),)

    def distance_to_kink(self, x: Any) -> float:
        return float(np.min(self.forward(x), initial=np.inf))

    def notation(self, x: Written) -> Written:
        plain = self.axis is None and not self.keepdims
        size = enclosed("‖", x, "‖", (r"\left\lVert ", r"\right\rVert ")) if plain else super().notation(x)
        return size if self.divisor == 1 else quotient(size, number(math.sqrt(self.divisor)))


@operation()
def norm(x: Operand, axis: Axis = None, keepdims: bool = False, ord: Any = None) -> Node:
    """‖x‖, the root of the sum of squares over ``axis``, or of all entries. Derivative: x/‖x‖, and 0 at x = 0.

    At 0 a norm has no derivative; 0 is the middle of its slopes, as for ``abs``, and so it is in PyTorch.

    Args:
        x: any shape; no entry is too large or too small to be squared.
        axis: an axis, several, or None for all: of a matrix, that is the Frobenius norm.
        keepdims: keep the axes with size 1.
        ord: another norm, as `numpy.linalg.norm` has it: 1 or np.inf for vectors.

    Raises:
        ShapeError: if an axis does not exist.
        TypeError: if an axis is not a whole number, keepdims neither True nor False, or there is no such norm here.

    Example:
        >>> import minigraph as mg
        >>> mg.norm([[3.0, 0.0], [4.0, 0.0]], axis=0).value
        array([5., 0.])
    """
    if ord is not None:
        return norm_as_numpy(x, ord, axis, keepdims)
    axes = axes_option(axis, "norm", "For other norms write mg.sum(mg.abs(x)) or mg.max(mg.abs(x)).")
    return Norm(axes, truth_value(keepdims, "norm: keepdims"))(x)


def norm_as_numpy(x: Operand, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Node:
    """What ``np.linalg.norm(x, ord, axis)`` means: 1, 2 and np.inf of vectors, "fro" of matrices."""
    node = as_nodes([x], "np.linalg.norm")[0][0]
    axes = axes_option(axis, "np.linalg.norm")
    of_vectors = (node.ndim if axes is None else len(axes)) == 1
    if ord is None or (ord == 2 if of_vectors else isinstance(ord, str) and ord == "fro"):
        return norm(node, axis, keepdims)
    if of_vectors and ord == 1:
        return sum(abs(node), axis, keepdims)
    if of_vectors and ord == math.inf:
        return max(abs(node), axis, keepdims)
    raise TypeError(
        f"np.linalg.norm of a node is the root of the sum of squares, or for vectors of order 1 or np.inf; not ord={ord!r}. "
        "Norms of matrices by singular values are no operation in minigraph."
    )


NUMPY[np.linalg.norm] = norm_as_numpy


def _deviations(what: str, x: Operand, axis: Axis, ddof: float) -> tuple[Node, tuple[int, ...] | None, float]:
    """X less its mean, the axes, and what the sum of squares is divided by."""
    axes = axes_option(axis, what)
    node = as_nodes([x], what)[0][0]
    count = math.prod(node.shape[axis] for axis in normalized_axes(Composed(what), node, axes))
    divisor = count - real_number(ddof, f"{what}: ddof", "It is 0 for a whole population, 1 for a sample of one.")
    if divisor <= 0:
        entries = "1 entry" if count == 1 else f"{count} entries"
        Composed(what).refuse([node], f"of {entries} with ddof={ddof} it is not defined: there must be more than ddof.")
    return node - mean(node, axes, keepdims=True), axes, divisor


@operation(np.var)
def var(x: Operand, axis: Axis = None, keepdims: bool = False, ddof: float = 0) -> Node:
    """The variance over ``axis``, or of all entries: the mean of (x − mean x)², of which it is made.

    Args:
        x: any shape.
        axis: an axis, several, or None for all.
        keepdims: keep the axes with size 1.
        ddof: the sum of squares is divided by n − ddof: 0 as in NumPy, 1 as ``torch.var`` has it.

    Raises:
        ShapeError: if an axis does not exist, or there are no more than ``ddof`` entries.
        TypeError: if an axis is not a whole number, keepdims neither True nor False, or ddof no number.

    Example:
        >>> import minigraph as mg
        >>> mg.var([1.0, 2.0, 6.0]).value
        np.float64(4.666666666666667)
    """
    centred, axes, divisor = _deviations("var", x, axis, ddof)
    keep = truth_value(keepdims, "var: keepdims", "Several axes are given as axis=(0, 1).")
    return mean(square(centred), axes, keep) if ddof == 0 else sum(square(centred), axes, keep) / divisor


@operation(np.std)
def std(x: Operand, axis: Axis = None, keepdims: bool = False, ddof: float = 0) -> Node:
    """The standard deviation over ``axis``, or of all entries: ‖x − mean x‖/√n, of which it is made.

    Where all entries are equal it has no derivative; 0 is taken, as for `norm` and as in PyTorch, while the root of `var`
    gives NaN there.

    Args:
        x: any shape.
        axis: an axis, several, or None for all.
        keepdims: keep the axes with size 1.
        ddof: the sum of squares is divided by n − ddof: 0 as in NumPy, 1 as ``torch.std`` has it.

    Raises:
        ShapeError: if an axis does not exist, or there are no more than ``ddof`` entries.
        TypeError: if an axis is not a whole number, keepdims neither True nor False, or ddof no number.

    Example:
        >>> import minigraph as mg
        >>> mg.std([1.0, 3.0]).value, mg.std([1.0, 3.0], ddof=1).value
        (np.float64(1.0), np.float64(1.4142135623730951))
    """
    centred, axes, divisor = _deviations("std", x, axis, ddof)
    return Norm(axes, truth_value(keepdims, "std: keepdims", "Several axes are given as axis=(0, 1)."), divisor)(centred)
