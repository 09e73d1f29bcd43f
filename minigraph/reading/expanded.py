"""A node written down to its leaves: J = 3(a + bc)."""

from __future__ import annotations

from dataclasses import dataclass

from minigraph.core.node import Node
from minigraph.formulas.notation import Expression


@dataclass(frozen=True, slots=True, eq=False)
class Expanded:
    """A node as a formula of its leaves, whatever names the steps on the way have."""

    node: Node

    @property
    def shape(self) -> tuple[int, ...]:
        """The node's shape."""
        return self.node.shape

    def expression(self) -> Expression:
        """The operation on its expanded inputs; leaves stand for themselves, so that a printer may name them."""
        assert self.node.op is not None  # it was asked to be written in its leaves
        return self.node.op.notation(*[x if x.op is None else Expanded(x) for x in self.node.inputs]).expression()
