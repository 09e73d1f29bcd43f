"""How the nodes of one figure are called, and how formulas are written with these names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

from minigraph.ledger import Contribution
from minigraph.linear_maps import Identity, LinearMap, compose
from minigraph.node import Node, Role
from minigraph.notation import ATOM, Expression, Written, negation, symbol, to_text, with_subscripts
from minigraph.shape_maps import Broadcast

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
    if written.kind in ("·", "⊙") and operands[0] is UNIT:
        return operands[1]
    if written.kind in ("·", "⊙") and _is_minus_unit(operands[0]):
        return negation(operands[1])
    return replace(written, operands=operands)


def _is_minus_unit(written: Written) -> bool:
    return isinstance(written, Expression) and written.text == _MINUS_UNIT.text and written.operands[0] is UNIT


@dataclass(frozen=True)
class Wording:
    """The names of one figure's boxes.

    Attributes:
        names: for each box its name, clipped. An unnamed root is the output; other unnamed steps are s1, s2, …
        root: the name of the node that is differentiated.
    """

    names: dict[Node, str]
    root: str

    @classmethod
    def of(cls, boxes: Iterable[Node], root: Node) -> Wording:
        """The names for these boxes; no name is made up that another box has."""
        boxes = list(boxes)
        names = {node: clipped(node.name, LONGEST_NAME) for node in boxes if node.name is not None}
        taken = set(names.values())
        unnamed: dict[str, list[Node]] = {}
        for node in boxes:
            if node.name is None:
                unnamed.setdefault("output" if node is root else _STEMS[node.role], []).append(node)
        for stem, nodes in unnamed.items():
            alone = len(nodes) == 1 and stem != _STEMS[Role.OPERATION] and stem not in taken
            numbered = (f"{stem}{number}" for number in count(1))
            for node in nodes:
                names[node] = stem if alone else next(name for name in numbered if name not in taken)
        return cls(names, names[root])

    def text(self, written: Written) -> str:
        """A formula with this figure's names."""
        return to_text(written, subscripts=True, budget=LONGEST_FORMULA, names=self.names)

    def name(self, node: Node) -> str:
        """The name of a box, with its subscripts."""
        return with_subscripts(self.names[node])

    def formula(self, node: Node) -> str:
        """The first row of a box: ``Z₁ = W₁ X + b₁``; a leaf's name."""
        return self.name(node) if node.op is None else f"{self.name(node)} = {self.text(node.formula())}"

    def gradient(self, node: Node) -> Expression:
        """∂J/∂node."""
        return symbol(derivative_name(self.root, self.names[node]), node.shape)

    def gradient_name(self, node: Node) -> str:
        """∂J/∂node, as text."""
        return with_subscripts(derivative_name(self.root, self.names[node]))

    def partial(self, above: Node, below: Node) -> str:
        """∂u/∂b, as text."""
        return with_subscripts(derivative_name(self.names[above], self.names[below]))


_STEMS = {Role.DATA: "data", Role.PARAMETER: "parameter", Role.LITERAL: "constant", Role.OPERATION: "s"}


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
