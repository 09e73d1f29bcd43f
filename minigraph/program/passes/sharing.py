"""Equal operations of the same inputs done once, and the exact rules of `simplify`."""

from __future__ import annotations

from dataclasses import replace

from minigraph.calculus.simplification import EXACT, Simplified, simplify
from minigraph.program.graph import ProgramGraph
from minigraph.program.passes.compiler_pass import Pass


def share(graph: ProgramGraph) -> ProgramGraph:
    """The graph with equal operations of the same inputs once.

    It is asked for after every pass, so it only looks at what the pass has made.
    """
    simplified = graph.simplified or Simplified()
    if simplified.nodes.issuperset(graph.roots()):
        return graph
    became = simplify(graph.roots(), keep_names=False, rules=EXACT, simplified=simplified)
    shared = replace(graph.replaced(became).called(became), simplified=simplified)
    simplified.add(shared.nodes())  # those that have a name now are found again under it
    return shared


SHARE = Pass("share", "equal operations done once, operations without effect left out", (share,))
