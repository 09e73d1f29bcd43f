"""Elementary functions, entry by entry: powers, exp, log, |x|, sign, the larger of two, and steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Identity, Maps, Scale
from minigraph.core.node import Node, Operand
from minigraph.core.op import Elementwise
from minigraph.core.operators import operation
from minigraph.formulas import Written, bracket, call, enclosed, number, total
from minigraph.formulas import power as raised
from minigraph.values import real_number

ZERO = number(0)


@dataclass(frozen=True, repr=False, eq=False)
class Power(Elementwise):
    """x to a constant exponent; exact at 0 for the exponents 0 and 1."""

    exponent: float

    name = "power"

    @property
    def domain(self) -> tuple[float, float]:  # type: ignore[override]  # a whole exponent takes any base
        """Fractional powers are defined for positive bases only."""
        return (-np.inf if float(self.exponent).is_integer() else 0.0, np.inf)

    @property
    def kinks(self) -> tuple[float, ...]:  # type: ignore[override]  # only negative powers have a pole
        """A negative power has a pole at 0."""
        return (0.0,) if self.exponent < 0 else ()

    def forward(self, x: Any) -> Any:
        return np.power(x, self.exponent)

    def derivatives(self, result: Node, x: Node) -> Maps:
        p = self.exponent
        if p == 0:
            return (None,)
        return (Identity() if p == 1 else Scale(p * (x if p == 2 else Power(p - 1)(x))),)

    def notation(self, x: Written) -> Written:
        return raised(x, self.exponent)


@operation(np.power)
def power(x: Operand, exponent: float) -> Node:
    """Raise x to the power of a constant. Derivative: p xᵖ⁻¹, exact at 0 for the exponents 0 and 1.

    Args:
        x: the base; negative bases need a whole exponent, else the value is NaN, as in NumPy.
        exponent: a real number, not a node.

    Raises:
        TypeError: if the exponent is not a finite real number.

    Example:
        >>> import minigraph as mg
        >>> (mg.data([2.0, 3.0]) ** 3).value
        array([ 8., 27.])
    """
    if isinstance(exponent, bool | np.bool_):
        exponent = int(exponent)
    hint = "For a base a > 0 write mg.exp(x * mg.log(a))."
    return Power(real_number(exponent, "power: the exponent", hint))(x)


class Square(Elementwise):
    """x²."""

    forward = staticmethod(np.square)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(2 * x),)

    def notation(self, x: Written) -> Written:
        return raised(x, 2)


@operation(np.square)
def square(x: Operand) -> Node:
    """x². Derivative: 2x.

    Example:
        >>> import minigraph as mg
        >>> mg.square(-3.0).value
        np.float64(9.0)
    """
    return Square()(x)


class Sqrt(Elementwise):
    """√x."""

    domain = (0.0, np.inf)
    forward = staticmethod(np.sqrt)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(0.5 / result),)

    def notation(self, x: Written) -> Written:
        return enclosed("√(", x, ")")


@operation(np.sqrt)
def sqrt(x: Operand) -> Node:
    """√x. Derivative: 1/(2√x), infinite at 0.

    Example:
        >>> import minigraph as mg
        >>> mg.sqrt(9.0).value
        np.float64(3.0)
    """
    return Sqrt()(x)


class Exp(Elementwise):
    """eˣ."""

    forward = staticmethod(np.exp)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(result),)


@operation(np.exp)
def exp(x: Operand) -> Node:
    """eˣ. Derivative: eˣ, the result itself.

    Example:
        >>> import minigraph as mg
        >>> mg.exp(0.0).value
        np.float64(1.0)
    """
    return Exp()(x)


class Log(Elementwise):
    """The natural logarithm."""

    domain = (0.0, np.inf)
    forward = staticmethod(np.log)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(1 / x),)


@operation(np.log)
def log(x: Operand) -> Node:
    """The natural logarithm. Derivative: 1/x. As in NumPy −∞ at 0 and NaN below; see `check_finite`.

    Example:
        >>> import minigraph as mg
        >>> mg.log(1.0).value
        np.float64(0.0)
    """
    return Log()(x)


class Abs(Elementwise):
    """|x|."""

    kinks = (0.0,)
    forward = staticmethod(np.abs)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(sign(x)),)

    def notation(self, x: Written) -> Written:
        return enclosed("|", x, "|")


@operation(np.abs)
def abs(x: Operand) -> Node:
    """|x|. Derivative: sign(x), taken as 0 at the kink.

    Example:
        >>> import minigraph as mg
        >>> abs(mg.data(-2.0)).value
        np.float64(2.0)
    """
    return Abs()(x)


class Sign(Elementwise):
    """−1, 0 or 1."""

    kinks = (0.0,)
    forward = staticmethod(np.sign)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (None,)


@operation(np.sign)
def sign(x: Operand) -> Node:
    """−1, 0 or 1, the sign of x. Constant on both sides, so nothing flows back through it.

    Example:
        >>> import minigraph as mg
        >>> mg.sign([-2.0, 0.0, 3.0]).value
        array([-1.,  0.,  1.])
    """
    return Sign()(x)


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
