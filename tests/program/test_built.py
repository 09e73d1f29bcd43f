"""The form with a function: one trace for each shape and dtype, shared parameters, a bounded cache."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.program.building import MOST_PROGRAMS


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
    with pytest.raises(TypeError, match="inputs are its arguments"):
        mg.compile(lambda X: X, inputs=[mg.data(1.0)])
    _W, _b, _traces, step = trainer()
    with pytest.raises(TypeError, match=r"text|dtype"):
        step("text", [[1.0]])
    with pytest.raises(mg.ShapeError, match="no entries"):
        step(np.zeros((2, 0)), np.zeros((1, 0)))
    with pytest.raises(mg.ShapeError, match="inner sizes"):
        step(np.zeros((3, 4)), np.zeros((1, 4)))


def test_the_function_may_name_its_inputs_itself():
    program = mg.compile(lambda x: (x.named("features") * 2).sum())
    assert program([1.0, 2.0]) == 6.0
    assert "features" in program.source
