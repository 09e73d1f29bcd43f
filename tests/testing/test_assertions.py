"""`assert_gradients`: it fails where gradients are wrong, and says why."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.errors import FailedHealthCheck, Unsatisfiable

import minigraph as mg
from minigraph.testing import arrays, assert_gradients, broadcastable_shapes, operands


class Swish(mg.Elementwise):
    """z·σ(z), with a derivative that lacks a term"""

    def forward(self, z):
        return z / (1 + np.exp(-z))

    def derivatives(self, result, z):
        return [mg.Scale(mg.sigmoid(z))]


class Cube(mg.Elementwise):
    """z³, with a derivative of the wrong sign"""

    def forward(self, z):
        return z**3

    def derivatives(self, result, z):
        return [mg.Scale(-3 * z**2)]


def net(operation, size=2):
    generator = np.random.default_rng(0)
    X = mg.data(generator.normal(size=(3, 4)), "X")
    W, b = mg.parameter(generator.normal(size=(size, 3)), "W"), mg.parameter(generator.normal(size=(size, 1)), "b")
    Z = (W @ X + b).named("Z")
    return (mg.square(operation(Z).named("A")).mean() + mg.tanh(W).sum() * 0).named("J"), W, b


def failure(*arguments, **options):
    with pytest.raises(AssertionError) as caught:
        assert_gradients(*arguments, **options)
    return str(caught.value)


def test_right_gradients_pass():
    J, W, b = net(mg.tanh)
    assert_gradients(J)
    assert_gradients(J, entries=2, wrt=[W])
    dW, db = mg.grad(J, [W, b])
    assert_gradients(J, {"dW": dW.value, b: db.value})


def test_the_operation_with_a_wrong_derivative_is_named():
    J, _, _ = net(Swish())
    text = failure(J)
    assert text.startswith("✗ The gradients of W, b are not those of finite differences:\nnode")
    assert text.endswith("\nBehind A gradients are wrong, before it they are right: see the derivatives of Swish.")
    assert "Every entry" not in text and str(mg.check_gradients(J)) in text


def test_a_factor_is_told():
    J, _, b = net(Cube())
    text = failure(J, wrt=b)
    assert "\nEvery entry of the gradient of b is −1" in text and " times what it should be.\n" in text
    assert text.endswith("see the derivatives of Cube.")
    x = mg.parameter(1.5, "x")
    assert "Every entry" not in failure(Cube()(x)), "one entry has no factor in common with others"


def test_large_graphs_are_not_searched():
    x = mg.parameter(1.5, "x")
    y = Cube()(x)
    for _ in range(200):
        y = y + 0.001
    assert "see the derivatives" not in failure(y)
    assert "see the derivatives of Cube" in failure(Cube()(x))


def test_what_is_held_fixed_is_not_searched():
    x = mg.parameter([1.5, 2.0], "x")
    assert "see the derivatives of Cube" in failure((Cube()(x) * mg.detach(mg.tanh(x))).sum())


def test_nothing_known_to_be_right_is_a_failure():
    text = failure(1e8 + 1e-6 * mg.parameter(1.0, "w"))
    assert text.startswith("No entry of the gradients is known to be right:\n") and "undecided" in text


def test_gradients_of_ones_own_fail_with_the_diagnosis():
    J, W, b = net(mg.tanh)
    dW, db = (node.value for node in mg.grad(J, [W, b]))
    mine = {"dW": dW, "db": db[:, 0]}
    assert failure(J, mine) == str(mg.compare(J, mine))
    assert "'dV' is not compared" in failure(J, {"dW": dW, "dV": 1})
    with pytest.raises(ValueError, match="none of the keys"):
        assert_gradients(J, {"dV": 1})
    with pytest.raises(ValueError):
        assert_gradients(mg.square(mg.data(1.0, "x")))


def test_within_a_property_an_example_that_decides_nothing_is_passed_over():
    seen = []

    @settings(derandomize=True, max_examples=30, database=None)
    @given(broadcastable_shapes(2).flatmap(operands))
    def all_shapes(found):
        a, b = map(mg.parameter, found)
        assert_gradients(mg.tanh(a * b).sum())
        seen.append(a.size + b.size)

    all_shapes()
    assert seen and all(seen), "empty ones, of which none is known to be right, did not get so far"

    @settings(derandomize=True, max_examples=30, database=None)
    @given(broadcastable_shapes(2).flatmap(operands))
    def wrong(found):
        assert_gradients(Swish()(mg.parameter(found[0], "x")).sum())

    with pytest.raises(AssertionError, match="are not those of finite differences"):
        wrong()

    @settings(derandomize=True, max_examples=30, database=None)
    @given(arrays((0, 3)))
    def nothing(x):
        assert_gradients(mg.sin(mg.parameter(x)).sum())

    with pytest.raises((Unsatisfiable, FailedHealthCheck)):
        nothing()
