"""What is refused at the door, and what a table may look like."""

import numpy as np
import pytest
from minigraph.models import DataError, DeepNet, LogisticRegression

GOOD_X = np.arange(12.0).reshape(3, 4)
GOOD_Y = np.array([[0, 1, 0, 1]])


def with_entry(array, entry, value):
    changed = np.array(array, dtype=float)
    changed[entry] = value
    return changed


@pytest.mark.parametrize(
    "X, Y, text",
    [
        (GOOD_X, [[0, 1, 2, 1]], "Y holds the label 2 at example 2: for two classes labels are 0 and 1"),
        (GOOD_X, [[0, 1, 0.5, 1]], "Y holds the label 0.5 at example 2"),
        (GOOD_X, [["no", "yes", "no", "yes"]], r"Name your own with labels=\(no, yes\)"),
        (with_entry(GOOD_X, (1, 2), np.nan), GOOD_Y, r"X holds nan at feature 1, example 2 \(1 such values"),
        (with_entry(GOOD_X, (0, 3), -np.inf), GOOD_Y, "X holds -inf at feature 0, example 3"),
        (GOOD_X, [[0, 1, np.nan, 1]], "Y holds nan at row 0, example 2"),
        (np.zeros((3, 0)), np.zeros((1, 0)), r"X is \(3, 0\): the data set is empty"),
        (np.zeros((0, 4)), GOOD_Y, r"X is \(0, 4\): the data set is empty"),
        (np.zeros(3), GOOD_Y, r"X is \(3,\): it must have two axes.*X.reshape\(-1, 1\)"),
        (GOOD_X.T, GOOD_Y, r"X is \(4, 3\) and looks transposed.*examples are columns here. Write X\.T"),
        (GOOD_X, GOOD_Y.T, r"Y is \(4, 1\): it must be \(1, 4\).*It looks transposed: write Y\.T"),
        (GOOD_X, [0, 1, 0, 1], r"Y is \(4,\), a rank-1 array.*Write Y.reshape\(1, -1\)"),
        (GOOD_X, [[0, 1]], r"Y is \(1, 2\): it must be \(1, 4\).*one target for each example"),
        (GOOD_X + 1j, GOOD_Y, "X holds values of dtype complex128: give real numbers"),
        ([["a", "b"], ["c", "d"]], GOOD_Y, "X holds values of dtype <U1: give real numbers"),
        ([[1, 2], [3]], GOOD_Y, "X is not a regular array of numbers"),
        (GOOD_X, [[1, 2], [3]], "Y is not a regular array of numbers"),
        (np.array([[object()]]), [[1]], r"X holds '<object .*' at \[0, 0\], which is not a real number. Give real numbers"),
        ([[2**2000, 1, 2, 3]] * 3, GOOD_Y, r"X holds '\d+…' at \[0, 0\], which is not a real number"),
        (np.array([[1, 2, 3, "4"]] * 3, dtype=object), GOOD_Y, r"X holds '4' at \[0, 3\], which is not a real number"),
        (np.array([[1, None, 3, 4]] * 3, dtype=object), GOOD_Y, "X holds nan at feature 0, example 1"),
        (np.ma.masked_equal(GOOD_X, 3), GOOD_Y, r"X is a masked array, whose mask would be lost. Write X\.filled\(value\)"),
        (GOOD_X, np.ma.masked_equal(GOOD_Y, 0), r"Y is a masked array, whose mask would be lost. Write Y\.filled\(value\)"),
        (GOOD_X, np.ma.masked_equal(GOOD_Y.astype(str), "0"), "Y is a masked array, whose mask would be lost"),
        (with_entry(GOOD_X, (2, 0), 1.7e308), GOOD_Y, "row 2 holds values too large to standardise"),
    ],
)
def test_refused_at_the_door_and_the_net_stays_as_it_was(X, Y, text):
    net = DeepNet([3, 2, 1]).fit(GOOD_X, GOOD_Y, epochs=3)
    before = [node.value for node in net.parameters]
    with pytest.raises(DataError, match=text):
        net.fit(X, Y)
    assert all(node.value is value for node, value in zip(net.parameters, before, strict=True))
    assert len(net.history) == 3


def test_transposed_data_are_recognised_without_a_known_number_of_features():
    with pytest.raises(DataError, match=r"Y is \(4, 1\).*looks transposed: write Y\.T"):
        LogisticRegression().fit(GOOD_X, GOOD_Y.T)
    with pytest.raises(DataError, match=r"X is \(4, 3\) and looks transposed, since Y is \(1, 4\).*Write X\.T"):
        LogisticRegression().fit(GOOD_X.T, GOOD_Y)


class Table:
    """What a DataFrame offers, as far as it matters here."""

    def __init__(self, columns, rows):
        self.columns = columns
        self._rows = np.asarray(rows)

    def to_numpy(self):
        return self._rows


class Column:
    def __init__(self, values):
        self._values = np.array(values)

    def to_numpy(self):
        return self._values


class Convertible:
    def __init__(self, values):
        self._values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self._values, dtype=dtype)


def test_a_table_has_examples_in_rows_and_keeps_its_names():
    net = LogisticRegression().fit(Table(["a", "b", "c"], GOOD_X.T), Column(GOOD_Y[0]), epochs=3)
    same = LogisticRegression().fit(Convertible(GOOD_X), Convertible(GOOD_Y), epochs=3)
    assert net.feature_names == ("a", "b", "c") and same.feature_names is None
    assert net.parameters[0].value.tobytes() == same.parameters[0].value.tobytes()
    mixed = np.array([[1, 2.5], [3, 4.5]], dtype=object)
    LogisticRegression().fit(Table(["a", "b"], mixed), Table(["y"], [[0], [1]]), epochs=1)


def test_a_column_of_a_table_that_holds_no_numbers_is_named():
    rows = np.array([[1, "2024-01-05"], [2, "2024-01-06"]], dtype=object)
    text = (
        r"X holds '2024-01-05' in the column 'day', row 0, which is not a real number\. Leave .* out, put numbers, or encode"
    )
    with pytest.raises(DataError, match=text):
        LogisticRegression().fit(Table(["a", "day"], rows), Column([0, 1]))


class NotAvailable:
    """pandas' NA."""

    def __ne__(self, other):
        return self

    def __bool__(self):
        raise TypeError("boolean value of NA is ambiguous")


@pytest.mark.parametrize("missing", [None, float("nan"), NotAvailable()])
def test_a_missing_cell_of_a_table_is_named(missing):
    rows = np.array([[1, 2.5], [3, missing], [5, missing]], dtype=object)
    with pytest.raises(DataError, match=r"X holds nan at feature 1 \('size'\), example 1 \(2 such values in all\)"):
        LogisticRegression().fit(Table(["a", "size"], rows), Column([0, 1, 1]))


def test_a_table_that_was_turned_by_hand_and_one_hot_columns():
    with pytest.raises(DataError, match=r"X is \(3, 4\) and Y is \(4,\): a table has an example in each row, and is turned"):
        LogisticRegression().fit(Table(list("pqrs"), GOOD_X), Column(GOOD_Y[0]))
    with pytest.raises(DataError, match=r"It is one-hot; labels are expected: write Y\.idxmax\(axis=1\)\.$"):
        LogisticRegression().fit(Table(list("abc"), GOOD_X.T), Table(["no", "yes"], np.eye(2)[GOOD_Y[0]]))


def test_what_is_given_is_never_changed():
    X, Y = GOOD_X.copy(), GOOD_Y.astype(float)
    DeepNet([3, 2, 1]).fit(X, Y, epochs=2, batch_size=2)
    np.testing.assert_array_equal(X, GOOD_X)
    np.testing.assert_array_equal(Y, GOOD_Y)
