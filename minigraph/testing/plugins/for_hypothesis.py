"""Hypothesis learns of nodes, whichever of Hypothesis and minigraph is imported first."""

import sys


def tell_hypothesis() -> None:
    """Register the nodes, if minigraph is there; if it is imported later, it does so itself.

    Hypothesis calls this when it is imported.
    """
    if "minigraph.core.node" in sys.modules:
        from minigraph.hypothesis_types import register_nodes

        register_nodes()
