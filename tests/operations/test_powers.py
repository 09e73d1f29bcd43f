"""aᵇ with nodes on both sides: at a ≤ 0 and at 0⁰, to third order, and as people write it elsewhere."""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from oracles import exact

import minigraph as mg
from minigraph.operations.powers import PowerOfNodes

inf, nan = np.inf, np.nan

# base, exponent, the value, the derivative by the base, that by the exponent
POINTS = [
    (0.0, 0.0, 1, 0, 0),
    (0.0, 1.0, 0, 1, 0),
    (0.0, 2.0, 0, 0, 0),
    (0.0, 0.5, 0, inf, 0),
    (0.0, -1.0, inf, -inf, -inf),
    (-0.0, 0.0, 1, 0, 0),
    (-0.0, 2.0, 0, 0, 0),
    (5.0, 0.0, 1, 0, np.log(5)),
    (-2.0, 0.0, 1, 0, nan),
    (-2.0, 1.0, -2, 1, nan),
    (-2.0, 2.0, 4, -4, nan),
    (-2.0, 3.0, -8, 12, nan),
    (-2.0, -1.0, -0.5, -0.25, nan),
    (-2.0, 0.5, nan, nan, nan),
    (1.0, 7.0, 1, 7, 0),
    (1.0, inf, 1, inf, 0),
    (inf, 2.0, inf, inf, inf),
    (nan, 0.0, 1, 0, nan),
    (nan, 2.0, nan, nan, nan),
    (2.0, nan, nan, nan, nan),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_special_points(dtype: Any) -> None:
    bases, exponents, *expected = (np.array(column, dtype) for column in zip(*POINTS, strict=True))
    a, b = mg.parameter(bases, "a"), mg.parameter(exponents, "b")
    y = a**b
    found = [y, *mg.grad(y, [a, b], seed=np.ones(len(POINTS)))]
    for node, own, right in zip(found, mg.compile(found)(), expected, strict=True):
        assert node.dtype == own.dtype == dtype
        np.testing.assert_allclose(node.value, right, rtol=4 * np.finfo(dtype).eps)
        np.testing.assert_allclose(own, right, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_programs_are_right_at_zero_by_themselves(backend: str) -> None:
    """Where all is finite: a step that is not is done again by the graph."""
    a, b = mg.parameter([0.0, 0.0, -0.0, 0.0, 5.0, 1.0], "a"), mg.parameter([0.0, 1.0, 2.0, 3.0, 0.0, 7.0], "b")
    y = a**b
    by_a, by_b = mg.grad(y, [a, b], seed=np.ones(6))
    found = [by_a, by_b, mg.grad(by_a, a, seed=np.ones(6)), mg.grad(by_b, b, seed=np.ones(6))]
    program = mg.compile(found, backend=backend)
    log = np.log(5)
    for own, right in zip(
        program(), ([0, 1, 0, 0, 0, 7], [0, 0, 0, 0, log, 0], [0, 0, 2, 0, 0, 42], [0, 0, 0, 0, log**2, 0]), strict=True
    ):
        np.testing.assert_allclose(own, right, rtol=1e-15)
    assert "not finite" not in str(program.report())


def test_whole_exponents_are_exact_at_zero_to_third_order() -> None:
    for exponent, values in ((0, [0, 0, 0]), (1, [1, 0, 0]), (2, [0, 2, 0]), (3, [0, 0, 6])):
        x = mg.parameter(0.0, "x")
        y: mg.Node = x ** mg.data(float(exponent), "p")
        for value in values:
            y = mg.grad(y, x)
            assert y.value == value


def test_an_array_of_exponents_makes_a_polynomial() -> None:
    x = mg.parameter(np.array([[-2.0], [0.0], [3.0]]), "x")
    c = mg.parameter([1.0, 2.0, 3.0], "c")
    J = (c * x ** [0, 1, 2]).sum()  # 1 + 2x + 3x²
    assert J.value == (1 - 4 + 12) + 1 + (1 + 6 + 27)
    assert mg.grad(J, x).value.ravel().tolist() == [-10, 2, 20]
    assert mg.hvp(J, x, np.ones((3, 1))).value.ravel().tolist() == [6, 6, 6]


def derivative(a: Any, b: Any, by_a: int, by_b: int) -> Any:
    """The derivative of aᵇ by mpmath, which knows nothing of a formula for it."""
    return mpmath.diff(lambda p, q: p**q, (a, b), (by_a, by_b), h=mpmath.mpf(10) ** -20)


@pytest.mark.parametrize("orders", [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3)])
def test_any_order_is_right(orders: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    a, b = mg.parameter(rng.uniform(0.2, 3, 12), "a"), mg.parameter([*rng.uniform(-3, 3, 8), 0.0, 1.0, 2.0, 3.0], "b")
    y = a**b
    for leaf, order in zip((a, b), orders, strict=True):
        for _ in range(order):
            y = mg.grad(y, leaf, seed=np.ones(12))
    with mpmath.workdps(120):
        expected = [float(derivative(exact(p), exact(q), *orders)) for p, q in zip(a.value, b.value, strict=True)]
    np.testing.assert_allclose(y.value, expected, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(mg.compile(y)(), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("orders", [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (2, 1), (1, 2), (3, 3)])
def test_a_program_writes_what_the_graph_computes(orders: tuple[int, int]) -> None:
    edges = np.array([-inf, -2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 3.0, inf, nan])
    a, b = mg.parameter(edges[:, None], "a"), mg.parameter(edges, "b")
    node = PowerOfNodes(*orders)(a, b)
    program = mg.compile(node)
    np.testing.assert_allclose(program(), node.value, rtol=1e-13)
    assert "forward_power" not in program.source


def tower(x: Any, height: int = 3) -> Any:
    y = x
    for _ in range(height - 1):
        y = x**y
    return y


# As they are written over NumPy, autograd, MyGrad or micrograd: plain functions, that run on arrays as well.
PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "power of arrays": (lambda x, y: np.sum(x**y), ([0.5, 1.5, 3.0], [2.0, -1.0, 0.3])),
    "np.power": (lambda x, y: np.sum(np.power(x, y)), ([[0.5, 1.5], [3.0, 2.0]], [2.0, -1.0])),
    "scalar, as in micrograd": (lambda a, b: ((a * b + 1) ** (b - a) + a**2) / b**0.5, (1.2, 2.3)),
    "x to the x": (lambda x: np.sum(x**x), ([0.4, 1.0, 2.5],)),
    "tower": (tower, (1.3,)),
    "2 to the x": (lambda x: np.mean(2**x), ([-1.0, 0.5, 3.0],)),
    "e to the −x²": (lambda x: np.sum(np.e ** (-(x**2))), ([-1.0, 0.5, 2.0],)),
    "a scalar of NumPy on the left": (lambda x: np.sum(np.float64(3) ** x), ([-1.0, 0.5],)),
    "an array on the left": (lambda x: np.sum(np.array([2.0, 0.5, 10.0]) ** x), ([1.0, -2.0, 0.1],)),
    "discounted rewards": (lambda g: np.sum(np.array([1.0, 0.0, 2.0, 5.0]) * g ** np.arange(4)), (0.9,)),
    "decay of the rate": (lambda rate, decay: rate * decay ** (np.arange(1.0, 6.0) / 2), (0.1, 0.95)),
    "polynomial features": (
        lambda c, x: np.sum((c * x ** np.arange(4)) ** 2),
        ([1.0, -2.0, 0.5, 0.1], [[-1.5], [0.0], [2.0]]),
    ),
    "generalised mean": (lambda x, p: np.mean(x**p) ** (1 / p), ([1.0, 2.0, 4.0], 1.7)),
    "p-norm": (lambda x, p: np.sum(np.abs(x) ** p) ** (1 / p), ([1.0, -2.0, 4.0], 3.0)),
    "Cobb-Douglas": (lambda capital, labour, a: 1.3 * capital**a * labour ** (1 - a), (2.0, 3.0, 0.35)),
    "Hill": (lambda x, k, n: np.sum(x**n / (k**n + x**n)), ([0.3, 1.0, 4.0], 1.2, 2.4)),
    "Box-Cox": (lambda x, a: np.sum((x**a - 1) / a), ([0.3, 1.0, 4.0], 0.4)),
    "Weibull": (lambda x, s, k: np.sum(np.log(k / s) + (k - 1) * np.log(x / s) - (x / s) ** k), ([0.3, 1.0, 4.0], 1.2, 1.7)),
    "focal loss": (
        lambda z, g: -np.mean((1 - 1 / (1 + np.exp(-z))) ** g * np.log(1 / (1 + np.exp(-z)))),
        ([-1.0, 2.0], 2.0),
    ),
    "compound interest": (lambda r, n, t: 100 * (1 + r / n) ** (n * t), (0.05, 12.0, 3.0)),
    "gamma correction": (lambda image, g: np.sum(np.clip(image, 0.01, 1.0) ** (1 / g)), ([[0.2, 0.5], [0.9, 1.4]], 2.2)),
    "piecewise": (lambda x, p: np.sum(np.where(np.array([True, False, True]), x**p, p**x)), ([0.5, 2.0, 3.0], 1.5)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_of_others_run_unchanged(name: str) -> None:
    function, starts = PROGRAMS[name]
    leaves = [mg.parameter(start) for start in starts]
    result = function(*leaves)
    np.testing.assert_allclose(result.value, function(*map(np.asarray, starts)), rtol=1e-14)
    J = result.sum()
    report = mg.check_gradients(J, leaves)
    assert report.ok and not report.undecided, str(report)
    found = [J, *mg.grad(J, leaves)]
    for own, node in zip(mg.compile(found)(), found, strict=True):
        np.testing.assert_allclose(own, node.value, rtol=1e-13)


def test_constant_exponents_are_as_before() -> None:
    x = mg.parameter(2.0, "x")
    for exponent in (2, np.float64(2), np.array(2.0)):
        node = x**exponent
        assert node.op is not None and len(node.inputs) == 1 and vars(node.op) == {"exponent": 2.0}


def test_how_derivatives_are_written() -> None:
    a, b = mg.parameter(2.0, "a"), mg.parameter(3.0, "b")
    written = {
        orders: mg.notation.to_text(PowerOfNodes(*orders)(a, b).formula()) for orders in ((1, 0), (0, 1), (0, 2), (2, 1))
    }
    assert written == {
        (1, 0): "b·a^(b − 1)",
        (0, 1): "a^b·log(a)",
        (0, 2): "a^b·log(a)·log(a)",
        (2, 1): "power(a, b; derivative 2 by the base)·log(a)",
    }
    assert "∂J/∂a = b·a^(b − 1) = 12" in str(mg.explain((a**b).named("J"), wrt=a))
