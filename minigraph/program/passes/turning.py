"""The transpose of fixed data, written once into memory of its own.

The gradient D Xᵀ reads X column by column, which BLAS is slower with. Where X is an array that no call gives, its
transpose is copied before the first step, so that it lies row by row:

    X_T = X.T                     X_turned = X.T, copied once
    dZ.dot(X_T, dW)         →     dZ.dot(X_turned, dW)
"""

from __future__ import annotations

from minigraph.calculus.simplification import rebuilt
from minigraph.core.node import Node
from minigraph.operations.products import MatMul
from minigraph.operations.shapes import Transpose
from minigraph.program.graph import ProgramGraph, dependent
from minigraph.program.inserted_operations import Copy
from minigraph.program.passes.compiler_pass import Pass

TURNED_SIZES = range(10_000, 300_000)
"""Smaller arrays are read quickly either way; larger ones do not stay in the cache next to their transpose."""

SMALLEST_GRADIENT = 1_200
"""Where D Xᵀ has fewer entries, BLAS is quicker with X as it lies."""


def turn(graph: ProgramGraph) -> ProgramGraph:
    """The graph with a copy of each transpose of fixed data that a product D Xᵀ reads."""
    nodes = graph.nodes()
    fixed = set(nodes) - graph.changing() - dependent(nodes, graph.inputs)
    became: dict[Node, Node] = {}
    for node in nodes:
        became[node] = rebuilt(node, became)
        if isinstance(node.op, MatMul) and node.ndim == 2 and node.shape[0] > 1:
            transposed = node.inputs[1]
            large = transposed.size in TURNED_SIZES and node.size >= SMALLEST_GRADIENT
            if isinstance(transposed.op, Transpose) and transposed.inputs[0] in fixed and large:
                by_rows = became[transposed]
                if not isinstance(by_rows.op, Copy):
                    by_rows = became[transposed] = Copy()(by_rows)
                became[node] = rebuilt(node, became)
    return graph.replaced(became)


TURN = Pass("turn", "transposes of fixed data written once, row by row", (turn,), after=("stack",))
