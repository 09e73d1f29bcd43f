"""Folding: which nodes are boxes, and which are written inside the box that uses them.

A box stands for one named step. An unnamed operation that is used exactly once is written inside its
user; the edges into a box then run along several primitive edges, whose local derivatives compose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

from minigraph.core.groups import Group
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors

MOST_FOLDED = 16
"""A box holds at most so many primitive operations: more would be a formula that nobody reads."""

Primitive = tuple[Node, int]
"""A primitive edge: a consumer, and which of its inputs."""


@dataclass(frozen=True, slots=True)
class FoldedEdge:
    """An edge into a box: where it comes from, and the primitive edges it runs along, the outermost first."""

    source: Node
    path: tuple[Primitive, ...]


@dataclass(frozen=True)
class Step:
    """A box: its node, and the nodes of the graph that are written inside boxes; None if its inputs are not drawn."""

    node: Node
    folded: Set[Node] | None

    @cached_property
    def edges(self) -> tuple[FoldedEdge, ...]:
        """The edges into the box, in the order of the formula; leaves have none."""
        return () if self.folded is None else _edges_into(self.node, self.folded)


def fold_graph(root: Node, fold: bool = True) -> list[Step]:
    """The boxes of the graph of ``root`` in topological order; with ``fold=False`` each primitive is one."""
    order = ancestors([root])
    uses = Counter(operand for node in order for operand in node.inputs)
    users = {operand: node for node in order for operand in node.inputs}
    folded: set[Node] = set()
    size: dict[Node, int] = {}
    for node in order:
        size[node] = 1 + sum(size[x] for x in node.inputs if x in folded)
        if node.op is None:
            is_written = node.role is Role.LITERAL and node.shape == () and node.name is None
        else:
            once = fold and node is not root and node.name is None and uses[node] == 1
            is_written = once and size[node] < MOST_FOLDED and node.group is users[node].group
        if is_written and node is not root:
            folded.add(node)
    return [Step(node, folded) for node in order if node not in folded]


def _edges_into(box: Node, folded: Set[Node]) -> tuple[FoldedEdge, ...]:
    edges = []
    waiting: list[tuple[Node, tuple[Primitive, ...]]] = [(box, ())]
    while waiting:
        node, path = waiting.pop()
        if node is not box and node not in folded:
            edges.append(FoldedEdge(node, path))
            continue
        inputs = [(operand, (*path, (node, position))) for position, operand in enumerate(node.inputs)]
        waiting.extend(reversed(inputs))
    return tuple(edges)


def latest(steps: list[Step], most: int) -> list[Step]:
    """The steps nearest to the root, up to ``most`` boxes with what they read; that is drawn without its own inputs."""
    kept: set[Node] = set()
    with_inputs: set[Node] = set()
    for step in reversed(steps):
        found = {step.node, *(edge.source for edge in step.edges)} - kept
        if len(kept) + len(found) > most and kept:
            break
        kept |= found
        with_inputs.add(step.node)
    return [step if step.node in with_inputs else Step(step.node, None) for step in steps if step.node in kept]


def outermost(group: Group | None) -> Group | None:
    """The group that no other group is around."""
    while group is not None and group.parent is not None:
        group = group.parent
    return group


def frames_of(steps: list[Step]) -> dict[Node, Group | None]:
    """The group in which each box is drawn: its own; a parameter without one goes where it is used, if that is one place."""
    readers: dict[Node, set[Group | None]] = {}
    for step in steps:
        for edge in step.edges:
            readers.setdefault(edge.source, set()).add(step.node.group)
    found: dict[Node, Group | None] = {}
    for step in steps:
        node = step.node
        places = readers.get(node, set())
        goes_along = node.role is Role.PARAMETER and node.group is None and len(places) == 1
        found[node] = next(iter(places)) if goes_along else node.group
    return found
