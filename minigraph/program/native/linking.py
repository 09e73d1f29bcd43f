"""`linked`: instructions as rows over arrays, and the function that does their steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from minigraph.program.graph import Part
from minigraph.program.instructions import Instruction, Instructions, Kind, Place, Plain
from minigraph.program.memory import empty
from minigraph.program.native.by_blocks import by_blocks
from minigraph.program.native.library import Library
from minigraph.program.native.rows import ENTRY_BY_ENTRY, Blocks, Call
from minigraph.program.native.running import Now, PythonCall, Steps
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


def lacking(instructions: Instructions, library: Library) -> list[str]:
    """What the interpreter has to call Python for in each step: names of functions, and of operations of one's own."""
    names = [_name(instruction) for instruction in [*instructions.step, *instructions.last]]
    return [name for name in names if name not in library.functions and name != "clip"]


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
        self._arrays: dict[Place, Array] = {}
        for place in done.constants:
            self._arrays[place] = np.asarray(np.full(place.shape, place.value, place.dtype))
        self._arrays |= _side_by_side([place for place in done.buffers if place.base is None and place.shape == ()])
        for place in [*done.buffers, *([done.kept[1]] if done.kept else [])]:
            if place.base is not None:
                self._arrays[place] = place.view.of(self._arrays[place.base])
            elif place not in self._arrays:
                self._arrays[place] = empty(place.shape, place.dtype)
        self.kept = self._arrays[done.kept[1]] if done.kept else None
        states = [place for state in done.states for place in (state.value, state.following)]
        self._moving = {place: position for position, place in enumerate([*done.sources.values(), *states])}
        self._sources, self._states = len(done.sources), len(states)
        self._rows = [place for place in dict.fromkeys(done.results) if place.kind is Kind.ROW and place.base is None]
        for place, value in done.fills:
            self._array(place, {}).fill(value)
        self._linked: dict[Any, tuple[Steps, Steps]] = {}
        self._last: tuple[Sequence[Array], tuple[Steps, Steps]] | None = None

    def __call__(self, count: int, fresh: bool, *values: Any) -> int:
        """So many steps, or those before the first that is not finite; see `Machine`.

        Args:
            count: how many.
            fresh: whether the data are not those of the last call.
            values: the arrays of the sources and of the states, where to put the states' values, the rows of the results.
        """
        arrays, states = values[: self._sources], values[self._sources : self._sources + self._states]
        published, results = values[self._sources + self._states], values[self._sources + self._states + 1 :]
        once, step = self._for(arrays)
        if fresh:
            once.run(1, arrays)
        if states:
            published[0] = Published(step, states)
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
        return (
            "blocks" in self.library.functions and self.library.functions["blocks"] in self._for(arrays)[1].table["function"]
        )

    def _for(self, arrays: Sequence[Array]) -> tuple[Steps, Steps]:
        """What is done once and in each step, for arrays of the sources that lie in memory as these do."""
        if self._last is not None and all(x is y for x, y in zip(arrays, self._last[0], strict=True)):
            return self._last[1]
        layout = tuple((array.strides, array.dtype) for array in arrays)
        if layout not in self._linked:
            self._linked[layout] = self._link(arrays)
        self._last = arrays, self._linked[layout]
        return self._last[1]

    def _link(self, arrays: Sequence[Array]) -> tuple[Steps, Steps]:
        done, moving = self.instructions, dict(self._moving)
        templates = [_alike(array) for array in arrays]
        once = Steps(self.library, list(self._calls(done.once, templates, moving)), templates)
        templates += [np.empty(place.shape, place.dtype) for place in list(moving)[self._sources :]]
        copies: list[tuple[int, Place]] = []
        for place in done.results:
            if place.kind is Kind.ROW and place.base is None and place not in moving:
                moving[place] = len(templates)
            else:
                copies.append((len(templates), place))
            templates.append(np.empty(place.shape, place.dtype))
        calls: list[Call | Blocks | PythonCall] = list(self._calls(done.step, templates, moving))
        of = {place: templates[position] for place, position in moving.items()}
        for place, parts in done.guard:
            seen = self._array(place, of)
            calls += [Call("finite", (part,)) for part in _stretches(seen, parts)]
        calls += self._calls(done.last, templates, moving)
        calls += [Call("copyto", (self._array(place, of),), templates[position]) for position, place in copies]
        calls = by_blocks(calls, templates[self._sources :], self.library)
        first, end = self._sources, self._sources + self._states
        pairs = [(position, position + 1) for position in range(first, end, 2)]
        return once, Steps(self.library, calls, templates, pairs=pairs, results=range(end, len(templates)))

    def _calls(
        self, instructions: Sequence[Instruction], templates: Sequence[Array], moving: Mapping[Place, int]
    ) -> Iterator[Call | PythonCall]:
        """The instructions as calls; what the interpreter lacks as functions of Python."""
        of = {place: templates[position] for place, position in moving.items() if position < len(templates)}
        for instruction in instructions:
            by_python = _by_python(instruction, self._arrays, moving)
            in_python = instruction.function in ("forward", "check")
            yield by_python if in_python else replace(self._call(instruction, of), otherwise=by_python)

    def _call(self, instruction: Instruction, of: Mapping[Place, Array]) -> Call:
        """An instruction of a function of NumPy."""
        function, operands = instruction.function, instruction.operands
        axes: Any = None
        keepdims: Any = False
        if function.endswith(".accumulate"):
            axes, operands = operands[1:], operands[:1]
        elif function.endswith(".reduce"):
            axes, keepdims = operands[1:]
            axes, operands = (axes,) if isinstance(axes, int) else axes, operands[:1]
        elif function == "take":
            axes = (0,)
        out = self._array(instruction.out, of)
        repeated = function in ENTRY_BY_ENTRY
        arrays = tuple(self._operand(x, of, repeated) if isinstance(x, Place) else np.array(x, out.dtype) for x in operands)
        return Call(function, arrays, out, axes, bool(keepdims))

    def _operand(self, place: Place, of: Mapping[Place, Array], repeated: bool) -> Array:
        """The array of an operand; of equal entries only one, where that is read again and again."""
        found = self._array(place, of)
        return found[(0,) * found.ndim + (...,)] if repeated and isinstance(place.value, float) else found

    def _array(self, place: Place, of: Mapping[Place, Array]) -> Array:
        """The array of a place, or what stands for it."""
        if place in of:
            return of[place]
        if place not in self._arrays:
            assert place.base is not None
            seen = place.view.of(self._array(place.base, of))
            if place.kind in (Kind.SOURCE, Kind.STATE, Kind.NEXT, Kind.ROW):
                return seen
            self._arrays[place] = seen
        return self._arrays[place]


def _side_by_side(numbers: Sequence[Place]) -> dict[Place, Array]:
    """Memory for single numbers, eight to a cache line."""
    arrays: dict[Place, Array] = {}
    for dtype in dict.fromkeys(place.dtype for place in numbers):
        places = [place for place in numbers if place.dtype == dtype]
        whole = empty((len(places),), dtype)
        arrays |= {place: whole[i, ...] for i, place in enumerate(places)}
    return arrays


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


def _by_python(instruction: Instruction, arrays: Mapping[Place, Array], moving: Mapping[Place, int]) -> PythonCall:
    """An instruction as a function of Python, on arrays that stay or move."""
    name, node = instruction.function, instruction.node
    wanted = [*instruction.operands, *([] if name == "check" else [instruction.out])]
    function: Callable[..., Any]
    if name == "check":
        function = Check(node)
    elif name == "forward":
        function = Forward(node)
    else:
        function = BY_NUMPY.get(name) or getattr(np, name)

    return lambda now: function(*(_found(place, arrays, moving, now) for place in wanted))


def _found(place: Place | Plain, arrays: Mapping[Place, Array], moving: Mapping[Place, int], now: Now) -> Any:
    """An operand of a function of Python, in the step that is done."""
    if not isinstance(place, Place):
        return place
    if place in moving:
        return now(moving[place])
    if place in arrays:
        return arrays[place]
    assert place.base is not None
    return place.view.of(_found(place.base, arrays, moving, now))


class Published:
    """The arrays that have the states' values after the steps done so far, also where an interrupt ended them."""

    def __init__(self, steps: Steps, states: Sequence[Array]):
        self._steps, self._states, self._before = steps, states, steps.done

    def __iter__(self) -> Iterator[Array]:
        return iter(self._states[(self._steps.done - self._before) % 2 :: 2])


def _alike(array: Array) -> Array:
    """Memory of its own for an array that lies in memory in the same way."""
    alike = np.empty_like(array, subok=False)
    steps = ((size, one, other) for size, one, other in zip(array.shape, array.strides, alike.strides, strict=True))
    assert all(size <= 1 or one == other for size, one, other in steps), "arrays of leaves and calls lie without gaps"
    return alike
