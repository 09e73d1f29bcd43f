"""Nets like a given one, of any size and with random values, for `minigraph.testing.check_backward`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

import minigraph as mg
from minigraph import Node
from minigraph.values import Array

from .heads import Head

if TYPE_CHECKING:
    from .net import Net


class NetsLike:
    """Nets of one form.

    Attributes:
        least: the letters that stand for sizes, each with the least that it can be; m is the number of examples.
    """

    def __init__(self, least: Mapping[str, int], make: Callable[[Mapping[str, int]], Net]):
        self.least: Mapping[str, int] = {**least, "m": 1}
        self._make = make

    def draw(self, sizes: Mapping[str, int], generator: np.random.Generator) -> Node:
        """The cost J of a net of these sizes, in its teaching form, with random parameters and examples."""
        net = self._make(sizes)
        X = mg.data(generator.standard_normal((net.features or 0, sizes["m"])), "X")
        for node in net.parameters:
            node.value = generator.standard_normal(node.shape)
        return net.graph(X, mg.data(_targets(net.head, sizes["m"], generator), "Y"), "probabilities")


def _targets(head: Head, examples: int, generator: np.random.Generator) -> Array:
    """Random targets as the graph takes them: 0 and 1, one-hot columns, or numbers above 0."""
    if not head.most_classes:
        return np.abs(generator.standard_normal((head.outputs, examples))) + 0.1
    if head.outputs == 1:
        return generator.integers(0, 2, (1, examples)).astype(np.float64)
    return np.eye(head.outputs)[:, generator.integers(0, head.outputs, examples)]
