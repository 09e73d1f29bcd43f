"""Trigonometric functions, their inverses, and hyperbolic functions, entry by entry; angles are in radians."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Maps, Scale
from minigraph.core.node import Node, Operand
from minigraph.core.op import Elementwise
from minigraph.core.operators import operation
from minigraph.formulas import Written, infix, number, power
from minigraph.operations.powers import sqrt


class Sin(Elementwise):
    """The sine."""

    forward = staticmethod(np.sin)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(cos(x)),)


@operation(np.sin)
def sin(x: Operand) -> Node:
    """The sine of x. Derivative: cos x.

    Example:
        >>> import minigraph as mg
        >>> mg.sin(0.0).value
        np.float64(0.0)
    """
    return Sin()(x)


class Cos(Elementwise):
    """The cosine."""

    forward = staticmethod(np.cos)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(-sin(x)),)


@operation(np.cos)
def cos(x: Operand) -> Node:
    """The cosine of x. Derivative: −sin x.

    Example:
        >>> import minigraph as mg
        >>> mg.cos(0.0).value
        np.float64(1.0)
    """
    return Cos()(x)


class Tan(Elementwise):
    """The tangent."""

    domain = (-math.pi / 2, math.pi / 2)  # from pole to pole; it repeats
    forward = staticmethod(np.tan)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(1 + result**2),)


@operation(np.tan)
def tan(x: Operand) -> Node:
    """The tangent of x. Derivative: 1 + tan² x. No float is π/2, so it is never infinite: at most about 10¹⁶ there.

    Example:
        >>> import minigraph as mg
        >>> mg.tan(0.0).value
        np.float64(0.0)
    """
    return Tan()(x)


class Arcsin(Elementwise):
    """The inverse of the sine."""

    domain = (-1.0, 1.0)
    forward = staticmethod(np.arcsin)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(1 / _cosine_of_arcsine(x)),)


class OneMinusSquare(Elementwise):
    """1 − x², of which nothing is lost near ±1. By its factors' derivatives, which are 0 there, infinity would be lost."""

    def forward(self, x: Any) -> Any:
        return (1 - x) * (1 + x)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(-2 * x),)

    def notation(self, x: Written) -> Written:
        return infix(number(1), "−", power(x, 2))


def _cosine_of_arcsine(x: Node) -> Node:
    """√(1 − x²)."""
    return sqrt(OneMinusSquare()(x))


@operation(np.arcsin)
def arcsin(x: Operand) -> Node:
    """The angle between −π/2 and π/2 whose sine is x. Derivative: 1/√(1 − x²), infinite at ±1; beyond them all is NaN.

    Example:
        >>> import minigraph as mg
        >>> mg.arcsin(1.0).value
        np.float64(1.5707963267948966)
    """
    return Arcsin()(x)


class Arccos(Elementwise):
    """The inverse of the cosine."""

    domain = (-1.0, 1.0)
    forward = staticmethod(np.arccos)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(-1 / _cosine_of_arcsine(x)),)


@operation(np.arccos)
def arccos(x: Operand) -> Node:
    """The angle between 0 and π whose cosine is x. Derivative: −1/√(1 − x²), infinite at ±1; beyond them all is NaN.

    Example:
        >>> import minigraph as mg
        >>> mg.arccos(1.0).value
        np.float64(0.0)
    """
    return Arccos()(x)


class Arctan(Elementwise):
    """The inverse of the tangent."""

    forward = staticmethod(np.arctan)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(1 / (1 + x**2)),)


@operation(np.arctan)
def arctan(x: Operand) -> Node:
    """The angle between −π/2 and π/2 whose tangent is x. Derivative: 1/(1 + x²), and of that NaN at ±∞, as in JAX.

    Example:
        >>> import minigraph as mg
        >>> mg.arctan(1.0).value
        np.float64(0.7853981633974483)
    """
    return Arctan()(x)


class Sinh(Elementwise):
    """The hyperbolic sine."""

    forward = staticmethod(np.sinh)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(cosh(x)),)


@operation(np.sinh)
def sinh(x: Operand) -> Node:
    """The hyperbolic sine of x, (eˣ − e⁻ˣ)/2. Derivative: cosh x.

    Example:
        >>> import minigraph as mg
        >>> mg.sinh(0.0).value
        np.float64(0.0)
    """
    return Sinh()(x)


class Cosh(Elementwise):
    """The hyperbolic cosine."""

    forward = staticmethod(np.cosh)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(sinh(x)),)


@operation(np.cosh)
def cosh(x: Operand) -> Node:
    """The hyperbolic cosine of x, (eˣ + e⁻ˣ)/2. Derivative: sinh x.

    Example:
        >>> import minigraph as mg
        >>> mg.cosh(0.0).value
        np.float64(1.0)
    """
    return Cosh()(x)
