"""The learning rate and 1/m go into the seed.

Gradients are linear in the seed of the backward pass. A factor at its end, such as the rate in
W − rate · dW, and one at its beginning, the 1/m of a mean, are therefore one factor, and it costs least
where the arrays are smallest: at the seed. The update is then one subtraction.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from minigraph.calculus.simplification import rebuilt
from minigraph.core.node import Node, Role, literal
from minigraph.operations.arithmetic import Multiply, Negative
from minigraph.program.graph import Graph, dependent, users

SMALLEST_MOVED, LARGEST_MOVED = 2.0**-32, 2.0**32
"""The sizes of numbers that are moved, each of them and all that meet: rates and 1/m are between, 0, ∞ and 1e30 are not.

So no value on the way is more than these times larger or smaller than in the graph.
"""

MOST_STARTS = 8
"""So many places are tried for a number."""


@dataclass(frozen=True)
class Scaled:
    """A node as a number times another node.

    Attributes:
        factor: the number.
        base: the other node.
        marked: whether there is a factor, be it 1.
    """

    factor: float
    base: Node
    marked: bool = False


def may_move(factor: float) -> bool:
    """Whether the number is of a size that is moved."""
    return SMALLEST_MOVED <= abs(factor) <= LARGEST_MOVED


def constant_factor(node: Node, fits: Callable[[float], bool] = may_move) -> tuple[float, Node] | None:
    """c and x if the node is c · x, entry by entry, with a number c that may be moved: whatever operation says so."""
    op = node.op
    if op is None or not op.broadcasts:
        return None
    for position in op.linear_in:
        x = node.inputs[position]
        others = [y for y in node.inputs if y is not x]
        if x.shape != node.shape or len(others) < len(node.inputs) - 1 or x.dtype != node.dtype:
            continue
        if all(y.role is Role.LITERAL and y.size and np.all(y.value == np.ravel(y.value)[0]) for y in others):
            with np.errstate(all="ignore"):
                factor = op.forward(*(np.float64(1) if y is x else np.float64(np.ravel(y.value)[0]) for y in node.inputs))
            if fits(float(factor)):
                return float(factor), x
    return None


def collect_factors(graph: Graph) -> Graph:
    """Numbers move through linear operations towards the end, where they meet and become one."""
    scaled: dict[Node, Scaled] = {}
    realized: dict[Node, Node] = {}
    nodes = graph.nodes()
    fixed = dependent(nodes, [node for node in nodes if node.role in (Role.DATA, Role.PARAMETER)])
    fixed -= graph.changing()

    def plain(node: Node) -> Node:
        if node not in realized:
            found = scaled[node]
            realized[node] = found.base if found.factor == 1 else times(found.factor, found.base)
        return realized[node]

    for node in nodes:
        # What is computed once stays as it is.
        scaled[node] = Scaled(1.0, node) if node in fixed else _scaled(node, scaled)
        if scaled[node].base is node and node.op is not None:
            became = {x: plain(x) for x in node.inputs}
            scaled[node] = Scaled(1.0, rebuilt(node, became))
    return graph.replaced({node: plain(node) for node in graph.roots()}).called({n: x.base for n, x in scaled.items()})


def _scaled(node: Node, scaled: Mapping[Node, Scaled]) -> Scaled:
    """The node with the factors of the operands that it is linear in taken out; itself if there are none."""
    if (constant := constant_factor(node)) is not None:
        factor, x = constant
        both = factor * scaled[x].factor
        return Scaled(both, scaled[x].base, marked=True) if may_move(both) else Scaled(1.0, node)
    op = node.op
    if op is None:
        return Scaled(1.0, node)
    inner = [scaled[x] for x in node.inputs]
    linear = [i for i in op.linear_in if inner[i].marked]
    sums = all(op.sign(i) for i in range(len(inner)))
    if sums and inner and all(x.marked and x.factor == inner[0].factor for x in inner):
        linear, factor = list(range(len(inner))), inner[0].factor
    else:
        factor = math.prod(inner[i].factor for i in linear)
    uses = Counter(node.inputs)
    if not linear or not may_move(factor) or any(uses[node.inputs[i]] > 1 for i in linear):
        return Scaled(1.0, node)
    became = {x: y.base if i in linear or y.factor == 1 else times(y.factor, y.base)
              for i, (x, y) in enumerate(zip(node.inputs, inner, strict=True))}  # fmt: skip
    return Scaled(factor, rebuilt(node, became), marked=True)


def times(factor: float, node: Node) -> Node:
    """The node Number · node, of the node's dtype."""
    if factor == -1:
        return Negative()(node)
    made = Node(Multiply(), (literal(factor, node.dtype), node), node.shape, node.dtype)
    made.group = node.group
    return made


def spread_back(graph: Graph) -> Graph:
    """Equal numbers at the ends of linear operations move back to where all of them began, if that is smaller.

    For the gradients of a net that is the seed of its backward pass: the last dZ.
    """
    nodes = graph.nodes()
    changing = graph.changing()
    private = {node for node, readers in users(nodes).items() if len(readers) == 1} - set(graph.roots())
    ends: dict[float, dict[Node, Node]] = {}
    for node in nodes:
        constant = constant_factor(node) if node in changing else None
        if constant is not None and constant[0] not in (1.0, -1.0):
            ends.setdefault(constant[0], {})[node] = constant[1]
    for factor, group in ends.items():
        for start in filter(changing.__contains__, _common_starts(nodes, group, set(graph.roots()))):
            scaled = _absorbed(factor, start, private | {start}, changing)
            if scaled is None and start.size < sum(node.size for node in group):
                scaled = times(factor, start)
            if scaled is None:
                continue
            became: dict[Node, Node] = {}
            for node in nodes:
                became[node] = scaled if node is start else became[group[node]] if node in group else rebuilt(node, became)
            spread = replace(graph.replaced(became), spread=(*graph.spread, factor))
            return spread_back(spread) if len(ends) > 1 else spread
    return graph


def _absorbed(factor: float, node: Node, private: Collection[Node], changing: Collection[Node]) -> Node | None:
    """factor · node, the factor gone into numbers and into what is computed once; None if no place for it is found.

    What it looks through on the way back are starts as well, and smaller or earlier ones: so it is never deeper
    than `MOST_STARTS`.
    """
    if node not in changing:
        if node.role is not Role.LITERAL:
            return times(factor, node)
        sizes = np.abs(factor * node.value)
        fits = (sizes == 0) | ((sizes >= SMALLEST_MOVED) & (sizes <= LARGEST_MOVED))
        return literal(factor * node.value, node.dtype) if np.all(fits) else None
    op = node.op
    if op is None or not op.broadcasts or node not in private:
        return None
    for positions in (range(len(node.inputs)),) if _adds(node) else ((i,) for i in op.linear_in):
        became = {x: x for x in node.inputs}
        for i in positions:
            scaled = _absorbed(factor, node.inputs[i], private, changing)
            if scaled is None:
                break
            became[node.inputs[i]] = scaled
        else:
            return rebuilt(node, became)
    return None


def _adds(node: Node) -> bool:
    """Whether the node is a sum of its operands."""
    return node.op is not None and not node.op.linear_in and all(node.op.sign(i) for i in range(len(node.inputs)))


def _linear_positions(node: Node) -> Sequence[int]:
    """The operands through which a factor may come in: any one that it is linear in, or all that it adds up."""
    op = node.op
    if op is None:
        return ()
    return op.linear_in or [i for i in range(len(node.inputs)) if op.sign(i)]


def _common_starts(nodes: Sequence[Node], ends: Mapping[Node, Node], roots: Collection[Node]) -> Iterator[Node]:
    """The nodes, the smallest first, that all ends are linear in and nothing else reads."""
    everything = (1 << len(ends)) - 1
    reach: dict[Node, int] = {}
    for bit, x in enumerate(ends.values()):
        reach[x] = reach.get(x, 0) | 1 << bit
    for node in reversed(nodes):
        if node in reach and node not in ends:
            for i in _linear_positions(node):
                x = node.inputs[i]
                reach[x] = reach.get(x, 0) | reach[node]
    starts = [node for node in nodes if reach.get(node) == everything and node.op is not None]
    for start in sorted(starts, key=lambda node: node.size)[:MOST_STARTS]:
        if _is_start(start, nodes, ends, roots):
            yield start


def _is_start(start: Node, nodes: Sequence[Node], ends: Mapping[Node, Node], roots: Collection[Node]) -> bool:
    """Whether a factor at the start would reach the ends, and them only."""
    cone = {start}
    for node in nodes:
        inside = [i for i, x in enumerate(node.inputs) if x in cone]
        if not inside or node in ends:
            continue
        if len(inside) != (len(node.inputs) if _adds(node) else 1) or not set(inside) <= set(_linear_positions(node)):
            return False
        cone.add(node)
    return not cone & set(roots) and all(x in cone for x in ends.values())
