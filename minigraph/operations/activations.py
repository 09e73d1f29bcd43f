"""Activation functions, entry by entry: sigmoid and its logarithm, tanh, ReLU, leaky ReLU, softplus and log(eᵃ + eᵇ)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Maps, Scale
from minigraph.core.node import Node, Operand
from minigraph.core.op import Elementwise
from minigraph.core.operators import operation
from minigraph.formulas import Written, call, infix
from minigraph.operations.choices import Step
from minigraph.values import real_number


class Sigmoid(Elementwise):
    """σ(z) = 1/(1 + e^−z)."""

    def forward(self, z: Any) -> Any:
        e = np.exp(-np.abs(z))  # never overflows; e/(1 + e) is the same σ for z < 0
        return np.where(z >= 0, z.dtype.type(1), e) / (1 + e)

    def derivatives(self, a: Node, z: Node) -> Maps:
        return (Scale(a * (1 - a)),)

    def notation(self, z: Written) -> Written:
        return call("σ", z)


@operation()
def sigmoid(z: Operand) -> Node:
    """σ(z) = 1/(1 + e^−z), between 0 and 1. Derivative: A(1 − A), at most ¼.

    It is 1 to the last digit from z ≈ 37 on, and its derivative 0; losses that take logits stay right there.

    Example:
        >>> import minigraph as mg
        >>> mg.sigmoid([-1000.0, 0.0, 1000.0]).value
        array([0. , 0.5, 1. ])
    """
    return Sigmoid()(z)


class LogSigmoid(Elementwise):
    """log σ(z)."""

    name = "log_sigmoid"

    def forward(self, z: Any) -> Any:
        return np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z)))

    def derivatives(self, a: Node, z: Node) -> Maps:
        return (Scale(sigmoid(-z)),)

    def notation(self, z: Written) -> Written:
        return call("log σ", z, latex=r"\log\sigma")


@operation()
def log_sigmoid(z: Operand) -> Node:
    """log σ(z) = −log(1 + e^−z), finite and with all digits where σ(z) is 0 or 1 to the last. Derivative: σ(−z) = 1 − σ(z).

    Example:
        >>> import minigraph as mg
        >>> mg.log_sigmoid([-1000.0, 0.0, 1000.0]).value
        array([-1.00000000e+03, -6.93147181e-01,  0.00000000e+00])
    """
    return LogSigmoid()(z)


class Tanh(Elementwise):
    """The hyperbolic tangent."""

    forward = staticmethod(np.tanh)

    def derivatives(self, a: Node, z: Node) -> Maps:
        return (Scale(1 - a**2),)


@operation(np.tanh)
def tanh(z: Operand) -> Node:
    """tanh z = 2σ(2z) − 1, between −1 and 1. Derivative: 1 − A², at most 1.

    Example:
        >>> import minigraph as mg
        >>> mg.tanh(0.0).value
        np.float64(0.0)
    """
    return Tanh()(z)


@dataclass(frozen=True, repr=False, eq=False)
class ReLU(Elementwise):
    """max(0, z)."""

    at_zero: float = 0.0

    name = "relu"
    kinks = (0.0,)

    def forward(self, z: Any) -> Any:
        return np.maximum(z, 0)

    def derivatives(self, a: Node, z: Node) -> Maps:
        return (Scale(Step(0.0, self.at_zero, 1.0)(z)),)

    def notation(self, z: Written) -> Written:
        return call("ReLU", z)


@operation()
def relu(z: Operand, at_zero: float = 0.0) -> Node:
    """max(0, z). Derivative: 1 above 0, 0 below, and at 0 ``at_zero``.

    At 0 there is no derivative; 0 is the convention of PyTorch and most course code, some notes write 1.

    Raises:
        TypeError: if ``at_zero`` is not a finite real number.

    Example:
        >>> import minigraph as mg
        >>> mg.relu([-2.0, 3.0]).value
        array([0., 3.])
    """
    return ReLU(real_number(at_zero, "relu: at_zero"))(z)


@dataclass(frozen=True, repr=False, eq=False)
class LeakyReLU(Elementwise):
    """z above 0, slope · z below."""

    slope: float = 0.01
    at_zero: float = 0.01

    name = "leaky_relu"
    kinks = (0.0,)

    def forward(self, z: Any) -> Any:
        return np.where(z > 0, z, z * z.dtype.type(self.slope))

    def derivatives(self, a: Node, z: Node) -> Maps:
        return (Scale(Step(self.slope, self.at_zero, 1.0)(z)),)

    def notation(self, z: Written) -> Written:
        return call("leaky ReLU", z) if self.slope == 0.01 else call("leaky ReLU", z, slope=self.slope)


@operation()
def leaky_relu(z: Operand, slope: float = 0.01, at_zero: float | None = None) -> Node:
    """z above 0, slope · z below, for any slope. Derivative: 1 above 0, ``slope`` below, at 0 ``at_zero``.

    Args:
        z: any shape.
        slope: the slope below 0; max(slope · z, z) is the same only for slopes from 0 to 1.
        at_zero: the derivative taken at 0; by default the slope, as in PyTorch.

    Raises:
        TypeError: if ``slope`` or ``at_zero`` is not a finite real number.

    Example:
        >>> import minigraph as mg
        >>> mg.leaky_relu([-2.0, 3.0]).value
        array([-0.02,  3.  ])
    """
    slope = real_number(slope, "leaky_relu: the slope")
    return LeakyReLU(slope, slope if at_zero is None else real_number(at_zero, "leaky_relu: at_zero"))(z)


class Softplus(Elementwise):
    """log(1 + eᶻ)."""

    def forward(self, z: Any) -> Any:
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))

    def derivatives(self, a: Node, z: Node) -> Maps:
        return (Scale(sigmoid(z)),)


@operation()
def softplus(z: Operand) -> Node:
    """log(1 + eᶻ), a smooth ReLU, without overflow. Derivative: σ(z).

    Example:
        >>> import minigraph as mg
        >>> mg.softplus([-1000.0, 1000.0]).value
        array([   0., 1000.])
    """
    return Softplus()(z)


class LogAddExp(Elementwise):
    """log(eᵃ + eᵇ)."""

    forward = staticmethod(np.logaddexp)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Scale(Share()(a, b)), Scale(Share()(b, a))


@operation(np.logaddexp)
def logaddexp(a: Operand, b: Operand) -> Node:
    """log(eᵃ + eᵇ), the sum of numbers that are given by their logarithms, without overflow. `softplus` is that with 0.

    Derivative: the share that each has in the sum, σ(a − b) by a and σ(b − a) by b; ½ by each where they are equal, be they
    infinite.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> mg.logaddexp([-1000.0, 1000.0], 0.0).value
        array([   0., 1000.])
    """
    return LogAddExp()(a, b)


class Share(Elementwise):
    """eᵃ/(eᵃ + eᵇ) = σ(a − b), ½ where both are infinite alike: the derivative of `logaddexp`."""

    def forward(self, a: Any, b: Any) -> Any:
        return Sigmoid().forward(np.where(a == b, 0, a - b))

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        slope = result * (1 - result)
        return Scale(slope), Scale(-slope)

    def notation(self, a: Written, b: Written) -> Written:
        return call("σ", infix(a, "−", b))
