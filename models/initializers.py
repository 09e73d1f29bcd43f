"""Initialisers by name: the first values of a layer's weights. Biases start at 0.

Equal weights stay equal (symmetry), so weights start at random; their size decides whether signals
fade or grow from layer to layer.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigraph.values import Array


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
    "zeros": zeros,
    "small": small,
    "xavier": xavier,
    "he": he,
}
