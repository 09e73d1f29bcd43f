"""The machine of a program: a function that does its instructions, with the state that it keeps and publishes."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np

from minigraph.core.node import Node
from minigraph.core.pulling import Clock
from minigraph.program.backends import Linked, by_numpy
from minigraph.program.graph import ProgramGraph
from minigraph.program.instructions import Instructions
from minigraph.program.lending import LendsValues
from minigraph.program.memory import States
from minigraph.program.numpy_text.printer import Text, printed
from minigraph.program.step_writer import instructions_for
from minigraph.values import Array

Link: TypeAlias = Callable[[Instructions], Linked]
LARGEST_COMPARED = 1 << 16
"""Arrays given in a call that have not more bytes together are compared with those of the last call."""


class Machine(LendsValues):
    """Runs instructions, and lends the leaves their values.

    Attributes:
        instructions: what it does.
        linked: the same, ready to run.
        one: where a single step puts its outputs, if they are scalars; else None.
    """

    def __init__(self, graph: ProgramGraph, reuse: bool, link: Link = by_numpy):
        """Link the instructions of a graph.

        Args:
            graph: what is done, after all passes.
            reuse: whether memory is used again.
            link: makes the instructions ready to run, by one of the backends.
        """
        super().__init__(graph.parts)
        self.instructions = instructions_for(graph, reuse)
        self.linked = link(self.instructions)
        self._steps = self.linked.steps
        self._states = States(self.instructions, self.linked.kept)
        self._sources = list(self.instructions.sources)
        self._parts = graph.parts
        scalars = all(node.shape == () for node in graph.outputs)
        self.one = [np.empty(1, node.dtype) for node in graph.outputs] if scalars else None

        self._compared = sum(leaf.size * leaf.dtype.itemsize for leaf in graph.inputs) <= LARGEST_COMPARED
        self._known: tuple[Any, ...] | None = None  # the data of the last call
        self._kept: list[Any] = []  # so that an id stands for one array
        self._known_arrays: list[Array] = []
        self._known_at = -1  # when the leaves were read: while nobody sets one they are still right
        self._again: Callable[[], int] | None = None  # one more step while they are, if no arrays take turns

        self._run_quietly = contextvars.copy_context().run  # without NumPy's warnings, at a tenth of the cost of np.errstate
        self._run_quietly(np.seterr, all="ignore")

    @cached_property
    def text(self) -> Text:
        """The instructions as text."""
        return printed(self.instructions)

    def kept(self, leaf: Node) -> Array:
        """The leaf's value, in the memory of its state."""
        return self._states.of(self._parts[leaf])

    def keep(self, leaf: Node, value: Array) -> None:
        """Put a value there."""
        self.kept(leaf)[...] = value

    def run(self, count: int, arrays: Sequence[Array], results: Sequence[Array]) -> int:
        """``count`` steps, or those before the first that is not finite, their outputs into the rows of ``results``.

        Returns:
            How many steps were done.
        """
        self._begin()
        published: list[Any] = [None]
        try:
            try:
                fresh, known, values = False, self._known, self._known_arrays
                if arrays or Clock.time != self._known_at:
                    fresh, known, values, own = self._read(arrays)
                    self._known, self._known_at, self._kept, self._again = None, -1, own, None  # unless all goes well
                done = self._run_quietly(self._steps, count, fresh, *values, *self._states.pairs, published, *results)
            finally:
                self._advance()
                if published[0] is not None:
                    self._states.publish(published[0])
            self._known, self._known_arrays, self._known_at = known, values, -1 if arrays else Clock.time
            if self._again is None and self.one and not arrays and not self._states.pairs:
                self._again = self.linked.one_more(values, self.one) or partial(
                    self._run_quietly, self._steps, 1, False, *values, published, *self.one
                )
        finally:
            self._busy.release()
        return done

    def run_again(self) -> bool:
        """One more step like the last, if nobody has set or read a leaf since, and it is finite; whether it was done.

        The same as `run` with nothing to find out, which small nets notice.
        """
        if self._again is None or self._shown or Clock.time != self._known_at or Clock.watched:
            return False
        self._begin()
        try:
            return self._again() == 1
        finally:
            self._busy.release()

    def _read(self, given: Sequence[Array]) -> tuple[bool, tuple[Any, ...], list[Array], list[Any]]:
        """Whether the data differ from those of the last call, and by what they are known; all arrays, the leaves' own."""
        self._adopt()
        own = [leaf.value for leaf in self._sources[len(given) :]]
        # The values of leaves are never written, so the same arrays are the same data; given ones are compared if small.
        seen = [array.tobytes() for array in given] if self._compared or not given else object()
        known = (seen, *map(id, own))
        return known != self._known, known, [*given, *map(np.asarray, own)], own
