"""Nets like a given one, on which backward passes are tried."""

import numpy as np
import pytest
from minigraph.models import DeepNet, LogisticRegression
from students import handed_in

from minigraph.testing import check_backward


def logistic(X, A, Y):
    dZ = (A - Y) / X.shape[1]
    return {"dw": X @ dZ.T, "db": dZ.sum(axis=1, keepdims=True)}


def deep(cache, parameters):
    """The right one for every head whose loss has dZ = A − Y, with tanh."""
    dZ = (cache["A3"] - cache["Y"]) / cache["X"].shape[1]
    found = {}
    for layer in (3, 2, 1):
        before = cache[f"A{layer - 1}"] if layer > 1 else cache["X"]
        found[f"dW{layer}"], found[f"db{layer}"] = dZ @ before.T, dZ.sum(axis=1, keepdims=True)
        dZ = parameters[f"W{layer}"].T @ dZ * (1 - before**2)
    return found


def test_logistic_regression():
    net = LogisticRegression()
    assert check_backward(logistic, net).ok
    wrong = check_backward(lambda X, A, Y: {**logistic(X, A, Y), "dw": X @ (A - Y).T}, net)
    assert (wrong.points, wrong["dw"].where) == (1, "from m = 2 on")
    assert wrong["dw"].smallest == {"n": 1, "m": 2}


def test_the_net_of_one_hidden_layer_is_the_one_that_is_written_out():
    net = DeepNet([3, 4, 1])
    assert check_backward(handed_in(), net).ok
    found = check_backward(handed_in(("np.sum(dZ1, axis=1, keepdims=True)", "dZ1")), net)
    assert found["db1"].where == "from m = 2 on" and found["db1"].smallest == {"n0": 1, "n1": 1, "m": 2}
    assert any("b1 (n1, 1) was broadcast to (n1, m)" in words for words in found["db1"].diagnoses)


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "identity"])
def test_every_head_whose_dz_is_a_minus_y(output):
    net = DeepNet([2, 5, 4, 1 if output == "sigmoid" else 3], output=output, labels=None)
    nets = net.random_nets()
    least = {"sigmoid": {}, "softmax": {"n3": 2}, "identity": {"n3": 1}}[output]
    assert nets.least == {"n0": 1, "n1": 1, "n2": 1, **least, "m": 1}
    assert check_backward(deep, net).ok
    J = nets.draw({"n0": 2, "n1": 3, "n2": 2, "n3": 3, "m": 5}, np.random.default_rng(0))
    Y = next(x for x in leaves(J) if x.name == "Y")
    assert Y.shape == (1 if output == "sigmoid" else 3, 5)
    if output == "softmax":
        assert (Y.value.sum(0) == 1).all()


def leaves(J):
    return [x for node in J.inputs for x in leaves(node)] if J.inputs else [J]


def test_the_net_itself_stays_as_it_is():
    net = DeepNet([2, 3, 1], hidden="relu", labels=["no", "yes"])
    before = [node.value for node in net.parameters]
    found = check_backward(handed_in(("(1 - np.power(A1, 2))", "(A1 > 0)")), net)
    assert found.ok
    assert all(node.value is value for node, value in zip(net.parameters, before, strict=True))
