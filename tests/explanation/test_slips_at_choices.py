"""Slips where entries are chosen, each written by hand in NumPy: an index that repeats, a tie, a path that is left out."""

import numpy as np
import pytest

import minigraph as mg

REPEATED = [
    ([1, 3, 1, 0], (5, 2)),
    ([[0, 2], [2, 2]], (3, 4)),
    (([0, 1, 0], [2, 2, 2]), (2, 3)),
]


@pytest.mark.parametrize("index, shape", REPEATED)
@pytest.mark.parametrize("further", [True, False])
def test_an_index_that_takes_an_entry_twice(index, shape, further):
    table = mg.parameter(np.random.default_rng(0).normal(size=shape), "E")
    source = mg.tanh(table).named("T") if further else table
    taken = source[index].named("rows")
    J = (taken**2).sum().named("J")
    mine, right = np.zeros(shape), np.zeros(shape)
    mine[index] += 2 * taken.value
    np.add.at(right, index, 2 * taken.value)
    slope = 1 - source.value**2 if further else 1.0
    assert mg.compare(J, table, right * slope)
    found = mg.compare(J, table, mine * slope)
    name = "T" if further else "E"
    assert any(f"np.add.at(d{name}, index, …) adds all" in told for told in found.diagnoses), str(found)


def test_an_index_without_repeats_is_not_blamed():
    E = mg.parameter([[1.0, 2.0], [3.0, -4.0], [0.5, 0.7]], "E")
    found = mg.compare((E[[2, 0]] ** 2).sum().named("J"), E, [[2.0, 4.0], [0.0, 0.0], [1.0, 1.5]])
    assert not found.ok and "np.add.at" not in str(found)


@pytest.mark.parametrize("function", [mg.max, mg.min])
@pytest.mark.parametrize("axis, keepdims", [(0, True), (1, False), (None, False), ((0, 1), True)])
def test_a_tie_given_to_one_or_to_all(function, axis, keepdims):
    sign = 1 if function is mg.max else -1
    x = mg.parameter(sign * np.array([[2.0, 3.0, 3.0], [3.0, 3.0, 3.0]]), "x")
    J = (function(x, axis=axis, keepdims=keepdims) ** 2).sum().named("J")
    best = sign * x.value
    chosen = best == np.max(best, axis=axis, keepdims=True)
    along = (0, 1) if axis is None else np.atleast_1d(axis)
    lead = {
        (0,): ([[0, 1, 1], [1, 0, 0]], [[0, 0, 0], [1, 1, 1]]),
        (1,): ([[0, 1, 0], [1, 0, 0]], [[0, 0, 1], [0, 0, 1]]),
        (0, 1): ([[0, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 1]]),
    }[tuple(map(int, along))]
    for share, words in (
        (chosen, "all equal entries had all of it"),
        (lead[0], "the first of the equal entries had all of it"),
        (lead[1], "the last of the equal entries had all of it"),
    ):
        found = mg.compare(J, x, 2 * x.value * share)
        assert any("at a tie" in told and words in told for told in found.diagnoses), str(found)


@pytest.mark.parametrize("function", [mg.maximum, mg.minimum])
def test_two_that_are_equal(function):
    a, b = mg.parameter([1.0, 2.0, 3.0, 3.0], "a"), mg.data([1.0, 2.0, 1.0, 5.0], "b")
    J = (function(a, b) ** 2).sum().named("J")
    right = mg.grad(J, a).value
    for share, words in ((2.0, "all equal entries had all of it"), (0.0, "no equal entry had any of it")):
        found = mg.compare(J, a, np.where(a.value == b.value, share * right, right))
        assert any(words in told for told in found.diagnoses), str(found)


def test_without_a_tie_nothing_is_shared():
    x = mg.parameter([1.0, 2.0, 3.0], "x")
    assert "tie" not in str(mg.compare(mg.max(x).named("J"), x, [0.0, 1.0, 0.0]))


def test_a_loop_over_time_that_adds_only_the_last_step():
    U, h = mg.parameter([[0.3, -0.4], [0.2, 0.5]], "U"), mg.data([[1.0], [0.5]], "h0")
    for t in range(1, 4):
        h = mg.tanh((U @ h).named(f"z{t}")).named(f"h{t}")
        before = h.inputs[0].inputs[1].value
    J = (h**2).sum().named("J")
    last = (2 * h.value * (1 - h.value**2)) @ before.T
    assert mg.compare(J, U, last).diagnoses == (
        "of 3 contributions to U only the first was added, as of a loop that ends too early: what comes from z2 and z1 is "
        "missing.",
    )


def test_a_mask_that_lets_nothing_through_is_called_what_is_missing():
    U, h = mg.parameter(np.random.default_rng(0).normal(size=(2, 2)), "U"), mg.data(np.ones((2, 1)), "h0")
    for t in range(1, 4):
        h = mg.tanh((U @ h).named(f"z{t}")).named(f"h{t}")
        before = h.inputs[0].inputs[1].value
    J = (h**2).sum().named("J")
    told = str(mg.compare(J, U, (2 * h.value * (1 - h.value**2)) @ before.T))
    assert "mask" not in told and "what comes from z2 and z1 is missing" in told


@pytest.mark.parametrize("wrong", [0.5, 2.0, 3.0, 5.0])
def test_a_tie_allows_for_no_other_gradient(wrong):
    a, b = mg.parameter([1.0, 2.0, 3.0], "a"), mg.data([1.0, 2.0, 1.0], "b")
    J = (mg.maximum(a, b) ** 2).sum().named("J")
    assert mg.compare(J, a, mg.grad(J, a).value).ok
    assert not mg.compare(J, a, mg.grad(J, a).value * [wrong, 1, 1]).ok
