"""Central differences of J by one entry at a time, and how far they can be trusted.

The error of (J(x + h) − J(x − h)) / 2h has two parts: truncation, which falls as h², and the rounding
of J divided by h, which grows as h falls. h = 6e-6 · max(1, |x|), the cube root of the machine epsilon,
balances them (Press et al., Numerical Recipes, 3rd ed., section 5.7). A smaller step is tried where this
one leaves the domain, crosses a kink, or is too coarse, and believed while the rounding stays small.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigraph.derivatives import grad
from minigraph.errors import DomainError
from minigraph.node import Node
from minigraph.pulling import ancestors, pull, run

NOMINAL_STEP = 6e-6
RELATIVE_TOLERANCE = 1e-6
ABSOLUTE_TOLERANCE = 1e-8
TRUSTED_ROUNDING = 1e-4
"""A step smaller than the nominal one counts only if the rounding of J is at most this part of the derivative."""
HIDING_ROUNDING = 1e-2
"""From this part of the derivative on, the report says that the rounding of J hides it."""
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class EntryCheck:
    """One entry of a gradient, by the chain rule and by finite differences.

    Attributes:
        node: the node of which it is an entry.
        index: which entry, () for a scalar.
        chain_rule: the derivative of J that the chain rule gives.
        difference: the derivative that the finite difference gives; NaN if no step stays in the domain.
        step: the step h of the difference.
        allowed: the largest error that counts as agreement.
        agrees: whether the two agree.
        remark: what was out of the ordinary, else "".
    """

    node: Node
    index: tuple[int, ...]
    chain_rule: float
    difference: float
    step: float
    allowed: float
    agrees: bool
    remark: str = ""

    @property
    def error(self) -> float:
        """|chain rule − difference|; infinite if either is not a finite number."""
        error = abs(self.chain_rule - self.difference)
        return error if math.isfinite(error) else math.inf


class Probe:
    """J as a function of one node's entries: evaluates again only what depends on the node."""

    def __init__(self, J: Node, node: Node):
        self.root, self.node = J, node
        affected = {node}
        self.order: list[Node] = []
        for other in ancestors([J]):
            if other not in affected and any(x in affected for x in other.inputs):
                affected.add(other)
                self.order.append(other)
        pull([J, node])

    def __call__(self, index: tuple[int, ...], entry: float) -> float:
        """J where the entry has this value and all else is as it is; NaN outside the domain."""
        changed = np.array(self.node.value)
        changed[index] = entry
        values: dict[Node, Any] = {self.node: changed[()]}
        try:
            with np.errstate(all="ignore"):
                for node in self.order:
                    values[node] = run(node, [values.get(x, x.value) for x in node.inputs])
        except DomainError:
            return math.nan
        return float(np.asarray(values.get(self.root, self.root.value)).item())


def rounding_of(J: Node, epsilon: float = EPSILON) -> float:
    """A bound on the rounding error of J's value, to first order.

    Every value v in the graph is off by about epsilon · |v|, and the chain rule says what this does to J:
    epsilon · Σ |∂J/∂v| · |v| over all values.
    """
    nodes = ancestors([J])
    gradients = grad(J, nodes, allow_unused=True)
    pull([*nodes, *gradients])
    total = 0.0
    with np.errstate(all="ignore"):
        for node, gradient in zip(nodes, gradients, strict=True):
            effects = np.abs(np.asarray(gradient.value, float) * np.asarray(node.value, float))
            total += float(np.sum(effects, where=np.isfinite(effects)))
    return epsilon * total


def steps(x: float) -> Iterator[float]:
    """The nominal step, then smaller ones, down to a small part of x itself."""
    for size, powers in ((max(1.0, abs(x)), 8), (abs(x), 3)):
        for power in range(powers):
            if x + (step := NOMINAL_STEP * size / 10**power) != x - step:
                yield step


def compare(probe: Probe, index: tuple[int, ...], slope: float, scale: float, rounding: float) -> EntryCheck:
    """The slope that the chain rule gives for one entry against the difference quotients of J.

    ``scale`` is the size of the gradient's entries: where all are small, so is the error allowed.
    """
    x = float(np.asarray(probe.node.value)[index])
    nearest: EntryCheck | None = None
    for step in steps(x):
        above, below = x + step, x - step
        difference = (probe(index, above) - probe(index, below)) / (above - below)
        if not math.isfinite(difference):
            continue
        nominal = step == NOMINAL_STEP * max(1.0, abs(x))
        share, size = 2 * rounding / (above - below), max(abs(slope), abs(difference))
        # At a flat point all is error, and smaller steps go on to show that it falls.
        flat = size <= ABSOLUTE_TOLERANCE and abs(slope - difference) >= size / 2
        hidden = share > max(HIDING_ROUNDING * size, ABSOLUTE_TOLERANCE)
        if share > TRUSTED_ROUNDING * size and not flat and not nominal:
            break
        floor = max(ABSOLUTE_TOLERANCE * min(1.0, max(scale, abs(difference))), EPSILON)
        allowed = RELATIVE_TOLERANCE * abs(difference) + max(floor, share)
        agrees = abs(slope - difference) <= allowed
        remark = f"J is too large to see less than {share:.0e}" if hidden else "" if nominal else f"step {step:.0e}"
        found = EntryCheck(probe.node, index, slope, difference, step, allowed, agrees, remark)
        if agrees:
            return found
        nearest = found if nearest is None or found.error < nearest.error else nearest
    if nearest is None:
        return EntryCheck(probe.node, index, slope, math.nan, 0.0, 0.0, False, "no step stays in the domain")
    if not math.isfinite(slope):
        return replace(nearest, remark="not finite")
    return at_kink(probe, index, x, nearest, rounding) or nearest


def at_kink(probe: Probe, index: tuple[int, ...], x: float, found: EntryCheck, rounding: float) -> EntryCheck | None:
    """What was found, judged by the slopes on both sides, if x sits on a kink; None if J is smooth there.

    At a kink the slopes before and after differ however small the step, and any number between them may
    stand for the derivative.
    """
    here = probe(index, x)
    sides = []
    for step in (NOMINAL_STEP * max(1.0, abs(x)) / 100, NOMINAL_STEP * max(1.0, abs(x)) / 1000):
        after = (probe(index, x + step) - here) / (x + step - x)
        before = (here - probe(index, x - step)) / (x - (x - step))
        sides.append((min(before, after), max(before, after)))
    (wider_low, wider_high), (low, high) = sides
    slack = RELATIVE_TOLERANCE * max(abs(low), abs(high)) + 2 * rounding / step
    gap = high - low
    if not (gap > TRUSTED_ROUNDING * max(abs(low), abs(high)) + slack and gap > 0.5 * (wider_high - wider_low)):
        return None
    inside = low - slack <= found.chain_rule <= high + slack
    return replace(found, allowed=gap, agrees=inside, remark=f"kink: slopes {low:.4g} to {high:.4g}")
