"""Optimisers, the user's own too: each takes the steps done by hand, is saved with what it remembers, goes on to the bit."""

import copy
import json
import re
import zipfile

import minigraph.models
import numpy as np
import pytest
from kinds import kinds_in
from minigraph.models import (
    Adam,
    DeepNet,
    GradientDescent,
    LogisticRegression,
    ModelFileError,
    Momentum,
    Nesterov,
    Optimiser,
    RMSprop,
    load,
)  # fmt: skip
from minigraph.models.optimisers import OPTIMISERS as NAMED

import minigraph as mg

X = np.random.default_rng(0).normal(size=(3, 11))
Y = (X[:1] + X[1:2] > 0).astype(int)


class Counting(Optimiser):
    """One of the user's own: it remembers a number of steps beside what has the parameter's shape."""

    name = "counting"

    def memory(self, value):
        return {"mean": np.zeros_like(value), "steps": 0}

    def updates(self, parameter, gradient, memory, rate):
        steps = memory["steps"] + 1.0
        mean = memory["mean"] + (gradient - memory["mean"]) / steps
        return {parameter: parameter - rate * mean, memory["mean"]: mean, memory["steps"]: steps}


def descent(w, g, t, memory, rate):
    return w - rate * g


def momentum(w, g, t, memory, rate):
    memory["velocity"] = 0.5 * memory.get("velocity", 0) + g
    return w - rate * memory["velocity"]


def nesterov(w, g, t, memory, rate):
    memory["velocity"] = 0.8 * memory.get("velocity", 0) + g
    return w - rate * (g + 0.8 * memory["velocity"])


def rmsprop(w, g, t, memory, rate):
    memory["square"] = 0.95 * memory.get("square", 0) + 0.05 * g**2
    return w - rate * g / (memory["square"] ** 0.5 + 1e-6)


def adam(w, g, t, memory, rate):
    """Algorithm 1 of the paper, and the decay of AdamW's."""
    memory["mean"] = 0.8 * memory.get("mean", 0) + 0.2 * g
    memory["square"] = 0.99 * memory.get("square", 0) + 0.01 * g**2
    sure, spread = memory["mean"] / (1 - 0.8**t), memory["square"] / (1 - 0.99**t)
    return w - rate * 0.1 * w - rate * sure / (spread**0.5 + 1e-4)


BY_HAND = {
    GradientDescent(): descent,
    Momentum(0.5): momentum,
    Nesterov(0.8): nesterov,
    RMSprop(0.95, epsilon=1e-6): rmsprop,
    Adam(0.8, 0.99, epsilon=1e-4, decay=0.1): adam,
}


def net():
    return DeepNet([3, 4, 1], seed=1)


def bits(net):
    return [node.value.tobytes() for node in net.parameters]


ALL = [*BY_HAND, Counting()]
OPTIMISERS = pytest.mark.parametrize("optimiser", ALL, ids=lambda optimiser: optimiser.name)


def test_no_optimiser_is_forgotten():
    there = kinds_in(Optimiser, "minigraph.models.optimisers")
    for table, known in (
        ("OPTIMISERS of models/optimisers.py", {*NAMED.values()}),
        ("__all__ of models/__init__.py", {getattr(minigraph.models, name) for name in minigraph.models.__all__}),
        ("BY_HAND of this file, with its step done by hand", {*map(type, BY_HAND)}),
    ):
        assert not there - known, f"{sorted(kind.__name__ for kind in there - known)} is to stand in {table}"
    assert there == {*NAMED.values()} and len(NAMED) == len(there)


def test_plain_descent_is_the_default():
    given = net().fit(X, Y, epochs=5, batch_size=4, optimiser=GradientDescent())
    assert bits(given) == bits(net().fit(X, Y, epochs=5, batch_size=4))
    assert given.state.optimiser == "GradientDescent" and not any(given.state.memory.values())


@pytest.mark.parametrize("penalty", [{}, {"l2": 0.7}, {"clip": 0.1}, {"l2": 0.7, "clip": 0.1}], ids=str)
@pytest.mark.parametrize("batch_size", [None, 4])
@pytest.mark.parametrize("optimiser", BY_HAND, ids=lambda optimiser: optimiser.name)
def test_the_steps_are_those_done_by_hand(optimiser, batch_size, penalty):
    l2, clip = penalty.get("l2", 0.0), penalty.get("clip", np.inf)
    trained = net().fit(X, Y, epochs=3, rate=0.2, batch_size=batch_size, optimiser=optimiser, **penalty)
    again, step = net(), BY_HAND[optimiser]
    features, memories, steps = trained.standardization.apply(X), [{} for _ in range(4)], 0
    shortened = 0
    shuffler = np.random.default_rng(np.random.SeedSequence(1).spawn(2)[1])
    for _ in range(3):
        order = shuffler.permutation(11) if batch_size else np.arange(11)
        for chosen in np.split(order, [4, 8]) if batch_size else [order]:
            steps += 1
            J = again.graph(mg.data(features[:, chosen], "X"), mg.data(Y[:, chosen], "Y"))
            gradients = [gradient.value for gradient in mg.grad(J, again.parameters)]
            for i in (0, 2):  # W1 and W2; the penalty is on λ/(2m), m all examples
                gradients[i] = gradients[i] + l2 / 11 * again.parameters[i].value
            length = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))
            shortened += length > clip
            gradients = [gradient * min(1.0, clip / length) for gradient in gradients]
            for node, gradient, memory in zip(again.parameters, gradients, memories, strict=True):
                node.value = step(node.value, gradient, steps, memory, 0.2)
    assert clip == np.inf or shortened
    for node, by_hand, memory in zip(trained.parameters, again.parameters, memories, strict=True):
        np.testing.assert_allclose(node.value, by_hand.value, rtol=1e-9)
        for name, value in memory.items():
            np.testing.assert_allclose(trained.state.memory[node.name][name], value, rtol=1e-9)


def test_the_cost_that_is_drawn_holds_the_penalty():
    trained = net().fit(X, Y, epochs=2, l2=3.0)
    plain = trained.graph(X, Y).value
    squares = sum(np.sum(W.value**2) for W in trained.weights)
    assert [W.name for W in trained.weights] == ["W1", "W2"]
    np.testing.assert_allclose(trained.cost_node.value, plain + 3.0 / 22 * squares, rtol=1e-12)
    np.testing.assert_allclose(trained.graph(X, Y, "probabilities", l2=3.0).value, plain + 3.0 / 22 * squares, rtol=1e-9)
    assert "penalty" in str(mg.explain(trained.cost_node, wrt=trained.weights[0]))


def test_a_penalty_makes_weights_smaller_and_a_short_gradient_is_left_alone():
    lengths = [sum(np.sum(W.value**2) for W in net().fit(X, Y, l2=l2).weights) for l2 in (0.0, 0.1, 1.0, 10.0)]
    assert lengths == sorted(lengths, reverse=True)
    free, loose = (net().fit(X, Y, epochs=5, batch_size=4, clip=clip) for clip in (None, 1e6))
    for one, other in zip(free.parameters, loose.parameters, strict=True):
        np.testing.assert_allclose(one.value, other.value, rtol=1e-12)
    flat = LogisticRegression(standardize=False).fit(np.zeros((1, 2)), [[0, 1]], epochs=1, clip=1.0)
    assert [node.value.item() for node in flat.parameters] == [0.0, 0.0]  # a gradient of 0 has no direction


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"l2": -1}, "l2 is -1: it weighs the squares of the weights in the cost. Give a number from 0 on."),
        ({"clip": 0.0}, "clip is 0.0: give the length above which a gradient is shortened, above 0, or None."),
        ({"optimiser": "adma"}, "optimiser: there is no 'adma'. Did you mean 'adam'? There are: descent, momentum,"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, says):
    fresh = net()
    with pytest.raises(ValueError, match=re.escape(says)):
        fresh.fit(X, Y, **settings)
    assert not fresh.is_fitted


@pytest.mark.parametrize(
    "make",
    [lambda: Momentum(1.0), lambda: Nesterov(-0.1), lambda: RMSprop(2), lambda: Adam(beta2=1), lambda: Adam(beta1=1.0)],
)
def test_what_stays_of_a_mean_is_less_than_all(make):
    with pytest.raises(ValueError, match=r"give a number from 0 up to 1, such as 0\.9"):
        make()


@pytest.mark.parametrize("make", [lambda: Adam(epsilon=-1), lambda: Adam(decay=-1), lambda: RMSprop(epsilon=-1)])
def test_what_is_added_or_taken_is_not_negative(make):
    with pytest.raises(ValueError, match="is -1: give a number from 0 on"):
        make()


def test_a_name_means_the_usual_settings_and_its_usual_rate():
    for name, optimiser, rate in [("adam", Adam(), 0.01), ("rmsprop", RMSprop(), 0.01), ("nesterov", Nesterov(), 0.1)]:
        assert bits(net().fit(X, Y, epochs=4, optimiser=name)) == bits(
            net().fit(X, Y, epochs=4, optimiser=optimiser, rate=rate)
        )


@OPTIMISERS
@pytest.mark.parametrize("batch_size", [None, 4])
def test_going_on_is_one_long_training_to_the_bit(optimiser, batch_size, tmp_path):
    settings = {"batch_size": batch_size, "rate": 0.05, "optimiser": optimiser}
    whole = net().fit(X, Y, epochs=7, **settings)
    part = net().fit(X, Y, epochs=3, **settings)
    for again in (load(part.save(tmp_path / "part.npz")), copy.deepcopy(part), part):
        again.fit(X, Y, epochs=4, resume=True, **settings)
        assert bits(again) == bits(whole) and again.history.cost == whole.history.cost
    assert whole.history.cost[-1] < whole.history.cost[0]
    assert bits(whole.fit(X, Y, epochs=7, **settings)) == bits(again)  # anew: nothing is remembered


def test_an_interrupt_goes_back_to_what_was_remembered(monkeypatch):
    settings = {"batch_size": 4, "optimiser": Momentum()}
    whole, part = net().fit(X, Y, epochs=5, **settings), net()
    from minigraph.models.training import BatchGraph

    steps, step = [], BatchGraph.step

    def interrupted(self, *batch):
        steps.append(batch)
        if len(steps) == 8:  # in the middle of the third epoch
            raise KeyboardInterrupt
        return step(self, *batch)

    with monkeypatch.context() as patched:
        patched.setattr(BatchGraph, "step", interrupted)
        with pytest.raises(KeyboardInterrupt, match="stopped after epoch 2 of 5"):
            part.fit(X, Y, epochs=5, **settings)
    assert bits(part.fit(X, Y, epochs=3, resume=True, **settings)) == bits(whole)


def test_products_are_carried_with_momentum_too():
    wide = np.random.default_rng(1).normal(size=(400, 6))
    labels = np.array([[0, 1, 0, 1, 1, 0]])
    nets = [
        LogisticRegression().fit(wide, labels, epochs=60, rate=0.01, optimiser=Momentum(), gram=gram)
        for gram in (True, False)
    ]
    assert [one.gram_epochs for one in nets] == [60, 0]
    for one, other in zip(nets[0].parameters, nets[1].parameters, strict=True):
        np.testing.assert_allclose(one.value, other.value, rtol=1e-9, atol=1e-12)
        remembered = [one_net.state.memory[one.name]["velocity"] for one_net in nets]
        np.testing.assert_allclose(*remembered, rtol=1e-9, atol=1e-12)


def test_another_optimiser_can_not_go_on():
    trained = net().fit(X, Y, epochs=2, optimiser=Momentum())
    before = bits(trained)
    with pytest.raises(ValueError, match="the net was trained by 'Momentum', and 'GradientDescent' can't go on with what"):
        trained.fit(X, Y, resume=True)

    class Other(Momentum):
        name = "Momentum"

        def memory(self, value):
            return {"v": np.zeros(value.shape[0])}

    with pytest.raises(
        ValueError, match=re.escape("remembers {'W1.v': (4,), 'b1.v': (4,), 'W2.v': (1,), 'b2.v': (1,)}, but")
    ):
        trained.fit(X, Y, resume=True, optimiser=Other())
    assert bits(trained) == before and len(trained.history) == 2


@pytest.mark.parametrize("optimiser", [Momentum, 0.1])
def test_what_is_no_optimiser_is_refused(optimiser):
    with pytest.raises(TypeError, match=r"optimiser is .*: give an Optimiser, such as Adam\(\), or a name: descent, "):
        net().fit(X, Y, optimiser=optimiser)


def test_a_word_of_other_libraries_is_understood():
    with pytest.raises(TypeError, match=r"no argument .optimizer.\. It is called 'optimiser' here"):
        net().fit(X, Y, optimizer=Momentum())


@pytest.mark.parametrize(
    "changed, text",
    [
        ({"optimiser": 3}, "'optimiser' of its manifest"),
        ({"memory": None}, "'memory' of its manifest"),
        ({"memory": {"W1": {}, "b1": {}, "W2": {}}}, "'memory' of its manifest"),
        ({"memory": {"W1": [], "b1": {}, "W2": {}, "b2": {}}}, "'memory' of its manifest"),
        ({"memory": {"W1": {"velocity": 3}, "b1": {}, "W2": {}, "b2": {}}}, "'memory' of its manifest"),
        ({"memory": {"W1": {"velocity": [4, -3]}, "b1": {}, "W2": {}, "b2": {}}}, "'memory' of its manifest"),
        ({"memory": {"W1": {"velocity": [4, 2]}, "b1": {}, "W2": {}, "b2": {}}}, r"'W1.velocity' is \(4, 3\)"),
        ({"memory": {"W1": {"speed": [4, 3]}, "b1": {}, "W2": {}, "b2": {}}}, "'W1.speed' is missing"),
    ],
)
def test_a_file_that_remembers_wrongly_is_refused(changed, text, tmp_path):
    path = net().fit(X, Y, epochs=1, optimiser=Momentum()).save(tmp_path / "net.npz")
    rewrite(path, lambda manifest: manifest | changed)
    with pytest.raises(ModelFileError, match=text):
        load(path)


def test_a_memory_that_is_not_finite_is_refused(tmp_path):
    class Odd(Momentum):
        def memory(self, value):
            return {"velocity": np.full_like(value, np.inf)}

    start = net().fit(X, Y, epochs=1).state
    broken = net().fit(X, Y, epochs=1, optimiser=Momentum())
    broken._state = type(start).first(broken.parameters, start.shuffler(), Odd())
    broken.history.truncate(0)
    path = broken.save(tmp_path / "net.npz")
    with pytest.raises(ModelFileError, match="what its optimiser remembers is not finite"):
        load(path)


def rewrite(path, change):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["manifest.json"] = json.dumps(change(json.loads(members["manifest.json"]))).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_settings_left_out_are_those_of_the_papers():
    assert (Adam().beta1, Adam().beta2, Adam().epsilon, Adam().decay) == (0.9, 0.999, 1e-8, 0.0)
    assert (RMSprop().decay, RMSprop().epsilon, Momentum().momentum, Nesterov().momentum) == (0.9, 1e-8, 0.9, 0.9)


@pytest.mark.parametrize("kind", [Momentum, Nesterov])
def test_without_momentum_it_is_plain_descent(kind):
    still, plain = (net().fit(X, Y, epochs=4, batch_size=4, optimiser=o) for o in (kind(0.0), GradientDescent()))
    for one, other in zip(still.parameters, plain.parameters, strict=True):
        np.testing.assert_allclose(one.value, other.value, rtol=1e-12, atol=1e-15)
