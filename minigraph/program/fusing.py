"""Two operations as one that NumPy has a quicker way for."""

from __future__ import annotations

from minigraph.node import Node
from minigraph.operations.activations import ReLU
from minigraph.operations.arithmetic import Multiply
from minigraph.operations.kinks import Step
from minigraph.operations.powers import Square
from minigraph.operations.reductions import Sum
from minigraph.program.batching import LARGEST_PART
from minigraph.program.graph import Graph, rewritten
from minigraph.program.own_operations import Gate, Inner
from minigraph.simplification import rebuilt, standing_for


def inner_products(graph: Graph) -> Graph:
    """Σ a ⊙ b as one product of vectors."""

    def inner(node: Node) -> Node:
        if not isinstance(node.op, Sum) or node.shape != ():
            return node
        (x,) = node.inputs
        pair = x.inputs if isinstance(x.op, Multiply) else (*x.inputs, *x.inputs) if isinstance(x.op, Square) else ()
        if not pair or pair[0].shape != pair[1].shape:
            return node
        return standing_for(Node(Inner(), pair, (), node.dtype), node)

    return rewritten(graph, inner)


def gates(graph: Graph) -> Graph:
    """x ⊙ [z > 0] as x, where a mask lets it pass: the bracket is never an array of floats.

    Small brackets stay, since many of them are one call. In a large one ReLU(z) stands for z, of which it has
    the sign: so z need not be kept.
    """
    nodes = graph.nodes()
    rectified = {node.inputs[0]: node for node in nodes if isinstance(node.op, ReLU)}
    became: dict[Node, Node] = {}
    for node in nodes:
        became[node] = rebuilt(node, became)
        for x, bracket in (node.inputs, node.inputs[::-1]) if isinstance(node.op, Multiply) else ():
            op = bracket.op
            if isinstance(op, Step) and (op.below, op.above) == (0, 1) and op.at_zero in (0, 1) and node.size > LARGEST_PART:
                (z,) = bracket.inputs
                sign = rectified.get(z, z) if op.at_zero == 0 else z
                gate = Node(Gate(bool(op.at_zero)), (became[x], became.get(sign, became[z])), node.shape, node.dtype)
                became[node] = standing_for(gate, node)
                break
    return graph.replaced(became)
