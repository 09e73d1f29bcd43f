"""A number at the end of many linear operations moves back to where all of them began, if that is smaller.

For the gradients of a net that is the seed of the backward pass, the last dZ: it is multiplied once by rate/m, and every
update is then one subtraction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from minigraph.calculus.simplification import rebuilt
from minigraph.core.node import Node, Role, literal
from minigraph.program.factors import LARGEST_MOVED, SMALLEST_MOVED, constant_factor, times
from minigraph.program.graph import ProgramGraph, users
from minigraph.program.lowering.table import signs
from minigraph.program.passes.compiler_pass import Pass

MOST_STARTS = 8
"""So many places are tried for a number: each try looks at the whole graph."""
MOST_NUMBERS = 8
"""So many different numbers are tried, those at the most ends."""
MOST_ENDS = 64
"""So many of a number's ends are followed back to where all of them may begin; then the whole graph is looked at."""


def spread_back(graph: ProgramGraph) -> ProgramGraph:
    """Equal numbers at the ends of linear operations move back to where all of them began, if that is smaller.

    For the gradients of a net that is the seed of its backward pass: the last dZ.
    """
    for _ in range(MOST_NUMBERS):
        before = graph
        graph, others = _one_spread_back(graph)
        if graph is before or not others:
            break
    return graph


def _one_spread_back(graph: ProgramGraph) -> tuple[ProgramGraph, bool]:
    """The graph with one number moved, if there is one, and whether there are others."""
    nodes = graph.nodes()
    changing = graph.changing()
    ends: dict[float, dict[Node, Node]] = {}
    for node in nodes:
        constant = constant_factor(node) if node in changing else None
        if constant is not None and constant[0] not in (1.0, -1.0):
            ends.setdefault(constant[0], {})[node] = constant[1]
    readers = users(nodes) if ends else {}
    private = {node for node, its in readers.items() if len(its) == 1} - set(graph.roots())
    tried = set(sorted(ends, key=lambda factor: -len(ends[factor]))[:MOST_NUMBERS])
    for factor, group in [(factor, group) for factor, group in ends.items() if factor in tried]:
        for start in filter(changing.__contains__, _common_starts(nodes, group, set(graph.roots()))):
            scaled = _absorbed(factor, start, private | {start}, changing)
            if scaled is None and start.size < sum(node.size for node in group):
                scaled = times(factor, start)
            if scaled is None:
                continue
            became: dict[Node, Node] = {}
            for node in nodes:
                became[node] = scaled if node is start else became[group[node]] if node in group else rebuilt(node, became)
            spread = replace(graph.replaced(became), spread=(*graph.spread, factor))
            return spread, len(ends) > 1
    return graph, False


def _absorbed(factor: float, node: Node, private: Collection[Node], changing: Collection[Node]) -> Node | None:
    """factor · node, the factor gone into numbers and into what is computed once; None if no place for it is found.

    What it looks through on the way back are starts as well, and smaller or earlier ones: so it is never deeper
    than `MOST_STARTS`.
    """
    if node not in changing:
        if node.role is not Role.LITERAL:
            return times(factor, node)
        sizes = np.abs(factor * node.value)
        fits = (sizes == 0) | ((sizes >= SMALLEST_MOVED) & (sizes <= LARGEST_MOVED))
        return literal(factor * node.value, node.dtype) if np.all(fits) else None
    op = node.op
    if op is None or not op.broadcasts or node not in private:
        return None
    for positions in (range(len(node.inputs)),) if _adds(node) else ((i,) for i in op.linear_in):
        became = {x: x for x in node.inputs}
        for i in positions:
            scaled = _absorbed(factor, node.inputs[i], private, changing)
            if scaled is None:
                break
            became[node.inputs[i]] = scaled
        else:
            return rebuilt(node, became)
    return None


def _adds(node: Node) -> bool:
    """Whether the node is a sum of its operands."""
    return node.op is not None and not node.op.linear_in and all(signs(node))


def _linear_positions(node: Node) -> Sequence[int]:
    """The operands through which a factor may come in: any one that it is linear in, or all that it adds up."""
    op = node.op
    if op is None:
        return ()
    return op.linear_in or [i for i, sign in enumerate(signs(node)) if sign]


def _common_starts(nodes: Sequence[Node], ends: Mapping[Node, Node], roots: Collection[Node]) -> Iterator[Node]:
    """The nodes, the smallest first, that all ends are linear in and nothing else reads."""
    followed = [*ends.values()][:: -(-len(ends) // MOST_ENDS)]
    everything = (1 << len(followed)) - 1
    reach: dict[Node, int] = {}
    for bit, x in enumerate(followed):
        reach[x] = reach.get(x, 0) | 1 << bit
    for node in reversed(nodes):
        if node in reach and node not in ends:
            for i in _linear_positions(node):
                x = node.inputs[i]
                reach[x] = reach.get(x, 0) | reach[node]
    starts = [node for node in nodes if reach.get(node) == everything and node.op is not None]
    for start in sorted(starts, key=lambda node: node.size)[:MOST_STARTS]:
        if _is_start(start, nodes, ends, roots):
            yield start


def _is_start(start: Node, nodes: Sequence[Node], ends: Mapping[Node, Node], roots: Collection[Node]) -> bool:
    """Whether a factor at the start would reach the ends, and them only."""
    cone = {start}
    for node in nodes:
        inside = [i for i, x in enumerate(node.inputs) if x in cone]
        if not inside or node in ends:
            continue
        if len(inside) != (len(node.inputs) if _adds(node) else 1) or not set(inside) <= set(_linear_positions(node)):
            return False
        cone.add(node)
    return not cone & set(roots) and all(x in cone for x in ends.values())


SEED = Pass(
    "seed",
    "the collected numbers put into the seed of the backward pass",
    (spread_back,),
    after=("scale", "expand"),
)
