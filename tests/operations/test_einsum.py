"""Einsum: what its subscripts may be, its derivative by the subscripts, and what is told of it."""

import re
from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.formulas import to_ascii, to_latex, to_text

RNG = np.random.default_rng(7)
A, B = mg.parameter(RNG.normal(size=(2, 3)), "A"), mg.parameter(RNG.normal(size=(3, 4)), "B")
M = mg.parameter(RNG.normal(size=(3, 3)), "M")


@pytest.mark.parametrize(
    ("subscripts", "operands", "message"),
    [
        (A, (B,), "einsum: the subscripts come first, as text, mg.einsum('ij,jk->ik', A, B), or behind each operand, as"),
        (
            A,
            (),
            "einsum: the subscripts come first, as text, mg.einsum('ij,jk->ik', A, B), or behind each operand, as numbers",
        ),
        (
            A,
            ([0, 1], B),
            "behind each operand stands a list of the numbers of its axes, such as [0, 1], not a node of shape",
        ),
        (A, ([0, 52],), "einsum: the number of an axis is from 0 to 51, not 52."),
        (A, ([0, True],), "einsum: the number of an axis is a whole number, not True."),
        ("......j", (A,), "For the axes that are left ... may stand once in each."),
        ("...j->j", (A,), "einsum: '...j->j': the axes that ... stands for are in the result too. Write ... behind ->."),
        ("ijk...", (A,), "einsum: 'A' is (2, 3): 'ijk...' has 3 letters, one for each axis, but there are 2 axes."),
        ("...i,...i", (A, np.ones((4, 3))), "what ... stands for has the sizes (2,), (4,), which do not broadcast."),
        ("i1,1k->ik", (A, B), "einsum: 'i1,1k->ik': subscripts are letters, with commas between operands and -> before"),
        (
            "ij,jk->i->k",
            (A, B),
            "subscripts are letters, with commas between operands and -> before the result: 'ij,jk->ik'.",
        ),
        ("ij->ij", (A, B), "einsum: 'ij->ij' has letters for 1 operand, but there are 2."),
        ("ij,jk->ik", (A,), "einsum: 'ij,jk->ik' has letters for 2 operands, but there are 1."),
        ("", (), "has letters for 1 operand, but there are 0."),
        ("ij->ii", (A,), "einsum: 'ij->ii': the result has i twice. Each of its axes has its own letter."),
        ("ij->ik", (A,), "einsum: 'ij->ik': the result has k, but no operand has it."),
    ],
)
def test_subscripts_that_are_refused(subscripts: Any, operands: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        mg.einsum(subscripts, *operands)


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("...ij,...jk->...ik", [(2, 3), (3, 4)]),  # it stands for no axis at all
        ("...ij,...jk->...ik", [(2, 3), (5, 3, 4)]),  # for one that the other operand lacks
        ("...ij,...jk", [(7, 1, 2, 3), (5, 3, 4)]),  # for one of size 1 that is repeated
        ("...i,i", [(1, 1, 3), (3,)]),  # for some of size 1 that stay
        ("b...k,l...b->lk...", [(2, 3, 5), (4, 3, 2)]),
        ("...,...", [(3, 1), (1, 4)]),
        ("...,i->i...", [(), (3,)]),
        ("...ii->...i", [(2, 3, 3)]),
        ("i...->...", [(2, 3)]),
        (" ... k, ... n k -> ... ", [(3, 5), (3, 10, 5)]),
        ("...ij,...jk->...ik", [(0, 2, 3), (0, 3, 4)]),
    ],
)
def test_an_ellipsis_stands_for_the_axes_that_are_left(subscripts: str, shapes: list[tuple[int, ...]]) -> None:
    nodes = [mg.parameter(RNG.normal(size=shape)) for shape in shapes]
    result = mg.einsum(subscripts, *nodes)
    expected = np.einsum(subscripts.replace(" ", ""), *(node.value for node in nodes))
    assert result.shape == expected.shape
    np.testing.assert_allclose(result.value, expected, rtol=1e-13)
    if result.size:
        assert mg.check_gradients((result * RNG.normal(size=result.shape)).sum()).ok


@pytest.mark.parametrize(
    "arguments",
    [
        (A, [0, 1], B, [1, 2], [0, 2]),
        (A, [0, 1], B, [1, 2]),
        (A, (1, 0)),
        (A, [5, 2], B, [2, 30], ()),
        (A, [..., 1], [...]),
        (A, [0, ...], B, [..., 1]),  # what they stand for is laid over one another: 3 over 3
        (A, [np.int64(3), 1]),
        (M, [0, 0]),
    ],
)
def test_numbers_do_as_well_as_letters(arguments: tuple[Any, ...]) -> None:
    values = [x.value if isinstance(x, mg.Node) else x for x in arguments]
    for function in (mg.einsum, np.einsum):
        np.testing.assert_allclose(function(*arguments).value, np.einsum(*values), rtol=1e-13)


def test_what_an_ellipsis_stands_for_is_told_by_letters_of_its_own() -> None:
    stack = mg.data(RNG.normal(size=(5, 3, 4)), "C")
    Z = mg.einsum("...aj,...jk->...ak", A, stack).named("Z")
    assert to_text(Z.formula()) == "einsum(A, C; aj,bjk→bak)"
    assert to_text(mg.grad(Z.sum().named("J"), A).formula()) == "einsum(∂J/∂Z, C; bak,bjk→aj)"


def test_numpy_s_function_means_it_and_its_other_options_are_refused() -> None:
    Z = np.einsum("ij,jk->ik", A, B)
    assert isinstance(Z, mg.Node) and np.allclose(Z.value, A.value @ B.value)
    assert np.allclose(np.einsum("ij,jk,kl", A, B, np.ones((4, 1))).value, A.value @ B.value @ np.ones((4, 1)))
    with pytest.raises(TypeError, match=r"np\.einsum of a node does not take order"):
        np.einsum("ij,jk->ik", A, B, order="F")
    expected = np.einsum("ij,jk->ik", A.value, B.value)
    for optimize in (True, "greedy"):  # how it is computed is left to minigraph
        np.testing.assert_allclose(np.einsum("ij,jk->ik", A, B, optimize=optimize).value, expected, rtol=1e-14)


def test_large_products_are_left_to_blas_and_give_the_same() -> None:
    X, Y, Z = (RNG.normal(size=shape) for shape in ((20, 30), (30, 25), (25, 4)))
    np.testing.assert_allclose(mg.einsum("ij,jk,kl->il", X, Y, Z).value, X @ Y @ Z, rtol=1e-12)


def test_the_derivative_of_an_einsum_is_an_einsum() -> None:
    Z = mg.einsum("ij,jk->ik", A, B).named("Z")
    J = mg.tanh(Z).sum().named("J")
    by_a, by_b = mg.grad(J, [A, B])
    assert to_text(by_a.formula()) == "einsum(∂J/∂Z, B; ik,jk→ij)"
    assert to_text(by_b.formula()) == "einsum(A, ∂J/∂Z; ij,ik→jk)"
    assert to_ascii(by_a.formula()) == "einsum(dZ, B, 'ik,jk->ij')"
    assert to_latex(Z.formula()) == r"\operatorname{einsum}\left(A, B;\ \text{ij,jk}\to \text{ik}\right)"


def test_what_is_told_of_a_product_is_its_index_sum() -> None:
    J = mg.tanh(mg.einsum("ij,jk->ik", A, B).named("Z")).sum().named("J")
    told = str(mg.explain(J, wrt=A))
    assert "∂J/∂A[i, k] = Σₚ ∂J/∂Z[i, p] · B[k, p]   p = 0 … 3" in told
    assert "∂J/∂B[i, k] = Σₚ A[p, i] · ∂J/∂Z[p, k]   p = 0 … 1" in str(mg.explain(J, wrt=B))


def test_a_trace_is_told_by_its_diagonal() -> None:
    trace = mg.einsum("ii->", M).named("t")
    J = mg.square(trace).named("J")
    assert to_text(mg.grad(J, M).formula()) == "einsum(∂J/∂t; →ii)"
    np.testing.assert_allclose(mg.grad(J, M).value, 2 * trace.value * np.eye(3))
    assert "∂J/∂M[i, k] = [i = k] · ∂J/∂t" in str(mg.explain(J, wrt=M))
    assert "∂J/∂M[0, 1] = [0 = 1] · ∂J/∂t ≈ 0 · " in str(mg.explain(J, wrt=M, entry=(0, 1)))
    assert "∂J/∂M[1, 1] = ∂J/∂t ≈ " in str(mg.explain(J, wrt=M, entry=(1, 1)))
    entry = str(mg.explain(mg.square(mg.einsum("ii->i", M)).sum().named("J"), wrt=M))
    assert "∂J/∂M[i, k] = [i = k] · " in entry
    assert entry.count("✓") == 1


def test_an_axis_that_is_added_up_alone_repeats_the_gradient() -> None:
    s = mg.einsum("ij->j", A).named("s")
    J = (s * np.array([1.0, 2.0, 3.0])).sum().named("J")
    assert to_text(mg.grad(J, A).formula()) == "einsum(∂J/∂s; j→ij)"
    assert to_ascii(mg.grad(J, A).formula()) == "einsum(ds, 'j->ij', sizes={'i': 2})"
    assert mg.grad(J, A).value.tolist() == [[1, 2, 3], [1, 2, 3]]


def test_the_shapes_are_told_by_letters() -> None:
    told = str(mg.why_shape(mg.einsum("ij,jk->ik", A, B)))
    assert "the axes of (2, 3) are called i, j; over j it is added up" in told
    told = str(mg.why_shape(mg.einsum("i,->i", A[0], A[0, 0])))
    assert "the axes of (3,) are called i" in told and "added up" not in told


def test_other_precisions_and_infinities_stay_where_they_are() -> None:
    t = mg.parameter(np.float32(np.inf), dtype=np.float32)
    x = mg.parameter(np.ones((2, 2), np.float32))
    gradient = mg.grad(mg.einsum("ii->", x) * t, x)
    assert gradient.dtype == np.float32 and gradient.value.tolist() == [[np.inf, 0], [0, np.inf]]
    assert mg.compile(gradient)().tolist() == [[np.inf, 0], [0, np.inf]]
