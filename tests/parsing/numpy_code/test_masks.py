"""Comparisons in traced code: masks that follow the values, what may be done with them, and what is refused."""

import numpy as np
import pytest

import minigraph as mg

A2 = np.array([[1.0, -2.0], [3.0, 0.5]])
LABELS = np.array([[1.0, 1.0], [1.0, 0.0]])


def accuracy_of_booleans(p, Y):
    return np.mean((p > 0) == (Y > 0.5))


def accuracy_of_numbers(p, Y):
    guess = (p > 0).astype(float)
    return np.mean(guess == Y) * 100


def accuracy_by_method(p, Y):
    guess = (p > 0).astype(int).copy()
    return (guess == Y).mean()


def errors(p, Y):
    return np.sum((p > 0) != Y) / Y.size


def by_functions(p, Y):
    right = np.equal(np.where(p > 0, 1.0, 0.0), Y)
    return np.sum(np.logical_or(right, np.not_equal(p, 3)) * p) + np.sum(np.logical_and(right, Y) * np.logical_not(right))


def by_signs(p, Y):
    inside = (p > 0) & (p < 2)
    return (
        np.sum(p * (inside | (Y == 0)) + ~inside * 10.0 * p)
        + np.sum((p == A2) * 2.0)
        + np.sum((Y > 0.5) & LABELS.astype(bool))
    )


FUNCTIONS = [accuracy_of_booleans, accuracy_of_numbers, accuracy_by_method, errors, by_functions]


@pytest.mark.parametrize("function", [*FUNCTIONS, by_signs])
def test_comparisons_are_what_numpy_has_and_follow_the_values(function) -> None:
    fixed = "A2,LABELS" if function is by_signs else ""
    result, n = mg.trace(function, p=A2, Y=LABELS, data="Y", fixed=fixed)
    assert result.value == function(A2, LABELS)
    for p, Y in [(-A2, LABELS), (A2, 1 - LABELS), (np.array([[np.inf, -np.inf], [0.0, -0.0]]), LABELS)]:
        n["p"].value, n["Y"].value = p, Y
        with np.errstate(invalid="ignore"):
            np.testing.assert_equal(result.value, function(p, Y))


def test_masks_are_not_differentiated() -> None:
    J, n = mg.trace(lambda W: np.sum(W * ((W > 0) & (W < 2))), A2)
    assert mg.grad(J, n["W"]).value.tolist() == [[1, 0], [0, 1]]


def test_a_comparison_with_what_is_no_array_asks_for_identity() -> None:
    def f(W, b=None):
        assert b is None and W != "x" and not W == "x" and W != None and not (b == W)  # noqa: E711, SIM201
        return np.sum(W)

    assert mg.trace(f, A2)[0].value == 2.5


def test_outside_of_a_trace_nodes_equal_themselves_only() -> None:
    a, b = mg.data(1.0, "a"), mg.data(1.0, "b")
    assert a == a and a != b and a != "a"
    assert (a != a) is False
    with pytest.raises(TypeError, match="a node equals itself and nothing else"):
        a != 1.0  # noqa: B015


@pytest.mark.parametrize("combine", [lambda a: a & True, lambda a: True | a, lambda a: ~a, lambda a: a | a])
def test_and_or_and_not_outside_say_what_to_write(combine) -> None:
    with pytest.raises(TypeError, match=r"'a' is \(\): [&|~] is for masks.*choose by it with mg.where"):
        combine(mg.data(1.0, "a"))


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda W: np.sum(W[W > 0]), r"a mask as an index.*np.sum\(a \* mask\) / np.sum\(mask\)"),
        (lambda W: np.sum(W[:, np.sum(W, axis=0) > 0]), "a mask as an index"),
        (lambda W: np.sum(W.astype(int)), "'W' is .*as int64 it would lose its derivative"),
        (lambda W: np.sum(W.astype(np.float32)), "it is float64, like what it is made of. Leave .astype out"),
        (lambda W: np.sum(W) if W in [W * 2] else W, "a graph has one way only"),
    ],
)
def test_what_has_no_place_in_a_graph(function, says) -> None:
    with pytest.raises(TypeError, match=says):
        mg.trace(function, A2)


def test_a_dtype_that_a_node_has_already() -> None:
    J, _ = mg.trace(lambda W: np.sum(W.astype(np.float32) * (W > 0).astype(np.float64)), A2.astype(np.float32))
    assert J.dtype == np.float32 and J.value == 4.5


def test_a_trace_in_a_trace_compares_nodes_of_minigraph_by_identity() -> None:
    """What the package itself asks of nodes while the outer function runs is identity."""

    def outer(W):
        J, n = mg.trace(lambda V: np.sum(V * (V == V * 1)), W)
        return J + n["V"].sum() + mg.grad(J, W).sum()

    assert mg.trace(outer, A2)[0].value == 2.5 + 2.5 + 4
