"""Reading values otherwise: with some nodes set to something else, refusing what is not finite, or noted by a tracer.

Tracing: a function builds a graph of nodes whose values are not known yet, and what it returns becomes a program, which runs
for many values. So a value that the function reads is either not there, and that is an error, or it becomes a number in the
program, and that is noted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from minigraph.core.errors import NonFiniteError, ShapeError, describe, warn
from minigraph.core.node import Node, Role
from minigraph.core.pulling import WATCHERS, Clock, ancestors, check, checking, pull, run, trace
from minigraph.formulas import to_text
from minigraph.values import Array, Shape, locked, to_array

if TYPE_CHECKING:
    import numpy.typing as npt


def evaluate(nodes: Node | Sequence[Node], given: Mapping[Node, npt.ArrayLike] | None = None) -> Any:
    """Values of nodes, with some nodes, intermediates too, set to something else for this call.

    The graph is not touched: its own values stay as they are.

    Args:
        nodes: one node, or a sequence of them.
        given: what to take as the value of which node; each of its node's shape.

    Returns:
        The value, or a list of values for a sequence.

    Raises:
        ShapeError: if a given value does not have its node's shape.

    Example:
        >>> import minigraph as mg
        >>> a = mg.parameter(5.0, "a")
        >>> v = (a + 6).named("v")
        >>> J = 3 * v
        >>> float(mg.evaluate(J, given={v: 11.001})), float(J)
        (33.003, 33.0)
    """
    wanted = [nodes] if isinstance(nodes, Node) else list(nodes)
    values: dict[Node, Any] = {}
    for node in wanted:
        if not isinstance(node, Node):
            raise TypeError(f"evaluate: the first argument holds nodes, not {type(node).__name__}.")
    for node, value in (given or {}).items():
        if not isinstance(node, Node):
            raise TypeError(f"evaluate: given is a dict from nodes to values, but {node!r} is not a node.")
        array = to_array(value, node.dtype, "evaluate")
        if array.shape != node.shape:
            raise ShapeError(f"evaluate: {describe(node)}, but the value given for it is {array.shape}.", operands=(node,))
        values[node] = locked(array)
    changed = []
    affected = set(values)
    for node in ancestors(wanted, stop=values.__contains__):
        if node not in values and any(operand in affected for operand in node.inputs):
            affected.add(node)
            changed.append(node)
    pull([operand for node in (*changed, *wanted) for operand in (*node.inputs, node) if operand not in affected])
    with np.errstate(all="ignore"):
        for node in changed:
            values[node] = run(node, [values[x] if x in affected else x._value for x in node.inputs])
    if checking():
        refuse_non_finite(wanted, values, given or {})
    results = [values[node] if node in affected else node._value for node in wanted]
    return results[0] if isinstance(nodes, Node) else results


class check_finite:
    """Inside this context, reading a value that holds a NaN or infinity names the first node that made one.

    It is for the thread or task that opens it: others read as always.

    Raises:
        NonFiniteError: at the read, with the node, the entry and the values of its inputs.

    Example:
        >>> import minigraph as mg
        >>> x = mg.data([1.0, 0.0], "x")
        >>> J = mg.log(x).named("l").sum()
        >>> with mg.check_finite():
        ...     J.value
        Traceback (most recent call last):
        ...
        minigraph.core.errors.NonFiniteError: 'l' is (2,): log gave -inf at entry (1,) of l = log(x). There 'x' is 0.0.
    """

    def __enter__(self) -> None:
        check(1)

    def __exit__(self, *_: object) -> None:
        check(-1)


def refuse_non_finite(nodes: Sequence[Node], values: Mapping[Node, Any], given: Mapping[Node, Any]) -> None:
    """Raise for the first node in topological order whose value is not finite.

    ``values`` hold for this call instead of the nodes' own; nothing above a node whose value was given matters.
    """

    def value_of(node: Node) -> Any:
        return values.get(node, node._value)

    for node in ancestors(nodes, stop=given.__contains__):
        finite = np.isfinite(value_of(node))
        if finite.all():
            continue
        entry = tuple(map(int, np.argwhere(~finite)[0]))
        bad = value_of(node)[entry] if entry else value_of(node)
        at = f" at entry {entry}" if entry else ""
        if node.op is None or node in given:
            raise NonFiniteError(f"{describe(node)}: its value is {bad}{at}. Check where it comes from.", node)
        formula = f"{node.name} = " if node.name else ""
        there = [
            f"{to_text(x, budget=40)!r} is {value_of(x)[entry] if entry else value_of(x)}"
            for x in node.inputs
            if x.shape == node.shape
        ]
        raise NonFiniteError(
            f"{describe(node)}: {node.op.name} gave {bad}{at} of {formula}{to_text(node.formula())}."
            + (f" There {' and '.join(there)}." if there else ""),
            node,
        )


def _check_read(nodes: Sequence[Node]) -> None:
    """Raise for values that are not finite, if a `check_finite` is open."""
    if checking():
        refuse_non_finite(nodes, {}, {})


# Tracing

INSTEAD = (
    "Write what depends on it with nodes: mg.maximum or mg.where in place of an if, mg.grad(J, w) in place of "
    "J.backward() and w.grad. mg.draw(J, values=False) shows the graph."
)


class Placeholder:
    """Lends a node no value: it stands for an array that a program will be given."""

    published_at = sys.maxsize - 1  # later than any value

    def __init__(self, name: str):
        self.name = name

    def lent(self, leaf: Node) -> NoReturn:
        """Raise the error for a reader."""
        raise RuntimeError(
            f"{leaf.name or self.name!r} is {leaf.shape} and has no value: it stands for the arrays that the program will "
            f"be given, and the function that builds the graph runs only once for all of them. {INSTEAD}"
        )


def placeholder(shape: Shape, dtype: np.dtype[Any], name: str) -> Node:
    """A data node without a value."""
    node = Node(None, (), shape, dtype, Role.DATA)
    node._lend(Placeholder(name))
    return node


class Reads:
    """The leaves whose values are read while a graph is built, each with its value then."""

    def __init__(self, warned: set[Node]):
        self.values: dict[Node, Array] = {}
        self.warned = warned  # of these nodes it was said already

    def note(self, leaf: Node) -> None:
        """A leaf was read: a parameter is hardly meant to stay what it is."""
        self.values.setdefault(leaf, leaf._value)
        if leaf.role is Role.PARAMETER:
            self.warn(leaf)

    def warn(self, node: Node) -> None:
        """Say, once, that the program keeps the value."""
        if node not in self.warned:
            self.warned.add(node)
            warn(
                f"{describe(node)}, and its value is read while a graph is built for a program. The program will keep the "
                "number that it is now, whatever is assigned or learnt later. Use the node itself, not its value; read a "
                "number that is to stay before you give the function to mg.compile."
            )

    def settle(self, updated: Iterable[Node]) -> dict[Node, Array]:
        """The leaves for which the function has to run again when they are set; it is said of those that are updated."""
        for leaf in updated:
            if leaf in self.values:
                self.warn(leaf)
        return {leaf: value for leaf, value in self.values.items() if leaf not in self.warned}


@contextmanager
def tracing(warned: set[Node]) -> Iterator[Reads]:
    """While a function builds a graph: note what it reads."""
    reads = Reads(warned)
    token = trace.set(reads)
    Clock.watch(1)
    try:
        yield reads
    finally:
        Clock.watch(-1)
        trace.reset(token)


def note_read(nodes: Sequence[Node]) -> None:
    """Values of these nodes were read: if a graph is being built, they become numbers in it."""
    reads: Reads | None = trace.get()
    if reads is not None:
        for node in ancestors(nodes):
            if node.role in (Role.DATA, Role.PARAMETER):
                reads.note(node)
            elif node.op is not None and not node.op.pure:
                reads.warn(node)


WATCHERS.extend([_check_read, note_read])
