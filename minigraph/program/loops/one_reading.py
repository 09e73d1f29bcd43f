"""`repeat` with one reading of X: the product W X of the next step is carried, so that it is computed next to D Xᵀ.

    Z = W X, …, W ← W - rate D Xᵀ          →          Z, …, W ← W - rate D Xᵀ, Z ← W X with the new W

It is the same algorithm, begun at another place. The interpreter then does both products by blocks of rows of X
(`native.by_blocks`), and X goes through the cache once a step instead of twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from minigraph.core.evaluation import evaluate
from minigraph.core.node import Node, data
from minigraph.operations.products import MatMul
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.loops.gram_form import oriented, products, stripped
from minigraph.program.loops.loop import Loop, Repeated
from minigraph.program.native.by_blocks import rows_at_once

LEAST_STEPS = 10
"""With fewer steps, what is saved is less than what it takes to compile another program."""


def find(graph: ProgramGraph) -> dict[Node, Node]:
    """The products W X of an updated W and an X that is large and does not change, where D Xᵀ is computed, too.

    Each with the leaf that holds its value in the loop.
    """
    operands = [[stripped(x) for x in node.inputs] for node in graph.nodes() if isinstance(node.op, MatMul)]
    first, second = (set(matrices) for matrices in zip(*operands, strict=True)) if operands else (set(), set())
    found: dict[Node, Node] = {}
    for node, w, reading in products(graph):
        features, flipped = reading.features
        if node.ndim != 2 or not reading.left or flipped or w.dtype != features.dtype:
            continue
        pulled_back = (features, True) in second or (features, False) in first  # D Xᵀ or X Dᵀ
        (units, examples), count = node.shape, features.shape[0]
        if pulled_back and rows_at_once(units, count, examples, node.dtype.itemsize):
            found[node] = data(np.zeros(node.shape, node.dtype), node.name or f"{w.name or 'W'}_times_X")
    return found


def rewrite(graph: ProgramGraph, found: Mapping[Node, Node]) -> ProgramGraph:
    """The graph that carries the products."""
    updates = dict(graph.updates)
    for product, leaf in found.items():
        weights, features = product.inputs
        w, flipped = stripped(weights)
        updates[leaf] = oriented((graph.updates[w], flipped)) @ features
    parts = {leaf: Part(leaf) for leaf in updates}
    return replace(graph, updates=updates, parts=parts, simplified=None).substituted(found)


def reading_loop(graph: ProgramGraph, make: Callable[[ProgramGraph], Repeated]) -> Loop | None:
    """The loop for a graph, if there is a product that pays.

    Args:
        graph: what a step does.
        make: makes a program of the rewritten graph.
    """
    found = find(graph)
    if not found:
        return None
    return Loop(
        graph,
        ", ".join(str(leaf.name) for leaf in found.values()),
        LEAST_STEPS,
        lambda given: dict(zip(found.values(), evaluate([*found], given=given), strict=True)),
        lambda given: {},
        lambda: make(rewrite(graph, found)),
    )
