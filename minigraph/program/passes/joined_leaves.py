"""Leaves that are updated alike, kept and updated as one array: all of them one after the other, or as `stacking` says.

    W1 − rate · dW1, b1 − rate · db1, W2 − …     →     theta − rate · gradients

Small nets spend their time in calling NumPy. The updates of W and b, or of all leaves, are compared from their roots
down; where they do the same elementwise operation, it is done once on the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from minigraph.core.node import Node, Role
from minigraph.core.op import signature
from minigraph.operations.indexing import GetItem
from minigraph.operations.shapes import Reshape
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.inserted_operations import Flat, Piece
from minigraph.program.passes.compiler_pass import Pass
from minigraph.values import Shape, broadcast_shape

DEEPEST = 50
"""Updates whose expressions are deeper than this are left apart: they are compared by recursion."""

Group = tuple[Node, ...]


@dataclass
class JoinedLeaves:
    """Groups of leaves, each with the leaf that takes its place.

    Attributes:
        graph: the graph that is rewritten.
        join: makes the leaf of a group, and says which part of it each of the group is.
        meet: what stands for a group of nodes that are no elementwise operations: their gradients; or None.
        leaves: the groups so far.
        parts: the part that each leaf of them has become.
        updates: the next value of the leaf of each group.
    """

    graph: ProgramGraph
    join: Callable[[Group], list[Part]]
    meet: Callable[[Group], Node | None]
    leaves: dict[Group, Node] = field(default_factory=dict)
    parts: dict[Node, Part] = field(default_factory=dict)
    updates: dict[Node, Node] = field(default_factory=dict)
    _done: dict[Group, Node | None] = field(default_factory=dict)  # what this try has found
    _new: list[Group] = field(default_factory=list)  # the groups of this try

    def try_to_join(self, group: Group) -> bool:
        """Keep the group, and what else its update reads alike, together; False if they are not updated alike."""
        self._done, self._new = {}, []
        self._leaf(group)
        for found in self._new:  # each may bring others
            new = self._whole(tuple(self.graph.updates[leaf] for leaf in found), 0)
            if new is None:
                for other in self._new:
                    self.updates.pop(self.leaves.pop(other), None)
                    for leaf in other:
                        del self.parts[leaf]
                return False
            self.updates[self.leaves[found]] = new
        return group in self.leaves

    def _leaf(self, group: Group) -> Node | None:
        """The leaf that keeps the group; None if one of them is kept elsewhere already."""
        if group not in self.leaves:
            if len(set(group)) < len(group) or any(leaf in self.parts for leaf in group):
                return None
            parts = self.join(group)
            self.parts.update(zip(group, parts, strict=True))
            self.leaves[group] = parts[0].state
            self._new.append(group)
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
                return Node(ops[0], tuple(made), broadcast_shape(*(x.shape for x in made)), group[0].dtype)
        return self.meet(group) if depth else None

    def _operand(self, group: Group, column: Group, depth: int) -> Node | None:
        """One operand of the group's common operation: a number that they share, or a whole."""
        if all(x is column[0] for x in column) and column[0].size == 1:
            return column[0] if column[0].shape == () else column[0].reshape(())
        if depth < DEEPEST and all(x.shape == node.shape for x, node in zip(column, group, strict=True)):
            return self._whole(column, depth + 1)
        return None

    def rewritten(self, others: Mapping[Node, Node]) -> ProgramGraph:
        """The graph with the parts in the places of the leaves, and others in those of some nodes."""
        if not self.leaves:
            return self.graph
        apart = {leaf: new for leaf, new in self.graph.updates.items() if leaf not in self.parts}
        pieces = {leaf: _piece(leaf, part) for leaf, part in self.parts.items()}
        parts = {user: at.within(self.parts) for user, at in self.graph.parts.items()}
        return replace(self.graph, updates=apart | self.updates, parts=parts).substituted({**pieces, **others})


def _piece(leaf: Node, part: Part) -> Node:
    """The part as a node."""
    piece = part.state
    for index, shape in part.cuts:
        if piece.ndim == 1:
            piece = Piece(index[0], shape)(piece)
        else:
            piece = GetItem(index)(piece)
            piece = piece if piece.shape == shape else Reshape(shape)(piece)
    return piece if leaf.name is None else piece.named(leaf.name)


def state_leaf(shape: Shape, like: Node, name: str) -> Node:
    """A leaf of the program's own."""
    return Node(None, (), shape, like.dtype, like.role).named(name)


def flatten(graph: ProgramGraph) -> ProgramGraph:
    """Leaves that are updated alike, one after the other in one long array."""

    def join(leaves: Group) -> list[Part]:
        names = "theta" if leaves[0].role is Role.PARAMETER else "state"
        state = state_leaf(Flat().shape(*leaves), leaves[0], names)
        return [Part(state, (((index,), leaf.shape),)) for leaf, index in zip(leaves, Flat().parts(*leaves), strict=True)]

    joined = JoinedLeaves(graph, join, lambda nodes: Flat()(*nodes).named("gradients"))
    for group in _alike(graph):
        if len(group) > 1:
            joined.try_to_join(group)
    return joined.rewritten({})


def _alike(graph: ProgramGraph) -> list[Group]:
    """Leaves by role, dtype and last operation of their update; those whose gradient comes first are first.

    So the gradients are written into the long array from its beginning on.
    """
    depth: dict[Node, int] = {}
    for node in graph.nodes():
        depth[node] = 1 + max((depth[x] for x in node.inputs), default=0)
    found: dict[object, list[Node]] = {}
    for leaf in sorted(graph.updates, key=lambda leaf: depth[graph.updates[leaf]]):
        new = graph.updates[leaf]
        found.setdefault((leaf.role, leaf.dtype, new.op and signature(new.op)), []).append(leaf)
    return [tuple(group) for group in found.values()]


FLATTEN = Pass("flatten", "the leaves that are updated alike in one array", (flatten,), after=("gram", "stack"))
