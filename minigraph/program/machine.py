"""The machine of a program: a function that does its instructions, with the state that it keeps and publishes."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from functools import partial
from operator import is_
from typing import Any, TypeAlias

import numpy as np

from minigraph.core.node import Node
from minigraph.core.pulling import Clock
from minigraph.program.backends import Linked, by_numpy
from minigraph.program.graph import ProgramGraph
from minigraph.program.instructions import Instructions
from minigraph.program.memory import LendsValues, empty
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
        self._sources = list(self.instructions.sources)
        self._parts = graph.parts
        states = [state.leaf for state in self.instructions.states]
        self._position = {leaf: 2 * i for i, leaf in enumerate(states)}
        # The value of the first state leaf and memory for its next one, those of the second, and so on, as steps take them.
        self._pairs = [empty(leaf.shape, leaf.dtype) for leaf in states for _ in range(2)]
        scalars = all(node.shape == () for node in graph.outputs)
        self.one = [np.empty(1, node.dtype) for node in graph.outputs] if scalars else None

        self._compared = sum(leaf.size * leaf.dtype.itemsize for leaf in graph.inputs) <= LARGEST_COMPARED
        self._seen: object = None  # the entries of the arrays that the last call gave
        self._own: list[Any] = []  # the values of the other leaves in it
        self._arrays: list[Array] = []  # all of these
        self._read_at = -1  # when the leaves were read: while nobody sets one they are still right
        self._again: Callable[[], int] | None = None  # one more step while they are, if no arrays take turns

        self._run_quietly = contextvars.copy_context().run  # without NumPy's warnings, at a tenth of the cost of np.errstate
        self._run_quietly(np.seterr, all="ignore")

    def kept(self, leaf: Node) -> Array:
        """The leaf's value, in the memory of its state."""
        part = self._parts[leaf]
        array = self._pairs[self._position[part.state]] if self._pairs else self.linked.kept
        assert array is not None
        return part.of(array)

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
                fresh, seen = False, self._seen
                if arrays or Clock.time != self._read_at:
                    fresh, seen = self._read(arrays)
                    self._seen, self._read_at, self._again = None, -1, None  # unless all goes well
                done = self._run_quietly(self._steps, count, fresh, *self._arrays, *self._pairs, published, *results)
            finally:
                self._advance()
                if published[0] is not None and next(iter(published[0])) is not self._pairs[0]:  # all of them are swapped
                    self._pairs = [x for pair in zip(self._pairs[1::2], self._pairs[::2], strict=True) for x in pair]
            self._seen, self._read_at = seen, -1 if arrays else Clock.time
            if self._again is None and self.one and not arrays and not self._pairs:
                self._again = self.linked.one_more(self._arrays, self.one) or partial(
                    self._run_quietly, self._steps, 1, False, *self._arrays, published, *self.one
                )
        finally:
            self._busy.release()
        return done

    def run_again(self) -> bool:
        """One more step like the last, if nobody has set or read a leaf since, and it is finite; whether it was done.

        The same as `run` with nothing to find out, which small nets notice.
        """
        if self._again is None or self._shown or Clock.time != self._read_at or Clock.watched:
            return False
        self._begin()
        try:
            return self._again() == 1
        finally:
            self._busy.release()

    def _read(self, given: Sequence[Array]) -> tuple[bool, object]:
        """Take the data of a call: whether they differ from those of the last one, and by what given arrays are known."""
        self._adopt()
        own = [leaf.value for leaf in self._sources[len(given) :]]
        # The values of leaves are never written, so the same arrays are the same data; given ones are compared if small.
        seen = [array.tobytes() for array in given] if self._compared or not given else object()
        fresh = seen != self._seen or not all(map(is_, own, self._own))
        self._own, self._arrays = own, [*given, *map(np.asarray, own)]
        return fresh, seen
