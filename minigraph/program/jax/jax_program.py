"""A program that JAX runs, on one device or on many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph.core.calling_lines import many_nodes
from minigraph.core.errors import NonFiniteError, describe
from minigraph.core.node import Node
from minigraph.program.graph import ProgramGraph
from minigraph.program.jax.devices import Placement, chosen, split_axes
from minigraph.program.jax.function import refuse_impure
from minigraph.program.jax.jax_machine import JaxMachine, read_leaves
from minigraph.program.passes import transformed
from minigraph.program.passes.expanding import check_once
from minigraph.program.program import Program
from minigraph.values import Array

NOT_FOR_JAX = ("gram", "reading", "stack", "flatten", "levels", "relu", "recompute", "reuse")
"""Passes that save calls of NumPy and memory: JAX's compiler has its own ways, and shares nothing with them."""


class JaxProgram(Program):
    """One step of a graph, run by JAX. Made by `compile` with ``backend="jax"``.

    It does what every `Program` does. The state stays on the devices until somebody reads a leaf's value, and ``repeat`` is
    one scan. Arrays of JAX that lie on the devices already are taken as they are, so that a process needs to hold no more
    than its own part of the data.

    Attributes:
        machine: what runs, and keeps the state.
    """

    machine: JaxMachine  # type: ignore[assignment]  # it has the same methods

    def __init__(
        self, graph: ProgramGraph, single: bool, without: Collection[str], devices: Sequence[Any], split: Any, fixed: bool
    ):
        refuse_impure(graph.nodes(), "compile")
        self.graph, self._single = graph, single
        sources = read_leaves(graph)
        placement = Placement(devices, split_axes(split, sources, len(devices), fixed))
        with many_nodes():
            self._passed = transformed(graph, {*without, *NOT_FOR_JAX})
            self.machine = JaxMachine(check_once(self._passed.graph), sources, placement)
        self._results = [(node.shape, node.dtype) for node in graph.outputs]
        self._by_graph = 0

    @property
    def source(self) -> str:
        """A step as JAX has traced it: its own language of operations."""
        return self.machine.text()

    def report(self) -> str:
        """What each pass did, and where it runs."""
        notes = [note for name, note in self._passed.notes.items() if name not in NOT_FOR_JAX]
        return "\n".join([*notes, *self._graph_note(), f"backend  jax: {self.machine.placement}"])

    def _fitting(self, array: npt.ArrayLike, leaf: Node) -> Any:
        """An array of JAX as it is, if it has the leaf's shape and dtype: it may lie on devices of other processes."""
        if isinstance(array, self.machine.jax.Array) and array.shape == leaf.shape and array.dtype == leaf.dtype:
            return array
        return super()._fitting(array, leaf)

    def _step_by_graph(self, step: int, arrays: Sequence[Any], results: Sequence[Array]) -> bool:
        """A step by the graph, which needs all of the data in this process."""
        for array, leaf in zip(arrays, self.graph.inputs, strict=False):
            if isinstance(array, self.machine.jax.Array) and not array.is_fully_addressable:
                raise NonFiniteError(
                    f"step {step} is not finite, and the graph itself can't do it: {describe(leaf)}, and this process holds "
                    "only a part of its array.",
                    leaf,
                )
        return super()._step_by_graph(step, [np.asarray(array) for array in arrays], results)


def jax_maker(without: Collection[str], devices: Any, split: Any, fixed: bool) -> Callable[[ProgramGraph, bool], JaxProgram]:
    """What makes programs for these devices; ``fixed`` if all will be of one size."""
    found = chosen(devices, many=split is not None)
    return partial(JaxProgram, without=without, devices=found, split=split, fixed=fixed)
