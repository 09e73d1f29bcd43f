"""`NamedNodes`: the steps of traced code by the names of its variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from minigraph.core.errors import nearest
from minigraph.core.node import Node
from minigraph.formulas import to_text
from minigraph.operations.idioms import idiom_of

LONGEST_FORMULA = 60


class NamedNodes(dict[str, Node]):
    """Nodes by name: ``n["W1"]``, or ``n.W1``. Printed, it lists each with its shape and formula.

    A variable that only held what has another name finds it too: after ``A_prev = A1``, ``n["A_prev"]`` is A1.
    """

    def __init__(self, named: Mapping[str, Node], aliases: Mapping[str, Sequence[Node]] = {}, replaced: Sequence[str] = ()):
        super().__init__(named)
        self._aliases = {name: list(dict.fromkeys(nodes)) for name, nodes in aliases.items()}
        self._replaced = tuple(replaced)

    def __missing__(self, name: str) -> Node:
        nodes = self._aliases.get(name, [])
        if len(nodes) == 1:
            return nodes[0]
        if nodes:
            listed = ", ".join(str(node.name) for node in nodes)
            raise KeyError(f"the variable {name} held several nodes, one after the other: {listed}")
        raise KeyError(f"no node is called {name!r}.{nearest(name, [*self, *self._aliases])}")

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
