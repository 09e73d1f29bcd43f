"""The Gram rewrite: with fixed data, carry W X instead of W.

If an update is W ← αW + Σ k D Xᵀ, and W is read only as W X, then Z = W X can be updated itself:
Z ← αZ + Σ k D (XᵀX). With fewer examples m than features n, the m × m Gram matrix XᵀX is much smaller
than X, and W is worked out once at the end, from C = Σ k D: W = αᵗW₀ + C Xᵀ. Plain descent, momentum and
weight decay have this form, also with a k that only the step knows; a norm of W in the cost does not.

It is another algorithm for the same numbers: they agree to rounding, which adds up over many steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from minigraph.core.evaluation import evaluate
from minigraph.core.node import Node, Role, data, parameter
from minigraph.operations.arithmetic import Multiply
from minigraph.operations.powers import Square
from minigraph.operations.reductions import Sum
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.loops.gram_form import Affine, Reading, affine, oriented, products, times
from minigraph.program.loops.loop import Loop, Repeated, Values
from minigraph.values import Array

LEAST_GAIN = 2.0
"""The rewrite is used where it takes this many times fewer multiplications."""


@dataclass(frozen=True)
class Carried:
    """One group of leaves that are carried as products.

    Attributes:
        reading: how they are read.
        updates: each leaf's update taken apart; its terms are the D.
        products: for each leaf the new leaf that holds its product.
        sums: for each leaf the new leaf that adds up D.
        shares: for each leaf new ones that say how much of its first value each of the group holds now; empty if that
            never changes.
    """

    reading: Reading
    updates: Mapping[Node, Affine]
    products: Mapping[Node, Node]
    sums: Mapping[Node, Node]
    shares: Mapping[Node, Mapping[Node, Node]]

    def following(self) -> dict[Node, Node]:
        """The next values of the new leaves, which are updated as the group is, with what D is for them."""
        of_d: list[tuple[Mapping[Node, Node], Callable[[Node], Node] | None]]
        of_d = [(self.products, self.reading.gram), (self.sums, lambda d: d), *((x, None) for x in self.shares.values())]
        found = {}
        for new, brought in of_d:
            for leaf, update in self.updates.items():
                kept = [(factor, new[state]) for state, factor in update.states.items()]
                added = [] if brought is None else [(factor, brought(d)) for factor, d in update.terms]
                found[new[leaf]] = _total([*kept, *added] or [(0.0, new[leaf])])
        return found

    def first(self, given: Values) -> dict[Node, Array]:
        """The values with which a loop begins."""
        features = self._features(given)
        found = {self.products[leaf]: self.reading.product(leaf.value, features) for leaf in self.updates}
        found |= {leaf: np.zeros(leaf.shape, leaf.dtype) for leaf in self.sums.values()}
        return found | {x: np.asarray(float(leaf is of)) for of, new in self.shares.items() for leaf, x in new.items()}

    def last(self, given: Values) -> dict[Node, Array]:
        """The leaves' values from what the loop has carried."""
        features, found = self._features(given), {}
        for leaf in self.updates:
            kept = [new[leaf].value * of.value for of, new in self.shares.items()] or [leaf.value]
            change = self.reading.back(self.sums[leaf].value, features)
            found[leaf] = np.asarray(change + sum(kept), leaf.dtype)
        return found

    def _features(self, given: Values) -> Array:
        node, flipped = self.reading.features
        found: Array = np.asarray(given[node] if node in given else evaluate(node, given=given))
        return found.T if flipped else found


def gram_loop(graph: ProgramGraph, make: Callable[[ProgramGraph], Repeated]) -> Loop | None:
    """The loop for a graph, if it has the form.

    Args:
        graph: what a step does.
        make: makes a program of the rewritten graph.
    """
    groups, rewritten = _groups(graph), graph
    while groups:
        rewritten = _rewritten(graph, groups)
        needed = set(rewritten.nodes())
        fit = [group for group in groups if needed.isdisjoint(group.updates)]  # else something reads a leaf otherwise
        if len(fit) == len(groups):
            break
        groups = fit
    return _loop(graph, groups, lambda: make(rewritten)) if groups else None


def _loop(graph: ProgramGraph, groups: Sequence[Carried], make: Callable[[], Repeated]) -> Loop:
    names = [str(product.name) for group in groups for product in group.products.values()]

    def first(given: Values) -> Values:
        return {leaf: value for group in groups for leaf, value in group.first(given).items()}

    def last(given: Values) -> Values:
        return {leaf: value for group in groups for leaf, value in group.last(given).items()}

    return Loop(graph, ", ".join(names), _least_steps(groups, LEAST_GAIN), first, last, make)


def _groups(graph: ProgramGraph) -> list[Carried]:
    """Leaves that are multiplied with features in one way, each with those that its update reads; none is in two groups."""
    readings: dict[Node, set[Reading]] = {}
    for _, leaf, reading in products(graph):
        readings.setdefault(leaf, set()).add(reading)
    found: list[tuple[Reading, dict[Node, Affine]]] = []
    seen: set[Node] = set()
    for leaf in graph.updates:
        if len(readings.get(leaf, ())) == 1 and leaf not in seen:
            (reading,) = readings[leaf]
            if updates := _closed(leaf, reading, graph):
                found.append((reading, updates))
                seen |= updates.keys()
    groups, taken = [], set[Node]()
    for reading, updates in sorted(found, key=lambda each: -len(each[1])):  # what reads others, before these alone
        if taken.isdisjoint(updates):
            groups.append(_carried(updates, reading))
            taken |= updates.keys()
    return groups


def _closed(leaf: Node, reading: Reading, graph: ProgramGraph) -> dict[Node, Affine]:
    """The leaf and those that its update reads, with their updates taken apart; none if one has another form."""
    shape = reading.product(leaf, oriented(reading.features)).shape
    group: dict[Node, Affine] = {}
    waiting = [leaf]
    while waiting:
        state = waiting.pop()
        if state not in group:
            update = affine(graph.updates[state], graph.updates)
            terms = [(factor, d) for factor, term in update.terms if (d := reading.factor(term, shape)) is not None]
            if len(terms) < len(update.terms) or state.dtype != leaf.dtype:
                return {}
            group[state] = Affine(update.states, terms)
            waiting += update.states
    return group


def _carried(group: Mapping[Node, Affine], reading: Reading) -> Carried:
    shape = reading.product(next(iter(group)), oriented(reading.features)).shape
    names = {leaf: leaf.name or "W" for leaf in group}

    def new(called: str, shape: tuple[int, ...]) -> dict[Node, Node]:
        kinds = {leaf: parameter if leaf.role is Role.PARAMETER else data for leaf in group}
        return {leaf: kinds[leaf](np.zeros(shape, leaf.dtype), f"{names[leaf]}_{called}") for leaf in group}

    steady = all(update.states == {leaf: 1.0} for leaf, update in group.items())
    shares = {} if steady else {leaf: new(f"share_of_{names[leaf]}", ()) for leaf in group}
    times_features = new(f"times_{reading.features[0].name or 'features'}", shape)
    return Carried(reading, group, times_features, new("change", shape), shares)


def _rewritten(graph: ProgramGraph, groups: Sequence[Carried]) -> ProgramGraph:
    """The graph with products in place of the leaves."""
    group_of = {leaf: group for group in groups for leaf in group.updates}
    others: dict[Node, Node] = {}
    for node, leaf, reading in products(graph):
        if leaf in group_of and reading == group_of[leaf].reading:
            others[node] = group_of[leaf].products[leaf]
    for node in graph.nodes():
        if isinstance(node.op, Sum) and node.shape == () and (squared := _squared(node.inputs[0], groups)) is not None:
            others[node] = squared
    updates = {leaf: new for leaf, new in graph.updates.items() if leaf not in group_of}
    for group in groups:
        updates |= group.following()
    return replace(graph, updates=updates, parts={leaf: Part(leaf) for leaf in updates}).substituted(others)


def _squared(x: Node, groups: Sequence[Carried]) -> Node | None:
    """The squared length of a gradient, ‖D Xᵀ‖² = Σ D ⊙ D (XᵀX), if the node holds its squares."""
    if isinstance(x.op, Square) or (isinstance(x.op, Multiply) and x.inputs[0] is x.inputs[1]):
        for group in groups:
            for product in group.products.values():
                if (d := group.reading.factor(x.inputs[0], product.shape)) is not None:
                    return (d * group.reading.gram(d)).sum()
    return None


def _total(parts: list[tuple[float, Node]]) -> Node:
    """Σ factor · node, the factors ±1 as sums and differences."""
    (factor, node), *others = parts
    total = node if factor == 1 else times(factor, node)
    for factor, node in others:
        part = node if abs(factor) == 1 else times(abs(factor), node)
        total = total + part if factor > 0 else total - part
    return total


def _least_steps(groups: Sequence[Carried], gain: float) -> int | None:
    """From how many steps on these leaves take ``gain`` times fewer multiplications, with all that comes before and after.

    None if no number of steps is enough.
    """
    plain = rewritten = once = 0
    for carried in groups:
        shape = carried.reading.shape()
        n, m = shape if carried.reading.left else shape[::-1]
        once += n * m * m
        for leaf, update in carried.updates.items():
            rows = carried.products[leaf].size // m
            plain += (1 + len(update.terms)) * rows * n * m
            rewritten += len(update.terms) * rows * m * m
            once += 3 * rows * n * m
    saved = plain - gain * rewritten
    return int(gain * once // saved) + 1 if saved > 0 else None
