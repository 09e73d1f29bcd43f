"""The floor under a(1 − a) in the derivative of `bce`: where it is known by, and where it acts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from minigraph.core.node import Node, Role
from minigraph.formulas import Written
from minigraph.operations.arithmetic import Multiply, Subtract
from minigraph.operations.choices import Larger, Maximum
from minigraph.operations.losses import QUOTIENT_FLOOR
from minigraph.reading.numbers import rounded


def guarded_by(node: Node) -> Node | None:
    """a(1 − a) of max(a(1 − a), 1e−12), or of where it is larger; None for all other nodes."""
    if not isinstance(node.op, Maximum | Larger) or node.name is not None:
        return None
    kept, floor = node.inputs
    if floor.role is not Role.LITERAL or floor.shape != () or floor.value != floor.dtype.type(QUOTIENT_FLOOR):
        return None
    if not isinstance(kept.op, Multiply) or not isinstance(kept.inputs[1].op, Subtract):
        return None
    return kept if kept.inputs[1].inputs[1] is kept.inputs[0] else None


@dataclass
class Guards:
    """Floors that keep a denominator from 0: left out of formulas, and told in a footnote where they act.

    Attributes:
        found: those that were met while formulas were written.
    """

    found: dict[Node, None] = field(default_factory=dict)

    def read(self, thing: Written) -> Written:
        """What is written in the place of a part of a formula: for max(a(1 − a), 1e−12) only a(1 − a)."""
        if isinstance(thing, Node) and isinstance(thing.op, Maximum) and (guarded := guarded_by(thing)) is not None:
            self.found[thing] = None
            return guarded
        return thing

    def footnotes(self) -> Iterator[tuple[Node, str]]:
        """What stands in denominators, and what is said of it, where the floor acts at these values."""
        for node in list(self.found):
            kept, floor = node.inputs
            below = int(np.sum(kept.value < floor.value))
            if below:
                where = f" in {below} of {kept.size} entries" if kept.size > 1 else ""
                counts = f"in a denominator counts as {rounded(floor.value)} where it is smaller, as it is here{where}"
                yield kept, counts
