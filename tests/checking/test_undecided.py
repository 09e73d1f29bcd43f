"""What differences can't decide, and why; kinks, where several slopes are right; slopes of exactly 0."""

import numpy as np
import pytest
from rules import Rule, Sine, at, one, only

import minigraph as mg

SCALES = [1e-20, 1e-10, 1.0, 1e10, 1e20]


# What can't be decided, and why


@pytest.mark.parametrize("rule", [1.0, 2.0, -1.0, 0.0])
def test_an_entry_that_the_rounding_of_J_hides_is_not_called_right(rule):
    inside = Rule(lambda x: 1e8 + 1e-6 * x, lambda x: 1e-6 * rule * one(x))
    outside = Rule(lambda x: 1e-6 * x, lambda x: 1e-6 * rule * one(x))
    tiny = Rule(lambda x: 1e-12 * x, lambda x: 1e-12 * rule * one(x))
    for J in (inside(at(1.0)), 1e8 + outside(at(1.0)), (1e8 + outside(at(1.0))) - 1e8, 1e8 + tiny(at(1.0))):
        entry = only(J)
        assert entry.verdict == "undecided" and entry.remark.startswith("rounding of J")
    assert only(1e8 + Rule(lambda x: x, one, 1e-6)(at(1e9))).verdict == "right"


@pytest.mark.parametrize("c", SCALES)
def test_a_slope_far_above_the_rounding_of_J_is_wrong(c):
    for rule in (one, lambda x: -one(x), lambda x: 1e3 * one(x)):
        assert only(c * (1e8 + Rule(lambda x: 1e-6 * x, rule)(at(1.0)))).verdict == "wrong"


@pytest.mark.parametrize(
    "J, why",
    [
        (mg.sqrt(at(0.0)), "edge of the domain"),
        (at(0.0) ** 1.5, "edge of the domain"),
        (mg.bce(at(0.0), 0.0), "edge of the domain"),
        (mg.bce(at(0.0), 1.0), "edge of the domain"),
        (mg.bce(at(1.0), 1.0), "edge of the domain"),
        (mg.log(at(0.0)), "J is -inf"),
        (1 / at(0.0), "J is inf"),
        (mg.relu(at(np.inf)), "the entry is inf"),
        (mg.exp(at(np.nan)), "the entry is nan"),
        (mg.exp(at(800.0)), "J is inf"),
        (Rule(lambda x: np.where(x > 0, np.inf, x), one)(at(0.0)), "J is ∞ right beside it"),
        (Rule(lambda x: np.where(x > 0.05, np.inf, np.where(x < 0, np.nan, x)), one)(at(0.0)), "edge of the domain"),
        (mg.sign(at(0.0)), "J jumps by 1"),
        (mg.sign(mg.relu(at(0.0))) + 5, "J jumps by 1"),
        (mg.sqrt(mg.abs(at(0.0))), "do not settle"),
    ],
)
def test_the_reason_is_given(J, why):
    entry, report = only(J), mg.check_gradients(J)
    assert entry.verdict == "undecided" and why in entry.remark
    assert not report and report.undecided and why in str(report) and "undecided" in str(report)


def test_no_step_is_small_enough_beside_a_huge_entry():
    entry = only(Sine()(at(1e12)))
    assert entry.verdict == "undecided" and "do not settle" in entry.remark
    edge = Rule(lambda x: np.where(np.abs(x - 1e300) < 1e284, x, np.nan), one)
    assert "edge of the domain" in only(edge(at(1e300))).remark
    near = Rule(lambda x: np.where(x < 1 + 2e-13, x, np.nan), one)
    assert only(near(at(1.0))).remark == "the edge of the domain is too near"


class Drift(mg.Elementwise):
    """x and a number that grows with each evaluation."""

    calls = 0

    def forward(self, x):
        self.calls += 1
        return x + 0.1 * self.calls

    def derivatives(self, result, x):
        return [mg.Identity()]


def test_a_J_that_changes_by_itself_can_not_be_checked():
    report = mg.check_gradients(Drift()(at([1.0, 2.0])).sum())
    assert not report and {entry.remark for entry in report.entries} == {
        "J changes by itself: it is random, or keeps a state"
    }


def test_undecided_entries_spoil_nothing():
    report = mg.check_gradients(mg.sqrt(at([0.0, 4.0])).sum())
    assert report.ok and [entry.verdict for entry in report.entries] == ["undecided", "right"]
    assert report.worst is report.entries[0]
    assert "1/2" in str(report) and "right, 1 undecided" in str(report)


def test_a_J_that_is_infinite_by_another_entry_is_undecided():
    report = mg.check_gradients(mg.log(at([0.0, 4.0])).sum())
    assert not report and len(report.undecided) == 2


# Kinks


def leaning(slope):
    """|x| with a rule that says this slope everywhere."""
    return Rule(np.abs, lambda x: slope * one(x))


@pytest.mark.parametrize("c", SCALES)
def test_at_a_kink_any_number_between_the_slopes_is_right_and_no_other(c):
    for slope in (-1.0, -0.3, 0.0, 0.5, 1.0):
        assert only(c * leaning(slope)(at(0.0))).verdict == "right"
    for slope in (-1.001, 1.001, 5.0, -1e9, np.nan):
        entry = only(c * leaning(slope)(at(0.0)))
        assert entry.verdict == "wrong" and entry.remark.startswith("kink: slopes")


@pytest.mark.parametrize("distance", [1e-1, 1e-3, 2e-6, 1e-9, 1e-12])
def test_beside_a_kink_the_slope_there_is_right_and_no_other(distance):
    for side in (-1, 1):
        assert only(mg.abs(at(side * distance))).verdict == "right"
        assert only(leaning(side)(at(side * distance))).verdict == "right"
        for slope in (-side, 0.0, 0.5 * side, 1.001 * side):
            assert only(leaning(slope)(at(side * distance))).verdict == "wrong"


def test_the_mean_of_the_slopes_at_a_kink_is_not_taken_for_a_derivative():
    half = Rule(lambda x: np.maximum(x, 0), lambda x: 0.5 * one(x))
    assert only(half(at(0.0))).verdict == "right" and only(half(at(0.0))).remark == "kink: slopes 0 to 1"


def test_a_kink_in_a_cost_of_many_terms():
    x = at([0.0, 1.0, -1.0])
    report = mg.check_gradients((mg.relu(x) * [2.0, 3.0, 4.0] + mg.exp(x)).sum() + 100)
    assert report.ok and [entry.remark for entry in report.entries] == ["kink: slopes 1 to 3", "", ""]


def test_a_slope_that_is_not_finite_where_J_is_smooth_is_wrong():
    assert only(mg.sqrt(at(0.0) ** 4)).verdict == "wrong"  # 0 · ∞
    assert only(mg.sqrt(at(0.0) ** 2)).remark.startswith("kink")


def test_the_norm_of_0_has_a_gradient_that_is_no_number():
    report = mg.check_gradients(mg.sqrt(mg.square(at([0.0, 0.0])).sum()))
    assert len(report.wrong) == 2 and "nan" in str(report) and "kink: slopes -1 to 1" in str(report)


# Zeros


def test_a_slope_of_exactly_0_is_right_where_nothing_moves():
    X = at([[0.0, 0.0], [1.0, -2.0]])
    W = mg.parameter([[3.0, 4.0], [-500.0, 2.0]], "W")
    dead = mg.relu(W @ mg.data([[0.0, 0.0], [1.0, 2.0]]) - 50)
    report = mg.check_gradients((dead + mg.tanh(W[0, 1])).sum() + 1e3, W)
    assert [entry.verdict for entry in report.entries] == ["right"] * 4
    assert mg.check_gradients(mg.sum(X * 0 + mg.sign(X - 5)) + 1, X)


def test_terms_that_cancel_without_a_trace_are_right_and_those_that_rounding_swallows_undecided():
    w = mg.parameter(0.0625, "w")
    assert only(mg.sum(0.5 * (w - mg.broadcast_to(w, (3,))))).verdict == "right"
    assert only(mg.sum(mg.maximum(w - mg.broadcast_to(w, (3,)), -1.0) * 2)).verdict == "right"
    zero = Rule(lambda x: 1e-12 * x, lambda x: 0 * x)
    for J in (1e8 + zero(w), mg.sum(zero(w) * np.ones(3) - 1e8), mg.square(1e8 + zero(w)) + w * 0):
        assert only(J).verdict == "undecided"


def test_a_slope_that_cancels_to_the_rounding_of_the_chain_rule_is_not_wrong():
    b = at([0.1, 0.2, 0.3])
    shift = mg.parameter(0.7, "shift")
    J = mg.log_softmax(b + shift)[0]
    entry = mg.check_gradients(J, shift).entries[0]
    assert entry.verdict == "undecided" and entry.remark.startswith("rounding")
    saturated = mg.log_softmax(mg.concatenate([at([1000.0]), at([1000.0]) / 2]))
    assert not mg.check_gradients(saturated[0]).wrong


@pytest.mark.parametrize("x", [1e-17, -3e-9, 1e-3])
def test_a_slope_near_a_least_cost_is_not_taken_for_0(x):
    assert only(Rule(np.square, lambda x: 0 * x)(at(x))).verdict == "wrong"
    assert only(Rule(lambda x: x**4, lambda x: 0 * x)(at(x))).verdict == "wrong"
    assert only(Rule(np.square, lambda x: 2 * x)(at(x))).verdict == "right"


def test_at_a_perfect_fit_and_at_a_least_cost_zero_is_right():
    X = mg.data(np.random.default_rng(0).normal(size=(3, 9)), "X")
    w = mg.parameter(np.ones((1, 3)), "w")
    perfect = mg.squared_error(w @ X, np.ones((1, 3)) @ X.value).mean()
    assert mg.check_gradients(perfect) and not mg.check_gradients(perfect).undecided
    least = (at(2.0) - 2) ** 2 + 0.7
    assert only(least).verdict == "right"


def test_no_entries_asked_for_is_refused():
    for entries in (0, -1):
        with pytest.raises(ValueError, match=f"check_gradients: entries={entries} would check nothing"):
            mg.check_gradients(mg.square(at(1.0)), entries=entries)
    with pytest.raises(TypeError, match=r"^check_gradients: the number of entries is a whole number, not 1\.5"):
        mg.check_gradients(mg.square(at(1.0)), entries=1.5)


def test_a_tie_of_many_may_be_shared_out():
    x = at([2.0, 2.0, 1.0, 2.0, 2.0])  # a quarter each, between 0 and 1; the central difference says a half
    report = mg.check_gradients(mg.max(x))
    assert report and [entry.chain_rule for entry in report.entries] == [0.25, 0.25, 0.0, 0.25, 0.25]


def test_numpy_that_raises_on_everything_breaks_nothing():
    with np.errstate(all="raise"):
        for c in (1e-300, 1.0, 1e300):
            assert only(c * mg.exp(at(-3.0))).verdict == "right"
            assert only(c * leaning(2.0)(at(1.0))).verdict == "wrong"
            assert only(c * leaning(0.0)(at(0.0))).verdict == "right"
        assert only(mg.log(at(0.0))).verdict == "undecided"
