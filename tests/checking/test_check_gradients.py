"""check_gradients passes right rules at every magnitude, and fails on wrong ones."""

import math
import subprocess
import sys

import numpy as np
import pytest
from gradients import has_no_gradient

import minigraph as mg

MAGNITUDES = [1e-6, 1e-3, 0.1, 1.0, 3.7, 1e3, 1e6]


def unary(*names):
    return {name: getattr(mg, name) for name in names}


ANYWHERE = unary(
    "negative", "square", "abs", "sign", "identity", "sigmoid", "tanh", "relu", "leaky_relu", "softplus",
) | {
    "x - 3": lambda x: x - 3,
    "3 - x": lambda x: 3 - x,
    "x * x": lambda x: x * x,
    "1 / x": lambda x: 1 / x,
    "x ** 3": lambda x: x**3,
    "x ** 0": lambda x: x**0,
    "x ** 1": lambda x: x**1,
    "x ** -2": lambda x: x**-2,
    "maximum(x, -x)": lambda x: mg.maximum(x, -x),
    "max of x, 2x": lambda x: mg.max(mg.concatenate([x, 2 * x])),
    "softmax": lambda x: mg.softmax(mg.concatenate([x, x / 2]))[0],
    "log_softmax": lambda x: mg.log_softmax(mg.concatenate([x, x / 2]))[0],
    "bce_with_logits": lambda x: mg.bce_with_logits(x, np.array([0.25])),
    "squared_error": lambda x: mg.squared_error(x, np.array([2.0])),
    "mean": lambda x: mg.mean(mg.concatenate([x, 3 * x])),
    "matmul": lambda x: x @ x,
}  # fmt: skip
POSITIVE = unary("log", "sqrt") | {
    "x ** 0.5": lambda x: x**0.5,
    "x ** -1.5": lambda x: x**-1.5,
    "x log x": lambda x: x * mg.log(x),
}


def check_at(function, x):
    return mg.check_gradients(mg.sum(function(mg.parameter([x], "x"))))


HIDDEN = [("softmax", 1e3), ("log_softmax", 1e3)]
"""The derivative is 4e-218, and what it is the difference of is 1."""


@pytest.mark.parametrize("x", [sign * size for size in MAGNITUDES for sign in (1, -1)])
@pytest.mark.parametrize("name", ANYWHERE)
def test_right_rules_pass_at_every_magnitude(name, x):
    (entry,) = check_at(ANYWHERE[name], x).entries
    assert entry.verdict == ("undecided" if (name, x) in HIDDEN else "right")


@pytest.mark.parametrize("x", MAGNITUDES)
@pytest.mark.parametrize("name", POSITIVE)
def test_right_rules_on_positive_numbers_pass_at_every_magnitude(name, x):
    assert check_at(POSITIVE[name], x)


@pytest.mark.parametrize("x", [-700.0, -20.0, -1e-6, 1e-6, 20.0, 300.0, 700.0])
def test_exp_passes_wherever_it_is_finite(x):
    assert check_at(mg.exp, x)


@pytest.mark.parametrize("p", [1e-6, 0.01, 0.5, 0.99, 1 - 1e-6])
@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
def test_bce_passes_near_both_ends_of_its_domain(p, y):
    assert mg.check_gradients(mg.bce(mg.parameter([p]), [y]).sum())


class Wrong(mg.Elementwise):
    """A function with a derivative that is off by a factor, or by one entry."""

    def __init__(self, forward, derivative, factor):
        self.forward, self.derivative, self.factor = forward, derivative, factor

    def derivatives(self, result, x):
        return [mg.Scale(self.derivative(x) * self.factor)]


FUNCTIONS = {
    "x": (lambda x: x + 0, lambda x: 1 + 0 * x),
    "square": (np.square, lambda x: 2 * x),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / mg.sqrt(x)),
    "1 / x": (lambda x: 1 / x, lambda x: -1 / x**2),
    "abs": (np.abs, mg.sign),
    "relu": (lambda x: np.maximum(x, 0), lambda x: mg.sign(mg.relu(x))),
}


@pytest.mark.parametrize("x", MAGNITUDES)
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("factor", [1.001, 0.999, -1.0, 0.0])
def test_wrong_rules_fail_at_every_magnitude(name, factor, x):
    forward, derivative = FUNCTIONS[name]
    assert check_at(Wrong(forward, derivative, 1.0), x)
    assert not check_at(Wrong(forward, derivative, factor), x)


@pytest.mark.parametrize("x", [-20.0, 20.0, 300.0, 700.0])
def test_a_rule_for_exp_that_is_off_by_a_thousandth_fails_wherever_exp_is_finite(x):
    assert not check_at(Wrong(np.exp, mg.exp, 1.001), x)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_one_wrong_entry_of_500_is_found(size):
    x = mg.parameter(np.random.default_rng(0).uniform(0.5, 1.5, (20, 25)) * size, "x")
    factors = np.ones((20, 25))
    assert mg.check_gradients(Wrong(np.square, lambda x: 2 * x, factors)(x).sum())
    factors[13, 7] = 1.001
    report = mg.check_gradients(Wrong(np.square, lambda x: 2 * x, factors)(x).sum())
    assert [entry.index for entry in report.entries if not entry.agrees] == [(13, 7)]
    assert report.worst.index == (13, 7)
    assert report.worst.chain_rule == pytest.approx(1.001 * report.worst.difference, rel=1e-6)
    assert "499/500  WRONG    (13, 7)" in str(report)


def test_an_entry_near_zero_among_others_is_compared_to_its_own_size():
    x = mg.parameter(np.array([1.0, 1e-6]), "x")
    off = np.array([1.0, 1.001])
    assert not mg.check_gradients(Wrong(np.square, lambda x: 2 * x, off)(x).sum())  # 2e-9 of 2e-6, beside 2


class Repeated(mg.LinearMap):
    """Repeats a row, and forgets to sum in its pull."""

    def push(self, tangent):
        return mg.broadcast_to(tangent, (4, 3))

    def pull(self, cotangent):
        return cotangent[:1]


class AddBias(mg.Op):
    """z + b with a row b; `undo` says how the derivative by b undoes the broadcasting."""

    def __init__(self, undo):
        self.undo = undo

    def shape(self, z, b):
        return z.shape

    def forward(self, z, b):
        return z + b

    def derivatives(self, result, z, b):
        return [mg.Identity(), self.undo]


def test_a_missing_unbroadcast_is_found():
    z, b = mg.data(np.ones((4, 3))), mg.parameter(np.ones((1, 3)), "b")
    assert not mg.check_gradients(AddBias(Repeated())(z, b).sum())
    with pytest.raises(mg.ShapeError, match="pulls back to"):
        mg.check_gradients(AddBias(mg.Identity())(z, b).sum())


# The step


def only(report):
    (entry,) = report.entries
    return entry


def test_the_step_is_the_cube_root_of_epsilon_times_the_size_of_x():
    assert only(check_at(mg.tanh, 0.5)).step == 6e-6
    assert only(check_at(mg.square, -200.0)).step == pytest.approx(1.2e-3)


@pytest.mark.parametrize("x", [0.3, 1 / 3, 0.7, 123.4])
def test_the_difference_is_divided_by_the_step_as_realised(x):
    assert only(check_at(mg.identity, x)).difference == 1


def test_a_step_that_leaves_the_domain_is_made_smaller_and_reported():
    report = check_at(mg.log, 1e-6)
    assert report and only(report).step < 1e-6
    assert "step" in only(report).remark and only(report).remark in str(report)
    edge = mg.parameter([1 - 1e-6], "p")
    assert only(mg.check_gradients(mg.bce(edge, [1.0]).sum())).step < 1e-6


@pytest.mark.parametrize("x", [2e-6, -2e-6])
def test_a_step_across_a_kink_is_made_smaller(x):
    report = check_at(mg.leaky_relu, x)
    assert report and only(report).step < 2e-6 and "step" in only(report).remark


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize("operation", [mg.relu, mg.leaky_relu, mg.abs, lambda z: mg.relu(z, at_zero=1.0)])
def test_at_a_kink_any_slope_between_both_sides_is_right(operation, zero):
    report = check_at(operation, zero)
    assert report
    for slope in (1.001, -1.001):
        steep = check_at(Wrong(np.abs, lambda x: 1 + 0 * x, slope), zero)
        assert not steep and "kink: slopes -1 to 1" in steep.worst.remark


def test_nearer_to_a_kink_than_any_step_counts_as_on_it():
    report = check_at(lambda x: 1 + mg.relu(x), 1e-14)
    assert report and "kink" in report.worst.remark


def test_a_flat_point_beside_a_larger_part_of_J_is_right():
    assert check_at(lambda x: 1e-3 + 10 * x**3, 0.0)


def test_a_sum_of_kinks_that_is_smooth_shows_where_the_chain_rule_errs():
    x = mg.parameter(0.0, "x")
    report = mg.check_gradients(mg.relu(x) - mg.relu(-x))  # x itself, but ReLU'(0) = 0 twice
    assert not report and report.worst.chain_rule == 0 and report.worst.difference == pytest.approx(1)


def test_the_edge_of_the_domain_can_not_be_checked_and_says_so():
    report = check_at(mg.log, 0.0)
    assert not report and report.worst.verdict == "undecided" and "J is -inf" in str(report)
    assert report.worst.error == math.inf


def test_an_infinite_derivative_is_neither_right_nor_wrong():
    class Spike(mg.Elementwise):
        def forward(self, x):
            return np.cbrt(x)

        def derivatives(self, result, x):
            return [mg.Scale(1 / (3 * result**2))]

    report = check_at(Spike(), 0.0)
    assert not report and not report.wrong and "do not settle" in str(report)


def test_a_flat_point_of_a_cubic_is_right():
    assert check_at(lambda x: x**3, 0.0)
    assert not check_at(Wrong(lambda x: x**3, lambda x: 1 + 0 * x, 1e-5), 0.0)


def test_what_rounding_hides_is_said():
    w = mg.parameter(1.0, "w")
    report = mg.check_gradients(1e9 + mg.tanh(w))
    assert not report and not report.wrong and "rounding of J: differences are known to ±3e-03 only" in str(report)


def test_cancellation_in_J_is_allowed_for():
    x = mg.parameter(np.array([1e6, -1e6, 1.0, 2.0]), "x")
    assert mg.check_gradients(mg.sum(x**3))
    assert not mg.check_gradients(Wrong(lambda x: x**3, lambda x: 3 * x**2, np.array([1, 1.001, 1, 1]))(x).sum())


# What it is asked


def small_net(dtype=np.float64):
    rng = np.random.default_rng(1)
    W, b = mg.parameter(rng.normal(size=(4, 3)), "W", dtype), mg.parameter(rng.normal(size=(4, 1)), "b", dtype)
    X, Y = mg.data(rng.normal(size=(3, 5)), "X", dtype), mg.data(rng.uniform(size=(4, 5)), "Y", dtype)
    A = mg.sigmoid(W @ X + b).named("A")
    return mg.squared_error(A, Y).sum(axis=0, keepdims=True).mean(), W, b, X, Y, A


def test_what_is_detached_is_held_fixed_in_the_differences():
    x = mg.parameter([2.0, -0.5], "x")
    assert mg.check_gradients((mg.detach(mg.exp(x)) * x).sum())

    class Constant(mg.Elementwise):
        def forward(self, x):
            return np.exp(x)

        def derivatives(self, y, x):
            return [None]

    assert mg.check_gradients((Constant()(x) * x).sum()).wrong, "no derivative, and not detached, is a wrong rule"


def test_all_parameters_by_default_data_and_intermediates_on_request():
    J, W, b, X, Y, A = small_net()
    assert mg.check_gradients(J).nodes == (W, b)
    assert mg.check_gradients(J, X).nodes == (X,)
    report = mg.check_gradients(J, [A, Y, J, A])
    assert report and len(report.entries) == 20 + 20 + 1 + 20


def test_some_entries_of_each_node_on_request():
    J, W, *_ = small_net()
    report = mg.check_gradients(J, entries=5)
    assert report and "5/5" in str(report) and "4/4" in str(report)
    found = [entry.index for entry in report.entries if entry.node is W]
    assert len(set(found)) == 5 and found == sorted(found)
    assert found == [entry.index for entry in mg.check_gradients(J, W, entries=5).entries]
    assert len({i for i, _ in found}) > 1, "spread over the node"


def test_the_graph_is_left_as_it_is():
    J, W, *_ = small_net()
    before, value = W.value, J.value
    assert mg.check_gradients(J)
    assert W.value is before and J.value is value and has_no_gradient(W)


def test_a_float32_graph_is_checked_in_float64():
    J, W, b, *_ = small_net(np.float32)
    report = mg.check_gradients(J)
    assert report and report.nodes == (W, b) and {entry.node for entry in report.entries} == {W, b}
    assert report.worst.error < 1e-9  # float32 could not do better than 1e-3
    found = [entry.chain_rule for entry in report.entries if entry.node is W]
    np.testing.assert_allclose(found, mg.grad(J, W).value.ravel(), rtol=1e-4)


def test_a_graph_of_both_precisions_is_checked_in_float64():
    w = mg.parameter([1.5, 2.5], "w", np.float32)
    x = mg.data([0.1, 0.2], "x")
    J = (mg.tanh(w) * x).sum()
    assert mg.check_gradients(J, [w, x])
    assert mg.check_gradients(mg.grad(J, w).sum(), [w, x])


def test_a_scalar_may_have_any_shape_of_one_entry():
    w = mg.parameter([[2.0]], "w")
    assert mg.check_gradients(w * w)


def test_where_there_are_no_entries_nothing_was_checked():
    w = mg.parameter(np.zeros((0, 3)), "w")
    report = mg.check_gradients(mg.sum(w * w))
    assert not report and report.worst is None and "0/0    nothing to check" in str(report)


def test_refusals():
    J, W, *_ = small_net()
    with pytest.raises(mg.ShapeError, match=r"'A2' is \(4, 3\), not a scalar"):
        mg.check_gradients((W * W).named("A2"))
    with pytest.raises(TypeError, match="the node to differentiate, not float"):
        mg.check_gradients(1.0)
    with pytest.raises(ValueError, match="depends on no parameter"):
        mg.check_gradients(mg.sum(mg.data([1.0, 2.0])))
    with pytest.raises(TypeError, match="check_gradients: wrt "):
        mg.check_gradients(J, [1.0])
    with pytest.raises(ValueError, match="wrt names no node"):
        mg.check_gradients(J, [])
    with pytest.raises(ValueError, match="does not depend on"):
        mg.check_gradients(J, mg.parameter(1.0))


def test_the_table_names_nodes_and_worst_entries():
    J, *_ = small_net()
    header, first, second = str(mg.check_gradients(J)).splitlines()
    assert " ".join(header.split()) == "node shape agree verdict worst at chain rule difference error allowed"
    assert first.startswith("W ") and "(4, 3)" in first and "12/12  right" in first
    assert second.startswith("b ") and "4/4    right" in second
    assert repr(mg.check_gradients(J)) == "\n".join((header, first, second))


def test_remarks_of_other_entries_are_counted():
    z = mg.parameter([0.0, 1e-7, 2.0], "z")
    line = str(mg.check_gradients(mg.relu(z).sum())).splitlines()[1]
    assert "kink" in line and "and 1 more remark" in line


def test_hypothesis_is_loaded_only_for_check_op():
    script = "import sys, minigraph as mg; mg.check_gradients(mg.parameter(1.0)); sys.exit('hypothesis' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
