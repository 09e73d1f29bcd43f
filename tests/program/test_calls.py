"""What a call looks at: new data, arrays changed in place, leaves that others set or read meanwhile."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.pulling import Clock
from minigraph.program.machine import LARGEST_COMPARED


class Counted(mg.Elementwise):
    """x, and how often it was computed."""

    def __init__(self):
        self.times = 0

    def forward(self, x):
        self.times += 1
        return x * 1.0

    def derivatives(self, y, x):
        return [mg.Identity()]


def prepared(size):
    """w · x, where something is prepared from x."""
    counted = Counted()
    x, y = mg.data(np.ones(size), "x"), mg.data(2.0, "y")
    w = mg.parameter(1.0, "w")
    return counted, x, y, mg.compile((w * counted(x)).sum() * y, inputs=[x], updates={w: w + 0.0})


@pytest.mark.parametrize("size", [3, LARGEST_COMPARED // 8 + 1])
def test_an_array_changed_in_place_between_calls_counts(size):
    _, _, _, program = prepared(size)
    array = np.ones(size)
    assert program(array) == 2 * size
    array[0] = 3
    assert program(array) == 2 * size + 4
    assert program.repeat(2, array).tolist() == [2 * size + 4] * 2


def test_the_same_small_arrays_are_prepared_once():
    counted, _, _, program = prepared(3)
    for _ in range(4):
        program([1.0, 2.0, 3.0])
    assert counted.times == 1
    program([1.0, 2.0, 4.0])
    assert counted.times == 2


def test_given_arrays_and_the_leaves_own_values_take_turns():
    counted, x, _, program = prepared(3)
    results = [float(program(*arrays)) for arrays in ([], [], [[1.0, 2.0, 3.0]], [], [[1.0, 2.0, 3.0]])]
    assert results == [6, 6, 12, 6, 12]
    x.value = [0.0, 0.0, 1.0]
    assert program() == 2
    assert counted.times == 5


def test_another_leaf_that_is_set_counts_for_given_arrays_too():
    _, _, y, program = prepared(3)
    assert program([1.0, 1.0, 1.0]) == 6
    y.value = 5.0
    assert program([1.0, 1.0, 1.0]) == 15
    assert program() == 15


def test_data_that_steps_read_themselves_count_in_every_later_call():
    w, y = mg.parameter([1.0, 2.0], "w"), mg.data([3.0, 5.0], "y")
    program = mg.compile((w * y).sum(), updates={w: w + 1.0})
    assert [float(program()) for _ in range(3)] == [13, 21, 29]
    y.value = [0.0, 1.0]
    assert [float(program()) for _ in range(3)] == [5, 6, 7]
    program.repeat(2)
    y.value = [1.0, 0.0]
    assert program.repeat(2).tolist() == [9, 10]
    assert [float(program()) for _ in range(3)] == [11, 12, 13]
    assert w.value.tolist() == [14, 15]


@pytest.mark.parametrize("size", [3, LARGEST_COMPARED // 8 + 1])
def test_a_parameter_that_is_set_leaves_what_is_prepared(size):
    counted = Counted()
    x, w = mg.data(np.ones(size), "x"), mg.parameter(1.0, "w")
    program = mg.compile((w * counted(x)).sum(), inputs=[x], updates={w: 2.0 * w})
    for value in (1.0, 3.0):
        w.value = value
        assert program() == value * size
    assert counted.times == 1


def test_a_call_after_a_call_finds_nothing_out_and_prepares_nothing():
    counted = Counted()
    x, w = mg.data(np.ones(3), "x"), mg.parameter([1.0, 2.0, 3.0], "w")
    program = mg.compile((w * counted(x)).sum(), inputs=[x], updates={w: w + 1.0})
    assert not program.machine.run_again()  # nothing is known before the first call
    assert [float(program()) for _ in range(2)] == [6, 9]
    assert program.machine.run_again() and counted.times == 1
    assert w.value.tolist() == [4, 5, 6] and not program.machine.run_again()  # somebody has read w
    assert program() == 15 and program.machine.run_again()
    w.value = [0.0, 0.0, 1.0]
    assert not program.machine.run_again()
    assert program() == 1 and counted.times == 1  # x is still the same
    assert program([1.0, 1.0, 2.0]) == 6 and not program.machine.run_again()
    assert program() == 7 and counted.times == 3


def test_no_call_while_the_program_runs():
    w = mg.parameter([1.0, 2.0], "w")
    program = mg.compile(w.sum(), updates={w: w + 1.0})
    for _ in range(3):
        program()
        with program.machine._busy, pytest.raises(RuntimeError, match="give each thread a program of its own"):
            program()


def test_after_a_refused_target_all_is_prepared_anew():
    z, y = mg.parameter([0.5], "z"), mg.data([1.0], "y")
    J = mg.bce_with_logits(z, y).sum()
    program = mg.compile(J, inputs=[y], updates={z: z + 0.0})
    expected = float(program([1.0]))
    for _ in range(2):
        with pytest.raises(mg.DomainError):
            program([3.0])
    assert program([1.0]) == expected
    assert program() == expected


def test_what_was_prepared_before_a_refusal_is_prepared_anew():
    x, y, z = mg.data([1.0], "x"), mg.data([1.0], "y"), mg.parameter([0.5], "z")
    J = (mg.exp(x) * z).sum() + mg.bce_with_logits(z, y).sum()
    program = mg.compile(J, inputs=[x, y], updates={z: z + 0.0})
    expected = program([1.0], [1.0])
    with pytest.raises(mg.DomainError):
        program([2.0], [3.0])
    assert program([1.0], [1.0]) == expected


def test_time_stands_still_while_nobody_reads():
    w = mg.parameter([1.0], "w")
    program = mg.compile(w.sum(), updates={w: 2 * w})
    program()
    before = Clock.time
    program.repeat(3)
    program()
    assert Clock.time == before
    assert w.value.tolist() == [32.0]
    program()
    assert Clock.time == before + 1
    assert w.value.tolist() == [64.0]


def test_what_depends_on_a_leaf_is_right_whoever_read_it_last():
    w, v = mg.parameter([1.0], "w"), mg.parameter([1.0], "v")
    total = w + v
    program = mg.compile(w.sum(), updates={w: 2 * w, v: 3 * v})
    program()
    assert total.value.tolist() == [5.0]
    program()
    assert v.value.tolist() == [9.0]
    program()
    assert total.value.tolist() == [8.0 + 27.0]


def test_an_interrupt_while_a_program_takes_over_loses_nothing(monkeypatch):
    a, b = mg.parameter([1.0], "a"), mg.parameter([1.0], "b")
    first, second = (mg.compile(a.sum(), updates={a: a + 1, b: b + step}) for step in (1, 10))
    first()
    first()
    lend = mg.Node._lend

    def interrupted(node, lender):
        lend(node, lender)
        raise KeyboardInterrupt

    monkeypatch.setattr(mg.Node, "_lend", interrupted)
    with pytest.raises(KeyboardInterrupt):
        second()
    monkeypatch.undo()
    first()
    assert (a.value.tolist(), b.value.tolist()) == ([4.0], [4.0])
    second()
    assert (a.value.tolist(), b.value.tolist()) == ([5.0], [14.0])


@pytest.mark.parametrize("backend", ["auto", "numpy"])
def test_an_array_at_an_odd_address_is_copied(backend):
    x = mg.data(np.ones(3), "x")
    program = mg.compile(mg.exp(x), inputs=[x], backend=backend)
    odd = np.zeros(25, np.uint8)[1:].view(np.float64)
    assert not odd.flags.aligned and program._fitting(odd, x).flags.aligned
    odd[:] = [0.0, 1.0, 2.0]
    np.testing.assert_allclose(program(odd), np.exp([0.0, 1.0, 2.0]), rtol=1e-15)


@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_a_leaf_that_is_set_between_calls_is_read_anew(backend):
    X, w = mg.data([1.0, 2.0], "X"), mg.parameter([1.0, 1.0], "w")
    program = mg.compile((w * mg.exp(X)).sum(), updates={w: w + 1}, backend=backend)
    program()
    X.value = [0.0, 0.0]
    assert program() == 4.0


@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_data_that_were_refused_are_refused_again(backend):
    z, y = mg.parameter([0.5, -1.0], "z"), mg.data([0.0, 1.0], "y")
    program = mg.compile(mg.bce(mg.sigmoid(z), y).sum(), updates={z: 0.5 * z}, backend=backend)
    before = program()
    y.value = [0.0, 2.0]
    for _ in range(2):
        with pytest.raises(mg.DomainError):
            program()
    y.value = [0.0, 1.0]
    assert np.isfinite(before) and np.isfinite(program()) and z.value.tolist() == [0.125, -0.25]
