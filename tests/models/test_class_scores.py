"""Precision, recall, F1 and AUC, counted here one example, and one pair of examples, at a time."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from minigraph.models import DeepNet, LogisticRegression
from minigraph.models.class_scores import area_under_curve
from minigraph.models.score_reports import ClassReport


def by_counting(truth, predicted, of):
    """Precision, recall and F1 of one class; None where there is nothing to count among."""
    hits = sum(t == p == of for t, p in zip(truth, predicted, strict=True))
    said, there = list(predicted).count(of), list(truth).count(of)
    precision, recall = hits / said if said else None, hits / there if there else None
    if precision is None and recall is None:
        return None, None, None
    return precision, recall, 2 / (1 / precision + 1 / recall) if hits else 0.0


def by_pairs(truth, probability, of):
    """How often one of the class beats one of another; a draw is half a win."""
    wins = [
        (mine > other) + (mine == other) / 2
        for mine, t in zip(probability, truth, strict=True)
        if t == of
        for other, u in zip(probability, truth, strict=True)
        if u != of
    ]
    return sum(wins) / len(wins) if wins else None


@st.composite
def predictions(draw):
    classes, m = draw(st.integers(2, 4)), draw(st.integers(1, 12))
    numbers = st.lists(st.integers(0, classes - 1), min_size=m, max_size=m)
    probability = st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.5000001, 0.9, 1.0]), min_size=m, max_size=m)
    rows = [draw(probability) for _ in range(classes)]
    return classes, np.array(draw(numbers)), np.array(draw(numbers)), np.array(rows)


@given(predictions())
def test_the_scores_of_every_class(drawn):
    classes, truth, predicted, probabilities = drawn
    report = ClassReport.of(tuple(range(classes)), truth, predicted, probabilities)
    found = report.as_dict()
    for k, scores in enumerate(found["classes"]):
        expected = (*by_counting(truth, predicted, k), by_pairs(truth, probabilities[k], k))
        for name, value in zip(("precision", "recall", "f1", "auc"), expected, strict=True):
            assert scores[name] == (None if value is None else pytest.approx(value, abs=1e-12)), name
        assert scores["examples"] == np.sum(truth == k)
    for place, name in enumerate(("precision", "recall", "f1")):
        counted = [by_counting(truth, predicted, k) for k in range(classes) if k in truth or k in predicted]
        assert found["mean"][name] == pytest.approx(np.mean([scores[place] or 0.0 for scores in counted]))
    areas = [area for k in range(classes) if (area := by_pairs(truth, probabilities[k], k)) is not None]
    assert found["mean"]["auc"] == (pytest.approx(np.mean(areas)) if areas else None)
    json.dumps(found, allow_nan=False)


def test_what_can_not_be_said_is_said():
    report = ClassReport.of(("a", "b"), np.array([0, 0]), np.array([0, 0]), np.array([[0.9, 0.8], [0.1, 0.2]]))
    assert report.text().splitlines()[1] == "'b': precision undefined, recall undefined, F1 undefined, AUC undefined"
    assert math.isnan(area_under_curve(np.array([True, False]), np.array([np.nan, 0.5])))


def test_the_net_reports_its_own_probabilities():
    X, Y = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]), np.array([["no", "no", "yes", "no", "yes", "yes"]])
    net = LogisticRegression(labels=("no", "yes")).fit(X, Y, epochs=40, progress=False)
    report = net.report(X, Y)
    assert report.scores[1].auc == report.scores[0].auc == pytest.approx(8 / 9)
    assert report.text().splitlines()[1] == f"'yes': {report.scores[1]}"
    three = DeepNet([1, 3], labels=("a", "b", "c")).fit(X, [list("aabbcc")], epochs=100, progress=False)
    A, truth = three.predict_probability(X), np.array(list("aabbcc"))
    expected = [by_pairs(truth, A[k], label) for k, label in enumerate("abc")]
    assert [scores.auc for scores in three.report(X, [list("aabbcc")]).scores] == pytest.approx(expected)
