"""`Program`: a compiled step, with the state that it keeps and publishes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy import ndarray

from minigraph.core.calling_lines import many_nodes
from minigraph.core.errors import ShapeError, describe
from minigraph.core.node import Node
from minigraph.core.pulling import Clock, checking, refuse_while_tracing
from minigraph.program.backends import BACKENDS, has_quick_calls
from minigraph.program.graph import ProgramGraph, step_by_graph
from minigraph.program.loops.gram_rewrite import gram_loop
from minigraph.program.loops.loop import Loop
from minigraph.program.loops.one_reading import reading_loop
from minigraph.program.machine import Machine
from minigraph.program.numpy_text.printer import printed
from minigraph.program.passes import transformed
from minigraph.values import Array, to_array, whole_number

APART = ("flatten", "reuse")
"""The passes that a loop does without whose machine changes the order: they put into one memory what it takes apart."""


class Program:
    """One step of a graph as a Python function over NumPy. Made by `compile`.

    Calling it does one step: the outputs are computed, then the updates, all from the values before the
    step; then the updated leaves have their new values. Arrays given in a call stand for the inputs in
    this call only; without arrays the inputs' own values are taken.

    A program belongs to one thread at a time. Programs over the same leaves take turns: each sees what
    the other, or an assignment by hand, has done to them.

    Attributes:
        graph: what it was compiled from.
        machine: what does its instructions, and keeps the state.
    """

    def __init__(self, graph: ProgramGraph, single: bool, without: Collection[str] = (), backend: str = "auto"):
        self.graph = graph
        self._single = single
        self._without, self._backend = tuple(without), backend
        with many_nodes():
            self._passed = transformed(replace(graph, quick_calls=has_quick_calls(backend)), without)
            self.machine = Machine(self._passed.graph, "reuse" in self._passed.stages, BACKENDS[backend])
        self._by_graph = 0  # steps that were not finite here

    @property
    def source(self) -> str:
        """The instructions as Python text over NumPy: what runs, but for the backend "native"."""
        return printed(self.machine.instructions)[0]

    def source_for(self, count: int) -> str:
        """The text of what ``repeat(count)`` runs: ``source``, or that of a loop that carries products."""
        loop = self._loop_for(count)
        return self.source if loop is None else loop.program.source_for(count)

    def report(self) -> str:
        """What each pass did, what runs the program and why, and what is left: instructions in a step, buffers, bytes."""
        done = self.machine.instructions
        notes = dict(self._passed.notes)
        notes |= {"gram": self._gram_note()} if "gram" in self._passed.stages else {}
        notes |= {"reading": self._reading_note()} if "reading" in self._passed.stages else {}
        return "\n".join(
            [
                *notes.values(),
                *self._graph_note(),
                f"backend  {self.machine.linked.why}",
                f"a step is {done.calls} instructions",
                f"{done.owned} buffers of {done.bytes:,} bytes; memory used again: {done.saved:,} bytes",
            ]
        )

    def _gram_note(self) -> str:
        if not self.graph.updates:
            return "gram     left out"
        if self._loop is None:
            return (
                "gram     not possible: it needs a W that is read only as W X, X fixed, and updated by W, D Xᵀ and numbers; "
                "a ‖W‖² that an output shows rules it out (leave it out of the outputs, or write it as weight decay)"
            )
        least, carried = self._loop.least, self._loop.carried
        if least is None:
            return f"gram     repeat does not carry {carried}: that would not take far fewer multiplications"
        return f"gram     repeat({least}) and longer carries {carried} instead"

    def _reading_note(self) -> str:
        if self._reading is None:
            return "reading  nothing to do: it is for the interpreter, and a large X with few examples that does not change"
        twice = "but X is read twice: what stands between D Xᵀ and W X can't be done for some rows of X at a time"
        once = "to read X once a step" if self._reading.program.reads_once() else twice
        return f"reading  repeat({self._reading.least}) and longer carries {self._reading.carried} too, {once}"

    def _graph_note(self) -> list[str]:
        if not self._by_graph:
            return []
        steps = "1 step was" if self._by_graph == 1 else f"{self._by_graph:,} steps were"
        return [f"finite   {steps} not finite in the program, and done by the graph itself, without the passes above"]

    def __call__(self, *arrays: npt.ArrayLike) -> Any:
        """One step.

        Args:
            arrays: values for the inputs, in order; none to take the inputs' own.

        Returns:
            The output, or a list of them if ``outputs`` was a list: as they were before the updates.

        Raises:
            TypeError: for a wrong number of arrays.
            ShapeError: if an array does not have its input's shape.
        """
        machine = self.machine
        results = machine.one or self._rows(1)
        if arrays or checking() or not machine.run_again():
            given = self._fitted(arrays)
            if checking() or not machine.run(1, given, results):
                self._step_by_graph(0, given, results)
        return results[0][0] if self._single else [result[0] for result in results]

    def repeat(self, count: int, *arrays: npt.ArrayLike) -> Any:
        """Many steps on the same data; the outputs of each step.

        An exception or an interrupt leaves the leaves as they were after the last whole step.

        Args:
            count: how many steps.
            arrays: values for the inputs, in order; none to take the inputs' own.

        Returns:
            An array with one row per step: of shape ``(count,)`` for a scalar output; a list of them if
            ``outputs`` was a list.

        Raises:
            ValueError: for a negative count.
            TypeError: for a count that is not a whole number.
        """
        count = whole_number(count, "repeat: the number of steps")
        if count < 0:
            raise ValueError(f"repeat: the number of steps can't be negative: {count}.")
        given, results = self._fitted(arrays), self._rows(count)
        loop = self._loop_for(count)
        done = 0 if loop is None else loop.run(count, given, results)
        self._run(count - done, given, [result[done:] for result in results])
        return results[0] if self._single else results

    def _run(self, count: int, arrays: Sequence[Array], results: Sequence[Array]) -> None:
        """Steps of the program; of the graph itself where that of the program is not finite, and under `check_finite`."""
        done = 0
        while done < count:
            if not checking():
                done += self.finite_steps(count - done, arrays, [result[done:] for result in results])
            if done < count:
                settled = self._step_by_graph(done, arrays, [result[done:] for result in results])
                done += 1
                if settled:  # as NaN is: all that follows is the same
                    for result in results:
                        result[done:] = result[done - 1]
                    return

    def finite_steps(self, count: int, arrays: Sequence[Array], results: Sequence[Array]) -> int:
        """Steps of the program up to the first that is not finite; how many were done.

        Args:
            count: how many steps at most.
            arrays: values for the first of the inputs.
            results: where the outputs go, a row for each step.
        """
        return self.machine.run(count, arrays, results)

    def reads_once(self) -> bool:
        """Whether the interpreter does D Xᵀ and W X by blocks of rows of X, so that it reads X once a step."""
        machine = self.machine
        return machine.linked.has_blocks([np.empty(leaf.shape, leaf.dtype) for leaf in machine.instructions.sources])

    def uses_gram(self, count: int) -> bool:
        """Whether ``repeat(count)`` carries products W X instead of W; see the performance page of the docs."""
        loop = self._loop_for(count)
        return loop is not None and loop is self._loop

    def _loop_for(self, count: int) -> Loop | None:
        """What does so many steps quicker than one after the other would be."""
        for loop in () if checking() else (self._loop, self._reading):
            if loop is not None and loop.least is not None and count >= loop.least:
                return loop
        return None

    @cached_property
    def _reading(self) -> Loop | None:
        """The loop that reads X once a step, if the graph has an X for which that pays."""
        stage = self._passed.stages.get("reading")
        if stage is None or self.machine.linked.backend != "native":
            return None
        return reading_loop(stage, partial(self._program_for, without=APART))

    @cached_property
    def _loop(self) -> Loop | None:
        """The loop that carries products, if the graph has the form for it."""
        stage = self._passed.stages.get("gram")
        return None if stage is None else gram_loop(stage, self._program_for)

    def _program_for(self, graph: ProgramGraph, without: Collection[str] = ()) -> Program:
        """A program for what a loop with products repeats, by the same passes."""
        return Program(graph, False, (*self._without, "gram", "reading", *without), self._backend)

    def _fitted(self, arrays: Sequence[npt.ArrayLike]) -> list[Array]:
        """The arrays of a call as they are needed."""
        if Clock.watched:
            refuse_while_tracing("a program is called", "Call it before, and let the function use what it returned.")
        inputs = self.graph.inputs
        if arrays and len(arrays) != len(inputs):
            raise TypeError(
                f"the program takes {len(inputs)} arrays, or none to use the inputs' own values; not {len(arrays)}"
            )
        return list(map(self._fitting, arrays, inputs))

    def _rows(self, count: int) -> list[Array]:
        """Arrays for the outputs of so many steps."""
        return [np.empty((count, *node.shape), node.dtype) for node in self.graph.outputs]

    def _step_by_graph(self, step: int, arrays: Sequence[Array], results: Sequence[Array]) -> bool:
        self._by_graph += not checking()
        return step_by_graph(self.graph, arrays, results, step)

    def _fitting(self, array: npt.ArrayLike, leaf: Node) -> Array:
        """The array itself if it can be read as it is, else a copy of the leaf's dtype."""
        if (
            type(array) is ndarray
            and (array.shape, array.dtype) == (leaf.shape, leaf.dtype)
            and array.flags.forc
            and array.flags.aligned
        ):
            return array
        array = to_array(array, leaf.dtype, repr(leaf.name or "input"))
        if array.shape != leaf.shape:
            raise ShapeError(
                f"{describe(leaf)}, but the array given for it is {array.shape}. A program serves the size it was compiled "
                "for; mg.compile(build) with a function that builds the graph serves every size.",
                operands=(leaf,),
            )
        return array
