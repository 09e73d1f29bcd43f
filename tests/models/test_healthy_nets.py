"""Fifty nets that learn well: `health` finds nothing wrong with them, at the start and when they are trained."""

import numpy as np
import pytest
from minigraph.models import DataError, DeepNet, datasets

import minigraph as mg

SETS = ["breast_cancer", "digits", "flower", "circles", "blobs", "houses", "generated"]
TRUE_OF_DIGITS = {"constant feature"}
"""Pixels at the border that are always white."""


def generated(seed):
    """Four features and a bent boundary."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(4, 200))
    return X, (X[:1] * X[1:2] + X[2:3] > 0).astype(int)


def sound(seed):
    """A net and its training: sizes, activations, initialisers, outputs, batches and rates at random."""
    random = np.random.default_rng(seed)
    name = SETS[seed % len(SETS)]
    X, Y = generated(seed) if name == "generated" else getattr(datasets, name)()
    X, Y = X[:, :300], Y[:, :300]
    outputs = {"digits": 10, "blobs": 3}.get(name, 1)
    hidden = str(random.choice(["sigmoid", "tanh", "relu", "leaky_relu"]))
    layers = int(random.integers(0, 3 if hidden == "sigmoid" else 4))
    output = (None, "relu")[seed % 2] or "identity" if name == "houses" else None
    initializer = str(random.choice(["he", "xavier"])) if random.random() < 0.4 else None
    sizes = [X.shape[0], *(int(size) for size in random.integers(3, 17, layers)), outputs]
    net = DeepNet(sizes, hidden=hidden, output=output, initializer=initializer, seed=seed)
    settings = {
        "epochs": int(random.integers(5, 40)),
        "rate": float(random.choice([0.03] if output == "relu" else [0.03, 0.1, 0.3])),
        "batch_size": int(random.choice([0, 32, 64])) or None,
    }
    return name, net, X, Y, settings


@pytest.mark.parametrize("seed", range(50))
def test_a_sound_net_gives_no_alarm(seed):
    name, net, X, Y, settings = sound(seed)
    training = net.training(X, Y, **settings)
    for _ in range(2):  # at the start, and trained
        for look_at_data in (False, True):
            report = mg.health(net.cost_node, settings["rate"], data=look_at_data)
            found = {finding.kind for finding in report.findings}
            assert found <= (TRUE_OF_DIGITS if look_at_data and name == "digits" else set()), str(report)
        for _ in training:
            pass


def test_a_net_is_asked_about_its_data():
    X, Y = generated(0)
    doubled = np.vstack([X[:3], 2 * X[:1]])
    net = DeepNet([4, 3, 1]).fit(doubled, Y, epochs=2)
    assert [finding.kind for finding in net.health(data=True).findings] == ["doubled feature"]
    assert net.health().ok
    net.fit(doubled, Y, epochs=2, batch_size=32)
    with pytest.raises(DataError, match=r"only, 32 of 200 examples.*net\.health\(X, Y, data=True\)"):
        net.health(data=True)
    assert [finding.kind for finding in net.health(doubled, Y, 0.1, data=True).findings] == ["doubled feature"]
