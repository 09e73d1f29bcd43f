"""The chain rule forward: jvp against grad, hvp against the Hessian."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigraph as mg


def net() -> tuple[list[mg.Node], mg.Node]:
    rng = np.random.default_rng(5)
    W, b, X = (mg.parameter(rng.normal(size=shape), name) for shape, name in (((2, 3), "W"), ((2, 1), "b"), ((3, 4), "X")))
    A = mg.softmax(mg.tanh(W @ X + b))
    return [W, b, X], (A * A.max(axis=0) + mg.sigmoid(W).sum(0, keepdims=True).reshape(3)[:1] * X[0]).named("A")


def test_jvp_is_the_jacobian_times_the_tangents() -> None:
    leaves, y = net()
    rng = np.random.default_rng(1)
    tangents = [rng.normal(size=leaf.shape) for leaf in leaves]
    pushed = mg.jvp(y, leaves, tangents)
    expected = sum(np.tensordot(J.value, t, axes=t.ndim) for J, t in zip(mg.jacobian(y, leaves), tangents, strict=True))
    np.testing.assert_allclose(pushed.value, expected, rtol=1e-12, atol=1e-13)
    alone = mg.jvp(y, leaves[0], tangents[0])
    np.testing.assert_allclose(alone.value, mg.jvp(y, [leaves[0]], [tangents[0]]).value, rtol=1e-15)


def test_a_tangent_may_be_a_node() -> None:
    x, t = mg.parameter([1.0, 2.0], "x"), mg.data([1.0, 10.0], "t")
    pushed = mg.jvp(x * x, x, t)
    assert pushed.value.tolist() == [2, 40]
    t.value = [0.0, 1.0]
    assert pushed.value.tolist() == [0, 4]
    x.value = [5.0, 5.0]
    assert pushed.value.tolist() == [0, 10]


def test_tangents_are_repeated_where_operands_are() -> None:
    s, v = mg.parameter(2.0, "s"), mg.parameter([[1.0], [3.0]], "v")
    wide = np.ones((2, 3))
    assert mg.jvp(s + wide, s, 5.0).value.tolist() == [[5] * 3] * 2
    assert mg.jvp(v * wide * 2, v, [[1.0], [10.0]]).value.tolist() == [[2] * 3, [20] * 3]
    assert mg.jvp(s - v, [s, v], [1.0, [[1.0], [2.0]]]).value.tolist() == [[0], [-1]]


def test_wrt_may_hold_a_node_and_what_depends_on_it() -> None:
    x = mg.parameter(2.0, "x")
    y = (x * x).named("y")
    assert mg.jvp(y + x, [x, y], [1.0, 10.0]).value == 1 * 4 + 10 + 1
    assert mg.jvp(y, y, 3.0).value == 3


def test_steps_give_zeros() -> None:
    other = mg.parameter(np.ones(2, np.float32), "o")
    y = mg.sign(other) + np.array([1.0, 2.0])
    zeros = mg.jvp(y, other, [1.0, 1.0])
    assert (zeros.dtype, zeros.value.tolist()) == (y.dtype, [0, 0])


Asked = Callable[..., Any]
ASKED: list[tuple[str, Asked]] = [
    ("grad", lambda J, wrt, **options: mg.grad(J, wrt, **options)),
    ("jacobian", lambda J, wrt, **options: mg.jacobian(J, wrt, **options)),
    ("jvp", lambda J, wrt, **options: mg.jvp(J, wrt, [3.0] * len(wrt) if isinstance(wrt, list) else 3.0, **options)),
    ("hvp", lambda J, wrt, **options: mg.hvp(J, wrt, [3.0] * len(wrt) if isinstance(wrt, list) else 3.0, **options)),
]


@pytest.mark.parametrize(("what", "ask"), ASKED)
def test_a_node_that_is_not_used_is_refused_alike(what: str, ask: Asked) -> None:
    x, other = mg.parameter(2.0, "x"), mg.parameter(1.0, "other")
    J = (x * x).named("J")
    message = (
        f"{what}: 'J' does not depend on 'other'. Was 'other' used in building J, or "
        "another node with its value? allow_unused=True gives zeros."
    )
    for wrt in (other, [x, other], [other]):
        with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
            ask(J, wrt)


@pytest.mark.parametrize(
    ("what", "values"),
    [("grad", [4, 0]), ("jacobian", [4, 0]), ("jvp", 12), ("hvp", [6, 0])],
    ids=["grad", "jacobian", "jvp", "hvp"],
)
def test_where_that_is_allowed_it_counts_nothing(what: str, values: Any) -> None:
    x, other = mg.parameter(2.0, "x"), mg.parameter(1.0, "other")
    ask = dict(ASKED)[what]
    found = ask((x * x).named("J"), [x, other], allow_unused=True)
    assert ([float(node) for node in found] if isinstance(found, list) else float(found)) == values
    assert float(ask(x * x, other, allow_unused=True)) == 0


def test_a_jacobian_without_entries_is_asked_for_nodes_that_count_too() -> None:
    x, other = mg.parameter([1.0], "x"), mg.parameter(1.0, "other")
    assert mg.jacobian(x[:0], x).shape == (0, 1)
    with pytest.raises(ValueError, match=r"^jacobian: .* does not depend on 'other'"):
        mg.jacobian(x[:0], other)


def test_dtype_and_shape_of_a_tangent() -> None:
    single = mg.parameter(np.ones(2, np.float32), "s")
    assert mg.jvp(single * 3, single, [1.0, 2.0]).dtype == np.float32
    assert mg.jvp(single * mg.data([1.0, 2.0]), single, mg.data(np.ones(2))).dtype == np.float64


def test_refusals() -> None:
    x, z = mg.parameter([1.0, 2.0], "x"), mg.parameter(1.0, "z")
    y = x * x * z
    with pytest.raises(mg.ShapeError, match=r"^jvp: 'x' is \(2,\), but its tangent is \(\)\. They must agree\.$") as caught:
        mg.jvp(y, x, 1.0)
    assert caught.value.operands == (x,)
    with pytest.raises(ValueError, match=r"^jvp: 1 tangents for 2 nodes\. Give one for each node of wrt\.$"):
        mg.jvp(y, [x, z], [np.ones(2)])
    with pytest.raises(ValueError, match=r"^jvp: wrt names a node twice\. Add its tangents up and name it once\.$"):
        mg.jvp(y, [z, z], [1.0, 1.0])
    with pytest.raises(TypeError, match=r"^jvp: values of dtype complex128 are refused"):
        mg.jvp(y, z, 1j)
    with pytest.raises(TypeError, match=r"^jvp: wrt holds nodes, not str\."):
        mg.jvp(y, "x", 1.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^hvp: wrt holds nodes, not float\."):
        mg.hvp(y.sum(), 1.0, 1.0)  # type: ignore[call-overload]
    with pytest.raises(mg.ShapeError, match=re.escape("is (2,), not a scalar.")):
        mg.hvp(y, x, [1.0, 1.0])
    with pytest.raises(ValueError, match="does not depend on 'z'"):
        mg.hvp((x * x).sum(), z, 1.0)


def test_hvp_is_the_hessian_times_the_vector() -> None:
    leaves, y = net()
    J = (y * y).sum()
    rng = np.random.default_rng(2)
    vectors = [rng.normal(size=leaf.shape) for leaf in leaves]
    products = mg.hvp(J, leaves, vectors)
    for leaf, gradient, product in zip(leaves, mg.grad(J, leaves), products, strict=True):
        rows = mg.jacobian(gradient, leaves)
        expected = sum(np.tensordot(block.value, v, axes=v.ndim) for block, v in zip(rows, vectors, strict=True))
        assert product.shape == leaf.shape
        np.testing.assert_allclose(product.value, expected, rtol=1e-10, atol=1e-12)
    alone = mg.hvp(J, leaves[1], vectors[1])
    block = mg.jacobian(mg.grad(J, leaves[1]), leaves[1]).value
    np.testing.assert_allclose(alone.value, np.tensordot(block, vectors[1], axes=2), rtol=1e-10, atol=1e-12)


def test_hvp_of_what_is_linear_is_zero() -> None:
    x = mg.parameter([1.0, 2.0], "x")
    assert mg.hvp((3 * x).sum(), x, [1.0, 1.0]).value.tolist() == [0, 0]


def test_forward_over_forward() -> None:
    x = mg.parameter(0.5, "x")
    y: mg.Node = mg.sigmoid(x)
    orders = []
    for _ in range(3):
        y = mg.jvp(y, x, 1.0)
        orders.append(float(y))
    s = 1 / (1 + np.exp(-0.5))
    assert orders == pytest.approx([s * (1 - s), s * (1 - s) * (1 - 2 * s), s * (1 - s) * (1 - 6 * s * (1 - s))], rel=1e-14)
