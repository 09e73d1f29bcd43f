"""The learning rate and 1/m go into the seed.

Gradients are linear in the seed of the backward pass. A factor at its end, such as the rate in
W − rate · dW, and one at its beginning, the 1/m of a mean, are therefore one factor, and it costs least
where the arrays are smallest: at the seed. The update is then one subtraction.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from minigraph.node import Node, Role, literal
from minigraph.operations.arithmetic import Multiply
from minigraph.program.graph import Graph, users
from minigraph.simplification import rebuilt


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


def constant_factor(node: Node) -> tuple[float, Node] | None:
    """c and x if the node is c · x, entry by entry, with a number c: whatever operation says so."""
    op = node.op
    if op is None or not op.broadcasts:
        return None
    for position in op.linear_in:
        x = node.inputs[position]
        others = [y for y in node.inputs if y is not x]
        if x.shape != node.shape or len(others) < len(node.inputs) - 1 or x.dtype != node.dtype:
            continue
        if all(y.role is Role.LITERAL and y.size and np.ptp(y.value) == 0 for y in others):
            with np.errstate(all="ignore"):
                factor = op.forward(*(np.float64(1) if y is x else np.float64(np.ravel(y.value)[0]) for y in node.inputs))
            if math.isfinite(factor):
                return float(factor), x
    return None


def collect_factors(graph: Graph) -> Graph:
    """Numbers move through linear operations towards the end, where they meet and become one."""
    scaled: dict[Node, Scaled] = {}
    realized: dict[Node, Node] = {}

    def plain(node: Node) -> Node:
        if node not in realized:
            found = scaled[node]
            realized[node] = found.base if found.factor == 1 else times(found.factor, found.base)
        return realized[node]

    for node in graph.nodes():
        scaled[node] = _scaled(node, scaled)
        if scaled[node].base is node and node.op is not None:
            became = {x: plain(x) for x in node.inputs}
            scaled[node] = Scaled(1.0, rebuilt(node, became))
    return graph.replaced({node: plain(node) for node in graph.roots()})


def _scaled(node: Node, scaled: Mapping[Node, Scaled]) -> Scaled:
    """The node with the factors of the operands that it is linear in taken out; itself if there are none."""
    if (constant := constant_factor(node)) is not None:
        factor, x = constant
        return Scaled(factor * scaled[x].factor, scaled[x].base, marked=True)
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
    if not linear or any(node.inputs[i] is node.inputs[j] for i in linear for j in range(len(inner)) if i != j):
        return Scaled(1.0, node)
    became = {x: y.base if i in linear or y.factor == 1 else times(y.factor, y.base)
              for i, (x, y) in enumerate(zip(node.inputs, inner, strict=True))}  # fmt: skip
    return Scaled(factor, rebuilt(node, became), marked=True)


def times(factor: float, node: Node) -> Node:
    """The node Number · node, of the node's dtype."""
    return Node(Multiply(), (literal(factor, node.dtype), node), node.shape, node.dtype)


def spread_back(graph: Graph) -> Graph:
    """Equal numbers at the ends of linear operations move back to where they began, if there is less to multiply there."""
    nodes = graph.nodes()
    readers = users(nodes)
    roots = set(graph.roots())
    wanted: dict[Node, float] = {}
    for node in reversed(nodes):
        if node.op is None or node in roots or node not in readers:
            continue
        factors = {_wanted_by(reader, node, wanted) for reader in readers[node]}
        if len(factors) == 1 and (factor := factors.pop()) is not None:
            wanted[node] = factor
    starts = [node for node in wanted if _carrier(node, wanted) is None]
    ends = [node for node in nodes if _is_end(node, wanted)]
    if sum(node.size for node in starts) >= sum(node.size for node in ends):
        return graph
    became: dict[Node, Node] = {}
    for node in nodes:
        if _is_end(node, wanted):
            became[node] = became[_scaled_operand(node)]
        else:
            made = rebuilt(node, became)
            became[node] = times(wanted[node], made) if node in starts else made
    return graph.replaced(became)


def _scaled_operand(node: Node) -> Node:
    constant = constant_factor(node)
    assert constant is not None
    return constant[1]


def _is_end(node: Node, wanted: Mapping[Node, float]) -> bool:
    constant = constant_factor(node)
    return constant is not None and wanted.get(constant[1]) == constant[0] and node not in wanted


def _wanted_by(reader: Node, node: Node, wanted: Mapping[Node, float]) -> float | None:
    """The factor that a reader would rather have in the node than after itself."""
    if (constant := constant_factor(reader)) is not None and reader not in wanted:
        return constant[0] if constant[0] not in (1.0, -1.0) else None
    return wanted.get(reader) if _first_carrier(reader) is node else None


def _first_carrier(node: Node) -> Node | None:
    """The operand through which a factor of the node would come in: of two, the one that linear operations made."""
    assert node.op is not None
    linear = [node.inputs[i] for i in node.op.linear_in if node.inputs.count(node.inputs[i]) == 1]
    made = [x for x in linear if x.op is not None]
    return next((x for x in made if x.op is not None and x.op.linear_in), made[0] if made else None)


def _carrier(node: Node, wanted: Mapping[Node, float]) -> Node | None:
    carrier = _first_carrier(node)
    return carrier if carrier is not None and wanted.get(carrier) == wanted[node] else None
