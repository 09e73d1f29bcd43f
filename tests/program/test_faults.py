"""Interrupts, errors in the middle, NaN at a step, operations of users."""

import numpy as np
import pytest

import minigraph as mg


class Bomb(mg.Elementwise):
    """x, until it has been computed so many times."""

    def __init__(self, fuse, error):
        self.fuse = fuse
        self.error = error

    def forward(self, x):
        self.fuse -= 1
        if self.fuse < 0:
            raise self.error
        return x * 1.0

    def derivatives(self, y, x):
        return [mg.Identity()]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("no more")])
@pytest.mark.parametrize("without", [(), ("flatten",), ("stack", "flatten")])
@pytest.mark.parametrize("last", [False, True])
def test_an_exception_leaves_the_last_whole_step(error, without, last):
    a, b = mg.parameter([1.0, 1.0], "a"), mg.parameter([[2.0]], "b")
    bomb = Bomb(5, error)
    new = {a: a * 2.0, b: b + 1.0}
    if last:
        new[b] = bomb(b) + 1.0
    program = mg.compile(a.sum() if last else bomb(a).sum(), updates=new, without=without)
    with pytest.raises(type(error)):
        program.repeat(100)
    assert a.value.tolist() == [32.0, 32.0]
    assert b.value.tolist() == [[7.0]]
    bomb.fuse = 3
    program.repeat(3)
    assert (a.value.tolist(), b.value.tolist()) == ([256.0, 256.0], [[10.0]])


def test_an_error_in_a_users_operation_names_the_node():
    a = mg.parameter([1.0], "a")
    program = mg.compile(Bomb(0, ValueError("no more"))(a).named("B"))
    with pytest.raises(ValueError, match="no more") as caught:
        program()
    (note,) = caught.value.__notes__
    assert "bomb for 'B' of 'a' is (1,)" in note
    assert "test_faults.py" in note


def test_a_users_operation_may_return_its_operand_or_a_view():
    class Same(mg.Op):
        def forward(self, x):
            return x

        def shape(self, x):
            return x.shape

        def derivatives(self, y, x):
            return [mg.Identity()]

    class Turned(mg.Op):
        def forward(self, x):
            return x.T

        def shape(self, x):
            return x.shape[::-1]

        def derivatives(self, y, x):
            return [None]

    x = mg.parameter([[1.0, 2.0], [3.0, 4.0]], "x")
    y = Turned()(Same()(mg.exp(x)))
    J = (mg.log(y) * mg.exp(-x)).sum()
    program = mg.compile([J, y], updates={x: x + 1})
    for _ in range(3):
        expected = [J.value, y.value]
        cost, value = program()
        assert cost == pytest.approx(float(expected[0]), rel=1e-14)
        assert np.allclose(value, expected[1], rtol=1e-14)


def test_a_users_operation_may_not_write_into_its_operand():
    class Writer(mg.Elementwise):
        def forward(self, x):
            x += 1
            return x

        def derivatives(self, y, x):
            return [None]

    x = mg.parameter([1.0, 2.0], "x")
    with pytest.raises(ValueError, match="read-only"):
        mg.compile(Writer()(2 * x))()


def test_a_wrong_shape_of_a_users_operation_is_found():
    class Wrong(mg.Elementwise):
        def forward(self, x):
            return x[:1]

        def derivatives(self, y, x):
            return [None]

    with pytest.raises(mg.ShapeError, match="disagree"):
        mg.compile(Wrong()(mg.parameter([1.0, 2.0], "x")))()


@pytest.mark.parametrize("repeat", [False, True])
@pytest.mark.parametrize("without", [(), ("flatten",)])
def test_check_finite_names_the_node_and_the_step(repeat, without):
    w, v = mg.parameter([3.0, 1.0], "w"), mg.parameter(0.0, "v")
    root = mg.sqrt(w).named("root")
    J = root.sum().named("J")
    step = mg.compile(J, updates={w: w - 1.0, v: v + 1.0}, without=without)
    with mg.check_finite(), pytest.raises(mg.NonFiniteError, match=r"step .: .root. is .*nan at entry \(1,\)") as caught:
        if repeat:
            step.repeat(10)
        else:
            for _ in range(10):
                step()
    assert caught.value.node is root
    assert caught.value.args[0].startswith("step 2" if repeat else "step 0")
    assert (w.value.tolist(), v.value) == ([1.0, -1.0], 2.0)


def test_check_finite_lets_finite_steps_pass():
    w = mg.parameter([3.0, 1.0], "w")
    step = mg.compile([w.sum(), w], updates={w: w - 1.0})
    with mg.check_finite():
        total, values = step.repeat(3)
    assert total.tolist() == [4.0, 2.0, 0.0]
    assert values.shape == (3, 2)
    with mg.check_finite():
        assert mg.compile([w.sum()], updates={w: w}).repeat(0)[0].shape == (0,)


def test_check_finite_finds_an_update_that_overflows():
    x = mg.data([1.0], "x")
    w = mg.parameter([1e200], "w")
    step = mg.compile(x.sum(), inputs=[x], updates={w: (w * w).named("square")})
    with mg.check_finite(), pytest.raises(mg.NonFiniteError, match="step 0: 'square'"):
        step([2.0])
    assert w.value.tolist() == [1e200]


def test_check_finite_names_what_the_arrays_of_the_call_bring_about():
    x, w = mg.data([4.0], "x"), mg.parameter([1.0], "w")
    step = mg.compile((mg.sqrt(x).named("root") * w).sum(), inputs=[x], updates={w: w + 1.0})
    with mg.check_finite():
        assert step.repeat(3, [0.0]).tolist() == [0.0, 0.0, 0.0]
    with mg.check_finite(), pytest.raises(mg.NonFiniteError, match="step 0: 'root'"):
        step([-1.0])
    assert w.value.tolist() == [4.0]


@pytest.mark.parametrize("last", [0, 1, 2])
def test_check_finite_looks_at_every_leaf(last):
    leaves = [mg.parameter(np.full(2, 1e200 if i == last else 1.0), f"w{i}") for i in range(3)]
    updates = {w: (w * w).named(f"square of {w.name}") for w in leaves}
    step = mg.compile(mg.data([1.0], "x").sum(), updates=updates, without=["flatten"])
    with mg.check_finite(), pytest.raises(mg.NonFiniteError, match=f"step 0: 'square of w{last}'"):
        step()
    assert [w.value[0] for w in leaves] == [1e200 if i == last else 1.0 for i in range(3)]


def test_infinities_make_no_warning_and_are_those_of_the_graph():
    x = mg.data([0.0, -1.0, 2.0], "x")
    node = mg.log(x) / x
    assert np.array_equal(mg.compile(node)(), node.value, equal_nan=True)


def test_a_part_of_a_buffer_is_not_written_over_as_if_it_were_the_whole():
    x = mg.parameter([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]], "x")
    y = mg.exp(x / 4)
    node = mg.concatenate([mg.tanh(y[1:] * 0.01), -y[:1] * 2, mg.sqrt(y[1:])])
    assert np.allclose(mg.compile(node)(), node.value, rtol=1e-14)
