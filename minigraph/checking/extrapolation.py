"""The slope of J on each side of an entry: difference quotients of falling steps, extrapolated to the step 0.

The quotient (J(x + h) − J(x)) / h is the slope plus terms in h, h², … A polynomial through the quotients of a few
steps, read at h = 0, is without the first of them; how much the polynomials differ tells how far they can be
trusted (Ridders 1982; Press et al., Numerical Recipes, 3rd ed., section 5.7). One side needs no second derivative on
the other, so a point at which only that jumps is like any other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from minigraph.checking.finite_differences import EPSILON, SMALLEST

ORDERS = (2, 3)
"""Degrees of the polynomials: a parabola needs three steps, and there are at least so many to compare."""
NOISE = 1.5
"""The polynomials add up the rounding of their quotients to at most so many times that of the finest one."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A slope, how far it may be off, how much of that is rounding, and the finest step used."""

    slope: float
    error: float
    rounding: float
    step: float


@dataclass(frozen=True, slots=True)
class Pair:
    """The slopes on both sides at one step of the ladder."""

    before: Estimate
    after: Estimate

    @property
    def slope(self) -> float:
        """The slope between the two."""
        return (self.before.slope + self.after.slope) / 2

    @property
    def gap(self) -> float:
        """How far they differ."""
        return abs(self.after.slope - self.before.slope)

    @property
    def is_smooth(self) -> bool:
        """Whether they are one but for their errors."""
        return self.gap <= self.error

    @property
    def error(self) -> float:
        """How far they may be off together."""
        return self.before.error + self.after.error

    def distance(self, slope: float) -> float:
        """How far a slope is from those between the two sides."""
        low, high = sorted((self.before.slope, self.after.slope))
        return max(low - slope, slope - high, 0.0)

    def is_like(self, other: Pair) -> bool:
        """Whether both may see the same slopes."""
        return max(abs(self.slope - other.slope), abs(self.gap - other.gap)) <= self.error + other.error

    @property
    def rounding(self) -> float:
        """How much of that is rounding."""
        return self.before.rounding + self.after.rounding


@dataclass
class Side:
    """One side of an entry.

    Attributes:
        here: J at the entry itself.
        rounding: the bound on J's rounding there.
        steps: the steps at which J has a value, signed, the largest first.
        changes: J's change at each.
        beyond: what J was, last, where it has no finite value: ±∞, or NaN outside its domain; NaN if it always had one.
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
