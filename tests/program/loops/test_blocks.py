"""`repeat` with the outputs of many steps at once: equal to the plain loop, refused where it would be wrong."""

from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import minigraph as mg
from minigraph.program import program as programs
from minigraph.program.loops import blocks
from minigraph.program.machine import Machine
from minigraph.testing import graphs

M = 12

in_numpy = partial(mg.compile, backend="numpy")  # steps in C are not done in blocks


@pytest.fixture
def at_once(monkeypatch):
    """Blocks from the first call of repeat on, however little they save."""
    monkeypatch.setattr(programs, "PAYS_FROM", 0)
    monkeypatch.setattr(blocks, "SMALLEST_SHARE", 0)


class Own(mg.Elementwise):
    """exp, and how often it was computed."""

    def __init__(self):
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return np.exp(x)

    def derivatives(self, y, x):
        return [mg.Scale(y)]


def net(dtype=np.float64, m=M):
    """A small net: its data, leaves, last Z and cost."""
    random = np.random.default_rng(2)
    X = mg.data(random.standard_normal((3, m)).astype(dtype), "X")
    Y = mg.data((random.random((1, m)) < 0.5).astype(dtype), "Y")
    W1 = mg.parameter(random.standard_normal((4, 3)).astype(dtype), "W1")
    b1 = mg.parameter(np.zeros((4, 1), dtype), "b1")
    W2 = mg.parameter(random.standard_normal((1, 4)).astype(dtype), "W2")
    Z = (W2 @ mg.tanh(W1 @ X + b1)).named("Z")
    return X, Y, [W1, b1, W2], Z, mg.bce_with_logits(Z, Y).mean().named("J")


def descent(J, leaves, rate=0.1):
    return {w: w - rate * g for w, g in zip(leaves, mg.grad(J, leaves), strict=True)}


def both(outputs, updates, count=101, arrays=(), inputs=()):
    """What repeat gives, and the leaves after it, in blocks and one by one; and the program in blocks."""
    before = {leaf: leaf.value for leaf in updates}
    found = []
    for without in (("blocks",), ()):
        for leaf, value in before.items():
            leaf.value = value
        program = in_numpy(outputs, inputs, updates, without=without, gram=False)
        results = program.repeat(count, *arrays)
        found.append([*(results if isinstance(results, list) else [results]), *(leaf.value for leaf in updates)])
    return found, program


def assert_equal(outputs, updates, *, used=True, tolerance=1e-12, **how):
    (expected, results), program = both(outputs, updates, **how)
    assert ("of 64 steps at once" in program.report()) is used, program.report()
    for a, b in zip(results, expected, strict=True):
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


COSTS = {
    "cross-entropy": lambda Z, Y, W: mg.bce_with_logits(Z, Y).mean(),
    "squared error, a sum": lambda Z, Y, W: mg.squared_error(Z, Y).sum(),
    "weight decay": lambda Z, Y, W: mg.bce_with_logits(Z, Y).mean() + 0.01 * (W * W).sum(),
    "a sum over columns, not kept": lambda Z, Y, W: (mg.softplus(Z) * mg.sum(mg.square(Z), axis=0)).mean(),
    "a column and a row": lambda Z, Y, W: (mg.sum(W * W, axis=1, keepdims=True) * mg.square(Z - Y)).sum(),
    "a mean of all, kept": lambda Z, Y, W: (mg.square(Z) + mg.mean(Z, keepdims=True)).sum(axis=(0, 1)),
}


@pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS)
@pytest.mark.parametrize("count", [0, 1, 2, 64, 65, 66, 200])
def test_costs_and_leaves_of_the_plain_loop(at_once, cost, count):
    _, Y, leaves, Z, _ = net()
    J = cost(Z, Y, leaves[0])
    assert_equal(J, descent(J, leaves, 1e-3), count=count)


def test_in_single_precision(at_once):
    *_, leaves, _, J = net(np.float32)
    assert_equal(J, descent(J, leaves), tolerance=1e-4)


def test_with_other_outputs(at_once):
    _, Y, leaves, Z, J = net()
    distance = mg.mean(mg.abs(mg.tanh(Z) - Y), axis=1)
    for outputs in ([J, distance], [J, Z], [J, Z, leaves[0]], [J, J], [Z, J, Z]):
        assert_equal(outputs, descent(J, leaves))


def test_with_a_leaf_that_no_update_reads(at_once):
    *_, leaves, _, J = net()
    w = mg.parameter([1.0, 2.0], "w")
    assert_equal(w.sum() + J, {w: mg.data([3.0, 4.0], "v"), **descent(J, leaves)})


def test_with_arrays_of_the_call(at_once):
    X, Y, leaves, _, J = net()
    random = np.random.default_rng(3)
    arrays = (random.standard_normal(X.shape), (random.random(Y.shape) < 0.5).astype(float))
    assert_equal(J, descent(J, leaves), inputs=[X, Y], arrays=arrays)
    assert_equal(J, descent(J, leaves), inputs=[X, Y])  # none given: the inputs' own


def test_calls_repeats_and_assignments_take_turns(at_once):
    *_, leaves, _, J = net()
    updates = descent(J, leaves)
    histories = []
    first = [w.value for w in leaves]
    for without in ((), ("blocks",)):
        for w, value in zip(leaves, first, strict=True):
            w.value = value
        program = in_numpy(J, updates=updates, without=without)
        history = [*program.repeat(70), program(), *program.repeat(70)]
        leaves[0].value = first[0]
        history += [*program.repeat(70), program()]
        histories.append([*history, float(J)])
    np.testing.assert_allclose(*histories, rtol=1e-12)


def test_not_before_it_pays():
    *_, leaves, _, J = net()
    program = in_numpy(J, updates=descent(J, leaves))
    many = blocks.PAYS_FROM
    assert "and after each 64 steps" in program.source_for(many)
    assert program.source_for(many - 1) == program.source
    program.repeat(100)
    assert "and after each 64 steps" in program.source_for(many - 100)


def test_what_is_computed_for_many_steps_is_computed_once(at_once):
    *_, leaves, _, J = net()
    steps, ends = in_numpy(J, updates=descent(J, leaves)).source_for(200).split("# and after each 64 steps:")
    assert "log1p(" not in steps
    assert ends.count("log1p(") == 1
    assert "Z = Z_of_step[step]" in steps  # written where it is kept
    assert steps.count("_of_step[step]") == 1  # −Z is worked out again
    assert "broadcast_to(" in ends  # 1 − Y with a row for each step, which is quicker to read
    head, body = ends.split("for step in range")
    assert "check_Y(" in head and "check_Y(" not in body


@pytest.mark.parametrize("given", [False, True])
def test_what_stays_is_computed_once_in_each_program(at_once, given):
    X, Y, leaves, Z, _ = net()
    own = Own()
    J = (mg.square(Z) * own(Y)).mean()
    program = in_numpy(J, [X, Y] if given else [], descent(J, leaves))
    program.repeat(20 * 64, *([X.value, Y.value] if given else []))
    assert own.calls == 3


def without_gain():
    _, Y, leaves, Z, J = net()
    large = net(m=5000)
    w = mg.parameter([[1.0], [2.0]], "w")
    wide = mg.data(np.random.default_rng(1).standard_normal((2, 2000)), "wide")
    return {
        "the gradient needs it": ((Z * Z).sum(), {leaves[2]: leaves[2] - mg.exp(-(Z * Z).sum())}),
        "rows too large": (large[-1], descent(large[-1], large[2])),
        "larger than its row": ((w * wide).sum(), {w: 0.9 * w}),
        "not row by row": (mg.log_softmax(Z, axis=1).sum(), descent(J, leaves)),
        "a user's own": (Own()(Z).sum(), descent(J, leaves)),
        "an output that stays": ([J, Y.sum()], descent(J, leaves)),
        "no update": (J, {}),
    }


@pytest.mark.parametrize("case", without_gain())
def test_where_it_is_not_used(at_once, case):
    outputs, updates = without_gain()[case]
    program = in_numpy(outputs, updates=updates)
    assert "blocks   not used" in program.report()
    if updates:
        assert_equal(outputs, updates, used=False)


@pytest.mark.parametrize(("hidden", "used"), [(1, True), (3, False)])
def test_it_is_not_used_where_the_cost_is_a_small_part_of_a_step(hidden, used):
    random = np.random.default_rng(2)
    A, leaves = mg.data(random.standard_normal((3, M)), "X"), []
    for _ in range(hidden):
        leaves.append(mg.parameter(random.standard_normal((3, 3)), "W"))
        A = mg.tanh(leaves[-1] @ A)
    w = mg.parameter(random.standard_normal((1, 3)), "w")
    J = mg.bce_with_logits(w @ A, np.ones((1, M))).mean()
    report = in_numpy(J, updates=descent(J, [*leaves, w])).report()
    assert ("blocks   not used" in report) is not used, report


def test_left_out():
    *_, leaves, _, J = net()
    program = in_numpy(J, updates=descent(J, leaves), without=["blocks"])
    assert "blocks   left out" in program.report()
    assert program.source_for(10**6) == program.source


def test_a_refused_target_changes_nothing(at_once):
    X, Y, leaves, _, J = net()
    program = in_numpy(J, [X, Y], descent(J, leaves))
    before = [w.value for w in leaves]
    with pytest.raises(mg.DomainError, match="'Y'"):
        program.repeat(3 * 64, X.value, Y.value + 3)
    for w, value in zip(leaves, before, strict=True):
        assert np.array_equal(w.value, value)


def test_an_interrupt_between_blocks_leaves_whole_steps(at_once, monkeypatch):
    a, v = mg.parameter(np.full(3, 1.0), "a"), mg.parameter(2.0, "v")
    program = in_numpy(mg.exp(-a).sum(), updates={a: a + v, v: v + 1.0}, without=["flatten"])
    run, calls = Machine.run, []

    def interrupted(self, *arguments):
        calls.append(self)
        if len(calls) == 5:  # one by one, steps, ends, steps
            raise KeyboardInterrupt
        return run(self, *arguments)

    monkeypatch.setattr(Machine, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        program.repeat(500)
    monkeypatch.undo()
    done = float(v) - 2
    assert done == 500 % 64 + 2 * 64
    assert a.value.tolist() == [1 + 2 * done + done * (done - 1) / 2] * 3


def test_check_finite_goes_step_by_step(at_once):
    w = mg.parameter([3.0, 1.0], "w")
    J = mg.sqrt(w).named("root").sum()
    program = in_numpy(J, updates={w: w - 0.01})
    with mg.check_finite(), pytest.raises(mg.NonFiniteError, match=r"step 10.: .root. is"):
        program.repeat(200)
    assert np.isnan(program.repeat(100)[-1])  # and without it nothing is said


def test_a_program_in_blocks_belongs_to_one_thread(at_once):
    *_, leaves, _, J = net()
    program = in_numpy(J, updates=descent(J, leaves))
    program.repeat(200)
    with (
        program._loop_by_blocks(200).steps._busy,
        pytest.raises(RuntimeError, match="give each thread a program of its own"),
    ):
        program.repeat(200)


@given(graphs())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_graphs(at_once, monkeypatch, graph):
    monkeypatch.setattr(blocks, "LONGEST", 3)
    monkeypatch.setattr(blocks, "SHORTEST", 1)
    leaves = list(graph.parameters)
    (expected, results), _ = both([graph.root, *leaves], descent(graph.root, leaves, 1e-3), count=8)
    for a, b in zip(results, expected, strict=True):
        assert a.shape == b.shape and a.dtype == b.dtype
        scale = np.max(np.abs(b), initial=1.0, where=np.isfinite(b))  # descent may leave the domain of a logarithm
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * scale)
