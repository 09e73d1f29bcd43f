"""`Lowering`: what programs know of an operation, and the table in which they find it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from minigraph.core.node import Node
from minigraph.core.op import Elementwise, Op
from minigraph.program.instructions import Place, View
from minigraph.program.writer import Writer


def no_sum(position: int) -> int:
    """The sign of an operand of what is no sum."""
    return 0


def by_domain(op: Op, position: int) -> bool:
    """Whether the operand's domain begins at 0, as that of logarithms and roots does."""
    return op.domain_of(position)[0] == 0


def always(op: Op, position: int) -> bool:
    """Whether it magnifies: as what compares with 0 does, it tells the smallest number from 0."""
    return True


@dataclass(frozen=True, slots=True)
class Lowering:
    """What programs know of an operation; functions that take an operation are given the one of the node.

    Attributes:
        write: asks the writer for the instructions that fill a place from those of the operands: ``write(writer, op, out,
            *operands)``; None to call the forward rule.
        view: how the result is seen in the memory of the only operand, a `Place`; None if it needs memory of its own.
        expansion: the same value by smaller operations on the operands, which are nodes, so that programs compute once
            what it shares with others; or None, where these operands have none.
        rough_expansion: an expansion that may give 0 for results below the smallest normal number, where no reader
            magnifies them.
        sign: 1 or −1 if the result is a sum in which the operand at a position stands with this sign; 0 if it is no sum.
        in_place: whether it is one instruction that may write over an operand of the result's shape.
        magnifies: whether it tells a very small operand from 0, as logarithms, roots and divisions by it do.
        by_value: where arrays are not written, as those of JAX, the value by one call of a module with NumPy's functions:
            ``by_value(numpy, node, *values)``; None if the others say it as well.
    """

    write: Callable[..., None] | None = None
    view: Callable[[Any, Place], View | None] | None = None
    expansion: Callable[..., Node | None] | None = None
    rough_expansion: Callable[..., Node] | None = None
    sign: Callable[[int], int] = no_sum
    in_place: bool = False
    magnifies: Callable[[Any, int], bool] = by_domain
    by_value: Callable[..., Any] | None = None


Table: TypeAlias = Mapping[type[Op], Lowering]

_lowerings: WeakKeyDictionary[type[Op], Lowering] = WeakKeyDictionary()
_found: WeakKeyDictionary[type[Op], Lowering] = WeakKeyDictionary()  # by the types of the operations that were asked about


def register(kind: type[Op], lowering: Lowering) -> None:
    """Say how operations of a type become instructions; those of its subclasses too, if they keep its forward rule.

    Example:
        >>> import numpy as np
        >>> import minigraph as mg
        >>> from minigraph.program.lowering.table import Lowering, register
        >>> class Cube(mg.Elementwise):
        ...     def forward(self, x):
        ...         return x**3
        ...     def derivatives(self, y, x):
        ...         return [mg.Scale(3 * x**2)]
        >>> def write_cube(write, op, out, x):
        ...     write.call("square", x, out)
        ...     write.call("multiply", out, x, out)
        >>> register(Cube, Lowering(write_cube))
        >>> x = mg.data([2.0, 3.0], "x")
        >>> program = mg.compile(Cube()(x))
        >>> program(), "square(x, cube_x)" in program.source
        (array([ 8., 27.]), True)
    """
    _lowerings[kind] = lowering
    _found.clear()


def lowering_of(op: Op) -> Lowering:
    """What programs know of the operation."""
    kind = type(op)
    if "forward" in getattr(op, "__dict__", ()):  # a rule of its own: nothing that is known of the type holds
        return Lowering()
    if kind not in _found:
        kept = (base for base in kind.__mro__ if base in _lowerings and getattr(base, "forward", None) is kind.forward)
        found = next((_lowerings[base] for base in kept), Lowering())
        if found.write is None and issubclass(kind, Elementwise) and _is_ufunc_of_numpy(kind.forward):
            found = replace(found, write=_call_the_forward_rule, in_place=True)
        _found[kind] = found
    return _found[kind]


def signs(node: Node) -> list[int]:
    """For each operand 1 or −1 if the node is a sum in which it stands with this sign; else 0."""
    sign = no_sum if node.op is None else lowering_of(node.op).sign
    return [sign(position) for position in range(len(node.inputs))]


def _call_the_forward_rule(write: Writer, op: Op, out: Place, *operands: Place) -> None:
    write.call(op.forward.__name__, *operands, out)


def _is_ufunc_of_numpy(forward: Any) -> bool:
    return isinstance(forward, np.ufunc) and forward.nout == 1 and getattr(np, forward.__name__, None) is forward
