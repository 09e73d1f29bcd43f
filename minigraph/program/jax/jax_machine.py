"""The machine of a program that JAX runs: its state stays on the devices, many steps are one scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from minigraph.core.evaluation import evaluate
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors, run
from minigraph.program.graph import ProgramGraph, dependent
from minigraph.program.inserted_operations import Checked
from minigraph.program.jax.devices import Placement
from minigraph.program.jax.loading import jax_for
from minigraph.program.jax.node_values import from_bits, to_bits, values_of
from minigraph.program.memory import LendsValues
from minigraph.values import Array, locked

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
        self._step = self.jax.jit(self._one_step, out_shardings=placement.whole)
        self._steps = self.jax.jit(self._scanned, static_argnums=2, out_shardings=placement.whole)
        row = sum(node.size * node.dtype.itemsize for node in graph.outputs)
        self._longest = max(1, min(LONGEST_SCAN, LARGEST_ROWS // max(row, 1)))
        self._wary = 0  # so many steps are done one by one
        self._state: list[Any] = [None] * len(self._leaves)
        self._known: dict[Node, tuple[Any, Any]] = {}  # the leaves' own arrays, and where they lie on the devices

    # What JAX compiles

    def _one_step(self, state: Sequence[Any], data: Sequence[Any]) -> tuple[list[Any], list[Any], Any]:
        """The state after a step, the outputs before it, and whether all of it is finite and inside the domains."""
        numpy, graph = self.jax.numpy, self._graph
        given = dict(zip(self._leaves, state, strict=True)) | dict(zip(self.sources, data, strict=True))
        checked = [node.inputs[0] for node in self._checked_within]
        roots = graph.roots()
        values = values_of([*roots, *checked], given, differentiable=False)
        fine = [numpy.isfinite(value).all() for value in values[: len(roots)]]
        fine += [self._in_domain(*pair) for pair in zip(self._checked_within, values[len(roots) :], strict=True)]
        outputs = len(graph.outputs)
        return values[outputs : len(roots)], values[:outputs], numpy.array([True, *fine]).all()

    def _scanned(self, state: Sequence[Any], data: Sequence[Any], length: int) -> tuple[list[Any], list[Any], Any]:
        """The state after many steps, and a row of outputs for each."""

        def step(state: Any, _: None) -> Any:
            new, outputs, fine = self._one_step(state, data)
            return new, (outputs, fine)

        new, (outputs, fine) = self.jax.lax.scan(step, state, None, length=length)
        return new, outputs, fine

    def _in_domain(self, node: Node, value: Any) -> Any:
        """Whether the operation accepts the value that it checks, as its own check in Python finds."""

        def accepted(array: Any) -> Any:
            try:
                run(node, [locked(from_bits(array, node))])
            except Exception:  # the graph itself will raise it, with the names of its nodes
                return np.False_
            return np.True_

        form = self.jax.ShapeDtypeStruct((), np.bool_)
        return self.jax.pure_callback(accepted, form, to_bits(value), vmap_method="sequential")

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
                    if whole < length:
                        self._wary = WARY_FOR
                        break
                    self._wary = max(0, self._wary - length)
                return done
        finally:
            self._busy.release()

    def run_again(self) -> bool:
        """Never: a step has no shorter way here."""
        return False

    def _run(self, length: int, data: Sequence[Any], rows: Sequence[Array]) -> int:
        """So many steps at once; those before the first that is not finite count."""
        state = self._state
        if length == 1:
            new, outputs, fine = self._step(state, data)
            outputs, whole = [np.asarray(output)[None] for output in outputs], int(fine)
        else:
            new, outputs, fine = self._steps(state, data, length)
            whole = length if (flags := np.asarray(fine)).all() else int(np.argmin(flags))
            if whole < length:
                new = state
                for _ in range(whole):
                    new, *_ = self._step(new, data)
        for row, output in zip(rows, outputs, strict=True):
            row[:whole] = np.asarray(output)[:whole]
        if whole:
            self._advance()
            self._state = new  # in one store: an interrupt comes before or after
        return whole

    def _read(self, given: Sequence[Any]) -> list[Any]:
        """All arrays on the devices; those of leaves that nobody has set since they were put there lie there already."""
        self._adopt()
        own = self.sources[len(given) :]
        new = {leaf: leaf.value for leaf in own if leaf not in self._known or self._known[leaf][0] is not leaf.value}
        if given or new:
            values = dict(zip(self.sources, [*given, *(leaf.value for leaf in own)], strict=True))
            self._check({leaf: value for leaf, value in values.items() if not isinstance(value, self.jax.Array)})
        for leaf, value in new.items():
            self._known[leaf] = value, self.placement.put(value, leaf)
        return [*map(self.placement.put, given, self.sources), *(self._known[leaf][1] for leaf in own)]

    def _check(self, local: Mapping[Node, Any]) -> None:
        """Raise the error of data outside a domain; of arrays that lie in other processes, too, nothing is known."""
        elsewhere = set(self.sources) - set(local)
        evaluate([x for x in self._checked_before if elsewhere.isdisjoint(ancestors([x]))], given=local)

    def kept(self, leaf: Node) -> Any:
        """The leaf's value, on the devices."""
        return self._state[self._leaves.index(leaf)]

    def keep(self, leaf: Node, value: Array) -> None:
        """Put a value there."""
        self._state[self._leaves.index(leaf)] = self.placement.put(value, leaf)


def read_leaves(graph: ProgramGraph) -> list[Node]:
    """The leaves whose arrays a step reads, and does not update: inputs first."""
    others = [
        node for node in graph.nodes() if node.op is None and node.role is not Role.LITERAL and node not in graph.updates
    ]
    return list(dict.fromkeys([*graph.inputs, *others]))
