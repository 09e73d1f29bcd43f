"""Leaves that are updated alike are kept, and updated, as one array.

Small nets spend their time in calling NumPy. `stack` keeps W and b of a layer as one matrix (W b), so that
W A + b is one product with (A; 1), and so is its gradient. `flatten` keeps the leaves one after the other
in one long array, so that the update of all of them is one subtraction.

Both rewrite the updates in parallel: the updates of W and b, or of all leaves, are compared from their
roots down; where they do the same elementwise operation, it is done once on the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from minigraph.calculus.sameness import signature
from minigraph.calculus.simplification import rebuilt, standing_for
from minigraph.core.groups import entering, leaving
from minigraph.core.node import Node, Role
from minigraph.operations.arithmetic import Add
from minigraph.operations.indexing import GetItem
from minigraph.operations.linear_algebra import MatMul
from minigraph.operations.reductions import Sum
from minigraph.operations.shapes import Reshape, Transpose
from minigraph.program.graph import Graph, Part
from minigraph.program.inserted_operations import Flat, Piece, WithOnes

LARGEST_STACKED = 40_000
"""Layers whose matrices have more entries than this gain nothing from the row of ones."""
DEEPEST = 50
"""Updates whose expressions are deeper than this are left apart."""

Group = tuple[Node, ...]


@dataclass
class Packing:
    """Groups of leaves, each with the leaf that takes its place.

    Attributes:
        graph: the graph that is rewritten.
        join: makes the leaf of a group, and says which part of it each of the group is.
        meet: what stands for a group of nodes that are no elementwise operations: their gradients; or None.
        leaves: the groups so far.
        parts: the part that each leaf of them has become.
    """

    graph: Graph
    join: Callable[[Group], list[Part]]
    meet: Callable[[Group], Node | None]
    leaves: dict[Group, Node] = field(default_factory=dict)
    parts: dict[Node, Part] = field(default_factory=dict)
    _done: dict[Group, Node | None] = field(default_factory=dict)

    def pack(self, group: Group) -> bool:
        """Keep the group, and what else its update reads alike, together; False if they are not updated alike."""
        leaves, parts = dict(self.leaves), dict(self.parts)
        self._leaf(group)
        waiting = [group]
        while waiting:
            before = set(self.leaves)
            if self.updated(waiting.pop()) is None:
                self.leaves, self.parts = leaves, parts
                return False
            waiting += [other for other in self.leaves if other not in before]
        return True

    def updated(self, group: Group) -> Node | None:
        """The next value of the whole."""
        return self._whole(tuple(self.graph.updates[leaf] for leaf in group), 0) if group in self.leaves else None

    def _leaf(self, group: Group) -> Node | None:
        """The leaf that keeps the group; None if one of them is kept elsewhere already."""
        if group not in self.leaves:
            if len(set(group)) < len(group) or any(leaf in self.parts for leaf in group):
                return None
            parts = self.join(group)
            self.parts.update(zip(group, parts, strict=True))
            self.leaves[group] = parts[0].state
        return self.leaves[group]

    def _whole(self, group: Group, depth: int) -> Node | None:
        """The node whose parts are the nodes of the group; None if they are not made alike."""
        if group not in self._done:
            self._done[group] = self._made_alike(group, depth)
        return self._done[group]

    def _made_alike(self, group: Group, depth: int) -> Node | None:
        if all(node in self.graph.updates for node in group):
            return self._leaf(group)
        ops = [node.op for node in group if node.op is not None]
        if len(ops) < len(group):
            return None
        alike = len({(signature(node.op), len(node.inputs)) for node in group if node.op is not None}) == 1
        if ops[0].broadcasts and alike:
            operands = [self._operand(group, column, depth) for column in zip(*(node.inputs for node in group), strict=True)]
            made = [x for x in operands if x is not None]
            if len(made) == len(operands):
                return Node(ops[0], tuple(made), np.broadcast_shapes(*(x.shape for x in made)), group[0].dtype)
        return self.meet(group) if depth else None

    def _operand(self, group: Group, column: Group, depth: int) -> Node | None:
        """One operand of the group's common operation: a number that they share, or a whole."""
        if all(x is column[0] for x in column) and column[0].size == 1:
            return column[0] if column[0].shape == () else column[0].reshape(())
        if depth < DEEPEST and all(x.shape == node.shape for x, node in zip(column, group, strict=True)):
            return self._whole(column, depth + 1)
        return None

    def repacked(self, instead: Mapping[Node, Callable[[Mapping[Node, Node]], Node]]) -> Graph:
        """The graph with the parts in place of the leaves; ``instead`` makes certain nodes anew."""
        graph = self.graph
        updates = {leaf: new for leaf, new in graph.updates.items() if leaf not in self.parts}
        for group, leaf in self.leaves.items():
            new = self.updated(group)
            assert new is not None
            updates[leaf] = new
        whole = replace(graph, updates=updates)
        became = {leaf: _piece(leaf, part) for leaf, part in self.parts.items()}
        for node in whole.nodes():
            token = entering(node.group)
            if node in instead:
                became[node] = instead[node](became)
            elif node not in became:
                became[node] = rebuilt(node, became)
            leaving(token)
        return replace(whole.replaced(became), parts={user: at.within(self.parts) for user, at in graph.parts.items()})


def _piece(leaf: Node, part: Part) -> Node:
    """The part as a node."""
    piece = part.state
    for index, shape in part.steps:
        if piece.ndim == 1:
            piece = Piece(index[0], shape)(piece)
        else:
            piece = GetItem(index)(piece)
            piece = piece if piece.shape == shape else Reshape(shape)(piece)
    return piece if leaf.name is None else piece.named(leaf.name)


def _state(shape: tuple[int, ...], like: Node, name: str) -> Node:
    """A leaf of the program's own."""
    return Node(None, (), shape, like.dtype, like.role).named(name)


def flatten(graph: Graph) -> Graph:
    """Leaves that are updated alike, one after the other in one long array."""

    def join(leaves: Group) -> list[Part]:
        names = "theta" if leaves[0].role is Role.PARAMETER else "state"
        state = _state(Flat().shape(*leaves), leaves[0], names)
        return [Part(state, (((index,), leaf.shape),)) for leaf, index in zip(leaves, Flat().parts(*leaves), strict=True)]

    packing = Packing(graph, join, lambda nodes: Flat()(*nodes).named("gradients"))
    for group in _alike(graph):
        if len(group) > 1 and group[0] not in packing.parts:
            packing.pack(group)
    return packing.repacked({})


def _alike(graph: Graph) -> list[Group]:
    """Leaves by role, dtype and last operation of their update; those whose gradient comes first are first."""
    depth: dict[Node, int] = {}
    for node in graph.nodes():
        depth[node] = 1 + max((depth[x] for x in node.inputs), default=0)
    found: dict[object, list[Node]] = {}
    for leaf in sorted(graph.updates, key=lambda leaf: depth[graph.updates[leaf]]):
        new = graph.updates[leaf]
        found.setdefault((leaf.role, leaf.dtype, new.op and signature(new.op)), []).append(leaf)
    return [tuple(group) for group in found.values()]


def stack(graph: Graph) -> Graph:
    """W and b of each small layer as one matrix (W b), and the layer's input with a row of ones."""

    def join(leaves: Group) -> list[Part]:
        w, b = leaves
        rows, columns = w.shape
        state = _state((rows, columns + 1), w, f"{w.name or 'W'}_{b.name or 'b'}")
        everything = slice(None)
        return [
            Part(state, (((everything, slice(0, columns)), w.shape),)),
            Part(state, (((everything, slice(columns, columns + 1)), b.shape),)),
        ]

    packing = Packing(graph, join, _gradient_of_both)
    instead: dict[Node, Callable[[Mapping[Node, Node]], Node]] = {}
    for node in graph.nodes():
        found = _layer(graph, node)
        if found is not None:
            w, a, b = found
            if w not in packing.parts and b not in packing.parts and packing.pack((w, b)):
                whole = packing.leaves[w, b]

                def product(became: Mapping[Node, Node], whole: Node = whole, a: Node = a, node: Node = node) -> Node:
                    return standing_for(MatMul()(whole, WithOnes()(became[a])), node)

                instead[node] = product
    for node in graph.nodes():
        stacked = _pulled_back(node, packing)
        if stacked is not None:
            instead[node] = stacked
    return packing.repacked(instead)


def _pulled_back(node: Node, packing: Packing) -> Callable[[Mapping[Node, Node]], Node] | None:
    """Wᵀ D as the first rows of (W b)ᵀ D: BLAS is slower on a part of a matrix than on one more row."""
    if not isinstance(node.op, MatMul) or not isinstance(node.inputs[0].op, Transpose) or node.ndim != 2:
        return None
    (w,), d = node.inputs[0].inputs, node.inputs[1]
    if w not in packing.parts or w.shape != node.inputs[0].shape[::-1] or w.shape[1] == 1:
        return None

    def rows(became: Mapping[Node, Node]) -> Node:
        whole = packing.parts[w].state.T @ became[d]
        return standing_for(GetItem((slice(0, w.shape[1]),))(whole), node)

    return rows


def _layer(graph: Graph, node: Node) -> tuple[Node, Node, Node] | None:
    """W, A and b if the node is W A + b with leaves W, b that are updated, and is small."""
    if not isinstance(node.op, Add):
        return None
    for product, b in (node.inputs, node.inputs[::-1]):
        if isinstance(product.op, MatMul) and b in graph.updates and product.inputs[0] in graph.updates:
            w, a = product.inputs
            small = max(w.size, a.size, node.size) <= LARGEST_STACKED
            if w.ndim == 2 and a.ndim == 2 and b.shape == (w.shape[0], 1) and small and w.dtype == b.dtype == a.dtype:
                return w, a, b
    return None


def _gradient_of_both(group: Group) -> Node | None:
    """D Aᵀ and the row sums of D are D (A; 1)ᵀ."""
    by_w, by_b = group
    if not isinstance(by_w.op, MatMul) or not isinstance(by_b.op, Sum):
        return None
    d, transposed = by_w.inputs
    if d is not by_b.inputs[0] or by_b.op.axes(d) != (1,) or not isinstance(transposed.op, Transpose) or d.ndim != 2:
        return None
    token = entering(by_w.group)
    made = MatMul()(d, WithOnes()(transposed.inputs[0]).T)
    leaving(token)
    if by_w.name is not None and by_b.name is not None:
        made.named(f"{by_w.name}_{by_b.name.rpartition('∂')[2]}")  # ∂J/∂W2_b2, which becomes dW2_b2
    return made
