"""The size of a gradient as the width and the strength of its line, on a logarithmic scale, and the key to it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.ledger import Contribution
from minigraph.core.node import Node
from minigraph.drawing.view import Edge
from minigraph.reading.numbers import rounded
from minigraph.values import norm

WIDEST, NARROWEST = 6.0, 1.0
"""Points of the line of the largest gradient of a picture, and of those that are too small to be told apart."""
DECADES = 4
"""A line is narrowest if its gradient is smaller by so many powers of ten."""
STRONGEST, FAINTEST = 255, 110
"""How opaque such lines are, of 255."""
NOTHING = "0: nothing comes back"
BROKEN = "NaN or ∞"
MEANING = "size of the gradient, by powers of ten"


def size_of(brought: Iterable[Contribution]) -> float | None:
    """The norm of all that comes back along a line, of contributions to one node the sum; None if nothing can."""
    by_input: dict[Node, list[Contribution]] = {}
    for line in brought:
        by_input.setdefault(line.input, []).append(line)
    sums = [added_up([line.contribution.value for line in several]) for several in by_input.values()]
    return math.hypot(*map(norm, sums)) if sums else None


def added_up(contributions: Sequence[Any]) -> Any:
    """The sum of values of one shape; ∞ − ∞ is NaN, and a sum that is too large is ∞, as in the pass."""
    with np.errstate(all="ignore"):
        return np.sum(contributions, axis=0)


@dataclass(frozen=True)
class Scale:
    """How wide lines are, and how strong, next to the one of the largest gradient."""

    largest: float
    sizes: Sequence[float]

    def decades(self, size: float) -> float:
        """By how many powers of ten a gradient is smaller than the largest, up to `DECADES`."""
        if not math.isfinite(size):
            return 0.0
        return min(DECADES, math.log10(self.largest) - math.log10(size))

    def line(self, size: float, color: str) -> tuple[float, str, str]:
        """Width, colour and style of a line, where the full colour is this."""
        if size == 0:
            return NARROWEST, color, "dotted"
        share = 1 - self.decades(size) / DECADES
        opacity = f"{round(FAINTEST + (STRONGEST - FAINTEST) * share):02x}" if color.startswith("#") else ""
        return round(NARROWEST + (WIDEST - NARROWEST) * share, 2), color + opacity, "solid"

    def key(self) -> Iterator[tuple[float, str]]:
        """Sizes of lines, each with what it says: the largest, a tenth of it, and so on as far as they occur."""
        finite = [size for size in self.sizes if 0 < size < math.inf]
        if finite:
            steps = math.ceil(round(math.log10(self.largest) - math.log10(min(finite)), 6))
            for step in range(min(steps, DECADES) + 1):
                size = math.exp(math.log(self.largest) - step * math.log(10))
                yield size, rounded(size, 2) + (" and less" if step == DECADES else "")
        if any(size == 0 for size in self.sizes):
            yield 0.0, NOTHING
        if not all(map(math.isfinite, self.sizes)):
            yield math.nan, BROKEN


def scale_of(edges: Iterable[Edge]) -> Scale | None:
    """The scale of a picture; None if no line has a size."""
    sizes = [edge.size for edge in edges if edge.size is not None]
    finite = [size for size in sizes if math.isfinite(size)]
    return Scale(max(finite, default=0.0), sizes) if sizes else None
