"""Nodes computed by value, with any module that has NumPy's functions: what lowerings write as lines is done at once.

Arrays are never written there, as those of JAX can't be. So a place stands for the value that was put there last, and a view
of a place for a way to reach a part of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.core.op import Op
from minigraph.core.pulling import ancestors
from minigraph.operations.indexing import GetItem, Scatter
from minigraph.operations.joining import Concatenate
from minigraph.operations.reductions import Mean, Sum
from minigraph.operations.repeating import BroadcastTo
from minigraph.program.inserted_operations import entries_of
from minigraph.program.instructions import Place, Plain, View, Writer
from minigraph.program.lowering.table import lowering_of
from minigraph.program.schedule import view_of
from minigraph.values import Shape


def _product(numpy: Any, a: Any, b: Any) -> Any:
    return numpy.matmul(a, b, precision="highest")  # accelerators take fewer bits unless told


OTHERWISE: dict[str, Callable[..., Any]] = {
    "add.reduce": lambda numpy, x, axes, keepdims: numpy.sum(x, axis=axes, keepdims=keepdims),
    "maximum.reduce": lambda numpy, x, axes, keepdims: numpy.max(x, axis=axes, keepdims=keepdims),
    "add.accumulate": lambda numpy, x, axis: numpy.cumsum(x, axis=axis),
    "take": lambda numpy, x, entries: numpy.take(x, numpy.asarray(entries, int), axis=0),
    "copyto": lambda numpy, x: x,
    **dict.fromkeys(("dot", "matmul"), _product),
}
"""The functions of programs that are spelled in another way, where arrays are not written."""


class Values(Writer):
    """The `Writer` whose places are values; ``numpy`` is the module that computes."""

    def __init__(self, numpy: Any) -> None:
        self.numpy = numpy
        self._values: dict[Place, Any] = {}

    def place(self, shape: Shape, dtype: np.dtype[Any], value: Any = None) -> Place:
        """A place for an array, that holds a value already if one is given."""
        made = Place("an array", shape, dtype)
        self._values[made] = value
        return made

    def value(self, x: Place | Plain) -> Any:
        """What is there now, zeros where nothing was put; a plain value as it is."""
        if not isinstance(x, Place):
            return x
        if x.base is not None:
            return x.view.of(self.value(x.base))
        found = self._values[x]
        return self.numpy.zeros(x.shape, x.dtype) if found is None else found

    def put(self, value: Any, out: Place) -> None:
        """The value is there from now on, of the place's shape and dtype."""
        value, base = self.numpy.broadcast_to(value, out.shape).astype(out.dtype), out.base
        if base is None:
            self._values[out] = value
        elif out.size == base.size:
            self.put(value.reshape(base.shape), base)
        else:
            before, (_, entries) = self.value(base), out.view.steps[0]
            self.put(before.at[entries].set(value.reshape(before[entries].shape)), base)

    # What lowerings ask for: see `Writer`

    def call(self, function: str, *arguments: Place | Plain) -> None:
        *operands, out = arguments
        assert isinstance(out, Place)
        form = OTHERWISE.get(function)
        values = map(self.value, operands)
        self.put(form(self.numpy, *values) if form else getattr(self.numpy, function)(*values), out)

    def filled(self, value: float, shape: Shape, dtype: np.dtype[Any]) -> Place:
        return self.place(shape, dtype, self.numpy.full(shape, value, dtype))

    def scratch(self, shape: Shape, dtype: np.dtype[Any]) -> Place:
        return self.place(shape, dtype)

    def reshaped(self, x: Place, shape: Shape) -> Place:
        return Place("an array", shape, x.dtype, base=x, view=View().then("reshape", shape))

    def part(self, x: Place, entries: slice, shape: Shape) -> Place:
        return Place("an array", shape, x.dtype, base=x, view=entries_of(entries, shape))

    def fill(self, x: Place, value: float) -> None:
        self.put(value, x)


def _weighted_sum(numpy: Any, node: Node, x: Any) -> Any:
    op: Any = node.op
    operand = node.inputs[0]
    total = numpy.sum(x, axis=op.axes(operand), keepdims=op.keepdims)
    weight = op.weight(operand)
    return total if weight == 1 else total * weight


Forms = Mapping[type[Op], Callable[..., Any]]
FORMS: Forms = {
    BroadcastTo: lambda numpy, node, x: numpy.broadcast_to(x, node.shape),
    Concatenate: lambda numpy, node, *parts: numpy.concatenate(parts, node.op.axis),
    GetItem: lambda numpy, node, x, *parts: x[node.op.numbers(parts)],
    Mean: _weighted_sum,
    Scatter: lambda numpy, node, x, *parts: numpy.zeros(node.shape, node.dtype).at[node.op.numbers(parts)].add(x),
    Sum: _weighted_sum,
}
"""What is one call by value, or calls the forward rule in programs; of subclasses too, if they keep the forward rule."""


def _form(op: Op, forms: Forms) -> Callable[..., Any] | None:
    if "forward" in vars(op):  # the object's own
        return None
    kind = type(op)
    kept = [base for base in kind.__mro__ if issubclass(base, Op) and base in forms and base.forward is kind.forward]
    return forms[kept[0]] if kept else None


def values_of(
    roots: Sequence[Node],
    given: Mapping[Node, Any],
    leaf: Callable[[Node], Any],
    computed: Callable[[Node, Sequence[Any]], Any],
) -> list[Any]:
    """The values of nodes.

    Args:
        roots: the nodes.
        given: values of some nodes.
        leaf: gives the value of a leaf that is not given.
        computed: gives the value of any other node from those of its operands.
    """
    values = dict(given)
    for node in ancestors(roots, stop=given.__contains__):
        if node not in values:
            values[node] = leaf(node) if node.op is None else computed(node, [values[x] for x in node.inputs])
    return [values[node] for node in roots]


class ByValue(ABC):
    """Computes nodes by their form in a small table, as a view of the operand, by the lowering, by the expansion.

    Attributes:
        numpy: the module that computes; its arrays have NumPy's methods, and ``x.at[index].set(value)`` as those of JAX.
        forms: the table.
    """

    def __init__(self, numpy: Any, forms: Forms = FORMS):
        self.numpy, self.forms = numpy, forms

    def leaf(self, node: Node) -> Any:
        """A constant."""
        return self.numpy.asarray(node.value, node.dtype)

    @abstractmethod
    def otherwise(self, node: Node, operands: Sequence[Any]) -> Any:
        """The value of a node of which nothing is known but its forward rule."""

    def computed(self, node: Node, operands: Sequence[Any]) -> Any:
        """One node's value."""
        op = node.op
        assert op is not None
        form = _form(op, self.forms)
        if form is not None:
            return form(self.numpy, node, *operands)
        view = view_of(node, Place("x", node.inputs[0].shape, node.inputs[0].dtype)) if len(node.inputs) == 1 else None
        if view is not None:
            return view.of(operands[0])
        lowering = lowering_of(op)
        if lowering.write is not None:
            return self._written(lowering.write, node, operands)
        expanded = None if lowering.expansion is None else lowering.expansion(op, *node.inputs)
        if expanded is not None:
            return values_of([expanded], dict(zip(node.inputs, operands, strict=True)), self.leaf, self.computed)[0]
        return self.otherwise(node, operands)

    def _written(self, write: Callable[..., None], node: Node, operands: Sequence[Any]) -> Any:
        values = Values(self.numpy)
        places = [values.place(x.shape, x.dtype, value) for x, value in zip(node.inputs, operands, strict=True)]
        out = values.place(node.shape, node.dtype)
        write(values, node.op, out, *places)
        return values.value(out)
