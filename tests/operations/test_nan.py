"""NaN in, NaN out: a value that depends on a NaN is NaN, and so is a derivative that depends on one; in programs too."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.operators import OPERATIONS
from minigraph.testing import distance_to_kink

nan, inf = np.nan, np.inf
X = [[nan, -1.0, 2.0], [0.5, -0.0, inf], [3.0, 0.25, 0.75]]
Y = [[1.0, 0.0, 0.25], [0.0, nan, 0.5], [0.0, 1.0, 0.25]]
BY_ENTRY = [[True, False, False], [False, False, False], [False, False, False]]
BY_MASK = [[False, False, False], [False, True, False], [False, False, False]]
BY_EITHER = [[True, False, False], [False, True, False], [False, False, False]]
COLUMN = [[True, False, False]] * 3
ROW = [[True] * 3, [False] * 3, [False] * 3]
EVERYWHERE, NOWHERE = [[True] * 3] * 3, [[False] * 3] * 3

# For each way to call an operation with x, and maybe y: where its value is NaN, where its derivatives by x and y are.
Where = Any
CASES: dict[str, tuple[Callable[[mg.Node, mg.Node], mg.Node], Where, Where, Where]] = {
    "relu": (lambda x, y: mg.relu(x), BY_ENTRY, BY_ENTRY, None),
    "relu, 1 at 0": (lambda x, y: mg.relu(x, at_zero=1.0), BY_ENTRY, BY_ENTRY, None),
    "relu, ½ at 0": (lambda x, y: mg.relu(x, at_zero=0.5), BY_ENTRY, BY_ENTRY, None),
    "leaky_relu": (lambda x, y: mg.leaky_relu(x), BY_ENTRY, BY_ENTRY, None),
    "leaky_relu, steep": (lambda x, y: mg.leaky_relu(x, 2.0), BY_ENTRY, BY_ENTRY, None),
    "leaky_relu, falling": (lambda x, y: mg.leaky_relu(x, -0.3, at_zero=1.0), BY_ENTRY, BY_ENTRY, None),
    "leaky_relu, ½ at 0": (lambda x, y: mg.leaky_relu(x, 0.1, at_zero=0.5), BY_ENTRY, BY_ENTRY, None),
    "abs": (lambda x, y: mg.abs(x), BY_ENTRY, BY_ENTRY, None),
    "sign": (lambda x, y: mg.sign(x), BY_ENTRY, NOWHERE, None),
    "maximum": (mg.maximum, BY_EITHER, BY_EITHER, BY_EITHER),
    "maximum with a number": (lambda x, y: mg.maximum(0.5, x), BY_ENTRY, BY_ENTRY, None),
    "minimum": (mg.minimum, BY_EITHER, BY_EITHER, BY_EITHER),
    "clip": (lambda x, y: mg.clip(x, -0.5, 0.5), BY_ENTRY, BY_ENTRY, None),
    "where, constant mask": (lambda x, y: mg.where(np.isnan(Y), x, y), NOWHERE, NOWHERE, NOWHERE),
    "where, NaN in a constant mask": (lambda x, y: mg.where(Y, x, y), BY_EITHER, BY_MASK, BY_MASK),
    "where, by x": (lambda x, y: mg.where(x, y, 1.0), BY_ENTRY, NOWHERE, BY_ENTRY),
    "power": (lambda x, y: mg.abs(x) ** (y + 1), BY_EITHER, BY_EITHER, BY_EITHER),
    "detach": (lambda x, y: mg.detach(x) * y, BY_EITHER, NOWHERE, BY_ENTRY),
    "max": (lambda x, y: mg.max(x), True, EVERYWHERE, None),
    "max of columns": (lambda x, y: mg.max(x, axis=0), [True, False, False], COLUMN, None),
    "max of rows, kept": (lambda x, y: mg.max(x, axis=1, keepdims=True), [[True], [False], [False]], ROW, None),
    "min": (lambda x, y: mg.min(x), True, EVERYWHERE, None),
    "min of columns": (lambda x, y: mg.min(x, axis=0), [True, False, False], COLUMN, None),
    "norm of columns": (lambda x, y: mg.norm(x[:, :2], axis=0), [True, False], COLUMN, None),
    "std of columns": (lambda x, y: mg.std(x[:, :2], axis=0, keepdims=True), [[True, False]], COLUMN, None),
    "var of columns": (lambda x, y: mg.var(x[:, :2], axis=0), [True, False], COLUMN, None),
    "logsumexp of columns": (lambda x, y: mg.logsumexp(x[:, :2], axis=0), [True, False], COLUMN, None),
    "prod of columns": (lambda x, y: mg.prod(x[:, :2], axis=0), [True, False],
        [[False] * 3, [True, False, False], [True, False, False]], None),
    "cumsum": (lambda x, y: mg.cumsum(x, 0), COLUMN, NOWHERE, None),
    "stack": (lambda x, y: mg.stack([x[0], y[0]]), [[True, False, False], [False] * 3], NOWHERE, NOWHERE),
    "sigmoid": (lambda x, y: mg.sigmoid(x), BY_ENTRY, BY_ENTRY, None),
    "tanh": (lambda x, y: mg.tanh(x), BY_ENTRY, BY_ENTRY, None),
    "softplus": (lambda x, y: mg.softplus(x), BY_ENTRY, BY_ENTRY, None),
    "exp": (lambda x, y: mg.exp(x), BY_ENTRY, BY_ENTRY, None),
    "sinh": (lambda x, y: mg.sinh(x), BY_ENTRY, BY_ENTRY, None),
    "arctan": (lambda x, y: mg.arctan(x), BY_ENTRY, BY_ENTRY, None),
    "expm1": (lambda x, y: mg.expm1(x), BY_ENTRY, BY_ENTRY, None),
    "log_sigmoid": (lambda x, y: mg.log_sigmoid(x), BY_ENTRY, BY_ENTRY, None),
    "logaddexp": (mg.logaddexp, BY_EITHER, BY_EITHER, BY_EITHER),
    "square": (lambda x, y: mg.square(x), BY_ENTRY, BY_ENTRY, None),
    "third power": (lambda x, y: x**3, BY_ENTRY, BY_ENTRY, None),
    "first power": (lambda x, y: x**1, BY_ENTRY, NOWHERE, None),
    "multiply": (lambda x, y: x[1] * y[2], NOWHERE[0], NOWHERE, NOWHERE),
    "negative": (lambda x, y: -x, BY_ENTRY, NOWHERE, None),
    "sum": (lambda x, y: x.sum(0), [True, False, False], NOWHERE, None),
    "softmax": (lambda x, y: mg.softmax(x[:, :2]), [[True, False]] * 3, COLUMN, None),
    "log_softmax": (lambda x, y: mg.log_softmax(x[:, :2]), [[True, False]] * 3, COLUMN, None),
    "squared_error": (lambda x, y: mg.squared_error(x, y), BY_EITHER, BY_EITHER, BY_EITHER),
    "bce": (lambda x, y: mg.bce(mg.sigmoid(x), y), BY_EITHER, BY_EITHER, BY_ENTRY),
    "bce_with_logits": (mg.bce_with_logits, BY_EITHER, BY_EITHER, BY_ENTRY),
}  # fmt: skip


def places(node: mg.Node) -> Any:
    return np.isnan(node.value).tolist()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradients(name: str, dtype: Any) -> None:
    build, of_value, by_x, by_y = CASES[name]
    x, y = mg.parameter(np.array(X, dtype), "x"), mg.parameter(np.array(Y, dtype), "y")
    node = build(x, y)
    assert places(node) == of_value
    found = [node, *mg.grad(node, [x, y], seed=np.ones(node.shape), allow_unused=True)]
    assert places(found[1]) == by_x
    assert places(found[2]) == (NOWHERE if by_y is None else by_y)
    for own, graph in zip(mg.compile(found)(), found, strict=True):
        assert np.isnan(own).tolist() == places(graph)
        np.testing.assert_allclose(own, graph.value, rtol=1e-6 if dtype == np.float32 else 1e-12, atol=1e-16)


@pytest.mark.parametrize("name", CASES)
def test_one_nan_alone_is_not_lost_in_a_program(name: str) -> None:
    """A step that is not finite is left to the graph: so each output is a program of its own, and all else is finite."""
    x, y = mg.parameter(np.nan_to_num(X, nan=0.5, posinf=0.25), "x"), mg.parameter(np.nan_to_num(Y), "y")
    node = CASES[name][0](x, y)
    gradients = mg.grad(node, [x, y], seed=np.ones(node.shape), allow_unused=True)
    programs = [(output, mg.compile(output)) for output in (node, *gradients)]
    for output, program in programs:
        np.testing.assert_allclose(program(), output.value, rtol=1e-12, atol=1e-16)
    for leaf in (x, y):
        finite = leaf.value
        for place in np.ndindex(leaf.shape):
            spoilt = finite.copy()
            spoilt[place] = nan
            leaf.value = spoilt
            for output, program in programs:
                np.testing.assert_allclose(program(), output.value, rtol=1e-12, atol=1e-16, err_msg=f"{leaf.name}{place}")
        leaf.value = finite


def test_no_operation_with_a_kink_is_forgotten() -> None:
    kinked = {"relu", "leaky_relu", "abs", "sign", "maximum", "minimum", "clip", "where", "max", "min"}
    assert {name for name in OPERATIONS if name in kinked} == {name.split(",")[0] for name in CASES} & kinked == kinked


def test_a_derivative_that_looks_at_no_value_is_what_it_is_everywhere() -> None:
    x = mg.parameter(nan, "x")
    assert mg.grad(3 * x, x).value == 3
    assert mg.grad(x**2, x).value != mg.grad(x**2, x).value
    assert mg.grad(mg.grad(x**2, x), x).value == 2
    assert mg.grad(mg.grad(mg.relu(x), x), x).value == 0, "a step has no derivative"


@pytest.mark.parametrize(
    "function", [mg.relu, mg.leaky_relu, abs, lambda x: mg.maximum(x, 0.5), lambda x: mg.max(x, axis=0), mg.tanh]
)
def test_second_derivatives(function: Callable[[mg.Node], mg.Node]) -> None:
    x = mg.parameter([nan, 2.0], "x")
    J = (function(x) ** 2).sum()
    first = mg.grad(J, x)
    second = mg.grad(first.sum(), x)
    alone = function(x).shape == ()
    assert places(first) == places(second) == ([True, True] if alone else [True, False])
    if not alone:
        np.testing.assert_allclose(mg.hvp(J, x, [1.0, 1.0]).value, second.value, rtol=1e-12)
    for own, graph in zip(mg.compile([first, second])(), [first, second], strict=True):
        np.testing.assert_allclose(own, graph.value, rtol=1e-12, equal_nan=True)


def test_ties_at_infinity_are_ties_and_no_nan() -> None:
    a, b = mg.parameter([inf, -inf, inf], "a"), mg.parameter([inf, -inf, -inf], "b")
    for gradient, expected in zip(mg.grad(mg.maximum(a, b).sum(), [a, b]), ([0.5, 0.5, 1], [0.5, 0.5, 0]), strict=True):
        assert gradient.value.tolist() == expected


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("backend", ["numpy", "native"])
def test_a_sum_leaves_nan_out_where_it_is_asked_to(backend: Any, dtype: Any) -> None:
    x = mg.parameter(np.array([[1, nan, 3], [nan, nan, nan], [inf, nan, -0.0]], dtype), "x")
    rows = np.nansum(x**2, axis=1, keepdims=True)
    gradient = mg.grad(rows.sum(), x)
    run = mg.compile([rows, gradient], backend=backend)
    for sums, by_x in ((rows.value, gradient.value), run()):
        assert sums.tolist() == [[10], [0], [inf]] and sums.dtype == by_x.dtype == dtype
        np.testing.assert_array_equal(by_x, [[2, nan, 6], [nan, nan, nan], [inf, nan, 0]])  # 0 · 2x where x is NaN
    np.testing.assert_array_equal(mg.grad(np.nansum(x), x).value, [[1, 0, 1], [0, 0, 0], [1, 0, 1]])
    assert np.nansum(x[:2]).value == 4
    assert np.nansum(x[:2], 0).value.tolist() == [1, 0, 3]
    x.value = np.array([[nan, 2, 3], [1, nan, 0], [0, 0, 0]], dtype)  # what is left out follows the value
    assert rows.value.tolist() == [[13], [1], [0]]


def test_what_is_compared_with_itself_has_no_kink() -> None:
    x = mg.parameter([1.0, 0.0, -3.0], "x")
    for node, expected in ((np.nansum(x**2), [2, 0, -6]), (mg.maximum(x, x).sum(), [1, 1, 1])):
        assert mg.grad(node, x).value.tolist() == expected
        assert distance_to_kink(node) >= 1
        assert not mg.check_gradients(node).wrong


@pytest.mark.parametrize("shape", [(3, 4), (3, 5000)])
@pytest.mark.parametrize("slope", [0.0, 0.01, 0.3, 1.0, -0.5, 2.0])
@pytest.mark.parametrize("at_zero", [None, 1.0, 0.5])
def test_steps_are_exact_at_the_smallest_numbers(shape: Any, slope: float, at_zero: float | None) -> None:
    values = np.resize([5e-324, -5e-324, 0.0, -0.0, inf, -inf, nan, 1e-300, 3.0, -4.0], shape)
    x = mg.parameter(values, "x")
    gradient = mg.grad(mg.leaky_relu(x, slope, at_zero).sum(), x)
    expected = np.where(values > 0, 1, np.where(values < 0, slope, slope if at_zero is None else at_zero))
    expected[np.isnan(values)] = nan
    np.testing.assert_array_equal(gradient.value, expected)
    np.testing.assert_allclose(mg.compile(gradient)(), expected, rtol=3e-16)
    if slope == 0:
        gradient = mg.grad(mg.relu(x, 0.0 if at_zero is None else at_zero).sum(), x)
        np.testing.assert_array_equal(gradient.value, expected)
        np.testing.assert_array_equal(mg.compile(gradient)(), expected)
