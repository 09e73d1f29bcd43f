"""The lines of a program: constants, arrays, views, what is computed once, and the steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigraph.operations.emission import Place
from minigraph.program.memory import Memory
from minigraph.program.names import Names, wish_for_number
from minigraph.program.own_operations import entries_of
from minigraph.program.scheduling import seen_as
from minigraph.values import Shape

# When the address of an array is known: for good, in each call, in each step.
ALWAYS, CALL, STEP = range(3)

OUT_BY_NAME = ("maximum", "minimum")
"""NumPy wants the last argument of these by name; by position it costs less."""

LARGEST_BY_DOT = 16_000
"""Products of more entries are written by ``matmul``: ``dot``, quicker to call, fills them with zeros first."""


class Lines:
    """The `Writer` of a program: what operations ask for becomes lines."""

    def __init__(self, reuse: bool):
        self.names = Names()
        for reserved in ("steps", "count", "fresh", "step", "published", "empty", "array", "full"):
            self.names.new(reserved)
        self.memory = Memory(self.names, reuse)
        self.constants: list[str] = []
        self.views: list[str] = []  # of arrays that stay where they are
        self.fills: list[str] = []
        self.call_views: list[str] = []  # of the arrays of a call
        self.head: list[str] = []  # what is computed once for the same data
        self.body: list[str] = []
        self.lines = self.body
        self.functions: set[str] = {"array"}
        self.address: dict[str, int] = {}
        self.known: dict[Any, Place] = {}
        self.borrowed: list[Place] = []

    def call(self, function: str, *arguments: Place | str) -> None:
        """A line that calls a function of NumPy."""
        self.functions.add(function.partition(".")[0])
        named = "out=" if function in OUT_BY_NAME else ""
        self.line(f"{function}({', '.join(map(str, arguments[:-1]))}, {named}{arguments[-1]})")

    def copy(self, x: Place, out: Place) -> None:
        """A line that copies."""
        self.call("copyto", out, x)

    def clip(self, x: Place, low: Place, high: Place, out: Place) -> None:
        """x kept between two numbers: the method is quicker to call than the function."""
        self.line(f"{x}.clip({low}, {high}, {out})")

    def dot(self, a: Place, b: Place, out: Place) -> None:
        """A line with a matrix product."""
        if out.size > LARGEST_BY_DOT and 1 not in (*a.shape, *b.shape):  # matmul has no BLAS for outer products
            self.call("matmul", a, b, out)
        else:
            self.line(f"{a}.dot({b}, {out})")

    def fill(self, x: Place, value: float) -> None:
        """A line before the first step."""
        self.fills.append(f"{x}.fill({value})")

    def number(self, value: float, dtype: np.dtype[Any]) -> Place:
        """A constant of shape ()."""
        key = ("number", float(value).hex(), dtype)
        if key not in self.known:
            name = self.names.new(wish_for_number(float(value)))
            single = "" if dtype == np.float64 else ", float32"
            text = repr(float(value)) if np.isfinite(value) else f"float('{float(value)}')"
            self.constants.append(f"{name} = array({text}{single})")
            self.know(key, Place(name, (), dtype), ALWAYS)
        return self.known[key]

    def filled(self, value: float, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """A constant array with equal entries."""
        key = ("filled", float(value).hex(), shape, dtype)
        if key not in self.known:
            self.functions.add("full")
            kind = {0.0: "zeros", 1.0: "ones"}.get(float(value), "filled")
            name = self.names.new(f"{kind}_{'x'.join(map(str, shape))}")
            single = "" if dtype == np.float64 else ", float32"
            self.constants.append(f"{name} = full({shape}, {float(value)!r}{single})")
            self.know(key, Place(name, shape, dtype), ALWAYS)
        return self.known[key]

    def scratch(self, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """An array until the operation is done."""
        place = self.take("scratch", shape, dtype)
        self.borrowed.append(place)
        return place

    def reshaped(self, x: Place, shape: Shape) -> Place:
        """The same memory in another shape."""
        return x if x.shape == shape else self.view(x, f"x.reshape({shape})", f"{x}_flat")

    def part(self, x: Place, entries: slice, shape: Shape, wish: str | None = None) -> Place:
        """Some entries along axis 0, in a shape."""
        return self.view(x, entries_of("x", entries, shape), wish or f"{x}_{entries.start}")

    def view(self, x: Place, text: str, wish: str) -> Place:
        """A view of x, written once, where x's address is known. ``text`` says it of x."""
        key = ("view", x.name, text)
        if key not in self.known:
            seen = seen_as(text, x)
            level = self.address[x.name]
            name = self.names.new(wish)
            if "broadcast_to" in text:
                self.functions.add("broadcast_to")
            written = f"{name} = {text.replace('x', x.name, 1) if text[0] == 'x' else text.replace('(x', f'({x.name}', 1)}"
            (self.views, self.call_views, self.body)[level].append(written)
            self.know(key, Place(name, seen.shape, x.dtype, x.contiguous and seen.flags.c_contiguous), level)
        return self.known[key]

    def whole(self, signature: str, end: list[str]) -> str:
        """The text of the program, with lines at the end of each step."""
        head = ["    " + line for line in self.call_views]
        if self.head:
            head += ["    if fresh:  # the data are not those of the last call", *("        " + line for line in self.head)]
        body = ["        " + line if line else "" for line in [*self.body, *end]]
        blocks = [
            [
                f"from numpy import {', '.join(sorted(self.functions | ({'float32'} if self._single() else set())))}",
                "from minigraph.program.memory import empty  # like NumPy's, at the beginning of a cache line",
            ],
            self.constants,
            self.memory.lines,
            [*self.views, *self.fills],
            ["", f"def steps({signature}):", *head, "    for step in range(count):", *(body or ["        pass"])],
        ]
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    def _single(self) -> bool:
        return any("float32" in line for line in [*self.constants, *self.memory.lines])

    def line(self, text: str) -> None:
        """A line where lines are written now: in what is done once, or in the step."""
        self.lines.append(text)

    def know(self, key: Any, place: Place, level: int) -> None:
        """A place that is found again by its key."""
        self.known[key] = place
        self.address[place.name] = level

    def take(self, wish: str, shape: Shape, dtype: np.dtype[Any], own: bool = False) -> Place:
        """An array of the program, alone in its memory if it is ``own``."""
        place = self.memory.take(wish, shape, dtype, own)
        self.address[place.name] = ALWAYS
        return place
