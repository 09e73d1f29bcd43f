"""D Xᵀ and W X by blocks of rows of X: where that is done, and that it gives what the calls give one after the other."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy_calls import by_numpy

import minigraph as mg
from minigraph.program.native import by_blocks as module
from minigraph.program.native.by_blocks import by_blocks, rows_at_once
from minigraph.program.native.library import BLAS_FROM
from minigraph.program.native.rows import Blocks, Call, Rows
from minigraph.program.native.running import Steps

pytestmark = pytest.mark.usefixtures("interpreter")
N, M = 100, 9
"""Features and examples; 8 rows at a time are 12 blocks and a half."""


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """X pays when it is small, and few rows of it are a block."""
    monkeypatch.setattr(module, "LEAST_BYTES", 1)
    monkeypatch.setattr(module, "MOST_ROWS", 8)


class Calls:
    """The calls of a step of descent, whose arrays can be exchanged."""

    def __init__(self, units=3, dtype=np.float64, turned=False, n=N, m=M):
        random = np.random.default_rng(0)
        shape = (n, units) if turned else (units, n)
        self.X, self.D = random.standard_normal((n, m)).astype(dtype), random.standard_normal((units, m)).astype(dtype)
        self.W, self.rate = random.standard_normal(shape).astype(dtype), np.array(0.5, dtype)
        self.dW, self.change, self.after = (np.zeros(shape, dtype) for _ in range(3))
        self.Z, self.sums = np.zeros((units, m), dtype), np.zeros(units, dtype)
        self.turned = turned

    def step(self, *between):
        """The calls, with more of them before W X."""
        pulled = (self.X, self.D.T) if self.turned else (self.D, self.X.T)
        return [
            Call("dot", pulled, self.dW),
            Call("multiply", (self.rate, self.dW), self.change),
            Call("add.reduce", (self.D,), self.sums, (1,)),
            Call("subtract", (self.W, self.change), self.after),
            *between,
            Call("dot", (self.after.T if self.turned else self.after, self.X), self.Z),
        ]

    def arrays(self):
        return [x for x in vars(self).values() if isinstance(x, np.ndarray)]


def is_done_by_blocks(calls, library, moving=()):
    return any(isinstance(call, Blocks) for call in by_blocks(calls, moving, library))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("n, m", [(100, 9), (24, 1), (31, 70), (96, 8)])
@pytest.mark.parametrize("units", [1, 2, 3, 8, 21])
def test_it_gives_what_the_calls_give_one_by_one(vectors, units, n, m, turned, dtype):
    wanted, found = Calls(units, dtype, turned, n, m), Calls(units, dtype, turned, n, m)
    for call in wanted.step():
        by_numpy(call)
    calls = by_blocks(found.step(), [found.after, found.dW], vectors)
    assert any(isinstance(call, Blocks) for call in calls)
    assert Steps(vectors, calls).run(1) == 1
    for name in ("dW", "after", "Z", "sums"):
        tolerance = 1e-12 if dtype == np.float64 else 1e-4
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=tolerance, atol=tolerance * n)


def test_what_nothing_else_reads_has_memory_for_a_block_only(interpreter):
    seen = Calls(8)
    for moving, kept in (([seen.after], False), ([seen.after, seen.dW], True)):
        seen.dW[...] = 0
        Steps(interpreter, by_blocks(seen.step(), moving, interpreter)).run(1)
        assert seen.dW.any() == kept
    reader = Call("add.reduce", (seen.dW,), np.zeros(8), (1,))
    seen.dW[...] = 0
    Steps(interpreter, by_blocks([*seen.step(), reader], [seen.after], interpreter)).run(1)
    np.testing.assert_allclose(reader.out, (seen.D @ seen.X.T).sum(1))
    seen.dW[...] = 0
    Steps(interpreter, by_blocks([*seen.step(), lambda now: None], [seen.after], interpreter)).run(1)
    assert seen.dW.any()  # Python may read it


def test_what_is_read_before_it_is_written_keeps_its_memory(interpreter):
    wanted, found = Calls(8), Calls(8)
    for seen in (wanted, found):
        seen.after = seen.W  # written over
    for call in wanted.step():
        by_numpy(call)
    calls = by_blocks(found.step(), [], interpreter)
    assert any(isinstance(call, Blocks) for call in calls)
    Steps(interpreter, calls).run(1)
    np.testing.assert_allclose(found.W, wanted.W)
    np.testing.assert_allclose(found.Z, wanted.Z)


def kept(seen):
    return seen.step()


def whole_between(seen):
    return seen.step(Call("add.reduce", (seen.change,), np.zeros((3, 1)), (1,), True))


def python_between(seen):
    return seen.step(lambda now: None)


def other_weights(seen):
    return [*seen.step()[:-1], Call("dot", (seen.W, seen.X), seen.Z)]


def other_features(seen):
    return [*seen.step()[:-1], Call("dot", (seen.after, seen.X.copy()), seen.Z)]


def column_by_column(seen):
    seen.X = np.asfortranarray(seen.X)
    return seen.step()


def gradient_column_by_column(seen):
    seen.dW = np.asfortranarray(seen.dW)
    return seen.step()


def broadcast_between(seen):
    return seen.step(Call("add", (seen.after, np.ones((3, 1))), seen.after))


def other_shape_between(seen):
    return seen.step(Call("copyto", (seen.dW[:1],), np.ones((1, N))))


def sums_so_far(seen):
    return seen.step(Call("add.accumulate", (seen.after,), np.zeros((3, N)), (1,)))


def written_late(seen):
    """A call that does not depend on dW writes what is read before it."""
    return [*seen.step()[:-1], Call("copyto", (np.ones((3, N)),), seen.W), seen.step()[-1]]


def written_over_late(seen):
    """A call that does not depend on dW uses memory again that was read before it."""
    return [*seen.step()[:-1], Call("copyto", (np.ones((3, N)),), seen.change), seen.step()[-1]]


def result_written_over_late(seen):
    """A call that does not depend on dW uses memory again that was only written before it."""
    copy = np.ones((3, N))
    return seen.step(Call("copyto", (seen.dW,), copy), Call("copyto", (np.ones((3, N)),), copy))


def over_the_cotangent(seen):
    whole = np.zeros((3, N))
    seen.D, seen.after = whole[:, :M], whole
    return seen.step()


def over_the_product(seen):
    seen.Z = seen.D
    return seen.step()


def parts_of_each_other(seen):
    whole = np.zeros((4, N))
    seen.change, seen.after = whole[:3], whole[1:]
    return seen.step()


def vector(seen):
    return [*seen.step()[:-1], Call("dot", (seen.after[0], seen.X), np.zeros(M))]


@pytest.mark.parametrize(
    "make, possible",
    [
        (kept, True),
        (whole_between, False),
        (python_between, False),
        (other_weights, False),
        (other_features, False),
        (column_by_column, False),
        (gradient_column_by_column, True),
        (broadcast_between, False),
        (other_shape_between, False),
        (sums_so_far, False),
        (written_late, False),
        (written_over_late, False),
        (result_written_over_late, False),
        (over_the_cotangent, False),
        (over_the_product, False),
        (parts_of_each_other, False),
        (vector, False),
    ],
)
def test_what_would_be_another_computation_stays_as_it_is(interpreter, make, possible):
    calls = make(Calls())
    assert is_done_by_blocks(calls, interpreter) == possible
    if not possible:
        assert by_blocks(calls, [], interpreter) == calls


@pytest.mark.parametrize(
    "sizes, rows",
    [
        ((1, 100, 9, 8), 8),
        ((1, 23, 9, 8), 0),  # two blocks
        ((1, 100, 1 << 12, 8), 0),  # a few rows are more than the cache
        ((BLAS_FROM // 70, 100, 10, 8), 0),  # BLAS is better for so many units
    ],
)
def test_how_many_rows_are_done_at_a_time(monkeypatch, sizes, rows):
    assert rows_at_once(*sizes) == rows
    monkeypatch.setattr(module, "LEAST_BYTES", 1 << 22)
    assert rows_at_once(*sizes) == 0 or sizes[2] > 9  # in the cache by itself


def test_blocks_go_on_evenly(interpreter):
    x, out = np.arange(20.0), np.zeros(20)
    places = [0, 4, 8, 15]
    uneven = Blocks(lambda time: [Call("negative", (x[places[time] :][:4],), out[places[time] :][:4])], 4)
    with pytest.raises(ValueError, match="evenly"):
        Rows(interpreter.functions, []).add(uneven)
    even = Blocks(lambda time: [Call("negative", (x[5 * time :][:5],), out[5 * time :][:5])], 4)
    assert Steps(interpreter, [even]).run(1) == 1
    np.testing.assert_array_equal(out, -x)


def test_steps_end_within_a_block(interpreter):
    x, out = np.arange(8.0), np.zeros(2)
    x[5] = np.nan
    blocks = Blocks(lambda time: [Call("copyto", (x[2 * time :][:2],), out), Call("finite", (x[2 * time :][:2],))], 4)
    assert Steps(interpreter, [blocks]).run(3) == 0
    assert out[0] == 4


# Whole programs


def net(sizes, m, dtype, update, cost, turned):
    random = np.random.default_rng(1)
    X, Y = random.standard_normal((sizes[0], m)).astype(dtype), (random.random((sizes[-1], m)) < 0.5).astype(dtype)
    A, leaves = mg.data(X, "X"), []
    for i, (before, after) in enumerate(itertools.pairwise(sizes), 1):
        W = random.standard_normal((after, before)).astype(dtype) / np.sqrt(before).astype(dtype)
        leaves += [mg.parameter(W.T if turned else W, f"W{i}"), mg.parameter(np.zeros((after, 1), dtype), f"b{i}")]
        Z = (leaves[-2].T if turned else leaves[-2]) @ A + leaves[-1]
        A = mg.tanh(Z)
    J = mg.bce_with_logits(Z, mg.data(Y, "Y")).mean()
    if cost == "norm":
        J = J + 0.01 * mg.square(leaves[0]).sum()
    updates = {}
    for leaf, g in zip(leaves, mg.grad(J, leaves), strict=True):
        if update == "descent":
            updates[leaf] = leaf - 0.1 * g
        elif update == "clipped":
            updates[leaf] = leaf - 0.1 * g / (1 + mg.sqrt(mg.square(g).sum() + 1e-6))
        else:
            m_, v = mg.data(np.zeros(leaf.shape, dtype)), mg.data(np.ones(leaf.shape, dtype))
            updates[m_] = 0.9 * m_ + 0.1 * g
            updates[v] = 0.99 * v + 0.01 * g * g
            updates[leaf] = leaf - 0.01 * updates[m_] / (mg.sqrt(updates[v]) + 1e-3)
    outputs = [J, *([mg.grad(J, leaves[0])] if cost == "gradient too" else [])]
    return outputs, updates


@settings(max_examples=25)
@given(
    st.lists(st.integers(1, 10), min_size=1, max_size=2),
    st.integers(24, 130),
    st.integers(1, 20),
    st.sampled_from(["descent", "clipped", "Adam"]),
    st.sampled_from(["plain", "norm", "gradient too"]),
    st.booleans(),
    st.sampled_from([np.float64, np.float32]),
)
def test_nets_are_trained_as_by_numpy(units, features, examples, update, cost, turned, dtype):
    found = []
    for backend in ("native", "numpy"):
        outputs, updates = net([features, *units], examples, dtype, update, cost, turned)
        program = mg.compile(outputs, updates=updates, gram=False, backend=backend)
        found.append([*program.repeat(12), *(leaf.value for leaf in updates)])
        if backend == "native":
            assert "repeat(10) and longer carries" in program.report()
            steps = program._reading.program.machine.linked.steps
            by_block = (steps.rows["function"] == steps.library.functions["blocks"]).any()
            assert by_block == (update != "clipped")  # which needs the length of all of dW before it has W
    tolerance = 1e-12 if dtype == np.float64 else 1e-4
    for native, numpy in zip(*found, strict=True):
        assert native.dtype == numpy.dtype
        np.testing.assert_allclose(native, numpy, rtol=tolerance, atol=tolerance * max(1, np.max(np.abs(numpy))))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, -0.0, 1e300, 5e-324])
@pytest.mark.parametrize("where", ["X", "W1"])
def test_nasty_numbers_give_what_they_give_without_it(number, where):
    found = []
    for without in ((), ("reading",)):
        (J,), updates = net([40, 3, 1], 6, np.float64, "descent", "plain", False)
        leaf = next(node for node in mg.compile(J, updates=updates).graph.nodes() if node.name == where)
        value = np.array(leaf.value)
        value.flat[-1] = number
        leaf.value = value
        with np.errstate(all="ignore"):
            program = mg.compile(J, updates=updates, gram=False, without=without, backend="native")
            found.append([program.repeat(12), *(leaf.value for leaf in updates)])
    for once, twice in zip(*found, strict=True):
        np.testing.assert_allclose(once, twice, rtol=1e-12, atol=1e-12)
