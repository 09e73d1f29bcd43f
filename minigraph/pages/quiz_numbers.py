"""`with_new_numbers` and `new_graph`: other exercises of the same kind, with numbers that one computes with by hand."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

import numpy as np

from minigraph.calculus.reverse_mode import look_back
from minigraph.calculus.simplification import rebuilt
from minigraph.core.errors import DomainError
from minigraph.core.evaluation import evaluate
from minigraph.core.node import Node, Role, data, parameter
from minigraph.core.pulling import ancestors
from minigraph.operations.indexing import Indexed
from minigraph.values import Array

MOST_ENTRIES = 24
"""Larger arrays keep their numbers."""
TRIES = 150
"""So many choices of numbers are tried."""
FAINT = 0.01
"""What carries back less teaches little: a unit is saturated or dead."""
FROM_ZERO = 100.0
"""How unpleasant a step is whose value is 0: it hides what multiplies it, and σ′ and tanh′ are at their largest there."""
SMALL = 0.05
"""Nearer to 0 a number is unpleasant: it is the value of a unit that is nearly saturated, or its slope."""
AWAY = 0.1
"""Numbers keep so far from kinks and from the ends of a domain."""
LARGEST = 200.0
"""No number on the way is larger."""
WHOLE: tuple[float, ...] = (-4.0, -3.0, -2.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 5.0, 6.0)
PARTS: tuple[float, ...] = (-1.5, -0.5, 0.25, 0.5, 0.5, 0.75, 1.5)
ENTRIES: tuple[float, ...] = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
SMALL_ENTRIES = (-1.0, -0.5, 0.0, 0.5, 1.0)
SHARE_OF_PARTS = 0.15

Numbers = dict[Node, Array]


def with_new_numbers(root: Node, generator: np.random.Generator, keep: Collection[Node] = ()) -> Node:
    """The same graph on other numbers, as simple ones as are found; the numbers stay where none are found.

    Each operation stays inside of its domain and away from its kinks. Labels stay 0 or 1.
    """
    order = ancestors([root])
    leaves = _movable(order, keep)
    carried = [line.contribution for line in look_back(root, None, "quiz")]
    found: list[tuple[float, int, Numbers]] = []
    for attempt in range(TRIES if leaves else 0):
        numbers = {leaf: _chosen(leaf, domain, generator) for leaf, domain in leaves.items()}
        if (cost := _cost(order, carried, numbers)) is not None:
            found.append((cost, attempt, numbers))
    return copied(order, min(found, key=lambda candidate: candidate[:2])[2]) if found else root


def copied(order: Iterable[Node], numbers: Mapping[Node, Array]) -> Node:
    """The graph with other values in its leaves; its own stay as they are."""
    became: dict[Node, Node] = {}
    for node in order:
        if node in numbers:
            make = parameter if node.role is Role.PARAMETER else data
            became[node] = make(numbers[node], node.name, node.dtype)
        else:
            became[node] = rebuilt(node, became)
    return became[node]


def _movable(order: Iterable[Node], keep: Collection[Node]) -> dict[Node, tuple[float, float]]:
    """The small leaves that are no mask and no index, each with the domain that all operations leave it."""
    order = list(order)
    domains: dict[Node, tuple[float, float]] = {}
    for leaf in order:
        if leaf.role in (Role.PARAMETER, Role.DATA) and 0 < leaf.size <= MOST_ENTRIES and leaf not in keep:
            domains[leaf] = (-math.inf, math.inf)
    for node in order:
        for position, x in enumerate(node.inputs):
            if x not in domains or node.op is None:
                continue
            if position in node.op.held or (position > 0 and isinstance(node.op, Indexed)):
                del domains[x]
            else:
                low, high = node.op.domain_of(position)
                domains[x] = max(low, domains[x][0]), min(high, domains[x][1])
    return domains


def _is_label(leaf: Node) -> bool:
    return leaf.role is Role.DATA and bool(np.isin(leaf.value, (0, 1)).all())


def _chosen(leaf: Node, domain: tuple[float, float], generator: np.random.Generator) -> Array:
    """Numbers for a leaf: entries of arrays are small and whole; most single numbers are whole too."""
    if _is_label(leaf) and domain[0] == 0:
        return generator.integers(0, 2, leaf.shape).astype(leaf.dtype)
    drawn = generator.random()
    pool = PARTS if drawn < SHARE_OF_PARTS else WHOLE
    if leaf.shape:
        pool = SMALL_ENTRIES if drawn < 0.5 else ENTRIES
    low, high = domain[0] + AWAY, domain[1] - AWAY
    inside = [x for x in pool if low <= x <= high] or [x for x in PARTS if low <= x <= high]
    return generator.choice(inside, leaf.shape).astype(leaf.dtype) if inside else np.asarray(leaf.value)


def _cost(order: list[Node], carried: list[Node], numbers: Numbers) -> float | None:
    """How unpleasant the numbers of both passes are; None if they are not allowed."""
    try:
        with np.errstate(all="ignore"):
            found = evaluate([*order, *carried], given=numbers)
    except DomainError:
        return None
    values = dict(zip(order, found, strict=False))
    for node, value in values.items():
        if not np.isfinite(value).all() or np.max(np.abs(value), initial=0.0) > LARGEST:
            return None
        if node.op is not None and not _is_inside(node, [values[x] for x in node.inputs]):
            return None
    singles = [float(x) for leaf, x in numbers.items() if leaf.shape == ()]
    repeated = len(singles) - len({abs(x) for x in singles})
    hiding = sum(node.op is not None and node.shape == () and float(value) == 0 for node, value in values.items())
    faint = sum(float(np.max(np.abs(value), initial=0.0)) < FAINT for value in found[len(order) :])
    return 2.0 * repeated + 10.0 * faint + FROM_ZERO * hiding + sum(map(unpleasantness, found))


def _is_inside(node: Node, operands: list[Array]) -> bool:
    """Whether the operands of an operation keep their distance from its kinks and from the ends of its domain."""
    assert node.op is not None
    if node.op.distance_to_kink(*operands) < AWAY:
        return False
    for position, (x, value) in enumerate(zip(node.inputs, operands, strict=True)):
        low, high = node.op.domain_of(position)
        label = x.op is None and low == 0 and np.isin(value, (0, 1)).all()
        # what is computed may come near an end, such as σ(5) to 1, but not onto it
        near = AWAY if x.op is None else AWAY / 100
        if not label and not (np.all(value >= low + near) and np.all(value <= high - near)):
            return False
    return True


def unpleasantness(value: Array) -> float:
    """0 for small whole numbers, more for fractions, most for what has no end."""
    return float(np.mean([_of_number(float(x)) for x in np.ravel(value)] or [0.0]))


def _of_number(x: float) -> float:
    if not math.isfinite(x):
        return 100.0
    if x == 0:
        return 2.0
    if abs(x) > LARGEST:
        return 6.0
    times = ((place, x * times) for place, times in enumerate((1, 2, 4, 3, 5, 10, 100)))
    whole = next((place for place, y in times if round(y) and abs(y - round(y)) < 1e-9), 8)
    return whole / 2 + (abs(x) > 30) + 2 * (abs(x) < SMALL) + (abs(x) == 1) / 4


# New graphs


def new_graph(generator: np.random.Generator) -> Node:
    """A small graph of sums, differences and products, in which every leaf is used and one node is used twice.

    Example:
        >>> J = new_graph(np.random.default_rng(7))
        >>> J.name, sorted(leaf.name for leaf in ancestors([J]) if leaf.role == "parameter")
        ('J', ['a', 'b', 'c'])
    """
    names = iter(["u", "v"])
    unused = [parameter(float(generator.integers(1, 6)), name) for name in ("a", "b", "c")]
    generator.shuffle(unused)
    fork = unused[0]
    unused.append(fork)
    while len(unused) > 2:
        left, right = unused.pop(0), unused.pop(0)
        made = _combined(left, right, generator)
        unused.append(made.named(next(names)))
    left, right = unused
    root = left * right if generator.random() < 0.5 else left + right
    return root.named("J")


def _combined(left: Node, right: Node, generator: np.random.Generator) -> Node:
    way = generator.integers(0, 5)
    if way == 0:
        return left + right
    if way == 1:
        return left - right
    if way == 2:
        return left * right
    if way == 3:
        return left**2 + right
    return float(generator.integers(2, 5)) * left + right
