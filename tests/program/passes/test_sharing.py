"""[z > 0] is read off ReLU(z); sums of products are those of the graph, whatever lies in memory."""

import numpy as np
import pytest

import minigraph as mg


@pytest.fixture(params=[3000, 30], ids=["large arrays", "small arrays"])
def m(request):
    return request.param


def layer(activation, m, dtype=np.float64):
    """One hidden layer, with logits of exactly 0 among the others."""
    random = np.random.default_rng(7)
    values = random.integers(-2, 3, (4, m)).astype(dtype)
    Z, w = mg.parameter(values, "Z"), mg.parameter(random.standard_normal((1, 4)).astype(dtype), "w")
    A = activation(Z).named("A")
    J = mg.tanh(w @ A).mean()
    return J, {leaf: leaf - 0.1 * g for leaf, g in zip((Z, w), mg.grad(J, [Z, w]), strict=True)}


def bracket(z):
    return mg.grad(mg.relu(z).sum(), z)


ACTIVATIONS = {
    "relu": mg.relu,
    "relu, 1 at 0": lambda z: mg.relu(z, at_zero=1.0),
    "relu, ½ at 0": lambda z: mg.relu(z, at_zero=0.5),
    "leaky relu": mg.leaky_relu,
    "relu of relu": lambda z: mg.relu(mg.relu(z - 1) - 0.5),
    "times a bracket alone": lambda z: bracket(z) * z,
    "times a bracket that is repeated": lambda z: bracket(z[:1]) * z,
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_steps_are_those_of_the_graph(m, name, dtype):
    J, updates = layer(ACTIVATIONS[name], m, dtype)
    program = mg.compile(J, updates=updates)
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    for _ in range(2):
        expected, following = J.value, [new.value for new in updates.values()]
        assert program() == pytest.approx(float(expected), rel=tolerance)
        for leaf, value in zip(updates, following, strict=True):
            np.testing.assert_allclose(leaf.value, value, rtol=tolerance, atol=tolerance)


def test_a_bracket_is_read_off_relu_and_z_is_not_kept(m):
    J, updates = layer(lambda z: mg.relu(z + 1), m)
    program, apart = (mg.compile(J, updates=updates, without=without) for without in ((), ("relu",)))
    loop = program.source.split("for step in range(count):")[1]
    bounded = "A.clip(zero, one, positive_A)" if m == 3000 else "minimum(A, ones_4x30, out=positive_A)"
    assert f"{bounded}\n        ceil(positive_A, positive_A)\n" in loop
    assert program.machine.instructions.bytes <= apart.machine.instructions.bytes
    assert "[z > 0] read off ReLU(z)" in program.report()


def test_a_bracket_with_another_value_at_0_is_none_of_relu():
    for at_zero in (0.5, 1.0):
        J, updates = layer(lambda z, at_zero=at_zero: mg.relu(z, at_zero=at_zero), 3000)
        assert "sign(Z, step_Z)" in mg.compile(J, updates=updates).source


def test_a_nan_in_z_stays_one(m):
    J, updates = layer(mg.relu, m)
    leaf = next(iter(updates))
    values = np.array(leaf.value)
    values[0, 0] = np.nan
    leaf.value = values
    program = mg.compile(J, updates=updates)
    expected = updates[leaf].value
    assert np.isnan(program())
    assert np.array_equal(leaf.value, expected, equal_nan=True)


@pytest.mark.parametrize("right", [lambda x: x.T, lambda x: mg.square(x).T, lambda x: x, lambda x: x[::-1], mg.tanh])
@pytest.mark.parametrize("left", [mg.exp, lambda x: mg.exp(x).T])
def test_sums_of_products_of_whatever_lies_in_memory(left, right):
    x = mg.parameter(np.random.default_rng(3).standard_normal((4, 4)), "x")
    J = (left(x) * right(x)).sum()
    program = mg.compile(J, updates={x: x - 0.1 * mg.grad(J, x)})
    for _ in range(3):
        expected, following = J.value, (x - 0.1 * mg.grad(J, x)).value
        assert program() == pytest.approx(float(expected), rel=1e-13)
        np.testing.assert_allclose(x.value, following, rtol=1e-12, atol=1e-14)
