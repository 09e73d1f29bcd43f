"""Operations of minigraph in the place of formulas that are recognised: right where the formulas overflow."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from minigraph.core.groups import entering, leaving
from minigraph.core.node import Node
from minigraph.formulas import to_text
from minigraph.operations.idioms import recognised

LONGEST_FORMULA = 60


class Replacement:
    """A graph once more, with operations for what is recognised.

    Attributes:
        new: the new nodes by those whose place they take.
        replaced: what was made, the formula in whose place it is, and where they differ.
    """

    def __init__(self, order: Sequence[Node]):
        self.new: dict[Node, Node] = {}
        self.replaced: list[tuple[Node, Node, str]] = []
        for node in order:
            token = entering(node.group)
            try:
                self._renew(node)
            finally:
                leaving(token)

    def _renew(self, node: Node) -> None:
        idiom = None if node.op is None else recognised(node)
        if idiom is not None and idiom.stable is not None:
            made = idiom.stable(*(self.new.get(x, x) for x in idiom.operands))
            self.replaced.append((made, node, idiom.remark))
        elif node.op is not None and any(x in self.new for x in node.inputs):
            made = node.op(*(self.new.get(x, x) for x in node.inputs))
        else:
            return
        made._code, made._instruction, made._name = node._code, node._instruction, node._name
        self.new[node] = made

    def told(self, kept: Collection[Node]) -> list[str]:
        """For each formula that was replaced in the graph that is kept a sentence, with the names there."""
        for old, made in self.new.items():
            old._name = made.name
        return [
            f"stable: {to_text(made.formula(), juxtapose=True)} in the place of "
            f"{to_text(node.formula(), budget=LONGEST_FORMULA, juxtapose=True)}; {remark}"
            for made, node, remark in self.replaced
            if made in kept
        ]
