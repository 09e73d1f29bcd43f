"""Graphs that are mostly numbers: equal operations that don't wait for each other, as one call on entries of one long array.

A net written with scalars, as in micrograd, has ten thousand nodes of shape (), and a call of NumPy for each. But the same
operation is done for each neuron and each example. What is ready is grouped by operation, and a group takes one call. Its
results lie side by side, so that who reads them all in their order reads a slice; else operands are picked by indices.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigraph.calculus.simplification import rebuilt, standing_for
from minigraph.core.node import Node, Role, literal
from minigraph.core.op import Elementwise
from minigraph.program.graph import ProgramGraph
from minigraph.program.inserted_operations import Flat, Piece
from minigraph.program.lowering.table import lowering_of
from minigraph.program.passes.agenda import Agenda, entries_at
from minigraph.program.passes.compiler_pass import Pass
from minigraph.program.scalar_levels import Entries, Levels, Picked, whole_numbers

FEWEST = 32
"""So many operations on numbers have to be there."""
LARGEST_SHARE, LARGEST_SHARE_OF_QUICK = 0.9, 0.15
"""Calls that the levels may take, of those that the operations take one by one; and in C, where single numbers are quick."""


def level(graph: ProgramGraph) -> ProgramGraph:
    """The graph with operations on numbers grouped, where that takes far fewer calls."""
    changing = graph.changing()
    share = LARGEST_SHARE_OF_QUICK if graph.quick_calls else LARGEST_SHARE
    cluster_of: dict[Node, Cluster] = {}
    for members in _clusters(graph, changing):
        if len(members) >= FEWEST:
            cluster = Cluster(members, changing, cluster_of)
            if cluster.calls() <= share * sum(max(1, len(node.inputs) - 1) for node in members):
                cluster_of |= dict.fromkeys(members, cluster)
    return _rewritten(graph, cluster_of) if cluster_of else graph


def _is_number(node: Node) -> bool:
    """Whether it is an operation on numbers that can be done on many at once."""
    op = node.op
    if node.shape != () or not isinstance(op, Elementwise) or not (op.broadcasts and op.pure):
        return False
    return lowering_of(op).write is not None and all(x.shape == () and x.dtype == node.dtype for x in node.inputs)


def _clusters(graph: ProgramGraph, changing: Collection[Node]) -> list[list[Node]]:
    """Operations on numbers; none of a cluster depends on another by way of what is outside.

    What is computed once is apart from what each step computes.
    """
    numbers: set[Node] = set()
    rank: dict[Node, int] = {}  # of a number its cluster, of others the last cluster that they depend on
    found: dict[Any, list[Node]] = {}
    for node in graph.nodes():
        if _is_number(node):
            rank[node] = max([rank[x] + (x not in numbers) for x in node.inputs])
            numbers.add(node)
            found.setdefault((rank[node], node in changing, node.dtype), []).append(node)
        else:
            rank[node] = max([rank[x] for x in node.inputs], default=0)
    return [found[key] for key in sorted(found, key=lambda key: key[:2])]


@dataclass
class Operand:
    """What the operations of a cluster read from outside.

    Attributes:
        source: the array, or the cluster, in which the numbers lie; None if they are put side by side.
        nodes: the numbers.
        starts: where each of them lies in the source.
        changes: whether they are other numbers in each step; else they are put side by side only once.
    """

    source: Node | Cluster | None
    nodes: list[Node] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    changes: bool = True

    def node(self, became: Mapping[Node, Node]) -> Node:
        """The array in which they lie."""
        if isinstance(self.source, Cluster):
            assert self.source.node is not None
            return self.source.node
        if self.source is not None:
            return became[self.source]
        nodes = [became[x] for x in self.nodes]
        if all(x.role is Role.LITERAL for x in nodes):
            return literal(np.array([x.value for x in nodes]), nodes[0].dtype)
        return Node(Flat(), tuple(nodes), (len(nodes),), nodes[0].dtype)


class Cluster:
    """Operations on numbers that become one node, `Levels`.

    Attributes:
        members: the operations, in topological order.
        operands: what they read from outside.
        at: where the members, and what they read, lie in the long array.
        node: what they became, once it is made.
    """

    def __init__(self, members: Sequence[Node], changing: Collection[Node], cluster_of: Mapping[Node, Cluster]):
        self.members = members
        self.node: Node | None = None
        self.at: dict[Node, int] = {}
        self._indices: list[int] = []
        self.operands = self._read(changing, cluster_of)
        self._given: list[tuple[int, Entries]] = []
        for operand in self.operands:
            start = len(self.at)
            self.at |= {x: start + i for i, x in enumerate(operand.nodes)}
            self._given.append((start, entries_at(operand.starts, self._indices, share=False)))
        agenda = Agenda(members, self.at, self._indices)
        self._levels, self._size = agenda.levels, agenda.size

    def _read(self, changing: Collection[Node], cluster_of: Mapping[Node, Cluster]) -> list[Operand]:
        inside = set(self.members)
        found: dict[Any, Operand] = {}
        for x in dict.fromkeys(x for node in self.members for x in node.inputs if x not in inside):
            source: Node | Cluster | None = cluster_of.get(x)
            if source is None and isinstance(x.op, Piece) and x in changing:
                source = x.inputs[0]
            changes = x in changing
            operand = found.setdefault((source, changes) if source is None else source, Operand(source, changes=changes))
            at = cluster_of[x].at[x] if x in cluster_of else x.op.entries.start if isinstance(x.op, Piece) else 0
            operand.starts.append(len(operand.nodes) if source is None else at)
            operand.nodes.append(x)
        return [*found.values()]

    def calls(self) -> int:
        """How many calls the levels take."""
        picked = sum(entries.picked for level in self._levels for entries in level.operands)
        copied = sum(len(operand.nodes) for operand in self.operands if operand.source is None and operand.changes)
        return len(self._given) + copied + len(self._levels) + picked

    def make(self, became: Mapping[Node, Node]) -> Node:
        """The node, given what became of what it reads."""
        inputs = [operand.node(became) for operand in self.operands]
        op = Levels(self._size, tuple(self._given), tuple(self._levels))
        indices = whole_numbers(self._indices or [0])
        self.node = Node(op, (*inputs, indices), (self._size,), self.members[0].dtype)
        return self.node


def _rewritten(graph: ProgramGraph, cluster_of: Mapping[Node, Cluster]) -> ProgramGraph:
    """The graph with each cluster as one node, which is made where its first member is needed."""
    shown: dict[Cluster, list[Node]] = {cluster: [] for cluster in cluster_of.values()}
    readers = [(x, cluster_of.get(node)) for node in graph.nodes() for x in node.inputs]
    for x in dict.fromkeys([*graph.roots(), *(x for x, reader in readers if cluster_of.get(x) is not reader)]):
        if x in cluster_of:
            shown[cluster_of[x]].append(x)

    became: dict[Node, Node] = {}
    waiting = [(node, False) for node in reversed(graph.roots())]
    while waiting:
        node, ready = waiting.pop()
        if node in became:
            continue
        cluster = cluster_of.get(node)
        if not ready:
            read = node.inputs if cluster is None else [x for operand in cluster.operands for x in operand.nodes]
            waiting += [(node, True), *((x, False) for x in reversed(read) if x not in became)]
        elif cluster is None:
            picked = _picked(node, cluster_of)
            became[node] = rebuilt(node, became) if picked is None else picked
        else:
            whole = cluster.make(became)
            for member in shown[cluster]:
                at = cluster.at[member]
                became[member] = standing_for(Piece(slice(at, at + 1), ())(whole), member)
    return graph.replaced(became)


def _picked(node: Node, cluster_of: Mapping[Node, Cluster]) -> Node | None:
    """Numbers of a cluster side by side, in one call; None if the node is not that."""
    cluster = cluster_of.get(node.inputs[0]) if isinstance(node.op, Flat) else None
    if cluster is None or cluster.node is None or any(cluster_of.get(x) is not cluster for x in node.inputs):
        return None
    places = [cluster.at[x] for x in node.inputs]
    entries = entries_at(places, [], share=False)
    if entries.picked:
        made = Node(Picked(), (cluster.node, whole_numbers(places)), node.shape, node.dtype)
    else:
        made = Piece(entries.slice, node.shape)(cluster.node)
    return standing_for(made, node)


LEVELS = Pass(
    "levels",
    "operations on numbers grouped by what is ready, one call a group",
    (level,),
    after=("flatten",),
)
