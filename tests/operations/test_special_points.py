"""Where a derivative is a convention or a limit: kinks, ties, poles, both zeros, infinities and NaN."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigraph as mg

inf, nan = np.inf, np.nan


def slopes(function: Callable[..., mg.Node], *operands: Any) -> list[Any]:
    leaves = [mg.parameter(x) for x in operands]
    y = function(*leaves)
    return [g.value.tolist() for g in mg.grad(y, leaves, seed=np.ones(y.shape))]


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize(
    ("function", "value", "slope"),
    [
        (mg.relu, 0, 0),
        (lambda z: mg.relu(z, at_zero=1.0), 0, 1),
        (lambda z: mg.relu(z, at_zero=0.5), 0, 0.5),
        (mg.leaky_relu, 0, 0.01),
        (lambda z: mg.leaky_relu(z, 0.3), 0, 0.3),
        (lambda z: mg.leaky_relu(z, -2.0), 0, -2),
        (lambda z: mg.leaky_relu(z, 0.3, at_zero=1.0), 0, 1),
        (lambda z: mg.leaky_relu(z, 0.3, at_zero=0.5), 0, 0.5),
        (abs, 0, 0),
        (mg.sign, 0, 0),
        (mg.square, 0, 0),
        (lambda x: x**0, 1, 0),
        (lambda x: x**1, 0, 1),
        (lambda x: x**2, 0, 0),
        (lambda x: x**1.5, 0, 0),
        (mg.sigmoid, 0.5, 0.25),
        (mg.tanh, 0, 1),
        (mg.softplus, np.log(2), 0.5),
        (mg.exp, 1, 1),
        (mg.sin, 0, 1),
        (mg.cos, 1, 0),
        (mg.tan, 0, 1),
        (mg.arcsin, 0, 1),
        (mg.arccos, np.pi / 2, -1),
        (mg.arctan, 0, 1),
        (mg.sinh, 0, 1),
        (mg.cosh, 1, 0),
        (mg.expm1, 0, 1),
        (mg.log1p, 0, 1),
        (mg.log_sigmoid, -np.log(2), 0.5),
        (mg.sqrt, 0, inf),
        (mg.log, -inf, inf),
    ],
)
def test_at_zero(function: Callable[..., mg.Node], value: float, slope: float, zero: float) -> None:
    assert function(mg.data(zero)).value == value
    [found] = slopes(function, zero)
    assert abs(found) == slope if np.isinf(slope) else found == slope  # 1/−0 is −∞


@pytest.mark.parametrize("function", [mg.sin, mg.tan, mg.arcsin, mg.arctan, mg.sinh, mg.expm1, mg.log1p])
def test_the_sign_of_zero_is_kept(function: Callable[..., mg.Node]) -> None:
    y = function(mg.data([0.0, -0.0]))
    for value in (y.value, mg.compile(y)()):
        assert np.signbit(value).tolist() == [False, True]


# The operand, the value, the slope
ENDS: list[tuple[Callable[..., mg.Node], list[tuple[float, float, float]]]] = [
    (mg.arcsin, [(1, np.pi / 2, inf), (-1, -np.pi / 2, inf), (1.5, nan, nan), (-inf, nan, nan)]),
    (mg.arccos, [(1, 0, -inf), (-1, np.pi, -inf), (-1.5, nan, nan), (inf, nan, nan)]),
    (mg.log1p, [(-1, -inf, inf), (-1.5, nan, -2), (inf, inf, 0)]),
    (mg.log, [(0, -inf, inf), (-0.5, nan, -2), (inf, inf, 0)]),
    (mg.expm1, [(-inf, -1, 0), (-800, -1, 0), (inf, inf, inf), (-40, -1, np.exp(-40))]),
    (mg.arctan, [(-inf, -np.pi / 2, 0), (inf, np.pi / 2, 0), (1e200, np.pi / 2, 0)]),
    (mg.sinh, [(-inf, -inf, inf), (inf, inf, inf)]),
    (mg.cosh, [(-inf, inf, -inf), (inf, inf, inf)]),
    (mg.sin, [(inf, nan, nan), (np.pi, np.sin(np.pi), -1)]),
    (mg.cos, [(-inf, nan, nan)]),
    (mg.tan, [(np.pi / 2, np.tan(np.pi / 2), np.tan(np.pi / 2) ** 2), (inf, nan, nan)]),
    (mg.log_sigmoid, [(-inf, -inf, 1), (inf, 0, 0), (-1e300, -1e300, 1), (800, 0, 0), (50, -np.exp(-50), np.exp(-50))]),
]


@pytest.mark.parametrize(("function", "points"), ENDS, ids=[row[0].__name__ for row in ENDS])
def test_at_the_ends_of_the_domain_and_beyond(function: Callable[..., mg.Node], points: list[tuple[float, ...]]) -> None:
    operands, values, expected = map(list, zip(*points, strict=True))
    x = mg.parameter(operands, "x")
    y = function(x)
    gradient = mg.grad(y, x, seed=np.ones(x.shape))
    for found, right in ((y.value, values), (gradient.value, expected)):
        np.testing.assert_allclose(found, right, rtol=1e-15)
    for found, right in zip(mg.compile([y, gradient])(), (values, expected), strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-15)


@pytest.mark.parametrize(("function", "sign"), [(mg.arcsin, 1.0), (mg.arccos, -1.0)])
def test_second_and_third_derivatives_of_inverses_are_infinite_where_the_first_is(function: Any, sign: float) -> None:
    """As the limits are, and as JAX and PyTorch have them."""
    x = mg.parameter([1.0, -1.0, 0.5], "x")
    first = mg.grad(function(x), x, seed=np.ones(3))
    second = mg.grad(first, x, seed=np.ones(3))
    third = mg.grad(second, x, seed=np.ones(3))
    expected = [[inf, inf, 0.75**-0.5], [inf, -inf, 0.5 * 0.75**-1.5], [inf, inf, 0.75**-1.5 + 0.75 * 0.75**-2.5]]
    for found in ([first.value, second.value, third.value], mg.compile([first, second, third])()):
        np.testing.assert_allclose(found, sign * np.array(expected), rtol=1e-14)


def test_shares_of_logaddexp_at_ties_and_at_infinity() -> None:
    a, b = [1.0, inf, -inf, inf, -inf, 1000.0, 0.0], [1.0, inf, -inf, -inf, inf, -1000.0, 0.0]
    x, y = mg.parameter(a, "x"), mg.parameter(b, "y")
    both = mg.logaddexp(x, y)
    np.testing.assert_allclose(both.value, [1 + np.log(2), inf, -inf, inf, inf, 1000, np.log(2)])
    first = mg.grad(both, [x, y], seed=np.ones(7))
    second = mg.grad(first[0], [x, y], seed=np.ones(7))
    expected = [[0.5, 0.5, 0.5, 1, 0, 1, 0.5], [0.5, 0.5, 0.5, 0, 1, 0, 0.5]]
    curvature = [0.25, 0.25, 0.25, 0, 0, 0, 0.25]
    found = [*first, *second]
    for node, own, right in zip(found, mg.compile(found)(), [*expected, curvature, np.negative(curvature)], strict=True):
        assert node.value.tolist() == own.tolist() == np.asarray(right).tolist()


@pytest.mark.parametrize(
    ("function", "away"), [(mg.relu, [0, 1]), (mg.leaky_relu, [0.01, 1]), (abs, [-1, 1]), (mg.sign, [0, 0])]
)
def test_on_both_sides_of_zero(function: Callable[..., mg.Node], away: list[float]) -> None:
    assert slopes(function, [-5e-324, 5e-324]) == [away]
    assert slopes(function, [-inf, inf]) == [away]


def test_leaky_relu_is_piecewise_for_any_slope() -> None:
    z = mg.data([-2.0, -0.0, 3.0])
    assert mg.leaky_relu(z, 2.0).value.tolist() == [-4, 0, 3]  # the larger of 2z and z would be [-2, 0, 6]
    assert mg.leaky_relu(z, -1.0).value.tolist() == [2, 0, 3]


def test_powers_zero_and_one_are_exact_to_third_order() -> None:
    x = mg.parameter(0.0, "x")
    for exponent, values in ((0, [0, 0, 0]), (1, [1, 0, 0]), (2, [0, 2, 0]), (3, [0, 0, 6])):
        y: mg.Node = x**exponent
        found = []
        for _ in range(3):
            y = mg.grad(y, x, allow_unused=True)
            found.append(float(y))
        assert found == values


def test_ties_of_max_share_equally() -> None:
    assert slopes(mg.max, [[3.0, 1.0], [3.0, 3.0]]) == [[[1 / 3, 0], [1 / 3, 1 / 3]]]
    assert slopes(lambda x: mg.max(x, axis=1), [[3.0, 1.0], [2.0, 2.0]]) == [[[1, 0], [0.5, 0.5]]]
    assert slopes(mg.max, [-inf, -inf]) == [[0.5, 0.5]]


def test_ties_of_maximum_share_equally_at_infinity_too() -> None:
    a, b = [1.0, 2.0, 2.0, inf, -inf, 1e308, 0.0], [2.0, 1.0, 2.0, inf, -inf, -1e308, -0.0]
    assert slopes(mg.maximum, a, b) == [[0, 1, 0.5, 0.5, 0.5, 1, 0.5], [1, 0, 0.5, 0.5, 0.5, 0, 0.5]]


def test_nothing_flows_back_through_sign() -> None:
    x = mg.parameter([1.0, -2.0], "x")
    assert mg.grad(mg.sign(x).sum(), x).value.tolist() == [0, 0]
    assert mg.grad((mg.sign(x) * x).sum(), x).value.tolist() == [1, -1]


@pytest.mark.parametrize(
    "function", [mg.exp, mg.log, mg.sqrt, mg.sigmoid, mg.tanh, mg.relu, mg.leaky_relu, mg.softplus, abs, mg.sign, mg.max]
)
def test_nan_stays_nan(function: Callable[..., mg.Node]) -> None:
    assert np.isnan(function(mg.data(nan)).value)


def test_outside_the_domain_the_value_is_numpys() -> None:
    assert np.isnan(mg.log(-1.0).value)
    assert np.isnan(mg.sqrt(-1.0).value)
    assert np.isnan((mg.data(-1.0) ** 0.5).value)
    assert mg.data(0.0).__pow__(-1).value == inf
    assert (1 / mg.data(0.0)).value == inf


def test_bce_at_the_ends_is_clamped() -> None:
    p, y = mg.parameter([0.0, 1.0, 0.0, 1.0], "p"), mg.parameter([0.0, 1.0, 1.0, 0.0], "y")
    loss = mg.bce(p, y)
    assert loss.value.tolist() == [0, 0, 100, 100]
    assert not np.signbit(loss.value).any()
    by_p, by_y = mg.grad(loss, [p, y], seed=np.ones(4))
    assert by_p.value.tolist() == [0, 0, -1e12, 1e12]
    assert by_y.value.tolist() == [100, -100, 100, -100]


def test_bce_after_a_sigmoid_has_the_gradient_of_the_notes() -> None:
    z, y = mg.parameter([-3.0, 0.0, 2.0], "z"), mg.data([1.0, 0.0, 1.0], "y")
    probability = mg.sigmoid(z)
    gradient = mg.grad(mg.bce(probability, y), z, seed=np.ones(3))
    np.testing.assert_allclose(gradient.value, probability.value - y.value, rtol=1e-14)


@pytest.mark.parametrize("loss", [mg.bce, mg.bce_with_logits])
def test_losses_let_nan_pass_for_check_finite_to_find(loss: Callable[..., mg.Node]) -> None:
    assert np.isnan(loss([nan], [1.0]).value).all()
    assert np.isnan(loss([0.5], [nan]).value).all()


def test_a_duplicated_index_gets_the_sum() -> None:
    x = mg.parameter([1.0, 2.0, 3.0], "x")
    y = (x[[0, 0, 2]] * [1.0, 10.0, 100.0]).sum()
    assert mg.grad(y, x).value.tolist() == [11, 0, 100]


def test_an_index_is_a_constant() -> None:
    x, index = mg.data([1.0, 2.0, 3.0]), np.array([0, 1])
    picked = x[index]
    index[:] = 2
    assert picked.value.tolist() == [1, 2]
