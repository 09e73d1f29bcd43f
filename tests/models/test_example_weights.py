"""Weights of examples: a whole weight is a repetition, 0 leaves out, "balanced" lets each class count alike."""

import re

import numpy as np
import pytest
from minigraph.models import DataError, DeepNet, LogisticRegression
from minigraph.models.standardization import Standardization

GENERATOR = np.random.default_rng(5)
X = GENERATOR.normal(size=(3, 12)) * [[1.0], [50.0], [0.1]] + [[0.0], [200.0], [7.0]]
COUNTS = np.array([1, 0, 2, 3, 1, 1, 0, 2, 1, 4, 1, 1])
TARGETS = {
    "sigmoid": (X[:1] > 0).astype(int),
    "softmax": np.digitize(X[:1], [-0.4, 0.4]),
    "identity": X[:1] * 30 + GENERATOR.normal(size=(1, 12)),
    "relu": np.abs(X[:1]) * 30,
}


def net(output):
    return DeepNet([3, 4, 3 if output == "softmax" else 1], output=output, seed=2)


def assert_equal(one, other):
    for node, same in zip(one.parameters, other.parameters, strict=True):
        np.testing.assert_allclose(node.value, same.value, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(one.history.cost, other.history.cost, rtol=1e-8)
    np.testing.assert_allclose(one.feature_means, other.feature_means, rtol=1e-12)
    np.testing.assert_allclose(one.predict(X[:, :2]).astype(float), other.predict(X[:, :2]).astype(float), rtol=1e-7)


@pytest.mark.parametrize("settings", [{}, {"l2": 2.0}, {"optimiser": "adam", "clip": 0.1}], ids=str)
@pytest.mark.parametrize("output", TARGETS)
def test_a_weight_is_a_repetition_and_0_leaves_out(output, settings):
    Y, index = TARGETS[output], np.repeat(np.arange(12), COUNTS)
    weighted = net(output).fit(X, Y, epochs=30, example_weights=COUNTS, **settings)
    repeated = net(output).fit(X[:, index], Y[:, index], epochs=30, **settings)
    assert_equal(weighted, repeated)
    assert_equal(net(output).fit(X, Y, epochs=30, example_weights=COUNTS[None] * 1.0, **settings), repeated)


def test_only_their_ratios_count():
    Y = TARGETS["sigmoid"]
    one, other = (LogisticRegression().fit(X, Y, epochs=20, example_weights=COUNTS * size) for size in (1.0, 0.01))
    assert_equal(one, other)
    plain, equal = (LogisticRegression().fit(X, Y, epochs=20, example_weights=w) for w in (None, np.full(12, 3.0)))
    assert_equal(plain, equal)


def test_weights_go_with_their_examples_into_batches():
    Y, ones = TARGETS["sigmoid"], np.ones(12)
    plain, weighted = (net("sigmoid").fit(X, Y, epochs=4, batch_size=5, example_weights=w) for w in (None, ones))
    assert_equal(plain, weighted)
    moved = net("sigmoid").fit(X, Y, epochs=4, batch_size=5, example_weights=COUNTS)
    again = net("sigmoid").fit(X, Y, epochs=2, batch_size=5, example_weights=COUNTS)
    again.fit(X, Y, epochs=2, batch_size=5, example_weights=COUNTS, resume=True)
    assert [node.value.tobytes() for node in moved.parameters] == [node.value.tobytes() for node in again.parameters]
    assert not np.allclose(moved.parameters[0].value, plain.parameters[0].value)


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_balanced_classes_count_alike(output):
    rare = np.array([[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0]])
    if output == "softmax":
        rare[0, 0] = 2
    counts = np.bincount(rare[0])
    by_hand = 12 / (len(counts) * counts[rare[0]])
    balanced, given = (net(output).fit(X, rare, epochs=20, example_weights=w) for w in ("balanced", by_hand))
    assert_equal(balanced, given)
    assert (balanced.predict(X) == 1).sum() >= (net(output).fit(X, rare, epochs=20).predict(X) == 1).sum()


@pytest.mark.parametrize(
    ("weights", "output", "says"),
    [
        ([1.0, 2.0], "sigmoid", "example_weights is (2,): give a number for each of the 12 examples of X."),
        (-np.ones(12), "sigmoid", "example_weights: give finite numbers from 0 on, and not only 0"),
        (np.zeros(12), "sigmoid", "example_weights: give finite numbers from 0 on, and not only 0"),
        (np.full(12, np.nan), "sigmoid", "example_weights"),
        (np.full(12, 1e308), "sigmoid", "example_weights: give finite numbers from 0 on, and not only 0"),
        ("balance", "sigmoid", "example_weights is 'balance': give a number for each example, or 'balanced'."),
        ("balanced", "identity", "example_weights is 'balanced': give a number for each; classes are balanced."),
    ],
)
def test_other_weights_are_refused_and_the_net_stays_as_it_was(weights, output, says):
    fresh = net(output)
    with np.errstate(all="ignore"), pytest.raises(DataError, match=re.escape(says)):
        fresh.fit(X, TARGETS[output], example_weights=weights)
    assert not fresh.is_fitted


def test_a_row_that_does_not_vary_where_examples_count_is_constant():
    rows = Standardization.learn(np.array([[5.0, 5.0, 9.0]]), weights=np.array([1.0, 2.0, 0.0]))
    assert (rows.mean.item(), rows.scale.item()) == (5.0, 5.0)
