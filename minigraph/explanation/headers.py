"""The first lines of an explanation: what J is, and at which values."""

from __future__ import annotations

from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.explanation.numbers import array_text, rounded
from minigraph.explanation.report import Explanation
from minigraph.explanation.steps import Steps, shape_text
from minigraph.formulas.notation import Expression, to_text
from minigraph.reading.expanded import Expanded

LONGEST_FORMULA = 72
"""J is written in one formula if it takes no more characters than this."""
MOST_VALUES = 8
"""The values of at most so many leaves are listed."""


def introduce(steps: Steps, text: Explanation, digits: int) -> None:
    """Say what J is: in one formula if it is short, else step by step; and the values of its leaves.

    Letters that unnamed nodes got are explained.
    """
    root = steps.root
    if root.op is None:
        text.say(steps.written(root), f" is a leaf: {array_text(root.value, digits)}")
        return
    values = _values(steps, digits)
    whole = Expanded(root)
    if len(to_text(whole, budget=LONGEST_FORMULA + 1, names=steps.marked, juxtapose=True)) <= LONGEST_FORMULA:
        text.equate(steps.written(root), whole, remark=values)
        for node in reversed(steps.nodes):
            if node in steps.names and node is not root and node.op is not None:
                text.say("where ", steps.written(node), " = ", _formula(node))
        return
    text.say(steps.written(root), f" {values}")
    kept = [node for node in reversed(steps.nodes) if node.op is not None]
    shown = kept if len(kept) <= MOST_VALUES else [*kept[:3], *kept[-3:]]
    for node in shown:
        if len(kept) > MOST_VALUES and node is kept[-3]:
            text.say(f"… and {len(kept) - len(shown)} more steps …", depth=1)
        text.equate(steps.written(node), _formula(node), remark="" if node.shape == () else shape_text(node.shape), depth=1)


def _formula(node: Node) -> Expression:
    return node.formula().expression()


def _values(steps: Steps, digits: int) -> str:
    """at a = 5, b = 3, with W1 (4, 2): scalars by value, arrays by shape."""
    leaves = [node for node in ancestors([steps.root]) if node.op is None and node.role is not Role.LITERAL]
    scalars = [f"{_called(leaf, steps)} = {rounded(leaf.value, digits)}" for leaf in leaves if leaf.shape == ()]
    arrays = [f"{_called(leaf, steps)} {leaf.shape}" for leaf in leaves if leaf.shape != ()]
    told = [("at", scalars), ("with", arrays)]
    return ", ".join(f"{word} {_listed(parts)}" for word, parts in told if parts)


def _listed(parts: list[str]) -> str:
    if len(parts) > MOST_VALUES:
        parts = [*parts[: MOST_VALUES - 1], f"… and {len(parts) - MOST_VALUES + 1} more"]
    return ", ".join(parts)


def _called(leaf: Node, steps: Steps) -> str:
    return steps.marked.get(leaf) or leaf.name or f"unnamed {leaf.role}"
