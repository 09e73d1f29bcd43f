"""Hypothesis draws nodes: ``st.from_type(minigraph.Node)`` gives nodes of random graphs."""

import sys
from typing import Any

from minigraph.core.lazy_imports import later
from minigraph.core.node import Node


def register_nodes() -> None:
    """Tell Hypothesis, if it has been imported, how nodes are drawn; what draws them is loaded with the first."""
    strategies: Any = sys.modules.get("hypothesis.strategies")
    if strategies is not None:
        strategies.register_type_strategy(Node, lambda _: later("random_nodes")())
