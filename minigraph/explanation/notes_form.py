"""Whether gradients are in the form of lecture notes: dZ = A − Y without 1/m, which stands in dW and db only.

Whoever writes dW = dZ Aᵀ / m has such a dZ in mind, right or wrong. Then a slip in dZ is looked for in this form, and the
missing 1/m is none.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from minigraph.calculus.reverse_mode import grad, look_back
from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node, Role, data
from minigraph.core.pulling import ancestors
from minigraph.explanation.mistakes.constants import counts_of_means
from minigraph.reading.steps import root_and_seed
from minigraph.values import Array

CLOSE = 1e-4
"""So close to m a factor is m, in float32 too; arrays are alike to this part of their largest entry."""


def factors_meant(J: Node | BackwardPass, gradients: Mapping[Node, Array]) -> dict[Node, int]:
    """The nodes whose gradients are m times what those of parameters were made from, each with m.

    What is handed in for Z is carried back to W and b, right or wrong as it is. If what was handed in for one of them is
    that, divided by m, then 1/m was left for the parameters, in all of the gradients.
    """
    parameters = {node: mine for node, mine in gradients.items() if node.role is Role.PARAMETER and mine.shape == node.shape}
    counts = {node: m for node in gradients if (m := _count(J, node))}
    for node, m in counts.items():
        mine, below = gradients[node], [leaf for leaf in ancestors([node]) if leaf in parameters]
        if below and mine.shape == node.shape and np.all(np.isfinite(mine)):
            carried = grad((node * data(mine)).sum(), below)
            if any(_alike(np.asarray(one.value), m * parameters[leaf]) for leaf, one in zip(below, carried, strict=True)):
                return counts  # nobody writes them in two ways
    return {}


def factor_of(J: Node | BackwardPass, node: Node, ratio: float | None) -> int:
    """m, if a gradient that is off by this factor is right as lecture notes write it; else 0.

    That is how a gradient of what has a column for each example may be meant where those of parameters are right.
    """
    m = _count(J, node)
    return m if m and ratio is not None and abs(ratio / m - 1) <= CLOSE else 0


def right_in_this_form(m: int) -> str:
    """What is said of a gradient that is right in this form."""
    return f"m = {m} times the derivative, as lecture notes write it, with 1/m in the gradients of parameters only"


def _count(J: Node | BackwardPass, node: Node) -> int:
    """The number m of examples whose mean J is, if the node has a column for each and is no parameter; else 0."""
    m = node.shape[-1] if node.ndim and node.role is not Role.PARAMETER else 0
    if m < 2:
        return 0
    root, seed = root_and_seed(J, "compare")
    return m if m in counts_of_means(look_back(root, seed, "compare", {node})) else 0


def _alike(first: Array, second: Array) -> bool:
    size = np.max(np.abs(second), initial=0.0)
    return bool(0 < size < np.inf and np.max(np.abs(first - second), initial=0.0) <= CLOSE * size)
