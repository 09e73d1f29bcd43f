"""Which of several, entry by entry: the larger, the smaller, steps, and comparisons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Maps, Scale
from minigraph.core.node import Node, Operand
from minigraph.core.op import Elementwise
from minigraph.core.operators import operation
from minigraph.formulas import Written, bracket, call, number, total

ZERO = number(0)


class OfTheLarger(Elementwise):
    """What depends on which of a and b is larger, with a kink where they are equal; constant, if nothing else is said."""

    kinks = (0.0,)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return None, None

    def distance_to_kink(self, a: Any, b: Any) -> float:
        return super().distance_to_kink(a - b)


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
