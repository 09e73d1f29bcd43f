"""The lines of a program: constants, arrays, views, what is computed once, and the steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigraph.program.inserted_operations import entries_of
from minigraph.program.instructions import Place, Plain, View, exact_float
from minigraph.program.memory import Memory
from minigraph.program.numpy_text.identifiers import Names, wish_for_number
from minigraph.program.numpy_text.source_text import dtype_source, function_source, source_text, view_source
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
        for reserved in ("steps", "count", "fresh", "step", "published", "empty", "array", "full", "all_finite"):
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

    def call(self, function: str, *arguments: Place | Plain) -> None:
        """A line that calls a function of NumPy."""
        function = function_source(function)
        self.functions.add(function.partition(".")[0])
        *before, last = map(self.text, arguments)
        if function.endswith(".reduce"):
            before, last = [*before[:-1], "None", last], before[-1]
        self.line(f"{function}({', '.join(before)}, {'out=' if function in OUT_BY_NAME else ''}{last})")

    def text(self, argument: Place | Plain) -> str:
        """An argument as text: an array by its name, if it is one of this program, a plain value from its content."""
        if not isinstance(argument, Place):
            return source_text(argument)
        name = str.__str__(argument.name)
        if name not in self.address:
            raise TypeError("an array of a program is one that its writer has given.")
        return name

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
            self.line(f"{self.text(a)}.dot({self.text(b)}, {self.text(out)})")

    def fill(self, x: Place, value: float) -> None:
        """A line before the first step."""
        self.fills.append(f"{self.text(x)}.fill({source_text(exact_float(value))})")

    def number(self, value: float, dtype: np.dtype[Any]) -> Place:
        """A constant of shape ()."""
        number = exact_float(value)
        key = ("number", number.hex(), dtype)
        if key not in self.known:
            name = self.names.new(wish_for_number(number))
            self.constants.append(f"{name} = array({source_text(number)}{dtype_source(dtype)})")
            self.know(key, Place(name, (), dtype), ALWAYS)
        return self.known[key]

    def filled(self, value: float, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """A constant array with equal entries."""
        number = exact_float(value)
        key = ("filled", number.hex(), shape, dtype)
        if key not in self.known:
            self.functions.add("full")
            kind = {0.0: "zeros", 1.0: "ones"}.get(number, "filled")
            name = self.names.new(f"{kind}_{'x'.join(map(source_text, shape))}")
            self.constants.append(f"{name} = full({source_text(shape)}, {source_text(number)}{dtype_source(dtype)})")
            self.know(key, Place(name, shape, dtype), ALWAYS)
        return self.known[key]

    def scratch(self, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """An array until the operation is done."""
        place = self.take("scratch", shape, dtype)
        self.borrowed.append(place)
        return place

    def reshaped(self, x: Place, shape: Shape) -> Place:
        """The same memory in another shape."""
        return x if x.shape == shape else self.view(x, View().then("reshape", shape), f"{x}_flat")

    def part(self, x: Place, entries: slice, shape: Shape, wish: str | None = None) -> Place:
        """Some entries along axis 0, in a shape."""
        return self.view(x, entries_of(entries, shape), wish or f"{x}_{entries.start}")

    def view(self, x: Place, view: View, wish: str) -> Place:
        """A view of x, written once, where x's address is known."""
        text = view_source(view, self.text(x))
        key = ("view", text)
        if key not in self.known:
            seen = view.of(np.empty(x.shape, x.dtype))
            level = self.address[x.name]
            name = self.names.new(wish)
            if text.startswith("broadcast_to("):
                self.functions.add("broadcast_to")
            (self.views, self.call_views, self.body)[level].append(f"{name} = {text}")
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
                *(["from math import isfinite"] if any("isfinite(" in line for line in self.body) else []),
            ],
            self.constants,
            self.memory.lines,
            [*self.views, *self.fills],
            [
                "",
                f"def steps({signature}):",
                *head,
                "    for step in range(count):",
                *(body or ["        pass"]),
                "    return count",
            ],
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
