"""The rules of calculus hold on random graphs over all operations."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.checking.finite_differences import EPSILON, rounding_of
from minigraph.checking.gradient_check import in_precision
from minigraph.checking.operation_laws import EPSILON32, weighted, weighted_gradient
from minigraph.core.pulling import ancestors
from minigraph.testing import arrays, graphs

FACTORS = st.sampled_from([-2.0, -0.5, 0.25, 3.0])


def close(left, right, times=100):
    """Two nodes that calculus says are equal are equal up to the rounding of their own operations."""
    allowed = times * max(rounding_of(weighted(left)), rounding_of(weighted(right)))
    return left.shape == right.shape and bool(np.all(np.abs(left.value - right.value) <= allowed))


def inner_node(draw, graph):
    """Any node of the graph, as a scalar."""
    return weighted(draw(st.sampled_from(graph.nodes)), seed=5)


def gradient(J, graph):
    return mg.grad(J, graph.parameters[0], allow_unused=True)


@given(graphs())
def test_the_gradient_is_that_of_finite_differences(graph):
    assert not mg.check_gradients(graph.root, [*graph.parameters, *graph.data]).wrong


@given(graphs(max_operations=4))
def test_the_second_derivative_is_that_of_finite_differences_of_the_first(graph):
    J = graph.root + sum(mg.sum(w**3) for w in graph.parameters)  # so that the gradient depends on each of them
    assert not mg.check_gradients(weighted_gradient(J, graph.parameters), graph.parameters).wrong


@given(graphs(), st.data(), FACTORS, FACTORS)
def test_the_gradient_is_linear(graph, data, a, b):
    f, g = graph.root, inner_node(data.draw, graph)
    assert close(gradient(a * f + b * g, graph), a * gradient(f, graph) + b * gradient(g, graph))


@given(graphs(), st.data())
def test_sum_product_and_quotient_rule(graph, data):
    f, g = graph.root, inner_node(data.draw, graph)
    df, dg = gradient(f, graph), gradient(g, graph)
    assert close(gradient(f + g, graph), df + dg)
    assert close(gradient(f - g, graph), df - dg)
    assert close(gradient(f * g, graph), df * g + f * dg)
    below = 1 + mg.square(g)
    assert close(gradient(f / below, graph), (df * below - f * 2 * g * dg) / mg.square(below))


@given(graphs())
def test_chain_rule(graph):
    f, df = graph.root, gradient(graph.root, graph)
    assert close(gradient(mg.tanh(f), graph), (1 - mg.square(mg.tanh(f))) * df)
    assert close(gradient(f**3, graph), 3 * mg.square(f) * df)
    assert close(gradient(mg.sigmoid(2 * f), graph), 2 * mg.sigmoid(2 * f) * (1 - mg.sigmoid(2 * f)) * df)


@given(graphs(), st.data())
def test_the_gradient_is_linear_in_its_seed(graph, data):
    y = data.draw(st.sampled_from(graph.nodes))
    s, t = data.draw(arrays(y.shape)), data.draw(arrays(y.shape))

    def seeded(seed):
        return mg.grad(y, graph.parameters[0], seed=seed, allow_unused=True)

    assert close(seeded(2 * s - 3 * t), 2 * seeded(s) - 3 * seeded(t))
    assert close(seeded(mg.data(s)), seeded(s))


@given(graphs(), st.data())
def test_forward_mode_agrees_with_reverse_mode(graph, data):
    y = data.draw(st.sampled_from(graph.nodes))
    leaves = [*graph.parameters, *graph.data]
    tangents = [data.draw(arrays(leaf.shape)) for leaf in leaves]
    check_adjoint(y, leaves, tangents, data.draw(arrays(y.shape)))


def test_forward_mode_agrees_with_reverse_mode_on_leaves_that_are_not_used():
    leaves = [mg.parameter([0.0625, 1.0], "w1"), mg.parameter(0.0625, "w2")]
    for y in (leaves[0], mg.abs(leaves[1]), 3 * leaves[0]):
        check_adjoint(y, leaves, [np.array([2.0, -1.0]), np.array(0.5)], np.full(y.shape, 0.25))


def check_adjoint(y, leaves, tangents, seed):
    """What forward mode says in the direction of the tangents is what reverse mode says."""
    forward = (seed * mg.jvp(y, leaves, tangents, allow_unused=True)).sum()
    gradients = mg.grad(y, leaves, seed=seed, allow_unused=True)
    reverse = mg.data(0.0)
    for tangent, found in zip(tangents, gradients, strict=True):
        reverse = reverse + (tangent * found).sum()
    assert close(forward, reverse)


@given(graphs(max_operations=4), st.data())
def test_hvp_is_the_hessian_times_the_vector(graph, data):
    w = graph.parameters[0]
    v = data.draw(arrays(w.shape))
    J = graph.root + mg.sum(w**3)
    hessian = mg.jacobian(mg.grad(J, w), w)
    assert hessian.shape == w.shape * 2
    square = hessian.reshape((w.size, w.size))
    assert close(square, square.T)
    assert close(mg.hvp(J, w, v), (square @ v.reshape(-1)).reshape(w.shape))


def test_the_hessian_of_a_linear_function_is_zero():
    w = mg.parameter([1.0, 2.0], "w")
    slope = mg.grad((3 * w).sum(), w)
    assert mg.jacobian(slope, w, allow_unused=True).value.tolist() == [[0, 0], [0, 0]]
    assert mg.hvp((3 * w).sum(), w, [1.0, 1.0]).value.tolist() == [0, 0]


@given(graphs(max_operations=4))
def test_the_jacobian_holds_a_gradient_in_each_row(graph):
    y, w = graph.root, graph.parameters[0]
    assert close(mg.jacobian(y.reshape((1,)), w), mg.grad(y, w).reshape((1, *w.shape)))


@given(graphs())
def test_backward_and_its_ledger_agree_with_grad(graph):
    backward_pass = graph.root.backward()
    for w in graph.parameters:
        assert np.array_equal(w.grad, mg.grad(graph.root, w).value)
    totals = {}
    for step in backward_pass:
        totals[step.input] = totals.get(step.input, 0) + step.contribution.value
        np.testing.assert_allclose(step.running_total, totals[step.input], rtol=1e-12, atol=1e-12)
    for node, total in totals.items():
        assert np.array_equal(np.asarray(node.grad), np.asarray(backward_pass.gradient(node).value))
        np.testing.assert_allclose(node.grad, total, rtol=1e-9, atol=1e-9 * np.max(np.abs(total), initial=1))


@given(graphs())
def test_inputs_never_change(graph):
    leaves = [node for node in ancestors([graph.root]) if node.op is None]
    before = [(leaf.value, np.array(leaf.value)) for leaf in leaves]
    graph.root.backward()
    mg.jvp(graph.root, graph.parameters, [w.value for w in graph.parameters]).value  # noqa: B018  # reading evaluates
    mg.evaluate(graph.root, given={w: w.value * 0.5 for w in graph.parameters})
    for leaf, (value, copy) in zip(leaves, before, strict=True):
        assert leaf.value is value and np.array_equal(value, copy)


@given(graphs(), st.data())
def test_after_an_assignment_all_is_as_in_a_graph_made_anew(graph, data):
    w = data.draw(st.sampled_from(graph.parameters))
    slope = mg.grad(graph.root, w)
    kept, old = np.array(slope.value), slope.value
    given_value = mg.evaluate(graph.root, given={w: w.value / 2})
    w.value = w.value / 2
    anew = in_precision([graph.root], np.float64)
    assert np.array_equal(graph.root.value, anew[graph.root].value, equal_nan=True)
    assert np.array_equal(given_value, graph.root.value, equal_nan=True)
    assert np.array_equal(slope.value, mg.grad(anew[graph.root], anew[w]).value, equal_nan=True)
    assert np.array_equal(old, kept)


@given(graphs(max_operations=4))
def test_a_copy_in_float32_is_within_the_error_of_float32(graph):
    single = in_precision([graph.root], np.float32)
    leaves = [single[w] for w in graph.parameters]
    gradients = weighted_gradient(single[graph.root], leaves)
    exact = weighted_gradient(graph.root, graph.parameters)
    assert gradients.dtype == np.float32
    assert abs(single[graph.root].value - graph.root.value) <= 16 * rounding_of(graph.root, EPSILON32)
    assert abs(gradients.value - exact.value) <= 16 * rounding_of(exact, EPSILON32)


def test_the_bound_on_rounding_is_that_of_a_sum():
    x = mg.parameter([1.0, -2.0])
    assert rounding_of(x.sum()) == 4 * EPSILON  # 1 + 2 for the entries, |1 − 2| for the sum
