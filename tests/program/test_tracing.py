"""A function that builds a graph is traced: what it reads is not there, or is said to stay; nothing is taken for zeros."""

import threading
import warnings

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.pulling import Clock, checking

X0 = np.array([[1.0, 2.0, 6.0]])
NO_VALUE = (
    r"^'X' is \(1, 3\) and has no value: it stands for the arrays that the program will be given, and the function that "
    r"builds the graph runs only once for all of them\. Write .* mg\.maximum or mg\.where in place of an if, "
    r"mg\.grad\(J, w\) in place of J\.backward\(\) and w\.grad\."
)


@pytest.fixture
def w():
    return mg.parameter(2.0, "w")


READERS = {
    "value": lambda X: X.value,
    "value of a result": lambda X: (2 * X).value,
    "float": lambda X: float(X.sum()),
    "bool": lambda X: X * 2 if X.sum() else X * 3,
    "branch": lambda X: X * 2 if float(X.sum()) > 0 else X * 3,
    "comparison": lambda X: X * 2 if X.value.sum() > 0 else X * 3,
    "format": lambda X: f"{X.sum():.3f}",
    "evaluate": lambda X: mg.evaluate(X * X),
    "evaluate in part": lambda X: mg.evaluate(X * X.sum(), given={X * 1: X0}),
    "draw": lambda X: mg.draw(X.sum(), "forward").source,
    "explain": lambda X: str(mg.explain((X * X).sum(), wrt=X)),
    "check_gradients": lambda X: mg.check_gradients((X * X).sum(), wrt=X),
    "under check_finite": lambda X: checked(X),
}


def checked(X):
    with mg.check_finite():
        return X.sum().value


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_what_reads_a_placeholder_is_told_what_to_write(reader):
    step = mg.compile(lambda X: [X, reader(X)][0])
    with pytest.raises(RuntimeError, match=NO_VALUE):
        step(X0)
    assert step.programs == {}
    assert (Clock.watched, checking()) == (0, False)


def test_a_placeholder_has_no_value_afterwards_either():
    kept = []
    step = mg.compile(lambda X: (kept.append(X), X.sum())[1])
    assert step(X0) == 9.0
    with pytest.raises(RuntimeError, match=NO_VALUE):
        _ = kept[0].value
    with pytest.raises(RuntimeError, match=NO_VALUE):
        step.program_for(X0)()  # without arrays, the inputs' own values would be taken
    assert step(X0 + 1) == 12.0


def test_what_shows_no_values_goes_on_as_always(w):
    shown = []

    def build(X):
        J = (w * X).sum()
        shown.extend([repr(X), str(J), f"{J}", mg.draw(J, "forward", values=False).source, X.shape, len(X), X.dtype])
        return J

    assert mg.compile(build)(X0) == 18.0
    assert shown[0] == "<data (1, 3) float64>"
    assert "digraph" in shown[3]


def test_backward_and_grad_are_refused(w):
    def by_backward(X):
        J = (w * X).sum()
        J.backward()
        return J, {w: w - 0.1 * w.grad}

    def of_a_constant(X):
        (w * w).backward()
        return X

    for build in (by_backward, of_a_constant):
        with pytest.raises(RuntimeError, match=r"^backward: .* while mg\.compile builds a graph.* Write mg\.grad\(J, w\)"):
            mg.compile(build)(X0)
    (3 * w).backward()
    with pytest.raises(RuntimeError, match=r"^'w' is \(\): its \.grad is read while .* Write mg\.grad\(J, w\)"):
        mg.compile(lambda X: ((w * X).sum(), {w: w - 0.1 * w.grad}))(X0)
    assert (w.value, w.grad) == (2.0, 3.0)
    step = mg.compile(lambda X: (J := (w * X).sum(), {w: w - 0.1 * mg.grad(J, w)}))
    assert step(X0) == 18.0
    assert w.value == pytest.approx(1.1)


def test_assigning_and_calling_programs_are_refused(w):
    other = mg.compile(2 * w)
    other()

    def assigns(X):
        w.value = 3.0
        return X

    def gives(X):
        X.value = X0
        return X

    for build in (assigns, gives):
        with pytest.raises(RuntimeError, match=r"its value is assigned while .* Return outputs and a dict of updates"):
            mg.compile(build)(X0)
    for build in (lambda X: X * other(), lambda X: X * other.repeat(2)[0]):
        with pytest.raises(RuntimeError, match=r"^a program is called while .* Call it before"):
            mg.compile(build)(X0)
    assert w.value == 2.0
    assert other() == 4.0


def test_the_value_of_a_parameter_stays_and_that_is_said_once(w):
    step = mg.compile(lambda X: ((w * X).sum(), {w: w - 0.1 * w.value}))
    with pytest.warns(mg.GraphWarning, match=r"^'w' is \(\), and its value is read while .* number that it is now"):
        step(X0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        step(X0)
        step(X0[:, :2])
    assert w.value == pytest.approx(2.0 - 0.2 - 0.2 - 0.16)  # the last was traced when w was 1.6


def test_the_warning_is_given_at_the_line_that_reads(w):
    def build(X):
        return X * float(w)  # this line

    with pytest.warns(mg.GraphWarning) as caught:
        mg.compile(build)(X0)
    assert [warning.lineno for warning in caught] == [build.__code__.co_firstlineno + 1]
    assert caught[0].filename == __file__


@pytest.mark.parametrize("read", [lambda s: s.value, float, lambda s: (2 * s).value, lambda s: mg.evaluate(s * s)])
def test_data_that_are_read_may_change(read):
    scale = mg.data(3.0, "scale")
    traces = []

    def build(X):
        traces.append(X.shape)
        return X * read(scale)

    step = mg.compile(build)
    for value in (3.0, 3.0, 5.0, 5.0):
        if scale.value != value:
            scale.value = value
        assert step(X0).tolist() == (X0 * read(scale)).tolist()
    assert step(X0[:, :1]).tolist() == (X0[:, :1] * read(scale)).tolist()
    assert traces == [(1, 3), (1, 3), (1, 1)]


def test_data_that_are_read_and_updated_are_said_to_stay():
    rate = mg.data(0.5, "rate")
    step = mg.compile(lambda X: (X * float(rate), {rate: 0.9 * rate}))
    with pytest.warns(mg.GraphWarning, match=r"^'rate' is \(\), and its value is read"):
        step(X0)
    assert step(X0).tolist() == (X0 * 0.5).tolist()


def test_data_given_for_a_moment_are_not_read():
    step = mg.compile(lambda X: X * mg.evaluate(2 * X.sum(), given={X: X0}))
    assert step(2 * X0).tolist() == (2 * X0 * 18).tolist()


def test_an_error_inside_leaves_nothing_open(w):
    calls = []

    def build(X):
        calls.append(X)
        if len(calls) == 1:
            raise KeyError("mine")
        return w * X

    step = mg.compile(build)
    with pytest.raises(KeyError, match="mine"):
        step(X0)
    assert Clock.watched == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert float(w) == 2.0
    assert step(X0).tolist() == (2 * X0).tolist()


def test_one_in_another(w):
    """The inner function's own placeholders and the outer one's are told apart; what it compiles can be called later."""
    inner = []

    def build(X):
        program = mg.compile(lambda Y: Y * w)
        inner.append(program)
        with pytest.raises(TypeError):
            program.program_for(X)  # a node is not an array
        inner.append(mg.compile((X * w).sum(), inputs=[X]))
        with pytest.raises(RuntimeError, match="a program is called while"):
            program(X0)
        return X * w

    assert mg.compile(build)(X0).tolist() == (2 * X0).tolist()
    assert inner[0](X0).tolist() == (2 * X0).tolist()
    assert inner[1](X0) == 18.0


def test_other_threads_read_what_they_like(w):
    found = []

    def build(X):
        thread = threading.Thread(target=lambda: found.append(float(w)))
        thread.start()
        thread.join()
        return X * w

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mg.compile(build)(X0)
    assert found == [2.0]


def test_a_function_whose_arguments_have_no_names():
    assert mg.compile(lambda *arrays: sum(arrays, 0.0 * arrays[0]))(X0, X0).tolist() == (2 * X0).tolist()

    class Unsigned:
        __signature__ = "none"

        def __call__(self, X):
            return X.sum()

    step = mg.compile(Unsigned())
    assert step(X0) == 9.0
    assert "argument_0" in step.source


class Noise(mg.Elementwise):
    """x plus what is drawn."""

    pure = False
    random = np.random.default_rng(0)

    def forward(self, x):
        return x + self.random.normal(size=np.shape(x))

    def derivatives(self, y, x):
        return [mg.Identity()]


def test_the_value_of_an_operation_that_is_not_pure_stays_and_that_is_said():
    n = Noise()(mg.data(0.0, "z")).named("n")
    with pytest.warns(mg.GraphWarning, match=r"'n' is \(\), and its value is read while a graph is built"):
        mg.compile(lambda X: X * n.value)(X0)
