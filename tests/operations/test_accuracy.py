"""Activations and losses are right to the last digits from −1000 to 1000, in both precisions, and warn of nothing."""

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from oracles import exact

import minigraph as mg
from minigraph.operations.softmax import exact_sum

pytestmark = pytest.mark.parametrize("dtype", [np.float64, np.float32])

ULPS = 4.0


def dense(dtype: Any, seed: int = 0) -> np.ndarray:
    """−1000 to 1000 in steps, the middle more densely, tiny numbers, both zeros."""
    rng = np.random.default_rng(seed)
    tiny = 10.0 ** rng.uniform(-30, 0, 200) * rng.choice([-1, 1], 200)
    z = [np.linspace(-1000, 1000, 401), rng.uniform(-1000, 1000, 200), rng.uniform(-40, 40, 500), rng.uniform(-2, 2, 500)]
    return np.concatenate([*z, tiny, [0.0, -0.0]]).astype(dtype)


def distance_in_ulps(values: np.ndarray, expected: list[Any]) -> float:
    """The largest distance from the exact numbers, in units of the last place of the right value."""
    worst = 0.0
    for value, true in zip(values.ravel(), expected, strict=True):
        assert np.isfinite(value)
        last_place = float(np.spacing(abs(values.dtype.type(float(true)))))
        worst = max(worst, float(abs(exact(value) - true) / last_place))
    return worst


def binary_cross_entropy(z: Any, y: Any) -> Any:
    return max(z, mpmath.mpf(0)) - z * y + mpmath.log1p(mpmath.exp(-abs(z)))


FUNCTIONS: dict[str, tuple[Callable[..., mg.Node], Callable[..., Any], Callable[..., Any]]] = {
    "sigmoid": (mg.sigmoid, lambda z: 1 / (1 + mpmath.exp(-z)), lambda z: 1 / (2 + mpmath.exp(z) + mpmath.exp(-z))),
    "log_sigmoid": (mg.log_sigmoid, lambda z: -mpmath.log1p(mpmath.exp(-z)), lambda z: 1 / (1 + mpmath.exp(z))),
    "tanh": (mg.tanh, mpmath.tanh, lambda z: mpmath.sech(z) ** 2),
    "softplus": (mg.softplus, lambda z: mpmath.log1p(mpmath.exp(z)), lambda z: 1 / (1 + mpmath.exp(-z))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_activation(name: str, dtype: Any) -> None:
    function, value, slope = FUNCTIONS[name]
    z = mg.parameter(dense(dtype))
    y = function(z)
    gradient = mg.grad(y, z, seed=np.ones(z.shape)).value
    with mpmath.workprec(200):
        points = [exact(point) for point in z.value]
        assert distance_in_ulps(y.value, [value(point) for point in points]) <= ULPS
        slopes = np.array([float(slope(point)) for point in points])
    assert gradient.dtype == dtype
    np.testing.assert_allclose(gradient, slopes, rtol=0, atol=4 * np.finfo(dtype).eps)


# Each with its value and slope, and the largest |x| at which it is tried.
ELEMENTARY: dict[str, tuple[Callable[..., mg.Node], Callable[..., Any], Callable[..., Any], float]] = {
    "exp": (mg.exp, mpmath.exp, mpmath.exp, 80),
    "expm1": (mg.expm1, mpmath.expm1, mpmath.exp, 80),
    "log1p": (mg.log1p, mpmath.log1p, lambda x: 1 / (1 + x), 0.9999),
    "sin": (mg.sin, mpmath.sin, mpmath.cos, 1000),
    "cos": (mg.cos, mpmath.cos, lambda x: -mpmath.sin(x), 1000),
    "tan": (mg.tan, mpmath.tan, lambda x: 1 / mpmath.cos(x) ** 2, 1000),
    "arcsin": (mg.arcsin, mpmath.asin, lambda x: 1 / mpmath.sqrt(1 - x * x), 1),
    "arccos": (mg.arccos, mpmath.acos, lambda x: -1 / mpmath.sqrt(1 - x * x), 1),
    "arctan": (mg.arctan, mpmath.atan, lambda x: 1 / (1 + x * x), 1000),
    "sinh": (mg.sinh, mpmath.sinh, mpmath.cosh, 80),
    "cosh": (mg.cosh, mpmath.cosh, mpmath.sinh, 80),
}


@pytest.mark.parametrize("name", ELEMENTARY)
def test_elementary_function(name: str, dtype: Any) -> None:
    function, value, slope, largest = ELEMENTARY[name]
    points = dense(dtype) * dtype(largest / 1000)
    if largest == 1:
        ends = np.nextafter(np.array([1, -1], dtype), dtype(0))
        points = np.concatenate([points[np.abs(points) < 1], ends])
    x = mg.parameter(points.astype(dtype))
    y = function(x)
    gradient = mg.grad(y, x, seed=np.ones(x.shape))
    with mpmath.workprec(200):
        numbers = [exact(point) for point in x.value]
        assert distance_in_ulps(y.value, [value(number) for number in numbers]) <= ULPS
        assert distance_in_ulps(gradient.value, [slope(number) for number in numbers]) <= 2 * ULPS
    assert y.dtype == gradient.dtype == dtype


@pytest.mark.parametrize("target", [0.0, 1.0, 0.5, 0.1, 0.9, 1e-8, None])
def test_bce_with_logits(target: float | None, dtype: Any) -> None:
    z = mg.parameter(dense(dtype))
    targets = np.random.default_rng(1).uniform(0, 1, z.shape) if target is None else np.full(z.shape, target)
    y = mg.parameter(targets.astype(dtype))
    loss = mg.bce_with_logits(z, y)
    by_z, by_y = mg.grad(loss, [z, y], seed=np.ones(z.shape))
    with mpmath.workprec(200):
        pairs = [(exact(a), exact(b)) for a, b in zip(z.value, y.value, strict=True)]
        assert distance_in_ulps(loss.value, [binary_cross_entropy(a, b) for a, b in pairs]) <= ULPS
        slopes = np.array([float(1 / (1 + mpmath.exp(-a)) - b) for a, b in pairs])
    np.testing.assert_allclose(by_z.value, slopes, rtol=0, atol=4 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(by_y.value, -z.value)


def test_squared_error(dtype: Any) -> None:
    a = mg.parameter(dense(dtype))
    y = np.random.default_rng(2).permutation(dense(dtype, seed=3))
    loss = mg.squared_error(a, y)
    with mpmath.workprec(200):
        expected = [(exact(p) - exact(q)) ** 2 / 2 for p, q in zip(a.value, y, strict=True)]
        assert distance_in_ulps(loss.value, expected) <= ULPS
    np.testing.assert_array_equal(mg.grad(loss, a, seed=np.ones(a.shape)).value, a.value - y)


@pytest.mark.parametrize("terms", [1, 2, 3, 10, 101, 1000])
def test_long_sums_lose_nothing(terms: int, dtype: Any) -> None:
    rng = np.random.default_rng(terms)
    x = (rng.uniform(0, 1, (terms, 20)) * 10.0 ** rng.integers(-9, 9, (terms, 20))).astype(dtype).astype(np.float64)
    expected = np.array([[math.fsum(column) for column in x.T]])
    np.testing.assert_array_max_ulp(exact_sum(x, 0), expected, maxulp=1)
    np.testing.assert_array_max_ulp(exact_sum(x.T, -1), expected.T, maxulp=1)


def lines_of_softmax(z: np.ndarray) -> tuple[list[list[Any]], list[list[Any]]]:
    """Softmax and its logarithm for each column, the logarithm without losing what the others add to 1."""
    shares, logs = [], []
    for column in z.T:
        entries = [exact(entry) for entry in column]
        top = entries.index(max(entries))
        others = mpmath.fsum(mpmath.exp(entry - entries[top]) for i, entry in enumerate(entries) if i != top)
        shares.append([mpmath.exp(entry - entries[top]) / (1 + others) for entry in entries])
        logs.append([entry - entries[top] - mpmath.log1p(others) for entry in entries])
    return shares, logs


@pytest.mark.parametrize("scale", [1000, 300, 50, 5, 0.1])
@pytest.mark.parametrize("classes", [1, 2, 3, 10, 100])
def test_softmax_and_its_losses(classes: int, scale: float, dtype: Any) -> None:
    rng = np.random.default_rng(classes)
    m = 400 // classes
    z = mg.parameter(rng.uniform(-scale, scale, (classes, m)).astype(dtype))
    soft = rng.uniform(0, 1, (classes, m))
    hot = np.zeros((classes, m))
    hot[rng.integers(0, classes, m), np.arange(m)] = 1
    with mpmath.workprec(200):
        shares, logs = lines_of_softmax(z.value)
        by_row = lambda lines: [lines[j][i] for i in range(classes) for j in range(m)]  # noqa: E731
        assert distance_in_ulps(mg.softmax(z).value, by_row(shares)) <= ULPS
        assert distance_in_ulps(mg.log_softmax(z).value, by_row(logs)) <= ULPS
        for targets in ((soft / soft.sum(axis=0)).astype(dtype), hot.astype(dtype)):
            loss = mg.cross_entropy_with_logits(z, targets)
            columns = [[exact(entry) for entry in column] for column in targets.T]
            expected = [
                -mpmath.fsum(t * log for t, log in zip(*pair, strict=True)) for pair in zip(columns, logs, strict=True)
            ]
            assert distance_in_ulps(loss.value, expected) <= ULPS
            by_z = [
                [p * mpmath.fsum(c) - t for p, t in zip(ps, c, strict=True)] for ps, c in zip(shares, columns, strict=True)
            ]
            gradient = mg.grad(loss, z, seed=np.ones((1, m))).value
            np.testing.assert_allclose(gradient, np.array(by_z, float).T, rtol=0, atol=8 * np.finfo(dtype).eps)


def test_gradients_of_softmax_at_the_far_ends(dtype: Any) -> None:
    z = mg.parameter(np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 0.0]], dtype))
    of_softmax = mg.grad(mg.softmax(z), z, seed=[[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]).value
    of_logarithm = mg.grad(mg.log_softmax(z), z, seed=[[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]).value
    np.testing.assert_array_equal(of_softmax, [[0, 0, 0.25], [0, 0, -0.25]])
    np.testing.assert_array_equal(of_logarithm, [[0, 1, 0.5], [0, -1, -0.5]])


def test_the_largest_numbers_neither_overflow_nor_make_nan(dtype: Any) -> None:
    top = float(np.finfo(dtype).max)
    z = mg.parameter(np.array([[top], [-top]], dtype))
    np.testing.assert_array_equal(mg.softmax(z).value, [[1], [0]])
    np.testing.assert_array_equal(mg.cross_entropy_with_logits(z, [[1.0], [0.0]]).value, [[0]])
    np.testing.assert_array_equal(mg.sigmoid(z).value, [[1], [0]])
    np.testing.assert_array_equal(mg.softplus(z).value, z.value * [[1], [0]])
    np.testing.assert_array_equal(mg.bce_with_logits(z, [[1.0], [0.0]]).value, [[0], [0]])


def test_masked_logits(dtype: Any) -> None:
    """−∞ is a logit that can't win: its share is 0, and it costs nothing where its target is 0."""
    z = mg.data(np.array([[-np.inf, 0.0], [2.0, -np.inf], [2.0, 0.0]], dtype))
    y = np.array([[0, 1], [1, 0], [0, 0]], dtype)
    np.testing.assert_array_equal(mg.softmax(z).value, [[0, 0.5], [0.5, 0], [0.5, 0.5]])
    np.testing.assert_allclose(mg.cross_entropy_with_logits(z, y).value, [[np.log(2)] * 2], rtol=1e-6)
    assert mg.cross_entropy_with_logits(z, 1 - y).value[0, 0] == np.inf
