"""Linear maps: push and pull are adjoint and linear, and the notation says what pull does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.linear_maps import Composition, LinearMap
from minigraph.core.operators import OPERATIONS
from minigraph.core.shape_maps import Broadcast, Casting, Placing, Reshaping, Selection, Summation, Transposition
from minigraph.formulas import to_latex, to_text
from minigraph.formulas.spelling import axes_text, format_shape
from minigraph.operations.softmax import Centering, LogCentering

Shape = tuple[int, ...]
RNG = np.random.default_rng(11)


def normal(*shape: int) -> mg.Node:
    return mg.data(RNG.normal(size=shape))


def selection(index: Any, shape: Shape, text: str = "1:3") -> Selection:
    return Selection(index if isinstance(index, tuple) else (index,), shape, text)


W, S = normal(2, 3).named("W"), mg.softmax(normal(3, 4)).named("S")
STACK = normal(5, 2, 3).named("V")
TWO, FLAT = mg.data(2.0, "two"), slice(1, 3)
FAR = (np.array([0, 0, 2]),)

# Each map with the shape of its input and of its output, and what its pull is called.
MAPS: list[tuple[LinearMap, Shape, Shape, str]] = [
    (mg.Identity(), (2, 3), (2, 3), "G"),
    (mg.Negation(), (3,), (3,), "−G"),
    (mg.Scale(W), (2, 3), (2, 3), "G ⊙ W"),
    (mg.Scale(TWO), (2, 3), (2, 3), "G·two"),
    (mg.Scale(TWO), (), (), "G·two"),
    (mg.MatMulLeft(W), (3, 4), (2, 4), "Wᵀ · G"),
    (mg.MatMulRight(W), (4, 2), (4, 3), "G · Wᵀ"),
    (mg.MatMulLeft(STACK), (5, 3, 4), (5, 2, 4), "transpose(V; axes (0, 2, 1)) · G"),
    (mg.MatMulRight(STACK), (5, 4, 2), (5, 4, 3), "G · transpose(V; axes (0, 2, 1))"),
    (Broadcast((2, 1), (2, 5)), (2, 1), (2, 5), "row sum of G"),
    (Broadcast((1, 5), (2, 5)), (1, 5), (2, 5), "column sum of G"),
    (Broadcast((1, 1), (2, 5)), (1, 1), (2, 5), "sum of G"),
    (Broadcast((), (2, 5)), (), (2, 5), "sum of G"),
    (Broadcast((5,), (2, 5)), (5,), (2, 5), "sum over axis 0 of G"),
    (Broadcast((3, 1), (4, 3, 2)), (3, 1), (4, 3, 2), "sum over axes 0, 2 of G"),
    (Broadcast((1,), (0,)), (1,), (0,), "sum of G"),
    (Broadcast((1,), (2, 1)), (1,), (2, 1), "sum over axis 0 of G"),
    (Summation((2, 3), (0, 1), False), (2, 3), (), "G repeated to 2×3"),
    (Summation((2, 3), (1,), True), (2, 3), (2, 1), "G repeated to 2×3"),
    (Summation((2, 3), (0,), False), (2, 3), (3,), "G repeated to 2×3"),
    (Summation((1, 3), (0,), True), (1, 3), (1, 3), "G"),
    (Summation((2, 3), (), False), (2, 3), (2, 3), "G"),
    (Reshaping((2, 3), (6,)), (2, 3), (6,), "G as 2×3"),
    (Reshaping((1,), ()), (1,), (), "G as 1"),
    (Transposition((1, 0)), (2, 3), (3, 2), "Gᵀ"),
    (Transposition((1, 2, 0)), (2, 3, 4), (3, 4, 2), "G with axes (2, 0, 1)"),
    (selection(FLAT, (4,)), (4,), (2,), "G placed at [1:3] in zeros 4"),
    (selection(FAR, (3,), "[0, 0, 2]"), (3,), (3,), "G placed at [[0, 0, 2]] in zeros 3"),
    (Placing(selection(FLAT, (4,))), (2,), (4,), "G[1:3]"),
    (Placing(selection(FAR, (3,), "[0, 0, 2]")), (3,), (3,), "G[[0, 0, 2]]"),
    (Casting(np.dtype(np.float64), np.dtype(np.float64)), (2,), (2,), "G"),
    (Centering(S, 0), (3, 4), (3, 4), "S ⊙ (G − Σ(S ⊙ G))"),
    (Centering(S, 1), (3, 4), (3, 4), "S ⊙ (G − Σ(S ⊙ G))"),
    (LogCentering(S, 0), (3, 4), (3, 4), "G − S ⊙ Σ G"),
    (LogCentering(S, -1), (3, 4), (3, 4), "G − S ⊙ Σ G"),
    (mg.compose(mg.Scale(W), mg.MatMulRight(normal(5, 3).named("V"))), (2, 5), (2, 3), "(G ⊙ W) · Vᵀ"),
    (mg.compose(Summation((2, 3), (1,), True), mg.Negation(), mg.Scale(W)), (2, 3), (2, 1), "−(G repeated to 2×3) ⊙ W"),
]  # fmt: skip

each_map = pytest.mark.parametrize(
    ("local", "inside", "outside", "text"), MAPS, ids=[f"{type(m).__name__}-{i}" for i, (m, *_) in enumerate(MAPS)]
)


def inner(a: mg.Node, b: mg.Node) -> float:
    return float(np.sum(a.value * b.value))


@each_map
def test_push_and_pull_are_adjoint(local: LinearMap, inside: Shape, outside: Shape, text: str) -> None:
    u, v = normal(*inside), normal(*outside)
    pushed, pulled = local.push(u), local.pull(v)
    assert (pushed.shape, pulled.shape) == (outside, inside)
    size = float(np.sum(np.abs(pushed.value * v.value))) + float(np.sum(np.abs(u.value * pulled.value)))
    assert inner(pushed, v) == pytest.approx(inner(u, pulled), rel=0, abs=100 * np.finfo(float).eps * (1 + size))


@each_map
def test_push_and_pull_are_linear(local: LinearMap, inside: Shape, outside: Shape, text: str) -> None:
    for form, shape in ((local.push, inside), (local.pull, outside)):
        u, v = normal(*shape), normal(*shape)
        np.testing.assert_allclose(form(2 * u - 3 * v).value, 2 * form(u).value - 3 * form(v).value, rtol=1e-12, atol=1e-12)


@each_map
def test_push_is_the_matrix_whose_transpose_pull_is(local: LinearMap, inside: Shape, outside: Shape, text: str) -> None:
    basis = lambda shape: (mg.data(row.reshape(shape)) for row in np.eye(int(np.prod(shape))))  # noqa: E731
    size_in, size_out = int(np.prod(inside)), int(np.prod(outside))
    columns = np.array([local.push(e).value.ravel() for e in basis(inside)]).reshape(size_in, size_out)
    rows = np.array([local.pull(e).value.ravel() for e in basis(outside)]).reshape(size_out, size_in)
    np.testing.assert_allclose(columns.T, rows, rtol=1e-13, atol=1e-13)


@each_map
def test_notation(local: LinearMap, inside: Shape, outside: Shape, text: str) -> None:
    upstream = mg.data(np.zeros(outside), "G")
    assert to_text(local.notation(upstream)) == text
    assert "G" in to_latex(local.notation(upstream))


@pytest.mark.parametrize(
    ("local", "latex"),
    [
        (mg.MatMulLeft(W), r"W^{\top} \, G"),
        (Broadcast((2, 1), (2, 5)), r"\text{row sum of }G"),
        (Placing(selection(FLAT, (4,))), "G[1:3]"),
        (Centering(S, 0), r"S \odot \left(G - \sum \left(S \odot G\right)\right)"),
        (LogCentering(S, 0), r"G - S \odot \sum G"),
    ],
)
def test_notation_in_latex(local: LinearMap, latex: str) -> None:
    shapes = {id(m): outside for m, _, outside, _ in MAPS}
    assert to_latex(local.notation(mg.data(np.zeros(shapes.get(id(local), (2, 5))), "G"))) == latex


def test_compose() -> None:
    a, b, c = mg.Scale(TWO), mg.Negation(), mg.Scale(mg.data(3.0))
    assert mg.compose(a) is a
    assert mg.compose(mg.Identity(), a, mg.Identity()) is a
    assert isinstance(mg.compose(), mg.Identity)
    assert isinstance(mg.compose(mg.Identity(), mg.Identity()), mg.Identity)
    assert list(a.factors()) == [a]
    for composed in (mg.compose(a, b, c), mg.compose(mg.compose(a, b), c), Composition(a, Composition(b, c))):
        assert list(composed.factors()) == [a, b, c]
        assert composed.pull(mg.data(1.0)).value == composed.push(mg.data(1.0)).value == -6


def test_the_last_of_a_composition_is_applied_first() -> None:
    rows, left = Summation((2, 4), (1,), False), mg.MatMulLeft(W)
    composed = mg.compose(rows, left)
    x = normal(3, 4)
    np.testing.assert_allclose(composed.push(x).value, (W.value @ x.value).sum(axis=1), rtol=1e-14)
    assert composed.pull(normal(2)).shape == (3, 4)


def test_a_long_composition_is_walked_without_recursion() -> None:
    n = 3_000  # more than the recursion limit
    composed = mg.compose(*[mg.Negation()] * n)
    left: LinearMap = mg.Negation()
    for _ in range(n - 1):
        left = Composition(left, mg.Negation())
    for chain in (composed, left):
        assert sum(1 for _ in chain.factors()) == n
        assert float(chain.pull(mg.data(1.0))) == float(chain.push(mg.data(1.0))) == 1
        assert to_text(chain.notation(mg.data(1.0, "G")), budget=10).endswith("…")


class Doubling(LinearMap):
    """A map of a user's own that says only how it pulls."""

    def pull(self, cotangent: mg.Node) -> mg.Node:
        return 2 * cotangent


def test_a_map_of_ones_own() -> None:
    class Twice(mg.Elementwise):
        def forward(self, x: Any) -> Any:
            return 2 * x

        def derivatives(self, result: mg.Node, x: mg.Node) -> Any:
            return [Doubling()]

    x = mg.parameter(3.0, "x")
    y = Twice()(x)
    assert mg.grad(y, x).value == 2
    assert to_text(Doubling().notation(mg.data(1.0, "G"))) == "Doublingᵀ(G)"
    assert to_latex(Doubling().notation(mg.data(1.0, "G"))) == r"\mathit{Doubling}^{\top}\left(G\right)"
    with pytest.raises(NotImplementedError, match=r"^Doubling has no push: forward mode needs it$"):
        mg.jvp(y, x, 1.0)
    with pytest.raises(NotImplementedError, match=r"^LinearMap has no pull: the backward pass needs it$"):
        LinearMap().pull(x)


@pytest.mark.parametrize(
    ("function", "operands"),
    [
        (mg.matmul, [(2, 3), (3, 4)]), (mg.matmul, [(3,), (3, 4)]), (mg.matmul, [(2, 3), (3,)]), (mg.matmul, [(3,), (3,)]),
        (mg.softmax, [(3, 2)]), (mg.log_softmax, [(3, 2)]), (mg.max, [(2, 3)]), (mg.mean, [(1, 4)]),
        (lambda x: x[[0, 0, 1]], [(2, 2)]), (lambda *x: mg.concatenate(x, 1), [(2, 1), (2, 2)]),
        (mg.cross_entropy_with_logits, [(3, 2), (3, 2)]),
    ],
)  # fmt: skip
def test_the_maps_of_an_operation_are_its_jacobian(function: Callable[..., mg.Node], operands: list[Shape]) -> None:
    leaves = [mg.parameter(RNG.uniform(0.1, 0.9, shape)) for shape in operands]
    y = function(*leaves)
    assert y.op is not None
    for leaf, local, jacobian in zip(leaves, y.op.derivatives(y, *leaves), mg.jacobian(y, leaves), strict=True):
        u = RNG.normal(size=leaf.shape)
        expected = np.tensordot(jacobian.value, u, axes=u.ndim)
        np.testing.assert_allclose(local.push(mg.data(u)).value, expected, rtol=1e-12, atol=1e-13)


def test_matrices_need_no_reshaping() -> None:
    a, b = normal(2, 3), normal(3, 4)
    y = a @ b
    assert y.op is not None
    assert list(y.op.derivatives(y, a, b)) == [mg.MatMulRight(b), mg.MatMulLeft(a)]


def test_the_repeats_are_summed_in_one_node() -> None:
    for small in ((2, 1), (1, 5), (5,), ()):
        summed = Broadcast(small, (2, 5)).pull(normal(2, 5))
        assert summed.op is not None
        assert summed.op.name == "sum"


def test_casting_between_precisions() -> None:
    narrow, wide = np.dtype(np.float32), np.dtype(np.float64)
    local = Casting(narrow, wide)
    assert local.push(mg.data([1.0], dtype=narrow)).dtype == wide
    assert local.pull(mg.data([1.0])).dtype == narrow
    x = mg.data([1.0], dtype=narrow)
    y = OPERATIONS["cast"](x, wide)
    assert y.op is not None
    assert list(y.op.derivatives(y, x)) == [local]
    assert OPERATIONS["cast"](x, narrow) is x


def test_words_for_shapes_and_axes() -> None:
    assert [format_shape(shape) for shape in ((), (3,), (4, 400))] == ["scalar", "3", "4×400"]
    assert [axes_text(axes) for axes in ((1,), (0, 2))] == ["axis 1", "axes 0, 2"]


def test_maps_are_compared_by_what_they_hold() -> None:
    assert mg.Scale(W) == mg.Scale(W)
    assert mg.Scale(W) != mg.Scale(S)
    assert mg.MatMulLeft(W) != mg.MatMulRight(W)
    assert hash(mg.Scale(W)) == hash(mg.Scale(W))
    assert repr(mg.compose(mg.Negation(), mg.Scale(W))) == f"Composition(outer=Negation(), inner=Scale(factor={W!r}))"
    own = Doubling()
    assert own == own
    assert own != Doubling()  # a map of one's own is itself only, whatever it holds
    index = selection(FAR, (3,))
    assert index == index
    assert index != selection(FAR, (3,))


def test_broadcasting_to_the_same_shape_is_written_as_nothing() -> None:
    upstream = mg.data([1.0, 2.0], "G")
    assert Broadcast((2,), (2,)).notation(upstream) is upstream
