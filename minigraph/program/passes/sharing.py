"""What is there already is not computed again: equal operations are done once, and [z > 0] is read off ReLU(z)."""

from __future__ import annotations

from dataclasses import replace

from minigraph.calculus.simplification import EXACT, Simplified, simplify, standing_for
from minigraph.core.node import Node
from minigraph.operations.activations import ReLU
from minigraph.operations.choices import Step
from minigraph.program.graph import ProgramGraph, rewritten
from minigraph.program.inserted_operations import Positive
from minigraph.program.passes.compiler_pass import Pass


def share(graph: ProgramGraph) -> ProgramGraph:
    """The graph with equal operations of the same inputs once, by the exact rules of `simplify`.

    It is asked for after every pass, so it only looks at what the pass has made.
    """
    simplified = graph.simplified or Simplified()
    if simplified.nodes.issuperset(graph.roots()):
        return graph
    became = simplify(graph.roots(), keep_names=False, rules=EXACT, simplified=simplified)
    shared = replace(graph.replaced(became).called(became), simplified=simplified)
    simplified.add(shared.nodes())  # those that have a name now are found again under it
    return shared


def read_off_relu(graph: ProgramGraph) -> ProgramGraph:
    """[z > 0] from ReLU(z), which is there anyway: that is quicker, and z need not be kept."""
    rectified: dict[Node, Node] = {}

    def read_off(node: Node) -> Node:
        if isinstance(node.op, ReLU):
            rectified[node.inputs[0]] = node
        step = node.op
        if not isinstance(step, Step) or (step.below, step.at_zero, step.above) != (0, 0, 1):
            return node
        if node.inputs[0] not in rectified:
            return node
        return standing_for(Positive()(rectified[node.inputs[0]]), node)

    return rewritten(graph, read_off)


SHARE = Pass("share", "equal operations done once, operations without effect left out", (share,))
RELU = Pass("relu", "[z > 0] read off ReLU(z), so that z need not be kept", (read_off_relu,), after=("expand",))
