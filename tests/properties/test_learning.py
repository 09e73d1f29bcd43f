"""What must hold for nets: batches, symmetries of examples and hidden units, and identities of activations and losses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.testing import arrays, operands

HIDDEN = {"sigmoid": mg.sigmoid, "tanh": mg.tanh, "relu": mg.relu, "leaky_relu": mg.leaky_relu, "softplus": mg.softplus}
each_hidden = pytest.mark.parametrize("hidden", HIDDEN)
EXAMPLES, FEATURES, UNITS = 4, 3, 5


@st.composite
def net_values(draw):
    """Parameters, examples as columns, and labels."""
    W1, b1, W2, b2, X = draw(operands([(UNITS, FEATURES), (UNITS, 1), (1, UNITS), (1, 1), (FEATURES, EXAMPLES)]))
    Y = draw(arrays((1, EXAMPLES), domain=(0.0, 1.0)))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}, X, Y.round()


def net(values, X, Y, hidden):
    """Parameters by name, the losses (1, m), and their mean J."""
    p = {name: mg.parameter(value, name) for name, value in values.items()}
    A1 = HIDDEN[hidden](p["W1"] @ X + p["b1"])
    losses = mg.bce_with_logits(p["W2"] @ A1 + p["b2"], Y)
    return p, losses, losses.mean()


def gradients(values, X, Y, hidden):
    p, _, cost = net(values, X, Y, hidden)
    return cost.value, dict(zip(p, (slope.value for slope in mg.grad(cost, list(p.values()))), strict=True))


def assert_same(left, right):
    for name in left:
        np.testing.assert_allclose(left[name], right[name], rtol=1e-9, atol=1e-12)


@each_hidden
@given(net_values())
def test_the_gradient_of_a_batch_is_the_mean_of_those_of_its_examples(hidden, drawn):
    values, X, Y = drawn
    cost, batch = gradients(values, X, Y, hidden)
    single = [gradients(values, X[:, [i]], Y[:, [i]], hidden) for i in range(EXAMPLES)]
    assert cost == pytest.approx(np.mean([cost for cost, _ in single]))
    assert_same(batch, {name: np.mean([slopes[name] for _, slopes in single], axis=0) for name in batch})


@each_hidden
@given(net_values(), st.permutations(range(EXAMPLES)))
def test_the_order_of_examples_does_not_matter(hidden, drawn, order):
    values, X, Y = drawn
    cost, found = gradients(values, X, Y, hidden)
    cost_permuted, permuted = gradients(values, X[:, order], Y[:, order], hidden)
    assert cost == pytest.approx(cost_permuted, rel=1e-12)
    assert_same(found, permuted)


@each_hidden
@given(net_values())
def test_duplicating_all_examples_does_not_matter(hidden, drawn):
    values, X, Y = drawn
    cost, found = gradients(values, X, Y, hidden)
    cost_twice, twice = gradients(values, np.hstack([X, X]), np.hstack([Y, Y]), hidden)
    assert cost == pytest.approx(cost_twice, rel=1e-12)
    assert_same(found, twice)


@each_hidden
@given(net_values(), st.permutations(range(UNITS)))
def test_permuting_hidden_units_permutes_their_gradients(hidden, drawn, order):
    values, X, Y = drawn
    cost, found = gradients(values, X, Y, hidden)
    swapped = {**values, "W1": values["W1"][order], "b1": values["b1"][order], "W2": values["W2"][:, order]}
    cost_swapped, slopes = gradients(swapped, X, Y, hidden)
    assert cost == pytest.approx(cost_swapped, rel=1e-12)
    expected = {**found, "W1": found["W1"][order], "b1": found["b1"][order], "W2": found["W2"][:, order]}
    assert_same(slopes, expected)


@pytest.mark.parametrize("hidden", ["relu", "leaky_relu"])
@given(drawn=net_values(), factor=st.floats(0.1, 10))
def test_scaling_a_layer_up_and_the_next_one_down_leaves_a_relu_net_as_it_is(hidden, drawn, factor):
    values, X, Y = drawn
    cost, found = gradients(values, X, Y, hidden)
    scaled = {**values, "W1": values["W1"] * factor, "b1": values["b1"] * factor, "W2": values["W2"] / factor}
    cost_scaled, slopes = gradients(scaled, X, Y, hidden)
    assert cost == pytest.approx(cost_scaled, rel=1e-9, abs=1e-12)
    assert_same(slopes, {**found, "W1": found["W1"] / factor, "b1": found["b1"] / factor, "W2": found["W2"] * factor})


@pytest.mark.parametrize("hidden", ["relu", "leaky_relu"])
@given(z=arrays((3, 4)), factor=st.floats(0.01, 100))
def test_relu_is_positively_homogeneous(hidden, z, factor):
    activation = HIDDEN[hidden]
    np.testing.assert_allclose(activation(factor * z).value, factor * activation(z).value, rtol=1e-15)
    node = mg.data(z)
    slope = mg.grad(activation(node), node, seed=np.ones(z.shape)).value
    np.testing.assert_allclose(z * slope, activation(z).value, rtol=1e-15)  # Euler: z f'(z) = f(z)


@given(arrays((4, 5)), st.sampled_from([1.0, 10.0, 1e-3, 300.0]))
def test_sigmoid_of_minus_z_is_one_minus_sigmoid(z, size):
    z = z * size
    np.testing.assert_allclose(mg.sigmoid(-z).value, 1 - mg.sigmoid(z).value, atol=4 * np.finfo(float).eps)
    np.testing.assert_allclose(mg.tanh(z).value, 2 * mg.sigmoid(2 * z).value - 1, atol=4 * np.finfo(float).eps)
    np.testing.assert_allclose(mg.softplus(z).value - mg.softplus(-z).value, z, rtol=1e-14, atol=1e-15)


@given(arrays((2, 5)), arrays((2, 5), domain=(0.0, 1.0)), st.sampled_from([1.0, 1e-3, 200.0]))
def test_bce_with_logits_is_symmetric_in_the_classes(z, y, size):
    z = z * size
    np.testing.assert_allclose(mg.bce_with_logits(z, y).value, mg.bce_with_logits(-z, 1 - y).value, rtol=1e-13)
    node = mg.data(z)
    mirrored = mg.data(-z)
    slope = mg.grad(mg.bce_with_logits(node, y).sum(), node).value
    np.testing.assert_allclose(
        slope, -mg.grad(mg.bce_with_logits(mirrored, 1 - y).sum(), mirrored).value, rtol=1e-9, atol=4 * np.finfo(float).eps
    )


@given(arrays((3, 4)), arrays((3, 4), domain=(0.0, 1.0)))
def test_losses_of_logits_are_those_of_probabilities(z, y):
    np.testing.assert_allclose(mg.bce_with_logits(z, y).value, mg.bce(mg.sigmoid(z), y).value, rtol=1e-12)
    by_classes = -(y * mg.log(mg.softmax(z)).value).sum(axis=0, keepdims=True)
    np.testing.assert_allclose(mg.cross_entropy_with_logits(z, y).value, by_classes, rtol=1e-12)


@given(arrays((3, 4)), arrays((1, 4)))
def test_softmax_does_not_see_a_shift_of_all_logits(z, shift):
    np.testing.assert_allclose(mg.softmax(z + shift).value, mg.softmax(z).value, rtol=1e-13)
    np.testing.assert_allclose(mg.softmax(z).value.sum(axis=0), 1, rtol=1e-15)
    np.testing.assert_allclose(mg.log_softmax(z).value, mg.log(mg.softmax(z)).value, rtol=1e-12, atol=1e-14)


# At the kinks themselves, with either zero

ZEROS = pytest.mark.parametrize("zero", [0.0, -0.0])
AT_ZERO = {
    "relu": (mg.relu, 0.0),
    "relu, at_zero=1": (lambda z: mg.relu(z, at_zero=1.0), 1.0),
    "leaky_relu": (mg.leaky_relu, 0.01),
    "leaky_relu, slope=3": (lambda z: mg.leaky_relu(z, slope=3.0), 3.0),
    "leaky_relu, at_zero=1": (lambda z: mg.leaky_relu(z, at_zero=1.0), 1.0),
    "abs": (mg.abs, 0.0),
    "sign": (mg.sign, 0.0),
    "maximum(z, 0)": (lambda z: mg.maximum(z, 0.0), 0.5),
    "maximum(0, z)": (lambda z: mg.maximum(-0.0, z), 0.5),
    "max of z, 0": (lambda z: mg.max(mg.concatenate([z, [0.0]])), 0.5),
    "max of z, 0, -0": (lambda z: mg.max(mg.concatenate([z, [0.0, -0.0]])), 1 / 3),
    "z ** 0": (lambda z: z**0, 0.0),
    "z ** 1": (lambda z: z**1, 1.0),
    "z ** 2": (lambda z: z**2, 0.0),
    "square": (mg.square, 0.0),
    "sigmoid": (mg.sigmoid, 0.25),
    "tanh": (mg.tanh, 1.0),
    "softplus": (mg.softplus, 0.5),
}


@ZEROS
@pytest.mark.parametrize("name", AT_ZERO)
def test_the_derivative_at_zero_is_the_documented_one(name, zero):
    function, expected = AT_ZERO[name]
    z = mg.parameter([zero], "z")
    assert mg.grad(mg.sum(function(z)), z).value == [expected]
    assert mg.jvp(mg.sum(function(z)), z, [1.0]).value == pytest.approx(expected, rel=1e-15)


@ZEROS
def test_a_relu_net_of_zeros_has_finite_gradients(zero):
    values = {
        "W1": np.full((2, 3), zero),
        "b1": np.full((2, 1), zero),
        "W2": np.full((1, 2), zero),
        "b2": np.full((1, 1), zero),
    }
    cost, found = gradients(values, np.ones((3, 4)), np.array([[0.0, 1.0, 1.0, 1.0]]), "relu")
    assert cost == pytest.approx(np.log(2))
    assert [np.abs(slope).max() for slope in found.values()] == [0, 0, 0, 0.25]
