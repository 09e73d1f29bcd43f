"""Random graphs over all operations: scalar roots, moderate values, no kink nearby."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

import minigraph.testing.random_entrywise
import minigraph.testing.random_shapes
import minigraph.testing.random_sums  # noqa: F401  # they enter their recipes
from minigraph.checking.array_strategies import operands_to_kink
from minigraph.core.errors import GraphWarning
from minigraph.core.node import Node, Role, next_number, parameter
from minigraph.core.pulling import ancestors, pull
from minigraph.formulas import to_text
from minigraph.testing.builder import RECIPES, Builder
from minigraph.values import Shape

SHAPES: tuple[Shape, ...] = ((), (3,), (2, 3), (1, 3), (2, 1), (1,), (3, 3), (2, 1, 3))
LARGEST_VALUE = 50.0
"""Nodes with larger values are left out: exp of them would overflow, and rounding would hide the other terms."""
MOST_ENTRIES = 36
"""Larger arrays are left out: finite differences take each entry by itself."""
LEAST_DISTANCE = 0.02
"""Nodes nearer to a kink are left out, by far more than the step of a finite difference."""


@dataclass(frozen=True, repr=False)
class Graph:
    """A random graph; ``str()`` shows its formula and the values of its leaves.

    Attributes:
        root: a scalar node J that depends on all the rest.
        parameters: the parameters, at least one.
        data: the leaves of data.
        nodes: all nodes before the weighted sums that make J of them, in the order in which they were made.
    """

    root: Node
    parameters: tuple[Node, ...]
    data: tuple[Node, ...]
    nodes: tuple[Node, ...]

    def __repr__(self) -> str:
        leaves = (f"{leaf.name} = {leaf.role}({np.asarray(leaf.value).tolist()})" for leaf in (*self.parameters, *self.data))
        return "\n".join((*leaves, f"J = {to_text(self.root.formula())}"))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis prints of a failing example."""
        printer.text(repr(self))


def graphs(
    max_operations: int = 6,
    dtype: npt.DTypeLike = np.float64,
    operations: Sequence[str] | None = None,
) -> st.SearchStrategy[Graph]:
    """Random graphs over all operations: scalar root, small arrays, values up to 50, no kink within 0.02.

    Nodes are used once, more than once, or directly by the root. Losses get valid targets, log and sqrt positive
    operands. At such points finite differences make sense, so that a derivative can be checked.

    Args:
        max_operations: about how many operations, not counting the sums that end in the root.
        dtype: float64 or float32.
        operations: names of the operations to choose from, such as ``["matmul", "relu"]``; by default all.

    Raises:
        ValueError: for an unknown operation.

    Example:
        >>> from hypothesis import given, settings
        >>> import minigraph as mg
        >>> @settings(derandomize=True, max_examples=5, deadline=None)
        ... @given(graphs())
        ... def test_gradients(graph):
        ...     assert not mg.check_gradients(graph.root).wrong
        >>> test_gradients()
    """
    names = sorted(RECIPES if operations is None else set(operations))
    if not names or not set(names) <= set(RECIPES):
        raise ValueError(f"graphs: operations are some of {', '.join(sorted(RECIPES))}; not {operations!r}.")
    return _graphs(names, max_operations, dtype)


def nodes() -> st.SearchStrategy[Node]:
    """Nodes of random graphs, of any operation and shape: what ``st.from_type(minigraph.Node)`` draws."""
    return graphs().flatmap(lambda graph: st.sampled_from(graph.nodes))


@st.composite
def _graphs(draw: st.DrawFn, names: Sequence[str], max_operations: int, dtype: npt.DTypeLike) -> Graph:
    builder = Builder(draw, dtype)
    builder.nodes.append(builder.leaf(draw(st.sampled_from(SHAPES)), parameter))
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=max_operations)):
        before = next_number()
        with warnings.catch_warnings(action="ignore", category=GraphWarning):  # a random graph means nothing
            made = RECIPES[name](builder)
        if _is_moderate(made, before):
            builder.nodes.append(made)
        builder.nodes += [leaf for leaf in builder.leaves if leaf.number > before]
    used = {id(operand) for node in ancestors(builder.nodes) for operand in node.inputs}
    ends = [node for node in builder.nodes if id(node) not in used]
    terms = [(np.linspace(0.5, 1.5, node.size, dtype=dtype).reshape(node.shape) * node).sum() for node in ends]
    nodes = ancestors(ends)
    return Graph(
        reduce(operator.add, terms).named("J"),
        tuple(node for node in nodes if node.role is Role.PARAMETER),
        tuple(node for node in nodes if node.role is Role.DATA),
        tuple(nodes),
    )


def _is_moderate(made: Node, before: int) -> bool:
    """Whether the nodes made since are small, of moderate value, and away from kinks."""
    new = [node for node in ancestors([made]) if node.number > before]
    pull(new)
    return all(
        node.size <= MOST_ENTRIES
        and bool(np.all(np.abs(node.value) <= LARGEST_VALUE))
        and operands_to_kink(node) >= LEAST_DISTANCE
        for node in new
    )
