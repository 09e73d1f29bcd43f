"""Names of columns: read alike from frames, CSV files and model files, and never two of one name."""

import numpy as np
import pytest
from minigraph.models import DataError, LogisticRegression, load
from minigraph.models.names_and_labels import find_columns

X = np.array([[0.0, 1.0, 2.0, 3.0], [5.0, 1.0, 4.0, 2.0]])
Y = np.array([[0, 0, 1, 1]])


class Frame:
    """What a DataFrame offers, as far as it matters here."""

    def __init__(self, columns, rows):
        self.columns = columns
        self._rows = np.array(rows)

    def to_numpy(self):
        return self._rows


def test_two_columns_of_one_name_are_refused_in_fit_and_predict():
    with pytest.raises(DataError, match=r"X: two columns are called 'a' \(columns 1 and 2\). Give each its own name"):
        LogisticRegression().fit(Frame(["a", "a"], X.T), Y)
    net = LogisticRegression().fit(Frame(["a", "b"], X.T), Y, epochs=2)
    with pytest.raises(DataError, match=r"X: two columns are called 'b' \(columns 2 and 3\)"):
        net.predict(Frame(["a", "b", " b "], X[[0, 1, 1]].T))


def test_two_columns_of_one_name_that_are_not_needed_are_left_out():
    net = LogisticRegression().fit(Frame(["a", "b"], X.T), Y, epochs=2)
    np.testing.assert_array_equal(net.predict(Frame(["z", "b", "z", "a"], X[[0, 1, 0, 0]].T)), net.predict(X))


def test_blanks_around_a_name_mean_nothing_wherever_it_is_read(tmp_path):
    net = LogisticRegression().fit(Frame([" a", "b\t"], X.T), Y, epochs=2)
    assert net.feature_names == ("a", "b")
    again = load(net.save(tmp_path / "model.npz"))
    np.testing.assert_array_equal(again.predict(Frame(["b ", "a"], X[::-1].T)), net.predict(X))
    assert LogisticRegression().fit(X, Y, epochs=1, feature_names=[" a", "b "]).feature_names == ("a", "b")


@pytest.mark.parametrize(
    "names, text",
    [
        ("ab", "feature_names is 'ab', one text: give a list with a name for each feature"),
        (["a"], r"feature_names holds 1 names for 2 features \(rows of X\): give one for each"),
        (["a", "b", "c"], "feature_names holds 3 names for 2 features"),
        (["a", "a "], r"feature_names: two columns are called 'a' \(columns 1 and 2\)"),
    ],
)
def test_names_that_do_not_fit_the_features_are_refused_before_the_net_changes(names, text):
    net = LogisticRegression().fit(X, Y, epochs=2)
    with pytest.raises(DataError, match=text):
        net.fit(X, Y, feature_names=names)
    assert len(net.history) == 2 and net.feature_names is None


def test_a_net_that_goes_on_keeps_its_names():
    net = LogisticRegression().fit(X, Y, epochs=1, feature_names=["a", "b"])
    with pytest.raises(DataError, match="feature_names is 'b', 'a', but this net knows 'a', 'b'"):
        net.fit(X, Y, epochs=1, feature_names=["b", "a"], resume=True)
    assert net.fit(X, Y, epochs=1, resume=True).feature_names == ("a", "b")
    unnamed = LogisticRegression().fit(X, Y, epochs=1)
    assert unnamed.fit(X, Y, epochs=1, resume=True, feature_names=["p", "q"]).feature_names == ("p", "q")


def test_the_validation_part_of_a_frame_has_the_frames_names():
    part = Frame(["b", "a"], X[::-1].T), Y
    net = LogisticRegression().fit(Frame(["a", "b"], X.T), Y, epochs=2, validation=part, feature_names=["A", "B"])
    assert net.feature_names == ("A", "B")
    assert net.history.validation_cost[0] == net.history.cost[1]  # the cost after an epoch is that before the next


def test_columns_are_found_in_one_walk():
    """Each name is compared a few times, however many there are; pairs would be 4·10⁸."""
    compared = []

    class Name(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other):
            compared.append(1)
            return str.__eq__(self, other)

    names = [Name(f"column {i}") for i in range(2000)]
    assert find_columns(names, names[::-1], "X") == list(range(1999, -1, -1))
    assert len(compared) < 20_000
