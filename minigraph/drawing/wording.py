"""How the nodes of one figure are called, and how formulas are written with these names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

from minigraph.core.ledger import Contribution
from minigraph.core.linear_maps import Identity, LinearMap, compose
from minigraph.core.node import Node, Role
from minigraph.core.shape_maps import Broadcast
from minigraph.drawing.markup import shown
from minigraph.formulas.notation import ATOM, Expression, Written, as_drawn, negation, symbol, to_text
from minigraph.reading.expanded import Expanded
from minigraph.reading.names import marked_names

LONGEST_NAME = 24
LONGEST_FORMULA = 400
LONGEST_EXPANSION = 60
MOST_EXPANDED = 16

UNIT = Expression(ATOM, ("1",), ("1",))
"""An upstream gradient of 1: what a local derivative is pulled on to be written by itself."""
_MINUS_UNIT = negation(UNIT)


def without_unit(written: Written) -> Written:
    """The formula that a linear map wrote on `UNIT`, without the factor 1: c for 1·c."""
    if not isinstance(written, Expression) or written is UNIT:
        return written
    operands = tuple(map(without_unit, written.operands))
    if operands == (UNIT,) and re.fullmatch(" as (1×)*1", written.text[1]):
        return UNIT
    if written.kind in ("·", "⊙", "matrix"):
        for unit, other in (operands, operands[::-1]):
            if unit is UNIT:
                return other
            if _is_minus_unit(unit):
                return negation(other)
    return replace(written, operands=operands)


def _is_minus_unit(written: Written) -> bool:
    return isinstance(written, Expression) and written.text == _MINUS_UNIT.text and written.operands[0] is UNIT


@dataclass(frozen=True)
class Wording:
    """The names of one figure's boxes.

    Attributes:
        names: for each box its name as it is drawn, clipped. An unnamed root is the output; other unnamed steps are
            s1, s2, …
        marked: those of the graph that share their name with others, or have none like others, with a number.
        root: the name of the node that is differentiated.
    """

    names: dict[Node, str]
    marked: dict[Node, str]
    root: str

    @classmethod
    def of(cls, boxes: Iterable[Node], root: Node) -> Wording:
        """The names for these boxes; no name is made up that another box has."""
        boxes = list(boxes)
        marked = marked_names(root, _spelled)
        names = {node: marked.get(node) or _spelled(node.name or "") for node in boxes if node.name or node in marked}
        taken = set(names.values())
        unnamed: dict[str, list[Node]] = {}
        for node in boxes:
            if node not in names:
                unnamed.setdefault("output" if node is root else _STEMS[node.role], []).append(node)
        for stem, nodes in unnamed.items():
            alone = len(nodes) == 1 and stem != _STEMS[Role.OPERATION] and as_drawn(stem) not in taken
            numbered = (f"{stem}{number}" for number in count(1))
            for node in nodes:
                names[node] = stem if alone else next(name for name in numbered if as_drawn(name) not in taken)
        return cls(names, marked, names[root])

    def text(self, written: Written) -> str:
        """A formula with this figure's names."""
        return to_text(written, subscripts=True, budget=LONGEST_FORMULA, names=self.names)

    def name(self, node: Node) -> str:
        """The name of a box, with its subscripts."""
        return as_drawn(self.names[node])

    def formula(self, node: Node) -> str:
        """The first row of a box: ``Z₁ = W₁ X + b₁``; a leaf's name."""
        return self.name(node) if node.op is None else f"{self.name(node)} = {self.text(node.formula())}"

    def gradient(self, node: Node) -> Expression:
        """∂J/∂node."""
        return symbol(derivative_name(self.root, self.names[node]), node.shape)

    def gradient_name(self, node: Node) -> str:
        """∂J/∂node, as text."""
        return as_drawn(derivative_name(self.root, self.names[node]))

    def partial(self, above: Node, below: Node) -> str:
        """∂u/∂b, as text."""
        return as_drawn(derivative_name(self.names[above], self.names[below]))


_STEMS = {Role.DATA: "data", Role.PARAMETER: "parameter", Role.LITERAL: "constant", Role.OPERATION: "s"}


def derivative_name(above: str, below: str) -> str:
    """∂u/∂b; names that are derivatives themselves stand in parentheses."""
    above, below = (f"({name})" if "/" in name else name for name in (above, below))
    return f"∂{above}/∂{below}"


def _spelled(name: str) -> str:
    """A user's name as it is drawn."""
    return as_drawn(shown(name, LONGEST_NAME))


def composed(entries: Iterable[Contribution]) -> LinearMap:
    """The local derivative along primitive edges, the outermost first, with the broadcasting on the way."""
    maps: list[LinearMap] = []
    for entry in entries:
        maps.append(entry.local)
        if entry.summed_axes:
            maps.append(Broadcast(entry.input.shape, entry.consumer.shape))
    return compose(*maps) if maps else Identity()


def expanded(root: Node, size: int, wording: Wording) -> str | None:
    """The whole graph of ``root`` as one formula in its leaves, if that is short; ``size`` counts its nodes."""
    if root.op is None or size > MOST_EXPANDED:
        return None
    text = to_text(Expanded(root), subscripts=True, budget=LONGEST_EXPANSION, names=wording.names)
    return None if text.endswith("…") else text
