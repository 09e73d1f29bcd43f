"""Operations written by smaller ones, so that a program computes once what they share.

Softmax and cross-entropy share their exponentials. What an operation demands of its operands' values is
checked by a node of its own, so that targets that don't change are checked once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigraph.calculus.simplification import standing_for
from minigraph.core.groups import entering, leaving
from minigraph.core.node import Node
from minigraph.core.op import signature
from minigraph.program.graph import ProgramGraph, rewritten
from minigraph.program.inserted_operations import Checked
from minigraph.program.lowering.table import lowering_of
from minigraph.program.passes.compiler_pass import Pass

MOST_ROUNDS = 8
"""An expansion may hold operations that expand in turn; a chain of more than this is left as it is."""


def check_once(graph: ProgramGraph) -> ProgramGraph:
    """Checks of operands' values as nodes of their own."""
    known: dict[Any, Node] = {}  # the same target of two losses is checked once

    def checked(node: Node) -> Node:
        if node.op is None or not node.op.checked:
            return node
        inputs = list(node.inputs)
        for i in node.op.checked:
            if not isinstance(inputs[i].op, Checked):
                key = (signature(node.op), i, inputs[i])
                if key not in known:
                    known[key] = Checked(node, i)(inputs[i])
                inputs[i] = known[key]
        return standing_for(Node(node.op, tuple(inputs), node.shape, node.dtype), node)

    return rewritten(graph, checked)


def expand(graph: ProgramGraph) -> ProgramGraph:
    """Operations by their expansions."""
    for _ in range(MOST_ROUNDS):
        nodes = graph.nodes()
        magnified = _magnified(nodes)
        found = {node: made for node in nodes if (made := _expansion(node, node in magnified)) is not None}
        if not found:
            break
        graph = graph.substituted(found)
    return graph


def _magnified(nodes: Sequence[Node]) -> set[Node]:
    """The nodes of which a reader tells very small values from 0; what is on the way may pass them on."""
    found: set[Node] = set()
    for node in reversed(nodes):
        if (op := node.op) is None:
            continue
        lowering = lowering_of(op)
        for i, x in enumerate(node.inputs):
            hands_on = lowering.sign(i) != 0 or i in op.linear_in or 0.0 in op.kinks  # as ReLU does
            if lowering.magnifies(op, i) or (hands_on and node in found):
                found.add(x)
    return found


def _expansion(node: Node, magnified: bool) -> Node | None:
    """The expansion in the node's group, if there is one."""
    if node.op is None:
        return None
    lowering = lowering_of(node.op)
    rough = None if magnified else lowering.rough_expansion
    expansion = lowering.expansion if rough is None else rough
    if expansion is None:
        return None
    token = entering(node.group)
    try:
        made = expansion(node.op, *node.inputs)
    finally:
        leaving(token)
    if made is None or (made.shape, made.dtype) != (node.shape, node.dtype):
        return None
    return made if node.name is None or made.name is not None else made.named(node.name)


EXPAND = Pass("expand", "operations by parts that others need too; values checked once a call", (check_once, expand))
