"""Tests and grades for gradients that somebody wrote, and Hypothesis strategies for graphs.

Gradients that were written by hand:

- `assert_gradients`: fails, with a diagnosis, where gradients are wrong; with pytest also a fixture;
- `check_backward`: a student's backward pass on random nets, down to the smallest that fail, with points;
- `RandomNets`: the nets that it is tried on;
- `grade`: points for gradients of one graph; a `Grade` has a `Mark` for each.

Strategies, which need the extra ``test`` (pip install "minigraph[test]"); `check_op` runs on them too:

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

from typing import TYPE_CHECKING, Any

from minigraph.core.other_frameworks import no_attribute
from minigraph.testing.assertions import assert_gradients
from minigraph.testing.backward_check import check_backward
from minigraph.testing.grades import Grade, Mark
from minigraph.testing.grading import grade
from minigraph.testing.random_nets import RandomNets

if TYPE_CHECKING:
    from minigraph.checking.array_strategies import arrays, broadcastable_shapes, distance_to_kink, operands
    from minigraph.testing.random_graphs import Graph, graphs

__all__ = [
    "Grade", "Graph", "Mark", "RandomNets", "arrays", "assert_gradients", "broadcastable_shapes", "check_backward",
    "distance_to_kink", "grade", "graphs", "operands",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """The strategies, which need Hypothesis: a grade can be had without."""
    if name not in __all__:
        raise no_attribute("module 'minigraph.testing'", name, {})
    if name in ("Graph", "graphs"):
        from minigraph.testing import random_graphs

        return getattr(random_graphs, name)
    from minigraph.checking import array_strategies

    return getattr(array_strategies, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
