"""A step as the graph itself does it, operation by operation: the last word where a program's numbers are not finite."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigraph.core.errors import NonFiniteError
from minigraph.core.evaluation import evaluate
from minigraph.core.node import Node
from minigraph.core.pulling import checking
from minigraph.program.graph import Graph
from minigraph.values import Array


def step_by_graph(graph: Graph, arrays: Sequence[Array], results: Sequence[Array], step: int) -> bool:
    """One step; under `check_finite` the first node that is not finite is named, and the leaves stay as they are.

    Args:
        graph: outputs and updates, as the user gave them.
        arrays: values for the first of the inputs.
        results: where the outputs go, into the first row.
        step: its number, for messages.

    Returns:
        Whether every step that follows is the same: the leaves are what they were, to the bit, and all operations pure.

    Raises:
        NonFiniteError: under `check_finite`.
    """
    pure = all(node.op is None or node.op.pure for node in graph.nodes())
    try:
        # What depends on what is given is done anew: what is not pure in each step.
        given: dict[Node, Array] = {} if pure else {leaf: leaf.value for leaf in graph.nodes() if leaf.op is None}
        given |= zip(graph.inputs, arrays, strict=False)
        values = evaluate(graph.roots(), given=given)
    except NonFiniteError as error:
        error.args = (f"step {step}: {error.args[0]}",)
        raise
    for result, value in zip(results, values, strict=False):
        result[0] = value
    following = list(zip(graph.updates, values[len(results) :], strict=True))
    settled = pure and not checking() and all(_same_bits(leaf.value, value) for leaf, value in following)
    for leaf, value in following:
        leaf.value = value
    return settled


def _same_bits(a: Array, b: Array) -> bool:
    return np.asarray(a).tobytes() == np.asarray(b).tobytes()
