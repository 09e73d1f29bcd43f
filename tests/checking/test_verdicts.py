"""A table of right and of wrong rules, J of the rule's own size: none is called what it is not."""

from types import SimpleNamespace

import numpy as np
import pytest
from rules import Cosine, Rule, Sine, at, one, only

import minigraph as mg
from minigraph.checking.verdicts import _is_seen_beside

SCALES = [1e-20, 1e-10, 1.0, 1e10, 1e20]


# A function, its derivative, and where it is checked.
SMOOTH = {
    "x": (lambda x: x + 0, one, [1e-10, -0.5, 3.0, 1e10]),
    "x²": (np.square, lambda x: 2 * x, [-1.0, 1e-17, 1e-3, 7.0, 1e8]),
    "x³": (lambda x: x**3, lambda x: 3 * x**2, [-2.0, 1e-5, 1.0]),
    "x⁵⁰": (lambda x: x**50, lambda x: 50 * x**49, [0.5, -1.0, 1.1, 2.0]),
    "exp": (np.exp, mg.exp, [-30.0, -1.0, 0.0, 1.0, 30.0]),
    "exp 50 x": (lambda x: np.exp(50 * x), lambda x: 50 * mg.exp(50 * x), [-0.3, 0.0, 0.4]),
    "log": (np.log, lambda x: 1 / x, [1e-250, 1e-12, 1e-3, 0.5, 40.0]),
    "sqrt": (np.sqrt, lambda x: 0.5 / mg.sqrt(x), [1e-200, 1e-8, 0.3, 1e8]),
    "1/x": (lambda x: 1 / x, lambda x: -1 / x**2, [-1e-8, 0.1, -3.0, 1e6]),
    "sin": (np.sin, Cosine(), [0.0, 1.0, 30.0]),
    "sin 1000 x": (lambda x: np.sin(1000 * x), lambda x: 1000 * Cosine()(1000 * x), [0.0, 0.5, 3.0]),
    "tanh": (np.tanh, lambda x: 1 - mg.tanh(x) ** 2, [-2.0, 0.0, 1e-9, 3.0]),
    "x (1 − x)": (lambda x: x * (1 - x), lambda x: 1 - 2 * x, [0.1, 0.499, 0.9]),
    "(x − 1)² + (x + 1)² − 2": (lambda x: (x - 1) ** 2 + (x + 1) ** 2 - 2, lambda x: 4 * x, [1e-3, 0.5, 20.0]),
}
# Where only the second derivative jumps, and where it is 0.
FLAT = {
    "relu²": (lambda x: np.maximum(x, 0) ** 2, lambda x: 2 * mg.relu(x), 0.0),
    "x |x|": (lambda x: x * np.abs(x), lambda x: 2 * mg.abs(x), 0.0),
    "(max(x, 1) − 1)²": (lambda x: (np.maximum(x, 1) - 1) ** 2, lambda x: 2 * (mg.maximum(x, 1.0) - 1), 1.0),
    "x³": (lambda x: x**3, lambda x: 3 * x**2, 0.0),
    "x⁸": (lambda x: x**8, lambda x: 8 * x**7, 0.0),
    "x² at its least": (np.square, lambda x: 2 * x, 0.0),
    "cos at its most": (np.cos, lambda x: -Sine()(x), 0.0),
}
POINTS = [(name, x) for name, (_, _, points) in SMOOTH.items() for x in points]


def verdict(f, g, x, c=1.0, dtype=None):
    """The verdict on the only entry."""
    report = mg.check_gradients(Rule(f, g, c)(mg.parameter([x], "x", dtype)).sum())
    (entry,) = report.entries
    assert report.ok == (entry.verdict == "right")
    return entry.verdict


@pytest.mark.parametrize("c", SCALES)
@pytest.mark.parametrize("name, x", POINTS)
def test_a_right_rule_is_right_at_every_scale(name, x, c):
    f, g, _ = SMOOTH[name]
    assert verdict(f, g, x, c) == verdict(f, g, x, -c) == "right"


@pytest.mark.parametrize("c", SCALES)
@pytest.mark.parametrize("name", FLAT)
def test_where_only_the_second_derivative_jumps_a_slope_of_0_is_right(name, c):
    f, g, x = FLAT[name]
    assert verdict(f, g, x, c) == "right"
    assert verdict(f, lambda x: one(x) * 1e-3, x, c) == "wrong"


WRONG = {
    "the other sign": lambda g: lambda x: -g(x),
    "twice": lambda g: lambda x: 2 * g(x),
    "half": lambda g: lambda x: g(x) / 2,
    "a thousandth off": lambda g: lambda x: 1.001 * g(x),
    "nearly 0": lambda g: lambda x: 1e-9 * g(x),
    "zero": lambda g: lambda x: 0 * g(x),
    "a term too much": lambda g: lambda x: g(x) + mg.abs(g(x)) / 3,
    "huge": lambda g: lambda x: 1e20 * g(x),
    "not a number": lambda g: lambda x: g(x) * np.nan,
}


@pytest.mark.parametrize("c", [1e-20, 1.0, 1e20])
@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_rule_is_wrong_at_every_scale(mistake, c):
    for name, x in POINTS:
        f, g, _ = SMOOTH[name]
        assert verdict(f, WRONG[mistake](g), x, c) == "wrong", (name, x)


@pytest.mark.parametrize("c", [1e-20, 1e-17, 1e-12, 1e-8, 1e-4, 1.0, 1e4, 1e8, 1e14, 1e20])
def test_a_sign_is_found_in_a_parabola_of_any_size(c):
    for x in (1e-10, 0.3, 1.0, 1e10):
        assert verdict(np.square, lambda x: 2 * x, x, c) == "right"
        assert verdict(np.square, lambda x: -2 * x, x, c) == "wrong"


@pytest.mark.parametrize("c", [1e-20, 1e-10, 1.0, 1e10, 1e20])
def test_float32_is_judged_alike(c):
    for f, g, points in (SMOOTH["x²"], SMOOTH["tanh"], SMOOTH["exp"]):
        for x in points[:2]:
            assert verdict(f, g, x, c, np.float32) == "right"
            for mistake in ("the other sign", "a thousandth off", "zero"):
                assert verdict(f, WRONG[mistake](g), x, c, np.float32) == "wrong"


# Mistakes far smaller than the entry: differences of these functions are known to 1e-6 of it and better.
CLOSE = {
    "x²": (np.square, lambda x: 2 * x, [-1.7, 0.5, 1.0, 3.0, 100.0]),
    "log": (np.log, lambda x: 1 / x, [0.02, 0.5, 1.0, 3.0, 100.0]),
    "log10": (np.log10, lambda x: 1 / (np.log(10) * x), [0.02, 0.5, 1.0, 3.0, 100.0]),
    "exp": (np.exp, mg.exp, [-1.7, 0.5, 3.0, 100.0]),
    "tanh": (np.tanh, lambda x: 1 - mg.tanh(x) ** 2, [-1.7, 0.5, 3.0]),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: mg.sigmoid(x) * (1 - mg.sigmoid(x)), [-1.7, 0.5, 3.0]),
}


@pytest.mark.parametrize("c", [1e-20, 1e-3, 1.0, 1e20])
@pytest.mark.parametrize("mistake", [1e-3, 9e-5, 1e-5, 6.5e-6])
@pytest.mark.parametrize("name", CLOSE)
def test_a_slightly_wrong_rule_is_wrong(name, mistake, c):
    f, g, points = CLOSE[name]
    for x in points:
        assert verdict(f, g, x, c) == "right", x
        for factor in (1 - mistake, 1 + mistake):
            assert verdict(f, lambda x, factor=factor: factor * g(x), x, c) == "wrong", x


@pytest.mark.parametrize("mistake, found", [(0.0, "right"), (1e-5, "wrong"), (2e-5, "wrong"), (1e-3, "wrong")])
@pytest.mark.parametrize("name", ["x²", "tanh", "sigmoid"])
def test_a_slightly_wrong_rule_is_wrong_in_a_layer(name, mistake, found):
    f, g, _ = CLOSE[name]
    for scale in (0.3, 1.0, 3.0):
        rng = np.random.default_rng(0)
        W = mg.parameter(scale * rng.normal(size=(4, 3)), "W")
        J = Rule(f, lambda x: (1 + mistake) * g(x))(W @ mg.data(rng.normal(size=(3, 6)), "X")).sum()
        assert {entry.verdict for entry in mg.check_gradients(J, W).entries} == {found}


class Log10(mg.Elementwise):
    """Its constant is rounded to five digits."""

    domain = (0.0, np.inf)
    forward = staticmethod(np.log10)

    def derivatives(self, result, x):
        return [mg.Scale(1 / (2.3026 * x))]


def test_a_rounded_constant_is_found_by_check_op():
    report = mg.check_op(Log10())
    assert not report.ok and "first derivatives" in str(report)


@pytest.mark.parametrize("offset", [0.0, 1.0, 1e3, 1e5])
def test_a_right_rule_is_not_wrong_where_rounding_leaves_little(offset):
    for name in CLOSE:
        f, g, points = CLOSE[name]
        for x in points:
            assert only(offset + Rule(f, g)(at(x))).verdict != "wrong", (name, x)
    for f, g, x in FLAT.values():
        assert only(offset + Rule(f, g)(at(x))).verdict != "wrong"


@pytest.mark.parametrize("lean", [-1e-5, 0.0, 1e-5])
def test_a_slight_kink_leaves_room_for_any_slope_between(lean):
    assert only(Rule(lambda x: x + 1e-5 * np.abs(x), lambda x: (1 + lean) * one(x))(at(0.0))).verdict == "right"


def test_wrong_for_negative_numbers_only():
    x = mg.parameter([-2.0, -0.1, 0.1, 2.0], "x")
    report = mg.check_gradients(Rule(lambda x: x**3, lambda x: 3 * x * mg.abs(x))(x).sum())
    assert [entry.verdict for entry in report.entries] == ["wrong", "wrong", "right", "right"]
    assert not report and report.wrong == report.entries[:2] and report.worst in report.wrong


@pytest.mark.parametrize("size", [1e-20, 1.0, 1e20])
@pytest.mark.parametrize("factor, second", [(1.0, "right"), (1.01, "wrong")])
def test_a_wrong_entry_is_found_beside_a_larger_one(size, factor, second):
    x = mg.parameter([1e8, 1e-4], "x")
    root = Rule(np.sqrt, lambda x: np.array([1.0, factor]) / (2 * mg.sqrt(x)), size)
    assert [entry.verdict for entry in mg.check_gradients(root(x).sum()).entries] == ["right", second]


class Rows(mg.LinearMap):
    """Adds a column to each column; its pull sums over another axis, or not the right matrix."""

    def __init__(self, push, pull):
        self._push, self._pull = push, pull

    def push(self, tangent):
        return self._push(tangent)

    def pull(self, cotangent):
        return self._pull(cotangent)


class Linear(mg.Op):
    """A linear operation of x, with a map that may be wrong."""

    def __init__(self, forward, size, map_):
        self._forward, self._size, self._map = forward, size, map_

    def shape(self, x):
        return self._size

    def forward(self, x):
        return self._forward(x)

    def derivatives(self, result, x):
        return [self._map]


@pytest.mark.parametrize("c", [1e-20, 1.0, 1e20])
def test_a_sum_over_the_wrong_axis_is_found(c):
    weights = c * np.arange(1.0, 10.0).reshape(3, 3)
    b = mg.parameter([[1.0], [2.0], [3.0]], "b")

    def cost(pull):
        added = Linear(lambda b: b + np.zeros((3, 3)), (3, 3), Rows(lambda t: mg.broadcast_to(t, (3, 3)), pull))(b)
        return (added * weights).sum()

    assert mg.check_gradients(cost(lambda g: g.sum(axis=1, keepdims=True)))
    report = mg.check_gradients(cost(lambda g: g.sum(axis=0, keepdims=True).T))
    assert [entry.verdict for entry in report.entries] == ["wrong", "right", "wrong"]  # 6 for 12, 15, 24 for 18


@pytest.mark.parametrize("c", [1e-20, 1.0, 1e20])
def test_a_transposed_matrix_is_found(c):
    M = c * np.array([[1.0, 2.0, 0.0], [5.0, 3.0, 1.0], [0.0, 4.0, 7.0]])
    x = mg.parameter([[1.0], [-1.0], [2.0]], "x")

    def cost(pull):
        return mg.sum(Linear(lambda x: M @ x, (3, 1), Rows(lambda t: mg.matmul(M, t), pull))(x) ** 2)

    assert mg.check_gradients(cost(lambda g: mg.matmul(M.T, g)))
    assert len(mg.check_gradients(cost(lambda g: mg.matmul(M, g))).wrong) == 3


@pytest.mark.parametrize("name, x, step, remark", [("sin 1000 x", 0.5, 1e-7, "step 1e-07"), ("x³", 1e-5, 1e-4, "")])
def test_a_smaller_step_than_the_usual_one_is_told(name, x, step, remark):
    f, g, _ = SMOOTH[name]
    entry = only(Rule(f, g)(at(x)))
    assert entry.verdict == "right" and entry.step == pytest.approx(step) and entry.remark == remark


@pytest.mark.parametrize("large, x, slope", [(19035051745.433887, 504.408, 0.19), (117288784222.17105, 0.285, 0.57)])
def test_a_rule_is_not_excluded_by_its_own_rounding(large, x, slope):
    cancelling = Rule(lambda x: slope * x, lambda x: slope * one(x) + large - large)
    assert only(cancelling(at(x))).verdict == "right"


def test_a_rule_is_excluded_only_by_what_is_clearly_beyond_the_error_of_a_difference():
    off = Rule(np.log, lambda x: (1 + 2.0362277853009004e-6) / x)
    assert only(1000 + off(at(557.7741223041763))).verdict == "right"


@pytest.mark.parametrize("offset, bend, found", [
    (3e4, 2e-5, "right"), (1e5, 1e-4, "right"), (3e5, 5e-5, "right"), (1e6, 5e-5, "right"),
    (3e5, 2e-4, "undecided"), (1e6, 1e-4, "undecided"), (3e6, 4e-4, "undecided"),
])  # fmt: skip
def test_a_rule_is_not_excluded_by_a_difference_that_is_sure_of_itself_by_chance(offset, bend, found):
    """At this scale the polynomials through the steps 0.1, 0.01 and 0.001 agree, but on a slope that no other step sees."""
    x = at(0.0)
    entry = only(offset + x + bend * mg.tanh(49.02484395239418 * x))
    assert entry.verdict == found
    assert entry.remark == {"right": "", "undecided": "the slopes of J do not settle as the step falls"}[found]


def test_a_step_without_others_beside_it_is_believed_and_else_the_nearest_of_two_decides():
    pairs = [SimpleNamespace(slope=slope) for slope in (0.0, 2.0, 2.001, 9.0)]
    assert _is_seen_beside(pairs[:1], pairs[0], 1e-9)
    assert _is_seen_beside(pairs, pairs[1], 1.0)
    assert not _is_seen_beside(pairs, pairs[0], 1.0)
    assert not _is_seen_beside(pairs, pairs[3], 1.0)
