"""Nodes computed by value, with any module that has NumPy's functions: the instructions of a node are done at once.

Arrays are never written there, as those of JAX can't be. So a place stands for the value that was put there last, and a view
of a place for a way to reach a part of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minigraph.core.node import Node
from minigraph.core.pulling import ancestors
from minigraph.program.graph import ProgramGraph
from minigraph.program.instructions import Instruction, Kind, Place, Plain
from minigraph.program.lowering.table import lowering_of
from minigraph.program.schedule import view_of
from minigraph.program.writer import Writer

OTHERWISE: dict[str, Callable[..., Any]] = {
    "add.reduce": lambda numpy, x, axes, keepdims: numpy.sum(x, axis=axes, keepdims=keepdims),
    "maximum.reduce": lambda numpy, x, axes, keepdims: numpy.max(x, axis=axes, keepdims=keepdims),
    "add.accumulate": lambda numpy, x, axis: numpy.cumsum(x, axis=axis),
    "take": lambda numpy, x, entries: numpy.take(x, numpy.asarray(entries, int), axis=0),
    "copyto": lambda numpy, x: x,
    # accelerators take fewer bits unless told
    **dict.fromkeys(("dot", "matmul"), lambda numpy, a, b: numpy.matmul(a, b, precision="highest")),
}
"""The functions of programs that are spelled in another way, where arrays are not written."""


class Values:
    """What is in the places of instructions, which a module ``numpy`` does; without steps, and each of them once."""

    def __init__(self, numpy: Any, known: Mapping[Place, Any]) -> None:
        self.numpy, self._values = numpy, dict(known)

    def value(self, x: Place | Plain) -> Any:
        """What is there now, zeros where nothing was put; a plain value as it is."""
        if not isinstance(x, Place):
            return x
        if x.base is not None:
            return x.view.of(self.value(x.base))
        if x not in self._values:
            self._values[x] = self.numpy.full(x.shape, x.value or 0.0, x.dtype)
        return self._values[x]

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

    def do(self, instruction: Instruction) -> None:
        """Put there what it computes."""
        function, values = instruction.function, map(self.value, instruction.operands)
        form = OTHERWISE.get(function)
        self.put(form(self.numpy, *values) if form else getattr(self.numpy, function)(*values), instruction.out)


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
    """Computes nodes by what their lowering says: the call by value, the view, the instructions or the expansion.

    Attributes:
        numpy: the module that computes; its arrays have NumPy's methods, and ``x.at[index].set(value)`` as those of JAX.
    """

    def __init__(self, numpy: Any):
        self.numpy = numpy

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
        lowering = lowering_of(op)
        if lowering.by_value is not None:
            return lowering.by_value(self.numpy, node, *operands)
        view = view_of(node)
        if view is not None:
            return view.of(operands[0])
        if lowering.write is not None:
            return self._written(lowering.write, node, operands)
        expanded = None if lowering.expansion is None else lowering.expansion(op, *node.inputs)
        if expanded is not None:
            return values_of([expanded], dict(zip(node.inputs, operands, strict=True)), self.leaf, self.computed)[0]
        return self.otherwise(node, operands)

    def _written(self, write: Callable[..., None], node: Node, operands: Sequence[Any]) -> Any:
        writer = Writer(ProgramGraph((node,), {}, (), {}), reuse=False)
        writer.node = node
        out, *places = (writer.made("x", x.shape, x.dtype, Kind.SOURCE) for x in (node, *node.inputs))
        write(writer, node.op, out, *places)
        values = Values(self.numpy, dict(zip(places, operands, strict=True)))
        for place, number in writer.instructions.fills:
            values.put(number, place)
        for instruction in writer.lines:
            values.do(instruction)
        return values.value(out)
