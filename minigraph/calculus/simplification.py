"""Simplifying a graph: the same values from fewer nodes.

Nodes are visited in topological order. Each is rebuilt on what its inputs became, goes through the few
rules for its operation, is computed once and for all if it depends on literals only, and is shared with
an equal node that was met before (value numbering: equal operations of the same inputs are one node).

The rules of `EXACT` keep values to the last bit, and the sign of 0. `RULES`, for what is shown, has two more
that may change it, such as x + 0 = x. Rules that are right on paper only, such as x/x = 1, stand apart in
`minigraph.calculus.paper_rules`: explanations use them, programs never do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from minigraph.core.errors import DomainError
from minigraph.core.groups import entering, leaving
from minigraph.core.node import Node, Role, literal
from minigraph.core.op import Op, bits_of, signature
from minigraph.core.pulling import ancestors, run
from minigraph.operations.arithmetic import Add, Divide, Identical, Multiply, Negative, Subtract
from minigraph.operations.powers import Power
from minigraph.operations.reductions import Sum
from minigraph.operations.repeating import BroadcastTo
from minigraph.operations.shapes import Reshape, Transpose
from minigraph.values import broadcast_shape

Rule: TypeAlias = Callable[..., "Node | None"]
"""Given the node and its operands: a simpler node of the same value, or None. A rule never changes a node."""


class Simplified:
    """What calls of `simplify` have found, for the next one: it need only look at what is new since.

    Attributes:
        nodes: those that are as simple as they get.
        known: by their operation and inputs.
    """

    def __init__(self) -> None:
        self.nodes: set[Node] = set()
        self.known: dict[Any, Node] = {}

    def add(self, nodes: Iterable[Node]) -> None:
        """Take these nodes, in place of others that are equal."""
        for node in nodes:
            if node not in self.nodes:
                self.nodes.add(node)
                self.known[_number(node)] = node


FOLDED_SIZE = 64
"""A constant result with more entries than this, and more than its operands have, is left to be computed.

The transpose of a larger constant is left too: it costs nothing, and can be recognised as a transpose.
"""


def simplify(
    nodes: Sequence[Node],
    *,
    fold: bool = True,
    keep_names: bool | Callable[[Node], bool] = True,
    rules: Mapping[type[Op], Rule] | None = None,
    keep: Collection[Node] = (),
    simplified: Simplified | None = None,
) -> dict[Node, Node]:
    """What the nodes, and everything they depend on, become: the same values from fewer nodes.

    The graph itself is not touched. Leaves stay themselves; a node to which nothing happens too.

    Args:
        nodes: where to start.
        fold: compute what depends on literals only.
        keep_names: leave a literal that has a name, such as m or the seed ∂J/∂J, to be seen; else it is a number
            like others. A function says it of each.
        rules: the rules by class of operation; by default `RULES`. For what is only shown, see `ON_PAPER`.
        keep: nodes that stay as they are; what they depend on is not looked at.
        simplified: what earlier calls with the same rules have found; what this one finds is added.

    Returns:
        For each node that was met, the node that takes its place.

    Example:
        >>> import minigraph as mg
        >>> from minigraph.calculus.simplification import simplify
        >>> x = mg.data([[1.0, 2.0]], "x")
        >>> y = 1 * x.T.T + 0
        >>> simplify([y])[y] is x
        True
    """
    table = RULES if rules is None else rules
    is_seen = keep_names if callable(keep_names) else lambda node: keep_names
    became: dict[Node, Node] = {}
    found = simplified or Simplified()
    known, settled = found.known, found.nodes
    kept = frozenset(keep)
    stop = settled.__contains__ if not kept else lambda node: node in settled or node in kept
    group = None
    token = entering(group)
    try:
        for node in ancestors(nodes, stop=stop):
            if node in settled or (node.op is None and node.role is not Role.LITERAL):
                became[node] = node
                continue
            if node.group is not group:
                group = node.group
                entering(group)
            if node in kept:
                became[node] = known.setdefault(_number(node), node)
            elif node.role is Role.LITERAL and node.name is not None and not is_seen(node):
                became[node] = known.setdefault(_number(made := literal(node.value, node.dtype)), made)
            else:
                became[node] = _settle(rebuilt(node, became), table, known, fold, kept)
            settled.add(became[node])
    finally:
        leaving(token)
    return became


def rebuilt(node: Node, became: Mapping[Node, Node]) -> Node:
    """The node's operation on what its inputs became; the node itself if they are what they were."""
    for x in node.inputs:
        if became[x] is not x:
            break
    else:
        return node
    inputs = tuple([became[x] for x in node.inputs])
    return standing_for(Node(node.op, inputs, node.shape, node.dtype), node)


def standing_for(made: Node, node: Node) -> Node:
    """A new node with the name, the group and the line of the user's of the one that it takes the place of."""
    made.group, made._code, made._instruction = node.group, node._code, node._instruction
    return made if node.name is None or made.name is not None else made.named(node.name)


def _settle(node: Node, rules: Mapping[type[Op], Rule], known: dict[Any, Node], fold: bool, kept: Collection[Node]) -> Node:
    """The simplest form of a node whose inputs are settled already."""
    while node.op is not None and node not in kept:
        simpler = _simpler(node, rules)
        if simpler is None:
            break
        node = simpler
    if fold and node.op is not None and node not in kept and _is_constant(node):
        node = _computed(node)
    return known.setdefault(_number(node), node)


def _computed(node: Node) -> Node:
    """The node's value as a literal; the node itself if its value is refused, which is then said when it is read."""
    try:
        with np.errstate(all="ignore"):
            value = run(node, [x.value for x in node.inputs])
    except DomainError:
        return node
    return literal(value, node.dtype, node.name)


def _simpler(node: Node, rules: Mapping[type[Op], Rule]) -> Node | None:
    assert node.op is not None
    if node.op.broadcasts and node.op.pure and (unrepeated := _without_repeating(node)) is not None:
        return unrepeated
    rule = rules.get(type(node.op))
    return None if rule is None else rule(node, *node.inputs)


def _without_repeating(node: Node) -> Node | None:
    """An elementwise operation repeats its operands by itself; a scalar needs no shape to be repeated from."""
    inputs = node.inputs
    for position, operand in enumerate(inputs):
        if isinstance(operand.op, BroadcastTo) or (isinstance(operand.op, Reshape) and operand.inputs[0].shape == ()):
            fewer = (*inputs[:position], *operand.inputs, *inputs[position + 1 :])
            if broadcast_shape(*(x.shape for x in fewer)) == node.shape:
                return standing_for(Node(node.op, fewer, node.shape, node.dtype), node)
    return None


def _is_constant(node: Node) -> bool:
    assert node.op is not None
    for x in node.inputs:
        if x.role is not Role.LITERAL or x.name is not None:
            return False
    if not node.op.pure:
        return False
    largest = 0 if isinstance(node.op, Transpose) else sum(x.size for x in node.inputs)
    return node.size <= max(FOLDED_SIZE, largest)


def _number(node: Node) -> Any:
    """Equal for nodes of equal value."""
    if node.role is Role.LITERAL:
        return (bits_of(node), node.name)
    if node.op is None:
        return node
    return (signature(node.op), node.inputs, node.shape, node.dtype)


# Rules. Each gets the node and its operands.


def is_number(node: Node, value: float) -> bool:
    """Whether the node is a literal without a name, all of whose entries are ``value``."""
    return node.role is Role.LITERAL and node.name is None and bool(np.all(node.value == value))


def is_signed(node: Node, value: float) -> bool:
    """The same, with 0 and −0 told apart."""
    return is_number(node, value) and bool(np.all(np.signbit(node.value) == np.signbit(value)))


def _neutral(left: float | None, right: float | None, same: Callable[[Node, float], bool] = is_signed) -> Rule:
    """An operation of two operands that gives one of them back where the other is a certain number."""

    def rule(node: Node, a: Node, b: Node) -> Node | None:
        if left is not None and b.shape == node.shape and b.dtype == node.dtype and same(a, left):
            return b
        if right is not None and a.shape == node.shape and a.dtype == node.dtype and same(b, right):
            return a
        return None

    return rule


def first_of(*rules: Rule) -> Rule:
    """The first of the rules that has an answer."""

    def rule(node: Node, *operands: Node) -> Node | None:
        return next((found for one in rules if (found := one(node, *operands)) is not None), None)

    return rule


def _added_negative(node: Node, a: Node, b: Node) -> Node | None:
    """a + (−b) = a − b."""
    return Subtract()(a, b.inputs[0]) if isinstance(b.op, Negative) else None


def _subtracted_negative(node: Node, a: Node, b: Node) -> Node | None:
    """a − (−b) = a + b."""
    return Add()(a, b.inputs[0]) if isinstance(b.op, Negative) else None


def _subtracted_from_zero(node: Node, a: Node, b: Node) -> Node | None:
    """0 − b = −b, but for 0 − 0, which is 0."""
    return Negative()(b) if b.shape == node.shape and b.dtype == node.dtype and is_number(a, 0) else None


def _double_negative(node: Node, x: Node) -> Node | None:
    """−(−x) = x."""
    return x.inputs[0] if isinstance(x.op, Negative) else None


def _first_power(node: Node, x: Node) -> Node | None:
    """x¹ = x."""
    assert isinstance(node.op, Power)
    return x if node.op.exponent == 1 else None


def _itself(node: Node, x: Node) -> Node:
    return x


def _transposed(node: Node, x: Node) -> Node | None:
    """Two transpositions are one; one that moves no axis is none."""
    assert isinstance(node.op, Transpose)
    order = node.op.order(x)
    if order == tuple(range(x.ndim)):
        return x
    if not isinstance(x.op, Transpose):
        return None
    source = x.inputs[0]
    inner = x.op.order(source)
    both = tuple(inner[axis] for axis in order)
    return source if both == tuple(range(source.ndim)) else Transpose(both)(source)


def _reshaped(node: Node, x: Node) -> Node | None:
    """Two reshapes are one; one to the same shape is none."""
    if x.shape == node.shape:
        return x
    return Reshape(node.shape)(x.inputs[0]) if isinstance(x.op, Reshape) else None


def _repeated(node: Node, x: Node) -> Node | None:
    """Two repetitions are one; one to the same shape is none."""
    if x.shape == node.shape:
        return x
    scalar = isinstance(x.op, Reshape) and x.inputs[0].shape == ()
    return BroadcastTo(node.shape)(x.inputs[0]) if scalar or isinstance(x.op, BroadcastTo) else None


def _summed(node: Node, x: Node) -> Node | None:
    """The sum over axes of size 1 adds nothing up."""
    if node.size != x.size:
        return None
    return x if node.shape == x.shape else Reshape(node.shape)(x)


EXACT: Mapping[type[Op], Rule] = {
    Identical: _itself,
    Add: first_of(_neutral(-0.0, -0.0), _added_negative),
    Subtract: first_of(_neutral(None, 0.0), _subtracted_negative),
    Multiply: _neutral(1, 1),
    Divide: _neutral(None, 1),
    Negative: _double_negative,
    Power: _first_power,
    Transpose: _transposed,
    Reshape: _reshaped,
    BroadcastTo: _repeated,
    Sum: _summed,
}
"""Rules that keep every value, and the sign of 0."""

RULES: Mapping[type[Op], Rule] = {
    **EXACT,
    Add: first_of(_neutral(0, 0, is_number), _added_negative),
    Subtract: first_of(_neutral(None, 0, is_number), _subtracted_negative, _subtracted_from_zero),
}
"""Rules that keep every value, but for the sign of 0: for what is shown."""
