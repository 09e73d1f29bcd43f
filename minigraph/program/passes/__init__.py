"""The passes, in order. Each takes a graph and gives one that computes the same; each can be left out.

To add a pass, write a file here with a function from graph to graph, and enter it in `PASSES`: the report, `without=` and
the tests of equality read that table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from minigraph.calculus.simplification import EXACT, simplify
from minigraph.core.node import Node
from minigraph.program.graph import ProgramGraph, rewritten
from minigraph.program.inserted_operations import sealed
from minigraph.program.passes.batching import batch, sums_side_by_side
from minigraph.program.passes.expanding import check_once, expand
from minigraph.program.passes.flattening import flatten
from minigraph.program.passes.fusing import inner_products, read_off_relu
from minigraph.program.passes.scaling import collect_factors
from minigraph.program.passes.seeding import spread_back
from minigraph.program.passes.stacking import stack
from minigraph.program.passes.turning import turn

Pass: TypeAlias = Callable[[ProgramGraph], ProgramGraph]


def share(graph: ProgramGraph) -> ProgramGraph:
    """Equal operations of the same inputs once, and the exact rules of `simplify`."""
    became = simplify(graph.roots(), keep_names=False, rules=EXACT)
    return graph.replaced(became).called(became)


PASSES: dict[str, tuple[tuple[Pass, ...], str]] = {
    "share": ((), "equal operations done once, operations without effect left out"),
    "scale": ((collect_factors,), "numbers, such as the rate and 1/m, collected at the end of linear operations"),
    "expand": ((check_once, expand), "operations by parts that others need too; values checked once a call"),
    "fuse": ((inner_products,), "sums of products as products of vectors"),
    "seed": ((spread_back,), "the collected numbers put into the seed of the backward pass"),
    "stack": ((stack,), "W and b of a layer in one matrix"),
    "flatten": ((flatten,), "the leaves that are updated alike in one array"),
    "batch": ((sums_side_by_side, batch), "equal operations on small arrays done at once, side by side"),
    "relu": ((read_off_relu,), "[z > 0] read off ReLU(z), so that z need not be kept"),
    "turn": ((turn,), "transposes of fixed data written once, row by row"),
}
"""For each name the functions that are called and what the report says of them. Before each of them the graph is shared."""

OTHERS = ("reuse", "blocks")
"""What else can be left out: using memory again, and blocks of steps in `repeat`."""


def transformed(graph: ProgramGraph, without: Collection[str], last: str = "turn") -> tuple[ProgramGraph, list[str]]:
    """The graph after the passes, up to a last one, and for each what it did."""
    graph = rewritten(graph, sealed)
    notes = []
    tidy: Sequence[Node] = ()  # the roots when they were last shared

    def tidied(graph: ProgramGraph) -> ProgramGraph:
        nonlocal tidy
        if "share" not in without and graph.roots() != tidy:
            graph = share(graph)
            tidy = graph.roots()
        return graph

    for name in [*PASSES][: [*PASSES].index(last) + 1]:
        rewrites, text = PASSES[name]
        if name in without:
            notes.append(f"{name:8} left out")
            continue
        before = _operations(graph)
        graph = tidied(graph)
        for rewrite in rewrites:
            graph = rewrite(graph)
        notes.append(f"{name:8} {before:4} → {_operations(graph):4} operations   {text}")
    return tidied(graph), notes


def _operations(graph: ProgramGraph) -> int:
    return sum(node.op is not None for node in graph.nodes())
