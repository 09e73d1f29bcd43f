"""Steps again and again: states that are swapped, rows that follow one another, steps that end, and interrupts."""

import threading

import numpy as np
import pytest

from minigraph.program.native.rows import BINARY, COMPARISONS, OPERANDS, UNARY, Call, Lacking
from minigraph.program.native.running import Steps


def halving(interpreter):
    """w becomes w/2, and each step shows w before."""
    w, after, row, half = np.ones(3), np.zeros(3), np.zeros(3), np.array(0.5)
    calls = [Call("copyto", (w,), row), Call("multiply", (w, half), after)]
    return Steps(interpreter, calls, [w, after, row], pairs=[(0, 1)], results=[2]), w, after


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_the_value_and_the_next_are_swapped_after_each_step(interpreter, count):
    steps, w, after = halving(interpreter)
    rows = np.full((count + 1, 3), -1.0)
    assert steps.run(count, [w, after, rows]) == count == steps.done
    np.testing.assert_array_equal(rows[:count], 0.5 ** np.arange(count)[:, None] * np.ones(3))
    assert (rows[count] == -1).all()
    assert ((w, after)[count % 2] == 0.5**count).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_one_entry_fills_many_as_in_numpy(interpreter, dtype):
    x, row = np.array([0.25], dtype), np.array([1.0, 2.0, 3.0], dtype)
    filled, rows = np.zeros(5, dtype), np.zeros((2, 3), dtype)
    Steps(interpreter, [Call("sqrt", (x,), filled), Call("add", (row, x), rows)]).run(1)
    assert filled.tolist() == [0.5] * 5
    assert rows.tolist() == [[1.25, 2.25, 3.25]] * 2


def test_what_has_no_entries_lies_in_nobodys_memory(interpreter):
    steps, w, after = halving(interpreter)
    rows = np.lib.stride_tricks.as_strided(after[1:], (0, 3))
    assert steps.run(0, [w, after, rows]) == 0


def test_again_goes_on_where_the_steps_ended(interpreter):
    steps, w, after = halving(interpreter)
    rows = np.empty((5, 3))
    steps.run(2, [w, after, rows[:5]])
    assert steps.again(3) == 3 and steps.done == 5
    np.testing.assert_array_equal(rows[:, 0], 0.5 ** np.arange(5))


def test_a_run_gives_other_arrays_in_place_of_those_that_move(interpreter):
    x, out = np.ones((2, 3)), np.zeros((2, 3))
    steps = Steps(interpreter, [Call("exp", (x[1],), out[0])], [x, out])
    others = np.full((2, 3), 2.0), np.zeros((2, 3))
    assert steps.run(1, others) == 1
    assert (out == 0).all() and (others[1][1] == 0).all()
    np.testing.assert_allclose(others[1][0], np.exp(2.0), rtol=1e-15)


def test_one_more_step_is_done_on_the_arrays_that_are_given(interpreter):
    x, out = np.array([1.0]), np.zeros(1)
    steps = Steps(interpreter, [Call("negative", (x,), out)], [x, out])
    steps.run(1, [x, out])
    steps.run(1, [np.array([2.0]), np.zeros(1)])
    again = steps.one_more([x, out])  # not those that were known last
    x[0] = 3.0
    assert again() == 1 and out == -3.0


def test_what_the_interpreter_lacks_is_done_otherwise_or_refused(interpreter):
    x, out = np.array([1.0, 2.0, 3.0]), np.zeros(3)
    parts = x[:2], x[1:]  # the sum fills a part of what it reads
    with pytest.raises(Lacking, match="part of an operand"):
        Steps(interpreter, [Call("add", parts, x[:2])])
    other = Call("add", (x, x), out.view(np.int64)[:3], otherwise=lambda now: out.__setitem__(0, 7.0))
    assert Steps(interpreter, [other]).run(1) == 1
    assert out.tolist() == [7.0, 0.0, 0.0]


def test_arrays_at_odd_addresses_are_not_taken_for_others(interpreter):
    x, out = np.ones(3), np.zeros(3)
    steps = Steps(interpreter, [Call("exp", (x,), out)], [x, out])
    odd = np.zeros(25, np.uint8)[1:].view(np.float64)
    assert not odd.flags.aligned
    with pytest.raises(ValueError, match="laid out in another way"):
        steps.run(1, [odd, out])


def test_steps_end_before_one_that_is_not_finite(interpreter):
    w, after, row = np.array([1e300]), np.zeros(1), np.zeros(1)
    calls = [Call("copyto", (w,), row), Call("multiply", (w, np.array(1e3)), after), Call("finite", (after,))]
    steps, rows = Steps(interpreter, calls, [w, after, row], pairs=[(0, 1)], results=[2]), np.empty((9, 1))
    assert steps.run(9, [w, after, rows]) == 2 == steps.done
    assert w == 1e306 and np.isinf(after)  # what was whole is in its place
    np.testing.assert_allclose(rows[:2, 0], [1e300, 1e303])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_every_entry_is_looked_at(vectors, bad, dtype):
    x = np.full((3, 41), np.finfo(dtype).max, dtype)
    x[1] = -5e-324
    views = {"rows": x, "turned": x.T, "every other": x[:, ::2], "one": x[1, 40], "none": x[:0]}
    for seen in ({name: np.asarray(view) if view.ndim else x[1, 40:].reshape(()) for name, view in views.items()}).values():
        steps = Steps(vectors, [Call("finite", (seen,))])
        assert steps.run(1) == 1
        for place in np.ndindex(seen.shape):
            before, seen[place] = seen[place], bad
            assert steps.run(1) == 0
            seen[place] = before
    assert steps.run(1) == 1


def test_long_runs_are_cut_into_calls_and_lose_nothing(interpreter):
    total, one, row = np.zeros(1), np.ones(1), np.zeros(1)
    steps = Steps(interpreter, [Call("add", (total, one), total), Call("copyto", (total,), row)], [row], results=[0])
    rows = np.empty((300_000, 1))
    assert steps.run(300_000, [rows]) == 300_000
    np.testing.assert_array_equal(rows[:, 0], np.arange(1, 300_001))
    assert 1 < steps._at_once < 300_000


def test_slow_steps_are_done_in_fewer_at_once(interpreter):
    x = np.ones(2_000_000)
    steps = Steps(interpreter, [Call("exp", (x,), np.empty_like(x))] * 4)
    steps._at_once = 4
    assert steps.run(4) == 4
    assert steps._at_once == 2


def test_an_interrupt_leaves_whole_steps(interpreter, interrupted_when):
    w, after, one = np.zeros(20_000), np.zeros(20_000), np.array(1.0)
    steps = Steps(interpreter, [Call("add", (w, one), after)], [w, after], pairs=[(0, 1)])
    with pytest.raises(KeyboardInterrupt):
        interrupted_when(lambda: steps.done > 0)
        steps.run(10**9, [w, after])
    value, following = (w, after) if steps.done % 2 == 0 else (after, w)
    assert steps.done > 0
    assert (value == steps.done).all() and (following == max(0, steps.done - 1)).all()


def test_python_goes_on_while_the_interpreter_runs(interpreter):
    x, many = np.ones(1), 200_000_000
    steps = Steps(interpreter, [Call("finite", (x,))])
    steps._at_once = many  # one call, which nothing but Python ends
    thread = threading.Thread(target=steps.run, args=(many,))
    thread.start()
    while steps.done == 0:
        pass
    x[0] = np.nan
    thread.join()
    assert 0 < steps.done < many


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_single_numbers_give_the_bits_of_rows_of_their_own(vectors, dtype):
    """Those that follow each other become one row; an array in between parts them; a power stays alone."""
    rng = np.random.default_rng(5)
    given = rng.uniform(0.1, 2, 6).astype(dtype)
    functions = [name for name in (*UNARY, *BINARY) if name != "power" and name not in COMPARISONS]

    def results(apart):
        numbers = [np.array(x) for x in given]
        calls, wide = [], np.zeros(3, dtype)
        for i, name in enumerate(functions):
            operands = tuple(numbers[-1 - (i + j) % 6] for j in range(OPERANDS[name]))
            numbers.append(np.zeros((), dtype))
            calls.append(Call(name, operands, numbers[-1]))
            if apart:
                calls.append(Call("copyto", (numbers[-1],), wide))
        calls.append(Call("power", (numbers[0], numbers[1]), numbers[2]))
        steps = Steps(vectors, calls)
        assert steps.run(1) == 1
        return np.array(numbers), len(steps.table)

    (together, few), (apart, many) = results(False), results(True)
    assert (few, many) == (2, 2 * len(functions) + 1)
    np.testing.assert_array_equal(together.view(np.uint8), apart.view(np.uint8))


def test_single_numbers_that_move_and_a_step_that_fails_among_them(interpreter):
    w, after, row, two = np.array(3.0), np.zeros(()), np.zeros(()), np.array(2.0)
    scratch = np.zeros(())
    calls = [Call("square", (w,), scratch), Call("subtract", (scratch, two), after), Call("copyto", (after,), row)]
    calls = [*calls, Call("finite", (after,)), Call("add", (two, two), scratch), Call("negative", (scratch,), scratch)]
    steps = Steps(interpreter, calls, [w, after, row], pairs=[(0, 1)], results=[2])
    rows = np.zeros(20)
    assert steps.run(20, [w, after, rows]) == 9  # w² − 2 from 3 on: the tenth is infinite
    np.testing.assert_array_equal(rows[:3], [7, 47, 2207])
    assert np.isinf(rows[9]) and rows[10] == 0 and scratch == np.inf
