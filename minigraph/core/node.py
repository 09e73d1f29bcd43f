"""The graph: nodes, leaves, and names.

A `Node` is one step of a computation: an operation and the nodes that it reads. A graph never
changes after it is made; only the values of data and parameters do. Reading `Node.value` evaluates
what is out of date, once, and nothing else.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeAlias

import numpy as np

from minigraph.core.calling_lines import calling_line
from minigraph.core.errors import ShapeError, describe, warn
from minigraph.core.groups import Group, current_group
from minigraph.core.lazy_imports import Displayed
from minigraph.core.operators import Operators
from minigraph.core.pulling import ALWAYS, NEVER, Clock, pull, refuse_while_tracing
from minigraph.formulas import Expression, Written, number, symbol, to_text
from minigraph.values import FLOAT64, Array, Shape, locked, to_array

if TYPE_CHECKING:
    import numpy.typing as npt

    from minigraph.core.op import Op

Operand: TypeAlias = "Node | npt.ArrayLike"
"""What an operation takes: a node, a number, or an array of numbers."""


class Lender(Protocol):
    """What may keep the value of a leaf: a program."""

    published_at: int

    def lent(self, leaf: Node) -> Array:
        """The leaf's value of the time ``published_at``, the caller's own."""


class Role(StrEnum):
    """What a node is for: three kinds of leaf, and operations."""

    DATA = "data"
    PARAMETER = "parameter"
    LITERAL = "literal"
    OPERATION = "operation"


next_number = itertools.count().__next__
"""A number between those of the nodes made so far and of the nodes to come."""


class Node(Operators, Displayed):
    """One step of a computation: an operation, its input nodes, a fixed shape and dtype.

    Nodes are made by `parameter`, `data` and by operations on nodes, never directly. A node equals itself and
    nothing else, so it can be a key of a dict, and ``node in nodes`` finds this very node in a list of nodes. Numbers,
    lists and arrays are not compared with a node, neither by ``==`` nor by ``in``, which uses ``==``: that is a
    TypeError. Compare values: ``node.value == 1.0``.

    Attributes:
        op: the operation, or None for a leaf.
        inputs: the nodes that the operation reads, in order.
        role: data, parameter, literal or operation.
        group: the `group` in which the node was made, or None.
        number: counts the nodes as they are made, so it is a topological order.

    Example:
        >>> import minigraph as mg
        >>> v = mg.parameter(11.0, "v")
        >>> J = (3 * v).named("J")
        >>> J.value
        np.float64(33.0)
        >>> v.value = 11.001
        >>> float(J)
        33.003
    """

    __slots__ = (
        "__weakref__", "_checked", "_code", "_computed", "_dtype", "_grad", "_instruction", "_lender", "_name", "_seen",
        "_shape", "_value", "group", "inputs", "number", "op", "role",
    )  # fmt: skip

    def __init__(
        self,
        op: Op | None,
        inputs: tuple[Node, ...],
        shape: Shape,
        dtype: np.dtype[Any],
        role: Role = Role.OPERATION,
        value: Any = None,
    ):
        self.op = op
        self.inputs = inputs
        self._shape = shape
        self._dtype = dtype
        self.role = role
        self.group: Group | None = current_group()
        self.number = next_number()
        self._grad: Array | None = None
        self._name: str | None = None
        self._value: Any = value
        self._computed = 0 if op is None else NEVER
        self._checked = ALWAYS if op is None else NEVER
        self._seen = NEVER
        self._lender: Lender | None = None
        self._code, self._instruction = calling_line()  # apart, since the collector looks at a tuple again and again

    # Shape and dtype, which stay: an array of NumPy lets both be assigned, so people try. `inputs` and `op` are plain, since
    # walks over a graph read them at every node, where a property takes five times as long.

    @property
    def shape(self) -> Shape:
        """Shape of the value, a tuple of sizes; () is a scalar."""
        return self._shape

    @shape.setter
    def shape(self, shape: Shape) -> NoReturn:
        raise AttributeError(
            f"{describe(self)}: its shape can't be assigned, since a graph never changes. node.reshape({shape!r}) is a "
            "node of another shape; a parameter or data of another shape is a new leaf."
        )

    @property
    def dtype(self) -> np.dtype[Any]:
        """float64 or float32."""
        return self._dtype

    @dtype.setter
    def dtype(self, dtype: npt.DTypeLike) -> NoReturn:
        raise AttributeError(
            f"{describe(self)}: its dtype can't be assigned, since a graph never changes. Give it when the leaves are "
            'made: mg.parameter(value, dtype="float32"); what is computed from them follows.'
        )

    # Values

    @property
    def value(self) -> Any:
        """The value, up to date: a read-only array, or a NumPy scalar for shape ().

        Data and parameters can be assigned; the new value must have the node's shape and is copied.

        Raises:
            AttributeError: on assigning to an operation or a literal.
            ShapeError: on assigning a value of another shape.
        """
        if self._checked < Clock.time or Clock.watched:
            pull((self,))
        return self._value

    @value.setter
    def value(self, value: npt.ArrayLike) -> None:
        if self.role not in (Role.DATA, Role.PARAMETER):
            raise AttributeError(
                f"{describe(self)}: the value of {'a literal' if self.op is None else 'an operation'} can't "
                "be set. Set the data and parameters it depends on, or use mg.evaluate(nodes, given={node: value})."
            )
        array = to_array(value, self.dtype, repr(self._name or self.role.value))
        if array.shape != self.shape:
            raise ShapeError(
                f"{describe(self)}, but the value assigned to it has shape {array.shape}. "
                "A graph's shapes are fixed: reshape the value, or build a graph for the new size.",
                operands=(self,),
            )
        if Clock.watched:
            instead = "Return outputs and a dict of updates, {w: its next value}."
            refuse_while_tracing(f"{describe(self)}: its value is assigned", instead)
        self._value = locked(array)
        self._lender, self._checked = None, ALWAYS
        self._computed = Clock.tick()

    def _lend(self, lender: Lender) -> None:
        """Let a program keep the value of this leaf from now on, until somebody assigns it."""
        self._lender, self._checked = lender, NEVER

    def _take_back(self) -> None:
        """Copy the value from the program that keeps it, if it has published since the last time."""
        assert self._lender is not None
        if self._computed < self._lender.published_at:
            self._value = locked(self._lender.lent(self))
            self._computed = self._lender.published_at

    @property
    def grad(self) -> Array | None:
        """The array ∂J/∂node of the last backward pass that reached the node; None, with a warning, if none has."""
        if Clock.watched:
            refuse_while_tracing(f"{describe(self)}: its .grad is read", "Write mg.grad(J, w), which is a node.")
        if self._grad is None:
            warn(f"{describe(self)} and has no gradient: {self._why_no_gradient()}")
        return self._grad

    @grad.setter
    def grad(self, gradient: Array | None) -> None:
        self._grad = gradient

    def _why_no_gradient(self) -> str:
        if self.role in (Role.DATA, Role.LITERAL):
            return "backward() differentiates by parameters. Make it with mg.parameter, or use mg.grad(J, node)."
        if self.role is Role.PARAMETER:
            return "no backward pass has reached it. Call J.backward() first, with a J that depends on it."
        return (
            "no backward pass has reached it. A parameter is updated with w.value = w.value - rate * w.grad; "
            "w = w - rate * w.grad makes w another node, which J does not depend on."
        )

    # Names

    @property
    def name(self) -> str | None:
        """The name given at creation or by `named`, else None."""
        return self._name

    @name.setter
    def name(self, name: str) -> NoReturn:
        raise AttributeError(f"{describe(self)}: a name is given once, by the node's method: node.named({name!r}).")

    def named(self, name: str) -> Node:
        """Give the node its name, once, and return the node.

        Raises:
            ValueError: if it already has another name.
            TypeError: if the name is not a non-empty string.

        Example:
            >>> import minigraph as mg
            >>> (2 * mg.data(3.0, "x")).named("y").name
            'y'
        """
        if not isinstance(name, str) or not name:
            raise TypeError(f"a node's name is a non-empty string, not {name!r}")
        self._refuse_second_name(name, self._name)
        self._name = str.__str__(name)  # plain text, whatever a type of somebody's own makes of it
        return self

    def _refuse_second_name(self, name: str, first: str | None) -> None:
        if first not in (None, name):
            raise ValueError(
                f"{describe(self)}: it is named {first!r} already and can't be named {name!r} too. A node has one name; "
                f"for a second one make a second node: mg.identity(node).named({name!r})."
            )

    @property
    def made_at(self) -> str | None:
        """The line of the user's code that made the node, as ``file:line``, if known."""
        if self._code is None:
            return None
        line = next(itertools.islice(self._code.co_positions(), self._instruction // 2, None))[0]
        return f"{self._code.co_filename}:{line}"

    # Notation

    def expression(self) -> Expression:
        """How the node is written inside a formula: its name, its number, or its own formula."""
        if self._name is not None:
            return symbol(self._name, self.shape)
        if self.op is not None:
            return self.formula().expression()
        if self.role is Role.LITERAL and self.shape == ():
            return number(self._value)
        return symbol(self.role.value, self.shape)

    def formula(self) -> Written:
        """The operation that makes the node, written on its inputs; a leaf's own symbol."""
        return self.expression() if self.op is None else self.op.notation(*self.inputs)

    def __repr__(self) -> str:
        shape = f"{self.shape} {self.dtype}"
        if self.op is None:
            literal = f" {to_text(self)}" if self.role is Role.LITERAL and (self._name or self.shape == ()) else ""
            return f"<{self.role}{literal or (f' {self._name!r}' if self._name else '')} {shape}>"
        return f"<{f'{self._name} = ' if self._name else ''}{to_text(self.formula())} {shape}>"


@dataclass(frozen=True, slots=True, eq=False)
class Expanded:
    """A node as a formula of its leaves, whatever names the steps on the way have."""

    node: Node

    @property
    def shape(self) -> tuple[int, ...]:
        """The node's shape."""
        return self.node.shape

    def expression(self) -> Expression:
        """The operation on its expanded inputs; leaves stand for themselves, so that a printer may name them."""
        assert self.node.op is not None  # it was asked to be written in its leaves
        return self.node.op.notation(*[x if x.op is None else Expanded(x) for x in self.node.inputs]).expression()


# Leaves


def _leaf(role: Role, value: npt.ArrayLike, name: str | None, dtype: npt.DTypeLike | None, what: str = "") -> Node:
    if isinstance(value, Node):
        raise TypeError(f"{role}: a leaf holds numbers, not a node. Write node.value.")
    if isinstance(value, str) and name is not None and not isinstance(name, str):
        raise TypeError(f"{role}: the value comes first, then the name: mg.{role}(value, {value!r}).")
    array = to_array(value, dtype, what or (repr(name) if isinstance(name, str) else role))
    node = Node(None, (), array.shape, array.dtype, role, locked(array))
    return node if name is None else node.named(name)


def parameter(value: npt.ArrayLike, name: str | None = None, dtype: npt.DTypeLike | None = None) -> Node:
    """A leaf that is differentiated and updated, such as W and b.

    Args:
        value: numbers of any shape; copied. Integers and booleans become floats.
        name: shown in diagrams, formulas and errors.
        dtype: float64 or float32; by default float32 for a float32 array, else float64.

    Raises:
        TypeError: for complex numbers, objects, text.

    Example:
        >>> import minigraph as mg
        >>> W = mg.parameter([[1, 2], [3, 4]], "W")
        >>> W.shape, W.dtype
        ((2, 2), dtype('float64'))
    """
    return _leaf(Role.PARAMETER, value, name, dtype)


def data(value: npt.ArrayLike, name: str | None = None, dtype: npt.DTypeLike | None = None) -> Node:
    """A leaf that is given, such as X and Y: no gradient unless `grad` is asked for one.

    Args:
        value: numbers of any shape; copied. Integers and booleans become floats.
        name: shown in diagrams, formulas and errors.
        dtype: float64 or float32; by default float32 for a float32 array, else float64.

    Raises:
        TypeError: for complex numbers, objects, text.

    Example:
        >>> import minigraph as mg
        >>> mg.data([1, 0, 1], "Y")
        <data 'Y' (3,) float64>
    """
    return _leaf(Role.DATA, value, name, dtype)


def literal(value: npt.ArrayLike, dtype: npt.DTypeLike | None = None, name: str | None = None, what: str = "") -> Node:
    """A number or array written in an expression: never settable, never differentiated. ``what`` asked, in errors."""
    if name is None and dtype is FLOAT64 and (type(value) is float or (type(value) is int and abs(value) < 2**53)):
        return Node(None, (), (), dtype, Role.LITERAL, np.float64(value))  # as below, in a tenth of the time
    return _leaf(Role.LITERAL, value, name, dtype, what)


def name(**nodes: Node) -> None:
    """Name many nodes at once.

    Raises:
        ValueError: if one of them already has another name; then none is named.
        TypeError: for something that is not a node.

    Example:
        >>> import minigraph as mg
        >>> x = mg.data(2.0, "x")
        >>> y, z = 3 * x, x * x
        >>> mg.name(y=y, z=z)
        >>> z
        <z = x·x () float64>
    """
    planned: dict[Node, str] = {}
    for text, node in nodes.items():
        if not isinstance(node, Node):
            raise TypeError(f"name: {text} is to be a node's name, but was given {node!r}")
        node._refuse_second_name(text, planned.setdefault(node, node.name or text))
    for text, node in nodes.items():
        node.named(text)
