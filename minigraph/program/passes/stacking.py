"""W and b of a small layer as one matrix (W b): W A + b is one product with (A; 1), and so is its gradient."""

from __future__ import annotations

from minigraph.calculus.simplification import standing_for
from minigraph.core.groups import entering, leaving
from minigraph.core.node import Node
from minigraph.operations.arithmetic import Add
from minigraph.operations.indexing import GetItem
from minigraph.operations.products import MatMul
from minigraph.operations.reductions import Sum
from minigraph.operations.shapes import Transpose
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.inserted_operations import WithOnes
from minigraph.program.passes.compiler_pass import Pass
from minigraph.program.passes.joined_leaves import Group, JoinedLeaves, state_leaf

LARGEST_STACKED = 40_000
"""Layers whose matrices have more entries than this gain nothing from the row of ones."""


def stack(graph: ProgramGraph) -> ProgramGraph:
    """W and b of each small layer as one matrix (W b), and the layer's input with a row of ones."""

    def join(leaves: Group) -> list[Part]:
        w, b = leaves
        rows, columns = w.shape
        state = state_leaf((rows, columns + 1), w, f"{w.name or 'W'}_{b.name or 'b'}")
        everything = slice(None)
        return [
            Part(state, (((everything, slice(0, columns)), w.shape),)),
            Part(state, (((everything, slice(columns, columns + 1)), b.shape),)),
        ]

    joined = JoinedLeaves(graph, join, _gradient_of_both)
    others: dict[Node, Node] = {}
    token = entering(None)
    for node in graph.nodes():
        if (found := _layer(graph, node)) is not None:
            w, a, b = found
            if w not in joined.parts and b not in joined.parts and joined.try_to_join((w, b)):
                entering(node.group)
                others[node] = standing_for(MatMul()(joined.leaves[w, b], WithOnes()(a)), node)
    for node in graph.nodes():
        if (rows := _pulled_back(node, joined)) is not None:
            others[node] = rows
    leaving(token)
    return joined.rewritten(others)


def _pulled_back(node: Node, joined: JoinedLeaves) -> Node | None:
    """Wᵀ D as the first rows of (W b)ᵀ D: BLAS is slower on a part of a matrix than on one more row."""
    if not isinstance(node.op, MatMul) or not isinstance(node.inputs[0].op, Transpose) or node.ndim != 2:
        return None
    (w,), d = node.inputs[0].inputs, node.inputs[1]
    if w not in joined.parts or w.shape != node.inputs[0].shape[::-1] or w.shape[1] == 1:
        return None
    entering(node.group)
    return standing_for(GetItem((slice(0, w.shape[1]),))(joined.parts[w].state.T @ d), node)


def _layer(graph: ProgramGraph, node: Node) -> tuple[Node, Node, Node] | None:
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


STACK = Pass("stack", "W and b of a layer in one matrix", (stack,), after=("gram",))
