"""Which steps a graph has, in every view alike: a step is what a reader sees as one box, or as one line.

An unnamed operation that is used exactly once, in the group in which it is made, is folded: it is written inside the
step that uses it. The edges into a step then run along several primitive edges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.formulas import Expression

MOST_FOLDED = 16
"""A step holds at most so many primitive operations: more would be a formula that nobody reads."""

Primitive = tuple[Node, int]
"""A primitive edge: a consumer, and which of its inputs."""


@dataclass(frozen=True, slots=True)
class StepEdge:
    """An edge into a step: where it comes from, and the primitive edges it runs along, the outermost first."""

    source: Node
    path: tuple[Primitive, ...]


@dataclass(frozen=True)
class Step:
    """A step: its node, and the nodes of the graph that are folded; None if its inputs are not shown."""

    node: Node
    folded: Collection[Node] | None

    @cached_property
    def edges(self) -> tuple[StepEdge, ...]:
        """The edges into the step, in the order of the formula; leaves have none."""
        if self.folded is None:
            return ()
        edges = []
        waiting: list[tuple[Node, tuple[Primitive, ...]]] = [(self.node, ())]
        while waiting:
            node, path = waiting.pop()
            if node is not self.node and node not in self.folded:
                edges.append(StepEdge(node, path))
                continue
            inputs = [(operand, (*path, (node, position))) for position, operand in enumerate(node.inputs)]
            waiting.extend(reversed(inputs))
        return tuple(edges)


def steps_of(root: Node, fold: bool = True) -> list[Step]:
    """The steps of the graph of ``root`` in the order of computation, leaves too; with ``fold=False`` each primitive is one.

    Example:
        >>> import minigraph as mg
        >>> b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> u = (b * c + 1).named("u")
        >>> [step.node.name for step in steps_of(3 * u)]
        ['b', 'c', 'u', None]
    """
    order = ancestors([root])
    folded = folded_in(order, root, fold)
    return [Step(node, folded) for node in order if node not in folded]


def folded_in(order: Collection[Node], root: Node | None, fold: bool = True) -> set[Node]:
    """The nodes that are written inside others: unnamed operations as said above, and numbers."""
    uses = Counter(operand for node in order for operand in node.inputs)
    users = {operand: node for node in order for operand in node.inputs}
    folded: set[Node] = set()
    size: dict[Node, int] = {}
    for node in order:
        size[node] = 1 + sum(size[x] for x in node.inputs if x in folded)
        if node.op is None:
            is_written = node.role is Role.LITERAL and node.shape == () and node.name is None
        else:
            once = fold and node.name is None and uses[node] == 1
            is_written = once and size[node] < MOST_FOLDED and node.group is users[node].group
        if is_written and node is not root:
            folded.add(node)
    return folded


def latest(steps: list[Step], most: int) -> list[Step]:
    """The steps nearest to the root, up to ``most`` with what they read; that is shown without its own inputs."""
    kept: set[Node] = set()
    with_inputs: set[Node] = set()
    for step in reversed(steps):
        found = {step.node, *(edge.source for edge in step.edges)} - kept
        if len(kept) + len(found) > most and kept:
            break
        kept |= found
        with_inputs.add(step.node)
    return [step if step.node in with_inputs else Step(step.node, None) for step in steps if step.node in kept]


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
