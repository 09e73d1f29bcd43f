"""`Program`: a compiled step, with the state that it keeps and publishes."""

from __future__ import annotations

import contextvars
import operator
import threading
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy import ndarray

from minigraph.errors import ShapeError, describe
from minigraph.evaluation import check_finite, evaluate
from minigraph.node import Node
from minigraph.program.blocks import PAYS_FROM, BlockLoop, in_blocks
from minigraph.program.gram_loop import LEAST_GAIN, GramLoop, gram_loop
from minigraph.program.graph import Graph
from minigraph.program.passes import transformed
from minigraph.program.scheduling import own_memory, schedule
from minigraph.program.states import States
from minigraph.program.text import Text
from minigraph.program.writing import Emitter
from minigraph.pulling import Clock
from minigraph.values import Array, to_array

LARGEST_COMPARED = 1 << 16
"""Arrays given in a call that have not more bytes together are compared with those of the last call."""


class Program:
    """One step of a graph as a Python function over NumPy. Made by `compile`.

    Calling it does one step: the outputs are computed, then the updates, all from the values before the
    step; then the updated leaves have their new values. Arrays given in a call stand for the inputs in
    this call only; without arrays the inputs' own values are taken.

    A program belongs to one thread at a time. Programs over the same leaves take turns: each sees what
    the other, or an assignment by hand, has done to them.
    """

    def __init__(self, graph: Graph, single: bool, gram: bool = True, without: Collection[str] = ()):
        self.graph = graph
        self._single = single
        self._gram = gram and bool(graph.updates)
        self._without = tuple(without)
        final, self._notes = transformed(graph, without)
        self._final = own_memory(final)
        plan = schedule(self._final)
        self.text: Text = Emitter(self._final, plan, reuse="reuse" not in without).write()
        namespace = dict(self.text.namespace)
        exec(compile(self.text.source, f"<program {id(self):x}>", "exec"), namespace)
        self._steps: Callable[..., None] = namespace["steps"]
        in_place = self.text.in_place
        self._states = States(self.text.states, None if in_place is None else (in_place[0], namespace[in_place[1]]))
        self._varying = len(graph.varying)
        self._compared = sum(leaf.size * leaf.dtype.itemsize for leaf in graph.inputs[self._varying :]) <= LARGEST_COMPARED
        self._results = [(node.shape, node.dtype) for node in graph.outputs]
        scalars = all(shape == () for shape, _ in self._results)
        self._one = [np.empty(1, dtype) for _, dtype in self._results] if scalars else None
        self._repeated = 0  # steps in calls of `repeat`
        self._known: tuple[Any, ...] | None = None  # the data of the last call
        self._kept: list[Any] = []  # so that an id stands for one array
        self._known_arrays: list[Array] = []
        self._known_at = -1  # when the leaves were read: while nobody sets one they are still right
        self._parts = list(final.parts.items())
        self._part_of = dict(final.parts)
        self.published_at = -1
        self._shown = bool(self._parts)  # whether a value from before the next step may have been read
        self._busy = threading.Lock()
        self._run_quietly = contextvars.copy_context().run  # without NumPy's warnings, at a tenth of the cost of np.errstate
        self._run_quietly(np.seterr, all="ignore")

    @property
    def source(self) -> str:
        """The Python text that runs."""
        return self.text.source

    def source_for(self, count: int) -> str:
        """The Python text that ``repeat(count)`` runs: ``source``, or that of the Gram rewrite, or that of many steps."""
        if self.uses_gram(count):
            assert self._loop is not None
            return self._loop.program.source_for(count)
        loop = self._loop_by_blocks(count)
        if loop is None:
            return self.source
        return f"{loop.steps.source}\n\n# and after each {loop.length} steps:\n\n{loop.ends.source}"

    def report(self) -> str:
        """What each pass did, and what is left: operations in a step, buffers, bytes."""
        memory = self.text.memory
        return "\n".join(
            [
                *self._notes,
                self._gram_note(),
                self._blocks_note(),
                f"a step is {self.text.calls} calls of NumPy",
                f"{memory.count} buffers of {memory.bytes:,} bytes; memory used again: {memory.saved:,} bytes",
            ]
        )

    def _gram_note(self) -> str:
        if not self._gram:
            return "gram     left out"
        if self._loop is None:
            return "gram     not possible: it needs a W that is read only as W X, X data, and updated by W, D Xᵀ and numbers"
        least, carried = self._loop.least(), self._loop.carried()
        if least is None:
            return f"gram     repeat does not carry {carried}: that would not take far fewer multiplications"
        return f"gram     repeat({least}) and longer carries {carried} instead"

    def _blocks_note(self) -> str:
        if "blocks" in self._without:
            return "blocks   left out"
        if self._blocks is None:
            return "blocks   not used: what only outputs need is nothing, or large, or not done for many steps at once"
        return f"blocks   outputs of {self._blocks.length} steps at once, once repeat has done {PAYS_FROM:,} steps"

    def __call__(self, *arrays: npt.ArrayLike) -> Any:
        """One step.

        Args:
            arrays: values for the inputs, in order; none to take the inputs' own.

        Returns:
            The output, or a list of them if ``outputs`` was a list: as they were before the updates.

        Raises:
            TypeError: for a wrong number of arrays.
            ShapeError: if an array has not its input's shape.
        """
        results = self._one or self._rows(1)
        run = self._run_checked if Clock.checking else self.run
        run(1, self._fitted(arrays) if arrays else (), results)
        return results[0][0] if self._single else [result[0] for result in results]

    def repeat(self, count: int, *arrays: npt.ArrayLike) -> Any:
        """Many steps on the same data; the outputs of each step.

        An exception or an interrupt leaves the leaves as they were after the last whole step.

        Args:
            count: how many steps.
            arrays: values for the inputs, in order; none to take the inputs' own.

        Returns:
            An array with one row a step: of shape ``(count,)`` for a scalar output; a list of them if
            ``outputs`` was a list.

        Raises:
            ValueError: for a negative count.
            TypeError: for a count that is not a whole number.
        """
        count = operator.index(count)
        if count < 0:
            raise ValueError(f"repeat: the number of steps can't be negative: {count}.")
        given = self._fitted(arrays)
        if Clock.checking:
            results: Sequence[Array] = self._rows(count)
            self._run_checked(count, given, results)
        elif self.uses_gram(count):
            assert self._loop is not None
            results = self._loop.run(count, given)
        else:
            results = self._rows(count)
            loop = self._loop_by_blocks(count)
            first = count % loop.length if loop else count
            self.run(first, given, [result[:first] for result in results])  # none as well: it refuses what is to be refused
            if loop:
                loop.run(given, [result[first:] for result in results])
            self._repeated += count
        return results[0] if self._single else results

    def uses_gram(self, count: int) -> bool:
        """Whether ``repeat(count)`` carries products W X instead of W; see the performance page of the docs."""
        loop = self._loop if self._gram and not Clock.checking else None
        return loop is not None and loop.gain(count) > LEAST_GAIN

    def _loop_by_blocks(self, count: int) -> BlockLoop | None:
        """The loop that computes the outputs of many steps at once, if ``repeat(count)`` uses it."""
        return self._blocks if self._repeated + count >= PAYS_FROM else None

    @cached_property
    def _blocks(self) -> BlockLoop | None:
        """That loop, if the graph has the form for it."""
        if "blocks" in self._without:
            return None
        blocks = in_blocks(transformed(self.graph, self._without, last="expand")[0])
        return None if blocks is None else BlockLoop(blocks, self._program_for)

    @cached_property
    def _loop(self) -> GramLoop | None:
        """The loop that carries products, if the graph has the form for it."""
        return gram_loop(self.graph, self._without, self._program_for)

    def _program_for(self, graph: Graph) -> Program:
        """A program for what a loop repeats, by the same passes."""
        return Program(graph, False, False, self._without)

    # State

    def _adopt(self) -> None:
        """Take the leaves' values where somebody else has set them since the last step."""
        for leaf, part in self._parts:
            if leaf._lender is not self:
                self._shown = True  # so that whoever kept it notices after the step
                value = leaf.value
                self._states.of(part)[...] = value
                leaf._lend(self)

    def lent(self, leaf: Node) -> Array:
        """A copy of the leaf's value, for `Node.value`."""
        self._shown = True
        return np.array(self._states.of(self._part_of[leaf]))

    # Running

    def _fitted(self, arrays: Sequence[npt.ArrayLike]) -> list[Array]:
        """The arrays of a call as they are needed."""
        inputs = self.graph.inputs
        if arrays and len(arrays) != len(inputs):
            raise TypeError(
                f"the program takes {len(inputs)} arrays, or none to use the inputs' own values; not {len(arrays)}"
            )
        return list(map(_fitting, arrays, inputs))

    def _rows(self, count: int) -> list[Array]:
        """Arrays for the outputs of so many steps."""
        return [np.empty((count, *shape), dtype) for shape, dtype in self._results]

    def run(self, count: int, arrays: Sequence[Array], results: Sequence[Array]) -> None:
        """``count`` steps, their outputs into the rows of ``results``."""
        if not self._busy.acquire(False):
            raise RuntimeError("the program is running already: give each thread a program of its own.")
        published: list[Any] = [None]
        try:
            try:
                fresh, known, values = False, self._known, self._known_arrays
                if arrays or Clock.time != self._known_at:
                    fresh, known, values, own = self._read(arrays)
                    self._known, self._known_at, self._kept = None, -1, own  # unless all goes well
                self._run_quietly(self._steps, count, fresh, *values, *self._states.pairs, published, *results)
            finally:
                if self._shown:  # else nobody has seen the values before: time need not advance
                    self._shown, self.published_at = False, Clock.tick()
                if published[0] is not None:
                    self._states.publish(published[0])
            self._known, self._known_arrays, self._known_at = known, values, -1 if arrays else Clock.time
        finally:
            self._busy.release()

    def _read(self, given: Sequence[Array]) -> tuple[bool, tuple[Any, ...], list[Array], list[Any]]:
        """Whether the data differ from those of the last call, and by what they are known; all arrays, the leaves' own."""
        if self._parts and Clock.time != self.published_at:
            self._adopt()
        own = [leaf.value for leaf in self.text.sources[len(given) :]]
        # The values of leaves are never written, so the same arrays are the same data; given ones are compared if small.
        fixed = given[self._varying :]
        seen = [array.tobytes() for array in fixed] if self._compared or not fixed else object()
        known = (seen, *map(id, own))
        return known != self._known, known, [*given, *map(np.asarray, own)], own

    def _run_checked(self, count: int, arrays: Sequence[Array], results: Sequence[Array]) -> None:
        """Step by step, under `check_finite`; a step that gives a NaN or infinity is undone."""
        for step in range(count):
            before = {leaf: leaf.value for leaf in self.graph.updates}
            row = [result[step : step + 1] for result in results]
            self.run(1, arrays, row)
            if not all(np.isfinite(array).all() for array in (*row, *self._states.values())):
                for leaf, value in before.items():
                    leaf.value = value
                self._name_culprit(step, arrays)

    def _name_culprit(self, step: int, arrays: Sequence[Array]) -> None:
        """Raise for the node that gave the first NaN or infinity, as the graph itself finds it."""
        roots = [*self.graph.outputs, *self.graph.updates.values()]
        try:
            with check_finite():
                evaluate(roots, given=dict(zip(self.graph.inputs, arrays, strict=False)))
        except ArithmeticError as error:
            error.args = (f"step {step}: {error.args[0]}",)
            raise


def _fitting(array: npt.ArrayLike, leaf: Node) -> Array:
    """The array itself if it can be read as it is, else a copy of the leaf's dtype."""
    if type(array) is ndarray and array.shape == leaf.shape and array.dtype == leaf.dtype and array.flags.forc:
        return array
    array = to_array(array, leaf.dtype, repr(leaf.name or "input"))
    if array.shape != leaf.shape:
        raise ShapeError(
            f"{describe(leaf)}, but the array given for it is {array.shape}. A program serves the size it was compiled "
            "for; mg.compile(build) with a function that builds the graph serves every size.",
            operands=(leaf,),
        )
    return array
