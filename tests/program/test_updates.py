"""Updates: any expressions for any leaves, all computed before any is assigned."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.program import passes


def test_all_updates_see_the_values_before_the_step():
    a, b = mg.parameter([1.0, 2.0], "a"), mg.parameter([3.0, 4.0], "b")
    swap = mg.compile(a.sum(), updates={a: b, b: a})
    assert swap() == 3.0
    assert (a.value.tolist(), b.value.tolist()) == ([3.0, 4.0], [1.0, 2.0])
    swap.repeat(3)
    assert (a.value.tolist(), b.value.tolist()) == ([1.0, 2.0], [3.0, 4.0])
    for steps in (2, 1, 2):
        swap.repeat(steps)
    assert (a.value.tolist(), b.value.tolist()) == ([3.0, 4.0], [1.0, 2.0])


def test_updates_may_share_be_constant_or_stay():
    a, b, c = mg.parameter(1.0, "a"), mg.parameter(2.0, "b"), mg.parameter(3.0, "c")
    total = a + b
    program = mg.compile([total, a], updates={a: total, b: total, c: c})
    assert program() == [3.0, 1.0]
    assert (a.value, b.value, c.value) == (3.0, 3.0, 3.0)
    again = mg.compile(a, updates={a: mg.data(5.0) * 1, b: mg.broadcast_to(4.0, ())})
    assert again() == 3.0
    assert (a.value, b.value) == (5.0, 4.0)


@pytest.mark.parametrize("without", [(), ("stack", "flatten", "reuse")])
@pytest.mark.parametrize("new", [lambda v: v, lambda v: 2 * v, mg.exp], ids=["data", "scaled data", "computed once"])
def test_a_leaf_that_is_set_to_what_stays_keeps_it(new, without):
    w, u, v = mg.parameter([1.0, 2.0], "w"), mg.parameter([1.0, 1.0], "u"), mg.data([3.0, 4.0], "v")
    fixed = new(v)
    program = mg.compile([w * u, mg.exp(-fixed)], updates={w: fixed, u: u + 1}, without=without)
    assert program()[0].tolist() == [1.0, 2.0]
    for count in (1, 1, 2, 3):
        before = u.value
        products, decays = program.repeat(count)
        for step in range(count):
            assert np.array_equal(products[step], fixed.value * (before + step))
            assert np.array_equal(decays[step], np.exp(-fixed.value))
        assert np.array_equal(w.value, fixed.value)


def test_data_can_hold_state():
    w, v = mg.parameter(1.0, "w"), mg.data(0.0, "v")
    J = (w * w).named("J")
    velocity = 0.9 * v + mg.grad(J, w)
    step = mg.compile(J, updates={v: velocity, w: w - 0.1 * velocity})
    step()
    assert (v.value, w.value) == (2.0, pytest.approx(0.8, rel=1e-15))


def test_an_output_may_be_a_new_value():
    w = mg.parameter([1.0, 2.0], "w")
    new = (w * 3).named("new")
    program = mg.compile([new, w, new * 2], updates={w: new})
    a, b, c = program()
    assert (a.tolist(), b.tolist(), c.tolist()) == ([3.0, 6.0], [1.0, 2.0], [6.0, 12.0])
    assert w.value.tolist() == [3.0, 6.0]


UPDATES_OF_ONE = {
    "a product": lambda w, M: M @ w,
    "of products": lambda w, M: 0.1 * (w @ w) + w,
    "its transpose": lambda w, M: w.T,
    "with its transpose": lambda w, M: w + 0.5 * w.T,
    "with a row of it": lambda w, M: w - 0.5 * w[0:1],
    "with a sum of it": lambda w, M: w - 0.1 * mg.sum(w, axis=0, keepdims=True),
    "twice itself": lambda w, M: w + w * w * 0.1,
    "an entry for all": lambda w, M: mg.broadcast_to(w[0, 1], (2, 2)) * M,
    "a maximum": lambda w, M: mg.maximum(w * 0.9, M),
    "tanh": lambda w, M: mg.tanh(w),
    "sigmoid": lambda w, M: mg.sigmoid(w),
    "leaky_relu": lambda w, M: mg.leaky_relu(w),
    "softplus": lambda w, M: mg.softplus(w),
    "abs": lambda w, M: mg.abs(w),
    "powers": lambda w, M: 0.1 * w**3 + w**2,
    "softmax": lambda w, M: mg.softmax(w, axis=0),
}


@pytest.mark.parametrize("without", [(), ("reuse",), passes.names()], ids=["all passes", "no reuse", "no pass"])
@pytest.mark.parametrize("new", UPDATES_OF_ONE.values(), ids=UPDATES_OF_ONE)
def test_the_only_leaf_may_be_written_over_only_when_nobody_reads_it_any_more(new, without):
    start, M = np.array([[1.0, -2.0], [0.5, 3.0]]), mg.data([[0.5, 0.25], [-0.5, 0.75]], "M")
    for outputs in (
        lambda w, following: w.sum(),
        lambda w, following: [following.sum(), (w * w).sum()],
        lambda w, following: [2 * following, w],
        lambda w, following: [following, following.T @ w],
    ):
        w, shadow = mg.parameter(start, "w"), mg.parameter(start, "w")
        following, expected_following = new(w, M), new(shadow, M)
        program = mg.compile(outputs(w, following), updates={w: following}, without=without)
        expected = outputs(shadow, expected_following)
        for _ in range(4):
            found, rows, value = program(), expected, expected_following.value
            pairs = zip(found, rows, strict=True) if isinstance(rows, list) else [(found, rows)]
            for a, node in pairs:
                np.testing.assert_allclose(a, node.value, rtol=1e-13)
            shadow.value = value
            np.testing.assert_allclose(w.value, value, rtol=1e-13)


@pytest.mark.parametrize("without", [(), ("flatten",)])
def test_two_leaves_may_get_one_value(without):
    a, b = mg.parameter([1.0, 2.0], "a"), mg.parameter([3.0, 5.0], "b")
    middle = 0.5 * (a + b)
    program = mg.compile((a * b).sum(), updates={a: middle, b: middle}, without=without)
    assert program.repeat(3).tolist() == [13.0, 4.0 + 3.5**2, 4.0 + 3.5**2]
    assert a.value.tolist() == b.value.tolist() == [2.0, 3.5]
    a.value = [0.0, 0.5]
    assert program() == 0.5 * 3.5
    assert a.value.tolist() == b.value.tolist() == [1.0, 2.0]


def test_a_new_value_is_copied_out_once():
    w, x = mg.parameter(np.ones(3), "w"), mg.data(np.ones(3), "x")
    program = mg.compile(mg.sum(w * x), updates={w: w * 0.5})
    program()
    taken = w.value
    x.value = np.zeros(3)  # all is looked at anew
    assert w.value is taken
    program()
    assert w.value.tolist() == [0.25] * 3
    assert taken.tolist() == [0.5] * 3
