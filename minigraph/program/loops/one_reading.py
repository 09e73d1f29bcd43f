"""`repeat` with one reading of X: the product W X of the next step is carried, so that it is computed next to D Xᵀ.

    Z = W X, …, W ← W - rate D Xᵀ          →          Z, …, W ← W - rate D Xᵀ, Z ← W X with the new W

It is the same algorithm, begun at another place. The interpreter then does both products by blocks of rows of X
(`native.by_blocks`), and X goes through the cache once a step instead of twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from minigraph.calculus.simplification import rebuilt
from minigraph.core.evaluation import evaluate
from minigraph.core.node import Node, data
from minigraph.operations.products import MatMul
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.loops.gram_form import oriented, stripped
from minigraph.program.loops.gram_loop import Repeated
from minigraph.program.native.by_blocks import rows_at_once
from minigraph.values import Array

LEAST_STEPS = 10
"""With fewer steps, what is saved is less than what it takes to compile another program."""


@dataclass(frozen=True)
class Carried:
    """A product that is carried.

    Attributes:
        product: W X, a node of the graph.
        leaf: the leaf that holds its value in the loop.
    """

    product: Node
    leaf: Node


def find(graph: ProgramGraph) -> list[Carried]:
    """The products W X of an updated W and an X that is large and does not change, where D Xᵀ is computed, too."""
    changing = graph.changing()
    products = [node for node in graph.nodes() if isinstance(node.op, MatMul)]
    first, second = ({stripped(node.inputs[position]) for node in products} for position in (0, 1))
    found = []
    for node in products:
        weights, features = node.inputs
        w, _ = stripped(weights)
        if node.ndim != 2 or w not in graph.updates or features in changing or w.dtype != features.dtype:
            continue
        pulled_back = (features, True) in second or (features, False) in first  # D Xᵀ or X Dᵀ
        (units, examples), count = node.shape, features.shape[0]
        if pulled_back and rows_at_once(units, count, examples, node.dtype.itemsize):
            found.append(Carried(node, data(np.zeros(node.shape, node.dtype), node.name or f"{w.name or 'W'}_times_X")))
    return found


def rewrite(graph: ProgramGraph, found: Sequence[Carried]) -> ProgramGraph:
    """The graph that carries the products."""
    became: dict[Node, Node] = {each.product: each.leaf for each in found}
    for node in graph.nodes():
        if node not in became:
            became[node] = rebuilt(node, became)
    updates = {leaf: became[new] for leaf, new in graph.updates.items()}
    following = dict(updates)
    for each in found:
        weights, features = each.product.inputs
        w, flipped = stripped(weights)
        following[each.leaf] = oriented((updates[w], flipped)) @ became[features]
    outputs = tuple(became[node] for node in graph.outputs)
    return replace(
        graph, outputs=outputs, updates=following, parts={leaf: Part(leaf) for leaf in following}, simplified=None
    )


class ReadingLoop:
    """Many steps that carry W X beside W.

    Attributes:
        found: what is carried.
        least: the number of steps from which on it is used.
    """

    least = LEAST_STEPS

    def __init__(self, graph: ProgramGraph, found: Sequence[Carried], make: Callable[[], Repeated]):
        self.found = found
        self._inputs, self._make = graph.inputs, make

    @cached_property
    def program(self) -> Repeated:
        """What runs; made when it is used for the first time."""
        return self._make()

    def carried(self) -> str:
        """The names of the products."""
        return ", ".join(str(each.leaf.name) for each in self.found)

    def run(self, count: int, arrays: Sequence[Array], results: Sequence[Array]) -> int:
        """Steps up to the first that is not finite; how many were done."""
        given = dict(zip(self._inputs, arrays, strict=False))
        values = evaluate([each.product for each in self.found], given=given)
        for each, value in zip(self.found, values, strict=True):
            each.leaf.value = value
        return self.program.finite_steps(count, arrays, results)


def reading_loop(graph: ProgramGraph, make: Callable[[ProgramGraph], Repeated]) -> ReadingLoop | None:
    """The loop for a graph, if there is a product that pays.

    Args:
        graph: what a step does.
        make: makes a program of the rewritten graph.
    """
    found = find(graph)
    return ReadingLoop(graph, found, lambda: make(rewrite(graph, found))) if found else None
