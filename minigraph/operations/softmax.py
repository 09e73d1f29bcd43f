"""Softmax, log-softmax and log-sum-exp, and the linear maps that are their derivatives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import FamilyMap, Maps, Scale, compose
from minigraph.core.node import Node, Operand
from minigraph.core.op import Op, as_nodes
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Summation
from minigraph.formulas import Written, call, infix, product
from minigraph.formulas.index_sums import Entry, Index, Letters, at, centred
from minigraph.formulas.tree import axis_sum
from minigraph.operations.reductions import Axis
from minigraph.operations.shapes import normalized_axes
from minigraph.values import Shape, axes_option, truth_value, whole_number

_ONE_AXIS = "For all entries together, give z.reshape(-1)."


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """a + b, and what rounding took from it (Knuth's TwoSum); the rest of an infinite sum is 0."""
    total = a + b
    back = total - a
    rest = (a - (total - back)) + (b - back)
    return total, np.where(np.isfinite(rest), rest, 0)


def exact_sum(x: Any, axis: int) -> Any:
    """The sum over an axis, which keeps size 1, right to the last digit however many terms there are."""
    x = np.moveaxis(x, axis, 0)
    rest = 0.0
    while len(x) > 1:
        half = len(x) // 2
        pairs, rests = two_sum(x[:half], x[half : 2 * half])
        rest = rest + np.sum(rests, axis=0)
        x = np.concatenate([pairs, x[2 * half :]])
    return np.moveaxis(x + rest, 0, axis)


def exponentials(z: Any, axis: int) -> tuple[Any, Any]:
    """z − max z and e^(z − max z) along an axis, in float64 and right to the last digits.

    What rounding takes from the difference matters: e^−700.1 is wrong in its 13th digit if −700.1 is
    wrong in its 16th.
    """
    z = np.asarray(z, np.float64)
    low, rest = two_sum(z, -np.max(z, axis=axis, keepdims=True, initial=-np.inf))
    e = np.exp(low)
    return low, e + e * rest


def others_of(low: Any, e: Any, axis: int) -> Any:
    """e^(z − max z) with 0 in place of the largest, which is 1."""
    if e.size:
        np.put_along_axis(e, np.expand_dims(np.argmax(low, axis=axis), axis), 0, axis=axis)
    return e


def log_softmax_of(z: Any, axis: int) -> Any:
    """log softmax(z) = z − max z − log(1 + what the others add), in float64: a sum of terms ≤ 0 loses no digits."""
    low, e = exponentials(z, axis)
    return low - np.log1p(exact_sum(others_of(low, e, axis), axis))


class LogCentering(FamilyMap):
    """The derivative of log-softmax: x ↦ x − Σ s ⊙ x, the sum over one axis, along which s sums to 1."""

    def __init__(self, probabilities: Node, axis: int):
        self.probabilities = probabilities
        self.axis = axis

    def push(self, tangent: Node) -> Node:
        return tangent - (self.probabilities * tangent).sum(self.axis, keepdims=True)

    def pull(self, cotangent: Node) -> Node:
        return cotangent - self.probabilities * cotangent.sum(self.axis, keepdims=True)

    def notation(self, upstream: Written) -> Written:
        """∂J/∂y − S ⊙ Σ ∂J/∂y."""
        return infix(upstream, "−", product(self.probabilities, axis_sum(upstream, self.axis)))

    def entry(self, index: Index, letters: Letters) -> Entry:
        """Σₚ ∂J/∂y[p, k] · ([p = i] − S[i, k]): every entry depends on every logit of its column."""
        s, axis = self.probabilities, self.axis % len(index)
        other = letters.along(index[axis].size)
        above = (*index[:axis], other, *index[axis + 1 :])
        over = (other,) if other.size != 1 else ()
        return Entry(above, over, right=(centred(other, index[axis], s, index),))


class Centering(LogCentering):
    """The derivative of softmax: x ↦ s ⊙ (x − Σ s ⊙ x). It is its own adjoint."""

    def push(self, tangent: Node) -> Node:
        return self.probabilities * super().push(tangent)

    def pull(self, cotangent: Node) -> Node:
        return self.push(cotangent)

    def notation(self, upstream: Written) -> Written:
        """s ⊙ (∂J/∂S − Σ S ⊙ ∂J/∂S)."""
        s = self.probabilities
        return product(s, infix(upstream, "−", axis_sum(product(s, upstream), self.axis)))

    def entry(self, index: Index, letters: Letters) -> Entry:
        """Σₚ S[p, k] · ∂J/∂S[p, k] · ([p = i] − S[i, k]): every probability depends on every logit of its column."""
        of_log = super().entry(index, letters)
        return Entry(of_log.index, of_log.over, (at(self.probabilities, of_log.index),), of_log.right)


@dataclass(frozen=True, repr=False, eq=False)
class AlongAxis(Op):
    """What softmax and log-softmax share: one axis, and the operand's shape."""

    axis: int

    def shape(self, z: Node) -> Shape:
        if z.shape == ():
            self.refuse([z], "a scalar has no axis to share 1 along.")
        normalized_axes(self, z, self.axis)
        return z.shape

    def notation(self, z: Written) -> Written:
        name = self.name.replace("_", " ")
        return call(name, z, axis=self.axis) if self.axis else call(name, z)


class Softmax(AlongAxis):
    """eᶻ / Σ eᶻ along an axis."""

    def forward(self, z: Any) -> Any:
        _, e = exponentials(z, self.axis)
        return (e / exact_sum(e, self.axis)).astype(z.dtype)

    def derivatives(self, s: Node, z: Node) -> Maps:
        return (Centering(s, self.axis),)


@operation()
def softmax(z: Operand, axis: int = 0) -> Node:
    """eᶻ / Σ eᶻ along ``axis``: probabilities that sum to 1. Examples are columns, so the axis is 0.

    Its derivative is not elementwise: ∂J/∂Z = S ⊙ (∂J/∂S − Σ S ⊙ ∂J/∂S).

    Raises:
        ShapeError: for a scalar, or if the axis does not exist.
        TypeError: if the axis is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.softmax([[0.0], [0.0]]).value
        array([[0.5],
               [0.5]])
    """
    return Softmax(whole_number(axis, "softmax: the axis", _ONE_AXIS))(z)


class LogSoftmax(AlongAxis):
    """z − log Σ eᶻ along an axis."""

    name = "log_softmax"

    def forward(self, z: Any) -> Any:
        return log_softmax_of(z, self.axis).astype(z.dtype)

    def derivatives(self, y: Node, z: Node) -> Maps:
        return (LogCentering(softmax(z, self.axis), self.axis),)


@operation()
def log_softmax(z: Operand, axis: int = 0) -> Node:
    """log softmax(z) = z − log Σ eᶻ along ``axis``, without overflow.

    Derivative: ∂J/∂Z = ∂J/∂Y − softmax(Z) ⊙ Σ ∂J/∂Y.

    Raises:
        ShapeError: for a scalar, or if the axis does not exist.
        TypeError: if the axis is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.log_softmax([[1000.0], [0.0]]).value
        array([[    0.],
               [-1000.]])
    """
    return LogSoftmax(whole_number(axis, "log_softmax: the axis", _ONE_AXIS))(z)


@dataclass(frozen=True, repr=False, eq=False)
class LogSumExp(Op):
    """log Σ eᶻ along an axis."""

    axis: int
    keepdims: bool

    def shape(self, z: Node) -> Shape:
        (axis,) = normalized_axes(self, z, self.axis)
        return (*z.shape[:axis], *((1,) if self.keepdims else ()), *z.shape[axis + 1 :])

    def forward(self, z: Any) -> Any:
        if z.shape[self.axis] == 0:
            return np.full(self.shape(z), -np.inf)
        largest = np.max(z, axis=self.axis, keepdims=True, initial=-np.inf)
        with_infinity = np.isinf(largest)  # which is the sum then; what others are, less it, would be NaN
        e = others_of(*exponentials(np.where(with_infinity, 0, z), self.axis), self.axis)
        total = np.where(with_infinity, largest, largest + np.log1p(exact_sum(e, self.axis)))
        return (total if self.keepdims else np.squeeze(total, self.axis)).astype(z.dtype)

    def derivatives(self, y: Node, z: Node) -> Maps:
        (axis,) = normalized_axes(self, z, self.axis)
        return (compose(Summation(z.shape, (axis,), self.keepdims), Scale(softmax(z, axis))),)

    def notation(self, z: Written) -> Written:
        options: dict[str, Any] = {"axis": self.axis} if len(z.shape) != 1 else {}
        options |= {"keepdims": True} if self.keepdims else {}
        return call("logsumexp", z, **options)


@operation()
def logsumexp(z: Operand, axis: Axis = None, keepdims: bool = False) -> Node:
    """log Σ eᶻ over ``axis``, or over all entries, without overflow. Derivative: softmax(z).

    Raises:
        ShapeError: if an axis does not exist.
        TypeError: if an axis is not a whole number, or keepdims neither True nor False.

    Example:
        >>> import minigraph as mg
        >>> mg.logsumexp([1000.0, 1000.0]).value
        np.float64(1000.6931471805599)
    """
    axes = axes_option(axis, "logsumexp", "For the sum of two, entry by entry, write mg.logaddexp(a, b).")
    keep = truth_value(keepdims, "logsumexp: keepdims", "Several axes are given as axis=(0, 1).")
    node = as_nodes([z], "logsumexp")[0][0]
    over = normalized_axes(LogSumExp(0, keep), node, axes)
    if len(over) == 1:
        return LogSumExp(over[0], keep)(node)
    # Several axes become one, the last.
    rest = tuple(axis for axis in range(node.ndim) if axis not in over)
    moved = node.transpose((*rest, *over)) if rest else node
    summed = LogSumExp(len(rest), False)(moved.reshape((*moved.shape[: len(rest)], math.prod(moved.shape[len(rest) :]))))
    return summed.reshape([1 if axis in over else size for axis, size in enumerate(node.shape)]) if keep else summed
