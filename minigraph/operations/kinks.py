"""Piecewise operations: |x|, sign, the larger of two, and the steps that are their derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.linear_maps import LinearMap, Scale
from minigraph.node import Node, Operand
from minigraph.notation import Expression, Written, call, enclosed, format_exactly, infix, total
from minigraph.operations.op import Elementwise, operation

Maps = Sequence[LinearMap | None]


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
