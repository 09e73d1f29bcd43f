"""Leaves that are updated alike, one after the other in one long array: the update of all of them is one subtraction.

W1 − rate · dW1, b1 − rate · db1, W2 − …     →     theta − rate · gradients
"""

from __future__ import annotations

from minigraph.core.node import Node, Role
from minigraph.core.op import signature
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.inserted_operations import Flat
from minigraph.program.passes.compiler_pass import Pass
from minigraph.program.passes.joined_leaves import Group, JoinedLeaves, state_leaf


def flatten(graph: ProgramGraph) -> ProgramGraph:
    """Leaves that are updated alike, one after the other in one long array."""

    def join(leaves: Group) -> list[Part]:
        names = "theta" if leaves[0].role is Role.PARAMETER else "state"
        state = state_leaf(Flat().shape(*leaves), leaves[0], names)
        return [Part(state, (((index,), leaf.shape),)) for leaf, index in zip(leaves, Flat().parts(*leaves), strict=True)]

    joined = JoinedLeaves(graph, join, lambda nodes: Flat()(*nodes).named("gradients"))
    for group in _alike(graph):
        if len(group) > 1 and group[0] not in joined.parts:
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
