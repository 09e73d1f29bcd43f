"""An optimiser of the user's own: it trains, is saved with what it remembers, and goes on to the bit."""

import copy
import json
import re
import zipfile

import minigraph.models
import numpy as np
import pytest
from minigraph.models import DeepNet, GradientDescent, LogisticRegression, ModelFileError, Optimiser, load

import minigraph as mg

X = np.random.default_rng(0).normal(size=(3, 11))
Y = (X[:1] + X[1:2] > 0).astype(int)


class Momentum(Optimiser):
    def __init__(self, beta=0.9):
        self.beta = beta

    def memory(self, value):
        return {"velocity": np.zeros_like(value)}

    def updates(self, parameter, gradient, memory, rate):
        velocity = self.beta * memory["velocity"] + gradient
        return {parameter: parameter - rate * velocity, memory["velocity"]: velocity}


class Adam(Optimiser):
    """Two means of each parameter's shape, and a number of steps."""

    name = "adam"

    def memory(self, value):
        return {"mean": np.zeros_like(value), "square": np.zeros_like(value), "steps": 0}

    def updates(self, parameter, gradient, memory, rate):
        steps = memory["steps"] + 1.0
        mean = 0.9 * memory["mean"] + 0.1 * gradient
        square = 0.999 * memory["square"] + 0.001 * gradient * gradient
        sure = mean / (1 - mg.exp(steps * np.log(0.9)))
        spread = mg.sqrt(square / (1 - mg.exp(steps * np.log(0.999))))
        next_value = parameter - rate * sure / (spread + 1e-8)
        return {parameter: next_value, memory["mean"]: mean, memory["square"]: square, memory["steps"]: steps}


def net():
    return DeepNet([3, 4, 1], seed=1)


def bits(net):
    return [node.value.tobytes() for node in net.parameters]


ALL = [GradientDescent(), Momentum(), Adam()]
OPTIMISERS = pytest.mark.parametrize("optimiser", ALL, ids=lambda optimiser: optimiser.name)


def test_no_optimiser_is_forgotten():
    public = [kind for name in minigraph.models.__all__ if isinstance(kind := getattr(minigraph.models, name), type)]
    assert {kind for kind in public if issubclass(kind, Optimiser) and kind is not Optimiser} <= {*map(type, ALL)}


def test_plain_descent_is_the_default():
    given = net().fit(X, Y, epochs=5, batch_size=4, optimiser=GradientDescent())
    assert bits(given) == bits(net().fit(X, Y, epochs=5, batch_size=4))
    assert given.state.optimiser == "GradientDescent" and not any(given.state.memory.values())


@pytest.mark.parametrize("batch_size", [None, 4])
def test_momentum_takes_the_steps_done_by_hand(batch_size):
    trained = net().fit(X, Y, epochs=3, rate=0.2, batch_size=batch_size, optimiser=Momentum(0.5))
    again = net()
    features, velocities = trained.standardization.apply(X), [0.0] * 4
    shuffler = np.random.default_rng(np.random.SeedSequence(1).spawn(2)[1])
    for _ in range(3):
        order = shuffler.permutation(11) if batch_size else np.arange(11)
        for chosen in np.split(order, [4, 8]) if batch_size else [order]:
            J = again.graph(mg.data(features[:, chosen], "X"), mg.data(Y[:, chosen], "Y"))
            gradients = [gradient.value for gradient in mg.grad(J, again.parameters)]
            for i, (node, gradient) in enumerate(zip(again.parameters, gradients, strict=True)):
                velocities[i] = 0.5 * velocities[i] + gradient
                node.value = node.value - 0.2 * velocities[i]
    for node, by_hand, velocity in zip(trained.parameters, again.parameters, velocities, strict=True):
        np.testing.assert_allclose(node.value, by_hand.value, rtol=1e-10)
        np.testing.assert_allclose(trained.state.memory[node.name]["velocity"], velocity, rtol=1e-10)


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


@pytest.mark.parametrize("optimiser", ["adam", Momentum, 0.1])
def test_what_is_no_optimiser_is_refused(optimiser):
    with pytest.raises(TypeError, match=r"optimiser is .*: give an Optimiser, such as GradientDescent\(\)\."):
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
