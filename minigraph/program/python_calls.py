"""What every machine calls Python for: forward rules, checks of values, whether arrays are finite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.core.pulling import run
from minigraph.program.graph import Part


class Forward:
    """An operation without instructions of its own, by its forward rule."""

    def __init__(self, node: Node):
        self.node = node

    def __call__(self, *arrays: Any) -> None:
        """Fill the last of the arrays."""
        *operands, out = arrays
        out[...] = run(self.node, [_unwritable(x) for x in operands])


class Check:
    """An operand's values are looked at, unless they are those of the last time."""

    def __init__(self, node: Node):
        self.node = node
        self.seen = b""

    def __call__(self, array: Any) -> None:
        """Raise if an entry is refused."""
        entries = array.tobytes()
        if entries != self.seen:
            run(self.node, [_unwritable(array)])
            self.seen = entries


class AllFinite:
    """Whether arrays are finite in every entry that somebody sees: what lies between the parts of a state does not count.

    Machines ask it only where the sum of squares, which costs less, is not finite: that may have overflowed alone.
    """

    def __init__(self, parts: Sequence[Sequence[Part]]):
        self.parts = parts

    def __call__(self, *arrays: Any) -> bool:
        """Whether they are; each array has its own parts, or none if all of it is seen."""
        for array, parts in zip(arrays, self.parts, strict=True):
            if not all(np.isfinite(seen).all() for seen in ([part.of(array) for part in parts] or [array])):
                return False
        return True


def _unwritable(array: Any) -> Any:
    if array.ndim == 0:
        return array[()]
    seen = array.view()
    seen.flags.writeable = False
    return seen
