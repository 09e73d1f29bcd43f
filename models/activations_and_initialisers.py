"""Activation functions and initialisers by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

import minigraph as mg
from minigraph import Node
from minigraph.values import Array

from .errors import unknown


@dataclass(frozen=True)
class Activation:
    """What a layer applies to Z.

    Attributes:
        name: as the user types it, such as ``relu``.
        title: as diagrams write it, such as ``ReLU``.
        function: from the node Z to the node A.
        initializer: name of the initialiser that suits it.
        sloped: the function of Z and a slope, where the slope below 0 can be chosen.
    """

    name: str
    title: str
    function: Callable[[Node], Node]
    initializer: str
    sloped: Callable[[Node, float], Node] | None = None

    def with_slope(self, slope: float) -> Activation:
        """The same with this slope below 0, if it has one."""
        if (sloped := self.sloped) is None or slope == USUAL_SLOPE:
            return self
        return replace(self, title=f"{self.title} {slope:g}", function=lambda Z: sloped(Z, slope))


USUAL_SLOPE = 0.01
"""The slope of `minigraph.leaky_relu` below 0 where none is given."""

HIDDEN = {
    activation.name: activation
    for activation in (
        Activation("sigmoid", "sigmoid", mg.sigmoid, "xavier"),
        Activation("tanh", "tanh", mg.tanh, "xavier"),
        Activation("relu", "ReLU", mg.relu, "he"),
        Activation("leaky_relu", "leaky ReLU", mg.leaky_relu, "he", mg.leaky_relu),
        Activation("identity", "identity", mg.identity, "xavier"),
    )
}
"""The activations of hidden layers."""


def hidden_activations(hidden: str | Sequence[str], layers: int, slope: float) -> list[Activation]:
    """The activation of each hidden layer, by one name for all of them, or one for each; the slope is of leaky ReLU."""
    names = [hidden] * layers if isinstance(hidden, str) else list(hidden)
    if len(names) != layers:
        raise ValueError(
            f"hidden: {len(names)} activations for {layers} hidden layers. Give one name for all, or one for each."
        )
    for name in [hidden] if isinstance(hidden, str) else names:
        if name not in HIDDEN:
            raise unknown("activation", name, HIDDEN)
    return [HIDDEN[name].with_slope(slope) for name in names]


def zeros(generator: np.random.Generator, outputs: int, inputs: int) -> Array:
    """All 0: fine for logistic regression, fatal for hidden units, which then stay alike."""
    return np.zeros((outputs, inputs))


def small(generator: np.random.Generator, outputs: int, inputs: int) -> Array:
    """Normal with standard deviation 0.01: breaks symmetry; in deep nets the signals fade."""
    return 0.01 * generator.standard_normal((outputs, inputs))


def xavier(generator: np.random.Generator, outputs: int, inputs: int) -> Array:
    """Normal with variance 2/(inputs + outputs), for tanh and sigmoid (Glorot and Bengio, 2010)."""
    return float(np.sqrt(2 / (inputs + outputs))) * generator.standard_normal((outputs, inputs))


def he(generator: np.random.Generator, outputs: int, inputs: int) -> Array:
    """Normal with variance 2/inputs, for ReLU, which silences half of its inputs (He et al., 2015)."""
    return float(np.sqrt(2 / inputs)) * generator.standard_normal((outputs, inputs))


INITIALIZERS: dict[str, Callable[[np.random.Generator, int, int], Array]] = {
    initializer.__name__: initializer for initializer in (zeros, small, xavier, he)
}
"""The first values of a layer's weights, which start at random, since equal ones stay equal (symmetry); biases start at 0.

Their size decides whether signals fade or grow from layer to layer.
"""
