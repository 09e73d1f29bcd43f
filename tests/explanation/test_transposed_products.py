"""Logistic regression in the notes' form, wᵀX: its gradient is X · (∂J/∂Z)ᵀ, with the shapes of that product."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.formulas import symbol, to_text


@pytest.fixture
def logistic_regression():
    X = mg.data(np.arange(6.0).reshape(3, 2), "X")
    w = mg.parameter([[1.0], [2.0], [3.0]], "w")
    return (w.T @ X).named("Z").mean().named("J"), w, X


def test_the_shapes_are_those_of_the_formula(logistic_regression):
    J, w, _ = logistic_regression
    text = str(mg.explain(J, wrt=w))
    assert "∂J/∂w = X · (∂J/∂Z)ᵀ   (3, 2)·(2, 1) → (3, 1)" in text
    assert "∂J/∂w[i, 0] = Σₚ ∂J/∂Z[0, p] · X[i, p]" in text
    assert "No other order of the two, and no other transposes, give the shape (3, 1)." in text


def test_the_weight_on_the_right(logistic_regression):
    _, _, X = logistic_regression
    W = mg.parameter(np.ones((4, 3)), "W")
    J = (X.T @ W.T).named("Z").sum().named("J")
    assert "∂J/∂W = (∂J/∂Z)ᵀ · Xᵀ   (4, 2)·(2, 3) → (4, 3)" in str(mg.explain(J, wrt=W))


def test_the_transpose_of_a_transpose_is_not_written(logistic_regression):
    J, _, X = logistic_regression
    assert "∂J/∂X = w · ∂J/∂Z   (3, 1)·(1, 2) → (3, 2)" in str(mg.explain(J, wrt=X))


@pytest.mark.parametrize("make", [mg.MatMulLeft, mg.MatMulRight])
def test_a_turned_map_does_the_same_on_transposes(make):
    generator = np.random.default_rng(0)
    local = make(mg.data(generator.normal(size=(3, 3))))
    x = mg.data(generator.normal(size=(3, 3)))
    np.testing.assert_allclose(local.turned().push(x.T).value, local.push(x).value.T)
    np.testing.assert_allclose(local.turned().pull(x.T).value, local.pull(x).value.T)


def test_other_maps_have_no_turned_form():
    assert mg.Negation().turned() is None


def test_products_of_stacks_say_which_axes_are_exchanged_and_where_a_matrix_met_many():
    rng = np.random.default_rng(3)
    A, B = mg.parameter(rng.normal(size=(2, 3, 4)), "A"), mg.parameter(rng.normal(size=(4, 2)), "B")
    told = str(mg.explain(mg.sum(mg.square(A @ B)).named("J"), wrt=B))
    assert "transpose(A; axes (0, 2, 1))" in told and "(2, 4, 3)·(2, 3, 2) → (2, 4, 2)" in told
    assert "because B (4, 2) was broadcast to (2, 4, 2)" in told
    assert "∂J/∂B[i, k] = Σₚ Σᵣ A[p, r, i] ·" in told
    for local in (mg.MatMulLeft(A), mg.MatMulRight(A)):
        assert local.turned() is None
    assert to_text(mg.MatMulLeft(A).notation(symbol("G", (2, 3, 4)))) == "transpose(A; axes (0, 2, 1)) · G"
    assert to_text(mg.MatMulRight(A).notation(symbol("G", (2, 3, 4)))) == "G · transpose(A; axes (0, 2, 1))"
    assert "the inner sizes of (2, 3, 4)·(4, 2), 4 and 4, are equal" in str(mg.why_shape(A @ B))
