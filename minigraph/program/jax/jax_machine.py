"""The machine of a program that JAX runs: its state stays on the devices, many steps are one scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from minigraph.core.evaluation import evaluate
from minigraph.core.node import Node
from minigraph.core.pulling import ancestors, run
from minigraph.program.arguments import LEAVES
from minigraph.program.graph import ProgramGraph, dependent
from minigraph.program.inserted_operations import Checked
from minigraph.program.jax.devices import Placement
from minigraph.program.jax.loading import jax_for
from minigraph.program.jax.node_values import called_back, values_of
from minigraph.program.memory import LendsValues
from minigraph.values import Array

LONGEST_SCAN = 1024
"""At most so many steps are one scan: between two of them whole steps are published, and Ctrl-C is heard."""
LARGEST_ROWS = 1 << 26
"""A scan is shorter where the outputs of its steps would take more bytes."""
WARY_FOR = 64
"""After a step that was not finite so many are done one by one, before a scan is tried again."""


class JaxMachine(LendsValues):
    """Runs steps by JAX, and lends the leaves their values.

    Attributes:
        placement: the devices, and what is split over them.
        sources: the leaves whose arrays a step reads, inputs first.
        one: None; where another machine keeps the outputs of single steps.
    """

    one = None

    def __init__(self, graph: ProgramGraph, sources: Sequence[Node], placement: Placement):
        super().__init__(graph.updates)
        self.jax = jax_for("compile with backend='jax'")
        self.placement, self.sources, self._graph = placement, list(sources), graph
        wide = any(node.dtype == np.float64 for node in graph.nodes())
        self._bits = partial(self.jax.enable_x64, wide)  # holds for this thread, and for nobody else's computations
        changing = dependent(graph.nodes(), self._leaves)
        looked_at = [node for node in graph.nodes() if isinstance(node.op, Checked)]
        self._checked_before = [node for node in looked_at if node not in changing]
        self._checked_within = [node for node in looked_at if node in changing]
        self._steps = self.jax.jit(self._scanned, static_argnums=2, out_shardings=placement.whole)
        row = sum(node.size * node.dtype.itemsize for node in graph.outputs)
        self._longest = max(1, min(LONGEST_SCAN, LARGEST_ROWS // max(row, 1)))
        self._wary = 0  # so many steps are done one by one
        self._state: list[Any] = [None] * len(self._leaves)
        self._known: dict[Node, tuple[Any, Any]] = {}  # the leaves' own arrays, and where they lie on the devices

    # What JAX compiles

    def _one_step(self, state: Sequence[Any], data: Sequence[Any]) -> tuple[list[Any], tuple[list[Any], Any]]:
        """The state after a step; the outputs before it, and whether all of it is finite and inside the domains."""
        numpy, graph = self.jax.numpy, self._graph
        given = dict(zip(self._leaves, state, strict=True)) | dict(zip(self.sources, data, strict=True))
        roots, outputs = graph.roots(), len(graph.outputs)
        values = values_of([*roots, *(node.inputs[0] for node in self._checked_within)], given, differentiable=False)
        values, checked = values[: len(roots)], values[len(roots) :]
        fine = [numpy.sum(0 * value) == 0 for value in values]  # 0 · ∞ and 0 · NaN are NaN; this is quicker than to ask each
        fine += map(self._in_domain, self._checked_within, checked)
        return values[outputs:], (values[:outputs], numpy.array([True, *fine]).all())

    def _scanned(self, state: Sequence[Any], data: Sequence[Any], length: int) -> Any:
        """The same for many steps: the state after all of them, and a row of the rest for each."""
        return self.jax.lax.scan(lambda state, _: self._one_step(state, data), state, None, length=length)

    def _in_domain(self, node: Node, value: Any) -> Any:
        """Whether the operation accepts the value that it checks, as its own check in Python finds."""

        def accepted(array: Any) -> Any:
            try:
                run(node, [array])
            except Exception:  # the graph itself will raise it, with the names of its nodes
                return np.False_
            return np.True_

        return called_back(accepted, self.jax.ShapeDtypeStruct((), np.bool_), node.inputs, [value])

    def text(self) -> str:
        """A step as JAX has traced it."""
        with self._bits():
            forms = [self.jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in [*self._leaves, *self.sources]]
            count = len(self._leaves)
            return str(self.jax.make_jaxpr(self._one_step)(forms[:count], forms[count:]))

    # Running

    def run(self, count: int, arrays: Sequence[Any], results: Sequence[Array]) -> int:
        """``count`` steps, or those before the first that is not finite, their outputs into the rows of ``results``.

        Returns:
            How many steps were done.
        """
        self._begin()
        try:
            with self._bits():
                data = self._read(arrays)
                done = 0
                while done < count:
                    length = 1 if self._wary else min(count - done, self._longest)
                    whole = self._run(length, data, [result[done : done + length] for result in results])
                    done += whole
                    self._wary = WARY_FOR if whole < length else max(0, self._wary - length)
                    if whole < length:
                        break
                return done
        finally:
            self._busy.release()

    def run_again(self) -> bool:
        """Never: a step has no shorter way here."""
        return False

    def _run(self, length: int, data: Sequence[Any], rows: Sequence[Array]) -> int:
        """So many steps at once; those before the first that is not finite count."""
        state, (outputs, fine) = self._steps(self._state, data, length)
        flags = np.asarray(fine)
        whole = length if flags.all() else int(np.argmin(flags))
        if whole < length:
            state = self._state
            for _ in range(whole):
                state, _ = self._steps(state, data, 1)
        for row, output in zip(rows, outputs, strict=True):
            row[:whole] = np.asarray(output)[:whole]
        if whole:
            self._advance()
            self._state = state  # in one store: an interrupt comes before or after
        return whole

    def _read(self, given: Sequence[Any]) -> list[Any]:
        """All arrays on the devices; those of leaves that nobody has set since they were put there lie there already."""
        self._adopt()
        own = self.sources[len(given) :]
        values = dict(zip(self.sources, [*given, *(leaf.value for leaf in own)], strict=True))
        new = [leaf for leaf in own if self._known.get(leaf, (None,))[0] is not values[leaf]]
        if given or new:
            self._check(values)
        for leaf in new:
            self._known[leaf] = values[leaf], self.placement.put(values[leaf], leaf)
        return [*map(self.placement.put, given, self.sources), *(self._known[leaf][1] for leaf in own)]

    def _check(self, values: Mapping[Node, Any]) -> None:
        """Raise the error of data outside a domain; of arrays of JAX, which may lie in other processes, nothing is known."""
        elsewhere = {leaf for leaf, value in values.items() if isinstance(value, self.jax.Array)}
        known = [x for x in self._checked_before if elsewhere.isdisjoint(ancestors([x]))]
        evaluate(known, given={leaf: value for leaf, value in values.items() if leaf not in elsewhere})

    def kept(self, leaf: Node) -> Any:
        """The leaf's value, on the devices."""
        return self._state[self._leaves.index(leaf)]

    def keep(self, leaf: Node, value: Array) -> None:
        """Put a value there."""
        self._state[self._leaves.index(leaf)] = self.placement.put(value, leaf)


def read_leaves(graph: ProgramGraph) -> list[Node]:
    """The leaves whose arrays a step reads, and does not update: inputs first."""
    others = [node for node in graph.nodes() if node.role in LEAVES and node not in graph.updates]
    return list(dict.fromkeys([*graph.inputs, *others]))
