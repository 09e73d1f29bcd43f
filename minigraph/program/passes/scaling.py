"""Numbers, such as the rate and 1/m, move through linear operations towards the end, where they become one.

Gradients are linear in the seed of the backward pass: the rate in W − rate · dW and the 1/m of a mean are one factor.
Where it costs least is the next question, see `seeding`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from minigraph.calculus.simplification import rebuilt
from minigraph.core.node import Node, Role
from minigraph.program.factors import constant_factor, may_move, times
from minigraph.program.graph import ProgramGraph, dependent
from minigraph.program.lowering.table import signs
from minigraph.program.passes.compiler_pass import Pass


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


def collect_factors(graph: ProgramGraph) -> ProgramGraph:
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
            for x in node.inputs:
                plain(x)
            scaled[node] = Scaled(1.0, rebuilt(node, realized))
    return graph.replaced({node: plain(node) for node in graph.roots()}).called({n: x.base for n, x in scaled.items()})


def _scaled(node: Node, scaled: Mapping[Node, Scaled]) -> Scaled:
    """The node with the factors of the operands that it is linear in taken out; itself if there are none."""
    if (constant := constant_factor(node)) is not None:
        factor, x = constant
        both = factor * scaled[x].factor
        return Scaled(both, scaled[x].base, marked=True) if may_move(both) else Scaled(1.0, node)
    op = node.op
    inner = [scaled[x] for x in node.inputs]
    if op is None or not any([x.marked for x in inner]):
        return Scaled(1.0, node)
    linear = [i for i in op.linear_in if inner[i].marked]
    sums = all(signs(node))
    if sums and all(x.marked and x.factor == inner[0].factor for x in inner):
        linear, factor = list(range(len(inner))), inner[0].factor
    else:
        factor = math.prod(inner[i].factor for i in linear)
    uses = Counter(node.inputs)
    if not linear or not may_move(factor) or any(uses[node.inputs[i]] > 1 for i in linear):
        return Scaled(1.0, node)
    became = {x: y.base if i in linear or y.factor == 1 else times(y.factor, y.base)
              for i, (x, y) in enumerate(zip(node.inputs, inner, strict=True))}  # fmt: skip
    return Scaled(factor, rebuilt(node, became), marked=True)


SCALE = Pass("scale", "numbers, such as the rate and 1/m, collected at the end of linear operations", (collect_factors,))
