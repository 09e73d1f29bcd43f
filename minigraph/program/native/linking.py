"""`linked`: instructions as rows over arrays, and the function that does their steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from operator import is_
from typing import Any, TypeAlias

import numpy as np

from minigraph.core.node import Node
from minigraph.program.graph import Part
from minigraph.program.instructions import Instruction, Instructions, Kind, Place
from minigraph.program.memory import empty
from minigraph.program.native.by_blocks import by_blocks
from minigraph.program.native.library import Library
from minigraph.program.native.rows import ENTRY_BY_ENTRY, OPERANDS, AnyCall, Call, Now, PythonCall
from minigraph.program.native.running import Steps
from minigraph.program.python_calls import Check, Forward
from minigraph.values import Array

BY_NUMPY: dict[str, Callable[..., Any]] = {
    "add.reduce": lambda x, axes, keepdims, out: np.add.reduce(x, axes, out=out, keepdims=keepdims),
    "maximum.reduce": lambda x, axes, keepdims, out: np.maximum.reduce(x, axes, out=out, keepdims=keepdims),
    "add.accumulate": lambda x, axis, out: np.add.accumulate(x, axis, out=out),
    "dot": lambda a, b, out: np.matmul(a, b, out) if a.ndim and b.ndim else np.multiply(a, b, out),
    "where": lambda mask, a, b, out: np.copyto(out, np.where(mask, a, b)),
    "copyto": lambda x, out: np.copyto(out, x),
    "take": lambda x, chosen, out: np.take(x, chosen, 0, out, "clip"),
}
"""What is not a ufunc, with the array that it fills last."""
OF_NODES: dict[str, Callable[[Node], Callable[..., Any]]] = {"check": Check, "forward": Forward}
"""What only Python does."""

Find: TypeAlias = Callable[[Place, Now], Array]
"""The array of a place: one that stays, or the one that takes the place of one that moves."""


def lacking(instructions: Instructions) -> list[str]:
    """What the interpreter has to call Python for in each step: names of functions, and of operations of one's own."""
    names = [_name(instruction) for instruction in [*instructions.step, *instructions.last]]
    return [name for name in names if name not in OPERANDS]


def _name(instruction: Instruction) -> str:
    if instruction.function == "forward":
        assert instruction.node.op is not None
        return f"forward_{instruction.node.op.name}"
    return instruction.function


class NativeSteps:
    """Does the steps of instructions by the interpreter, as `numpy_text` does them by the text.

    Attributes:
        kept: the array of the state leaf that is written over, if there is one.
    """

    def __init__(self, instructions: Instructions, library: Library):
        self.instructions, self.library = instructions, library
        done = instructions
        self._arrays: dict[Place, Array] = {x: np.full(x.shape, x.value, x.dtype) for x in done.constants}
        numbers = [place for place in done.buffers if place.base is None and place.shape == ()]
        together = empty((len(numbers),))  # eight to a cache line
        self._arrays |= {place: together[i : i + 1].view(place.dtype)[0, ...] for i, place in enumerate(numbers)}
        for place in [*done.buffers, *([done.kept[1]] if done.kept else [])]:
            if place.base is not None:
                self._arrays[place] = place.view.of(self._arrays[place.base])
            elif place not in self._arrays:
                self._arrays[place] = empty(place.shape, place.dtype)
        for place, value in done.fills:
            _array(self._arrays, {}, place, [].__getitem__).fill(value)
        self.kept = self._arrays[done.kept[1]] if done.kept else None
        states = [place for state in done.states for place in (state.value, state.following)]
        self._moving = [*done.sources.values(), *states]
        self._sources = len(done.sources)
        self._linked: dict[Any, tuple[Steps, Steps]] = {}
        self._last: tuple[Sequence[Array], tuple[Steps, Steps]] | None = None

    def __call__(self, count: int, fresh: bool, *values: Any) -> int:
        """So many steps, or those before the first that is not finite; see `Machine`.

        Args:
            count: how many.
            fresh: whether the data are not those of the last call.
            values: the arrays of the sources and of the states, where to put the states' values, the rows of the results.
        """
        end = len(self._moving)
        arrays, states, (published, *results) = values[: self._sources], values[self._sources : end], values[end:]
        once, step = self._for(arrays)
        if fresh:
            once.run(1, arrays)
        if states:
            published[0] = _values_after(step, step.done, states)
        return step.run(count, (*arrays, *states, *results))

    @property
    def rows(self) -> Array:
        """The rows of a step, as they were run last."""
        assert self._last is not None
        return self._last[1][1].table

    def one_more(self, arrays: Sequence[Array], results: Sequence[Array]) -> Callable[[], int] | None:
        """A function that does one more step with all as in the last one, and tells whether it was done; or None."""
        return self._for(arrays)[1].one_more((*arrays, *results))

    def has_blocks(self, arrays: Sequence[Array]) -> bool:
        """Whether products are done by blocks, for arrays of the sources that lie in memory as these do."""
        return self.library.functions["blocks"] in self._for(arrays)[1].table["function"]

    def _for(self, arrays: Sequence[Array]) -> tuple[Steps, Steps]:
        """What is done once and in each step, for arrays of the sources that lie in memory as these do."""
        if self._last is None or not all(map(is_, arrays, self._last[0])):
            layout = tuple((array.strides, array.dtype) for array in arrays)
            if layout not in self._linked:
                self._linked[layout] = self._link(arrays)
            self._last = arrays, self._linked[layout]
        return self._last[1]

    def _link(self, arrays: Sequence[Array]) -> tuple[Steps, Steps]:
        done, end = self.instructions, len(self._moving)
        moving = {place: position for position, place in enumerate(self._moving)}
        find = partial(_array, self._arrays, moving)
        templates = [np.empty_like(array, subok=False) for array in arrays]
        now = templates.__getitem__
        once = Steps(self.library, [_call(each, find, now) for each in done.once], templates)
        templates += [np.empty(place.shape, place.dtype) for place in [*self._moving[self._sources :], *done.results]]
        copies: list[tuple[Place, Array]] = []
        for position, place in enumerate(done.results, end):
            if place.kind is Kind.ROW and place.base is None and place not in moving:
                moving[place] = position
            else:
                copies.append((place, templates[position]))
        calls: list[AnyCall] = [_call(each, find, now) for each in done.step]
        calls += [Call("finite", (part,)) for place, parts in done.guard for part in _stretches(find(place, now), parts)]
        calls += [_call(each, find, now) for each in done.last]
        calls += [Call("copyto", (find(place, now),), row) for place, row in copies]
        calls = by_blocks(calls, templates[self._sources :], self.library)
        pairs = [(position, position + 1) for position in range(self._sources, end, 2)]
        return once, Steps(self.library, calls, templates, pairs=pairs, results=range(end, len(templates)))


def _array(arrays: Mapping[Place, Array], moving: Mapping[Place, int], place: Place, now: Now) -> Array:
    """The array of a place, which moves, or stays, or is a view of such a one."""
    if place in moving:
        return now(moving[place])
    if place in arrays:
        return arrays[place]
    assert place.base is not None
    return place.view.of(_array(arrays, moving, place.base, now))


def _call(instruction: Instruction, find: Find, now: Now) -> Call | PythonCall:
    """An instruction as a call, which is done by Python if the interpreter lacks the function."""
    function, operands = instruction.function, instruction.operands
    by_python = _by_python(instruction, find)
    if function in OF_NODES:
        return by_python
    out = find(instruction.out, now)

    def array(x: Any) -> Array:
        if not isinstance(x, Place):
            return np.array(x, out.dtype)
        whole = find(x, now)
        equal = isinstance(x.value, float) and function in ENTRY_BY_ENTRY  # so one entry is read for all
        return whole[(0,) * whole.ndim + (...,)] if equal else whole

    count = OPERANDS.get(function, len(operands))
    how: dict[str, Any] = dict(zip(("axes", "keepdims"), operands[count:], strict=False))
    return Call(function, tuple(map(array, operands[:count])), out, **how, otherwise=by_python)


def _by_python(instruction: Instruction, find: Find) -> PythonCall:
    """An instruction as a function of Python."""
    name, node = instruction.function, instruction.node
    places = instruction.operands if name == "check" else (*instruction.operands, instruction.out)
    function = OF_NODES[name](node) if name in OF_NODES else BY_NUMPY.get(name) or getattr(np, name)
    return lambda now: function(*(find(x, now) if isinstance(x, Place) else x for x in places))


def _values_after(steps: Steps, before: int, states: Sequence[Array]) -> Iterator[Array]:
    """The arrays that have the states' values when they are asked for, also where an interrupt ended the steps."""
    yield from states[(steps.done - before) % 2 :: 2]


def _stretches(seen: Array, parts: Sequence[Part]) -> list[Array]:
    """The parts of an array, those that leave no entry out between them as one; all of it if it has none."""
    if not parts:
        return [seen]
    taken = np.zeros(seen.shape, bool)
    for part in parts:
        part.of(taken).fill(True)
    if seen.ndim != 1:
        return [seen] if taken.all() else [part.of(seen) for part in parts]
    edges = np.flatnonzero(np.diff(taken, prepend=False, append=False))
    return [seen[begin:end] for begin, end in edges.reshape(-1, 2).tolist()]
