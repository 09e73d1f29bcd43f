"""Elementary functions, entry by entry: exp, log, both exact near 0, |x|, sign."""

from __future__ import annotations

import numpy as np

from minigraph.core.linear_maps import Maps, Scale
from minigraph.core.node import Node, Operand
from minigraph.core.op import Elementwise
from minigraph.core.operators import operation
from minigraph.formulas import Written, enclosed


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


class Expm1(Elementwise):
    """eˣ − 1, exact for small x."""

    forward = staticmethod(np.expm1)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(exp(x)),)  # not result + 1, which is 0 where eˣ is far below 1


@operation(np.expm1)
def expm1(x: Operand) -> Node:
    """eˣ − 1, with all digits where x is small. Derivative: eˣ.

    Example:
        >>> import minigraph as mg
        >>> mg.expm1(1e-20).value
        np.float64(1e-20)
    """
    return Expm1()(x)


class Log1p(Elementwise):
    """log(1 + x), exact for small x."""

    domain = (-1.0, np.inf)
    forward = staticmethod(np.log1p)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(1 / (1 + x)),)


@operation(np.log1p)
def log1p(x: Operand) -> Node:
    """log(1 + x), with all digits where x is small. Derivative: 1/(1 + x). As in NumPy −∞ at −1 and NaN below.

    Example:
        >>> import minigraph as mg
        >>> mg.log1p(1e-20).value
        np.float64(1e-20)
    """
    return Log1p()(x)


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
