"""An einsum as instructions: BLAS where it is a product of matrices, ufuncs and views where it is not."""

import numpy as np
import pytest

import minigraph as mg

SIZES = {"a": 2, "b": 3, "h": 2, "i": 4, "j": 3, "k": 5, "l": 2}
RNG = np.random.default_rng(5)


@pytest.mark.parametrize(
    ("subscripts", "functions"),
    [
        ("ij,jk->ik", ["dot"]),
        ("ij,kj->ik", ["dot"]),
        ("ji,jk->ik", ["dot"]),
        ("ij,j->i", ["dot"]),
        ("i,j->ij", ["multiply"]),
        ("ij,ij->ij", ["multiply"]),
        ("ij->ji", []),
        ("ij->j", ["dot"]),
        ("ij,ij->", ["multiply", "dot"]),
        ("bi,bi->b", ["multiply", "dot"]),
        ("aij,ajk->aik", ["matmul"]),
        ("ahij,ahkj->ahik", ["matmul"]),
        ("ij,jk,kl->il", ["dot", "dot"]),
        ("ii->i", ["forward"]),
    ],
)
def test_what_it_becomes(subscripts: str, functions: list[str]) -> None:
    terms = subscripts.partition("->")[0].split(",")
    leaves = [mg.parameter(RNG.normal(size=[SIZES[letter] for letter in term])) for term in terms if term != "ii"]
    leaves = leaves or [mg.parameter(RNG.normal(size=(4, 4)))]
    program = mg.compile(mg.einsum(subscripts, *leaves), without=["share"])
    step = [instruction.function for instruction in program.machine.instructions.step]
    assert [function for function in step if function != "copyto"] == functions
    np.testing.assert_allclose(program(), np.einsum(subscripts, *(x.value for x in leaves)), rtol=1e-13)


@pytest.mark.parametrize(
    "subscripts", ["ij,ik,il->jkl", "i,i,i->", "ab,bi,i,j->aj", "ij,ij,ij->j", "i,j,k->", "iij,ji,kk->k"]
)
@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_values_and_gradients_of_many_operands(subscripts: str, backend: str) -> None:
    terms = subscripts.partition("->")[0].split(",")
    leaves = [mg.parameter(RNG.normal(size=[SIZES[letter] for letter in term])) for term in terms]
    y = mg.einsum(subscripts, *leaves)
    gradients = mg.grad(mg.square(y).sum(), leaves)
    y_there, *there = mg.compile([y, *gradients], backend=backend)()
    np.testing.assert_allclose(y_there, np.einsum(subscripts, *(x.value for x in leaves)), rtol=1e-12)
    for here, gradient in zip(there, gradients, strict=True):
        np.testing.assert_allclose(here, gradient.value, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("subscripts", ["ia,ja,ka->", "ij,ik,il->jkl", "i,i,i->"])
def test_three_operands_at_once_keep_what_the_last_one_needs(subscripts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minigraph.program.lowering.products._order", lambda op, operands: [(0, 1, 2)])
    terms = subscripts.partition("->")[0].split(",")
    leaves = [mg.parameter(RNG.normal(size=[SIZES[letter] for letter in term])) for term in terms]
    expected = np.einsum(subscripts, *(x.value for x in leaves))
    np.testing.assert_allclose(mg.compile(mg.einsum(subscripts, *leaves))(), expected, rtol=1e-12)
