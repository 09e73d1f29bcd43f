"""The Gram rewrite: with fixed data, carry W X instead of W.

If an update is W ← αW + Σ k D Xᵀ, and W is read only as W X, then Z = W X can be updated itself:
Z ← αZ + Σ k D (XᵀX). With fewer examples m than features n, the m × m Gram matrix XᵀX is much smaller
than X, and W is worked out once at the end, from C = Σ k D: W = αᵗW₀ + C Xᵀ. Plain descent, momentum and
weight decay have this form, also with a k that only the step knows; a norm of W in the cost does not.

It is another algorithm for the same numbers: they agree to rounding, which adds up over many steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from minigraph.calculus.simplification import rebuilt
from minigraph.core.node import Node, Role, data, parameter
from minigraph.operations.arithmetic import Multiply
from minigraph.operations.powers import Square
from minigraph.operations.products import MatMul
from minigraph.operations.reductions import Sum
from minigraph.operations.shapes import Transpose
from minigraph.program.graph import Part, ProgramGraph, dependent, users
from minigraph.program.loops.gram_form import Affine, Reading, affine, constant_factor, stripped, times


@dataclass(frozen=True)
class Carried:
    """One group of leaves that are carried as products.

    Attributes:
        reading: how they are read.
        updates: each leaf's update taken apart.
        products: for each leaf the new leaf that holds its product.
        sums: for each leaf the new leaf that adds up D.
        shares: for each pair of leaves how much of the second's first value the first one holds now; a new
            leaf each; empty if that never changes.
    """

    reading: Reading
    updates: Mapping[Node, Affine]
    products: Mapping[Node, Node]
    sums: Mapping[Node, Node]
    shares: Mapping[tuple[Node, Node], Node]


def find(graph: ProgramGraph) -> list[Carried]:
    """The groups of leaves that can be carried as products."""
    nodes = graph.nodes()
    changing = graph.changing()
    readers = users(nodes)
    groups = []
    taken: set[Node] = set()
    for leaf in graph.updates:
        readings = _readings(leaf, readers, changing)
        if len(readings) != 1 or leaf in taken:
            continue
        group = _closed(leaf, graph)
        reading = readings.pop()
        if group is not None and not taken & set(group) and _is_private(group, graph, readers, reading):
            shape = reading.product(leaf).shape
            if all(reading.factor(term, shape) is not None for update in group.values() for _, term in update.terms):
                groups.append(_carried(group, reading, shape))
                taken |= set(group)
    return groups


def _readings(leaf: Node, readers: Mapping[Node, list[Node]], changing: frozenset[Node]) -> set[Reading]:
    """In which ways the leaf is multiplied with features that don't change."""
    found = set()
    for reader in readers.get(leaf, ()):
        for product in readers.get(reader, ()) if isinstance(reader.op, Transpose) else [reader]:
            if isinstance(product.op, MatMul):
                for left in (True, False):
                    mine, other = product.inputs if left else product.inputs[::-1]
                    if stripped(mine)[0] is leaf and other not in changing and other.ndim == 2:
                        found.add(Reading(stripped(other), left, stripped(mine)[1]))
    return found


def _closed(leaf: Node, graph: ProgramGraph) -> dict[Node, Affine] | None:
    """The leaf and those that its update reads, with their updates taken apart; None if their precisions differ."""
    group: dict[Node, Affine] = {}
    waiting = [leaf]
    while waiting:
        state = waiting.pop()
        if state in group:
            continue
        if state.dtype != leaf.dtype:
            return None
        group[state] = affine(graph.updates[state], graph.updates)
        waiting += group[state].states
    return group


def _is_private(
    group: Mapping[Node, Affine], graph: ProgramGraph, readers: Mapping[Node, list[Node]], reading: Reading
) -> bool:
    """Whether nothing reads the leaves, or sums with them, but their own updates and the products."""
    inside = {node for update in group.values() for node in update.inside}
    elsewhere = {new for leaf, new in graph.updates.items() if leaf not in group} | set(graph.outputs)
    # A sum of terms alone, such as a gradient that others read too, does not matter.
    held = dependent([node for node in graph.nodes() if node in inside], group).difference(group)
    for node in (*group, *held):
        if node in elsewhere:
            return False
        for reader in readers.get(node, ()):
            if reader in held:
                continue
            products = readers.get(reader, []) if isinstance(reader.op, Transpose) else [reader]
            if node not in group or reader in elsewhere or not products:
                return False
            if not all(_is_product(product, node, reading) for product in products):
                return False
    return True


def _is_product(node: Node, leaf: Node, reading: Reading) -> bool:
    if not isinstance(node.op, MatMul):
        return False
    mine, other = node.inputs if reading.left else node.inputs[::-1]
    return stripped(mine) == (leaf, reading.flipped) and stripped(other) == reading.features


def _carried(group: dict[Node, Affine], reading: Reading, shape: tuple[int, ...]) -> Carried:
    def new(name: str, shape: tuple[int, ...], like: Node) -> Node:
        return (parameter if like.role is Role.PARAMETER else data)(np.zeros(shape, like.dtype), name)

    steady = all(update.states == {leaf: 1.0} for leaf, update in group.items())
    names = {leaf: leaf.name or "W" for leaf in group}
    times_x = {leaf: new(f"{names[leaf]}_times_{reading.features[0].name or 'features'}", shape, leaf) for leaf in group}
    sums = {leaf: new(f"{names[leaf]}_change", shape, leaf) for leaf in group}
    shares = {} if steady else {(a, b): new(f"{names[a]}_share_of_{names[b]}", (), a) for a in group for b in group}
    return Carried(reading, group, times_x, sums, shares)


def rewrite(graph: ProgramGraph, groups: list[Carried]) -> ProgramGraph:
    """The graph with products in place of the leaves."""
    nodes = graph.nodes()
    became: dict[Node, Node] = {}
    for node in nodes:
        product = next((c for c in groups for leaf in c.products if _is_product(node, leaf, c.reading)), None)
        if isinstance(node.op, Sum):
            became[node] = _square(node, groups, became)
        elif product is None:
            became[node] = rebuilt(node, became)
        else:
            operand = node.inputs[0 if product.reading.left else 1]
            became[node] = product.products[stripped(operand)[0]]
    updates = {leaf: became[new] for leaf, new in graph.updates.items() if not any(leaf in c.products for c in groups)}
    for carried in groups:
        for leaf, update in carried.updates.items():
            shape = carried.products[leaf].shape
            changes: list[tuple[float, Node]] = []
            for factor, term in update.terms:
                d = carried.reading.factor(term, shape)
                assert d is not None
                changes.append((factor, _on(d, became)))
            gram = [(factor, carried.reading.gram(d)) for factor, d in changes]
            kept = update.states.items()
            updates[carried.products[leaf]] = _total([*((f, carried.products[s]) for s, f in kept), *gram])
            updates[carried.sums[leaf]] = _total([*((f, carried.sums[s]) for s, f in kept), *changes])
            for other in carried.updates if carried.shares else ():
                updates[carried.shares[leaf, other]] = _total([(f, carried.shares[s, other]) for s, f in kept])
    parts = {leaf: Part(leaf) for leaf in updates}
    return replace(graph, outputs=tuple(became[node] for node in graph.outputs), updates=updates, parts=parts)


def _square(node: Node, groups: list[Carried], became: Mapping[Node, Node]) -> Node:
    """The squared length of a gradient, ‖D Xᵀ‖² = Σ D ⊙ D (XᵀX); any other sum as it is."""
    (x,) = node.inputs
    if node.shape == () and (isinstance(x.op, Square) or (isinstance(x.op, Multiply) and x.inputs[0] is x.inputs[1])):
        factor, term = constant_factor(x.inputs[0]) or (1.0, x.inputs[0])
        for carried in groups:
            for product in carried.products.values():
                d = carried.reading.factor(term, product.shape)
                if d is not None:
                    squared = (_on(d, became) * carried.reading.gram(_on(d, became))).sum()
                    return squared if factor == 1 else times(factor**2, squared)
    return rebuilt(node, became)


def _on(d: Node, became: Mapping[Node, Node]) -> Node:
    """D on the rewritten graph; it may be new itself, a transposition or a reshape of a node of the graph."""
    if d in became:
        return became[d]
    return rebuilt(d, {x: _on(x, became) for x in d.inputs})


def _total(terms: list[tuple[float, Node]]) -> Node:
    """Σ factor · node, the factors ±1 as sums and differences."""
    total: Node | None = None
    for factor, node in terms:
        if total is None:
            total = node if factor == 1 else times(factor, node)
        else:
            part = node if abs(factor) == 1 else times(abs(factor), node)
            total = total + part if factor > 0 else total - part
    assert total is not None
    return total


def least_steps(groups: list[Carried], gain: float) -> int | None:
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


def initial(carried: Carried, features: np.ndarray) -> dict[Node, np.ndarray]:
    """The values with which a loop begins."""
    found: dict[Node, np.ndarray] = {}
    for leaf in carried.updates:
        seen = leaf.value.T if carried.reading.flipped else leaf.value
        found[carried.products[leaf]] = seen @ features if carried.reading.left else features @ seen
        found[carried.sums[leaf]] = np.zeros(carried.sums[leaf].shape, leaf.dtype)
        for other in carried.updates if carried.shares else ():
            found[carried.shares[leaf, other]] = np.asarray(float(leaf is other))
    return found


def final(carried: Carried, first: Mapping[Node, np.ndarray], features: np.ndarray) -> dict[Node, np.ndarray]:
    """The leaves' values from what the loop has carried."""
    found = {}
    for leaf in carried.updates:
        change = carried.reading.back(carried.sums[leaf].value, features)
        if carried.shares:
            change = change + sum(carried.shares[leaf, other].value * first[other] for other in carried.updates)
        else:
            change = change + first[leaf]
        found[leaf] = np.asarray(change, leaf.dtype)
    return found
