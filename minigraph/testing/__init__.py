"""Hypothesis strategies for computation graphs, to property-test operations and models of your own.

Needs the extra ``test`` (pip install "minigraph[test]"). `check_op` runs on these strategies too.

- `arrays`: entries that differ from each other and keep away from kinks and the ends of a domain;
- `broadcastable_shapes`: shapes that NumPy broadcasts, scalars and empty ones too;
- `operands`: arrays of several shapes, no entry twice among all of them;
- `graphs`: random graphs over all operations, with finite differences that make sense;
- `distance_to_kink`: how near a graph is to a kink, for ``hypothesis.assume``.

Example:
    A property of your own operation, over random shapes and values:

    >>> import numpy as np
    >>> import minigraph as mg
    >>> from hypothesis import given, settings
    >>> from minigraph.testing import arrays, broadcastable_shapes, graphs, operands
    >>> def swish(z):
    ...     return z * mg.sigmoid(z)
    >>> @settings(derandomize=True, max_examples=5)
    ... @given(arrays((2, 3)))
    ... def test_swish_has_a_lower_bound(z):
    ...     assert (swish(mg.data(z)).value > -0.279).all()
    >>> test_swish_has_a_lower_bound()

    And of any model that is built from nodes:

    >>> @settings(derandomize=True, max_examples=5)
    ... @given(graphs())
    ... def test_doubling_J_doubles_its_gradient(graph):
    ...     J, w = graph.root, graph.parameters[0]
    ...     np.testing.assert_allclose(mg.grad(2 * J, w).value, 2 * mg.grad(J, w).value)
    >>> test_doubling_J_doubles_its_gradient()
"""

from minigraph.checking.array_strategies import arrays, broadcastable_shapes, distance_to_kink, operands
from minigraph.testing.random_graphs import Graph, graphs

__all__ = ["Graph", "arrays", "broadcastable_shapes", "distance_to_kink", "graphs", "operands"]
