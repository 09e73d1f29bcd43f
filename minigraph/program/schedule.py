"""The order in which nodes are computed, and which of them lie in whose memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from minigraph.calculus.simplification import standing_for
from minigraph.core.node import Node, Role
from minigraph.program.graph import ProgramGraph
from minigraph.program.inserted_operations import Copy, Joining
from minigraph.program.instructions import Place, View
from minigraph.program.lowering.table import lowering_of, signs


@dataclass(frozen=True)
class Schedule:
    """What a `StepWriter` needs to know.

    Attributes:
        order: every node, after its operands: outputs first, then the gradients from the last layer to the first.
        changing: the nodes that differ from step to step; the others are computed once a call.
        views: the nodes that are seen in the memory of their only operand, each with how.
        owner: for each node the node whose memory it lives in, but for what is placed.
        placed: for each node that is computed inside a joined array, that array and the entries it fills.
        last_use: for each owner the last position in ``order`` where its memory is read; past the end for outputs.
        in_place: the only state leaf, if its update is one call at the end that may write over it; else None.
    """

    order: list[Node]
    changing: frozenset[Node]
    views: Mapping[Node, View]
    owner: dict[Node, Node]
    placed: dict[Node, tuple[Node, slice]]
    last_use: dict[Node, int]
    in_place: Node | None


def own_memory(graph: ProgramGraph) -> ProgramGraph:
    """The graph with copies where a result would be a leaf, a view, another result's memory or computed only once."""
    changing = graph.changing()
    outputs = tuple(_copied(node) if is_seen(node) else node for node in graph.outputs)
    updates: dict[Node, Node] = {}
    taken = set(outputs)
    for leaf, new in graph.updates.items():
        updates[leaf] = _copied(new) if is_seen(new) or new in taken or new not in changing else new
        taken.add(new)
    return replace(graph, outputs=outputs, updates=updates)


def _copied(node: Node) -> Node:
    return standing_for(Copy()(node), node)


def is_seen(node: Node) -> bool:
    """Whether the node has no memory of its own: a leaf, or a view of its operand."""
    return node.op is None or view_of(node) is not None


def view_of(node: Node, contiguous: bool = True) -> View | None:
    """How the node is seen in the memory of its only operand; None if it is not.

    Args:
        node: the node.
        contiguous: whether the entries of the operand lie row by row in memory.

    Raises:
        TypeError: if its operation says it by anything else, such as text: text from elsewhere does not run.
    """
    seen = None if node.op is None else lowering_of(node.op).view
    if seen is None or len(node.inputs) != 1:
        return None
    (x,) = node.inputs
    view = seen(node.op, Place("x", x.shape, x.dtype, contiguous))
    if view is not None and not isinstance(view, View):
        raise TypeError(
            f"the lowering of {type(node.op).__name__} gives as view a View (of minigraph.program.instructions), such as "
            'View().then("reshape", shape), or None for memory of its own.'
        )
    return view


def schedule(graph: ProgramGraph) -> Schedule:
    """The order of the nodes, and what lies where."""
    order = _order(graph)
    changing = graph.changing().union(graph.updates.values())  # into one and the other memory of the leaf in turn
    views, owner = _views(order, graph)
    placed = _placed(order, changing, views, graph)
    last_use = {owner[x]: position for position, node in enumerate(order) for x in node.inputs}
    last_use |= {owner[node]: len(order) for node in graph.roots()}
    return Schedule(order, changing, views, owner, placed, last_use, _updated_in_place(graph, order))


def _order(graph: ProgramGraph) -> list[Node]:
    """Depth first, operands before their users."""
    depth: dict[Node, int] = {}
    for node in graph.nodes():
        depth[node] = 1 + max((depth[x] for x in node.inputs), default=0)
    order: list[Node] = []
    seen: set[Node] = set()
    for root in [*graph.outputs, *sorted(graph.updates.values(), key=depth.__getitem__)]:
        waiting: list[tuple[Node, bool]] = [(root, False)]
        while waiting:
            node, ready = waiting.pop()
            if ready:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                waiting.append((node, True))
                last_first = list(reversed(node.inputs))
                if node.op is not None and node.op.broadcasts:
                    # The longest way first: 0.9 v just before the gradient is added. Of many terms, such as the gradients of
                    # a weight of many layers, the longest last: what a term reads is then not kept for all of the way.
                    last_first.sort(key=depth.__getitem__, reverse=len(last_first) > 2)
                waiting += [(x, False) for x in last_first]
    return order


def _views(order: list[Node], graph: ProgramGraph) -> tuple[dict[Node, View], dict[Node, Node]]:
    contiguous: dict[Node, bool] = {}
    views: dict[Node, View] = {}
    owner: dict[Node, Node] = {}
    for node in order:
        owner[node] = node
        contiguous[node] = node.op is not None or node.role is Role.LITERAL or node in graph.updates or node.shape == ()
        view = view_of(node, all([contiguous[x] for x in node.inputs]))
        if view is not None:
            (x,) = node.inputs
            views[node], owner[node] = view, owner[x]
            contiguous[node] = contiguous[x] and view.of(np.empty(x.shape, x.dtype)).flags.c_contiguous
    return views, owner


def _placed(
    order: list[Node], changing: frozenset[Node], views: Collection[Node], graph: ProgramGraph
) -> dict[Node, tuple[Node, slice]]:
    placed: dict[Node, tuple[Node, slice]] = {}
    own = set(graph.roots())
    for node in order:
        if not isinstance(node.op, Joining):
            continue
        uses = Counter(node.inputs)
        for x, entries in zip(node.inputs, node.op.parts(*node.inputs), strict=True):
            computed = x.op is not None and x not in views and not isinstance(x.op, Joining)
            alone = x not in placed and x not in own and uses[x] == 1
            if computed and alone and (x in changing) == (node in changing) and x.dtype == node.dtype and node not in own:
                placed[x] = (node, entries)
    return placed


def _updated_in_place(graph: ProgramGraph, order: list[Node]) -> Node | None:
    if len(graph.updates) != 1:
        return None
    ((leaf, new),) = graph.updates.items()
    # If nothing reads the new value, it is the last operation of all: whatever reads the old one has been done.
    read = any(new in node.inputs for node in order)
    # A sum of finite numbers is finite (or overflows in the graph as well): so it is known before anything is written.
    adds = new.op is not None and lowering_of(new.op).in_place and all(signs(new))
    return leaf if adds and not read else None
