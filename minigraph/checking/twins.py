"""A graph's twin in another precision: the same operations on the same numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from minigraph.core.node import Node
from minigraph.core.pulling import ancestors, pull


def twin(nodes: Sequence[Node], dtype: npt.DTypeLike) -> dict[Node, Node]:
    """For each node and everything it depends on, a node of the same operation, name and role with ``dtype``.

    The twin is a graph of its own: its leaves hold what the leaves hold now, and are rounded to ``dtype``.
    """
    kind = np.dtype(dtype)
    twins: dict[Node, Node] = {}
    order = ancestors(nodes)
    pull(order)
    for node in order:
        value = None if node.op else np.asarray(node.value).astype(kind)[()]
        made = Node(node.op, tuple(twins[x] for x in node.inputs), node.shape, kind, node.role, value)
        twins[node] = made if node.name is None else made.named(node.name)
    return twins
