"""The first lines of an explanation: what J is, and at which values."""

from __future__ import annotations

from minigraph.core.node import Role
from minigraph.core.pulling import ancestors
from minigraph.explanation.report import Explanation, Line
from minigraph.formulas import to_text
from minigraph.reading.backward_steps import BackwardSteps
from minigraph.reading.numbers import array_text, rounded, shape_text
from minigraph.reading.steps import Expanded

LONGEST_FORMULA = 72
"""J is written in one formula if it takes no more characters than this."""
MOST_VALUES = 8
"""The values of at most so many leaves are listed."""


def introduce(steps: BackwardSteps, text: Explanation, digits: int) -> None:
    """Say what J is: in one formula if it is short, else step by step; and the values of its leaves.

    `say_where` explains the names that steps without names got, when all is said.
    """
    root = steps.root
    if root.op is None:
        text.say(steps.written(root), f" is a leaf: {array_text(root.value, digits)}")
        return
    values = _values(steps, digits)
    whole = Expanded(root)
    if len(to_text(whole, budget=LONGEST_FORMULA + 1, names=steps.names, juxtapose=True)) <= LONGEST_FORMULA:
        text.equate(steps.written(root), whole, remark=values)
        return
    text.say(steps.written(root), f" {values}")
    kept = [node for node in reversed(steps.nodes) if node.op is not None]
    shown = kept if len(kept) <= MOST_VALUES else [*kept[:3], *kept[-3:]]
    for node in shown:
        if len(kept) > MOST_VALUES and node is kept[-3]:
            text.say(f"… and {len(kept) - len(shown)} more steps …", depth=1)
        text.equate(steps.written(node), node.formula(), remark="" if node.shape == () else shape_text(node.shape), depth=1)


def say_where(steps: BackwardSteps, text: Explanation, after: int) -> None:
    """Say, after so many lines, what the names stand for that were made up for steps, where that was not said."""
    said = {text.line_text(line).strip().partition(" = ")[0] for line in text.lines[:after]}
    made_up = [node for node in steps.names.mentioned(str(text)) if steps.names.of(node) not in said]
    text.lines[after:after] = [Line(("where ", steps.written(node), " = ", node.formula())) for node in made_up]


def _values(steps: BackwardSteps, digits: int) -> str:
    """at a = 5, b = 3, with W1 (4, 2): scalars by value, arrays by shape."""
    leaves = [node for node in ancestors([steps.root]) if node.op is None and node.role is not Role.LITERAL]
    scalars = [f"{steps.names.of(leaf)} = {rounded(leaf.value, digits)}" for leaf in leaves if leaf.shape == ()]
    arrays = [f"{steps.names.of(leaf)} {leaf.shape}" for leaf in leaves if leaf.shape != ()]
    told = [("at", scalars), ("with", arrays)]
    return ", ".join(f"{word} {_listed(parts)}" for word, parts in told if parts)


def _listed(parts: list[str]) -> str:
    if len(parts) > MOST_VALUES:
        parts = [*parts[: MOST_VALUES - 1], f"… and {len(parts) - MOST_VALUES + 1} more"]
    return ", ".join(parts)
