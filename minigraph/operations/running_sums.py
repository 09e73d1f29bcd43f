"""Running sums along an axis, and their derivative: the sums from the other end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.linear_maps import FamilyMap, Maps
from minigraph.core.node import Node, Operand
from minigraph.core.op import Op, as_nodes
from minigraph.core.operators import operation
from minigraph.formulas import Written, bracket, call, phrase, symbol
from minigraph.formulas.index_sums import Entry, Factor, Index, Letters
from minigraph.operations.shapes import normalized_axes
from minigraph.values import Shape, whole_number


class RunningSum(FamilyMap):
    """x ↦ the running sum of x along an axis. Its pull runs from the other end: x[i] counts in all sums from i on."""

    def __init__(self, axis: int):
        self.axis = axis

    def push(self, tangent: Node) -> Node:
        return cumsum(tangent, self.axis)

    def pull(self, cotangent: Node) -> Node:
        from_the_end = (*[slice(None)] * self.axis, slice(None, None, -1))
        return cumsum(cotangent[from_the_end], self.axis)[from_the_end]

    def notation(self, upstream: Written) -> Written:
        """The running sum from the end of ∂J/∂y."""
        if len(upstream.shape) == 1:
            return phrase("running sum from the end of", upstream)
        return phrase("running sum along {axis} from the end of", upstream, axis=(self.axis,))

    def entry(self, index: Index, letters: Letters) -> Entry:
        """Σₚ ∂J/∂y[p] · [p ≥ i]: the sums from here on."""
        here = index[self.axis]
        later = letters.along(here.size)
        above = (*index[: self.axis], later, *index[self.axis + 1 :])
        if here.size == 1:
            return Entry(above)
        counts = bracket(symbol(later.text), "≥", symbol(here.text))
        return Entry(above, (later,), right=(Factor(counts, lambda places: float(later.at(places) >= here.at(places))),))


@dataclass(frozen=True, repr=False, eq=False)
class CumSum(Op):
    """x[0], x[0] + x[1], x[0] + x[1] + x[2], … along an axis."""

    axis: int

    name = "cumsum"
    linear_in = (0,)

    def along(self, x: Any) -> int:
        """The axis, not negative."""
        return normalized_axes(self, x, self.axis)[0]

    def shape(self, x: Node) -> Shape:
        self.along(x)
        return x.shape

    def forward(self, x: Any) -> Any:
        return np.cumsum(x, axis=self.axis)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (RunningSum(self.along(x)),)

    def notation(self, x: Written) -> Written:
        return call("cumsum", x, axis=self.axis) if len(x.shape) != 1 else call("cumsum", x)


@operation(np.cumsum)
def cumsum(x: Operand, axis: int | None = None) -> Node:
    """The running sum along ``axis``, or of all entries, row by row. Derivative: ∂J/∂y summed from each entry on.

    Raises:
        ShapeError: if the axis does not exist.
        TypeError: if the axis is not a whole number.

    Example:
        >>> import minigraph as mg
        >>> mg.cumsum([1.0, 2.0, 3.0]).value
        array([1., 3., 6.])
    """
    node = as_nodes([x], "cumsum")[0][0]
    if axis is None:
        return CumSum(0)(node if node.ndim == 1 else node.reshape(-1))
    return CumSum(whole_number(axis, "cumsum: the axis", "For all entries leave it out."))(node)
