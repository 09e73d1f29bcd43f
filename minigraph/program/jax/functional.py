"""A `Writer` whose places are values: what an operation writes as lines for NumPy is computed by JAX at once.

Arrays of JAX are never written. So a place stands for the value that was put there last, and a view of a place for a way to
reach a part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.program.instructions import Place, Plain
from minigraph.program.jax.loading import jax_for
from minigraph.program.lowering.table import lowering_of
from minigraph.values import Shape

OTHERWISE: dict[str, Callable[..., Any]] = {
    "add.reduce": lambda numpy, x, axes, keepdims: numpy.sum(x, axis=axes, keepdims=keepdims),
    "maximum.reduce": lambda numpy, x, axes, keepdims: numpy.max(x, axis=axes, keepdims=keepdims),
    "add.accumulate": lambda numpy, x, axis: numpy.cumsum(x, axis=axis),
    "take": lambda numpy, x, entries: numpy.take(x, numpy.asarray(entries, int), axis=0),
    "copyto": lambda numpy, x: x,
}
"""The functions of programs that JAX spells in another way."""


class Values:
    """The `Writer`."""

    def __init__(self) -> None:
        self.numpy = jax_for("mg.to_jax").numpy
        self._values: dict[str, Any] = {}
        self._seen: dict[str, tuple[Place, slice]] = {}  # of a place that shows entries of another in its own shape

    def place(self, shape: Shape, dtype: np.dtype[Any], value: Any = None) -> Place:
        """A place for an array, that holds a value already if one is given."""
        made = Place(f"array {len(self._values) + len(self._seen)}", shape, dtype)
        self._values[made.name] = value
        return made

    def value(self, x: Place | Plain) -> Any:
        """What is there now, zeros where nothing was put; a plain value as it is."""
        if not isinstance(x, Place):
            return x
        if x.name in self._seen:
            base, entries = self._seen[x.name]
            return self._entries(base, entries).reshape(x.shape)
        found = self._values[x.name]
        return self.numpy.zeros(x.shape, x.dtype) if found is None else found

    def put(self, value: Any, out: Place) -> None:
        """The value is there from now on, of the place's shape and dtype."""
        value = self.numpy.broadcast_to(value, out.shape).astype(out.dtype)
        if out.name in self._seen:
            base, entries = self._seen[out.name]
            before = self._entries(base, entries)
            whole = before.shape == base.shape
            self.put(
                value.reshape(base.shape) if whole else self.value(base).at[entries].set(value.reshape(before.shape)), base
            )
        else:
            self._values[out.name] = value

    def _entries(self, x: Place, entries: slice) -> Any:
        return self.value(x) if entries == slice(None) else self.value(x)[entries]

    # What operations ask for

    def call(self, function: str, *arguments: Place | Plain) -> None:
        """A function of NumPy, by its namesake in JAX."""
        *operands, out = arguments
        assert isinstance(out, Place)
        form = OTHERWISE.get(function)
        values = map(self.value, operands)
        self.put(form(self.numpy, *values) if form else getattr(self.numpy, function)(*values), out)

    def copy(self, x: Place, out: Place) -> None:
        """The same value."""
        self.put(self.value(x), out)

    def dot(self, a: Place, b: Place, out: Place) -> None:
        """The matrix product; with all bits, since accelerators take fewer unless they are told."""
        self.put(self.numpy.matmul(self.value(a), self.value(b), precision="highest"), out)

    def clip(self, x: Place, low: Place, high: Place, out: Place) -> None:
        """X kept between two numbers."""
        self.put(self.numpy.clip(self.value(x), self.value(low), self.value(high)), out)

    def number(self, value: float, dtype: np.dtype[Any]) -> Place:
        """A constant of shape ()."""
        return self.filled(value, (), dtype)

    def filled(self, value: float, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """A constant array with equal entries."""
        return self.place(shape, dtype, self.numpy.full(shape, value, dtype))

    def scratch(self, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """A place without a value."""
        return self.place(shape, dtype)

    def reshaped(self, x: Place, shape: Shape) -> Place:
        """The place in another shape."""
        return self.part(x, slice(None), shape)

    def part(self, x: Place, entries: slice, shape: Shape) -> Place:
        """Some entries of x along axis 0, in a shape."""
        made = Place(f"array {len(self._values) + len(self._seen)}", shape, x.dtype)
        self._seen[made.name] = x, entries
        return made

    def fill(self, x: Place, value: float) -> None:
        """The same number everywhere."""
        self.put(value, x)


def written(node: Node, operands: Sequence[Any]) -> Any:
    """The node's value as its operation's lowering writes it; None if it writes nothing."""
    assert node.op is not None
    write = lowering_of(node.op).write
    if write is None:
        return None
    writer = Values()
    places = [writer.place(x.shape, x.dtype, value) for x, value in zip(node.inputs, operands, strict=True)]
    out = writer.place(node.shape, node.dtype)
    write(writer, node.op, out, *places)
    return writer.value(out)
