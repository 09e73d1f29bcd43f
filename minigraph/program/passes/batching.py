"""Equal operations on many small arrays as one call: the arrays lie side by side.

Small nets spend their time in calling NumPy. The derivatives of all ReLU layers, for instance, are one
comparison of all Z, if these are computed into one long array; and the sum of a + b is the sum of what
lies in a and b, side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from minigraph.calculus.simplification import rebuilt, standing_for
from minigraph.core.node import Node, Role, literal
from minigraph.core.op import Elementwise, bits_of, signature
from minigraph.operations.reductions import WeightedSum
from minigraph.program.graph import ProgramGraph, done_together, users
from minigraph.program.inserted_operations import Flat, Inner, Joining, Piece
from minigraph.program.lowering.arithmetic import LONGEST_DOT
from minigraph.program.lowering.table import lowering_of, signs
from minigraph.program.passes.compiler_pass import Pass
from minigraph.program.schedule import is_seen

LARGEST_PART = 4096
"""Arrays with more entries than this gain nothing: the call is not what takes the time."""
LARGEST_WHOLE = 300_000
"""Batches with more entries than this are left apart: they would not stay in the cache."""
MOST_KINDS = 16
"""So many different operations are looked at; each look takes time in proportion to the graph."""


def batch(graph: ProgramGraph) -> ProgramGraph:
    """The operations that many arrays go through, each in one call."""
    kinds: dict[Node, Any] = {}
    for kind in _frequent(graph, kinds):
        groups = _groups(graph, kind, kinds)
        if groups:
            graph = _together(graph, groups)
    return graph


def _kind(node: Node) -> Any:
    """Equal for nodes that do the same with their operand; None if there is not one operand of the same shape."""
    op = node.op
    if not isinstance(op, Elementwise) or not op.broadcasts or node.size > LARGEST_PART or lowering_of(op).write is None:
        return None  # a user's own forward rule is not asked about the zeros between the operands
    operands = _operands(node)
    if len(operands) != 1 or operands[0].shape != node.shape or operands[0].dtype != node.dtype:
        return None
    return (signature(op), node.dtype, *(None if x is operands[0] else bits_of(x) for x in node.inputs))


def _operands(node: Node) -> list[Node]:
    """What it reads, but for numbers."""
    return [x for x in node.inputs if x.role is not Role.LITERAL or x.shape != ()]


def _operand(node: Node) -> Node:
    return _operands(node)[0]


def _kinds(graph: ProgramGraph, known: dict[Node, Any]) -> Iterator[tuple[Node, Any]]:
    """The nodes with their kinds, each found out once."""
    for node in graph.nodes():
        if node not in known:
            known[node] = _kind(node)
        yield node, known[node]


def _frequent(graph: ProgramGraph, known: dict[Node, Any]) -> list[Any]:
    """The kinds of which there are several, the most frequent first."""
    counts = Counter(kind for _, kind in _kinds(graph, known) if kind is not None)
    return [kind for kind, count in counts.most_common(MOST_KINDS) if count > 1]


def _groups(graph: ProgramGraph, kind: Any, known: dict[Node, Any]) -> list[list[Node]]:
    """Nodes of the kind, none of which depends on another of its group, and whose operands can be computed side by side."""
    operands = {node: _operand(node) for node, its in _kinds(graph, known) if its == kind}
    fit = _can_be_parts(graph, operands.values())
    if len(fit) < 2:
        return []
    rank: dict[Node, int] = {}  # how many of the kind lie on the longest way here: equal for none that depend on each other
    found: dict[int, dict[Node, Node]] = {}
    for node in graph.nodes():
        rank[node] = max([rank[x] for x in node.inputs], default=0)
        if node in operands:
            rank[node] += 1
            if operands[node] in fit:
                found.setdefault(rank[node], {}).setdefault(operands[node], node)
    groups = [list(group.values()) for group in found.values()]
    return [group for group in groups if len(group) > 1 and sum(node.size for node in group) <= LARGEST_WHOLE]


def _can_be_parts(graph: ProgramGraph, nodes: Iterable[Node]) -> set[Node]:
    """Those of the nodes that are computed in each step, into memory that may lie anywhere."""
    joined = (node.inputs for node in graph.nodes() if isinstance(node.op, Joining))
    found = graph.changing().intersection(nodes).difference(graph.roots(), *joined)
    return {node for node in found if not (is_seen(node) or isinstance(node.op, Joining))}


def _together(graph: ProgramGraph, groups: Collection[list[Node]]) -> ProgramGraph:
    """The graph with each group computed at once."""

    def made(group: list[Node], became: Mapping[Node, Node]) -> Mapping[Node, Node]:
        return dict(zip(group, _parts(_whole(group, became), group), strict=True))

    group_of = {node: group for group in groups for node in group}
    return done_together(graph, group_of, lambda group: [x for member in group for x in member.inputs], made)


def _whole(group: Sequence[Node], became: Mapping[Node, Node]) -> Node:
    """The operation on all operands of the group, side by side."""
    joined = Flat()(*(became[_operand(node)] for node in group))
    first = group[0]
    inputs = tuple(joined if x is _operand(first) else became[x] for x in first.inputs)
    return Node(first.op, inputs, joined.shape, first.dtype)


def _parts(whole: Node, group: Sequence[Node]) -> list[Node]:
    """What of it is each node of the group."""
    pieces = zip(group, Flat().parts(*group), strict=True)
    return [standing_for(Piece(entries, node.shape)(whole), node) for node, entries in pieces]


def sums_side_by_side(graph: ProgramGraph) -> ProgramGraph:
    """The sum of all entries of a + b, as one sum over a and b: the addition is left out."""
    nodes = graph.nodes()
    terms_of = {node: _added(node.inputs[0]) for node in nodes if isinstance(node.op, WeightedSum) and node.shape == ()}
    fit = _can_be_parts(graph, [x for terms in terms_of.values() for x in terms])
    readers = users(nodes) if fit else {}
    became: dict[Node, Node] = {}
    for node in nodes if fit else ():
        terms = terms_of.get(node)
        if isinstance(node.op, WeightedSum) and terms and fit.issuperset(terms) and len(readers[node.inputs[0]]) == 1:
            joined = Flat()(*(became[x] for x in terms))
            weight = literal(np.full(joined.shape, node.op.weight(node.inputs[0])), node.dtype)
            became[node] = standing_for(Node(Inner(), (joined, weight), (), node.dtype), node)
        else:
            became[node] = rebuilt(node, became)
    return graph.replaced(became) if fit else graph


def _added(x: Node) -> Sequence[Node]:
    """a and b, if the node is a + b, and a and b are small and of its shape."""
    adds = x.op is not None and all(sign == 1 for sign in signs(x))
    same = all(y.shape == x.shape and y.dtype == x.dtype for y in x.inputs)
    return x.inputs if adds and same and x.size * len(x.inputs) <= LONGEST_DOT else ()


BATCH = Pass(
    "batch", "equal operations on small arrays done at once, side by side", (sums_side_by_side, batch), after=("flatten",)
)
