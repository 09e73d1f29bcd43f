"""Graphs of gradients as a reader sees them: without ∂J/∂J = 1, without floors, with products of numbers multiplied out.

`grad` and `backward` make the nodes that the chain rule asks for, factors 1 too. What is shown of them is simpler, and has
the same values. What a user wrote, and nothing was differentiated in, stays as it was written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from typing import overload

import numpy as np

from minigraph.calculus.reverse_mode import look_back
from minigraph.calculus.simplification import RULES, Rule, first_of, rebuilt, simplify, standing_for
from minigraph.core.errors import DomainError
from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Expanded, Node, Role, literal
from minigraph.core.op import Op
from minigraph.core.pulling import ancestors
from minigraph.formulas import Written
from minigraph.formulas.text_printer import Met
from minigraph.operations.arithmetic import Accumulate, Add, Divide, Identical, Multiply, Negative, Subtract, identity
from minigraph.operations.choices import Larger
from minigraph.operations.losses import QUOTIENT_FLOOR, Floored
from minigraph.reading.names import numerator_and_denominator
from minigraph.reading.numbers import rounded

MOST_ROUNDS = 8
"""Simpler forms are looked for so many times."""
MOST_FACTORS = 32
"""Longer products are not looked through for numbers."""


def _is_derivative(node: Node) -> bool:
    return node.name is not None and numerator_and_denominator(node.name) is not None


def _is_unit_seed(node: Node) -> bool:
    return _is_derivative(node) and node.role is Role.LITERAL and bool(np.all(node.value == 1))


@overload
def readable(J: Node, wrt: Collection[Node] = (), what: str = "draw") -> Node: ...


@overload
def readable(J: BackwardPass, wrt: Collection[Node] = (), what: str = "draw") -> BackwardPass: ...


@overload
def readable(J: Node | BackwardPass, wrt: Collection[Node] = (), what: str = "draw") -> Node | BackwardPass: ...


def readable(J: Node | BackwardPass, wrt: Collection[Node] = (), what: str = "draw") -> Node | BackwardPass:
    """The graph of gradients as it is shown; J itself if none is in it. The nodes of ``wrt`` stay nodes of it.

    Example:
        >>> import minigraph as mg
        >>> x = mg.parameter(2.0, "x")
        >>> mg.grad(x**3, x).formula() is not None, readable(mg.grad(x**3, x))
        (True, <∂output/∂x = 3·x² () float64>)
    """
    root = J if isinstance(J, Node) else J.root
    ends = set(wrt)
    if isinstance(J, BackwardPass):
        ends = set(J.gradients).difference(line.consumer for line in J)
    found = root
    for _ in range(MOST_ROUNDS):  # what became equal in one round is shared in the next
        before, found = found, _simpler(found, ends)
        if found is before:
            break
    if found is root:
        return J
    return found if isinstance(J, Node) else look_back(found, J.seed, what, ends)


def _simpler(root: Node, ends: Collection[Node]) -> Node:
    order = ancestors([root])
    derived: set[Node] = set()
    for node in order:
        if _is_derivative(node) or any(x in derived for x in node.inputs):
            derived.add(node)
    if not derived:
        return root
    written = [node for node in order if node.op is not None and node.name is not None and node not in derived]
    kept = {*ends, *written} - {root}
    became = simplify([root], keep=kept, keep_names=lambda node: not _is_unit_seed(node), rules=SHOWN)
    return _under_its_name(_with_names(became, order)[became[root]], root)


def _with_names(became: Mapping[Node, Node], order: Sequence[Node]) -> dict[Node, Node]:
    """What simplification made, under the names of the gradients in whose places it stands."""
    started = min(node.number for node in order if _is_derivative(node))
    wanted: dict[Node, Node] = {}
    for node in order:
        if _is_derivative(node) and node in became:
            wanted.setdefault(became[node], node)
    renamed: dict[Node, Node] = {}
    for node in ancestors([became[order[-1]]]):
        made = renamed[node] = node if node.op is None else rebuilt(node, renamed)
        if node in wanted and node.op is not None and node.name is None and node.number > started:
            made = made if made is not node else Node(node.op, node.inputs, node.shape, node.dtype)
            renamed[node] = standing_for(made, wanted[node])
    return renamed


def _under_its_name(found: Node, root: Node) -> Node:
    """The node that is shown, called as what it stands for, though it be a leaf or the gradient of another node too."""
    if root.op is None or (found.name == root.name and found.op is not None):
        return found
    if isinstance(root.op, Identical) and found is root.inputs[0]:
        return root
    bare = literal(found.value, found.dtype) if found.role is Role.LITERAL and found.name is not None else found
    made = identity(bare)
    made.group = root.group
    return made if root.name is None else made.named(root.name)


# The floor under a(1 − a) in the derivative of `bce`: where it is known by, and where it acts


def guarded_by(node: Node) -> Node | None:
    """a(1 − a) of max(a(1 − a), 1e−12), or of where it is larger; None for all other nodes."""
    if not isinstance(node.op, Floored | Larger) or node.name is not None:
        return None
    kept, floor = node.inputs
    if isinstance(node.op, Floored):
        return kept
    if floor.role is not Role.LITERAL or floor.shape != () or floor.value != floor.dtype.type(QUOTIENT_FLOOR):
        return None
    if not isinstance(kept.op, Multiply) or not isinstance(kept.inputs[1].op, Subtract):
        return None
    return kept if kept.inputs[1].inputs[1] is kept.inputs[0] else None


def footnotes(met: Met) -> Iterator[tuple[Node, str]]:
    """What stands in denominators of formulas, and what is said of it, where the floor that was left out acts."""
    for kept, floor in list(met.floors.items()):
        node, least = _node_of(kept), _node_of(floor)
        below = int(np.sum(node.value < least.value))
        if below:
            where = f" in {below} of {node.size} entries" if node.size > 1 else ""
            counts = f"in a denominator counts as {rounded(least.value)} where it is smaller, as it is here{where}"
            yield node, counts


def _node_of(written: Written) -> Node:
    found = written.node if isinstance(written, Expanded) else written
    assert isinstance(found, Node)
    return found


# Rules for what is shown of gradients


def _is_factor(node: Node) -> bool:
    """Whether it is a number that stands in a product."""
    return node.role is Role.LITERAL and node.name is None and node.shape == ()


def _spine(node: Node) -> list[Node]:
    """a, b, c of a product (a · b) · c without a name; of long ones only the end."""
    factors: list[Node] = []
    while isinstance(node.op, Multiply) and node.name is None and node.shape == () and len(factors) < MOST_FACTORS:
        node, last = node.inputs
        factors.append(last)
    return [node, *reversed(factors)]


def _gathered(node: Node, a: Node, b: Node) -> Node | None:
    """x · 3 = 3x and a · (3 · (2 · b)) = 6 · a · b: one number, in front."""
    if node.shape != ():
        return None
    left, right = _spine(a), _spine(b)
    numbers = [x for x in (*left, *right) if _is_factor(x)]
    factors = [x for x in (*left, *right) if not _is_factor(x)]
    is_gathered = not _is_factor(right[0]) and (len(right) == 1 or not _is_factor(a))
    if not numbers or (is_gathered and left[0].value != -1):
        return None
    value = reduce(lambda x, y: x * y, [x.value for x in numbers])
    if not factors or abs(value) != 1:
        factors.insert(0, literal(value, node.dtype))
    product = reduce(Multiply(), factors)
    return Negative()(product) if value == -1 and len(factors) == len(left) + len(right) - len(numbers) else product


def _sign_in_front(node: Node, a: Node, b: Node) -> Node | None:
    """(−a) · b = −(a · b), and the same of quotients."""
    assert node.op is not None
    signs = [isinstance(x.op, Negative) and x.name is None for x in (a, b)]
    if not any(signs):
        return None
    bare = node.op(*[x.inputs[0] if sign else x for x, sign in zip((a, b), signs, strict=True)])
    bare = (isinstance(bare.op, Multiply) and _gathered(bare, *bare.inputs)) or bare
    return bare if all(signs) else Negative()(bare)


def _added_up(node: Node, *terms: Node) -> Node | None:
    """Contributions that meet: a + a = 2a, and a + (−b) = a − b."""
    if all(term is terms[0] for term in terms):
        return float(len(terms)) * terms[0]
    if not any(isinstance(term.op, Negative) and term.name is None for term in terms[1:]):
        return None
    result = terms[0]
    for term in terms[1:]:
        is_negative = isinstance(term.op, Negative) and term.name is None
        result = Subtract()(result, term.inputs[0]) if is_negative else Add()(result, term)
    return result


def _idle_floor(node: Node, a: Node, b: Node) -> Node | None:
    """max(a(1 − a), 1e−12) = a(1 − a) where it is larger everywhere, as it is at these values."""
    kept = guarded_by(node)
    try:
        if kept is None or not np.all(kept.value > b.value):
            return None
    except DomainError:
        return None
    return kept if isinstance(node.op, Floored) else literal(np.ones(node.shape), node.dtype)


SHOWN: Mapping[type[Op], Rule] = {
    **RULES,
    Multiply: first_of(RULES[Multiply], _sign_in_front, _gathered),
    Divide: first_of(RULES[Divide], _sign_in_front),
    Accumulate: _added_up,
    Floored: _idle_floor,
    Larger: _idle_floor,
}
"""Rules for what is shown of gradients: the values stay, but for rounding."""
