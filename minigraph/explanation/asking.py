"""What all of them ask first: the node J or its pass, and a node that J depends on."""

from __future__ import annotations

from typing import Any

from minigraph.core.errors import describe
from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node
from minigraph.core.pulling import ancestors


def root_and_seed(J: Any, what: str) -> tuple[Node, Node | None]:
    """The node J, and the seed if a backward pass was given.

    Raises:
        TypeError: if J is neither a node nor a backward pass.
    """
    if isinstance(J, BackwardPass):
        return J.root, J.seed
    if not isinstance(J, Node):
        raise TypeError(f"{what}: the first argument is a node or a backward pass, not {type(J).__name__}")
    return J, None


def refuse_unrelated(root: Node, node: Any, what: str) -> None:
    """Raise unless J depends on the node.

    Raises:
        TypeError: if it is not a node at all, but its name or its value.
        ValueError: if J does not depend on it.
    """
    if not isinstance(node, Node):
        raise TypeError(f"{what}: give the node itself, such as W1, not {type(node).__name__}")
    if node not in set(ancestors([root])):
        raise ValueError(
            f"{what}: {describe(root)} and does not depend on {describe(node)}. Was it used in building J, "
            "or another node with its value?"
        )
