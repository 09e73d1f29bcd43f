"""What PyTorch has as one function of each entry, and is written with several operations here; and the error function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Maps, Scale
from minigraph.core.node import Node
from minigraph.core.op import Elementwise
from minigraph.core.operators import OPERATIONS
from minigraph.operations.choices import Equal, Step, where


def scaled(number: Any, x: Any) -> Any:
    """x times a number, which is not written if it is 1."""
    return x if number == 1 else number * x


def compared(below: float, at: float, above: float) -> Callable[[Any, Any], Node]:
    """A function: whether a is below, at or above b, as 0 and 1."""
    return lambda a, b: Step(below, at, above)(a if isinstance(b, int | float) and b == 0 else a - b)


def equal(a: Any, b: Any) -> Node:
    """1 where a is b, else 0."""
    return Equal()(a, b)


def xlogy(x: Any, y: Any) -> Any:
    """x log y, 0 where x is 0."""
    return x * OPERATIONS["log"](OPERATIONS["where"](equal(x, 0.0), 1.0, y))


def clamp(x: Any, low: float | None = None, high: float | None = None) -> Any:
    """x between two numbers; at them PyTorch's derivative is 0. (Between two tensors it is that of our `clip`.)"""
    where, above = OPERATIONS["where"], compared(0.0, 0.0, 1.0)
    x = x if low is None else where(above(x, low), x, low)
    return x if high is None else where(above(high, x), x, high)


# Activations


class Erf(Elementwise):
    """The error function: 2/√π times the integral of e^−t² from 0 to x."""

    def forward(self, x: Any) -> Any:
        return np.asarray(np.frompyfunc(math.erf, 1, 1)(x), x.dtype)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(2 / math.sqrt(math.pi) * OPERATIONS["exp"](-(x**2))),)


def elu(z: Any, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> Any:
    """z above 0, alpha (eᶻ − 1) below; scaled."""
    where, positive = OPERATIONS["where"], compared(0.0, 0.0, 1.0)(z, 0.0)
    below = OPERATIONS["expm1"](scaled(input_scale, where(positive, 0.0, z)))
    return where(positive, scaled(scale, z), scaled(scale * alpha, below))


def gelu(z: Any, approximate: str = "none") -> Any:
    """z Φ(z), with the normal distribution Φ; or with its approximation by tanh."""
    if approximate == "tanh":
        return z * (0.5 * (1 + OPERATIONS["tanh"](math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))))
    return z * (0.5 * (1 + Erf()(z / math.sqrt(2))))


def softplus(z: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + e^βz)/β, and z itself above a threshold where that makes a difference; PyTorch takes it always."""
    exact = OPERATIONS["softplus"](z) if beta == 1 else OPERATIONS["softplus"](beta * z) / beta
    return exact if threshold >= 20 else where(Step(0.0, 0.0, 1.0)(beta * z - threshold), z, exact)
