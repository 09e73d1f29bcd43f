"""Operations that are not pure: each node is evaluated by itself, once a step, and both passes read the same value."""

import re
from dataclasses import dataclass, field

import numpy as np
import pytest

import minigraph as mg
from minigraph.program import passes
from minigraph.program.instructions import View
from minigraph.program.lowering.table import Lowering, register

WITHOUT = [(), *((name,) for name in passes.names()), passes.names()]


@dataclass(frozen=True, eq=False)
class Mask(mg.Elementwise):
    """1/keep where an entry is kept, else 0: drawn at random, whatever x is."""

    keep: float
    seed: int = 0
    random: np.random.Generator = field(init=False)
    seen: list = field(default_factory=list)

    pure = False

    def __post_init__(self):
        object.__setattr__(self, "random", np.random.default_rng(self.seed))

    def forward(self, x):
        self.seen.append(np.shape(x))
        return (self.random.random(np.shape(x)) < self.keep) / self.keep

    def derivatives(self, y, x):
        return [None]


@dataclass(frozen=True, eq=False)
class Claiming(Mask):
    """Says of itself what is true of products, so that programs would move numbers through it."""

    linear_in = (0,)


register(
    Claiming,
    Lowering(lambda write, op, out, x: write.copy(x, out), view=lambda op, x: View(), sign=lambda i: 1, in_place=True),
)


def dropout(x, mask):
    return x * mask(x)


def trained_by_hand(W, X, Y, rate, steps, seed):
    """Descent with dropout in NumPy: costs and the last W."""
    random, costs = np.random.default_rng(seed), []
    for _ in range(steps):
        A = np.tanh(W @ X)
        drawn = (random.random(A.shape) < 0.5) / 0.5
        error = A * drawn - Y
        costs.append((error**2).mean())
        W = W - rate * (2 * error / error.size * drawn * (1 - A**2)) @ X.T
    return costs, W


@pytest.mark.parametrize("without", WITHOUT, ids=" ".join)
@pytest.mark.parametrize("calls", [False, True])
def test_dropout_has_one_mask_a_step_in_both_passes(without, calls):
    random = np.random.default_rng(1)
    W0, X0, Y0 = random.standard_normal((2, 3)), random.standard_normal((3, 5)), random.standard_normal((2, 5))
    W, X, Y = mg.parameter(W0, "W"), mg.data(X0, "X"), mg.data(Y0, "Y")
    mask = Mask(0.5, seed=7)
    error = dropout(mg.tanh(W @ X), mask) - Y
    J = mg.square(error).mean()
    step = mg.compile(J, updates={W: W - 0.3 * mg.grad(J, W)}, without=without)
    assert mask.seen == []  # compiling draws nothing
    costs = [float(step()) for _ in range(6)] if calls else step.repeat(6)
    expected, last = trained_by_hand(W0, X0, Y0, 0.3, 6, 7)
    assert np.allclose(costs, expected, rtol=1e-12)
    assert np.allclose(W.value, last, rtol=1e-12)
    assert mask.seen == [(2, 5)] * 6


@pytest.mark.parametrize("without", WITHOUT, ids=" ".join)
@pytest.mark.parametrize("kind", [Mask, Claiming])
def test_what_depends_on_nothing_that_changes_is_drawn_in_each_step(without, kind):
    W, X = mg.parameter(np.ones((1, 3)), "W"), mg.data(np.full((3, 4), 3.0), "X")
    mask = kind(0.5)
    noisy = X * mask(2 * X)
    J = (W @ noisy).sum()
    step = mg.compile([J, noisy], updates={W: W - 0.1 * mg.grad(J, W)}, without=without)
    costs, drawn = step.repeat(4)
    random = np.random.default_rng(0)
    expected = [3.0 * (random.random((3, 4)) < 0.5) / 0.5 for _ in range(4)]
    assert drawn.tolist() == np.array(expected).tolist()
    w = np.ones((1, 3))
    for cost, x in zip(costs, expected, strict=True):
        assert cost == pytest.approx((w @ x).sum(), rel=1e-12)
        w = w - 0.1 * x.sum(axis=1)
    assert np.allclose(W.value, w, rtol=1e-12)
    assert len(mask.seen) == 4


@pytest.mark.parametrize("without", WITHOUT, ids=" ".join)
def test_two_of_one_operand_are_two(without):
    x = mg.data(np.ones(50), "x")
    mask = Mask(0.5)
    program = mg.compile([mask(x) - mask(x), mg.tanh(mask(np.ones(50)))], without=without)
    random = np.random.default_rng(0)
    a, b, c = ((random.random(50) < 0.5) / 0.5 for _ in range(3))
    difference, folded = program()
    assert sorted(map(tuple, [difference, folded])) == sorted(map(tuple, [a - b, np.tanh(c)]))
    assert program()[0].any()
    assert len(mask.seen) == 6  # also those of a number are drawn in each call


def test_the_graph_keeps_what_was_drawn_until_an_operand_is_set():
    x = mg.parameter(np.ones(20), "x")
    mask = Mask(0.5)
    y = dropout(x, mask)
    J = y.sum()
    gradient = mg.grad(J, x)
    first = y.value
    assert np.array_equal(gradient.value, first)
    J.backward()
    assert np.array_equal(x.grad, first)
    assert mask.seen == [(20,)]
    x.value = np.ones(20)
    assert np.array_equal(gradient.value, y.value)
    assert not np.array_equal(y.value, first)
    assert len(mask.seen) == 2
    a, b = mg.evaluate([y, gradient], given={x: np.full(20, 3.0)})
    assert np.array_equal(a, 3 * b)
    assert len(mask.seen) == 3


def test_nothing_is_carried_through_or_joined():
    W, X = mg.parameter(np.ones((1, 40)), "W"), mg.data(np.ones((40, 3)), "X")
    mask = Mask(0.5)
    J = mg.square(W @ (X * mask(X))).sum()
    step = mg.compile(J, updates={W: W - 1e-3 * mg.grad(J, W)})
    assert not step.uses_gram(10_000)
    fixed = mg.square(W @ X).sum()
    assert mg.compile(fixed, updates={W: W - 1e-3 * mg.grad(fixed, W)}).uses_gram(10_000)  # without it, it would be

    a, b = mg.parameter(np.ones(3), "a"), mg.parameter(np.ones(5), "b")
    step = mg.compile([], updates={p: p - 0.1 * mask(mg.exp(p)) for p in (a, b)})
    mask.seen.clear()
    step()
    assert sorted(mask.seen) == [(3,), (5,)]


def test_blocks_of_steps_draw_in_each_step():
    w, x = mg.parameter(np.zeros(3), "w"), mg.data(np.ones(3), "x")
    mask = Mask(0.5)
    outputs = (mg.tanh(w) * mask(w) + mg.exp(w) * mg.sigmoid(w)).sum()
    step = mg.compile(outputs, updates={w: w + 0.0 * x})
    drawn = step.repeat(4_200)
    assert len(mask.seen) == 4_200
    assert len(set(drawn[:100].tolist())) == 1  # tanh 0 is 0
    assert step.source_for(4_200) == step.source


def test_a_property_may_say_it():
    @dataclass(frozen=True)
    class Noise(mg.Elementwise):
        size: float

        random = np.random.default_rng(3)

        @property
        def pure(self):
            return self.size == 0

        def forward(self, x):
            return x + self.size * self.random.standard_normal(np.shape(x))

        def derivatives(self, y, x):
            return [mg.Identity()]

    x = mg.parameter(np.ones(4), "x")
    assert np.count_nonzero(mg.compile(Noise(1.0)(x) - Noise(1.0)(x))()) == 4
    still = mg.compile(Noise(0.0)(x) + Noise(0.0)(x))
    assert still().tolist() == [2.0] * 4
    assert still.source.count("forward_noise") == 1


def test_its_name_and_its_errors_are_its_own():
    class Draw(mg.Elementwise):
        pure = False

        def forward(self, x):
            raise ValueError("the generator is empty")

        def derivatives(self, y, x):
            return [None]

    program = mg.compile(Draw()(mg.data(1.0, "x")).named("drawn"))
    assert "forward_draw" in program.source
    with pytest.raises(ValueError, match="the generator is empty") as caught:
        program()
    assert "in draw for 'drawn' of 'x' is ()" in caught.value.__notes__[0]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gradients_are_checked_with_the_mask_that_was_drawn(dtype):
    W, X = mg.parameter(np.full((2, 3), 0.5, dtype), "W"), mg.data(np.ones((3, 5), dtype), "X")
    mask = Mask(0.5)
    J = mg.square(dropout(W @ X, mask)).mean()
    report = mg.check_gradients(J)
    assert report.ok
    assert not report.undecided
    assert len(mask.seen) <= 2

    class Wrong(Mask):
        """Moves with x, whatever its derivative says."""

        def derivatives(self, y, x):
            return [mg.Scale(0.0 * x)]

    moving = mg.check_gradients(mg.square(dropout(W @ X, Wrong(0.5))).mean())
    assert not moving.ok
    assert moving.undecided[0].remark.startswith("J changes by itself")


class RunningMean(mg.Elementwise):
    """Remembers, and gives the array in which it does so."""

    pure = False

    def __init__(self):
        self.mean = np.zeros(3)

    def forward(self, x):
        self.mean *= 0.9
        self.mean += 0.1 * x
        return self.mean

    def derivatives(self, y, x):
        return [mg.Scale(mg.data(0.1))]


def test_an_operation_may_give_the_array_that_it_keeps():
    x = mg.parameter([1.0, 2.0, 3.0], "x")
    J = (RunningMean()(x) ** 2).sum()
    costs = mg.compile(J, updates={x: x - 0.1 * mg.grad(J, x)}).repeat(4)
    values, mean, expected = np.array([1.0, 2.0, 3.0]), np.zeros(3), []
    for _ in range(4):
        mean = 0.9 * mean + 0.1 * values
        expected.append(np.sum(mean**2))
        values = values - 0.1 * 0.2 * mean
    np.testing.assert_allclose(costs, expected, rtol=1e-14)


class Giving(mg.Op):
    """Gives what it is told to."""

    pure = False

    def __init__(self, result):
        self.result = result

    def shape(self, x):
        return np.shape(self.result(x.value))

    def forward(self, x):
        return self.result(x)

    def derivatives(self, y, x):
        return [None]


@pytest.mark.parametrize("result", [lambda x: 3, lambda x: 2.5, lambda x: [1, 2], lambda x: x > 1, lambda x: x.tolist()])
def test_what_an_operation_may_give_it_may_give_to_a_program(result):
    x = mg.parameter([1.0, 2.0, 3.0], "x")
    y = 2 * Giving(result)(x)
    np.testing.assert_array_equal(mg.compile(y)(), y.value)


REFUSED = [
    (lambda x: x + 1j, "giving: Giving.forward gave an array of dtype complex128."),
    (lambda x: np.array(["1", "2", "3"]), "giving: Giving.forward gave an array of dtype <U1."),
    (lambda x: np.ma.array(x, mask=[1, 0, 0]), "giving: Giving.forward: a masked array is refused"),
]


@pytest.mark.parametrize(("result", "message"), REFUSED, ids=["complex", "text", "masked"])
def test_what_a_graph_refuses_of_an_operation_a_program_refuses(result, message):
    y = 2 * Giving(result)(mg.parameter([1.0, 2.0, 3.0], "x"))
    for compute in (lambda: y.value, mg.compile(y)):
        with pytest.raises(TypeError, match=re.escape(message)):
            compute()


def test_a_shape_rule_that_is_wrong_is_blamed_by_name():
    giving = Giving(lambda x: x)
    y = 2 * giving(mg.parameter([1.0, 2.0, 3.0], "x"))
    giving.result = lambda x: x[:2]
    with pytest.raises(mg.ShapeError, match=re.escape("Its shape rule (Giving.shape) and its forward rule disagree.")):
        mg.compile(y)()
