"""Instructions as rows: what a program gives by the interpreter is what it gives by NumPy, in whole steps."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given

import minigraph as mg
from minigraph.program.graph import Part
from minigraph.program.instructions import Instruction, Instructions, Kind, Place
from minigraph.program.native.linking import BY_NUMPY, NativeSteps, _stretches
from minigraph.testing import graphs
from tests.benchmarks.competitors import minigraph_graph
from tests.benchmarks.workloads import WORKLOADS

pytestmark = pytest.mark.usefixtures("interpreter")
BOUND = 1e-12
NODE = mg.data(0.0)
COLUMNS, LAST = np.s_[:, :3], np.s_[:, 3:]


class Swish(mg.Elementwise):
    """An operation of one's own, which Python does between rows."""

    def forward(self, z):
        return z / (1 + np.exp(-z))

    def derivatives(self, y, z):
        return [mg.Scale(y + mg.sigmoid(z) * (1 - y))]


def net(own=False, dtype=np.float64, rate=0.5, momentum=True):
    """A small net with everything: its cost and A2, updates, inputs."""
    rng = np.random.default_rng(3)
    X = mg.data(rng.standard_normal((3, 20)).astype(dtype), "X")
    Y = mg.data((rng.random((1, 20)) > 0.5).astype(dtype), "Y")
    W1, b1 = mg.parameter(rng.standard_normal((4, 3)).astype(dtype), "W1"), mg.parameter(np.zeros((4, 1), dtype), "b1")
    W2, b2 = mg.parameter(rng.standard_normal((1, 4)).astype(dtype), "W2"), mg.parameter(np.zeros((1, 1), dtype), "b2")
    A1 = (Swish() if own else mg.tanh)(W1 @ X + b1)
    Z2 = W2 @ A1 + b2
    J = mg.bce_with_logits(Z2, Y).mean()
    leaves = [W1, b1, W2, b2]
    updates = {}
    for leaf, slope in zip(leaves, mg.grad(J, leaves), strict=True):
        v = mg.data(np.zeros(leaf.shape, dtype), f"v{leaf.name}")
        updates[v] = 0.9 * v + slope
        updates[leaf] = leaf - rate * (updates[v] if momentum else slope)
    return [J, mg.sigmoid(Z2)], updates, [X, Y]


def both(make, run):
    """What `run` gives for a program of `make`, and the leaves after it, by the interpreter and by NumPy."""
    found = []
    for backend in ("native", "numpy"):
        outputs, updates, inputs = make()
        program = mg.compile(outputs, inputs, updates, backend=backend)
        assert f"backend  {backend}" in program.report()
        found.append([np.asarray(x) for x in [*run(program), *(leaf.value for leaf in updates)]])
    return zip(*found, strict=True)


RUNS = {
    "one step": lambda program: program(),
    "steps one by one": lambda program: [*program(), *program(), *program(), *program()],
    "repeated": lambda program: program.repeat(7),
    "an even number": lambda program: program.repeat(8),
    "none": lambda program: program.repeat(0),
    "repeated twice": lambda program: [*program.repeat(3), *program.repeat(4)],
    "with given arrays": lambda program: [
        *program.repeat(3, np.ones((3, 20)), np.zeros((1, 20))),
        *program(np.full((3, 20), 2.0), np.ones((1, 20))),
        *program(),
    ],
    "with arrays column by column": lambda program: [
        *program(np.asfortranarray(np.arange(60.0).reshape(3, 20) / 60), np.zeros((1, 20))),
        *program(np.arange(60.0).reshape(3, 20) / 60, np.zeros((1, 20))),
        *program(np.asfortranarray(np.arange(60.0).reshape(3, 20) / 30), np.ones((20, 1)).T),
    ],
}


@pytest.mark.parametrize("momentum", [False, True], ids=["one state", "states side by side"])
@pytest.mark.parametrize("own", [False, True], ids=["in C", "with Python between"])
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_net_is_what_it_is_by_numpy(run, own, momentum):
    for native, numpy in both(lambda: net(own, momentum=momentum), run):
        np.testing.assert_allclose(native, numpy, rtol=BOUND, atol=BOUND)


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_nets_of_the_benchmarks_are_what_they_are_by_numpy(name):
    def make():
        _, _, _, J, updates = minigraph_graph(WORKLOADS[name])
        return [J], updates, []

    bound = 1e-12 if WORKLOADS[name].dtype == "float64" else 1e-4
    for native, numpy in both(make, lambda program: program.repeat(3)):
        np.testing.assert_allclose(native, numpy, rtol=bound, atol=bound * np.max(np.abs(numpy)))


def test_in_single_precision():
    for native, numpy in both(lambda: net(dtype=np.float32), lambda program: program.repeat(20)):
        assert native.dtype == numpy.dtype == np.float32
        np.testing.assert_allclose(native, numpy, rtol=2e-5, atol=1e-6)


@given(graphs())
def test_random_graphs_and_a_step_of_descent_are_what_they_are_by_numpy(graph):
    leaves = list(graph.parameters)
    before = [leaf.value for leaf in leaves]
    updates = {leaf: leaf - 1e-3 * slope for leaf, slope in zip(leaves, mg.grad(graph.root, leaves), strict=True)}
    found = []
    for backend in ("native", "numpy"):
        for leaf, value in zip(leaves, before, strict=True):
            leaf.value = value
        cost = mg.compile(graph.root, updates=updates, backend=backend).repeat(2)
        found.append([cost, *(leaf.value for leaf in leaves)])
    for native, numpy in zip(*found, strict=True):
        np.testing.assert_allclose(native, numpy, rtol=BOUND, atol=BOUND * np.max(np.abs(numpy), initial=1.0))


def test_what_python_does_is_told():
    outputs, updates, inputs = net(own=True)
    report = mg.compile(outputs, inputs, updates, backend="native").report()
    assert "by Python forward_swish" in report


def test_an_own_operation_sees_the_arrays_of_each_step():
    seen = []

    class Watching(mg.Elementwise):
        def forward(self, x):
            seen.append(np.array(x))
            return x * 1.0

        def derivatives(self, y, x):
            return [mg.Identity()]

    w, v = mg.parameter([1.0, 2.0], "w"), mg.parameter([1.0, 1.0], "v")
    shown = Watching()(w[1:])
    program = mg.compile(
        [Watching()(w), shown], updates={w: w * 2.0 + 0.0 * v, v: v + 0.0 * w}, backend="native", without=["flatten"]
    )
    seen.clear()
    rows, _ = program.repeat(3)
    np.testing.assert_array_equal(rows, [[1, 2], [2, 4], [4, 8]])
    assert sorted(x.tolist() for x in seen) == sorted([[1, 2], [2], [2, 4], [4], [4, 8], [8]])


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("when", [1, 2, 5])
def test_what_python_raises_ends_the_steps_and_leaves_whole_ones(when, error):
    class Failing(mg.Elementwise):
        calls = 0

        def forward(self, x):
            self.calls += 1
            if self.calls == when:
                raise error("no")
            return x + 1.0

        def derivatives(self, y, x):
            return [mg.Identity()]

    failing = Failing()
    w = mg.parameter(np.zeros(2), "w")
    following = failing(w)
    failing.calls = 0
    program = mg.compile(w.sum(), updates={w: following}, backend="native")
    with pytest.raises(error, match="no"):
        program.repeat(9)
    assert w.value.tolist() == [when - 1] * 2
    assert program.repeat(2).tolist() == [2 * (when - 1), 2 * when]


@pytest.mark.parametrize("beside", [False, True], ids=["a state that is written over", "states that are swapped"])
def test_an_interrupt_leaves_whole_steps(beside, interrupted_when):
    w, v = mg.parameter(np.zeros(3), "w"), mg.parameter(np.zeros(3), "v")
    updates = {w: w + 1.0} | ({v: w + 2.0} if beside else {})
    program = mg.compile(w.sum(), updates=updates, backend="native", without=["flatten"])
    assert program() == 0.0
    steps = program.machine.linked.steps
    (_, step), *_ = steps._linked.values()
    with pytest.raises(KeyboardInterrupt):
        interrupted_when(lambda: step.done > 1)
        program.repeat(100_000_000)
    done = w.value[0]
    assert done == step.done > 1 and (w.value == done).all()
    assert not beside or (v.value == done + 1).all()
    assert program() == 3 * done


def test_a_step_that_is_not_finite_is_left_to_the_graph():
    w = mg.parameter(np.array([1e300, 1.0]), "w")
    program = mg.compile((w * 1.0).sum(), updates={w: w * 1e4}, backend="native")
    np.testing.assert_allclose(program.repeat(4), [1e300, 1e304, 1e308, np.inf], rtol=1e-15)
    assert w.value[0] == np.inf and w.value[1] == 1e16
    assert "finite   1 step was" in program.report() or "finite   2 steps were" in program.report()


@pytest.mark.parametrize("at", range(6))
def test_each_leaf_of_one_array_is_looked_at(at):
    leaves = [mg.parameter(np.ones(shape), f"w{i}") for i, shape in enumerate([(3,), (2, 3), (), (4, 1), (5,), (2, 2)])]
    slopes = [mg.data(np.zeros(leaf.shape)) for leaf in leaves]
    updates = {leaf: leaf - 0.5 * slope for leaf, slope in zip(leaves, slopes, strict=True)}
    program = mg.compile(mg.data(1.0), updates=updates, backend="native")
    program.repeat(2)
    found = np.array(slopes[at].value)
    found.flat[-1] = np.inf  # the entry that a stretch may forget
    slopes[at].value = found
    program.repeat(1)
    assert "finite   1 step was" in program.report()
    assert [np.isinf(leaf.value).any() for leaf in leaves] == [i == at for i in range(6)]


def test_what_must_be_finite_is_looked_at_in_few_stretches():
    whole = np.arange(40.0)
    first, gap, second = (
        Part(NODE, ((slice(0, 6), (2, 3)),)),
        Part(NODE, ((slice(6, 12), (6,)),)),
        Part(NODE, ((slice(16, 20), (4,)),)),
    )
    weights, bias = (
        Part(NODE, ((slice(24, 36), (3, 4)), (index, shape))) for index, shape in [(COLUMNS, (3, 3)), (LAST, (3, 1))]
    )
    stretches = _stretches(whole, [first, gap, second, weights, bias])
    assert [[x[0], x[-1]] for x in stretches] == [[0, 11], [16, 19], [24, 35]]
    assert all(np.may_share_memory(x, whole) for x in stretches)
    assert _stretches(whole, [])[0] is whole
    square = np.zeros((3, 4))
    assert _stretches(square, [Part(NODE)])[0] is square
    assert [x.shape for x in _stretches(square, [Part(NODE, ((COLUMNS, (3, 3)),))])] == [(3, 3)]


def test_programs_over_the_same_leaves_take_turns():
    w = mg.parameter([1.0, 2.0], "w")
    double, more = (mg.compile(w.sum(), updates={w: new}, backend="native") for new in (2.0 * w, w + 1.0))
    assert (double(), more(), double()) == (3.0, 6.0, 8.0)
    w.value = [0.0, 1.0]
    assert double.repeat(2).tolist() == [1.0, 2.0] and more() == 4.0


def test_values_are_checked_when_data_are_new():
    x = mg.data([0.5, 0.5], "x")
    program = mg.compile(mg.bce(x, [1.0, 0.0]), [x], backend="native")
    np.testing.assert_allclose(program(), np.full(2, -np.log(0.5)), rtol=BOUND)
    with pytest.raises(ValueError, match="probabilit"):
        program([0.5, 1.5])


@pytest.mark.parametrize("function", BY_NUMPY)
def test_what_is_no_ufunc_is_done_by_numpy_where_the_interpreter_can_not(function):
    x = np.array([[1.0, 5.0], [3.0, 2.0]])
    operands = {
        "add.reduce": (x, (0,), False),
        "maximum.reduce": (x, (0,), False),
        "add.accumulate": (x[0], 0),
        "dot": (x, x[:, 0].copy()),
        "clip": (x[0], np.array(2.0), np.array(3.0)),
        "where": (np.array([0.0, -2.0]), x[0], x[1]),
        "copyto": (x[0],),
        "take": (x[0], np.array([1, 0])),
    }
    wanted = {
        "add.reduce": [4, 7],
        "maximum.reduce": [3, 5],
        "add.accumulate": [1, 6],
        "dot": [16, 9],
        "clip": [2, 3],
        "where": [3, 5],
        "copyto": [1, 5],
        "take": [5, 1],
    }
    out = np.empty(2)
    BY_NUMPY[function](*operands[function], out)
    assert out.tolist() == wanted[function]


def test_functions_that_the_interpreter_lacks_are_numpys():
    class Arctan(mg.Elementwise):
        forward = np.arctan

        def derivatives(self, y, x):
            return [mg.Scale(1 / (1 + x * x))]

    rng = np.random.default_rng(0)
    w = mg.parameter(rng.standard_normal((3, 4)), "w")
    total = (Arctan()(w.T) * mg.exp(w.T)).sum()
    program = mg.compile(total, updates={w: w - 0.1 * mg.grad(total, w)}, backend="native")
    assert "by Python arctan" in program.report()
    costs = [total.value]
    after = w.value - 0.1 * mg.grad(total, w).value
    assert program() == pytest.approx(costs[0], rel=BOUND)
    np.testing.assert_allclose(w.value, after, rtol=BOUND)


def test_of_equal_entries_one_is_read_for_all(interpreter):
    def place(name, kind=Kind.BUFFER, value=None):
        return Place(name, (3, 4), np.dtype(np.float64), kind=kind, value=value)

    x, halves, larger = place("x", Kind.SOURCE), place("halves", Kind.CONSTANT, 0.5), place("larger")
    instructions = Instructions(
        None,
        constants=[halves],
        buffers=[larger],
        sources={"x": x},
        step=[Instruction("maximum", (x, halves), larger, None)],
        results=[larger],
    )
    steps, values, rows = NativeSteps(instructions, interpreter), np.arange(12.0).reshape(3, 4) / 8, np.empty((1, 3, 4))
    assert steps(1, True, values, [None], rows) == 1
    np.testing.assert_array_equal(rows[0], np.maximum(values, 0.5))
    row = steps.rows[0]
    assert row["a"]["step"].any() and not row["b"]["step"].any()


def test_a_plain_number_is_an_operand(interpreter):
    x = Place("x", (3,), np.dtype(np.float32), kind=Kind.SOURCE)
    total = Place("total", (3,), np.dtype(np.float32))
    add = Instruction("add", (x, 0.5), total, None)
    instructions = Instructions(None, buffers=[total], sources={"x": x}, step=[add], results=[total])
    rows = np.empty((1, 3), np.float32)
    steps = NativeSteps(instructions, interpreter)
    assert steps(1, True, np.arange(3, dtype=np.float32), [None], rows) == 1
    assert rows.tolist() == [[0.5, 1.5, 2.5]] and steps.rows["direct"].all()


def test_instructions_that_no_operation_asks_for_yet(interpreter):
    """Entries by their numbers, and a sum into another precision, which Python does."""
    numbers = np.array([2, 0])

    def place(name, shape, dtype=np.float64, **what):
        return Place(name, shape, np.dtype(dtype), **what)

    x, chosen = place("x", (3, 2), kind=Kind.SOURCE), place("chosen", (2,), int, kind=Kind.CONSTANT, value=numbers)
    taken, total = place("taken", (2, 2)), place("total", (2,), np.float32)
    instructions = Instructions(
        None,
        constants=[chosen],
        buffers=[taken, total],
        sources={"x": x},
        step=[Instruction("take", (x, chosen), taken, None), Instruction("add.reduce", (taken, (1,), False), total, None)],
        results=[taken, total],
    )
    rows = np.empty((1, 2, 2)), np.empty((1, 2), np.float32)
    assert NativeSteps(instructions, interpreter)(1, True, np.arange(6.0).reshape(3, 2), [None], *rows) == 1
    assert rows[0].tolist() == [[[4, 5], [0, 1]]] and rows[1].tolist() == [[9, 1]]


def test_products_of_numbers_are_done_by_numpy():
    a = mg.parameter(2.0, "a")
    out = np.empty(())
    BY_NUMPY["dot"](np.array(2.0), np.array(3.0), out)
    assert out == 6.0 and mg.compile(a * a, backend="native")() == 4.0


def test_without_blas_large_products_are_numpys(monkeypatch):
    from minigraph.program.native.library import library

    monkeypatch.setattr(library(), "blas", None)
    rng = np.random.default_rng(0)
    A, B = mg.parameter(rng.standard_normal((80, 70)), "A"), mg.parameter(rng.standard_normal((70, 60)), "B")
    program = mg.compile(mg.exp(mg.tanh(A @ B)), backend="native")
    np.testing.assert_allclose(program(), np.exp(np.tanh(A.value @ B.value)), rtol=BOUND)
    assert "OpenBLAS" not in program.report()


@pytest.mark.parametrize("own", [False, True])
def test_a_program_is_freed_at_once(own):
    outputs, updates, inputs = net(own)
    program = mg.compile(outputs, inputs, updates, gram=False, backend="native")
    program.repeat(3)
    steps = weakref.ref(program.machine.linked.steps)
    gc.disable()
    try:
        for leaf in updates:
            leaf.value = leaf.value  # it lends nothing any more
        del program
        assert steps() is None
    finally:
        gc.enable()


def test_the_rows_of_a_step_are_its_instructions_in_numbers(interpreter):
    w = mg.parameter([1.0, 2.0, 3.0], "w")
    program = mg.compile(mg.exp(w), updates={w: mg.tanh(w)}, backend="native")
    program()
    rows = program.machine.linked.steps.rows
    names = {number: name for name, number in interpreter.functions.items()}
    assert [names[row["function"]] for row in rows][:2] == ["exp", "tanh"]
    assert rows["count"][0].tolist() == [1, 1, 1, 3] and rows["out"]["step"][0].tolist() == [0, 0, 0, 1]
