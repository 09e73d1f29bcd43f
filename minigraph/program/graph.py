"""What passes take and give: the nodes to compute, the updates, and where a user's leaf is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from minigraph.calculus.simplification import rebuilt, standing_for
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.values import Array, Shape


@dataclass(frozen=True)
class Part:
    """Where a user's leaf is kept: a part of the array of a state leaf.

    Attributes:
        state: the state leaf; the user's own leaf if it is kept alone.
        steps: which entries to take, and the shape to give them; and again of that.
    """

    state: Node
    steps: tuple[tuple[Any, Shape], ...] = ()

    def of(self, array: Array) -> Array:
        """The part, a view of the state's array."""
        for index, shape in self.steps:
            array = array[index].reshape(shape)
        return array

    def within(self, parts: Mapping[Node, Part]) -> Part:
        """The part where its state has become a part itself."""
        outer = parts.get(self.state)
        return self if outer is None else Part(outer.state, outer.steps + self.steps)


@dataclass(frozen=True)
class Graph:
    """The nodes of one step.

    Attributes:
        outputs: the nodes whose values are returned.
        updates: for each state leaf the node of its next value.
        inputs: the leaves that a call may give.
        parts: for each leaf that the user updates, where it is kept.
        varying: the first of the inputs, if they are other arrays in each call.
        spread: the numbers that gradients hold, so that updates need not multiply by them.
    """

    outputs: tuple[Node, ...]
    updates: Mapping[Node, Node]
    inputs: tuple[Node, ...]
    parts: Mapping[Node, Part]
    varying: tuple[Node, ...] = ()
    spread: tuple[float, ...] = ()

    def roots(self) -> list[Node]:
        """Outputs and next values."""
        return [*self.outputs, *self.updates.values()]

    def nodes(self) -> Sequence[Node]:
        """All nodes, in topological order."""
        return self._nodes

    @cached_property
    def _nodes(self) -> Sequence[Node]:
        return tuple(ancestors(self.roots()))

    def changing(self) -> set[Node]:
        """What differs from step to step: what depends on an updated leaf, or on an operation that is not pure.

        If no leaf is updated, the first inputs count as such, or all leaves that can be set.
        """
        leaves = self.updates or self.varying or [node for node in self.nodes() if node.role in (Role.DATA, Role.PARAMETER)]
        impure = [node for node in self.nodes() if node.op is not None and not node.op.pure]
        return dependent(self.nodes(), [*leaves, *impure])

    def replaced(self, became: Mapping[Node, Node]) -> Graph:
        """The graph with each root replaced by what it became."""
        return replace(
            self,
            outputs=tuple(became[node] for node in self.outputs),
            updates={leaf: became[node] for leaf, node in self.updates.items()},
        )

    def called(self, became: Mapping[Node, Node]) -> Graph:
        """The graph with the names of nodes on what they became, where that has none: a reader looks for dZ2."""
        names: dict[Node, str] = {}
        for node, new in became.items():
            if node.name is not None and new.name is None and new.op is not None:
                names.setdefault(new, node.name)
        made: dict[Node, Node] = {}
        for node in self.nodes() if names else ():
            made[node] = rebuilt(node, made)
            if node in names and made[node].name is None:
                unnamed = made[node]
                copied = Node(unnamed.op, unnamed.inputs, unnamed.shape, unnamed.dtype).named(names[node])
                made[node] = standing_for(copied, unnamed)
        return self.replaced(made) if names else self


def rewritten(graph: Graph, rewrite: Callable[[Node], Node]) -> Graph:
    """The graph with every node, rebuilt on what its inputs became, put through a function."""
    became: dict[Node, Node] = {}
    for node in graph.nodes():
        became[node] = rewrite(rebuilt(node, became))
    return graph.replaced(became)


def users(nodes: Iterable[Node]) -> dict[Node, list[Node]]:
    """For each node the nodes that read it, once for each reading."""
    found: dict[Node, list[Node]] = {}
    for node in nodes:
        for operand in node.inputs:
            found.setdefault(operand, []).append(node)
    return found


def dependent(nodes: Iterable[Node], sources: Iterable[Node]) -> set[Node]:
    """The sources, and those of the nodes, given in topological order, that depend on one of them."""
    found = set(sources)
    for node in nodes:
        if any(x in found for x in node.inputs):
            found.add(node)
    return found
