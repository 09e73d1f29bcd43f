"""Random graphs are what they promise: scalar, moderate, away from kinks, over all operations."""

import numpy as np
import pytest
from hypothesis import Phase, assume, find, given, settings

import minigraph as mg
from minigraph.core.operators import OPERATIONS
from minigraph.core.pulling import ancestors
from minigraph.testing import distance_to_kink, graphs
from minigraph.testing.builder import RECIPES
from minigraph.testing.random_graphs import _is_moderate

FIRST = settings(phases=[Phase.generate], max_examples=500)  # any example will do, it need not be simple


def test_there_is_a_recipe_for_every_operation():
    internal = {"cast", "scatter"}  # they arise in gradients only
    forgotten = set(OPERATIONS) - internal - set(RECIPES)
    assert not forgotten, f"say in minigraph/testing/random_*.py how random graphs use {sorted(forgotten)}"
    assert set(RECIPES) == set(OPERATIONS) - internal
    assert set(RECIPES) | {"getitem"} <= set(mg.__all__) | {"getitem"}


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_each_operation_is_reached(name):
    names = {
        "identity": "identical", "dot": "matmul", "outer": "matmul", "clip": "minimum", "ravel": "reshape",
        "squeeze": "reshape", "expand_dims": "reshape", "swapaxes": "transpose", "repeat": "broadcast_to",
        "tile": "broadcast_to", "var": "square", "std": "norm", "take": "getitem", "vstack": "concatenate",
        "hstack": "concatenate",
    }  # fmt: skip

    def uses(graph):
        return any(node.op and node.op.name in (name, names.get(name)) for node in ancestors([graph.root])[:-3])

    graph = find(graphs(operations=[name], max_operations=3), uses, settings=FIRST)
    assert not mg.check_gradients(graph.root).wrong


@given(graphs())
def test_graphs_are_scalar_moderate_and_away_from_kinks(graph):
    assert graph.root.shape == () and graph.root.name == "J" and graph.parameters
    leaves = {node for node in ancestors([graph.root]) if node.op is None and node.role != "literal"}
    assert leaves == {*graph.parameters, *graph.data}
    assert all(np.isfinite(node.value).all() for node in ancestors([graph.root]))
    assert distance_to_kink(graph.root) >= 0.02


@given(graphs(operations=["square", "exp", "identity"]))
def test_values_stay_moderate(graph):
    assert all(np.all(np.abs(node.value) <= 50) for node in graph.nodes)


@pytest.mark.parametrize(
    ("value", "moderate"), [(np.full(36, 0.5), True), (np.full(37, 0.5), False), (50.0, True), (51.0, False)]
)
def test_what_is_too_large_is_left_out(value, moderate):
    assert _is_moderate(mg.identity(value), before=0) == moderate


@given(graphs(dtype=np.float32))
def test_graphs_of_float32_are_float32_throughout(graph):
    assert {node.dtype for node in ancestors([graph.root])} == {np.dtype(np.float32)}


def test_a_failing_graph_is_shown_with_formula_and_leaves():
    graph = find(graphs(operations=["multiply"]), lambda graph: graph.data, settings=FIRST)
    text = repr(graph)
    assert "w1 = parameter(" in text and "= data(" in text and text.splitlines()[-1].startswith("J = ")

    class Printer:
        def text(self, shown):
            assert shown == text

    graph._repr_pretty_(Printer(), False)


@pytest.mark.parametrize("names", [[], ["conv"], ["add", "Relu"]])
def test_unknown_operations_are_refused(names):
    with pytest.raises(ValueError, match=r"graphs: operations are some of abs, add, .*; not \["):
        graphs(operations=names)


@given(graphs(operations=["relu", "add"]))
def test_a_property_of_a_users_own(graph):
    w = graph.parameters[0]
    assume(w.size > 1)
    assert mg.grad(graph.root, w).shape == w.shape
