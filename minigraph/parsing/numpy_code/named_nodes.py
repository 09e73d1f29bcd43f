"""`NamedNodes`: the steps of traced code by the names of its variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from minigraph.core.errors import nearest
from minigraph.core.node import Node
from minigraph.formulas import to_text
from minigraph.operations.idioms import idiom_of

LONGEST_FORMULA = 60


class NamedNodes(dict[str, Node]):
    """Nodes by name: ``n["W1"]``, or ``n.W1``. Printed, it lists each with its shape and formula.

    The name of a variable finds what it held last: after ``A_prev = A1``, ``n["A_prev"]`` is A1; where a loop made Z1, Z2
    and Z3, ``n["Z"]`` is Z3.
    """

    def __init__(
        self,
        named: Mapping[str, Node],
        last: Mapping[str, Node],
        replaced: Sequence[str] = (),
        whole: Mapping[str, int] = MappingProxyType({}),
    ):
        super().__init__(named)
        self._last = last
        self._replaced = tuple(replaced)
        self._whole = whole

    def __missing__(self, name: str) -> Node:
        if name not in self._last:
            if name in self._whole:
                raise KeyError(whole_number(name, self._whole[name]))
            raise KeyError(f"no node is called {name!r}.{nearest(name, [*self, *self._last])}")
        return self._last[name]

    def __getattr__(self, name: str) -> Node:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __str__(self) -> str:
        rows = [(name, str(node.shape), self._told(node)) for name, node in self.items()]
        widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
        table = [f"{name:{widths[0]}}  {shape:{widths[1]}}  {told}" for name, shape, told in rows]
        return "\n".join([*table, *self._replaced])

    __repr__ = __str__

    def _told(self, node: Node) -> str:
        if node.op is None:
            return str(node.role)
        formula = to_text(node.formula(), budget=LONGEST_FORMULA, juxtapose=True)
        idiom = idiom_of(node)
        return formula if idiom is None else f"{formula}, recognised as {to_text(idiom.written, juxtapose=True)}"


def whole_number(name: str, number: int) -> str:
    """A sentence for a whole number that is not a node."""
    return f"{name!r} is the whole number {number}, which is handed over as it is. Write {number}.0 for a parameter."


def numbered(variable: str, first: int, count: int, taken: set[str]) -> list[str]:
    """Z1, Z2, …; or Z_1, Z_2, … where one of these is taken, a number would run into another, or the name is a path."""
    joint = "_" if variable[-1].isdigit() or "." in variable else ""
    while True:
        names = [f"{variable}{joint}{number}" for number in range(first, first + count)]
        if taken.isdisjoint(names):
            return names
        joint += "_"
