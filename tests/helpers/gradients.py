"""Whether a node has a gradient, without the warning that reading a missing one gives."""

import pytest

import minigraph as mg


def has_no_gradient(node: mg.Node) -> bool:
    with pytest.warns(mg.GraphWarning, match="has no gradient"):
        return node.grad is None
