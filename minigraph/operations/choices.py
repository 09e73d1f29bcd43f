"""Which of several, entry by entry: the larger, the smaller, one or the other by a mask; steps, and comparisons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import FamilyMap, Maps, Scale
from minigraph.core.node import Node, Operand, literal
from minigraph.core.numpy_functions import NUMPY
from minigraph.core.op import Elementwise, as_nodes, refusing_as
from minigraph.core.operators import operation
from minigraph.formulas import Expression, Written, bracket, call, number, product, total
from minigraph.formulas.index_sums import Entry, Factor, Index, Letters, at
from minigraph.operations.arithmetic import cast
from minigraph.values import to_array

ZERO = number(0)


class OfTheLarger(Elementwise):
    """What depends on which of a and b is larger, with a kink where they are equal; constant, if nothing else is said."""

    kinks = (0.0,)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return None, None

    def distance_to_kink(self, a: Any, b: Any) -> float:
        return math.inf if a is b else super().distance_to_kink(a - b)  # with itself a node is always equal


class Maximum(OfTheLarger):
    """The larger of a and b; at a tie each has half of the derivative."""

    forward = staticmethod(np.maximum)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Scale(Larger()(a, b)), Scale(Larger()(b, a))

    def notation(self, a: Written, b: Written) -> Written:
        return call("max", a, b)


@operation(np.maximum)
def maximum(a: Operand, b: Operand) -> Node:
    """The larger of a and b, entry by entry. Derivative: 1 by the larger, 0 by the smaller, ½ by each at a tie.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> mg.maximum([1.0, 5.0], 3.0).value
        array([3., 5.])
    """
    return Maximum()(a, b)


class Minimum(OfTheLarger):
    """The smaller of a and b; at a tie each has half of the derivative."""

    forward = staticmethod(np.minimum)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Scale(Larger()(b, a)), Scale(Larger()(a, b))

    def notation(self, a: Written, b: Written) -> Written:
        return call("min", a, b)


@operation(np.minimum)
def minimum(a: Operand, b: Operand) -> Node:
    """The smaller of a and b, entry by entry. Derivative: 1 by the smaller, 0 by the larger, ½ by each at a tie.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> mg.minimum([1.0, 5.0], 3.0).value
        array([1., 3.])
    """
    return Minimum()(a, b)


@operation()
def clip(x: Operand, min: Operand | None = None, max: Operand | None = None) -> Node:
    """x, but ``min`` where it is smaller and ``max`` where it is larger: min(max(x, low), high).

    Derivative: 1 between the bounds, 0 outside, and ½ on a bound, as at every tie of `maximum` and `minimum`; the other
    half is the bound's. As in NumPy ``max`` wins where it is below ``min``.

    Args:
        x: any shape.
        min: the lower bound, a number, an array or a node; None for no bound.
        max: the upper bound, likewise.

    Raises:
        TypeError: if there is neither bound.
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> mg.clip([-2.0, 0.5, 3.0], 0.0, 1.0).value
        array([0. , 0.5, 1. ])
    """
    if min is None and max is None:
        raise TypeError("clip needs a bound: mg.clip(x, 0.0, 1.0), mg.clip(x, min=0.0) or mg.clip(x, max=1.0).")
    with refusing_as("clip", *(given for given in (x, min, max) if given is not None)):
        above = x if min is None else maximum(x, min)
        return above if max is None else minimum(above, max)  # type: ignore[return-value]  # a node, since there is a bound


def _clip(
    x: Operand,
    a_min: Operand | None = None,
    a_max: Operand | None = None,
    min: Operand | None = None,
    max: Operand | None = None,
) -> Node:
    """`clip` with the names that NumPy has for the bounds, those of old and those of today."""
    return clip(x, a_min if min is None else min, a_max if max is None else max)


NUMPY[np.clip] = _clip


class Where(Elementwise):
    """a where the mask is not 0, b where it is 0, NaN where it is NaN. The mask is never differentiated."""

    kinks = (0.0,)
    held = (0,)

    def forward(self, mask: Any, a: Any, b: Any) -> Any:
        chosen = np.where(mask, a, b)
        unknown = np.isnan(mask)
        return np.where(unknown, mask, chosen) if np.any(unknown) else chosen

    def derivatives(self, result: Node, mask: Node, a: Node, b: Node) -> Maps:
        return None, Choice(mask, True), Choice(mask, False)

    def distance_to_kink(self, mask: Any, a: Any, b: Any) -> float:
        return super().distance_to_kink(mask[mask != 0])  # a mask that is 0 is made so: it is not on its way through 0


class Choice(FamilyMap):
    """y = x where a mask is not 0 (or where it is 0), and 0 elsewhere, whatever x is there.

    Attributes:
        mask: a node that broadcasts to the output's shape.
        chosen: True for where the mask is not 0, False for where it is 0.
    """

    def __init__(self, mask: Node, chosen: bool):
        self.mask, self.chosen = mask, chosen

    def push(self, tangent: Node) -> Node:
        return Where()(self.mask, *((tangent, 0.0) if self.chosen else (0.0, tangent)))

    def pull(self, cotangent: Node) -> Node:
        return self.push(cotangent)

    def notation(self, upstream: Written) -> Written:
        """∂J/∂y ⊙ [mask ≠ 0]."""
        return product(upstream, self._bracket(self.mask))

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The same entry where the mask holds."""
        mask = at(self.mask, index)
        holds = Factor(self._bracket(mask.written), lambda places: float((mask.value(places) != 0) == self.chosen))
        return Entry(index, right=(holds,))

    def _bracket(self, mask: Written) -> Expression:
        return bracket(mask, "≠" if self.chosen else "=", ZERO)


@operation(np.where)
def where(mask: Operand, a: Operand, b: Operand) -> Node:
    """a where the mask is true, b where it is false, entry by entry. Derivative: 1 by what is chosen, 0 by the other.

    The mask is held fixed: nothing flows back through it. It is an array such as ``X > 0``, which stays what it is; or a
    node, which is true where it is not 0 and may change: data with a new value, or ``mg.relu(x - 1)`` for x > 1. Values
    that are not chosen don't count, be they NaN; but the chain rule still asks for their derivatives: at x = 0
    ``mg.where(x.value > 0, mg.log(x), 0.0)`` has the derivative 0 · (1/0), which is NaN. Choose what goes in instead:
    ``mg.log(mg.where(x.value > 0, x, 1.0))``. Where a mask is NaN, so is the result.

    Args:
        mask: an array of truth values, or of numbers, true where they are not 0; or a node.
        a: what to take where it is true.
        b: what to take where it is false.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import numpy as np
        >>> import minigraph as mg
        >>> x = mg.parameter([-2.0, 3.0], "x")
        >>> y = mg.where(np.array([True, False]), x**2, 10 * x)
        >>> y.value, mg.grad(y.sum(), x).value
        (array([ 4., 30.]), array([-4., 10.]))
    """
    (a, b), dtype = as_nodes((a, b), "where")
    if isinstance(mask, Node):
        return Where()(cast(mask, dtype), a, b)
    given = to_array(mask, np.float64, "where: the mask")
    return Where()(literal(np.where(np.isnan(given), given, given != 0), dtype), a, b)


@dataclass(frozen=True, repr=False, eq=False)
class Step(Elementwise):
    """A constant on each side of 0 and one at 0, NaN at NaN: the derivative of functions with a kink at 0."""

    below: float
    at_zero: float
    above: float

    name = "step"
    kinks = (0.0,)

    def forward(self, x: Any) -> Any:
        if self.above == 1 and 0 <= self.below == self.at_zero <= 1:
            return np.maximum(np.sign(x), self.below)  # quicker than to compare, and NaN stays NaN
        return np.where(x > 0, self.above, np.where(x < 0, self.below, self.at_zero + x))  # 0 or NaN is added

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (None,)

    def notation(self, x: Written) -> Written:
        if (self.below, self.above) == (0, 1) and self.at_zero in (0, 1):
            return bracket(x, "≥" if self.at_zero else ">", ZERO)
        sides = [("<", self.below), ("=", self.at_zero), (">", self.above)]
        if self.at_zero == self.below:
            sides[:2] = [("≤", self.below)]
        elif self.at_zero == self.above:
            sides[1:] = [("≥", self.above)]
        return total(tuple(bracket(x, relation, ZERO, height) for relation, height in reversed(sides) if height))


class Larger(OfTheLarger):
    """1 where a > b, ½ where a = b, else 0, NaN where one is NaN: the derivative of `maximum`."""

    def forward(self, a: Any, b: Any) -> Any:
        larger = (np.greater(a, b) + np.greater_equal(a, b).astype(np.result_type(a, b))) / 2
        return np.where(np.isnan(a) | np.isnan(b), np.nan, larger)

    def notation(self, a: Written, b: Written) -> Written:
        return total((bracket(a, ">", b), bracket(a, "=", b, 0.5)))


class Equal(OfTheLarger):
    """1 where a = b, else 0."""

    def forward(self, a: Any, b: Any) -> Any:
        return np.equal(a, b).astype(a.dtype)

    def notation(self, a: Written, b: Written) -> Written:
        return bracket(a, "=", b)
