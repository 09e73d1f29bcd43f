"""Training as an iterator, early stopping, and rates that change: `fit` is the same loop, and going on the same bits."""

import math

import numpy as np
import pytest
from minigraph.models import Adam, DeepNet, DivergenceError, LogisticRegression, TrainingInterrupted, load
from minigraph.models.datasets import breast_cancer, flower
from minigraph.models.early_stopping import EarlyStopping
from minigraph.models.training_state import History, State

import minigraph as mg


def bits(net):
    return [node.value.tobytes() for node in net.parameters]


@pytest.fixture(scope="module")
def split():
    training, rest = breast_cancer().split(0.8, seed=0)  # few to learn from: it soon learns them by heart
    return training, rest.split(0.5, seed=0)[0]


OVERFITS = {"optimiser": "adam", "rate": 0.05, "progress": False}


def small():
    return DeepNet([30, 8, 1], hidden="tanh")


@pytest.mark.parametrize("options", [{}, {"batch_size": 20}, {"optimiser": "adam", "l2": 1.0, "clip": 0.5}])
def test_fit_is_the_iteration(split, options):
    training, held_out = split
    fitted = small().fit(*training, epochs=6, validation=held_out, progress=False, **options)
    net = small()
    costs, norms, aside, numbers = [], [], [], []
    for epoch in net.training(*training, epochs=6, validation=held_out, **options):
        assert epoch.net is net and epoch.history is net.history and len(epoch.history) == epoch.number == net.state.epochs
        assert epoch.validation_cost == pytest.approx(net.cost(*held_out), rel=1e-12)
        assert epoch.backward().gradient(net.parameters[0]).shape == (8, 30)
        numbers.append(epoch.number)
        costs.append(epoch.cost)
        norms.append(epoch.gradient_norm)
        aside.append(epoch.validation_cost)
    assert numbers == [1, 2, 3, 4, 5, 6] and bits(net) == bits(fitted)
    assert (costs, norms, aside) == (
        fitted.history.cost,
        fitted.history.gradient_norm,
        fitted.history.validation_cost,
    )


def test_the_pass_of_an_epoch_is_at_the_parameters_as_they_are_now(split):
    net = small()
    for epoch in net.training(*split[0], epochs=2):
        J = net.graph(*split[0])
        expected = mg.grad(J, net.parameters[0]).value
        np.testing.assert_allclose(epoch.backward().gradient(net.parameters[0]).value, expected, rtol=1e-9)
    assert repr(epoch) == f"<epoch 2: cost {epoch.cost:.4g}>"


def test_who_leaves_the_loop_has_the_last_whole_epoch_and_can_go_on(split):
    net = small()
    for epoch in net.training(*split[0], epochs=50, batch_size=20):
        if epoch.number == 3:
            break
    assert net.state.epochs == len(net.history) == 3
    net.fit(*split[0], epochs=4, batch_size=20, resume=True, progress=False)
    assert bits(net) == bits(small().fit(*split[0], epochs=7, batch_size=20, progress=False))
    with pytest.raises(RuntimeError, match="mine"):
        for _ in net.training(*split[0], epochs=5):
            raise RuntimeError("mine")
    assert net.state.epochs == len(net.history) == 1


def test_a_call_checks_all_before_the_net_changes_and_starts_anew_before_the_first_epoch(split):
    net = small().fit(*split[0], epochs=2, progress=False)
    before = bits(net)
    for options, text in [
        ({"epochs": 0}, "epochs is 0"),
        ({"rate": lambda epoch: 0}, r"rate gives 0 for epoch 1: the learning rate is a number above 0, such as 0.1\."),
        ({"rate": -1}, "rate is -1"),
        ({"patience": 0, "validation": split[1]}, "patience is 0: give a whole number of epochs from 1"),
        ({"patience": 3}, r"patience needs examples that training does not see: give validation=\(X, Y\), too"),
    ]:
        with pytest.raises(ValueError, match=text):
            net.training(*split[0], **options)
    with pytest.raises(TypeError, match=r"training: there is no argument .learning_rate.\. It is called .rate. here"):
        net.training(*split[0], learning_rate=1)
    assert bits(net) == before and len(net.history) == 2
    epochs = net.training(*split[0], epochs=2)
    assert bits(net) != before and len(net.history) == 0 == net.state.epochs
    assert [epoch.number for epoch in epochs] == [1, 2] and bits(net) == before


def test_products_carried_through_many_epochs_are_one_iteration():
    generator = np.random.default_rng(0)
    X, Y = generator.normal(size=(2000, 8)), [[0, 1] * 4]
    net = LogisticRegression()
    done = [(epoch.number, epoch.done) for epoch in net.training(X, Y, epochs=1500, rate=0.001, gram=True)]
    assert done == [(1000, 1000), (1500, 500)] and net.gram_epochs == 1500
    assert [epoch.done for epoch in net.training(X, Y, epochs=3, rate=0.001)] == [1, 1, 1] and net.gram_epochs == 0


def test_an_interrupt_while_progress_is_shown_says_where_training_stands(split, monkeypatch):
    from contextlib import contextmanager

    @contextmanager
    def bar(epochs, wanted):
        def show(cost):
            if len(net.history) == 4:
                raise KeyboardInterrupt

        yield show

    monkeypatch.setattr("minigraph.models.net.progress_bar", bar)
    net = small()
    with pytest.raises(TrainingInterrupted, match="stopped after epoch 4 of 9: the net is as it was then"):
        net.fit(*split[0], epochs=9)
    assert net.state.epochs == 4


# Early stopping


def test_patience_keeps_the_best_epoch_and_says_so(split, tmp_path):
    training, held_out = split
    net = small().fit(*training, epochs=400, validation=held_out, patience=10, **OVERFITS)
    noted = net.history.validation_cost
    best = int(np.argmin(noted)) + 1
    assert len(noted) == best + 10 < 400 and net.history.kept == net.state.epochs == best
    assert net.cost(*held_out) == pytest.approx(min(noted), rel=1e-12)
    assert repr(net.history).endswith(f"; the net is as after epoch {best}, the best on the validation part>")
    assert bits(net) == bits(small().fit(*training, epochs=best, validation=held_out, **OVERFITS))
    loaded = load(net.save(tmp_path / "net.npz"))
    assert bits(loaded) == bits(net) and loaded.history == net.history and loaded.state.epochs == best


def test_going_on_from_the_best_epoch_is_one_long_training_to_the_bit(split, tmp_path):
    training, held_out = split
    options = {"validation": held_out, **OVERFITS}
    net = small().fit(*training, epochs=400, patience=4, **options)
    best = net.state.epochs
    again = load(net.save(tmp_path / "net.npz"))
    again.fit(*training, epochs=20, patience=4, resume=True, **options)
    assert again.state.epochs == best and again.history.cost == net.history.cost  # nothing better, as before
    again.fit(*training, epochs=20, resume=True, **options)
    assert bits(again) == bits(small().fit(*training, epochs=best + 20, **options)) and again.history.kept is None


def test_all_epochs_done_the_best_is_kept_too(split):
    training, held_out = split
    whole = small().fit(*training, epochs=60, validation=held_out, **OVERFITS)
    best = int(np.argmin(whole.history.validation_cost)) + 1
    net = small().fit(*training, epochs=60, validation=held_out, patience=1000, **OVERFITS)
    assert net.history.kept == best < 60 == len(net.history)
    falling = LogisticRegression().fit(*training, epochs=5, validation=held_out, patience=2, progress=False)
    assert falling.history.kept is None and falling.state.epochs == 5


def test_a_loop_that_is_left_and_an_interrupt_keep_the_best(split, monkeypatch):
    training, held_out = split
    whole = small().fit(*training, epochs=60, validation=held_out, **OVERFITS)
    best = int(np.argmin(whole.history.validation_cost)) + 1
    net, options = small(), {name: value for name, value in OVERFITS.items() if name != "progress"}
    for epoch in net.training(*training, epochs=400, validation=held_out, patience=300, **options):
        if epoch.number == 60:
            break
    assert net.state.epochs == net.history.kept == best and len(net.history) == 60
    append = History.append

    def interrupted(self, *numbers):
        if len(self) == 60:
            raise KeyboardInterrupt
        append(self, *numbers)

    monkeypatch.setattr(History, "append", interrupted)
    with pytest.raises(TrainingInterrupted, match=f"of 400: the net is as it was after epoch {best}, the best on the val"):
        net.fit(*training, epochs=400, validation=held_out, patience=300, **OVERFITS)
    assert net.state.epochs == best


def test_costs_that_are_no_numbers_are_never_the_best():
    states = [State((), {}, epochs, "GradientDescent", {}) for epochs in range(4)]
    stopping = EarlyStopping(3, states[0], History())
    for state, cost in zip(states[1:], (math.nan, math.inf, math.nan), strict=True):
        assert not stopping.is_over
        stopping.see(state, cost)
    assert stopping.best is None and stopping.is_over


def test_a_training_that_finds_no_number_ends_as_any_other():
    X = np.linspace(-1, 1, 20).reshape(1, -1)
    net = DeepNet([1, 1], output="identity", standardize=False)
    with pytest.raises(DivergenceError):
        net.fit(X, 3 * X, epochs=50, rate=1e200, validation=(X, X), patience=2, progress=False)
    assert all(np.isfinite(node.value).all() for node in net.parameters)


# Rates


def falling(epoch):
    return 1.2 / (1 + epoch / 10)


@pytest.mark.parametrize("optimiser", ["descent", "momentum", "nesterov", "rmsprop", "adam", Adam(decay=0.1)])
@pytest.mark.parametrize("batch_size", [None, 150])
def test_a_rate_that_changes_is_each_epoch_at_its_rate(optimiser, batch_size):
    X, Y = flower()
    options = {"optimiser": optimiser, "batch_size": batch_size, "progress": False}
    net = DeepNet([2, 3, 1]).fit(X, Y, epochs=4, rate=lambda epoch: falling(epoch) / 20, **options)
    steps = DeepNet([2, 3, 1])
    for epoch in (1, 2, 3, 4):
        steps.fit(X, Y, epochs=1, rate=falling(epoch) / 20, resume=epoch > 1, **options)
    assert steps.history.cost == pytest.approx(net.history.cost, rel=1e-12)
    for ours, theirs in zip(net.parameters, steps.parameters, strict=True):
        np.testing.assert_allclose(ours.value, theirs.value, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("dropout, batch_size", [(0.0, 25), (0.3, 25), (0.3, None)])
def test_a_schedule_goes_on_with_its_epoch_to_the_bit(dropout, batch_size, tmp_path):
    X, Y = flower(60)
    seen = []

    def rate(epoch):
        seen.append(epoch)
        return falling(epoch)

    net = DeepNet([2, 3, 1], dropout=dropout).fit(X, Y, epochs=3, rate=rate, batch_size=batch_size, progress=False)
    net = load(net.save(tmp_path / "net.npz"))
    net.fit(X, Y, epochs=2, rate=rate, batch_size=batch_size, resume=True, progress=False)
    whole = DeepNet([2, 3, 1], dropout=dropout).fit(X, Y, epochs=5, rate=falling, batch_size=batch_size, progress=False)
    assert bits(net) == bits(whole)
    assert list(dict.fromkeys(seen)) == [1, 2, 3, 4, 5]
    rates = [epoch.rate for epoch in net.training(X, Y, epochs=3, rate=falling)]
    assert rates == [falling(1), falling(2), falling(3)]


def test_a_rate_that_is_none_stops_at_the_last_whole_epoch():
    net = DeepNet([2, 3, 1])
    with pytest.raises(ValueError, match=r"rate gives nan for epoch 3"):
        net.fit(*flower(40), rate=lambda epoch: 0.1 if epoch < 3 else math.nan, progress=False)
    assert net.state.epochs == len(net.history) == 2


def test_the_same_rate_throughout_gives_the_costs_of_a_plain_one():
    X = np.random.default_rng(0).normal(size=(2000, 8))
    plain = LogisticRegression().fit(X, [[0, 1] * 4], epochs=20, rate=0.001, gram=False)
    net = LogisticRegression().fit(X, [[0, 1] * 4], epochs=20, rate=lambda epoch: 0.001)
    assert net.gram_epochs == 0 and net.history.cost == pytest.approx(plain.history.cost, rel=1e-12)
