"""Tracing: a function builds a graph of nodes whose values are not known yet.

What it returns becomes a program, which runs for many values. So a value that the function reads is either not
there, and that is an error, or it becomes a number in the program, and that is noted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np

from minigraph.core.errors import describe, warn
from minigraph.core.node import Node, Role
from minigraph.core.pulling import WATCHERS, Clock, ancestors, trace
from minigraph.values import Array, Shape

INSTEAD = (
    "Write what depends on it with nodes: mg.maximum or a product with a mask in place of an if, mg.grad(J, w) in place of "
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
    """The leaves whose values are read while a graph is built, each with its value then.

    Attributes:
        values: the values, by leaf.
        warned: the nodes of which it was said already.
    """

    def __init__(self, warned: set[Node]):
        self.values: dict[Node, Array] = {}
        self.warned = warned

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
                f"{describe(node)}, and its value is read while a graph is built for a program, which will keep the number "
                "that it is now, whatever is assigned or learned later. Use the node itself, not its value; a number that "
                "is to stay is read before the function is given to mg.compile."
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


WATCHERS.append(note_read)
