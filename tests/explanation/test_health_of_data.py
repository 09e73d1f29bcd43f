"""`health(J, data=True)`: what a look at the examples themselves tells, and what it leaves alone."""

import numpy as np
import pytest

import minigraph as mg
from tests.explanation.planted import M, X, Y, net

CHANCE = np.random.default_rng(3)
ORDER = np.r_[np.arange(M), np.arange(6)]
FEW = (np.arange(M) < 3)[None] * 1.0
COINS = (CHANCE.random((3, M)) < 0.5) * 1.0


def codes(value):
    inputs = np.array(X)
    inputs[1, [3, 8]] = value
    return inputs


PLANTED = {
    "a constant feature": ({"inputs": [[1], [0], [1]] * X + [[0], [7], [0]]}, "constant feature", "row 1 of X is the same"),
    "two constant features": ({"inputs": [[0], [0], [1]] * X}, "constant feature", "the rows 0, 1 of X are the same"),
    "a doubled feature": ({"inputs": X[[0, 1, 0]]}, "doubled feature", "rows 0 and 2 of X say the same"),
    "one in other units": (
        {"hidden": "relu", "inputs": np.vstack([X[:2], 1 + 1.8 * X[:1]])},
        "doubled feature",
        "rows 0 and 2",
    ),
    "one with the sign turned": ({"inputs": np.vstack([X[:2], -X[1:2]])}, "doubled feature", "rows 1 and 2"),
    "all doubled": (
        {"inputs": X[[0, 0, 0, 0]], "sizes": (4, 6, 1)},
        "doubled feature",
        "rows 0 and 3, … of X",
    ),
    "a code for what is missing": (
        {"inputs": codes(-99)},
        "missing values",
        "row 1 of X is −99 in 2 of 60 examples, far from all other numbers of the row.",
    ),
    "a code for what is missing, standardised": (
        {"inputs": codes(-7.25)},
        "missing values",
        "row 1 of X is −7.25 in 2 of 60 examples",
    ),
    "a doubled feature in float32": (
        {"inputs": X[[0, 1, 0]] * [[1], [1], [0.3]], "dtype": "float32"},
        "doubled feature",
        "rows 0 and 2",
    ),
    "a rare class": (
        {"targets": FEW},
        "rare class",
        "class 1 has 3 of 60 examples in Y: always saying 0 is right in 95 %",
    ),
    "equal examples, other labels": (
        {"inputs": X[:, ORDER], "targets": np.hstack([Y, 1 - Y[:, :6]])},
        "contradicting",
        "12 of 66 examples are in X equal to another one that has another label: no net can be right in more than 90.9 %.",
    ),
    "equal examples, softmax": (
        {
            "inputs": X[:, ORDER],
            "targets": np.eye(2)[:, np.r_[Y[0], 1 - Y[0, :6]].astype(int)],
            "sizes": (3, 6, 2),
            "head": "softmax",
        },
        "contradicting",
        "12 of 66",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_in_the_data_is_found(name):
    settings, kind, words = PLANTED[name]
    J = net(**settings)
    report = mg.health(J, data=True)
    assert [finding.kind for finding in report.findings] == [kind] and words in str(report), str(report)
    assert mg.health(J).ok, "only where the data are looked at"
    assert report.pins and "! " + report.pins[0].text in mg.draw(J, "backward", findings=report).source


SOUND = {
    "as it is": {},
    "a row of ones": {"inputs": np.vstack([X[:2], np.ones((1, M))])},
    "features that are nearly the same": {"inputs": np.vstack([X[:2], X[:1] + 1e-3 * X[2:]])},
    "equal examples with equal labels": {"inputs": X[:, ORDER], "targets": Y[:, ORDER]},
    "equal examples with other numbers": {
        "inputs": X[:, ORDER],
        "targets": CHANCE.normal(size=(1, M + 6)),
        "head": "numbers",
    },
    "−9 among numbers like it": {"hidden": "relu", "inputs": 10 * X + (np.arange(M) == 4) * (-9 - 10 * X)},
    "one number far off": {"inputs": np.where(np.arange(3 * M).reshape(3, M) == 8, -9.5, X)},
    "a count that is far off twice": {"inputs": np.vstack([X[:2], np.where(np.arange(M) < 2, 9, np.arange(M) % 4)])},
    "words that are rare, some alike": {"inputs": np.eye(M)[[0, 0, 1]], "head": "numbers", "targets": X[:1]},
    "a third of one class": {"targets": (np.arange(M) % 3 == 0)[None] * 1.0},
    "three classes": {"targets": np.eye(3)[:, np.arange(M) % 3], "sizes": (3, 6, 3), "head": "softmax"},
    "two examples": {"inputs": X[:, :2], "targets": Y[:, :2]},
    "targets between 0 and 1": {"targets": CHANCE.random((1, M)), "head": "bce"},
    "an unknown cause of several outputs": {"targets": COINS, "sizes": (3, 6, 3), "head": "bce"},
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_in_the_data_is_left_alone(name):
    report = mg.health(net(**SOUND[name]), data=True)
    assert report.ok, str(report)


def test_examples_as_rows_and_turned():
    w = mg.parameter(np.ones((3, 1)), "w")
    rows = mg.data(X[[0, 1, 0]].T, "X")
    J = mg.bce_with_logits(rows @ w, Y.T).mean()
    assert "columns 0 and 2 of X say the same" in str(mg.health(J, data=True))
    J = mg.bce_with_logits(w.T @ rows.T, Y).mean()
    assert "rows 0 and 2 of Xᵀ say the same" in str(mg.health(J, data=True))


def test_data_that_are_not_finite_are_told_by_their_nan_alone():
    inputs = np.array(X[[0, 1, 0]])
    inputs[0, 0] = np.nan
    (found,) = mg.health(net(inputs=inputs), data=True).findings
    assert found.kind == "non-finite"


def test_features_that_are_no_examples_of_the_targets():
    V = mg.parameter(np.ones((1, 3)), "V")
    J = net(inputs=X[:, ORDER], targets=Y[:, ORDER]) + 0.01 * mg.square(V @ mg.data(X[:, :5], "P")).sum()
    assert mg.health(J, data=True).ok


def test_no_examples_and_a_single_one():
    W = mg.parameter(np.ones((1, 3)), "W")
    for columns in (0, 1):
        J = mg.square(W @ mg.data(X[:, :columns], "X") - 1.0).sum() + mg.square(W).sum()
        assert mg.health(J, data=True).ok


def test_a_cost_without_examples():
    w = mg.parameter([[1.0, 2.0]], "w")
    assert mg.health((w * w).sum(), data=True).ok
    assert mg.health(mg.bce_with_logits(w, [[0.0, 1.0]]).sum(), data=True).ok
