"""Gradient descent: repeatable, honest about divergence, safe to interrupt."""

import re

import numpy as np
import pytest
from minigraph.models import DeepNet, DivergenceError, LogisticRegression
from minigraph.models.datasets import breast_cancer

import minigraph as mg


def bits(net):
    return [node.value.tobytes() for node in net.parameters]


@pytest.fixture(scope="module")
def split():
    return breast_cancer().split(0.3, seed=0)


@pytest.mark.parametrize("batch_size", [None, 1, 7, 64, 10_000])
def test_same_seed_same_bits_and_another_seed_another_net(split, batch_size):
    training = split[0]
    X, Y = training.X[:, :50], training.Y[:, :50]
    nets = [DeepNet([30, 5, 1], seed=s).fit(X, Y, epochs=3, batch_size=batch_size) for s in (1, 1, 2)]
    assert bits(nets[0]) == bits(nets[1]) != bits(nets[2])
    assert nets[0].history.cost == nets[1].history.cost


def test_a_mini_batch_epoch_is_the_steps_done_by_hand():
    generator = np.random.default_rng(0)
    X, Y = generator.normal(size=(2, 5)), np.array([[0, 1, 1, 0, 1]])
    net = LogisticRegression(standardize=False, seed=9).fit(X, Y, epochs=2, batch_size=2, rate=0.5)
    shuffler = np.random.default_rng(np.random.SeedSequence(9).spawn(2)[1])
    w, b = np.zeros((2, 1)), 0.0
    for _ in range(2):
        order, total = shuffler.permutation(5), 0.0
        for chosen in (order[:2], order[2:4], order[4:]):  # the last, smaller batch counts
            x, y = X[:, chosen], Y[:, chosen]
            a = 1 / (1 + np.exp(-(w.T @ x + b)))
            total += -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum()
            w, b = w - 0.5 * x @ (a - y).T / len(chosen), b - 0.5 * float((a - y).mean())
    np.testing.assert_allclose(net.parameters[0].value, w, rtol=1e-12)
    assert net.parameters[1].value.item() == pytest.approx(b, rel=1e-12)
    assert net.history.cost[-1] == pytest.approx(total / 5, rel=1e-12)


def test_history_has_one_entry_an_epoch(split):
    training, held_out = split
    net = DeepNet([30, 4, 1]).fit(*training, epochs=7, validation=held_out)
    history = net.history
    assert len(history) == len(history.cost) == len(history.gradient_norm) == len(history.seconds) == 7
    assert history.validation_cost[-1] == pytest.approx(net.cost(*held_out), rel=1e-14)
    assert history.cost == sorted(history.cost, reverse=True)
    lines = history.to_csv().splitlines()
    assert lines[0] == "epoch,cost,gradient_norm,seconds,validation_cost" and len(lines) == 8
    assert float(lines[3].split(",")[1]) == history.cost[2]
    assert "7 epochs: cost 0." in repr(history)
    assert "validation" not in DeepNet([30, 1]).fit(*training, epochs=1).history.to_csv()
    assert repr(DeepNet([30, 1]).history) == "<history of 0 epochs>"


def test_validation_does_not_influence_training(split):
    training, held_out = split
    alone = DeepNet([30, 4, 1]).fit(*training, epochs=3, batch_size=50)
    watched = DeepNet([30, 4, 1]).fit(*training, epochs=3, batch_size=50, validation=held_out)
    assert bits(alone) == bits(watched)


def test_gradient_norm_is_the_length_of_the_whole_gradient(split):
    X, Y = split[0]
    net = DeepNet([30, 4, 1], standardize=False).fit(X / 1000, Y, epochs=1)
    untrained = DeepNet([30, 4, 1])
    gradients = mg.grad(untrained.graph(X / 1000, Y), untrained.parameters)
    length = np.sqrt(sum(np.square(gradient.value).sum() for gradient in gradients))
    assert net.history.gradient_norm[0] == pytest.approx(length, rel=1e-12)


@pytest.mark.parametrize("rate", [1e3, 1e10, 1e200])
def test_a_rate_that_diverges_is_reported_with_what_to_do(rate):
    X = np.linspace(-1, 1, 20).reshape(1, -1)
    net = DeepNet([1, 1], output="identity", standardize=False)
    with pytest.raises(DivergenceError, match=re.escape(f"with rate={rate:g} the steps overshoot. Try rate={rate / 10:g};")):
        net.fit(X, 3 * X, epochs=500, rate=rate)
    assert all(np.isfinite(node.value).all() for node in net.parameters)
    assert np.isfinite(net.history.cost).all()


def test_a_cost_that_ends_above_its_start_is_reported():
    X = np.linspace(-1, 1, 20).reshape(1, -1)
    with pytest.raises(DivergenceError, match=r"the cost rose from .* to .* in 3 epochs"):
        DeepNet([1, 1], output="identity", standardize=False).fit(X, X / 10 + 1, epochs=3, rate=2.2)


def test_features_of_very_different_size_are_reported_without_standardizing(split):
    with pytest.raises(DivergenceError, match="need standardising too"):
        LogisticRegression(standardize=False).fit(*split[0], rate=1.0)


@pytest.mark.parametrize(
    "X, Y",
    [
        (np.array([[1.0], [2.0]]), [[1]]),  # m = 1
        (np.array([[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]]), [[0, 1, 1]]),  # no variation in a feature
        (np.array([[1.0, 2.0, 4.0], [1.0, 2.0, 3.0]]), [[1, 1, 1]]),  # one class only
        (np.array([[1e8, 1e8 + 1e-7], [5e-324, 1e-320]]), [[0, 1]]),  # hardly any variation
    ],
)
@pytest.mark.parametrize("batch_size", [None, 100])
@pytest.mark.filterwarnings("ignore:Y holds the label 1 in every example")
def test_odd_data_train(X, Y, batch_size):
    for net in (LogisticRegression(), DeepNet([2, 3, 1])):
        net.fit(X, Y, epochs=20, batch_size=batch_size)
        assert np.isfinite(net.predict_probability(X)).all()
        assert net.history.cost[-1] < net.history.cost[0]


def test_zero_initialisation_keeps_hidden_units_alike(split):
    net = DeepNet([30, 4, 1], hidden="sigmoid", initializer="zeros").fit(*split[0], epochs=20)
    W1 = net.parameters[0].value
    assert np.ptp(W1, axis=0).max() == 0 < np.abs(W1).max()


@pytest.mark.parametrize("name, deviation", [("zeros", 0), ("small", 0.01), ("xavier", (2 / 500) ** 0.5), ("he", 0.1)])
def test_initialisers_have_their_deviation(name, deviation):
    W, b = DeepNet([200, 300, 1], initializer=name).parameters[:2]
    assert W.value.std() == pytest.approx(deviation, rel=0.02)
    assert not b.value.any()


def test_default_initialisers_fit_the_activation():
    net = DeepNet([1000, 500, 500, 1], hidden=["relu", "tanh"])
    W1, _, W2, _, W3, _ = (node.value for node in net.parameters)
    assert W1.std() == pytest.approx((2 / 1000) ** 0.5, rel=0.02)
    assert W2.std() == pytest.approx((2 / 1000) ** 0.5, rel=0.02)
    assert W3.std() == pytest.approx((2 / 501) ** 0.5, rel=0.1)
    assert DeepNet([1000, 300], output="relu").parameters[0].value.std() == pytest.approx((2 / 1000) ** 0.5, rel=0.02)


def test_progress_bar_is_shown_when_asked_for_and_silent_otherwise(split, capsys):
    net = DeepNet([30, 1])
    net.fit(*split[0], epochs=3, progress=False)
    net.fit(*split[0], epochs=3)  # not a terminal
    assert capsys.readouterr().err == ""
    net.fit(*split[0], epochs=3, progress=True)
    assert "cost 0." in (shown := capsys.readouterr().err) and "3/3" in shown


def test_an_interrupt_while_a_new_training_is_built_leaves_a_net_that_can_be_saved(monkeypatch, tmp_path):
    X, Y = np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([[0, 0, 1, 1]])
    net = LogisticRegression().fit(X, Y, epochs=3, progress=False)

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("minigraph.models.net.Training", interrupted)
        with pytest.raises(KeyboardInterrupt):
            net.fit(X, Y, epochs=3, progress=False)
    net.save(tmp_path / "net.npz")
    assert len(net.fit(X, Y, epochs=2, resume=True, progress=False).history) == 2


def test_a_batch_size_is_no_truth_value():
    with pytest.raises(ValueError, match="batch_size is True: give a whole number from 1"):
        LogisticRegression().fit([[1.0, 2.0]], [[0, 1]], batch_size=True)
