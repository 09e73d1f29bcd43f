"""Powers, entry by entry: xᵖ, aᵇ, x² and √x."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import comb
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Identity, Maps, Scale
from minigraph.core.node import Node, Operand
from minigraph.core.op import Elementwise
from minigraph.core.operators import operation
from minigraph.formulas import Written, call, enclosed, infix, number, product
from minigraph.formulas import power as raised
from minigraph.values import Array, real_number


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


@dataclass(frozen=True, repr=False, eq=False)
class PowerOfNodes(Elementwise):
    """aᵇ, differentiated so often by a and so often by b: a power's derivatives are a family, exact to any order.

    With (b)ⱼ = b(b − 1)…(b − j + 1), j times by a and k times by b it is Σᵢ C(k, i) · (b)ⱼ⁽ⁱ⁾ · aᵇ⁻ʲ · (log a)ᵏ⁻ⁱ. Where a
    coefficient is 0, so is its term; at a = 0 so is aᵇ⁻ʲ log a, if b ≥ j.
    """

    by_base: int = 0
    by_exponent: int = 0

    name = "power"

    def domain_of(self, position: int) -> tuple[float, float]:
        """Any exponent for a positive base."""
        return (-np.inf if position else 0.0, np.inf)

    def terms(self) -> list[tuple[list[float], int]]:
        """For each term the polynomial of b, the highest power first, and the exponent of log a."""
        falling = np.atleast_1d(np.poly(range(self.by_base)))
        orders = range(min(self.by_base, self.by_exponent) + 1)
        return [
            ([float(comb(self.by_exponent, i) * c) for c in np.polyder(falling, i)], self.by_exponent - i) for i in orders
        ]

    def forward(self, a: Any, b: Any) -> Any:
        if not (self.by_base or self.by_exponent):
            return np.power(a, b)
        power, still = np.power(a, b - self.by_base), (a == 0) & (b >= self.by_base)
        return reduce(np.add, (self._term(power, still, a, b, *term) for term in self.terms()))

    def _term(self, power: Array, still: Array, a: Array, b: Array, polynomial: list[float], logs: int) -> Array:
        coefficient = reduce(lambda value, c: value * b + c, polynomial[1:], np.full_like(b, polynomial[0]))
        if not logs:
            return np.where(coefficient == 0, 0, coefficient * power)
        part = np.where(still, 0, power * np.log(a) ** logs)
        return np.where((coefficient == 0) & ~np.isnan(part), 0, coefficient * part)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        by_a, by_b = PowerOfNodes(self.by_base + 1, self.by_exponent), PowerOfNodes(self.by_base, self.by_exponent + 1)
        return Scale(by_a(a, b)), Scale(by_b(a, b))

    def notation(self, a: Written, b: Written) -> Written:
        if (self.by_base, self.by_exponent) == (1, 0):
            return product(b, raised(a, infix(b, "−", number(1))))
        power: Written = raised(a, b)
        if self.by_base:
            power = call("power", a, b, options=f"derivative {self.by_base} by the base")
        for _ in range(self.by_exponent):
            power = product(power, call("log", a))
        return power


@operation(np.power)
def power(x: Operand, exponent: Operand) -> Node:
    """x to the power of an exponent, a constant or a node; ``x ** exponent``, and ``2 ** x``.

    Derivatives: p xᵖ⁻¹ by the base, exact at 0 for the exponents 0 and 1; xᵖ log x by an exponent that is a node.

    At the end of the domain, for an exponent that is a node or an array:

    - a negative base needs a whole exponent, else the value is NaN, as in NumPy. The derivative by the base is right
      there; that by the exponent is NaN, since between whole exponents there is no real value;
    - 0⁰ is 1, as in NumPy, and so is x⁰ for every x: its derivative by the base is 0. The derivative of 0ᵖ by the
      exponent is taken as 0 at p = 0 too, where the value jumps from 1 to 0;
    - at x = 0 and p < 0 the value is ∞, and so are the derivatives, but for their signs.

    Args:
        x: the base.
        exponent: a number; or an array or a node, which is broadcast as in NumPy.

    Raises:
        TypeError: if the exponent is neither a finite real number, nor an array, nor a node.
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> (mg.data([2.0, 3.0]) ** 3).value
        array([ 8., 27.])
        >>> a, b = mg.parameter(2.0, "a"), mg.parameter(3.0, "b")
        >>> [gradient.value for gradient in mg.grad(a**b, [a, b])]      # 3 · 2², and 2³ log 2
        [np.float64(12.0), np.float64(5.545177444479562)]
    """
    if isinstance(exponent, bool | np.bool_):
        exponent = int(exponent)
    if isinstance(exponent, Node | list | tuple) or np.ndim(exponent):
        return PowerOfNodes()(x, exponent)
    return Power(real_number(exponent, "power: the exponent", "An array or a node may be one, too."))(x)


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
