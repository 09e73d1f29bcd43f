"""How large the terms are that a value is made of, entry by entry: what its rounding goes by.

Where large terms cancel, a small or zero entry is left with the rounding of the large ones. Which terms there are is
found out by disturbing every value on the way a little, at random (Parker's Monte Carlo arithmetic, 1997): no operation
has to say anything for it, and no derivative is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from minigraph.core.errors import DomainError
from minigraph.core.node import Node
from minigraph.core.pulling import ancestors, pull, run
from minigraph.values import Array

TRIALS = 4


def terms_of(nodes: Sequence[Node]) -> list[Array]:
    """For each entry of each node the size of the terms that it is the sum of.

    A relative error of ε in every value on the way, of either sign, puts the entry off by about ε times this.

    Example:
        >>> import minigraph as mg
        >>> a = mg.data([1e6, 3.0], "a")
        >>> terms = terms_of([(a + 1) - a])[0]
        >>> terms > 1e5
        array([ True, False])
    """
    order = ancestors(nodes)
    pull(order)
    disturbance = float(np.sqrt(max((np.finfo(node.dtype).eps for node in order), default=0.0)))
    generator = np.random.default_rng(0)
    sizes = [np.zeros(node.shape) for node in nodes]
    with np.errstate(all="ignore"):
        for _ in range(TRIALS):
            values = _disturbed(order, disturbance, generator)
            for size, node in zip(sizes, nodes, strict=True):
                change = np.abs(values[node].astype(np.float64) - node.value) / disturbance
                np.maximum(size, np.where(np.isfinite(change), change, 0.0), out=size)
    return sizes


def _disturbed(order: Sequence[Node], disturbance: float, generator: np.random.Generator) -> dict[Node, Any]:
    """The values where each is off by a relative error on its way."""
    values: dict[Node, Any] = {}
    for node in order:
        value = np.asarray(node.value)
        if node.op is not None:
            with suppress(DomainError):  # an operand at the edge of the domain may be pushed over it: the value stays
                value = np.asarray(run(node, [values[x] for x in node.inputs]))
        signs = generator.choice((-1.0, 1.0), node.shape)
        values[node] = (value * (1 + disturbance * signs)).astype(node.dtype)
    return values
