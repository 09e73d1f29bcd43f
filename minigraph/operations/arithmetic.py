"""Arithmetic, entry by entry: + − × ÷, powers, exp, log, roots, absolute value, sign, maximum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from minigraph.linear_maps import Casting, Identity, LinearMap, Negation, Scale
from minigraph.node import Node, Operand
from minigraph.notation import (
    Expression,
    Written,
    call,
    enclosed,
    format_exactly,
    infix,
    negation,
    product,
    quotient,
    total,
)
from minigraph.notation import (
    power as raised,
)
from minigraph.operations.op import Elementwise, operation

Maps = Sequence[LinearMap | None]


class Add(Elementwise):
    """a + b."""

    forward = staticmethod(np.add)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Identity(), Identity()

    def notation(self, a: Written, b: Written) -> Written:
        return infix(a, "+", b)


@operation(np.add)
def add(a: Operand, b: Operand) -> Node:
    """a + b, broadcast as in NumPy. Derivative by each: 1.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> (mg.data([[1.0, 2.0]]) + [[10.0], [20.0]]).value
        array([[11., 12.],
               [21., 22.]])
    """
    return Add()(a, b)


class Subtract(Elementwise):
    """a − b."""

    forward = staticmethod(np.subtract)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Identity(), Negation()

    def notation(self, a: Written, b: Written) -> Written:
        return infix(a, "−", b, "-")


@operation(np.subtract)
def subtract(a: Operand, b: Operand) -> Node:
    """a − b, broadcast as in NumPy. Derivatives: 1 by a, −1 by b.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> mg.subtract(5.0, mg.data(3.0)).value
        np.float64(2.0)
    """
    return Subtract()(a, b)


class Multiply(Elementwise):
    """a ⊙ b."""

    forward = staticmethod(np.multiply)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Scale(b), Scale(a)

    def notation(self, a: Written, b: Written) -> Written:
        return product(a, b)


@operation(np.multiply)
def multiply(a: Operand, b: Operand) -> Node:
    """a · b entry by entry, broadcast as in NumPy. Derivatives: b by a, a by b. The matrix product is `matmul`.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> (mg.data([1.0, 2.0]) * 3).value
        array([3., 6.])
    """
    return Multiply()(a, b)


class Divide(Elementwise):
    """a / b."""

    forward = staticmethod(np.divide)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Scale(1 / b), Scale(-(a / b) / b)

    def notation(self, a: Written, b: Written) -> Written:
        return quotient(a, b)


@operation(np.divide)
def divide(a: Operand, b: Operand) -> Node:
    """a / b entry by entry, broadcast as in NumPy. Derivatives: 1/b by a, −a/b² by b.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> (1 / mg.data([2.0, 4.0])).value
        array([0.5 , 0.25])
    """
    return Divide()(a, b)


class Negative(Elementwise):
    """−x."""

    forward = staticmethod(np.negative)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Negation(),)

    def notation(self, x: Written) -> Written:
        return negation(x)


@operation(np.negative)
def negative(x: Operand) -> Node:
    """−x. Derivative: −1.

    Example:
        >>> import minigraph as mg
        >>> (-mg.data(2.0)).value
        np.float64(-2.0)
    """
    return Negative()(x)


@dataclass(frozen=True, repr=False)
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


@operation(np.power, np.float_power)
def power(x: Operand, exponent: float) -> Node:
    """Raise x to the power of a constant. Derivative: p xᵖ⁻¹, exact at 0 for the exponents 0 and 1.

    Args:
        x: the base; negative bases need a whole exponent, else the value is NaN, as in NumPy.
        exponent: a real number, not a node.

    Raises:
        TypeError: if the exponent is not a number.

    Example:
        >>> import minigraph as mg
        >>> (mg.data([2.0, 3.0]) ** 3).value
        array([ 8., 27.])
    """
    if isinstance(exponent, np.ndarray) and exponent.ndim == 0:
        exponent = exponent.item()
    if not isinstance(exponent, Real) or isinstance(x, bool):
        raise TypeError("power: the exponent must be a number. For a base a > 0 write mg.exp(x * mg.log(a)).")
    return Power(float(exponent))(x)


class Exp(Elementwise):
    """eˣ."""

    forward = staticmethod(np.exp)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(result),)

    def notation(self, x: Written) -> Written:
        return call("exp", x, latex=r"\exp")


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

    def notation(self, x: Written) -> Written:
        return call("log", x, latex=r"\log")


@operation(np.log)
def log(x: Operand) -> Node:
    """The natural logarithm. Derivative: 1/x. As in NumPy −∞ at 0 and NaN below; see `check_finite`.

    Example:
        >>> import minigraph as mg
        >>> mg.log(1.0).value
        np.float64(0.0)
    """
    return Log()(x)


class Sqrt(Elementwise):
    """√x."""

    domain = (0.0, np.inf)
    forward = staticmethod(np.sqrt)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(0.5 / result),)

    def notation(self, x: Written) -> Written:
        return enclosed("√(", x, ")", (r"\sqrt{", "}"))


@operation(np.sqrt)
def sqrt(x: Operand) -> Node:
    """√x. Derivative: 1/(2√x), infinite at 0.

    Example:
        >>> import minigraph as mg
        >>> mg.sqrt(9.0).value
        np.float64(3.0)
    """
    return Sqrt()(x)


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


class Abs(Elementwise):
    """|x|."""

    kinks = (0.0,)
    forward = staticmethod(np.abs)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(sign(x)),)

    def notation(self, x: Written) -> Written:
        return enclosed("|", x, "|", (r"\left|", r"\right|"))


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


class Maximum(Elementwise):
    """The larger of a and b; at a tie each has half of the derivative."""

    kinks = (0.0,)
    forward = staticmethod(np.maximum)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Scale(TIE(a - b)), Scale(TIE(b - a))

    def notation(self, a: Written, b: Written) -> Written:
        return call("max", a, b, latex=r"\max")


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


@dataclass(frozen=True, repr=False)
class Step(Elementwise):
    """A constant on each side of 0 and one at 0: the derivative of functions with a kink there."""

    below: float
    at_zero: float
    above: float

    name = "step"
    kinks = (0.0,)

    def forward(self, x: Any) -> Any:
        number = x.dtype.type
        below = np.where(x > 0, number(self.above), number(self.below))
        return below if self.at_zero == self.below else np.where(x == 0, number(self.at_zero), below)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (None,)

    def notation(self, x: Written) -> Written:
        if (self.below, self.above) == (0, 1) and self.at_zero in (0, 1):
            return _bracket(x, "≥" if self.at_zero else ">", 1)
        sides = [("<", self.below), ("=", self.at_zero), (">", self.above)]
        if self.at_zero == self.below:
            sides[:2] = [("≤", self.below)]
        elif self.at_zero == self.above:
            sides[1:] = [("≥", self.above)]
        return total(tuple(_bracket(x, relation, height) for relation, height in reversed(sides) if height))


TIE = Step(0.0, 0.5, 1.0)


def _bracket(x: Written, relation: str, height: float) -> Expression:
    """Iverson's bracket: 1 where the relation to 0 holds, else 0; times a height."""
    factor = "" if height == 1 else format_exactly(height)
    latex = {"≥": r"\ge", "≤": r"\le"}.get(relation, relation)
    return enclosed(f"{factor}[", x, f" {relation} 0]", (rf"{factor}\left[", rf" {latex} 0\right]"))


class Identical(Elementwise):
    """Repeat x, as a node of its own: it carries a second name."""

    name = "identity"

    def forward(self, x: Any) -> Any:
        return x

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Identity(),)

    def notation(self, x: Written) -> Written:
        return x


@operation()
def identity(x: Operand) -> Node:
    """Repeat x, as a node of its own that can carry another name. Derivative: 1.

    Example:
        >>> import minigraph as mg
        >>> mg.identity(mg.data(2.0, "a")).named("b")
        <b = a () float64>
    """
    return Identical()(x)


class Accumulate(Elementwise):
    """The sum of many nodes of one shape: contributions that meet at a fork."""

    def forward(self, *terms: Any) -> Any:
        result = terms[0] + terms[1]
        for term in terms[2:]:
            result += term
        return result

    def derivatives(self, result: Node, *terms: Node) -> Maps:
        return [Identity()] * len(terms)

    def notation(self, *terms: Written) -> Written:
        return total(terms)


class Equal(Elementwise):
    """1 where a = b, else 0."""

    kinks = (0.0,)

    def forward(self, a: Any, b: Any) -> Any:
        return np.equal(a, b).astype(a.dtype)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return None, None

    def notation(self, a: Written, b: Written) -> Written:
        inner = infix(a, "=", b)
        return enclosed("[", inner, "]", (r"\left[", r"\right]"))


@dataclass(frozen=True, repr=False)
class Cast(Elementwise):
    """x in another precision."""

    dtype: np.dtype[Any]

    name = "cast"

    def forward(self, x: Any) -> Any:
        return x.astype(self.dtype)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Casting(x.dtype, self.dtype),)

    def notation(self, x: Written) -> Written:
        return x


@operation()
def cast(x: Node, dtype: np.dtype[Any]) -> Node:
    """Give x in another precision, or x itself if it has it already."""
    return x if x.dtype == dtype else Node(Cast(dtype), (x,), x.shape, dtype)
