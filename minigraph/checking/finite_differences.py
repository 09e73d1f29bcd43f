"""J as a function of one entry: its values at steps to both sides, how far rounding lets them be trusted, and its slopes.

The quotient (J(x + h) − J(x)) / h is the slope plus terms in h, h², … A polynomial through the quotients of a few
steps, read at h = 0, is without the first of them; how much the polynomials differ tells how far they can be
trusted (Ridders 1982; Press et al., Numerical Recipes, 3rd ed., section 5.7). One side needs no second derivative on
the other, so a point at which only that jumps is like any other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigraph.calculus.forward_mode import jvp
from minigraph.calculus.reverse_mode import grad, local_derivatives
from minigraph.core.errors import DomainError
from minigraph.core.node import Node, data
from minigraph.core.pulling import ancestors, pull, run
from minigraph.reading.steps import is_cut

EPSILON = float(np.finfo(np.float64).eps)
SMALLEST = float(np.finfo(np.float64).smallest_subnormal)
NOMINAL_STEP = 6e-6
"""The cube root of the machine epsilon: it balances truncation, which falls as h², and rounding over h."""
RATIO, LEVELS, FINE_LEVELS = 10, 14, 9
"""A ladder of steps falls by this ratio, so often below the size of x or 1, and so often below that of a small x."""
ORDERS = (2, 3)
"""Degrees of the polynomials: a parabola needs three steps, and there are at least so many to compare."""
NOISE = 1.5
"""The polynomials add up the rounding of their quotients to at most so many times that of the finest one."""


class Probe:
    """J as a function of one node's entries: evaluates again only what depends on the node.

    Where nothing is changed J is ``here``, but for its ``rounding``. A J that is random ``changes_by_itself``.
    """

    def __init__(self, J: Node, node: Node, gradients: Mapping[Node, Any]):
        self.root, self.node, self.gradients = J, node, gradients
        affected = {node}
        self.order: list[Node] = []
        for other in ancestors([J]):
            if other not in affected and any(x in affected for x in other.inputs) and not is_held(other):
                affected.add(other)
                self.order.append(other)
        pull([J, node])
        self.values = self.evaluated(np.array(node.value)[()])
        self.here = self._root_of(self.values)
        self.rounding = bound_on_rounding(gradients)
        again = self._root_of(self.evaluated(np.array(node.value)[()]))
        self.changes_by_itself = bool(abs(self.here - again) > 10 * self.rounding + SMALLEST)

    def __call__(self, index: tuple[int, ...], entry: float) -> float:
        """J where the entry has this value and all else is as it is; NaN outside the domain."""
        try:
            return self._root_of(self.evaluated(self._changed(index, entry)))
        except DomainError:
            return math.nan

    def evaluated(self, value: Any) -> dict[Node, Any]:
        """The values of all that depends on the node, where the node has this one."""
        values: dict[Node, Any] = {self.node: value}
        with np.errstate(all="ignore"):
            for node in self.order:
                values[node] = run(node, [values.get(x, x.value) for x in node.inputs])
        return values

    def is_absorbed(self, index: tuple[int, ...], entry: float) -> bool:
        """Whether a step is swallowed by rounding: a value by which J has a derivative stays, though it should move."""
        values = self.evaluated(self._changed(index, entry))
        with np.errstate(all="ignore"):
            changes = {x: np.asarray(value - self.values[x]) for x, value in values.items()}
            moving = any(np.any(self.gradients[x] * changes[x]) for x in self.order)
            return moving and any(np.any(self._stays(x, changes)) for x in self.order)

    def _stays(self, node: Node, changes: Mapping[Node, Any]) -> Any:
        """At which entries that count in J the node stays, though its own derivatives and its operands' changes say no."""
        counts = (self.gradients[node] != 0) & (changes[node] == 0)
        moved = [x for x in dict.fromkeys(node.inputs) if np.any(changes.get(x, 0))]
        if not moved or not np.any(counts):
            return False
        leaves = {x: data(x.value, dtype=x.dtype) for x in node.inputs}
        alone = Node(node.op, tuple(leaves[x] for x in node.inputs), node.shape, node.dtype)
        predicted = jvp(alone, [leaves[x] for x in moved], [changes[x] for x in moved], allow_unused=True)
        return counts & (predicted.value != 0)

    def _changed(self, index: tuple[int, ...], entry: float) -> Any:
        changed = np.array(self.node.value)
        changed[index] = entry
        return changed[()]

    def _root_of(self, values: Mapping[Node, Any]) -> float:
        return float(np.asarray(values.get(self.root, self.root.value)).item())


def gradients_of_all(J: Node) -> dict[Node, Any]:
    """∂J/∂v for every value v that J is computed from."""
    nodes = ancestors([J])
    gradients = grad(J, nodes, allow_unused=True)
    pull([*nodes, *gradients])
    return {node: np.asarray(gradient.value, float) for node, gradient in zip(nodes, gradients, strict=True)}


def bound_on_rounding(gradients: Mapping[Node, Any], epsilon: float = EPSILON) -> float:
    """`rounding_of` J, from the gradients of J by all values."""
    total = 0.0
    with np.errstate(all="ignore"):
        for node, gradient in gradients.items():
            effects = np.abs(gradient * np.asarray(node.value, float))
            total += float(np.sum(effects, where=np.isfinite(effects)))
    return epsilon * total


def rounding_of(J: Node, epsilon: float = EPSILON) -> float:
    """A bound on the rounding error of J's value, to first order.

    Every value v in the graph is off by about epsilon · |v|, and the chain rule says what this does to J:
    epsilon · Σ |∂J/∂v| · |v| over all values.
    """
    return bound_on_rounding(gradients_of_all(J), epsilon)


def ladder(x: float) -> list[float]:
    """Steps from a tenth of x, or of 1 for a smaller x, down to a small part of x itself."""
    size = max(1.0, abs(x))
    steps = [size * 10.0**-level for level in range(1, LEVELS + 1)]
    if abs(x) < 1:
        fine = [abs(x) * 10.0**-level for level in range(1, FINE_LEVELS + 1)]
        steps += [step for step in fine if step < steps[-1] / (RATIO / 2)]
    return [step for step in steps if x + step != x != x - step]


def is_held(node: Node) -> bool:
    """Whether the node stays what it is while others change: it is detached, or was drawn, with no derivative, as a mask."""
    drawn = node.op is not None and not node.op.pure
    return is_cut(node) or (drawn and all(local is None for local in local_derivatives(node)))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A slope, how far it may be off, how much of that is rounding, and the finest step used."""

    slope: float
    error: float
    rounding: float
    step: float


class Pair:
    """The slopes on both sides at one step of the ladder: how they differ, and how far they may be off together."""

    def __init__(self, before: Estimate, after: Estimate):
        self.low, self.high = sorted((before.slope, after.slope))
        self.slope, self.gap = (self.low + self.high) / 2, self.high - self.low
        self.error, self.rounding = before.error + after.error, before.rounding + after.rounding
        self.step = after.step

    @property
    def is_smooth(self) -> bool:
        """Whether the two are one but for their errors."""
        return self.gap <= self.error

    def distance(self, slope: float) -> float:
        """How far a slope is from those between the two."""
        return max(self.low - slope, slope - self.high, 0.0)

    def is_like(self, other: Pair) -> bool:
        """Whether both may see the same slopes."""
        return max(abs(self.slope - other.slope), abs(self.gap - other.gap)) <= self.error + other.error


@dataclass
class Side:
    """One side of an entry, where J is ``here``: its changes at the steps, signed, the largest first.

    Where J had no finite value, ``beyond`` is what it was, last: ±∞, or NaN outside its domain; else it is NaN.
    """

    here: float
    rounding: float
    steps: list[float] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)
    beyond: float = math.nan
    _row: list[float] = field(default_factory=list)

    def add(self, step: float, value: float) -> Estimate | None:
        """J's value at a smaller step than before; the slope that is extrapolated from it and those before."""
        slope = (value - self.here) / step
        if not math.isfinite(slope):
            self.beyond = value
            self.steps, self.changes, self._row = [], [], []
            return None
        above, self._row = self._row, [slope]
        for coarser, before in zip(above[: max(ORDERS)], reversed(self.steps), strict=False):
            self._row.append(self._row[-1] + (self._row[-1] - coarser) / (before / step - 1))
        self.steps.append(step)
        self.changes.append(value - self.here)
        row = self._row
        found = [
            (max(abs(row[order] - row[order - 1]), abs(row[order] - above[order - 1])), row[order])
            for order in ORDERS
            if order < len(row)
        ]
        if not found:
            return None
        error, extrapolated = min(found)
        rounding = NOISE * self.noise() / abs(step)
        return Estimate(extrapolated, error + rounding, rounding, abs(step))

    def noise(self) -> float:
        """How far rounding may put J's change off at the finest step."""
        return 2 * self.rounding + 4 * EPSILON * abs(self.changes[-1]) + 4 * SMALLEST
