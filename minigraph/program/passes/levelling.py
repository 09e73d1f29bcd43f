"""Graphs that are mostly numbers: equal operations that don't wait for each other, as one call on entries of one long array.

A net written with scalars, as in micrograd, has ten thousand nodes of shape (), and a call of NumPy for each. But the same
operation is done for each neuron and each example. What is ready is grouped by operation, and a group takes one call. Its
results lie side by side, so that who reads them all in their order reads a slice; else operands are picked by indices.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from minigraph.calculus.simplification import standing_for
from minigraph.core.node import Node, Role, literal
from minigraph.core.op import Elementwise
from minigraph.program.graph import ProgramGraph
from minigraph.program.inserted_operations import Flat, Piece
from minigraph.program.lowering.table import lowering_of
from minigraph.program.passes.agenda import Agenda, entries_at, is_picked
from minigraph.program.passes.compiler_pass import Pass
from minigraph.program.scalar_levels import Entries, Levels, Picked

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
            if cluster.calls <= share * sum(max(1, len(node.inputs) - 1) for node in members):
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


class Cluster:
    """Operations on numbers that become one node, `Levels`.

    Attributes:
        node: what they become.
        at: where the members, and what they read, lie in its long array.
        calls: how many calls the levels take.
    """

    def __init__(self, members: Sequence[Node], changing: Collection[Node], cluster_of: Mapping[Node, Cluster]):
        read = _read(members, changing, cluster_of)
        given: list[tuple[int, Entries]] = []
        self.at: dict[Node, int] = {}
        for lying in read.values():
            start = len(self.at)
            self.at |= {x: start + i for i, x in enumerate(lying)}
            given.append((start, entries_at([*lying.values()], share=False)))
        agenda = Agenda(members, self.at)
        op = Levels(agenda.size, tuple(given), tuple(agenda.levels))
        sources = [_side_by_side([*lying]) if isinstance(source, bool) else source for source, lying in read.items()]
        self.node = Node(op, tuple(sources), (agenda.size,), members[0].dtype)
        picked = sum(is_picked(entries) for level in op.levels for entries in level.operands)
        self.calls = len(given) + len(read.get(True, ())) + len(op.levels) + picked


def _read(
    members: Sequence[Node], changing: Collection[Node], cluster_of: Mapping[Node, Cluster]
) -> dict[Node | bool, dict[Node, int]]:
    """What operations read from outside: by the array in which the numbers lie, where each of them lies there.

    What lies in none is put side by side: True for what changes from step to step, False for what is put there only once.
    """
    inside = set(members)
    found: dict[Node | bool, dict[Node, int]] = {}
    for x in dict.fromkeys(x for node in members for x in node.inputs if x not in inside):
        if x in cluster_of:
            found.setdefault(cluster_of[x].node, {})[x] = cluster_of[x].at[x]
        elif isinstance(x.op, Piece) and x in changing:
            found.setdefault(x.inputs[0], {})[x] = x.op.entries.start
        else:
            lying = found.setdefault(x in changing, {})
            lying[x] = len(lying)
    return found


def _side_by_side(nodes: list[Node]) -> Node:
    if all(x.role is Role.LITERAL for x in nodes):
        return literal(np.array([x.value for x in nodes]), nodes[0].dtype)
    return Node(Flat(), tuple(nodes), (len(nodes),), nodes[0].dtype)


def _rewritten(graph: ProgramGraph, cluster_of: Mapping[Node, Cluster]) -> ProgramGraph:
    """The graph with each cluster as one node, of which others read pieces."""
    readers = [(node, cluster_of.get(node)) for node in graph.nodes()]
    shown = [x for node, reader in readers for x in node.inputs if cluster_of.get(x) is not reader]
    others: dict[Node, Node] = {}
    for x in (*graph.roots(), *shown):
        if x in cluster_of and x not in others:
            at = cluster_of[x].at[x]
            others[x] = standing_for(Piece(slice(at, at + 1), ())(cluster_of[x].node), x)
    for node in graph.nodes():
        if (numbers := _numbers(node, cluster_of)) is not None:
            others[node] = standing_for(numbers, node)
    return graph.substituted(others)


def _numbers(node: Node, cluster_of: Mapping[Node, Cluster]) -> Node | None:
    """Numbers of a cluster side by side, in one call; None if the node is not that."""
    cluster = cluster_of.get(node.inputs[0]) if isinstance(node.op, Flat) else None
    if cluster is None or any(cluster_of.get(x) is not cluster for x in node.inputs):
        return None
    entries = entries_at([cluster.at[x] for x in node.inputs], share=False)
    if isinstance(entries, slice):
        return Piece(entries, node.shape)(cluster.node)
    return Node(Picked(tuple(entries)), (cluster.node,), node.shape, node.dtype)


LEVELS = Pass(
    "levels",
    "operations on numbers grouped by what is ready, one call a group",
    (level,),
    after=("flatten",),
)
