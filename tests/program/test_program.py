"""What a user sees of a program: calls, inputs, updates, state, and what is refused."""

import gc
import re
import threading
import weakref

import numpy as np
import pytest

import minigraph as mg


@pytest.fixture
def line():
    """J = mean((w x + b − y)²)/2 and its descent step."""
    x, y = mg.data([1.0, 2.0, 3.0], "x"), mg.data([2.0, 4.0, 7.0], "y")
    w, b = mg.parameter(0.5, "w"), mg.parameter(0.0, "b")
    J = mg.squared_error(w * x + b, y).mean().named("J")
    dw, db = mg.grad(J, [w, b])
    return x, y, w, b, J, {w: w - 0.1 * dw, b: b - 0.1 * db}


def test_one_step_is_what_the_graph_says(line):
    x, y, w, b, J, updates = line
    step = mg.compile(J, inputs=[x, y], updates=updates)
    cost, new = J.value, [node.value for node in updates.values()]
    assert step(x.value, y.value) == pytest.approx(cost, rel=1e-15)
    assert [w.value, b.value] == pytest.approx(new, rel=1e-15)
    assert J.value < cost


def test_outputs_come_as_they_were_asked_for(line):
    x, _y, w, _b, J, updates = line
    assert isinstance(mg.compile(J)(), np.float64)
    both = mg.compile([J, w * x])()
    assert isinstance(both, list)
    assert both[1].shape == (3,)
    assert mg.compile([])() == mg.compile([], backend="numpy")() == []
    costs, lines = mg.compile([J, w * x], updates=updates).repeat(4)
    assert costs.shape == (4,)
    assert lines.shape == (4, 3)
    assert mg.compile((), updates=updates).repeat(2) == []


def test_outputs_are_the_callers_own(line):
    x, y, w, _b, _J, updates = line
    program = mg.compile([w * x, x, w], inputs=[x, y], updates=updates)
    given = np.array([1.0, 2.0, 3.0])
    first = program(given, y.value)
    kept = [np.array(array) for array in first]
    first[0][...] = 99.0
    given[...] = 5.0
    program(given, y.value)
    assert np.array_equal(first[1], kept[1])
    assert first[2] == kept[2] == 0.5


def test_inputs_stand_for_the_call_only(line):
    x, y, _w, _b, J, _updates = line
    program = mg.compile(J, inputs=[x, y])
    other = program([10.0, 20.0, 30.0], [0, 0, 0])
    assert other != pytest.approx(J.value)
    assert x.value.tolist() == [1.0, 2.0, 3.0]
    assert program() == pytest.approx(float(J.value), rel=1e-15)


def test_a_leaf_that_is_no_input_is_read_at_each_call(line):
    x, y, _w, _b, J, _updates = line
    program = mg.compile(J, inputs=[x])
    before = program(x.value)
    y.value = y.value + 1
    assert program(x.value) != before
    assert program(x.value) == pytest.approx(float(J.value), rel=1e-15)


def test_setting_a_parameter_by_hand_counts(line):
    _x, _y, w, b, J, updates = line
    step = mg.compile(J, updates=updates)
    step()
    w.value, b.value = 2.0, 0.0
    expected = J.value
    assert step() == pytest.approx(expected, rel=1e-15)
    step.repeat(3)
    b.value = 7.0
    expected, new = J.value, updates[b].value
    assert step() == pytest.approx(float(expected), rel=1e-14)
    assert b.value == pytest.approx(float(new), rel=1e-14)


def test_reading_between_steps_sees_every_step(line):
    _x, _y, w, _b, J, updates = line
    step = mg.compile(J, updates=updates)
    seen = []
    for _ in range(4):
        shown = w.value
        cost = J.value
        assert step() == pytest.approx(float(cost), rel=1e-14)
        seen.append(float(shown))
        assert shown == seen[-1]
    assert len(set(seen)) == 4


def test_arrays_that_were_read_never_change():
    W = mg.parameter(np.ones((3, 3)), "W")
    step = mg.compile(W.sum(), updates={W: 2 * W})
    before = W.value
    step()
    after = W.value
    step.repeat(5)
    assert before.tolist() == np.ones((3, 3)).tolist()
    assert after.tolist() == np.full((3, 3), 2.0).tolist()
    assert W.value[0, 0] == 64.0
    assert not after.flags.writeable


def test_two_programs_over_one_graph_take_turns(line):
    _x, _y, w, b, J, _updates = line
    up = mg.compile(J, updates={w: w + 1.0})
    down = mg.compile(J, updates={w: w - 1.0, b: b + 0.5})
    up()
    up()
    down()
    assert (w.value, b.value) == (1.5, 0.5)
    up.repeat(3)
    down.repeat(2)
    assert (w.value, b.value) == (2.5, 1.5)
    w.value = 0.0
    up()
    assert w.value == 1.0


def test_mixed_precision():
    w = mg.parameter(np.array([1.0, 2.0], np.float32), "w")
    x = mg.data([0.1, 0.2], "x")
    J = (w * x).sum()
    step = mg.compile(J, updates={w: w - 0.5 * mg.grad(J, w)})
    expected = (w - 0.5 * mg.grad(J, w)).value
    step()
    assert w.value.dtype == np.float32
    assert np.allclose(w.value, expected, rtol=1e-6)


@pytest.mark.parametrize(
    "form",
    [
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: a.astype(np.int64),
        lambda a: a.tolist(),
        lambda a: a.astype(np.float32),
    ],
)
def test_any_form_of_array(form):
    X = mg.data([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "X")
    W = mg.parameter([[1.0, -1.0, 2.0]], "W")
    J = mg.tanh((W @ X).reshape(2).reshape(2, 1) @ X.reshape(1, 6)).sum()
    step = mg.compile([J, mg.grad(J, W)], inputs=[X])
    expected = [J.value, mg.grad(J, W).value]
    found = step(form(X.value))
    assert np.allclose(found[0], expected[0], rtol=1e-14)
    assert np.allclose(found[1], expected[1], rtol=1e-14)


def test_arrays_become_what_the_input_is():
    X, W = mg.data(np.ones((2, 3), np.float32), "X"), mg.parameter(np.full((1, 2), 0.1, np.float32), "W")
    step = mg.compile(mg.tanh(W @ X), inputs=[X])
    found = step(np.full((2, 3), 1 / 3))
    assert found.dtype == np.float32
    assert np.allclose(found, np.tanh(0.2 / 3), rtol=1e-6)


def test_inputs_that_are_read_only_or_a_parameters_own_value():
    W = mg.parameter(np.eye(2), "W")
    X = mg.data(np.zeros((2, 2)), "X")
    step = mg.compile((W @ X).sum(), inputs=[X], updates={W: W + X})
    given = np.ones((2, 2))
    given.flags.writeable = False
    assert step(given) == 4.0
    own = W.value
    assert step(own) == pytest.approx(float((own @ own).sum()))
    assert W.value.tolist() == (2 * own).tolist()
    assert own.tolist() == [[2.0, 1.0], [1.0, 2.0]]


def test_one_example(line):
    X, Y = mg.data([[0.5], [1.5]], "X"), mg.data([[1.0]], "Y")
    W, b = mg.parameter([[0.3, 0.1]], "W"), mg.parameter([[0.0]], "b")
    J = mg.bce_with_logits(W @ X + b, Y).mean()
    dW, db = mg.grad(J, [W, b])
    step = mg.compile(J, inputs=[X, Y], updates={W: W - dW, b: b - db})
    expected, new = J.value, (W - dW).value
    assert step(X.value, Y.value) == pytest.approx(float(expected), rel=1e-14)
    assert np.allclose(W.value, new, rtol=1e-14)


def test_a_program_that_is_dropped_gives_its_memory_back():
    W = mg.parameter(np.ones(4), "W")
    program = mg.compile(W.sum(), updates={W: W * 2})
    program()
    gone = weakref.ref(program)
    del program
    assert W.value.tolist() == [2.0] * 4
    W.value = np.zeros(4)
    gc.collect()
    assert gone() is None


# Refusals


LIST, DICT = "inputs is a list of data nodes", "updates is a dict from leaves to the nodes of their next values, {w: "
PASSES = "without is a list of names of passes, not "
DOORS = {
    "a leaf for a list of inputs": ({"inputs": "x"}, f"{LIST}. 'x' is (3,): write inputs=[x]."),
    "inputs None": ({"inputs": None}, f"{LIST}, such as inputs=[X, Y], not None."),
    "inputs a dict": ({"inputs": {}}, f"{LIST}, such as inputs=[X, Y], not {{}}."),
    "inputs arrays": ({"inputs": [np.ones(3)]}, "inputs are nodes, not an array of shape (3,)."),
    "updates a list": ({"updates": []}, DICT),
    "updates a number": ({"updates": 0}, DICT),
    "updates False": ({"updates": False}, DICT),
    "a pass for a list": ({"without": "share"}, f"""{PASSES}'share': write without=["share"]."""),
    "no pass for a list": ({"without": "melt"}, f"""{PASSES}'melt': write without=["stack"]."""),
    "without None": ({"without": None}, f"""{PASSES}None: write without=["stack"]."""),
    "gram as text": ({"gram": "no"}, "gram is True or False, not 'no'."),
    "gram as a number": ({"gram": 0}, "gram is True or False, not 0."),
}


@pytest.mark.parametrize(("options", "message"), DOORS.values(), ids=DOORS)
def test_options_of_compile_that_are_refused(line, options, message):
    x, *_, J, _updates = line
    if options.get("inputs") == "x":
        options = {"inputs": x}
    with pytest.raises(TypeError, match=f"^compile: {re.escape(message)}"):
        mg.compile(J, **options)


@pytest.mark.parametrize("outputs", [None, 3.0, "J", {"J": 1}, {1, 2}, np.float64(3.0), np.ones(2)])
def test_outputs_that_are_none(outputs):
    with pytest.raises(TypeError, match=r"^compile: outputs are a node or a list of nodes, not "):
        mg.compile(outputs)


def test_outputs_in_any_order_that_is_one(line):
    *_, J, _updates = line
    assert mg.compile(node for node in (J, J))() == pytest.approx([J.value] * 2, rel=1e-14)
    assert mg.compile({"J": J}.values())() == pytest.approx([J.value], rel=1e-14)


def test_what_compile_refuses(line):
    x, _y, w, _b, J, _updates = line
    with pytest.raises(TypeError, match=r"outputs are nodes, not 1\.0"):
        mg.compile([1.0])
    with pytest.raises(TypeError, match="updates are nodes, not an array"):
        mg.compile(J, updates={w: np.zeros(3)})
    with pytest.raises(TypeError, match="an input is a leaf"):
        mg.compile(J, inputs=[J])
    with pytest.raises(TypeError, match="an updated node is a leaf"):
        mg.compile(J, updates={J: w})
    with pytest.raises(TypeError, match="both an input and updated"):
        mg.compile(J, inputs=[x], updates={x: x})
    with pytest.raises(TypeError, match="given twice"):
        mg.compile(J, inputs=[x, x])
    with pytest.raises(mg.ShapeError, match=r"its next value is \(3,\)"):
        mg.compile(J, updates={w: x})
    with pytest.raises(ValueError, match="no pass is called melt"):
        mg.compile(J, without=["melt"])
    with pytest.raises(ValueError, match=r"no pass is called 3, melt\. There are share, expand"):
        mg.compile(J, without=("melt", 3, "share"))
    empty = mg.data(np.zeros((2, 0)), "X")
    with pytest.raises(mg.ShapeError, match="there are no entries"):
        mg.compile(empty.sum(), inputs=[empty])


def test_what_a_call_refuses(line):
    x, y, w, _b, J, updates = line
    step = mg.compile(J, inputs=[x, y], updates=updates)
    with pytest.raises(TypeError, match="takes 2 arrays, or none"):
        step(x.value)
    with pytest.raises(mg.ShapeError, match=r"'x' is \(3,\).* the array given for it is \(4,\)"):
        step(np.zeros(4), y.value)
    with pytest.raises(TypeError, match="complex"):
        step(np.zeros(3, complex), y.value)
    with pytest.raises(ValueError, match="can't be negative"):
        step.repeat(-1)
    with pytest.raises(TypeError, match=r"^repeat: the number of steps is a whole number, not 2\.0"):
        step.repeat(2.0)
    assert w.value == 0.5


def test_targets_outside_the_unit_interval_are_refused_at_each_call():
    z, y = mg.parameter([[0.1, 0.2]], "Z"), mg.data([[0.0, 1.0]], "Y")
    J = mg.bce_with_logits(z, y).mean()
    step = mg.compile(J, inputs=[y], updates={z: z - mg.grad(J, z)})
    good = np.array([[0.0, 1.0]])
    step(good)
    before = z.value
    for _ in range(2):
        with pytest.raises(mg.DomainError, match=r"'Y' is .* entry 2\.0"):
            step([[2.0, 0.0]])
    good[0, 0] = -1.0
    with pytest.raises(mg.DomainError, match=r"entry -1\.0"):
        step(good)
    assert z.value.tolist() == before.tolist()
    step([[1.0, 0.0]])


def test_a_target_that_is_computed_is_looked_at_too():
    z, y = mg.parameter([[0.1, 0.2]], "Z"), mg.parameter([[0.0, 1.0]], "Y")
    step = mg.compile(mg.bce_with_logits(z, y).mean(), updates={y: y + 0.4})
    step()
    with pytest.raises(mg.DomainError):
        step()


# Threads


def test_threads_each_with_a_program_of_their_own():
    random = np.random.default_rng(0)
    starts = [random.standard_normal((2, 3)) for _ in range(4)]
    found, expected = [None] * 4, []

    def build(start):
        W = mg.parameter(start, "W")
        J = mg.tanh(W @ W.T).sum()
        return W, mg.compile(J, updates={W: W - 0.01 * mg.grad(J, W)})

    for start in starts:
        W, step = build(start)
        step.repeat(200)
        expected.append(W.value)
    pairs = [build(start) for start in starts]

    def train(i):
        W, step = pairs[i]
        for _ in range(200):
            step()
        found[i] = W.value

    threads = [threading.Thread(target=train, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for a, b in zip(found, expected, strict=True):
        assert np.array_equal(a, b)


def test_a_program_that_is_running_is_not_entered_again():
    class Inside(mg.Elementwise):
        def forward(self, x):
            return step() + x

        def derivatives(self, y, x):
            return [None]

    x = mg.data([1.0], "x")
    step = mg.compile(Inside()(x))
    with pytest.raises(RuntimeError, match="is running already"):
        step()


def test_what_depends_on_data_alone_is_computed_again_when_they_change():
    x, w = mg.data([1.0, 2.0], "x"), mg.parameter([1.0, 1.0], "w")
    program = mg.compile((mg.exp(x) * w).sum(), inputs=[x], updates={w: w * 1.0})
    first = np.exp([1.0, 2.0]).sum()
    own = np.array([0.0, 0.0])
    assert program() == program() == pytest.approx(first, rel=1e-15)
    assert program(own) == 2.0
    assert program() == pytest.approx(first, rel=1e-15)
    own[...] = 1.0
    assert program(own) == pytest.approx(2 * np.e, rel=1e-15)
    x.value = [0.0, 0.0]
    assert program() == 2.0
    assert mg.compile(mg.broadcast_to(3.0, (100, 100)) * 1.5, updates={w: w})()[0, 0] == 4.5


def test_results_of_calls_are_independent():
    w = mg.parameter(1.0, "w")
    program = mg.compile(w * 1, updates={w: w + 1})
    assert [program() for _ in range(3)] == [1.0, 2.0, 3.0]
    assert program.repeat(1).tolist() == [4.0]
    kept = program.repeat(1)
    program()
    assert kept.tolist() == [5.0]
