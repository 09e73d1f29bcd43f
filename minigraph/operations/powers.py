"""Powers, entry by entry: xᵖ, x² and √x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Identity, Maps, Scale
from minigraph.core.node import Node, Operand
from minigraph.core.op import Elementwise
from minigraph.core.operators import operation
from minigraph.formulas import Written, enclosed
from minigraph.formulas import power as raised
from minigraph.values import real_number


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
