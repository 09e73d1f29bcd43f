"""One entry of a gradient, judged by finite differences of J: right, wrong, or undecided for a reason.

A rule is right where a difference that is known well enough agrees with it and none that is better known excludes
it, and wrong where the finest difference that can tell does not agree. What "well enough" means is relative to the
entry itself: no size of J or of other entries lets a wrong one pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from minigraph.checking.finite_differences import EPSILON, NOMINAL_STEP, RATIO, Pair, Probe, Side, ladder
from minigraph.core.node import Node
from minigraph.values import Array

Verdict = Literal["right", "wrong", "undecided"]
SEVERITY: dict[Verdict, int] = {"right": 0, "undecided": 1, "wrong": 2}
RELATIVE_TOLERANCE = 1e-6
"""The chain rule and a difference agree if they differ by this part of the difference, or less than its error."""
KNOWN = 1e-4
"""A difference can show that an entry is right if its error is at most this part of the entry."""
TELLING = 0.1
"""And that it is wrong if it is at most this part."""
CLEARLY = 4
"""Beyond so many times its error."""
ZERO = 1e-6
"""A slope is 0 if its error is at most this part of the slopes nearby."""
BENT = 0.1
"""J is smooth at the nominal step if its slopes on both sides differ by at most this part."""
STEADY = 0.01
"""A change of J that differs by less than this part though the step falls a hundredfold is a jump."""
UNKNOWN = "rounding of J: differences are known to ±{:.0e} only"
UNSETTLED = "the slopes of J do not settle as the step falls"
CERTAIN = 1e3
"""A change of J that is so many times its rounding is no rounding."""


@dataclass(frozen=True, slots=True)
class EntryCheck:
    """One entry of a gradient, by the chain rule and by finite differences.

    Attributes:
        node: the node of which it is an entry.
        index: which entry, () for a scalar.
        chain_rule: the derivative of J that the chain rule gives.
        difference: the derivative that finite differences give; NaN where they give none.
        step: the smallest step of the difference.
        allowed: the largest error that counts as agreement.
        verdict: "right", "wrong" or "undecided".
        remark: why it is undecided, and what else was out of the ordinary; else "".
    """

    node: Node
    index: tuple[int, ...]
    chain_rule: float
    difference: float
    step: float
    allowed: float
    verdict: Verdict
    remark: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the verdict is "right"."""
        return self.verdict == "right"

    @property
    def error(self) -> float:
        """|chain rule − difference|; infinite if either is not a finite number."""
        error = abs(self.chain_rule - self.difference)
        return error if math.isfinite(error) else math.inf


def _best(pairs: list[Pair], sure: Pair) -> Pair:
    """The pair with the least error among those that see the same slopes as one that is sure."""
    return min(filter(sure.is_like, pairs), key=lambda pair: pair.error)


def _is_seen_beside(pairs: list[Pair], pair: Pair, off: float) -> bool:
    """Whether a pair at the step before or after, if there is one, is far nearer than ``off``: one may be sure by chance."""
    place = pairs.index(pair)
    beside = [abs(other.slope - pair.slope) for other in pairs[max(place - 1, 0) : place + 2] if other is not pair]
    return CLEARLY * min(beside, default=0.0) <= off


class _Judge:
    """What is asked about one entry, and the two sides of it as far as they are known."""

    def __init__(self, probe: Probe, index: tuple[int, ...], slope: float, rounding: Callable[[], Array]):
        self.probe, self.index, self.slope, self.rounding = probe, index, slope, rounding
        self.x = float(np.asarray(probe.node.value)[index])
        self.before, self.after = Side(probe.here, probe.rounding), Side(probe.here, probe.rounding)

    def says(self, verdict: Verdict, difference: float, step: float, allowed: float, remark: str = "") -> EntryCheck:
        return EntryCheck(self.probe.node, self.index, self.slope, difference, step, allowed, verdict, remark)

    def undecided(self, why: str, difference: float = math.nan, step: float = 0.0, allowed: float = math.inf) -> EntryCheck:
        return self.says("undecided", difference, step, allowed, why)

    def size(self, difference: float) -> float:
        """The size of the entry, to which errors are compared."""
        return max(abs(self.slope), abs(difference)) if math.isfinite(self.slope) else abs(difference)

    def by_two_values(self) -> EntryCheck | None:
        """The verdict where J at the nominal step to both sides is enough, which is nearly always."""
        step = NOMINAL_STEP * max(1.0, abs(self.x))
        above, below = self.x + step, self.x - step
        up, down = self.probe(self.index, above), self.probe(self.index, below)
        after, before = (up - self.probe.here) / (above - self.x), (self.probe.here - down) / (self.x - below)
        difference = (up - down) / (above - below)
        if not math.isfinite(difference):
            return None
        rounding = (2 * self.probe.rounding + 4 * EPSILON * abs(up - down)) / (above - below)
        size, allowed = self.size(difference), RELATIVE_TOLERANCE * abs(difference) + rounding
        smooth = abs(after - before) <= BENT * size + 2 * rounding
        if smooth and abs(self.slope - difference) <= allowed and rounding <= RELATIVE_TOLERANCE * size:
            return self.says("right", difference, step, allowed)
        return self.at_zero() if self.slope == 0 and up == down == self.probe.here else None

    def at_zero(self) -> EntryCheck | None:
        """The verdict where the entry is 0 and J does not move at all, even at the largest step."""
        step = max(1.0, abs(self.x)) / RATIO
        ends = (self.x - step, self.x + step)
        if any(self.probe(self.index, end) != self.probe.here for end in ends):
            return None
        if any(self.probe.is_absorbed(self.index, end) for end in ends):
            return self.undecided("rounding of J: it swallows every step", 0.0, step)
        return self.says("right", 0.0, step, 0.0)

    def by_extrapolation(self) -> EntryCheck:
        """The verdict from a ladder of steps to both sides, from large to small."""
        pairs: list[Pair] = []
        for step in ladder(self.x):
            above, below = self.x + step, self.x - step
            after = self.after.add(above - self.x, self.probe(self.index, above))
            before = self.before.add(below - self.x, self.probe(self.index, below))
            if before is None or after is None:
                continue
            pairs.append(pair := Pair(before, after))
            if self.is_right(pair) and pair.error <= RELATIVE_TOLERANCE * self.size(pair.slope):
                return self.right(pair)
        verdict = self.if_right(pairs) or self.if_zero(pairs) or self.if_smooth(pairs) or self.at_kink(pairs)
        return verdict or self.undecided(*self.reason(pairs))

    def right(self, pair: Pair) -> EntryCheck:
        remark = f"step {pair.step:.0e}" if pair.step < NOMINAL_STEP * max(1.0, abs(self.x)) else ""
        return self.says("right", pair.slope, pair.step, self.allowed(pair), remark)

    def allowed(self, pair: Pair) -> float:
        return max(pair.error, RELATIVE_TOLERANCE * abs(pair.slope))

    def is_right(self, pair: Pair) -> bool:
        """Whether J is smooth, its slope known well enough, and the chain rule's agrees."""
        agrees = abs(self.slope - pair.slope) <= self.allowed(pair)
        return pair.is_smooth and agrees and pair.error <= KNOWN * self.size(pair.slope)

    def if_right(self, pairs: list[Pair]) -> EntryCheck | None:
        """Right where a slope that is known well enough agrees, and none that is better known excludes it."""
        found = min(filter(self.is_right, pairs), key=lambda pair: pair.error, default=None)
        if found is None:
            return None
        better = [pair for pair in pairs if pair.error < found.error and pair.is_like(found)]
        return None if any(self.is_excluded(pairs, pair) for pair in better) else self.right(found)

    def is_excluded(self, pairs: list[Pair], pair: Pair) -> bool:
        """Whether the chain rule is clearly off by one pair, and by more than its own rounding."""
        off = pair.distance(self.slope)
        is_clear = off > CLEARLY * pair.error + RELATIVE_TOLERANCE * abs(pair.slope)
        return is_clear and _is_seen_beside(pairs, pair, off) and off > float(self.rounding()[self.index])

    def nearby(self) -> float:
        """The slope of J at the largest step."""
        return max(abs(side.changes[0] / side.steps[0]) for side in (self.before, self.after))

    def if_zero(self, pairs: list[Pair]) -> EntryCheck | None:
        """Right for an entry of exactly 0 where a slope of 0 is seen, and no step sees another one for certain."""
        smooth = [pair for pair in pairs if pair.is_smooth]
        flat = [pair for pair in smooth if abs(pair.slope) <= pair.error <= ZERO * self.nearby()]
        steep = any(pair.error < KNOWN * abs(pair.slope) for pair in smooth)
        return self.right(min(flat, key=lambda pair: pair.error)) if self.slope == 0 and flat and not steep else None

    def if_smooth(self, pairs: list[Pair]) -> EntryCheck | None:
        """Wrong, or undecided; None if J is not known to be smooth.

        The finest step that can tell shows which of the others see the same slope, and not a coarse feature of J.
        """
        smooth = [pair for pair in pairs if pair.is_smooth]
        telling = [pair for pair in smooth if self.can_tell(pair)]
        if not telling:
            return None
        found = _best(smooth, telling[-1])
        off = abs(self.slope - found.slope)
        if not off <= CLEARLY * found.error + RELATIVE_TOLERANCE * abs(found.slope):
            own = float(self.rounding()[self.index])
            if off <= own:
                why = f"rounding in the chain rule: it is known to ±{own:.0e} only"
                return self.undecided(why, found.slope, found.step, own)
            if not _is_seen_beside(pairs, found, off if math.isfinite(off) else math.inf):
                return self.undecided(UNSETTLED)
            remark = "" if math.isfinite(self.slope) else "not finite"
            return self.says("wrong", found.slope, found.step, self.allowed(found), remark)
        return self.undecided(UNKNOWN.format(found.error), found.slope, found.step, found.error)

    def can_tell(self, pair: Pair) -> bool:
        """Whether the slope is known well enough to exclude an entry of this size, and settles but for rounding."""
        settled = max(TELLING * abs(pair.slope), pair.rounding, ZERO * self.nearby())
        return pair.error <= TELLING * self.size(pair.slope) + ZERO * self.nearby() and pair.error - pair.rounding <= settled

    def at_kink(self, pairs: list[Pair]) -> EntryCheck | None:
        """The verdict where the slopes before and after differ however small the step: any number between them is right."""
        sharp = [pair for pair in pairs if pair.error <= KNOWN * pair.gap]
        if not sharp:
            return None
        found = _best(sharp, sharp[-1])
        slack = CLEARLY * found.error + RELATIVE_TOLERANCE * max(abs(found.low), abs(found.high))
        verdict: Verdict = "right" if found.low - slack <= self.slope <= found.high + slack else "wrong"
        return self.says(verdict, found.slope, found.step, found.gap, f"kink: slopes {found.low:.4g} to {found.high:.4g}")

    def reason(self, pairs: list[Pair]) -> tuple[str, float, float, float]:
        """Why no verdict can be given, with the best difference there is, its step and its error."""
        sides = (self.before, self.after)
        if not all(side.steps for side in sides):
            infinite = any(math.isinf(side.beyond) for side in sides if not side.steps)
            return "J is ∞ right beside it" if infinite else "the edge of the domain", math.nan, 0.0, math.inf
        for side in sides:
            certain = [change for change in side.changes if abs(change) > CERTAIN * side.noise()][-3:]
            if len(certain) > 2 and abs(certain[-1] - certain[0]) < STEADY * abs(certain[-1]):
                return f"J jumps by {abs(certain[-1]):.4g}", math.nan, 0.0, math.inf
        best = min(pairs, key=lambda pair: max(pair.error, pair.gap), default=None)
        if best is None:
            return "the edge of the domain is too near", math.nan, 0.0, math.inf
        if best.error - best.rounding > best.rounding:
            return UNSETTLED, math.nan, 0.0, math.inf
        error = max(best.error, best.gap)
        return UNKNOWN.format(error), best.slope, best.step, error


def judge(probe: Probe, index: tuple[int, ...], slope: float, rounding: Callable[[], Array]) -> EntryCheck:
    """The slope that the chain rule gives for one entry against the differences of J.

    ``rounding`` gives the rounding of the slopes of the whole node; it is asked only before one is called wrong.
    """
    asked = _Judge(probe, index, slope, rounding)
    if not math.isfinite(asked.x):
        return asked.undecided(f"the entry is {asked.x}")
    if not math.isfinite(probe.here):
        return asked.undecided(f"J is {probe.here}")
    if probe.changes_by_itself:
        return asked.undecided("J changes by itself: it is random, or keeps a state")
    return asked.by_two_values() or asked.by_extrapolation()
