"""A `Writer` whose places are values: what an operation writes as lines for NumPy is computed by JAX at once.

Arrays of JAX are never written. So a place stands for the value that was put there last, and a view of a place for a way to
reach a part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.program.instructions import Place, Plain
from minigraph.program.jax.library import jax_for
from minigraph.program.lowering.table import lowering_of
from minigraph.values import Shape


class Values:
    """The `Writer`."""

    def __init__(self) -> None:
        self.jax = jax_for("mg.to_jax")
        self.numpy = self.jax.numpy
        self._values: dict[str, Any] = {}
        self._base: dict[str, Place] = {}  # of a place that shows another in its own shape

    def place(self, shape: Shape, dtype: np.dtype[Any], value: Any = None) -> Place:
        """A place for an array, that holds a value already if one is given."""
        made = Place(f"array {len(self._values) + len(self._base)}", shape, dtype)
        self._values[made.name] = value
        return made

    def value(self, x: Place | Plain) -> Any:
        """What is there now; a plain value as it is."""
        if not isinstance(x, Place):
            return x
        base = self._base.get(x.name)
        return self._values[x.name] if base is None else self.value(base).reshape(x.shape)

    def put(self, value: Any, out: Place) -> None:
        """The value is there from now on, of the place's dtype."""
        base = self._base.get(out.name)
        if base is not None:
            self.put(value.reshape(base.shape), base)
        else:
            self._values[out.name] = self.numpy.broadcast_to(value, out.shape).astype(out.dtype)

    # What operations ask for

    def call(self, function: str, *arguments: Place | Plain) -> None:
        """A function of NumPy, by its namesake in JAX."""
        if function.endswith(".reduce"):
            x, axes, keepdims, out = arguments
            reduce = {"add": self.numpy.sum, "maximum": self.numpy.max}[function.removesuffix(".reduce")]
            result = reduce(self.value(x), axis=axes, keepdims=keepdims)
        else:
            *operands, out = arguments
            result = getattr(self.numpy, function)(*map(self.value, operands))
        assert isinstance(out, Place)
        self.put(result, out)

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
        made = Place(f"array {len(self._values) + len(self._base)}", shape, x.dtype)
        self._base[made.name] = x
        return made


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
