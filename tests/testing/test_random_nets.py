"""Random nets: shapes in letters, what entries are, and values that only the generator decides."""

import numpy as np
import pytest
from students import one_hidden_layer

import minigraph as mg
from minigraph.testing import RandomNets


def value_of(nets, name, **sizes):
    return {node.name: node.value for node in leaves(nets.draw(sizes, np.random.default_rng(0)))}[name]


def leaves(J):
    return [x for node in J.inputs for x in leaves(node)] if J.inputs else [J]


def of(entries, **more):
    """Nets of one parameter w, and of x with these entries."""
    return RandomNets(lambda x, w: (w * x).sum(), x=entries, w="", **more)


def test_shapes_follow_letters():
    nets = one_hidden_layer()
    assert dict(nets.least) == {"n": 1, "m": 1, "h": 1}
    J = nets.draw({"n": 2, "m": 5, "h": 3}, np.random.default_rng(0))
    assert {node.name: node.shape for node in leaves(J) if node.name} == {
        "X": (2, 5), "Y": (1, 5), "W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)
    }  # fmt: skip
    assert {node.name for node in leaves(J) if node.role == "parameter"} == {"W1", "b1", "W2", "b2"}
    assert repr(nets) == "<random nets of X (n, m), Y (1, m), W1 (h, n), b1 (h, 1), W2 (1, h), b2 (1, 1)>"


def test_the_generator_decides_the_values():
    sizes = {"n": 2, "m": 5, "h": 3}
    first, again, other = (float(one_hidden_layer().draw(sizes, np.random.default_rng(k))) for k in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize(
    ("entries", "allowed"),
    [("n m: 0 or 1", {0, 1}), ("n m: -1 or 1", {-1, 1}), ("n m: 0 or 0.5 or 1", {0, 0.5, 1}), ("n m: below 3", {0, 1, 2})],
)
def test_numbers_to_choose_from(entries, allowed):
    assert set(value_of(of(entries), "x", n=10, m=10).ravel()) == allowed


def test_one_hot_columns_and_rows():
    columns = value_of(of("k m: one-hot"), "x", k=3, m=20)
    rows = value_of(of("m k: one-hot rows"), "x", k=3, m=20)
    for array in (columns, rows.T):
        assert array.shape == (3, 20) and set(array.ravel()) == {0, 1}
        assert (array.sum(0) == 1).all() and (array.sum(1) > 0).all()


def test_of_classes_there_are_at_least_two():
    assert dict(of("k m: one-hot").least) == {"k": 2, "m": 1}
    assert dict(of("m: below k").least) == {"m": 1, "k": 2}
    assert dict(of("m k: one-hot rows").least) == {"m": 1, "k": 2}
    assert dict(of("m: below k", at_least={"m": 3, "k": 1}).least) == {"m": 3, "k": 2}
    assert set(value_of(of("m: below k"), "x", m=50, k=4)) == {0, 1, 2, 3}


def test_positive_numbers_and_any_numbers():
    assert (value_of(of("n m: positive"), "x", n=20, m=20) > 0.1).all()
    drawn = value_of(of("n m"), "x", n=20, m=20)
    assert abs(drawn.mean()) < 0.2 and abs(drawn.std() - 1) < 0.1
    assert value_of(of(""), "x").shape == ()


def test_data_can_be_named():
    nets = RandomNets(lambda U, X: (U * X).sum(), data="U", U="n", X="n")
    J = nets.draw({"n": 2}, np.random.default_rng(0))
    assert [(x.name, x.role) for x in leaves(J)] == [("U", "data"), ("X", "parameter")]


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ({"X": "n m"}, "all of X are data"),
        ({}, "all of no arguments are data"),
        ({"W": "h n: odd"}, "W='h n: odd' can't be read"),
        ({"W": "m: one-hot"}, "can't be read"),
        ({"W": "h×n"}, "'h×n' is neither a number nor a letter"),
        ({"W": "h n", "at_least": {"k": 2}}, "at_least names 'k', and the letters are h, n"),
    ],
)
def test_what_can_not_be_read_is_refused(shapes, words):
    with pytest.raises(ValueError, match=words):
        RandomNets(lambda **leaves: None, **shapes)


def test_the_function_gives_a_cost():
    for cost, words in [(lambda w: 3, "gives int"), (lambda w: w * 2, r"gives a node of shape \(2,\)")]:
        with pytest.raises(TypeError, match=words):
            RandomNets(cost, w="n").draw({"n": 2}, np.random.default_rng(0))
    assert mg.grad(RandomNets(lambda w: np.sum(w**2), w="n").draw({"n": 2}, np.random.default_rng(0)), []) == []
