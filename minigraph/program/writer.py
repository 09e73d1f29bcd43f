"""`Writer`: what lowerings ask for is recorded as instructions, on places that it makes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.program.graph import ProgramGraph
from minigraph.program.identifiers import wish_for_number
from minigraph.program.instructions import (
    Instruction,
    Instructions,
    Kind,
    Place,
    Plain,
    View,
    checked_function,
    exact_float,
    plain,
)
from minigraph.values import Array, Shape

DTYPES = (np.dtype(np.float64), np.dtype(np.float32), np.dtype(bool))
INDICES = np.dtype(np.intp)
"""The dtype of constant arrays of indices."""


class Writer:
    """Records instructions for one node after the other, and hands out memory.

    A lowering asks for calls and for places; who writes a whole program also for places of other kinds.

    Attributes:
        instructions: what was recorded.
        lines: the list of them where instructions go now.
        node: the node that they serve.
        reuse: whether memory is used again.
    """

    node: Node

    def __init__(self, graph: ProgramGraph, reuse: bool):
        self.instructions = Instructions(graph)
        self.lines = self.instructions.step
        self.reuse = reuse
        self._places: set[Place] = set()  # those that it has made
        self._known: dict[Any, Place] = {}
        self._free: dict[tuple[int, Any], list[Place]] = {}
        self._borrowed: list[Place] = []

    # What lowerings ask for

    def call(self, function: str, *arguments: Place | Plain) -> None:
        """A function of `FUNCTIONS`; the last argument is the place that it fills.

        Raises:
            TypeError: for an argument that is neither a place of the program nor a plain value, such as text.
        """
        *operands, out = arguments
        name = checked_function(function, len(operands))
        self.lines.append(Instruction(name, tuple(map(self._operand, operands)), self._place(out), self.node))

    def copy(self, x: Place, out: Place) -> None:
        """Fill ``out`` with x, broadcast and converted."""
        self.call("copyto", x, out)

    def dot(self, a: Place, b: Place, out: Place) -> None:
        """The matrix product of a and b, which ``out`` is no part of."""
        self.call("dot", a, b, out)

    def clip(self, x: Place, low: Place, high: Place, out: Place) -> None:
        """X kept between two numbers."""
        self.call("clip", x, low, high, out)

    def number(self, value: float, dtype: np.dtype[Any]) -> Place:
        """A constant of shape ()."""
        return self.filled(value, (), dtype)

    def filled(self, value: float, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """A constant with equal entries."""
        number, shape = exact_float(value), plain(shape)
        key = ("filled", number.hex(), shape, dtype)
        if key not in self._known:
            kind = {0.0: "zeros", 1.0: "ones"}.get(number, "filled")
            wish = f"{kind}_{'x'.join(map(str, shape))}" if shape else wish_for_number(number)
            self._known[key] = self._constant(wish, shape, dtype, number)
        return self._known[key]

    def scratch(self, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """An array to write in, until the operation is done."""
        place = self.take("scratch", plain(shape), dtype)
        self._borrowed.append(place)
        return place

    def reshaped(self, x: Place, shape: Shape) -> Place:
        """The same memory in another shape; x is contiguous."""
        return x if x.shape == shape else self.view(x, View().then("reshape", shape), f"{x}_flat")

    def part(self, x: Place, entries: slice, shape: Shape, wish: str | None = None) -> Place:
        """Some entries of x along axis 0, in a shape."""
        view = View().then("index", (entries,))
        if len(x.shape) > 1 or len(shape) != 1:
            view = view.then("reshape", shape)
        return self.view(x, view, wish or f"{x}_{entries.start}")

    def fill(self, x: Place, value: float) -> None:
        """Fill x once, before the first step."""
        self.instructions.fills.append((self._place(x), exact_float(value)))

    # Places

    def made(self, wish: str, shape: Shape, dtype: np.dtype[Any], kind: Kind, **what: Any) -> Place:
        """A new place.

        Raises:
            TypeError: for a dtype that programs don't have.
        """
        indices = kind is Kind.CONSTANT and dtype == INDICES and not isinstance(what.get("value"), float)
        if not (isinstance(dtype, np.dtype) and (dtype in DTYPES or indices)):
            raise TypeError("an array of a program is of float64, float32 or bool.")
        place = Place(self.instructions.names.new(wish), shape, dtype, kind=kind, **what)
        self._places.add(place)
        return place

    def _constant(self, wish: str, shape: Shape, dtype: np.dtype[Any], value: float | Array) -> Place:
        place = self.made(wish, shape, dtype, Kind.CONSTANT, value=value)
        self.instructions.constants.append(place)
        return place

    def constant(self, wish: str, value: Array) -> Place:
        """A constant array; a number, or one with equal entries, where it is that."""
        if value.shape == ():
            return self.number(float(value), value.dtype)
        if (
            value.dtype != INDICES
            and value.size
            and np.isfinite(value.flat[0])
            and value.tobytes() == value.flat[0].tobytes() * value.size
        ):
            return self.filled(float(value.flat[0]), value.shape, value.dtype)
        return self._constant(wish, value.shape, value.dtype, value)

    def view(self, x: Place, view: View, wish: str) -> Place:
        """A view of x, made once."""
        key = ("view", self._place(x), repr(view.steps))
        if key not in self._known:
            seen = view.of(np.empty(x.shape, x.dtype))
            contiguous = x.contiguous and seen.flags.c_contiguous
            self._known[key] = self.made(wish, seen.shape, x.dtype, x.kind, contiguous=contiguous, base=x, view=view)
        return self._known[key]

    def take(self, wish: str, shape: Shape, dtype: np.dtype[Any], own: bool = False) -> Place:
        """A buffer, if possible in memory of as many entries that was given back; in memory of its own if it is ``own``."""
        free = self._free.get((math.prod(shape), dtype)) if self.reuse and not own else None
        base = free.pop() if free else None
        view = View() if base is None or base.shape == shape else View().then("reshape", shape)
        place = self.made(wish, shape, dtype, Kind.BUFFER, base=base, view=view)
        self.instructions.buffers.append(place)
        return place

    def give_back(self, place: Place) -> None:
        """The buffer's memory may be used again."""
        self._free.setdefault((place.size, place.dtype), []).append(place)

    def done(self) -> None:
        """The node is written: scratch memory is free."""
        while self._borrowed:
            self.give_back(self._borrowed.pop())

    def _operand(self, argument: Any) -> Place | Plain:
        """A place of this program, or a plain value; nothing else."""
        found: Place | Plain = self._place(argument) if isinstance(argument, Place) else plain(argument)
        return found

    def _place(self, argument: Any) -> Place:
        if not isinstance(argument, Place) or argument not in self._places:
            raise TypeError("an array of a program is one that its writer has given.")
        return argument
