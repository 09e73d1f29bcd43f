"""Transposes of fixed data lie row by row."""

import numpy as np
import pytest

import minigraph as mg


def layer(rows=12, size=(120, 100)):
    random = np.random.default_rng(8)
    X = mg.data(random.standard_normal(size), "X")
    W = mg.parameter(random.standard_normal((rows, size[0])) / 10, "W")
    V = mg.parameter(random.standard_normal((rows, size[0])) / 10, "V")
    J = (mg.tanh(W @ X) * mg.sigmoid(V @ X)).mean()
    return X, J, {leaf: leaf - 0.1 * g for leaf, g in zip((W, V), mg.grad(J, [W, V]), strict=True)}


def test_one_copy_serves_all_products():
    X, J, updates = layer()
    program = mg.compile(J, updates=updates)
    assert program.source.count("copyto(copy_X, X_T)") == 1
    assert program.source.count(".dot(copy_X, ") == 2
    for _ in range(3):
        expected, following = J.value, [new.value for new in updates.values()]
        assert program() == pytest.approx(float(expected), rel=1e-13)
        for leaf, value in zip(updates, following, strict=True):
            np.testing.assert_allclose(leaf.value, value, rtol=1e-12)
        X.value = X.value[::-1] * 0.9  # the copy is made anew


def test_an_array_is_fixed_too():
    features = np.random.default_rng(8).standard_normal((120, 100))
    W = mg.parameter(np.random.default_rng(9).standard_normal((12, 120)) / 10, "W")
    J = mg.tanh(W @ features).mean()
    program = mg.compile(J, updates={W: W - 0.1 * mg.grad(J, W)})
    assert program.source.count("copyto(") == 1
    expected, following = J.value, program.graph.updates[W].value
    assert program() == pytest.approx(float(expected), rel=1e-13)
    np.testing.assert_allclose(W.value, following, rtol=1e-12)


@pytest.mark.parametrize("given", [False, True])
def test_what_is_worked_out_from_data_is_fixed_too(given):
    """In a small layer that is X with a row of ones."""
    X, _J, _updates = layer()
    random = np.random.default_rng(9)
    W, b = mg.parameter(random.standard_normal((12, 120)) / 10, "W"), mg.parameter(np.zeros((12, 1)), "b")
    J = mg.tanh(W @ X + b).mean()
    updates = {leaf: leaf - 0.1 * g for leaf, g in zip((W, b), mg.grad(J, [W, b]), strict=True)}
    program = mg.compile(J, [X] if given else [], updates)
    turned = "copyto(copy_X, withones_X_T)" in program.source
    assert turned is not given and (".dot(copy_X, " in program.source) is turned
    for scale in (1.0, 0.9):
        X.value = X.value * scale
        expected, following = J.value, [new.value for new in updates.values()]
        assert program(*([X.value] if given else [])) == pytest.approx(float(expected), rel=1e-13)
        for leaf, value in zip(updates, following, strict=True):
            np.testing.assert_allclose(leaf.value, value, rtol=1e-12, atol=1e-15)


SIZES = {
    "one row": (1, (1300, 10)),
    "small": (12, (10, 100)),
    "a small gradient": (11, (100, 100)),
    "large": (2, (3000, 100)),
}


@pytest.mark.parametrize("case", [*SIZES, "given", "left out", "updated"])
def test_else_the_transpose_is_seen(case):
    X, J, updates = layer(*SIZES.get(case, (12, (120, 100))))
    if case == "updated":
        updates[X] = X * 0.5
    program = mg.compile(J, [X] if case == "given" else [], updates, without=["turn"] if case == "left out" else [])
    assert "copyto" not in program.source and ".dot(X_T, " in program.source
    expected = J.value
    assert program(*([X.value] if case == "given" else [])) == pytest.approx(float(expected), rel=1e-13)
