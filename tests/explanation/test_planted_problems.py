"""`health` on problems that were planted one by one: the right finding with the right cure, and no wrong second one."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import minigraph as mg
from minigraph.explanation import health_findings
from minigraph.explanation.health_findings.layers_and_units import Finding
from tests.explanation.planted import M, X, Y, holed, net
from tests.explanation.test_health_of_data import PLANTED as PLANTED_IN_DATA

UNLIKE = np.array([[1.0], [1000.0], [0.01]]) * X
BOTH = np.vstack([Y, 1 - Y])
STANDARDISED = X * [[1], [0], [1]]
with np.errstate(all="ignore"):
    STANDARDISED = (STANDARDISED - STANDARDISED.mean(1, keepdims=True)) / STANDARDISED.std(1, keepdims=True)
DEEP = (3, 9, 9, 9, 9, 9, 1)

PLANTED = {
    # what is planted: the net, the rate, the kinds that are found, words of the cure
    "dead layer": ({"hidden": "relu", "bias": -20.0}, None, "dead, no gradient", "leaky ReLU"),
    "dead layer, the second": ({"hidden": "relu", "bias": -9.0, "sizes": (3, 6, 6, 1)}, None, "dead, no gradient", "at A2"),
    "dead output": ({"head": "relu", "last": -9.0}, None, "dead, no gradient", "Leave ReLU out of the last layer"),
    "saturated tanh": ({"scale": 30.0}, None, "saturated", "Use smaller initial weights (Xavier)"),
    "saturated sigmoid": ({"scale": 60.0, "hidden": "sigmoid"}, None, "saturated", "smaller initial weights"),
    "saturated float32": ({"scale": 30.0, "dtype": np.float32}, None, "saturated", "smaller initial weights"),
    "saturated in every layer": ({"scale": 60.0, "sizes": (3, 6, 6, 6, 1)}, None, "saturated", "smaller initial weights"),
    "saturated by inputs": ({"inputs": 100 * X}, None, "saturated, unscaled", "Standardise the inputs first"),
    "equal weights": ({"weights": 0.5}, 0.1, "symmetric", "small random numbers"),
    "equal weights, softmax": (
        {"weights": 0.3, "sizes": (3, 4, 2), "targets": BOTH, "head": "softmax"},
        0.1,
        "symmetric",
        "small random numbers",
    ),
    "zeros, tanh": ({"weights": 0.0}, 0.1, "no gradient, symmetric", "since W2 is all 0"),
    "zeros, relu": ({"weights": 0.0, "hidden": "relu"}, 0.1, "no gradient, symmetric", "since W2 is all 0"),
    "zeros, sigmoid": ({"weights": 0.0, "hidden": "sigmoid"}, 0.1, "no gradient, symmetric", "since W2 is all 0"),
    "exploding": ({"hidden": "relu", "sizes": DEEP, "scale": 10.0}, None, "exploding", "Initialise with He or Xavier"),
    "vanishing": ({"hidden": "sigmoid", "sizes": DEEP}, 0.1, "vanishing", "Use ReLU or leaky ReLU"),
    "vanishing, small weights": ({"scale": 0.1, "sizes": (3, 9, 9, 9, 9, 1)}, 0.1, "vanishing", "He or Xavier"),
    "rate 100": ({}, 100.0, "large step", "Lower the learning rate. With 1 J falls."),
    "rate 10": ({}, 10.0, "large step", "J rises from 0.777 to 1.26 in 3 steps. Lower the learning rate. With 1 J falls."),
    "rate 1e-5": ({}, 1e-5, "small step", "Raise the learning rate. With 0.01 J falls as well."),
    "rows of different size": (
        {"inputs": UNLIKE, "hidden": "relu"},
        None,
        "unscaled",
        "row 1 reaches 2.25e3, row 2 only 0.0240",
    ),
    "rows of different size, logistic": (
        {"inputs": UNLIKE, "sizes": (3, 1)},
        0.1,
        "large step, unscaled",
        "Standardise: from",
    ),
    "rows of different size, tanh": ({"inputs": UNLIKE}, 0.1, "saturated, unscaled", "Standardise the inputs first"),
    "pixels": ({"inputs": np.abs(90 * X), "hidden": "relu"}, None, "unscaled", "Pixels from 0 to 255 are divided by 255"),
    "targets that are large": ({"targets": 1e5 * X[:1], "head": "numbers"}, None, "unscaled", "Divide the targets"),
    "certain and wrong, bce": (
        {"sizes": (3, 1), "scale": 300.0, "targets": 1 - Y, "head": "bce"},
        None,
        "certain",
        "mg.bce_with_logits(Z1, Y): its derivative σ(Z1) − Y does not vanish",
    ),
    "certain and wrong, squared": (
        {"scale": 99.0, "hidden": "relu", "head": "squared"},
        None,
        "certain",
        "bce_with_logits(Z2",
    ),
    "certain and wrong, (Y − A)²": (
        {"last": 20.0, "targets": 0 * Y, "head": "difference"},
        None,
        "certain",
        "bce_with_logits",
    ),
    "certain and wrong, tanh": ({"last": 9.0, "targets": -Y, "head": "tanh"}, None, "certain", "Begin with smaller weights"),
    "log of 0": ({"sizes": (3, 1), "scale": 300.0, "head": "by hand"}, None, "non-finite", "mg.bce_with_logits"),
    "log of 0, float32": (
        {"sizes": (3, 1), "scale": 60.0, "head": "by hand", "dtype": np.float32},
        None,
        "non-finite",
        "never take the logarithm of 0",
    ),
    "NaN in X": ({"inputs": holed(X, np.nan)}, 0.1, "non-finite", "Clean the data: leave these examples out"),
    "∞ in X": ({"inputs": holed(X, np.inf), "hidden": "relu"}, 0.1, "non-finite", "The learning rate has no part in it."),
    "NaN in Y": ({"targets": holed(Y, np.nan)}, 0.1, "non-finite", "Clean the data"),
    "a constant feature standardised": (
        {"inputs": STANDARDISED},
        0.1,
        "non-finite",
        "divided by its standard deviation, 0?",
    ),
    "overflow": (
        {"hidden": "relu", "sizes": (3, 9, 9, 9, 1), "scale": 1e120, "head": "numbers"},
        None,
        "non-finite",
        "The numbers grew too large",
    ),
    "large rows and a loss by hand": (
        {"inputs": [[1], [1e5], [1]] * X, "hidden": "relu", "head": "by hand"},
        None,
        "non-finite, unscaled",
        "Standardise: from each feature take its mean",
    ),
    "a rate with which outputs go to their flat ends": (
        {"head": "difference", "hidden": "tanh", "sizes": (3, 9, 9, 1)},
        3000.0,
        "large step",
        "then J stays at",
    ),
    "a rate too low in float32": (
        {"hidden": "sigmoid", "dtype": "float32"},
        1e-9,
        "small step",
        "Raise the learning rate. With ",
    ),
    "one class": ({"targets": np.ones((1, M))}, 0.1, "one class", "always says so is never wrong"),
    "one class, bce": ({"targets": np.zeros((1, M)), "head": "bce"}, 0.1, "one class", "Look at how the targets were made"),
    "one class, by hand": ({"targets": np.zeros((1, M)), "head": "by hand"}, 0.1, "one class", "of one class, 0"),
    "one class, log softmax": (
        {"targets": np.eye(3)[:, [2] * M], "sizes": (3, 6, 3), "head": "log softmax"},
        0.1,
        "one class",
        "of one class, 2",
    ),
    "one class, softmax": (
        {"targets": np.eye(3)[:, [2] * M], "sizes": (3, 6, 3), "head": "softmax"},
        0.1,
        "one class",
        "of one class, 2",
    ),
    "softmax of one output": ({"head": "softmax"}, 0.1, "no gradient, one output", "mg.bce_with_logits"),
    "softmax of one output, by hand": (
        {"head": "softmax by hand"},
        0.1,
        "no gradient, one output",
        "always 1, whatever Z2 is",
    ),
    "classes 0 to 9 for a sigmoid": (
        {"head": "squared", "targets": np.arange(M)[None] % 10.0},
        0.1,
        "out of reach",
        "Y goes from 0 to 9, and sigmoid gives numbers from 0 to 1 only: 48 of 60 targets can't be reached.",
    ),
    "−1 and 1 for a sigmoid": ({"head": "squared", "targets": 2 * Y - 1}, 0.1, "out of reach", "from 0 to 1 only"),
    "numbers below 0 for a ReLU": (
        {"head": "relu", "last": 3.0, "targets": X[:1]},
        0.01,
        "out of reach",
        "numbers from 0 to ∞ only",
    ),
}


def test_no_finding_is_forgotten():
    files = [ast.parse(file.read_text("utf-8")) for file in Path(health_findings.__path__[0]).glob("*.py")]
    calls = [call for file in files for call in ast.walk(file) if isinstance(call, ast.Call)]
    kinds = {call.args[0].value for call in calls if ast.unparse(call.func) == "Finding"}
    planted = {kind for _, _, kinds, _ in PLANTED.values() for kind in kinds.split(", ")}
    planted |= {kind for _, kind, _ in PLANTED_IN_DATA.values()}
    assert len(kinds) > 15 and not kinds - planted, f"plant it, in PLANTED here or in test_health_of_data: {kinds - planted}"
    told = " ".join(Finding.__doc__.partition("kind: ")[2].partition("where: ")[0].split())
    untold = {kind for kind in kinds if not re.search(rf"\b{kind}\b", told)}
    assert not untold, f"name it among the kinds in the docstring of Finding: {untold}"


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found_with_its_cure(name):
    settings, rate, kinds, words = PLANTED[name]
    with np.errstate(all="ignore"):
        report = mg.health(net(**settings), rate)
    assert ", ".join(sorted({finding.kind for finding in report.findings})) == kinds, str(report)
    assert words in str(report), str(report)
    mg.draw(net(**settings), "backward", values=False)


@pytest.mark.parametrize("name", [name for name in PLANTED if "softmax" not in name])
def test_it_is_found_where_examples_are_rows(name):
    settings, rate, kinds, _ = PLANTED[name]
    with np.errstate(all="ignore"):
        report = mg.health(net(by_rows=True, **settings), rate)
    assert ", ".join(sorted({finding.kind for finding in report.findings})) == kinds, str(report)


def test_what_is_wrong_is_called_a_column_where_examples_are_rows():
    J = net(by_rows=True, inputs=[[1], [1000], [1]] * X, hidden="relu", bias=np.array([[-9e9]] * 4 + [[9e9]] * 2))
    text = str(mg.health(J))
    assert "column 1 reaches" in text and "4 of 6 units (columns 0, 1, 2, 3) of A1 are off for all 60 examples" in text
    assert "all columns of W1 are equal" in str(mg.health(net(by_rows=True, weights=0.3)))


def test_units_that_differ_beside_gradients_that_are_large():
    report = mg.health(net(hidden="relu", sizes=(3, 9, 9, 9, 1), scale=1e5, head="numbers"))
    assert "symmetric" not in {finding.kind for finding in report.findings}, str(report)


SOUND = {
    "as it is": ({}, 0.1),
    "bce": ({"head": "bce"}, 0.1),
    "squared error": ({"head": "squared"}, 0.1),
    "by hand": ({"head": "by hand", "hidden": "relu"}, 0.1),
    "certain and right": ({"sizes": (3, 1), "weights": 8.0, "targets": (X.sum(0) > 0)[None] * 1.0, "head": "squared"}, None),
    "certain and wrong with logits": ({"sizes": (3, 1), "scale": 300.0, "targets": 1 - Y}, None),
    "a bias that keeps nobody off": ({"hidden": "relu", "bias": -0.1}, 0.1),
    "a layer that is half as large": ({"scale": 3.0}, None),
    "classes that are learnt": (
        {"sizes": (3, 1), "weights": 90.0, "targets": (X.sum(0) > 0)[None] * 1.0},
        1e-4,
    ),
    "a rate that is only brisk": ({}, 1.0),
    "a rate that is only slow": ({}, 1e-3),
    "rows of sizes that are a little different": ({"inputs": [[1.0], [5.0], [0.2]] * X}, None),
    "a rare one-hot column": ({"inputs": np.vstack([X[:2], np.eye(M)[:1]])}, 0.1),
    "a row of ones": ({"hidden": "relu", "inputs": np.vstack([30 * X[:2], np.ones((1, M))])}, None),
    "a batch of three of one class": ({"inputs": X[:, :3], "targets": np.ones((1, 3))}, 0.1),
    "−1 and 1 for tanh": ({"head": "tanh", "targets": 2 * Y - 1}, 0.1),
    "numbers for numbers": ({"head": "numbers", "targets": 50 * X[:1]}, None),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_or_nearly_so_is_not_called_wrong(name):
    settings, rate = SOUND[name]
    report = mg.health(net(**settings), rate)
    assert report.ok, str(report)


def test_a_nan_that_a_step_has_left_in_the_weights():
    J = net()
    W1 = next(node for node in J.backward().gradients if node.name == "W1")
    W1.value = np.full(W1.shape, np.nan)
    (found,) = mg.health(J).findings
    assert "start again with a lower learning rate" in found.advice and "Clean" not in found.advice


def test_a_nan_that_the_data_become():
    scores = mg.data(-np.abs(X), "scores")
    W = mg.parameter(np.ones((1, 3)), "W")
    with np.errstate(all="ignore"):
        (found,) = mg.health(mg.bce_with_logits(W @ mg.log(scores), Y).mean()).findings
    assert "Clean the data" in found.advice


def test_gradients_that_are_infinite_at_an_edge_or_grew_so():
    x = mg.parameter([0.0, 4.0], "x")
    (found,) = mg.health(mg.sqrt(x).sum()).findings
    assert "mg.sqrt(x + 1e-12)" in found.advice
    x = mg.parameter([[1e-300]], "x")
    (found,) = mg.health((x * 1e200 * 1e200).sum()).findings
    assert "grew too large" in found.advice


def test_a_division_by_0():
    w = mg.parameter([[1.0, 2.0]], "w")
    with np.errstate(all="ignore"):
        (found,) = mg.health((w / (w - w).named("none")).sum()).findings
    assert "Elsewhere keep away from the edge" in found.advice


def test_a_few_units_that_are_off_are_told_but_are_no_finding():
    J = net(hidden="relu", sizes=(3, 16, 1))
    b1, W1 = (next(node for node in J.backward().gradients if node.name == name) for name in ("b1", "W1"))
    reach = np.abs(W1.value[3] @ X)
    b1.value = np.where(np.arange(16)[:, None] == 3, -1.05 * reach.max(), b1.value)
    report = mg.health(J)
    assert report.ok and "A few units are off for all examples, as is usual: 1 of 16 in Z1." in str(report)
    b1.value = np.where(np.arange(16)[:, None] == 3, -9 * reach.max(), b1.value)
    assert [finding.kind for finding in mg.health(J).findings] == ["dead"]


def test_only_the_layers_with_large_steps_are_told():
    report = mg.health(net(hidden="sigmoid", sizes=(3, 9, 9, 1)), rate=3.0)
    assert [(finding.kind, finding.where) for finding in report.findings] == [("large step", "Z3")]


def test_one_example_with_a_gap_is_no_constant_feature():
    x, w = mg.data([[1.0], [np.nan], [0.5]], "X"), mg.parameter(np.ones((1, 3)), "W")
    (found,) = mg.health(mg.sum(w @ x)).findings
    assert "leave these examples out" in found.advice


def test_a_rate_with_which_a_probability_leaves_its_range():
    p = mg.parameter(np.full((1, 20), 0.4), "p")
    J = mg.bce(p, np.tile([0.0, 1.0], 10)[None]).mean()
    (found,) = mg.health(J, rate=100.0).findings
    assert found.kind == "large step" and "to a value that is not finite. Lower the learning rate." in str(found)


def test_a_rate_for_which_no_lower_one_is_known():
    w = mg.parameter(1.0, "w")
    (found,) = mg.health((mg.abs(w) * 1e30 + 1e-30).sum(), rate=1e5).findings
    assert found.advice == "Lower the learning rate."


def test_a_rate_with_which_the_numbers_overflow():
    (found, *_) = mg.health(net(head="numbers"), rate=1e200).findings
    assert found.kind == "large step" and "J goes from" in found.evidence


def test_a_rate_that_is_too_low_for_one_layer():
    assert [(found.kind, found.where) for found in mg.health(net(), rate=4e-5).findings] == [("small step", "Z1")]


def test_a_rate_that_leads_straight_to_the_minimum():
    assert mg.health(mg.square(mg.parameter(5.0, "w") - 2.0) + 1.0, rate=0.5).ok


def test_a_low_rate_where_no_higher_one_would_do():
    steep, flat = mg.parameter([[1.0]], "V"), mg.parameter([[1.0]], "W")
    J = (1e-3 * mg.square(steep @ mg.data([[1e4]], "X")) + flat @ mg.data([[1.0]], "U")).sum()
    assert mg.health(J, rate=1e-6).ok


def test_a_nan_in_a_list_of_numbers():
    (found,) = mg.health((mg.parameter(2.0, "w") * mg.data([np.nan, 1.0], "x")).sum()).findings
    assert found.where == "x" and "1 of 2 entries are not finite. Clean the data" in str(found)


def test_what_was_not_looked_at():
    J = net()
    assert "the size of a step (give rate=)" in str(mg.health(J)) and "give data=True" in str(mg.health(J))
    text = str(mg.health(J, 0.1, data=True))
    assert "give" not in text and "(shuffled labels look sound here); examples that J does not hold: new ones" in text
    with pytest.raises(TypeError, match="health: data"):
        mg.health(J, data=X)
