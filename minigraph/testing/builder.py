"""A random graph in the making, and the table of recipes: how each operation finds its operands there.

A recipe takes a graph in the making, picks operands there, and gives the new node.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy.typing as npt
from hypothesis import strategies as st

from minigraph.checking.array_strategies import arrays
from minigraph.core.node import Node, data, literal, parameter
from minigraph.values import Shape


class Builder:
    """A random graph in the making, where a recipe finds its operands."""

    def __init__(self, draw: st.DrawFn, dtype: npt.DTypeLike):
        self._draw = draw
        self.dtype = dtype
        self.nodes: list[Node] = []
        self.leaves: list[Node] = []

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        """A value of the strategy."""
        return self._draw(strategy)

    def leaf(self, shape: Shape, make: Callable[..., Node], domain: tuple[float, float] = (-math.inf, math.inf)) -> Node:
        """A new leaf of the shape."""
        value = self.draw(arrays(shape, domain, dtype=self.dtype))
        made = make(value, f"{'w' if make is parameter else 'x'}{len(self.leaves) + 1}")
        self.leaves.append(made)
        return made

    def pick(self, fits: Callable[[Shape], bool] = lambda shape: True, otherwise: Shape = ()) -> Node:
        """A node of the graph whose shape fits; where there is none, a new leaf of the shape ``otherwise``."""
        fitting = [node for node in self.nodes if fits(node.shape)]
        if fitting and self.draw(st.integers(0, 3)):
            return self.draw(st.sampled_from(fitting))  # type: ignore[no-any-return]  # a Node, as in the list
        return self.leaf(otherwise, self.draw(st.sampled_from([parameter, data])))

    def constant(self, shape: Shape, low: float, high: float) -> Node:
        """A leaf of data between low and high, such as targets."""
        return self.leaf(shape, data, (low, high))


Recipe = Callable[[Builder], Node]
RECIPES: dict[str, Recipe] = {}


def recipe(function: Recipe) -> Recipe:
    """Enter a recipe under the name of its operation."""
    RECIPES[function.__name__] = function
    return function


def unary(operation: Callable[[Node], Node], prepare: Callable[[Node], Node] | None, builder: Builder) -> Node:
    """The recipe of an operation on one operand, which may have to be prepared for it."""
    x = builder.pick()
    return operation(prepare(x) if prepare else x)


def whole_numbers_below(builder: Builder, shape: Shape, end: int) -> Node:
    """Whole numbers from 0 to below the end as a node: a literal, which nobody sets to others."""
    return literal(builder.draw(arrays(shape, (0, end), dtype=builder.dtype)) // 1 % end, builder.dtype)


def broadcasts(a: Shape, b: Shape) -> bool:
    """Whether shapes fit for + and *."""
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))
