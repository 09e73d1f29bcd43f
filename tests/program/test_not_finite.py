"""Where a program's numbers are not finite the graph has the last word: masks, overflow, Gram's range."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.program.lowering.table import Lowering, register

F32 = np.float32
INF = np.inf


class Thousandth(mg.Elementwise):
    """A thousandth. Programs multiply by 3 first, and so overflow where the graph does not."""

    def forward(self, x):
        return x / 1000

    def derivatives(self, y, x):
        return [mg.Scale(0.001)]


def write_thousandth(write, op, out, x):
    write.call("multiply", x, write.number(3.0, out.dtype), out)
    write.call("multiply", out, write.number(1 / 3000, out.dtype), out)


register(Thousandth, Lowering(write_thousandth))


def by_graph(program):
    """How many steps the graph had to do, as the report says."""
    (line,) = [line for line in program.report().splitlines() if line.startswith("finite")] or ["finite 0 steps"]
    return int(line.split()[1].replace(",", ""))


def assert_same(node, *, redone=0, rtol=None):
    """The program's value is the graph's, infinities with their signs, and how often it was the graph that did it."""
    program = mg.compile(node)
    rtol = 8 * np.finfo(node.dtype).eps if rtol is None else rtol
    np.testing.assert_allclose(program(), node.value, rtol=rtol, atol=0)
    assert by_graph(program) == redone
    return program


# Masked logits


@pytest.mark.parametrize("dtype", [np.float64, F32])
def test_masked_logits_in_cross_entropy(dtype):
    z = mg.parameter(np.array([[-INF, 1.0, 2.0], [2.0, -INF, 1.0], [1.0, 0.5, -INF]], dtype), "z")
    y = np.array([[0, 1, 0.25], [1, 0, 0.75], [0, 0, 0]], dtype)
    loss = mg.cross_entropy_with_logits(z, y)
    assert np.isfinite(loss.value).all()
    assert_same(loss)
    assert_same(mg.grad(loss.sum(), z))
    step = mg.compile(loss.sum(), updates={z: z - 0.5 * mg.grad(loss.sum(), z)})
    expected = [loss.sum().value, (z - 0.5 * mg.grad(loss.sum(), z)).value]
    assert step() == pytest.approx(expected[0], rel=1e-6)
    np.testing.assert_allclose(z.value, expected[1], rtol=1e-6)


def test_a_masked_logit_whose_target_is_not_0_costs_infinitely_much():
    z = mg.data([[-INF, 1.0], [2.0, 3.0]], "z")
    program = assert_same(mg.cross_entropy_with_logits(z, [[0.5, 1.0], [0.5, 0.0]]), redone=1)
    assert program()[0, 0] == INF


@pytest.mark.parametrize("dtype", [np.float64, F32])
def test_infinite_logits_in_binary_cross_entropy(dtype):
    z = mg.data(np.array([INF, -INF, INF, -INF, INF, -INF, np.nan], dtype), "z")
    loss = mg.bce_with_logits(z, np.array([0, 1, 1, 0, 0.5, 0.5, 1], dtype))
    assert loss.value.tolist()[:6] == [INF, INF, 0, 0, INF, INF]
    assert np.isnan(loss.value[6])
    assert_same(loss, redone=1)
    sure = mg.bce_with_logits(mg.data(np.array([INF, -INF, INF, -INF], dtype), "z"), np.array([0, 1, 1, 0], dtype))
    assert_same(sure[2:])
    assert_same(1 / (1 + sure))
    assert_same(mg.exp(-sure))


# Numbers in products


def scalar(value, name, dtype=F32):
    return mg.parameter(dtype(value), name)


OVERFLOWING = {
    "a product of small multiples": lambda: ((scalar(2e30, "a") * 1e-30) * (scalar(6e24, "b") * 1e-24)).sum(),
    "a matrix product of small multiples": lambda: (
        (mg.data(np.full((2, 3), 1e30, F32), "X") / 1e20) @ (mg.data(np.full((3, 2), 1e30, F32), "Y") / 1e20)
    ),
    "0 times a square": lambda: (0.0 * scalar(1e25, "w") * scalar(1e25, "v")).sum(),
    "hidden": lambda: mg.tanh((scalar(2e30, "a") * 1e-30) * (scalar(6e24, "b") * 1e-25)),
    "hidden, four times": lambda: mg.tanh(
        (1e-9 * scalar(1e18, "a")) * (1e-9 * scalar(1e18, "b")) * (1e-9 * scalar(1e9, "c")) * (1e-18 * scalar(0.4, "d"))
    ),
    "too small": lambda: (scalar(2e-30, "a") * 1e30) * (scalar(6e-24, "b") * 1e24),
    "too small, hidden": lambda: 1 / (1 + (scalar(2e-30, "a") * 1e30) * (scalar(6e-24, "b") * 1e24)),
}


@pytest.mark.parametrize("case", OVERFLOWING)
def test_numbers_out_of_range_stay_where_they_are(case):
    node = OVERFLOWING[case]()
    assert np.isfinite(node.value).all()
    assert_same(node)


def test_what_overflows_only_in_the_program_is_done_by_the_graph():
    x = mg.parameter(np.full(3, 1e308), "x")
    total = Thousandth()(x).sum()
    program = assert_same(total, redone=1)
    assert "finite   1 step was not finite in the program, and done by the graph itself" in program.report()
    program()
    assert "finite   2 steps were not finite" in program.report()
    step = mg.compile(total, updates={x: x * 0.75})
    np.testing.assert_allclose(step.repeat(20), 3e305 * 0.75 ** np.arange(20), rtol=1e-14)
    assert by_graph(step) == 2


def test_the_rate_and_1_m_make_no_constant_too_small():
    z = mg.parameter(np.full((1, 4), 3e35, F32), "z")
    J = (z * F32(1e-36)).mean()
    step = mg.compile(J, updates={z: z - 1e-4 * mg.grad(J, z)})
    expected, following = J.value, (z - 1e-4 * mg.grad(J, z)).value
    assert step() == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(z.value, following, rtol=1e-6)


# A step that is not finite


@pytest.mark.parametrize("how", ["repeat", "call"])
@pytest.mark.parametrize("without", [(), ("flatten",)])
def test_a_step_is_done_again_from_the_last_whole_state(how, without):
    """In the program a sum overflows in steps that are finite in the graph; the leaves go on as in the graph."""
    x, v = mg.parameter(np.full(3, 5e307), "x"), mg.parameter([1.0, 2.0], "v")
    J = Thousandth()(x).sum() * 1e-300 + (v * v).sum()
    updates = {x: x * mg.data(1.1), v: v - 0.1 * mg.grad(J, v)}
    costs, after = plain(J, updates, 6)
    step = mg.compile(J, updates=updates, without=without)
    found = step.repeat(6) if how == "repeat" else [step() for _ in range(6)]
    np.testing.assert_allclose(found, costs, rtol=1e-14)
    for leaf, value in zip(updates, after, strict=True):
        np.testing.assert_allclose(leaf.value, value, rtol=1e-14)
    assert by_graph(step) == 4


def test_a_state_written_over_in_place_is_whole_when_the_step_is_done_again():
    w = mg.parameter(np.full(3, 1e308), "w")
    J = Thousandth()(w).sum()
    new = w - mg.tanh(J * 1e-305) * mg.data(1e307)
    step = mg.compile(J, updates={w: new})
    assert "subtract(w, " in step.source
    expected, following = J.value, new.value
    assert step() == pytest.approx(expected, rel=1e-14)
    assert by_graph(step) == 1
    np.testing.assert_allclose(w.value, following, rtol=1e-14)


def test_nothing_is_published_that_only_the_update_made():
    x, w = mg.data(np.full(3, 1e308), "x"), mg.parameter([1.0, 2.0], "w")
    J, updates = (w * w).sum(), {w: w - Thousandth()(x).sum() * 1e-305, x: x * 0.9}
    costs, after = plain(J, updates, 8)
    step = mg.compile(J, updates=updates)
    np.testing.assert_allclose(step.repeat(8), costs, rtol=1e-12)
    np.testing.assert_allclose(w.value, after[0], rtol=1e-12)
    assert by_graph(step) == 5


def test_values_that_are_large_alone_are_the_programs():
    w = mg.parameter(np.full(3, 1e200), "w")
    step = mg.compile([w * 1.0, mg.tanh(w)], updates={w: w - 1e190})
    step.repeat(3)
    assert by_graph(step) == 0


def test_what_lies_between_the_leaves_of_a_program_is_not_looked_at():
    a, b = mg.parameter([1.0, 2.0], "a"), mg.parameter([3.0], "b")
    step = mg.compile((a * a).sum() + (b * b).sum(), updates={a: a / a + a, b: b / b + b})
    assert "theta" in step.source
    step.repeat(3)
    assert by_graph(step) == 0
    assert (a.value.tolist(), b.value.tolist()) == ([4.0, 5.0], [6.0])


def test_a_state_that_is_nan_for_good_is_not_computed_for_ever():
    w, count = mg.parameter([1.0, -1.0], "w"), []

    class Counted(mg.Elementwise):
        def forward(self, x):
            count.append(x)
            return np.sqrt(x)

        def derivatives(self, y, x):
            return [None]

    step = mg.compile(Counted()(w).sum(), updates={w: w + np.nan})
    costs = step.repeat(1000)
    assert np.isnan(costs).all() and np.isnan(w.value).all() and len(count) < 10


def test_what_is_not_pure_goes_on_when_a_step_is_done_again():
    class Noise(mg.Elementwise):
        pure = False

        def __init__(self):
            self.calls = 0

        def forward(self, x):
            self.calls += 1
            return x + self.calls

        def derivatives(self, y, x):
            return [mg.Identity()]

    x, w = mg.data([1.0], "x"), mg.parameter([np.nan], "w")
    costs = mg.compile([Noise()(x), w * 1.0], updates={w: w * 1.0}).repeat(4)[0]
    assert len({float(cost[0]) for cost in costs}) == 4


def test_a_zero_that_changes_its_sign_is_another_state():
    w = mg.parameter([0.0], "w")
    assert mg.compile(1 / w, updates={w: -w}).repeat(4)[:, 0].tolist() == [INF, -INF, INF, -INF]


# The Gram rewrite


def logistic(size, dtype=np.float64, n=40, m=6, rate=0.1):
    random = np.random.default_rng(4)
    X = mg.data((size * random.standard_normal((n, m))).astype(dtype), "X")
    Y = mg.data((random.random((1, m)) < 0.5).astype(dtype), "Y")
    w, b = mg.parameter(np.zeros((1, n), dtype), "w"), mg.parameter(np.zeros((1, 1), dtype), "b")
    J = mg.bce_with_logits(w @ X + b, Y).mean()
    return J, {p: p - rate * g for p, g in zip((w, b), mg.grad(J, [w, b]), strict=True)}


def plain(J, updates, count):
    """What the graph gives."""
    before, costs = [leaf.value for leaf in updates], []
    for _ in range(count):
        costs.append(J.value)
        following = [new.value for new in updates.values()]
        for leaf, value in zip(updates, following, strict=True):
            leaf.value = value
    after = [leaf.value for leaf in updates]
    for leaf, value in zip(updates, before, strict=True):
        leaf.value = value
    return np.array(costs), after


@pytest.mark.parametrize(("dtype", "size"), [(np.float64, 1e160), (F32, 1e20), (F32, 3e17), (np.float64, 1.0)])
def test_the_gram_rewrite_squares_the_features(dtype, size):
    J, updates = logistic(size, dtype, rate=1e-3 / size)
    costs, after = plain(J, updates, 60)
    assert np.isfinite(costs).all()
    program = mg.compile(J, updates=updates)
    assert program.uses_gram(60)
    np.testing.assert_allclose(program.repeat(60), costs, rtol=1e-3 if dtype == F32 else 1e-9)
    for leaf, value in zip(updates, after, strict=True):
        np.testing.assert_allclose(leaf.value, value, rtol=1e-2 if dtype == F32 else 1e-9, atol=1e-6)


def test_the_gram_rewrite_stops_where_its_leaves_would_overflow(monkeypatch):
    from minigraph.program.loops.gram_rewrite import Carried

    J, updates = logistic(1.0)
    costs, after = plain(J, updates, 60)
    last = Carried.last

    def overflowed(*arguments):
        return {leaf: value + INF for leaf, value in last(*arguments).items()}

    monkeypatch.setattr(Carried, "last", overflowed)
    np.testing.assert_allclose(mg.compile(J, updates=updates).repeat(60), costs, rtol=1e-12)
    for leaf, value in zip(updates, after, strict=True):
        np.testing.assert_allclose(leaf.value, value, rtol=1e-9, atol=1e-12)


# Digits


@pytest.mark.parametrize(("dtype", "gaps"), [(F32, [1, 10, 17, 30, 80]), (np.float64, [1, 10, 17, 30, 37, 100, 700])])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_cross_entropy_of_a_sure_prediction_keeps_its_digits(dtype, gaps, classes):
    z = np.zeros((classes, len(gaps)), dtype)
    z[0] = gaps
    y = np.zeros_like(z)
    y[0] = 1
    exact = np.log1p((classes - 1) * np.exp(-np.array(gaps, float)))
    for node in (mg.cross_entropy_with_logits(mg.parameter(z, "z"), y), -mg.log_softmax(mg.parameter(z, "z"))[:1]):
        found = mg.compile(node)()
        np.testing.assert_allclose(found[0], exact, rtol=4 * np.finfo(dtype).eps, atol=0)
        assert not np.signbit(found).any()


@pytest.mark.parametrize("dtype", [F32, np.float64])
def test_log_softmax_of_ties_keeps_its_digits(dtype):
    z = mg.parameter(np.array([[2.0, 5.0, 1.0], [2.0, 5.0, 1.0], [2.0, -9.0, 1.0 - 1e-3]], dtype), "z")
    for axis in (0, 1):
        assert_same(mg.log_softmax(z, axis=axis), rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize(("dtype", "z"), [(F32, -95.0), (F32, -103.0), (np.float64, -720.0), (np.float64, -744.0)])
@pytest.mark.parametrize("reads", [
    lambda a: mg.log(a), lambda a: mg.log(2 * a + 0), lambda a: 1 / (1 + 1e-6 / a), lambda a: mg.sqrt(a),
    lambda a: a**-0.25, lambda a: mg.bce(a, np.ones(a.shape)), lambda a: mg.tanh(mg.log(a) / 100),
])  # fmt: skip
def test_a_small_probability_is_told_from_0_where_it_matters(dtype, z, reads):
    node = reads(mg.sigmoid(mg.parameter(np.array([z, 0.0], dtype), "z")))
    assert_same(node, rtol=2e-2, redone=int(not np.isfinite(node.value).all()))


@pytest.mark.parametrize("write", [
    lambda x: 0 - x, lambda x: x + 0, lambda x: 0 + x, lambda x: x - 0, lambda x: x + -0.0, lambda x: -0.0 - x,
    lambda x: x - -0.0, lambda x: x + (-x), lambda x: x - (-x), lambda x: mg.negative(-x), lambda x: x * 1, lambda x: x / 1,
    lambda x: 0 * x, lambda x: x * -0.0, lambda x: x + np.array([[0.0], [-0.0]]),
])  # fmt: skip
def test_the_sign_of_zero_stays(write):
    x = mg.parameter(np.array([[0.0, -0.0, 1.0, INF, -INF, np.nan]]), "x")
    assert np.array_equal(np.signbit(mg.compile(1 / write(x))()), np.signbit((1 / write(x)).value))
    hidden = mg.tanh(1 / write(mg.parameter(np.array([[0.0, -0.0, 1.0]]), "x")))
    np.testing.assert_allclose(mg.compile(hidden)(), hidden.value, rtol=1e-15)


def test_large_values_are_finite_until_they_overflow():
    w = mg.parameter([1e200, 1.0], "w")
    program = mg.compile(w.sum(), updates={w: w * 2.0})
    program()
    assert by_graph(program) == 0 and np.isfinite(w.value).all()
    program.repeat(400)
    assert np.isinf(w.value[0]) and by_graph(program) > 0


def test_what_stays_nan_is_so_in_all_steps_that_follow_and_in_none_before():
    w = mg.parameter([4.0], "w")
    root = mg.sqrt(w)
    costs = mg.compile(root.sum(), updates={w: w - 3 * root}).repeat(6)
    np.testing.assert_array_equal(costs, [2.0, *[np.nan] * 5])
