"""Functions of courses run unchanged on nodes: steps are named, and gradients are those of their own backward functions."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from course_code import cells, nets, regression

import minigraph as mg

RANDOM = np.random.default_rng(7)
M = 5


def normal(*shape):
    return RANDOM.normal(size=shape)


def layers(*sizes):
    shapes = [(f"W{l}", (sizes[l], sizes[l - 1])) for l in range(1, len(sizes))]  # noqa: E741
    return {
        key: value
        for name, shape in shapes
        for key, value in ((name, normal(*shape)), ("b" + name[1:], normal(shape[0], 1)))
    }


X, Y = normal(3, M), np.array([[0, 1, 1, 0, 1]])
ROWS, LABELS = normal(M, 3), np.array([0, 2, 1, 1, 0])
ONE_HOT = np.eye(3)[:, LABELS]
SIGNS = np.array([1.0, -1.0, 1.0, -1.0, -1.0])
RNN = {"Wax": normal(3, 2), "Waa": normal(3, 3), "Wya": normal(1, 3), "ba": normal(3, 1)}


@dataclass
class Course:
    """A function of a course, what it is called with, and what its steps are called."""

    function: Any
    arguments: dict[str, Any]
    data: str
    names: str
    backward: Any = None
    fixed: str = ""
    cost: Any = field(default=lambda result: result)

    @property
    def title(self) -> str:
        return str(self.function.__name__)


def first(result):
    return result[0]


def second(result):
    return result[1]


COURSES = [
    Course(regression.propagate, {"w": normal(3, 1), "b": 0.1, "X": X, "Y": Y}, "X,Y", "z A cost dw db",
           regression.propagate_backward, cost=second),
    Course(regression.cost_function_reg, {"theta": normal(3), "X": ROWS, "y": Y[0]}, "X,y", "z h J1 J2",
           regression.cost_function_reg_backward),
    Course(regression.logistic_rows, {"weights": normal(3), "bias": 0.2, "X": ROWS, "y": Y[0]}, "X,y",
           "linear_model y_predicted loss",
           regression.logistic_rows_backward),
    Course(regression.compute_cost_linear, {"X": ROWS, "y": normal(M), "theta": normal(3)}, "X y", "predictions sqErrors J",
           regression.compute_cost_linear_backward),
    Course(regression.ridge, {"X": ROWS, "y": normal(M), "w": normal(3), "b": 0.5}, "X,y", "y_hat residual mse penalty loss",
           regression.ridge_backward),
    Course(nets.planar_cost, {"X": X, "Y": Y, "parameters": layers(3, 4, 1)}, "X,Y",
           "Z1 A1 Z2 A2 logprobs cost", nets.planar_backward, cost=first),
    Course(nets.eleven_lines, {"X": ROWS, "y": Y.T, "syn0": normal(3, 4), "syn1": normal(4, 1)}, "X,y",
           "x1 l1 x2 l2 l2_error J", nets.eleven_lines_backward),
    Course(nets.autoencoder, {"x": X, "W_enc": normal(2, 3), "b_enc": normal(2, 1), "W_dec": normal(3, 2),
           "b_dec": normal(3, 1)},
           "x", "code x_hat diff mse", nets.autoencoder_backward),
    Course(nets.L_layer_cost, {"X": X, "Y": Y, "parameters": layers(3, 4, 3, 1)}, "X,Y", "Z1 A1 Z2 A2 Z3 AL cost1 cost2",
           nets.L_layer_backward, cost=first),
    Course(nets.compute_cost_with_regularization, {"X": X, "Y": Y, "parameters": layers(3, 4, 2, 1)}, "X,Y",
           "Z1 A1 Z2 A2 Z3 A3 cost1 cross_entropy_cost L2_regularization_cost cost2", nets.regularized_backward),
    Course(nets.cost_with_dropout, {"X": X, "Y": Y, "parameters": layers(3, 4, 1), "keep_prob": 0.7}, "X,Y",
           "Z1 A1_1 A1_2 A1_3 Z2 A2 cost1 cost2", nets.dropout_backward, fixed="keep_prob"),
    Course(nets.quadratic_cost, {"x": normal(3, 1), "y": normal(2, 1), "weights": [normal(4, 3), normal(2, 4)],
                                 "biases": [normal(4, 1), normal(2, 1)]}, "x,y", "z1 activation1 z2 activation2 J",
           nets.quadratic_backward),
    Course(regression.softmax_rows, {"X": ROWS, "y": LABELS, "W": normal(3, 3), "b": normal(1, 3)}, "X",
           "scores exp_scores probs correct_logprobs data_loss reg_loss loss", regression.softmax_rows_backward, fixed="y"),
    Course(nets.spiral_net, {"X": ROWS, "y": LABELS, "W": normal(3, 4), "b": normal(1, 4), "W2": normal(4, 3),
           "b2": normal(1, 3)},
           "X", "hidden_layer scores exp_scores probs correct_logprobs data_loss reg_loss loss", nets.spiral_net_backward,
           fixed="y", cost=first),
    Course(regression.softmax_columns, {"X": X, "Y": ONE_HOT, "params": {"W": normal(3, 3), "b": normal(3, 1)}}, "X,Y",
           "Z expZ A loss", regression.softmax_columns_backward, cost=second),
    Course(nets.leaky_net, {"X": X, "Y": normal(2, M), "W1": normal(4, 3), "W2": normal(2, 4)}, "X,Y", "Z1 A1 Z2 A2 cost",
           nets.leaky_net_backward),
    Course(regression.hinge, {"w": normal(3), "b": 0.1, "X": ROWS, "y": SIGNS}, "X,y",
           "f distances1 distances2 hinge_loss cost",
           regression.hinge_backward),
    Course(cells.batchnorm_loss, {"x": ROWS, "gamma": normal(3), "beta": normal(3), "target": normal(M, 3)}, "target",
           "mu xmu sq var sqrtvar ivar xhat gammax out J", cells.batchnorm_backward),
    Course(cells.rnn_loss, {"x": normal(2, M, 3), "y": normal(1, M, 3), "a0": np.zeros((3, M)), "parameters": RNN}, "x,y,a0",
           "xt1 a1 yt1 loss1 xt2 a2 yt2 loss2 xt3 a3 yt3 loss3"),
    Course(cells.lstm_step, {"xt": X, "a_prev": normal(2, M), "c_prev": normal(2, M), "Wf": normal(2, 5), "Wi": normal(2, 5),
                            "Wc": normal(2, 5), "Wo": normal(2, 5)}, "xt,a_prev,c_prev",
           "concat z1 ft z2 it cct c_next z3 ot a_next J", cost=first),
    Course(nets.deep_tanh, {"X": X, "Y": normal(3, M), "W": [normal(3, 3), normal(3, 3)]}, "X,Y", "Z1 A1 Z2 A2 J",
           nets.deep_tanh_backward),
]  # fmt: skip


@pytest.fixture(params=COURSES, ids=[course.title for course in COURSES])
def course(request):
    return request.param


@pytest.fixture
def traced(course):
    result, n = mg.trace(course.function, **course.arguments, data=course.data, fixed=course.fixed)
    return course.cost(result), n


def test_there_are_twenty() -> None:
    assert len(COURSES) > 20


def test_it_gives_what_it_gives_for_arrays(course, traced):
    expected = course.cost(course.function(**course.arguments))
    assert isinstance(traced[0], mg.Node)
    np.testing.assert_allclose(traced[0].value, expected, rtol=1e-14)


def test_every_local_is_named(course, traced):
    names = [name for name, node in traced[1].items() if node.op is not None]
    assert sorted(names) == sorted(course.names.split()), names


def test_gradients_are_right(traced):
    report = mg.check_gradients(traced[0])
    assert report.ok, report


def test_gradients_are_those_of_the_own_backward_function(course, traced):
    if course.backward is not None:
        report = mg.compare(traced[0], course.backward(**course.arguments))
        assert report.ok, report
        assert not report.left_out
        leaves = {f"d{name}" for name, node in traced[1].items() if node.role == "parameter"}
        assert set(report) == leaves


def test_finite_differences_of_the_function_itself(course, traced):
    J, n = traced
    for name, node in n.items():
        if node.role != "parameter":
            continue
        gradient = np.asarray(mg.grad(J, node).value)
        place = np.unravel_index(int(np.argmax(np.abs(gradient))), gradient.shape)
        ends = []
        for step in (1e-6, -1e-6):
            moved = np.array(node.value)
            moved[place] += step
            ends.append(float(course.cost(course.function(**with_value(course.arguments, name, moved)))))
        np.testing.assert_allclose((ends[0] - ends[1]) / 2e-6, gradient[place], rtol=1e-6, atol=1e-8)


def with_value(arguments, name, value):
    """The arguments with another value for one of them, or for an entry of a dict or list among them."""
    if name in arguments:
        return {**arguments, name: value}
    changed = dict(arguments)
    for key, entries in arguments.items():
        if isinstance(entries, dict) and name in entries:
            changed[key] = {**entries, name: value}
        if isinstance(entries, list) and name.startswith(key):
            changed[key] = [value if f"{key}{place}" == name else entry for place, entry in enumerate(entries)]
    return changed
