"""Activation functions: sigmoid, tanh, ReLU, leaky ReLU, softplus, softmax and log-softmax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.linear_maps import Centering, LinearMap, LogCentering, Scale
from minigraph.node import Node, Operand
from minigraph.notation import Written, call
from minigraph.operations.arithmetic import Step
from minigraph.operations.op import Elementwise, Op, normalized_axes, operation
from minigraph.values import Shape

Maps = Sequence[LinearMap | None]


class Sigmoid(Elementwise):
    """σ(z) = 1/(1 + e^−z)."""

    def forward(self, z: Any) -> Any:
        e = np.exp(-np.abs(z))  # never overflows; e/(1 + e) is the same σ for z < 0
        return np.where(z >= 0, z.dtype.type(1), e) / (1 + e)

    def derivatives(self, a: Node, z: Node) -> Maps:
        return (Scale(a * (1 - a)),)

    def notation(self, z: Written) -> Written:
        return call("σ", z, latex=r"\sigma")


@operation()
def sigmoid(z: Operand) -> Node:
    """σ(z) = 1/(1 + e^−z), between 0 and 1. Derivative: A(1 − A), at most ¼.

    It is 1 to the last digit from z ≈ 37 on, and its derivative 0; the losses of logits don't mind.

    Example:
        >>> import minigraph as mg
        >>> mg.sigmoid([-1000.0, 0.0, 1000.0]).value
        array([0. , 0.5, 1. ])
    """
    return Sigmoid()(z)


class Tanh(Elementwise):
    """The hyperbolic tangent."""

    forward = staticmethod(np.tanh)

    def derivatives(self, a: Node, z: Node) -> Maps:
        return (Scale(1 - a**2),)

    def notation(self, z: Written) -> Written:
        return call("tanh", z, latex=r"\tanh")


@operation(np.tanh)
def tanh(z: Operand) -> Node:
    """tanh z = 2σ(2z) − 1, between −1 and 1. Derivative: 1 − A², at most 1.

    Example:
        >>> import minigraph as mg
        >>> mg.tanh(0.0).value
        np.float64(0.0)
    """
    return Tanh()(z)


@dataclass(frozen=True, repr=False)
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

    Example:
        >>> import minigraph as mg
        >>> mg.relu([-2.0, 3.0]).value
        array([0., 3.])
    """
    return ReLU(float(at_zero))(z)


@dataclass(frozen=True, repr=False)
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
        return call("leaky ReLU", z, options="" if self.slope == 0.01 else f"slope {self.slope}")


@operation()
def leaky_relu(z: Operand, slope: float = 0.01, at_zero: float | None = None) -> Node:
    """z above 0, slope · z below, for any slope. Derivative: 1 above 0, ``slope`` below, at 0 ``at_zero``.

    Args:
        z: any shape.
        slope: the slope below 0; max(slope · z, z) is the same only for slopes from 0 to 1.
        at_zero: the derivative taken at 0; by default the slope, as in PyTorch.

    Example:
        >>> import minigraph as mg
        >>> mg.leaky_relu([-2.0, 3.0]).value
        array([-0.02,  3.  ])
    """
    return LeakyReLU(float(slope), float(slope if at_zero is None else at_zero))(z)


class Softplus(Elementwise):
    """log(1 + eᶻ)."""

    def forward(self, z: Any) -> Any:
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))

    def derivatives(self, a: Node, z: Node) -> Maps:
        return (Scale(sigmoid(z)),)

    def notation(self, z: Written) -> Written:
        return call("softplus", z)


@operation()
def softplus(z: Operand) -> Node:
    """log(1 + eᶻ), a smooth ReLU, without overflow. Derivative: σ(z).

    Example:
        >>> import minigraph as mg
        >>> mg.softplus([-1000.0, 1000.0]).value
        array([   0., 1000.])
    """
    return Softplus()(z)


def exponentials(z: Any, axis: int) -> tuple[Any, Any]:
    """z − max z and e^(z − max z) along an axis, to the last digits.

    The rounding error of the difference (Dekker's TwoSum) matters: e^−700.1 is wrong in its 13th digit
    if −700.1 is wrong in its 16th.
    """
    top = np.max(z, axis=axis, keepdims=True, initial=-np.inf)
    low = z - top
    back = low - z
    error = (z - (low - back)) - (top + back)
    e = np.exp(low)
    return low, e + e * np.where(e > 0, error, 0)


def log_softmax_of(z: Any, axis: int) -> Any:
    """log softmax(z) = z − max z − log(1 + what the others add): a sum of terms ≤ 0 loses no digits."""
    low, e = exponentials(z, axis)
    if z.size:
        np.put_along_axis(e, np.expand_dims(np.argmax(z, axis=axis), axis), 0, axis=axis)
    return low - np.log1p(np.sum(e, axis=axis, keepdims=True))


@dataclass(frozen=True, repr=False)
class AlongAxis(Op):
    """What softmax and log-softmax share: one axis, and the operand's shape."""

    axis: int

    def shape(self, z: Node) -> Shape:
        if z.shape == ():
            self.refuse([z], "a scalar has no axis to share 1 along.")
        normalized_axes(self, z, self.axis)
        return z.shape

    def notation(self, z: Written) -> Written:
        return call(self.name.replace("_", " "), z, options="" if self.axis == 0 else f"axis {self.axis}")


class Softmax(AlongAxis):
    """eᶻ / Σ eᶻ along an axis."""

    def forward(self, z: Any) -> Any:
        _, e = exponentials(z, self.axis)
        return e / np.sum(e, axis=self.axis, keepdims=True)

    def derivatives(self, s: Node, z: Node) -> Maps:
        return (Centering(s, self.axis),)


@operation()
def softmax(z: Operand, axis: int = 0) -> Node:
    """eᶻ / Σ eᶻ along ``axis``: probabilities that sum to 1. Examples are columns, so the axis is 0.

    Its derivative is not elementwise: ∂J/∂Z = S ⊙ (∂J/∂S − Σ S ⊙ ∂J/∂S).

    Raises:
        ShapeError: for a scalar, or if the axis does not exist.

    Example:
        >>> import minigraph as mg
        >>> mg.softmax([[0.0], [0.0]]).value
        array([[0.5],
               [0.5]])
    """
    return Softmax(int(axis))(z)


class LogSoftmax(AlongAxis):
    """z − log Σ eᶻ along an axis."""

    name = "log_softmax"

    def forward(self, z: Any) -> Any:
        return log_softmax_of(z, self.axis)

    def derivatives(self, y: Node, z: Node) -> Maps:
        return (LogCentering(softmax(z, self.axis), self.axis),)


@operation()
def log_softmax(z: Operand, axis: int = 0) -> Node:
    """log softmax(z) = z − log Σ eᶻ along ``axis``, without overflow.

    Derivative: ∂J/∂Z = ∂J/∂Y − softmax(Z) ⊙ Σ ∂J/∂Y.

    Raises:
        ShapeError: for a scalar, or if the axis does not exist.

    Example:
        >>> import minigraph as mg
        >>> mg.log_softmax([[1000.0], [0.0]]).value
        array([[    0.],
               [-1000.]])
    """
    return LogSoftmax(int(axis))(z)
