"""A root is a loss, whichever way the loss is written; all else is an output."""

import numpy as np
import pytest
from minigraph.models import DeepNet

import minigraph as mg
from minigraph.drawing.view import Look
from minigraph.reading.root_role import is_loss


def parts():
    random = np.random.default_rng(0)
    X, Y = mg.data(random.normal(size=(4, 6)), "X"), mg.data(np.eye(3)[:, [0, 2, 1, 1, 0, 2]], "Y")
    W = mg.parameter(random.normal(size=(3, 4)), "W")
    return W, W @ X, Y


WRITTEN = {
    "an operation": lambda W, Z, Y: mg.cross_entropy_with_logits(Z, Y),
    "its mean": lambda W, Z, Y: mg.cross_entropy_with_logits(Z, Y).mean(),
    "its sum over m": lambda W, Z, Y: mg.bce(mg.sigmoid(Z), Y).sum() / mg.data(6.0, "m"),
    "scaled by a parameter": lambda W, Z, Y: mg.parameter(2.0, "s") * mg.bce(mg.sigmoid(Z), Y).sum(),
    "with a penalty": lambda W, Z, Y: mg.cross_entropy_with_logits(Z, Y).mean() + 0.1 * mg.sum(W * W),
    "less a bonus": lambda W, Z, Y: mg.squared_error(Z, Y).mean() - mg.sum(W),
    "softmax and log": lambda W, Z, Y: -(Y * mg.log(mg.softmax(Z))).sum(axis=0).mean(),
    "log first": lambda W, Z, Y: mg.mean(mg.sum(mg.log(mg.softmax(Z)) * Y, axis=0) * -1) / 2,
    "targets in the code": lambda W, Z, Y: -mg.sum(Y.value * mg.log(mg.softmax(Z))) / 6,
    "squares": lambda W, Z, Y: ((Z - Y) ** 2).mean(),
    "two logarithms": lambda W, Z, Y: -mg.mean(Y * mg.log(mg.sigmoid(Z)) + (1 - Y) * mg.log(1 - mg.sigmoid(Z))),
}

NONE = {
    "a product": lambda W, Z, Y: (Z * Y).sum(),
    "a likelihood": lambda W, Z, Y: (Y * mg.log(mg.softmax(Z))).sum(),
    "a logarithm": lambda W, Z, Y: -mg.log(mg.softmax(Z)).sum(),
    "a number of logarithms": lambda W, Z, Y: -(mg.log(mg.softmax(Z)[0, 0]) * 2.0),
    "an entropy": lambda W, Z, Y: -(mg.softmax(Z) * mg.log(mg.softmax(Z))).sum(),
    "a leaf": lambda W, Z, Y: mg.parameter(1.0, "J"),
    "a product of losses": lambda W, Z, Y: mg.squared_error(Z, Y).mean() * mg.squared_error(Z, Y + 1).mean(),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_a_loss_is_a_loss_however_it_is_written(written):
    assert is_loss(WRITTEN[written](*parts()))


@pytest.mark.parametrize("written", NONE)
def test_all_else_is_an_output(written):
    assert not is_loss(NONE[written](*parts()))


@pytest.mark.parametrize("loss", ["logits", "probabilities"])
def test_the_cost_of_a_softmax_net_is_a_loss_in_its_legend(loss):
    X, labels = np.random.default_rng(0).normal(size=(4, 8)), [[0, 1, 2, 0, 1, 2, 0, 1]]
    net = DeepNet([4, 5, 3], output="softmax", seed=0).fit(X, labels, epochs=1, progress=False)
    picture = mg.draw(net.graph(X, labels, loss=loss), "backward")
    assert picture.view.boxes[-1].look is Look.LOSS
    assert ">loss</FONT>" in picture.source
    assert ">output</FONT>" not in picture.source


def test_a_long_chain_is_walked_once():
    h = x = mg.parameter(0.5, "x")
    for _ in range(3000):
        h = h + h - x
    assert not is_loss(h)
