"""Emission: how an operation is written as lines of NumPy that fill arrays made beforehand.

A compiled program is text. An operation that knows its ``out=`` form writes it here, through a `Writer`;
one that does not is called by its forward rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from minigraph.operations.source_text import index_source, source_text
from minigraph.values import Array, Shape

LONGEST_DOT = 8192
"""Sums of at most so many terms are products with ones: BLAS is quicker to call, NumPy's pairwise sum more exact."""

LARGEST_APART = 8192
"""Up to so many entries the two bounds of a clip are quicker as two calls, with arrays of equal entries."""


@dataclass(frozen=True, slots=True)
class Place:
    """An array in a program.

    Attributes:
        name: the Python name, or expression, that it goes by.
        shape: its shape.
        dtype: its dtype.
        contiguous: whether its entries lie row by row in memory.
    """

    name: str
    shape: Shape
    dtype: np.dtype[Any]
    contiguous: bool = True

    def __str__(self) -> str:
        return self.name

    @property
    def size(self) -> int:
        """The number of entries."""
        return math.prod(self.shape)


Plain: TypeAlias = bool | int | float | tuple[Any, ...] | slice | None
"""What may stand in a program besides arrays; it is written from its content, see `source_text`."""


def _transposed(x: str, axes: tuple[int, ...] | None) -> str:
    return f"{x}.T" if axes is None else f"{x}.transpose({source_text(axes)})"


WAYS: dict[str, tuple[Callable[[Array, Any], Array], Callable[[str, Any], str]]] = {
    "index": (lambda array, index: array[index], lambda x, index: f"{x}[{index_source(index)}]"),
    "reshape": (lambda array, shape: array.reshape(shape), lambda x, shape: f"{x}.reshape({source_text(shape)})"),
    "transpose": (lambda array, axes: array.transpose(axes), _transposed),
    "repeat": (np.broadcast_to, lambda x, shape: f"broadcast_to({x}, {source_text(shape)})"),
}
"""How an array is seen in another way: what NumPy does, and how that is written."""


@dataclass(frozen=True, slots=True)
class View:
    """A way to see an array in its own memory: some of its entries, another shape; without steps, as it is.

    Attributes:
        steps: a way of `WAYS` and its argument, and again of that.
    """

    steps: tuple[tuple[str, Any], ...] = ()

    def then(self, way: str, argument: Any) -> View:
        """One more step."""
        return View((*self.steps, (way, argument)))

    def of(self, array: Array) -> Array:
        """The array, seen so."""
        for way, argument in self.steps:
            array = WAYS[way][0](array, argument)
        return array

    def text(self, x: str) -> str:
        """The expression for an array called x."""
        for way, argument in self.steps:
            x = WAYS[way][1](x, argument)
        return x


class Writer(Protocol):
    """What an operation may ask for while it writes itself."""

    def call(self, function: str, *arguments: Place | Plain) -> None:
        """Write ``function(arguments)``, a function of NumPy; the last argument is where the result goes.

        Raises:
            TypeError: for an argument that is neither an array of the program nor a plain value, such as text.
        """

    def copy(self, x: Place, out: Place) -> None:
        """Write ``copyto(out, x)``."""

    def dot(self, a: Place, b: Place, out: Place) -> None:
        """Write the matrix product of a and b into ``out``."""

    def clip(self, x: Place, low: Place, high: Place, out: Place) -> None:
        """Write x kept between two numbers into ``out``."""

    def number(self, value: float, dtype: np.dtype[Any]) -> Place:
        """A constant of shape ()."""

    def filled(self, value: float, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """A constant array with equal entries."""

    def scratch(self, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """An array to write in, until the operation is done."""

    def reshaped(self, x: Place, shape: Shape) -> Place:
        """The same memory in another shape; x is contiguous."""

    def part(self, x: Place, entries: slice, shape: Shape) -> Place:
        """Some entries of x along axis 0, in a shape."""

    def fill(self, x: Place, value: float) -> None:
        """Fill x once, before the first step."""


def write_sum(write: Writer, out: Place, x: Place, axes: tuple[int, ...], weight: float) -> None:
    """Write weight · (the sum of x over the axes)."""
    count = math.prod(x.shape[axis] for axis in axes)
    if count <= LONGEST_DOT and x.contiguous and len(axes) == len(x.shape):
        flat = write.reshaped(x, (x.size,))
        write.dot(flat, write.filled(weight, (count,), x.dtype), write.reshaped(out, ()))
    elif count <= LONGEST_DOT and x.contiguous and len(x.shape) > 2 and axes == tuple(range(len(x.shape)))[-len(axes) :]:
        rows = x.size // count
        write.dot(write.reshaped(x, (rows, count)), write.filled(weight, (count,), x.dtype), write.reshaped(out, (rows,)))
    elif count <= LONGEST_DOT and len(x.shape) == 2 and axes == (1,):
        write.dot(x, write.filled(weight, (count,), x.dtype), write.reshaped(out, (x.shape[0],)))
    elif count <= LONGEST_DOT and len(x.shape) == 2 and axes == (0,):
        write.dot(write.filled(weight, (count,), x.dtype), x, write.reshaped(out, (x.shape[1],)))
    else:
        keepdims = len(out.shape) == len(x.shape)
        write.call("add.reduce", x, axes, None, out, keepdims)
        if weight != 1:
            write.call("multiply", out, write.number(weight, out.dtype), out)


def write_step(write: Writer, out: Place, x: Place, below: float, at_zero: float, above: float) -> None:
    """Write ``below`` where x < 0, ``at_zero`` where x = 0, ``above`` where x > 0, NaN where x is NaN."""
    if above == 1 and 0 <= below == at_zero <= 1:
        write_positive(write, out, x, negative=True)
        if below:
            write_bounded(write, out, "maximum", out, below)
        return
    under, at = write.scratch(out.shape, out.dtype), write.scratch(out.shape, out.dtype)
    write.call("sign", x, out)
    write_bounded(write, under, "minimum", out, 0.0)  # −1 where x < 0
    write.call("absolute", out, at)
    write.call("subtract", write.number(1.0, out.dtype), at, at)  # 1 where x = 0
    write_bounded(write, out, "maximum", out, 0.0)  # 1 where x > 0
    for part, height in ((out, above), (under, -below), (at, at_zero)):
        if height != 1:
            write.call("multiply", part, write.number(height, out.dtype), part)
    write.call("add", out, under, out)
    write.call("add", out, at, out)


def write_positive(write: Writer, out: Place, x: Place, *, negative: bool) -> None:
    """Write 1 where x > 0, NaN where x is NaN, else 0; ``negative`` if x may be. To compare is no quicker, and loses NaN."""
    if out.size > LARGEST_APART:
        write.clip(x, write.number(0.0, out.dtype), write.number(1.0, out.dtype), out)
    else:
        if negative:
            write_bounded(write, out, "maximum", x, 0.0)
        write_bounded(write, out, "minimum", out if negative else x, 1.0)
    write.call("ceil", out, out)


def write_bounded(write: Writer, out: Place, function: str, x: Place, number: float) -> None:
    """Write the maximum or minimum of x and a number, which as an array is quicker."""
    write.call(function, x, write.filled(number, out.shape, out.dtype), out)
