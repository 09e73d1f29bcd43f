"""The form with a function: one trace for each shape and dtype, shared parameters, a bounded cache."""

import re
from types import MappingProxyType

import numpy as np
import pytest

import minigraph as mg
from minigraph.program.compiling import MOST_PROGRAMS


def trainer(dtype=np.float64, **options):
    W, b = mg.parameter(np.array([[0.5, -0.5]], dtype), "W"), mg.parameter(np.zeros((1, 1), dtype), "b")
    traces = []

    def build(X, Y):
        traces.append((X.shape, X.dtype))
        J = mg.bce_with_logits(W @ X + b, Y).mean()
        return J, {p: p - 0.1 * g for p, g in zip((W, b), mg.grad(J, [W, b]), strict=True)}

    return W, b, traces, mg.compile(build, **options)


def batches(m, dtype=np.float64):
    random = np.random.default_rng(m)
    return random.standard_normal((2, m)).astype(dtype), (random.random((1, m)) < 0.5).astype(dtype)


def by_hand(W, b, sizes):
    """The same training on graphs of its own."""
    V, c = mg.parameter(W.value), mg.parameter(b.value)
    costs = []
    for m in sizes:
        X, Y = batches(m)
        J = mg.bce_with_logits(V @ X + c, mg.data(Y)).mean()
        new = [(p, (p - 0.1 * g).value) for p, g in zip((V, c), mg.grad(J, [V, c]), strict=True)]
        costs.append(float(J))
        for p, value in new:
            p.value = value
    return costs, V.value, c.value


def test_mini_batches_with_a_smaller_last_one():
    W, b, traces, step = trainer()
    sizes = [8, 8, 3, 8, 8, 3]
    expected, V, c = by_hand(W, b, sizes)
    assert [float(step(*batches(m))) for m in sizes] == pytest.approx(expected, rel=1e-13)
    assert len(traces) == 2
    assert np.allclose(W.value, V, rtol=1e-13)
    assert np.allclose(b.value, c, rtol=1e-13)


def test_shapes_and_precision_are_told_apart_and_the_oldest_is_dropped():
    _W, _b, traces, step = trainer()
    step(*batches(4))
    step(*batches(4, np.float32))
    step([[1, 2], [3, 4]], [[0, 1]])
    assert [shape for shape, _ in traces] == [(2, 4), (2, 4), (2, 2)]
    assert traces[1][1] == np.float32
    for m in range(10, 10 + MOST_PROGRAMS):
        step(*batches(m))
    assert len(step.programs) == MOST_PROGRAMS
    count = len(traces)
    step(*batches(10 + MOST_PROGRAMS - 1))
    assert len(traces) == count
    step(*batches(4))
    assert len(traces) == count + 1


def test_the_one_that_was_not_used_for_the_longest_time_is_dropped():
    _W, _b, traces, step = trainer()
    sizes = range(1, MOST_PROGRAMS + 1)
    for m in (*sizes, 1, MOST_PROGRAMS + 1):
        step(*batches(m))
    count = len(traces)
    step(*batches(1))
    assert len(traces) == count
    step(*batches(2))
    assert len(traces) == count + 1


def test_repeat_source_and_report():
    _W, _b, _traces, step = trainer(without=["flatten"])
    with pytest.raises(RuntimeError, match="no program yet"):
        _ = step.source
    with pytest.raises(RuntimeError, match="no program yet"):
        step.report()
    X, Y = batches(5)
    costs = step.repeat(7, X, Y)
    assert costs.shape == (7,)
    assert costs[-1] < costs[0]
    assert "def steps(count, fresh, X, Y" in step.source
    assert "flatten  left out" in step.report()


def test_a_function_may_return_outputs_alone():
    W = mg.parameter([[1.0, 2.0]], "W")
    predict = mg.compile(lambda X: mg.sigmoid(W @ X))
    X = batches(3)[0]
    assert np.allclose(predict(X), mg.sigmoid(W @ X).value, rtol=1e-15)
    both = mg.compile(lambda X: [W @ X, X.sum()])
    assert [np.shape(value) for value in both(X)] == [(1, 3), ()]
    W.value = [[0.0, 0.0]]
    assert predict(X).tolist() == [[0.5, 0.5, 0.5]]


def test_float32_stays():
    W, _b, _traces, step = trainer(np.float32)
    assert step(*batches(4, np.float32)).dtype == np.float32
    assert W.value.dtype == np.float32


def test_what_is_refused():
    x = mg.data(1.0, "x")
    for options in ({"inputs": [x]}, {"inputs": x}, {"inputs": None}, {"updates": {x: x}}, {"updates": 0}):
        with pytest.raises(TypeError, match="inputs are its arguments and updates are what it returns"):
            mg.compile(lambda X: X, **options)
    with pytest.raises(TypeError, match=r'write without=\["share"\]'):
        mg.compile(lambda X: X, without="share")  # at once, not in the first call
    with pytest.raises(ValueError, match="no pass is called melt"):
        mg.compile(lambda X: X, without=["melt"])
    _W, _b, _traces, step = trainer()
    with pytest.raises(TypeError, match=r"text|dtype"):
        step("text", [[1.0]])
    with pytest.raises(mg.ShapeError, match="no entries"):
        step(np.zeros((2, 0)), np.zeros((1, 0)))
    with pytest.raises(mg.ShapeError, match="inner sizes"):
        step(np.zeros((3, 4)), np.zeros((1, 4)))


def test_a_tuple_is_outputs_and_updates_only_if_the_second_is_a_dict():
    w, x = mg.parameter(2.0, "w"), np.array([1.0, 2.0])
    two = mg.compile(lambda X: (X.sum(), (X * X).sum()))
    assert [float(value) for value in two(x)] == [3.0, 5.0]
    assert [rows.tolist() for rows in two.repeat(2, x)] == [[3.0, 3.0], [5.0, 5.0]]
    three = mg.compile(lambda X: (X.sum(), w * X, w))
    assert [np.asarray(value).tolist() for value in three(x)] == [3.0, [2.0, 4.0], 2.0]
    assert [float(value) for value in mg.compile(lambda X: (X.sum(),))(x)] == [3.0]
    assert [float(value) for value in mg.compile(lambda X: (node for node in (X.sum(), w)))(x)] == [3.0, 2.0]
    assert mg.compile(lambda X: X.sum())(x) == 3.0
    both = mg.compile(lambda X: ((X.sum(), w * 1), MappingProxyType({w: 2 * w})))
    assert [float(value) for value in both(x)] == [3.0, 2.0]
    assert mg.compile(lambda X: ([], {w: 2 * w}))(x) == []
    assert w.value == 8.0


w = mg.parameter(2.0, "w")
RETURNED = {
    "nothing": (lambda X: None, "outputs are a node or a list of nodes, not None. Is its return missing? "),
    "a number": (lambda X: 3.0, "outputs are a node or a list of nodes, not 3.0. "),
    "an array": (lambda X: np.ones(3), "outputs are a node or a list of nodes, not an array of shape (3,). "),
    "a dict of outputs": (lambda X: {"J": X}, "outputs are a node or a list of nodes, not "),
    "updates alone": (lambda X: {w: 2 * w}, "outputs are a node or a list of nodes, not "),
    "a set": (lambda X: {X, w}, "outputs are a node or a list of nodes, not "),
    "text": (lambda X: "JX", "outputs are a node or a list of nodes, not 'JX'. "),
    "no updates": (lambda X: (X, None), "outputs are nodes, not None. "),
    "pairs": (lambda X: (X, [(w, 2 * w)]), "outputs are nodes, not a list. "),
    "three": (lambda X: (X, {w: 2 * w}, X), "outputs are nodes, not "),
    "the wrong way round": (lambda X: ({w: 2 * w}, X), "outputs are nodes, not "),
    "two dicts": (lambda X: ({"J": X}, {w: 2 * w}), "outputs are a node or a list of nodes, not "),
    "a number in a list": (lambda X: [X, 3], "outputs are nodes, not 3. "),
    "an update by name": (lambda X: (X, {"w": 2 * w}), "updates are nodes, not 'w': a dict has the leaf before "),
    "an update of a result": (lambda X: (X, {2 * w: w}), "an updated node is a leaf made by mg.data or mg.parameter. "),
    "an update to a number": (lambda X: (X, {w: 0.5}), "updates are nodes, not 0.5. 'w' is (): its next value is written "),
    "an update to an array": (lambda X: (X, {w: np.ones(())}), "updates are nodes, not an array of shape (). 'w' is (): "),
}  # fmt: skip


@pytest.mark.parametrize(("build", "message"), RETURNED.values(), ids=RETURNED)
def test_what_a_function_may_not_return(build, message):
    with pytest.raises(
        TypeError,
        match=f"^compile: {re.escape(message)}.*The function returns a node, a list of nodes, or outputs and a dict",
    ):
        mg.compile(build)([1.0, 2.0])
    assert w.value == 2.0


def test_an_argument_is_not_updated():
    with pytest.raises(TypeError, match=r"'X' is .* is both an input and updated"):
        mg.compile(lambda X: (X.sum(), {X: 2 * X}))([1.0])


def test_the_function_may_name_its_inputs_itself():
    program = mg.compile(lambda x: (x.named("features") * 2).sum())
    assert program([1.0, 2.0]) == 6.0
    assert "features" in program.source
