"""Rules that are right on paper only, where nothing is 0, infinite or clamped: for explanations, never for programs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from itertools import chain

import numpy as np

from minigraph.calculus.simplification import RULES, Rule, first_of, is_number
from minigraph.core.node import Node, Role, literal
from minigraph.core.op import Op
from minigraph.operations.arithmetic import Divide, Multiply, Negative
from minigraph.operations.choices import Maximum
from minigraph.operations.elementary import Exp, Log
from minigraph.operations.losses import Floored

MOST_FACTORS = 32
"""Longer products are not looked through for what cancels."""


def _filled(node: Node, value: float) -> Node:
    return literal(np.full(node.shape, value, node.dtype))


def _cancelled(node: Node, a: Node, b: Node) -> Node | None:
    """x/x = 1, also where the two stand apart in a product: c · (a/b) · b = c · a."""
    above, below, negative = _factors(node)
    shared = [factor for factor in above if factor in below]
    if not shared:
        return None
    for factor in shared:
        if factor in below:
            above.remove(factor)
            below.remove(factor)
    ones = [factor for factor in above if is_number(factor, 1)]
    above = [factor for factor in above if factor not in ones] or ones[:1] or [literal(1.0, node.dtype)]
    result = reduce(Multiply(), above)
    if below:
        result = Divide()(result, reduce(Multiply(), below))
    if result.shape == () != node.shape and result.role is Role.LITERAL:
        result = _filled(node, float(result.value))
    result = Negative()(result) if negative else result
    return result if result.shape == node.shape else None


def _factors(node: Node) -> tuple[list[Node], list[Node], bool]:
    """The factors of a product above and below the bar, in their order, and whether it is negative."""
    above: list[Node] = []
    below: list[Node] = []
    negative = False
    waiting = [(node, True)]
    while waiting:
        factor, is_above = waiting.pop()
        if isinstance(factor.op, Negative):
            negative = not negative
            waiting.append((factor.inputs[0], is_above))
        elif isinstance(factor.op, Multiply | Divide) and len(waiting) < MOST_FACTORS:
            left, right = factor.inputs
            waiting += [(right, is_above == isinstance(factor.op, Multiply)), (left, is_above)]
        else:
            (above if is_above else below).append(factor)
    return above, below, negative


def _zero_times(node: Node, a: Node, b: Node) -> Node | None:
    """0 · x = 0."""
    return _filled(node, 0) if is_number(a, 0) or is_number(b, 0) else None


def _clamped(node: Node, a: Node, b: Node) -> Node | None:
    """max(x, 1e-12) = x: a floor that only guards against dividing by 0."""
    for x, floor in ((a, b), (b, a)):
        if x.shape == node.shape and floor.role is Role.LITERAL and np.all((floor.value > 0) & (floor.value < 1e-6)):
            return x
    return None


def _undone(inner: type[Op]) -> Rule:
    """An operation after its inverse."""

    def rule(node: Node, x: Node) -> Node | None:
        return x.inputs[0] if isinstance(x.op, inner) else None

    return rule


INFORMAL: Mapping[type[Op], Rule] = {
    Multiply: first_of(_zero_times, _cancelled),
    Divide: _cancelled,
    Maximum: _clamped,
    Floored: _clamped,
    Log: _undone(Exp),
    Exp: _undone(Log),
}
"""Rules that are right on paper only."""

ON_PAPER: Mapping[type[Op], Rule] = {
    op: first_of(*[table[op] for table in (RULES, INFORMAL) if op in table]) for op in dict.fromkeys(chain(RULES, INFORMAL))
}
"""`RULES` and `INFORMAL` together, for explanations: ``simplify(nodes, rules=ON_PAPER)``."""
