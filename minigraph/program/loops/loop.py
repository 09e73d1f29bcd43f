"""`repeat` by another program, which carries products: what comes before its steps, and after them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeAlias

import numpy as np

from minigraph.core.node import Node
from minigraph.program.graph import ProgramGraph
from minigraph.values import Array

Values: TypeAlias = Mapping[Node, Array]


class Repeated(Protocol):
    """What the loop runs: a `Program` of the rewritten graph."""

    def finite_steps(self, count: int, arrays: Sequence[Array], results: Sequence[Array]) -> int:
        """Steps up to the first that is not finite; how many were done."""

    def source_for(self, count: int) -> str:
        """The text that so many steps run."""

    def reads_once(self) -> bool:
        """Whether the two products of each X are done by blocks of its rows."""


@dataclass
class Loop:
    """Many steps that carry products.

    Attributes:
        graph: what a step does.
        carried: the names of the products.
        least: the number of steps from which on it is used; None if it is not.
        first: from the arrays of a call, the values with which the leaves begin that only the loop has.
        last: from these arrays, the values afterwards of the leaves that the loop does without.
        make: makes what runs.
    """

    graph: ProgramGraph
    carried: str
    least: int | None
    first: Callable[[Values], Values]
    last: Callable[[Values], Values]
    make: Callable[[], Repeated]

    @cached_property
    def program(self) -> Repeated:
        """What runs; made when it is used for the first time."""
        return self.make()

    def run(self, count: int, arrays: Sequence[Array], results: Sequence[Array]) -> int:
        """Steps up to the first that is not finite; how many were done.

        Whatever stops them, the leaves have the values after the last whole one. If these would not be finite, none
        was done.
        """
        given = dict(zip(self.graph.inputs, arrays, strict=False))
        before = {leaf: leaf.value for leaf in self.graph.updates}
        _assign(self.first(given))
        done = 0
        try:
            done = self.program.finite_steps(count, arrays, results)
        finally:
            after = self.last(given)
            if not all(np.isfinite(value).all() for value in after.values()):
                done, after = 0, before
            _assign(after)
        return done


def _assign(values: Values) -> None:
    for leaf, value in values.items():
        leaf.value = value
