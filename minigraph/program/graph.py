"""The graph of a program: what passes take and give, and a step as the graph itself does it, operation by operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from minigraph.calculus.simplification import Simplified, rebuilt, standing_for
from minigraph.core.errors import NonFiniteError
from minigraph.core.evaluation import evaluate
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors, checking
from minigraph.values import Array, Shape


@dataclass(frozen=True)
class Part:
    """Where a user's leaf is kept: a part of the array of a state leaf.

    Attributes:
        state: the state leaf; the user's own leaf if it is kept alone.
        cuts: which entries to take, and the shape to give them; and again of that.
    """

    state: Node
    cuts: tuple[tuple[Any, Shape], ...] = ()

    def of(self, array: Array) -> Array:
        """The part, a view of the state's array."""
        for index, shape in self.cuts:
            array = array[index].reshape(shape)
        return array

    def within(self, parts: Mapping[Node, Part]) -> Part:
        """The part where its state has become a part itself."""
        outer = parts.get(self.state)
        return self if outer is None else Part(outer.state, outer.cuts + self.cuts)


@dataclass(frozen=True)
class ProgramGraph:
    """The nodes of one step.

    Attributes:
        outputs: the nodes whose values are returned.
        updates: for each state leaf the node of its next value.
        inputs: the leaves that a call may give.
        parts: for each leaf that the user updates, where it is kept.
        simplified: what need not be simplified again, while passes change the graph.
        quick_calls: whether a call takes little more than what it computes, as in C.
    """

    outputs: tuple[Node, ...]
    updates: Mapping[Node, Node]
    inputs: tuple[Node, ...]
    parts: Mapping[Node, Part]
    simplified: Simplified | None = None
    quick_calls: bool = False

    def roots(self) -> list[Node]:
        """Outputs and next values."""
        return [*self.outputs, *self.updates.values()]

    def nodes(self) -> Sequence[Node]:
        """All nodes, in topological order."""
        return self._nodes

    @cached_property
    def _nodes(self) -> Sequence[Node]:
        return tuple(ancestors(self.roots()))

    @cached_property
    def operations(self) -> int:
        """How many nodes are no leaves."""
        return sum([node.op is not None for node in self.nodes()])

    def changing(self) -> frozenset[Node]:
        """What differs from step to step: what depends on an updated leaf, or on an operation that is not pure.

        If no leaf is updated, all leaves that can be set count as such.
        """
        return self._changing

    @cached_property
    def _changing(self) -> frozenset[Node]:
        leaves = self.updates or [node for node in self.nodes() if node.role in (Role.DATA, Role.PARAMETER)]
        impure = [node for node in self.nodes() if node.op is not None and not node.op.pure]
        return frozenset(dependent(self.nodes(), [*leaves, *impure]))

    def replaced(self, became: Mapping[Node, Node]) -> ProgramGraph:
        """The graph with each root replaced by what it became; the graph itself if each stays what it was."""
        if all(became[node] is node for node in self.roots()):
            return self
        return replace(
            self,
            outputs=tuple(became[node] for node in self.outputs),
            updates={leaf: became[node] for leaf, node in self.updates.items()},
        )

    def substituted(self, others: Mapping[Node, Node]) -> ProgramGraph:
        """The graph with other nodes in the places of some, which they must not read; what they read may be replaced."""
        became: dict[Node, Node] = {}
        waiting = self.roots()[::-1]
        while waiting:
            node = waiting[-1]
            other = others.get(node)
            reads = node.inputs if other is None else (other,)
            missing = [x for x in reversed(reads) if x not in became]
            if missing:
                waiting += missing
            elif waiting.pop() not in became:
                became[node] = rebuilt(node, became) if other is None else became[other]
        return self.replaced(became)

    def called(self, became: Mapping[Node, Node]) -> ProgramGraph:
        """The graph with the names of nodes on what they became, where that has none: a reader looks for dZ2."""
        others: dict[Node, Node] = {}
        for node, new in became.items():
            if node.name is not None and new.name is None and new.op is not None and new not in others:
                others[new] = standing_for(Node(new.op, new.inputs, new.shape, new.dtype).named(node.name), new)
        return self.substituted(others) if others else self


def rewritten(graph: ProgramGraph, rewrite: Callable[[Node], Node]) -> ProgramGraph:
    """The graph with every node, rebuilt on what its inputs became, put through a function."""
    became: dict[Node, Node] = {}
    for node in graph.nodes():
        became[node] = rewrite(rebuilt(node, became))
    return graph.replaced(became)


def dependent(nodes: Iterable[Node], sources: Iterable[Node]) -> set[Node]:
    """The sources, and those of the nodes, given in topological order, that depend on one of them."""
    found = set(sources)
    for node in nodes:
        if not found.isdisjoint(node.inputs):
            found.add(node)
    return found


def step_by_graph(graph: ProgramGraph, arrays: Sequence[Array], results: Sequence[Array], step: int) -> bool:
    """One step by the graph: the last word where a program's numbers are not finite.

    Under `check_finite` the first node that is not finite is named, and the leaves stay as they are.

    Args:
        graph: outputs and updates, as the user gave them.
        arrays: values for the first of the inputs.
        results: where the outputs go, into the first row.
        step: its number, for messages.

    Returns:
        Whether every step that follows is the same: the leaves are what they were, to the bit, and all operations pure.

    Raises:
        NonFiniteError: under `check_finite`.
    """
    pure = all(node.op is None or node.op.pure for node in graph.nodes())
    try:
        # What depends on what is given is done anew: what is not pure in each step.
        given: dict[Node, Array] = {} if pure else {leaf: leaf.value for leaf in graph.nodes() if leaf.op is None}
        given |= zip(graph.inputs, arrays, strict=False)
        values = evaluate(graph.roots(), given=given)
    except NonFiniteError as error:
        error.args = (f"step {step}: {error.args[0]}",)
        raise
    for result, value in zip(results, values, strict=False):
        result[0] = value
    following = list(zip(graph.updates, values[len(results) :], strict=True))
    settled = pure and not checking() and all(_same_bits(leaf.value, value) for leaf, value in following)
    for leaf, value in following:
        leaf.value = value
    return settled


def _same_bits(a: Array, b: Array) -> bool:
    return np.asarray(a).tobytes() == np.asarray(b).tobytes()
