"""Products, norms, spreads and running sums where they are hard: zeros, ties, infinities, very large and small numbers."""
# ruff: noqa: E501  # messages stand in one piece, so that they can be searched for

import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.formulas import to_ascii, to_latex, to_text

inf, nan = np.inf, np.nan


def both(node: mg.Node) -> Any:
    """The value, which a program must give too."""
    value = node.value
    np.testing.assert_allclose(mg.compile(node)(), value, rtol=1e-13)
    return value


def others(numbers: list[float], *left_out: int) -> float:
    return math.prod(x for i, x in enumerate(numbers) if i not in left_out)


@pytest.mark.parametrize(
    "numbers", [[2.0, 3, 5], [2, 0, 5, 7], [0, 0, 5, 7], [0, 0, 0], [0, 3], [4], [2, -1, 0, 3, 0.5, 7, -2]]
)
def test_a_product_is_right_with_zeros_as_often_as_it_is_differentiated(numbers: list[float]) -> None:
    x = mg.parameter(numbers, "x")
    p = mg.prod(x)
    first = mg.grad(p, x)
    assert both(p) == math.prod(numbers)
    assert both(first).tolist() == [others(numbers, i) for i in range(len(numbers))]
    for i in range(len(numbers)):
        second = mg.grad(first[i], x, allow_unused=True)
        expected = [others(numbers, i, j) if i != j else 0 for j in range(len(numbers))]
        assert both(second).tolist() == expected
        if len(numbers) == 4:
            third = mg.grad(second[(i + 1) % 4], x)
            j = (i + 1) % 4
            assert both(third).tolist() == [others(numbers, i, j, k) if k not in (i, j) else 0 for k in range(4)]


def test_a_product_along_axes_with_zeros() -> None:
    values = np.array([[[1.0, 0], [2, 3]], [[0, 0], [4, 5]], [[6, 7], [0, 8]]])
    x = mg.parameter(values, "x")
    for axes in ((0,), (1,), (2,), (0, 2), (1, 2), (0, 1, 2)):
        gradient = mg.grad(mg.prod(x, axes).sum(), x)
        expected = np.empty(values.shape)
        for index in np.ndindex(values.shape):
            line = [
                i
                for i in np.ndindex(values.shape)
                if all(a == b or axis in axes for axis, (a, b) in enumerate(zip(i, index, strict=True)))
            ]
            expected[index] = math.prod(values[i] for i in line if i != index)
        assert both(gradient).tolist() == expected.tolist()
        assert mg.check_gradients((mg.grad((mg.prod(x, axes) ** 2).sum(), x) * np.arange(12.0).reshape(3, 2, 2)).sum()).ok


def test_how_the_derivative_of_a_product_is_written() -> None:
    x = mg.parameter([[1.0, 2.0], [3.0, 4.0]], "x")
    along, whole = (mg.grad(mg.prod(x, axis).sum(), x).formula() for axis in (0, None))
    assert to_text(whole).endswith(" ⊙ (product of the others in x)")
    assert to_text(along).endswith(" ⊙ (product of the others along axis 0 in x)")
    assert to_ascii(whole).endswith(" * prod_of_others(x)")
    assert to_ascii(along).endswith(" * prod_of_others(x, axis=(0,))")
    assert r"\text{product of the others in }" in to_latex(whole)
    assert [to_text(n.formula()) for n in (mg.prod(x), mg.min(x, 1), mg.norm(x), mg.norm(x, 0), mg.std(x))] == [
        "prod x", "min(x; axis 1)", "‖x‖", "norm(x; axis 0)", "‖x − (mean x)‖/2",
    ]  # fmt: skip
    assert to_latex(mg.norm(x).formula()) == r"\left\lVert x\right\rVert "
    assert to_ascii(mg.norm(x).formula()) == "norm(x)"
    running = mg.backward(mg.cumsum(x, 1), seed=np.ones((2, 2)))
    (edge,) = running
    assert to_text(edge.local.notation(edge.upstream)) == "running sum along axis 1 from the end of ∂output/∂output"
    assert to_ascii(edge.local.notation(edge.upstream)) == "cumsum_from_end(doutput_doutput, axis=(1,))"


@pytest.mark.parametrize("scale", [1.0, 1e200, 1e-200, 5e-324, 1e308])
def test_a_norm_of_numbers_of_any_size(scale: float) -> None:
    x = mg.parameter(np.array([3.0, -4.0]) * scale if scale < 1e308 else np.array([1e308, -1e308]), "x")
    size, direction = mg.norm(x), mg.grad(mg.norm(x), x)
    expected = 5 * scale if scale < 1e308 else math.sqrt(2) * 1e308
    assert both(size) == pytest.approx(expected, rel=1e-15)
    if scale > 1e-300:
        np.testing.assert_allclose(both(direction), [0.6, -0.8] if scale < 1e308 else [0.5**0.5, -(0.5**0.5)], rtol=1e-14)


def test_a_norm_has_the_derivative_0_at_0_to_any_order() -> None:
    x = mg.parameter([[0.0, 0.0], [3.0, 4.0]], "x")
    J = (mg.norm(x, axis=1) * [2.0, 1.0]).sum()
    first = mg.grad(J, x)
    assert both(first).tolist() == [[0, 0], [0.6, 0.8]]
    second = mg.hvp(J, x, [[1.0, 1.0], [1.0, 0.0]])
    np.testing.assert_allclose(both(second), [[0, 0], [0.128, -0.096]], rtol=1e-13)
    assert mg.grad(mg.norm(mg.parameter(0.0, "s")) * 1, x, allow_unused=True).value.tolist() == np.zeros((2, 2)).tolist()


def test_a_standard_deviation_without_spread() -> None:
    x = mg.parameter([2.0, 2.0, 2.0], "x")
    assert both(mg.std(x)) == both(mg.var(x)) == 0
    assert both(mg.grad(mg.std(x), x)).tolist() == both(mg.grad(mg.var(x), x)).tolist() == [0, 0, 0]
    assert np.isnan(mg.grad(mg.sqrt(mg.var(x)), x).value).all(), "as the docs say"


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1), -1])
@pytest.mark.parametrize("ddof", [0, 1, 0.5])
def test_spreads_are_those_of_numpy_to_the_last_digits(axis: Any, ddof: float) -> None:
    values = np.random.default_rng(0).normal(3, 2, (4, 5))
    x = mg.data(values)
    np.testing.assert_allclose(both(mg.std(x, axis, ddof=ddof)), values.std(axis, ddof=ddof), rtol=4e-16)
    np.testing.assert_allclose(both(mg.var(x, axis, True, ddof)), values.var(axis, ddof=ddof, keepdims=True), rtol=4e-16)
    assert mg.std([[4.0, 8.0], [2.0, 16.0]], 1).value.tolist() == [2, 7], "no root is divided"


@pytest.mark.parametrize(
    ("z", "expected"),
    [
        ([inf, 0.0], inf), ([inf, inf], inf), ([-inf, -inf], -inf), ([-inf, 3.0], 3.0), ([inf, -inf], inf), ([nan, 1.0], nan),
        ([nan, inf], nan), ([1000.0, 1000.0], 1000 + math.log(2)), ([-1000.0, -1000.0], -1000 + math.log(2)),
        ([0.0, -50.0], math.log1p(math.exp(-50))), ([1e300, 1e300], 1e300), ([7.0], 7.0),
    ],
)  # fmt: skip
def test_log_sum_exp_of_any_numbers(z: list[float], expected: float) -> None:
    for dtype, digits in ((np.float64, 4e-16), (np.float32, 2e-7)):
        with np.errstate(over="ignore"):
            values = np.array(z, dtype)
        node = mg.logsumexp(mg.parameter(values, "z"))
        assert node.dtype == dtype
        for value in (node.value, mg.compile(node)()):
            np.testing.assert_allclose(
                value, np.array(expected).astype(dtype) if abs(expected) < 1e300 else values[0], rtol=digits
            ) if (math.isfinite(expected)) else np.testing.assert_equal(float(value), expected)


def test_log_sum_exp_over_several_axes() -> None:
    values = np.random.default_rng(1).normal(0, 5, (2, 3, 4))
    x = mg.parameter(values, "x")
    for axes, keep in itertools.product((None, (0, 1), (0, 2), (1, 2), (2, 0), (), 1, (-1,)), (False, True)):
        node = mg.logsumexp(x, axes, keep)
        np.testing.assert_allclose(both(node), np.log(np.sum(np.exp(values), axis=axes, keepdims=keep)), rtol=1e-13)
        share = np.exp(values - np.log(np.sum(np.exp(values), axis=axes, keepdims=True)))
        np.testing.assert_allclose(both(mg.grad(node.sum(), x)), share, rtol=1e-12)


def test_running_sums_and_their_derivative() -> None:
    x = mg.parameter([1.0, 2.0, 3.0], "x")
    gradient = mg.grad(mg.cumsum(x), x, seed=[1.0, 10.0, 100.0])
    assert both(gradient).tolist() == [111, 110, 100]
    assert mg.jvp(mg.cumsum(x), x, [1.0, 0.0, 5.0]).value.tolist() == [1, 1, 6]
    assert "Σₚ ∂J/∂c[p] · [p ≥ i]" in str(mg.explain((mg.cumsum(x).named("c") * [1.0, 2.0, 3.0]).sum().named("J"), wrt=x))


def test_ties_of_the_smallest_share() -> None:
    x = mg.parameter([[2.0, 1.0, 1.0], [1.0, 5.0, 6.0]], "x")
    assert both(mg.grad(mg.min(x), x)).tolist() == [[0, 1 / 3, 1 / 3], [1 / 3, 0, 0]]
    assert both(mg.grad(mg.min(x, 1).sum(), x)).tolist() == [[0, 0.5, 0.5], [1, 0, 0]]
    assert both(mg.min(mg.data([inf, -inf]))) == -inf


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: mg.min(mg.data([], "e")), "min: 'e' is (0,): the smallest of no entries is not defined."),
    (lambda: mg.var(mg.data([1.0], "x"), ddof=1), "var: 'x' is (1,): of 1 entry with ddof=1 it is not defined: there must be more than ddof."),
    (lambda: mg.var(mg.data([], "e")), "var: 'e' is (0,): of 0 entries with ddof=0 it is not defined"),
    (lambda: mg.std(mg.data([1.0], "x"), 1), "std: 'x' is (1,): axis 1 does not exist"),
    (lambda: mg.std(mg.data(np.ones((2, 3)), "x"), 0, ddof=2.5), "std: 'x' is (2, 3): of 2 entries with ddof=2.5 it is not defined"),
    (lambda: mg.cumsum(mg.data(1.0, "s"), 0), "cumsum: 's' is (): axis 0 does not exist: a scalar has no axes."),
    (lambda: mg.squeeze(mg.data(np.ones((2, 1)), "x"), 0), "squeeze: 'x' is (2, 1): axis 0 has size 2, and only axes of size 1 can be left out."),
    (lambda: mg.squeeze(mg.data([1.0], "x"), 1), "squeeze: 'x' is (1,): axis 1 does not exist: a vector has axis 0 (or -1) only"),
    (lambda: mg.expand_dims(mg.data([1.0], "x"), 2), "expand_dims: 'x' is (1,): the result has axes 0 to 1, or -1 to -2, and 2 names another, or one twice."),
    (lambda: mg.expand_dims(mg.data([1.0], "x"), (0, -3)), "the result has axes 0 to 2, or -1 to -3, and (0, -3) names another, or one twice."),
    (lambda: mg.swapaxes(mg.data([1.0], "x"), 0, 1), "swapaxes: 'x' is (1,): axis 1 does not exist"),
    (lambda: mg.repeat(mg.data([1.0, 2.0], "x"), [1, 2, 3]), "repeat: 'x' is (2,): there are 2 places, and each is repeated 0 times or more, not [1, 2, 3]."),
    (lambda: mg.repeat(mg.data([1.0, 2.0], "x"), -1), "each is repeated 0 times or more, not -1."),
    (lambda: mg.tile(mg.data([1.0], "x"), (2, -1)), "tile: 'x' is (1,): there are 0 copies or more along each axis, not (2, -1)."),
    (lambda: mg.stack([mg.data([1.0], "a"), mg.data([1.0, 2.0], "b")]), "stack: 'a' is (1,) and 'b' is (2,): all shapes must be equal. To join along an axis that there is, use mg.concatenate."),
    (lambda: mg.stack([mg.data([1.0], "a")], 2), "stack: 'a' is (1,): the result has axes 0 to 1, or -1 to -2: 2 is none."),
    (lambda: mg.stack([]), "stack: there is nothing to stack."),
    (lambda: mg.vstack([]), "vstack: there is nothing to vstack."),
    (lambda: mg.vstack([mg.data([1.0], "a"), np.ones((2, 2))]), "all sizes but that of axis 0 must be equal."),
    (lambda: mg.logsumexp(mg.data([1.0], "z"), 1), "logsumexp: 'z' is (1,): axis 1 does not exist"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "message"), REFUSED, ids=[row[1][:40] for row in REFUSED])
def test_what_is_refused(act: Callable[[], Any], message: str) -> None:
    with pytest.raises(mg.ShapeError, match=re.escape(message)) as caught:
        act()
    assert str(caught.value) in str(caught.value.explain())


WRONG_KIND: list[tuple[Callable[[], Any], str]] = [
    (lambda: mg.stack(mg.data([1.0]), mg.data([1.0])), "stack: the axis is a whole number, not a node of shape (1,). Put the parts into a list: mg.stack([a, b])."),
    (lambda: mg.hstack(5), "hstack: the parts are a list of nodes or arrays, not 5. Put the parts into a list: mg.hstack([a, b])."),
    (lambda: mg.cumsum([1.0], 0.5), "cumsum: the axis is a whole number, not 0.5. For all entries leave it out."),
    (lambda: mg.var([1.0], ddof="1"), "var: ddof is a finite real number, not '1'."),
    (lambda: mg.norm([1.0], [1.0]), "norm: an axis is a whole number, not 1.0."),
    (lambda: mg.norm([1.0], 1, 2), "norm: keepdims is True or False, not 2."),
    (lambda: mg.prod([1.0], mg.data([2.0])), "prod: an axis is a whole number, not a node of shape (1,). For the product of two, entry by entry, write a * b."),
    (lambda: mg.min([1.0], 0.5), "min: an axis is a whole number, not 0.5. For the smaller of two, entry by entry, write mg.minimum(a, b)."),
    (lambda: mg.logsumexp([1.0], mg.data(2.0)), "logsumexp: an axis is a whole number, not a node of shape (). For the sum of two"),
    (lambda: mg.repeat([1.0], 1.5), "repeat: the number of repeats is a whole number, not 1.5."),
    (lambda: mg.repeat([1.0], 2, "0"), "repeat: the axis is a whole number, not '0'."),
    (lambda: mg.tile([1.0], 1.5), "tile: the number of copies is a whole number, not 1.5."),
    (lambda: mg.expand_dims([1.0], None), "expand_dims: an axis is a whole number, not None."),
    (lambda: mg.swapaxes([1.0], 0, None), "swapaxes: an axis is a whole number, not None."),
]  # fmt: skip


@pytest.mark.parametrize(("act", "message"), WRONG_KIND, ids=[row[1][:40] for row in WRONG_KIND])
def test_options_of_the_wrong_kind(act: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        act()
