"""Derivatives of derivatives: exact to third order and beyond, for scalars and arrays."""

import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest

import minigraph as mg

FUNCTIONS: dict[str, tuple[Callable[[mg.Node], mg.Node], Callable[..., mpmath.mpf]]] = {
    "tanh": (mg.tanh, mpmath.tanh),
    "sigmoid": (mg.sigmoid, lambda z: 1 / (1 + mpmath.exp(-z))),
    "softplus": (mg.softplus, lambda z: mpmath.log(1 + mpmath.exp(z))),
    "x³": (lambda x: x**3, lambda x: x**3),
    "x·x·x": (lambda x: x * x * x, lambda x: x**3),
    "square": (lambda x: mg.square(x) * x, lambda x: x**3),
    "1/x": (lambda x: 1 / x, lambda x: 1 / x),
    "x^(−2)": (lambda x: x**-2, lambda x: x**-2),
    "√x": (mg.sqrt, mpmath.sqrt),
    "log": (mg.log, mpmath.log),
    "exp": (mg.exp, mpmath.exp),
    "mixed": (lambda x: mg.tanh(mg.exp(-x) * x) / (1 + x**2), lambda x: mpmath.tanh(mpmath.exp(-x) * x) / (1 + x**2)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("point", [0.25, 0.8, 1.5, 3.0])
def test_derivatives_to_fourth_order(name: str, point: float) -> None:
    function, oracle = FUNCTIONS[name]
    x = mg.parameter(point, "x")
    y = function(x)
    for order in range(1, 5):
        y = mg.grad(y, x, allow_unused=True)
        with mpmath.workdps(50):
            expected = float(mpmath.diff(oracle, mpmath.mpf(point), order))
        assert float(y) == pytest.approx(expected, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("point", [-2.0, 0.0, 0.5])
def test_third_derivatives_are_exact(point: float) -> None:
    x = mg.parameter(point, "x")
    third = lambda y: float(mg.grad(mg.grad(mg.grad(y, x), x), x))  # noqa: E731
    t, s = math.tanh(point), 1 / (1 + math.exp(-point))
    assert third(x**3) == 6
    assert third(mg.tanh(x)) == pytest.approx((1 - t * t) * (6 * t * t - 2), rel=1e-15)
    assert third(mg.sigmoid(x)) == pytest.approx(s * (1 - s) * (1 - 6 * s + 6 * s * s), rel=1e-15)


def test_a_derivative_of_a_net_by_its_parameters_twice() -> None:
    rng = np.random.default_rng(7)
    W, X = mg.parameter(rng.normal(size=(2, 3)), "W"), mg.data(rng.normal(size=(3, 5)), "X")
    J = mg.cross_entropy_with_logits(W @ X, np.eye(2)[rng.integers(0, 2, 5)].T).mean().named("J")
    first = mg.grad(J, W)
    penalty = (first * first).sum().named("P")
    assert mg.check_gradients(penalty).ok
    p = mg.softmax(W @ X).value
    blocks = [np.einsum("i,ij->ij", column, np.eye(2)) - np.outer(column, column) for column in p.T]
    hessian = sum(np.einsum("ij,k,l->ikjl", block, x, x) for block, x in zip(blocks, X.value.T, strict=True)) / 5
    np.testing.assert_allclose(mg.jacobian(first, W).value, hessian, rtol=1e-10, atol=1e-13)


def test_gradients_follow_the_parameters_at_every_order() -> None:
    x = mg.parameter(1.0, "x")
    second = mg.grad(mg.grad(x**4, x), x)
    values = []
    for point in (1.0, 2.0, 3.0):
        x.value = point
        values.append(float(second))
    assert values == [12, 48, 108]
