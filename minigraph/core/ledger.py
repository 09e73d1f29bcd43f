"""What a backward pass leaves: the gradients, and a line for every contribution to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from minigraph.core.errors import describe
from minigraph.core.lazy_imports import Displayed, later
from minigraph.core.linear_maps import LinearMap
from minigraph.core.node import Node
from minigraph.core.pulling import pull
from minigraph.values import Array


@dataclass(frozen=True, slots=True, eq=False)
class Contribution:
    """One line of the ledger: what one edge of the graph carries back.

    Attributes:
        consumer: the node whose gradient is pulled back.
        position: which of the consumer's inputs the edge is.
        input: the node that receives the contribution.
        upstream: ∂J/∂consumer, a node.
        local: the local derivative, without broadcasting.
        product: ``local.pull(upstream)``, a node.
        summed_axes: axes of the product that were summed to undo broadcasting; () if there are none.
        contribution: what is added to ∂J/∂input, a node of the input's shape and dtype.
        arrivals: the contributions to this input, in the order of the pass.
        rank: which of the arrivals this one is, from 0.
    """

    consumer: Node
    position: int
    input: Node
    upstream: Node
    local: LinearMap
    product: Node
    summed_axes: tuple[int, ...]
    contribution: Node
    arrivals: list[Node] = field(repr=False)
    rank: int = field(repr=False)

    @property
    def running_total(self) -> Array:
        """The array that has added up at the input when this contribution has arrived; worked out when asked."""
        arrived = self.arrivals[: self.rank + 1]
        pull(arrived)
        with np.errstate(all="ignore"):
            total: Array = sum(node.value for node in arrived)
        return total


class BackwardPass(Displayed):
    """What a backward pass did: the gradients, and the ledger of every contribution.

    Iterating over it gives its `Contribution` records in the order of the pass. A pass starts afresh:
    nothing is left over from the pass before.

    Attributes:
        root: the node J that was differentiated.
        seed: the node ∂J/∂J, where the pass starts.
        gradients: for each node that the pass reached, its gradient: nodes to nodes, J first.
        ledger: the contributions, one per edge, in order.

    Example:
        >>> import minigraph as mg
        >>> b = mg.parameter(3.0, "b")
        >>> e = ((2 + b) * (b + 1)).named("e")
        >>> for step in e.backward():
        ...     print(step.input, step.upstream.value, step.contribution.value, step.running_total)
        <2 + b () float64> 1.0 4.0 4.0
        <b + 1 () float64> 1.0 5.0 5.0
        <parameter 'b' () float64> 5.0 5.0 5.0
        <parameter 'b' () float64> 4.0 4.0 9.0
    """

    def __init__(self, root: Node, seed: Node, gradients: dict[Node, Node], ledger: list[Contribution]):
        self.root = root
        self.seed = seed
        self.gradients = gradients
        self.ledger = tuple(ledger)

    def __iter__(self) -> Iterator[Contribution]:
        return iter(self.ledger)

    def __len__(self) -> int:
        return len(self.ledger)

    def gradient(self, node: Node) -> Node:
        """The node ∂J/∂node.

        Raises:
            KeyError: if the pass did not reach the node.
        """
        if node not in self.gradients:
            raise KeyError(f"{describe(node)}: this pass from {describe(self.root)} did not reach it")
        return self.gradients[node]

    def __str__(self) -> str:
        """A table: a line for each contribution, in the order of the pass."""
        return str(later("table_of_pass")(self))

    def __repr__(self) -> str:
        return f"<backward pass from {describe(self.root)}: {len(self.gradients)} gradients, {len(self)} contributions>"
