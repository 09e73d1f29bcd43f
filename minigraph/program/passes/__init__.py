"""The passes, in order. Each takes a graph and gives one that computes the same; each can be left out.

To add a pass, write a file here with a function from graph to graph and a `Pass` that holds it, and enter the pass in
`PASSES`. Programs, the report and ``without=`` read that list; so do the tests, which say if an entry is forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from minigraph.program.graph import ProgramGraph, rewritten
from minigraph.program.inserted_operations import sealed
from minigraph.program.passes.compiler_pass import Pass, refuse_wrong_order
from minigraph.program.passes.expanding import EXPAND
from minigraph.program.passes.joined_leaves import FLATTEN
from minigraph.program.passes.levelling import LEVELS
from minigraph.program.passes.recomputing import RECOMPUTE
from minigraph.program.passes.sharing import RELU, SHARE, share
from minigraph.program.passes.stacking import STACK

GRAM = Pass("gram", "products W X carried instead of W, in `repeat`", after=("expand",))
READING = Pass("reading", "X read once a step for W X and D Xᵀ, in `repeat` by the interpreter", after=("expand",))
REUSE = Pass("reuse", "memory that nothing reads any more used again")

PASSES = [SHARE, EXPAND, GRAM, READING, STACK, FLATTEN, LEVELS, RELU, RECOMPUTE, REUSE]
"""All passes, in the order in which they are done. After each of them the graph is shared."""


@dataclass(frozen=True)
class Transformed:
    """A graph after the passes.

    Attributes:
        graph: what becomes a program.
        stages: for each pass that changes no graph, if it is not left out, the graph as it stood at its place.
        notes: for each pass, in order, a line of the report.
    """

    graph: ProgramGraph
    stages: Mapping[str, ProgramGraph]
    notes: Mapping[str, str]


def transformed(graph: ProgramGraph, without: Collection[str]) -> Transformed:
    """The graph after all passes but those whose names are in ``without``."""
    refuse_wrong_order(PASSES)
    graph = rewritten(graph, sealed)
    shares = SHARE.name not in without
    stages: dict[str, ProgramGraph] = {}
    notes: dict[str, str] = {}
    for each in PASSES:
        if each.name in without:
            notes[each.name] = each.note("left out")
        elif not each.rewrites:
            stages[each.name] = replace(graph, simplified=None)
            notes[each.name] = each.note(each.summary)
        else:
            before = graph
            for rewrite in each.rewrites:
                graph = rewrite(graph)
            if shares and graph is not before:
                graph = share(graph)
            notes[each.name] = each.note(f"{before.operations:4} → {graph.operations:4} operations   {each.summary}")
    return Transformed(replace(graph, simplified=None), stages, notes)


def names() -> tuple[str, ...]:
    """What ``without=`` may name, in order."""
    return tuple(each.name for each in PASSES)
