"""`repeat` by the Gram rewrite: products before, a program that carries them, the leaves after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np

from minigraph.core.evaluation import evaluate
from minigraph.core.node import Node
from minigraph.program.graph import ProgramGraph
from minigraph.program.loops import gram_rewrite
from minigraph.values import Array

LEAST_GAIN = 2.0
"""The rewrite is used where it takes this many times fewer multiplications."""


class Repeated(Protocol):
    """What the loop runs: a `Program` of the rewritten graph."""

    def finite_steps(self, count: int, arrays: Sequence[Array], results: Sequence[Array]) -> int:
        """Steps up to the first that is not finite; how many were done."""

    def source_for(self, count: int) -> str:
        """The text that so many steps run."""

    def reads_once(self) -> bool:
        """Whether the two products of each X are done by blocks of its rows."""


class GramLoop:
    """Many steps that carry W X instead of W."""

    def __init__(self, graph: ProgramGraph, groups: list[gram_rewrite.Carried], make: Callable[[], Repeated]):
        self.graph = graph
        self.groups = groups
        self._make = make

    @cached_property
    def program(self) -> Repeated:
        """What runs; made when it is used for the first time."""
        return self._make()

    @cached_property
    def least(self) -> int | None:
        """The number of steps from which on it is used; None if it is not."""
        return gram_rewrite.least_steps(self.groups, LEAST_GAIN)

    def carried(self) -> str:
        """The names of what it carries."""
        return ", ".join(product.name or "a product" for group in self.groups for product in group.products.values())

    def run(self, count: int, arrays: Sequence[Array], results: Sequence[Array]) -> int:
        """Steps up to the first that is not finite; how many were done.

        Whatever stops them, the leaves have the values after the last whole one. If these would not be finite, none
        was done.
        """
        given = dict(zip(self.graph.inputs, arrays, strict=False))
        features = [self._features(group, given) for group in self.groups]
        before: dict[Node, Array] = {leaf: leaf.value for leaf in self.graph.updates}
        for group, values in zip(self.groups, features, strict=True):
            for leaf, value in gram_rewrite.initial(group, values).items():
                leaf.value = value
        done = 0
        try:
            done = self.program.finite_steps(count, arrays, results)
        finally:
            after: dict[Node, Array] = {}
            for group, values in zip(self.groups, features, strict=True):
                after |= gram_rewrite.final(group, before, values)
            if not all(np.isfinite(value).all() for value in after.values()):
                done, after = 0, before
            for leaf, value in after.items():
                leaf.value = value
        return done

    def _features(self, group: gram_rewrite.Carried, given: dict[Node, Array]) -> Array:
        node, flipped = group.reading.features
        values = given[node] if node in given else evaluate(node, given=given)
        found: Array = np.asarray(values)
        return found.T if flipped else found


def gram_loop(graph: ProgramGraph, canonical: ProgramGraph, make: Callable[[ProgramGraph], Repeated]) -> GramLoop | None:
    """The loop for a graph, if it has the form.

    Args:
        graph: as the user gave it.
        canonical: the same with numbers collected at the seed of the backward pass.
        make: makes a program of the rewritten graph.
    """
    groups = gram_rewrite.find(canonical)
    return GramLoop(graph, groups, lambda: make(gram_rewrite.rewrite(canonical, groups))) if groups else None
