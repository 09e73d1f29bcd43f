"""How the nodes of one figure are called, and how formulas are written with these names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from minigraph.ledger import Contribution
from minigraph.linear_maps import Identity, LinearMap, compose
from minigraph.node import Node, Role
from minigraph.notation import ATOM, PRODUCT, TIGHT, Expression, Written, negation, symbol, to_text
from minigraph.shape_maps import Broadcast

LONGEST_NAME = 24
LONGEST_FORMULA = 400
LONGEST_EXPANSION = 60
MOST_EXPANDED = 16

UNIT = Expression(ATOM, ("1",), ("1",))
"""An upstream gradient of 1: what a local derivative is pulled on to be written by itself."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """Something written, with the figure's names for its boxes, and without factors of `UNIT`."""

    written: Written
    names: Mapping[Node, Expression]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value that is written."""
        return self.written.shape

    def expression(self) -> Expression:
        """The expression, whose operands are renamed when a printer gets to them."""
        written = self.written
        if isinstance(written, Node):
            if written in self.names:
                return self.names[written]
            if written.op is not None and written.name is None:
                written = written.op.notation(*(Renamed(x, self.names) for x in written.inputs))
        expression = written.expression()
        if expression.binding in (PRODUCT, TIGHT) and len(expression.operands) == 2 and not expression.text[0]:
            left, right = expression.operands
            if left is UNIT and expression.kind != "/":
                return Renamed(right, self.names).expression()
            if isinstance(left, Expression) and left.operands == (UNIT,) and left.text == _MINUS_UNIT.text:
                expression = negation(right)
        return replace(expression, operands=tuple(Renamed(x, self.names) for x in expression.operands))


_MINUS_UNIT = negation(UNIT)


@dataclass(frozen=True)
class Wording:
    """The names of one figure's boxes.

    Attributes:
        names: for each box its name, clipped. An unnamed root is the output; other unnamed steps are t₁, t₂, …
        root: the name of the node that is differentiated.
    """

    names: dict[Node, str]
    symbols: dict[Node, Expression]
    root: str

    @classmethod
    def of(cls, boxes: Iterable[Node], root: Node) -> Wording:
        """The names for these boxes; none is given twice to unnamed ones."""
        boxes = list(boxes)
        taken = {node.name for node in boxes}
        unnamed: dict[str, list[Node]] = {}
        names: dict[Node, str] = {}
        for node in boxes:
            if node.name is not None:
                names[node] = clipped(node.name, LONGEST_NAME)
            else:
                stem = "output" if node is root else _STEMS[node.role]
                unnamed.setdefault(stem, []).append(node)
        for stem, nodes in unnamed.items():
            number = 0
            for node in nodes:
                name = stem if len(nodes) == 1 and stem != "t" else ""
                while not name or name in taken:
                    number += 1
                    name = f"{stem}{number}"
                taken.add(name)
                names[node] = name
        symbols = {node: symbol(name, node.shape) for node, name in names.items()}
        return cls(names, symbols, names[root])

    def text(self, written: Written) -> str:
        """A formula with this figure's names."""
        return to_text(Renamed(written, self.symbols), subscripts=True, budget=LONGEST_FORMULA)

    def name(self, node: Node) -> str:
        """The name of a box, with its subscripts."""
        return to_text(self.symbols[node], subscripts=True)

    def formula(self, node: Node) -> str:
        """The first row of a box: ``Z₁ = W₁ X + b₁``; a leaf's name."""
        if node.op is None:
            return self.name(node)
        return f"{self.name(node)} = {self.text(node.op.notation(*(Renamed(x, self.symbols) for x in node.inputs)))}"

    def gradient(self, node: Node) -> Expression:
        """∂J/∂node."""
        return symbol(derivative_name(self.root, self.names[node]), node.shape)

    def gradient_name(self, node: Node) -> str:
        """∂J/∂node, as text."""
        return to_text(self.gradient(node), subscripts=True)


_STEMS = {Role.DATA: "data", Role.PARAMETER: "parameter", Role.LITERAL: "constant", Role.OPERATION: "t"}


def derivative_name(above: str, below: str) -> str:
    """∂u/∂b; names that are derivatives themselves stand in parentheses."""
    above, below = (f"({name})" if "/" in name else name for name in (above, below))
    return f"∂{above}/∂{below}"


def clipped(text: str, length: int) -> str:
    """The text, with … for what goes beyond ``length`` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def composed(entries: Iterable[Contribution]) -> LinearMap:
    """The local derivative along primitive edges, the outermost first, with the broadcasting on the way."""
    maps: list[LinearMap] = []
    for entry in entries:
        maps.append(entry.local)
        if entry.summed_axes:
            maps.append(Broadcast(entry.input.shape, entry.consumer.shape))
    return compose(*maps) if maps else Identity()


def expanded(root: Node, size: int) -> str | None:
    """The whole graph of ``root`` as one formula in its leaves, if that is short; ``size`` counts its nodes."""
    if root.op is None or size > MOST_EXPANDED:
        return None
    text = to_text(_Expanded(root), subscripts=True, budget=LONGEST_EXPANSION)
    return None if text.endswith("…") else text


@dataclass(frozen=True, slots=True)
class _Expanded:
    """A node written in its leaves, whatever names the steps on the way have."""

    node: Node

    @property
    def shape(self) -> tuple[int, ...]:
        return self.node.shape

    def expression(self) -> Expression:
        if self.node.op is None:
            return self.node.expression()
        return self.node.op.notation(*map(_Expanded, self.node.inputs)).expression()
