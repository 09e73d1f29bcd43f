"""Programs compute what the graph computes: random graphs, every pass on and off, both precisions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.program import passes
from minigraph.testing import graphs

ALL = passes.names()
subsets = st.lists(st.sampled_from(ALL), unique=True)


def tolerance(dtype):
    return 2e-3 if dtype == np.float32 else 1e-9


def assert_near(found, expected, what):
    for a, b in zip(found, expected, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert a.shape == b.shape, what
        assert a.dtype == b.dtype, what
        scale = np.max(np.abs(b), initial=1.0)
        assert np.all(np.abs(a - b) <= tolerance(b.dtype) * scale), f"{what}: {a} is not {b}"


def descended(graph, rate):
    """Outputs and new values after one step of descent, as the graph itself gives them."""
    leaves = list(graph.parameters)
    gradients = mg.grad(graph.root, leaves)
    return leaves, {w: w - rate * g for w, g in zip(leaves, gradients, strict=True)}


@given(graphs(), subsets)
def test_a_step_and_its_update(graph, without):
    leaves, updates = descended(graph, 0.01)
    program = mg.compile([graph.root, *graph.parameters], inputs=graph.data, updates=updates, without=without)
    expected = [graph.root.value, *(w.value for w in leaves)]
    following = [new.value for new in updates.values()]
    assert_near(program(*(x.value for x in graph.data)), expected, "outputs")
    assert_near([w.value for w in leaves], following, "updates")


@given(graphs(), subsets, st.sampled_from([0, 1, 3]))
def test_repeating_is_calling(graph, without, count):
    leaves, updates = descended(graph, 1e-3)
    first = [w.value for w in leaves]
    one = mg.compile(graph.root, updates=updates, without=without)
    costs = [one() for _ in range(count)]
    called = [w.value for w in leaves]
    for w, value in zip(leaves, first, strict=True):
        w.value = value
    repeated = mg.compile(graph.root, updates=updates, without=without).repeat(count)
    assert repeated.shape == (count,)
    assert_near([repeated], [np.array(costs, graph.root.dtype)], "costs")
    assert_near([w.value for w in leaves], called, "updates")


@given(graphs(dtype=np.float32), subsets)
def test_single_precision(graph, without):
    leaves, updates = descended(graph, 1e-3)
    program = mg.compile(graph.root, updates=updates, without=without)
    expected, following = graph.root.value, [new.value for new in updates.values()]
    assert_near([program()], [expected], "outputs")
    assert_near([w.value for w in leaves], following, "updates")


@given(graphs(), subsets)
def test_a_velocity(graph, without):
    leaves = list(graph.parameters)
    velocities = [mg.data(np.zeros(w.shape), f"v_{w.name}") for w in leaves]
    updates = {}
    for w, v, g in zip(leaves, velocities, mg.grad(graph.root, leaves), strict=True):
        updates[v] = (0.9 * v + g).named(f"next {w.name}")
        updates[w] = w - 1e-3 * updates[v]
    program = mg.compile(graph.root, updates=updates, without=without)
    for _ in range(2):
        expected, following = graph.root.value, [new.value for new in updates.values()]
        assert_near([program()], [expected], "cost")
        assert_near([leaf.value for leaf in updates], following, "updates")


@pytest.mark.parametrize("without", [(), *((name,) for name in ALL), ALL])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("activation", [mg.tanh, mg.relu, mg.leaky_relu, mg.sigmoid, mg.softplus])
def test_a_net(without, dtype, activation):
    random = np.random.default_rng(3)
    X = mg.data(random.standard_normal((3, 6)).astype(dtype), "X")
    Y = mg.data((random.random((1, 6)) < 0.5).astype(dtype), "Y")
    leaves, A = [], X
    for layer, (before, after) in enumerate([(3, 4), (4, 2), (2, 1)], 1):
        W = mg.parameter(random.standard_normal((after, before)).astype(dtype), f"W{layer}")
        b = mg.parameter(np.zeros((after, 1), dtype), f"b{layer}")
        Z = (W @ A + b).named(f"Z{layer}")
        A = activation(Z)
        leaves += [W, b]
    J = mg.bce_with_logits(Z, Y).mean()
    updates = {w: w - 0.1 * g for w, g in zip(leaves, mg.grad(J, leaves), strict=True)}
    program = mg.compile(J, updates=updates, without=without)
    for _ in range(5):
        expected, following = J.value, [new.value for new in updates.values()]
        assert_near([program()], [expected], "cost")
        assert_near([w.value for w in leaves], following, "updates")


def test_gradients_that_are_outputs_have_no_learning_rate_in_them():
    random = np.random.default_rng(6)
    X, Y = mg.data(random.standard_normal((9, 4)), "X"), mg.data((random.random((1, 4)) < 0.5).astype(float), "Y")
    W, b = mg.parameter(random.standard_normal((1, 9)), "W"), mg.parameter(np.zeros((1, 1)), "b")
    Z = (W @ X + b).named("Z")
    for cost in (mg.bce_with_logits(Z, Y).mean(), mg.bce_with_logits(Z, Y).sum(), mg.squared_error(Z, Y).sum()):
        dZ, dW, db = mg.grad(cost, [Z, W, b])
        for outputs in ([dZ], [dW], [db], [dW, dZ], [mg.tanh(dW)], [2 * dZ]):
            program = mg.compile(outputs, updates={W: W - 0.1 * dW, b: b - 0.1 * db})
            expected, following = [node.value for node in outputs], [(W - 0.1 * dW).value, (b - 0.1 * db).value]
            assert_near(program(), expected, "outputs")
            assert_near([W.value, b.value], following, "updates")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("function", [mg.sigmoid, mg.softplus, mg.tanh, mg.relu, mg.leaky_relu, mg.bce_with_logits])
def test_far_out_nothing_overflows_and_no_digit_is_lost(function, dtype):
    sizes = np.concatenate([[0.0], 10.0 ** np.arange(-20, 4), [37.0, 88.0, 89.0, 709.0, 710.0]])
    z = mg.parameter(np.concatenate([sizes, -sizes]).astype(dtype), "z")
    targets = [0.0, 1.0, 0.25] if function is mg.bce_with_logits else [None]
    for target in targets:
        node = function(z) if target is None else function(z, np.full(z.shape, target, dtype))
        gradient = mg.grad(node.sum(), z)
        for factor in (1.0, 1e-3):  # a factor goes into other places
            program = mg.compile([node, gradient], updates={z: z - factor * gradient})
            expected = [node.value, gradient.value]
            before = z.value
            eps = np.finfo(dtype).eps
            cancels = eps if target else 0.0  # σ(z) − y, which the graph itself rounds so
            for found, value, rounding in zip(program(), expected, (0.0, cancels), strict=True):
                np.testing.assert_allclose(found, value, rtol=16 * eps, atol=max(rounding, np.finfo(dtype).tiny))
            z.value = before
