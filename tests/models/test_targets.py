"""Targets: labels are text or numbers and none is missing; what never changes is said."""

import datetime
import warnings

import numpy as np
import pytest
from minigraph.models import DataError, DeepNet, LogisticRegression
from minigraph.models.standardization import Standardization

X = np.array([[0.0, 1.0, 2.0, 3.0]])
ZERO_ONE = np.array([[0, 0, 1, 1]])


class Series:
    """What a pandas column offers, as far as it matters here."""

    def __init__(self, values):
        self._values = np.empty(len(values), dtype=object)
        self._values[:] = values

    def to_numpy(self):
        return self._values


class NotAvailable:
    """pandas' NA: comparing with it gives it again, and it is neither true nor false."""

    def __ne__(self, other):
        return self

    def __bool__(self):
        raise TypeError("boolean value of NA is ambiguous")

    def __repr__(self):
        return "<NA>"


@pytest.mark.parametrize("missing", [None, float("nan"), np.float64("nan"), NotAvailable(), np.datetime64("NaT", "D")])
def test_a_missing_label_is_no_class(missing):
    for Y in (Series(["a", missing, "b", missing]), [["a", missing, "b", missing]]):
        with pytest.raises(DataError, match=r"Y holds no label at example 1: .* \(2 such in all\)\. Leave out"):
            DeepNet([1, 3]).fit(X, Y, epochs=1)


@pytest.mark.parametrize(
    "label, kind",
    [
        (datetime.date(2024, 1, 5), "date"),
        (np.datetime64("2024-01-05"), "date"),
        (b"a", "bytes"),
        ((1, 2), "tuple"),
        (np.zeros(2), "ndarray"),
        (float("inf"), "float"),
        (3 + 4j, "complex"),
    ],
)
def test_a_label_that_no_file_can_hold_is_refused_in_fit(label, kind):
    with pytest.raises(DataError, match=rf"Y holds .* at example 1, of type {kind}: labels are text or numbers.*Give text"):
        DeepNet([1, 2]).fit(X, Series(["a", label, "a", "a"]), epochs=1)
    whole = np.array([[b"a", b"b", b"a", b"b"]])
    with pytest.raises(DataError, match="at example 0, of type bytes: labels are text or numbers"):
        DeepNet([1, 2]).fit(X, whole, epochs=1)


@pytest.mark.parametrize(
    "Y, labels",
    [
        (Series([1, np.int64(2), 2.0, np.float32(1)]), (1, 2)),
        (Series([True, False, True, True]), (0, 1)),
        (Series(["a", np.str_("b"), "a", "a"]), ("a", "b")),
        ([["1", 1, "1", 1]], (1, "1")),  # text and numbers stay what they are
        (Series([0.5, 1.5, 0.5, 0.5]), (0.5, 1.5)),
    ],
)
def test_labels_become_plain_python(Y, labels):
    found = DeepNet([1, 2], output="softmax").fit(X, Y, epochs=1).head.labels
    assert found == labels and list(map(type, found)) == list(map(type, labels))


def test_whole_numbers_that_float64_can_not_tell_apart_are_no_labels():
    with pytest.raises(DataError, match=r"whole numbers from 9007199254740992 as labels.*Give them as text"):
        DeepNet([1, 2]).fit(X, np.array([[2**53, 2**53 + 1, 2**53, 2**53]]), epochs=1)


def test_score_refuses_labels_of_another_type_instead_of_giving_0():
    net = LogisticRegression().fit(X, ZERO_ONE)
    assert net.score(X, ZERO_ONE) == net.score(X, ZERO_ONE.astype(float)) == 1.0
    with pytest.raises(DataError, match=r"label '0' at example 0: .*They are numbers, and this is text: write np.asarray"):
        net.score(X, ZERO_ONE.astype(str))
    assert net.score(X, [[0, 0, 1, 2]]) == 0.75  # 2 is a number too, of a class that the net does not know
    named = LogisticRegression(labels=("0", "1")).fit(X, ZERO_ONE.astype(str))
    with pytest.raises(
        DataError, match=r"label 0 at example 0: .*They are text, and this is a number: write .*astype\(str\)"
    ):
        named.score(X, ZERO_ONE)
    assert named.score(X, [["0", "0", "1", "x"]]) == 0.75


def test_relu_refuses_negative_targets_in_fit_and_only_there():
    net = DeepNet([1, 1], output="relu")
    with pytest.raises(
        DataError, match=r"Y holds -3 at row 0, example 2 \(2 numbers below 0 in all\).*Use output 'identity'"
    ):
        net.fit(X, [[1, 2, -3, -4]])
    net.fit(X, [[0, 1, 2, 3]])
    assert net.score(X, [[-1, 1, 2, 3]]) < 1


@pytest.mark.parametrize(
    "net, Y, text",
    [
        (LogisticRegression(), [[1, 1, 1, 1]], "Y holds the label 1 in every example: there is nothing to tell apart"),
        (DeepNet([1, 2]), [[0, 0, 0, 0]], "Y holds the label 0 in every example"),
        (DeepNet([1, 1], output="identity"), [[5, 5, 5, 5]], "Y is 5 in every example: there is nothing to learn but that"),
        (DeepNet([1, 1], output="relu"), [[0.3, 0.1 + 0.2, 0.3, 0.3]], "Y is 0.3 in every example"),
        (DeepNet([1, 2], output="identity"), [[1, 2, 3, 4], [7, 7, 7, 7]], "row 1 of Y is 7 in every example"),
        (
            DeepNet([1, 1], output="identity"),
            np.array([[0.3, np.float32(0.1) + np.float32(0.2), 0.3, 0.3]], np.float32),
            "0.3",
        ),
    ],
)
def test_a_target_that_never_changes_is_said(net, Y, text):
    with pytest.warns(UserWarning, match=text) as said:
        net.fit(X, Y, epochs=1)
    assert said[0].filename == __file__  # where fit was called
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.fit(X[:, :1], np.asarray(Y)[:, :1], epochs=1)  # of one example there is nothing else to expect


# Standardising


@pytest.mark.parametrize("dtype, eps", [(np.float64, 2.0**-52), (np.float32, 2.0**-23)])
@pytest.mark.parametrize("size", [0.3, 1.0, 1e10, 1e-30])
def test_a_column_that_is_constant_but_for_rounding_gets_no_scale_of_rounding(dtype, eps, size):
    column = np.array([[1, 1 + eps, 1 - eps, 1]], dtype) * dtype(size)
    features = np.vstack([X.astype(dtype), column])
    net = LogisticRegression().fit(features, ZERO_ONE, epochs=5)
    assert net.standardization.scale[1, 0] == pytest.approx(max(1, size))
    nearby = np.vstack([X, np.full((1, 4), size * (1 + 1e-6))])
    np.testing.assert_allclose(net.predict_probability(nearby), net.predict_probability(features), rtol=1e-3)


def test_a_small_spread_that_is_no_rounding_is_a_spread():
    rows = np.array([[1.0, 1.0 + 1e-12], [1e-100, 2e-100]])
    np.testing.assert_allclose(Standardization.learn(rows).scale, [[5e-13], [5e-101]], rtol=1e-3)
