"""What columns of text become: one-hot categories, counted orders, as learnt; against the same thing done by hand."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from minigraph.models import DataError, LogisticRegression, load
from minigraph.models.tables.columns import Columns
from minigraph.models.tables.encoding import Encoding
from minigraph.models.tables.features import KINDS, plain_category
from minigraph.models.tables.frames import frame_columns
from minigraph.models.tables.left_out import why_left_out

nan = np.nan
COLOURS = ["red", "blue", None, "red", "green", "red", "blue"]
SIZES = [1.0, 2.0, nan, 4.0, 5.0, 6.0, 9.0]
FRAME = {"colour": COLOURS, "size": SIZES, "fit": ["low", "high", "mid", None, "low", "low", "high"]}
FIT = {"fit": ["low", "mid", "high"]}


def test_whole_columns_by_hand():
    frame = {"colour": ["red", "blue", "red"], "yes": ["Yes", "NO", "yes"], "n": [3, 1, 2], "rank": ["2", "10", "2.0"]}
    encoding = Encoding.learn(frame, ordinal={"rank": ["2", "10"]})
    assert encoding.names == ("colour=red", "yes=yes", "n", "rank")
    assert encoding.encode(frame).tolist() == [[1, 0, 1], [1, 0, 1], [3, 1, 2], [0, 1, 0]]
    assert encoding.sources == ("colour", "yes", "n", "rank") and encoding.of_text == ("colour", "yes", "rank")
    assert not encoding.is_plain and Encoding.learn({"n": [1.0]}).is_plain


@pytest.mark.parametrize(
    ("missing", "size", "colour", "fit"),
    [
        ("refuse", nan, [nan] * 3, nan),
        ("drop", nan, [nan] * 3, nan),
        ("mean", np.mean([1, 2, 4, 5, 6, 9]), [2 / 6, 1 / 6, 3 / 6], np.mean([0, 2, 1, 0, 0, 2])),
        ("median", 4.5, [0, 0, 1], 0.5),
        ("category", np.mean([1, 2, 4, 5, 6, 9]), [0, 0, 0], np.mean([0, 2, 1, 0, 0, 2])),
    ],
)
def test_a_missing_cell_becomes(missing, size, colour, fit):
    encoding = Encoding.learn(FRAME, ordinal=FIT, missing=missing)
    X = dict(zip(encoding.names, encoding.encode(FRAME), strict=True))
    assert X["size"][2] == pytest.approx(size, nan_ok=True) and X["fit"][3] == pytest.approx(fit, nan_ok=True)
    assert [X[f"colour={name}"][2] for name in ("blue", "green", "red")] == pytest.approx(colour, nan_ok=True)
    flags = {name: X[name].tolist() for name in X if name.endswith("=missing")}
    own = {
        "colour=missing": [0, 0, 1, 0, 0, 0, 0],
        "size=missing": [0, 0, 1, 0, 0, 0, 0],
        "fit=missing": [0, 0, 0, 1, 0, 0, 0],
    }
    assert flags == (own if missing == "category" else {})
    whole = np.isnan(frame_columns(FRAME).values).any(axis=0)
    assert not np.isnan(encoding.encode(FRAME)[:, ~whole]).any()


def test_rarer_categories_are_other_and_unknown_ones_too():
    few = Encoding.learn({"c": list("aaabbcde")}, most=2)
    assert few.names == ("c=a", "c=b", "c=other")
    assert few.encode({"c": ["a", "b", "e", "z"]}).T.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]]
    assert few.strange({"c": ["z"]}) == []
    all_of_them = Encoding.learn({"c": list("aaab")})
    assert all_of_them.names == ("c=b",)
    assert all_of_them.encode({"c": ["z", "b"]}).tolist() == [[0.25, 1]]  # says what nobody says: the share
    assert all_of_them.strange({"c": ["z", "z", "b", "y"]}) == [
        "the column 'c' holds categories that training has not seen, which say nothing: 'z' (2 rows), 'y'"
    ]


def test_categories_that_are_numbers_stand_in_their_order():
    columns = frame_columns({"c": ["10", "9", "9", "x"]}, as_text=["c"])
    assert Encoding.learn(columns).names == ("c=10", "c=9", "c=x")
    assert Encoding.learn(columns.among(np.arange(3))).names == ("c=10",)


def test_what_is_wrong_with_a_table_is_said():
    encoding = Encoding.learn(FRAME, ordinal=FIT)
    with pytest.raises(DataError, match=r"lacks 1 of the 3 columns .*: 'fit'"):
        encoding.encode({"colour": ["red"], "size": [1.0]})
    with pytest.raises(DataError, match="'size' holds 'big', but it held numbers in training"):
        encoding.encode(FRAME | {"size": ["big"] * 7})
    with pytest.raises(DataError, match=r"'fit' holds 'huge', but its order .* --ordinal 'fit=low,mid,high,huge'"):
        encoding.encode(FRAME | {"fit": ["huge"] * 7})
    with pytest.raises(DataError, match="'size' is empty in the training part"):
        Encoding.learn({"size": [None, nan]})
    with pytest.raises(ValueError, match="missing is 'zero': choose one of refuse, drop, mean"):
        Encoding.learn(FRAME, missing="zero")
    with pytest.raises(DataError, match=r"the table lacks .*: 'fits'"):
        Encoding.learn(FRAME, ordinal={"fits": ["a", "b"]})
    with pytest.raises(DataError, match="a table is expected, a DataFrame or a dict of columns, and not int"):
        Encoding.learn(3)
    with pytest.raises(DataError, match=r"lacks 3 of the 3 columns"):
        encoding.encode({"other": [1.0]})
    with pytest.raises(DataError, match="differ in length"):
        Encoding.learn({"a": [1.0], "b": [1.0, 2.0]})
    with pytest.raises(DataError, match="'a' holds an infinite number"):
        Encoding.learn({"a": [1.0, np.inf]})


class Frame:
    """As little of a DataFrame as is needed."""

    def __init__(self, columns):
        self._columns, self.columns = columns, list(columns)

    def __getitem__(self, name):
        return np.array(self._columns[name], dtype=object)


def test_frames_are_read_by_name_and_columns_as_they_are():
    columns = frame_columns(Frame({"a": [1, None], "b": [True, False], "c": ["x ", np.float64(2)]}))
    assert columns.names == ("a", "b", "c") and columns.texts == (None, ("True", "False"), ("x", "2.0"))
    assert columns.values[1:].tolist() == [[0, 1], [0, 1]] and np.isnan(columns.values[0, 1])
    assert frame_columns(columns) is columns and len(columns) == 3


def test_a_net_with_an_encoding_takes_frames_and_keeps_it_in_its_file(tmp_path):
    frame, labels = {name: column * 3 for name, column in FRAME.items()}, [0, 1, 0, 0, 1, 0, 1] * 3
    net = LogisticRegression()
    net.encoding = Encoding.learn(frame, ordinal=FIT, missing="category")
    net.fit(frame, [labels], epochs=20, progress=False)
    assert net.feature_names == net.encoding.names
    X = net.encoding.encode(frame)
    np.testing.assert_array_equal(net.predict_probability(frame), net.predict_probability(X))
    again = load(net.save(tmp_path / "model.npz"))
    assert again.encoding == net.encoding
    probable = again.predict_probability(Frame(frame))  # a frame, too
    np.testing.assert_array_equal(probable["probability of 1"], net.predict_probability(frame)[0])
    net.encoding = Encoding.learn(frame, ordinal=FIT)
    with pytest.raises(DataError, match=r"X holds nan at feature 0 \('colour=blue'\), example 2"):
        net.predict(frame)


ENCODINGS = [Encoding.learn(FRAME, ordinal=FIT, missing=missing) for missing in ("refuse", "mean", "median", "category")]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_entries_of_a_file_give_the_encoding_again(encoding):
    entries = json.loads(json.dumps(encoding.entries()))
    assert Encoding.from_entries(entries, len(encoding.names)) == encoding
    assert Encoding.from_entries(entries, len(encoding.names) + 1) is None
    assert Encoding.from_entries([*entries, *entries], 2 * len(encoding.names)) is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.sampled_from(["", "a", "number", "categories"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "source", "fill"]), inner),
    max_leaves=4,
)


@given(st.sampled_from(ENCODINGS), st.integers(0, 2), st.data())
def test_damaged_entries_give_none_or_an_encoding_that_works(encoding, which, data):
    entries = json.loads(json.dumps(encoding.entries()))
    entry = entries[which]
    name = data.draw(st.sampled_from([*entry]))
    entry[name] = data.draw(JUNK)
    if data.draw(st.booleans()):
        entries[which] = data.draw(JUNK)
    found = Encoding.from_entries(entries, len(encoding.names))
    if found is not None:
        assert {feature.kind for feature in found.features} <= KINDS.keys()
        table = {source: ["low" if source == "fit" else 1.0] for source in found.sources}
        table |= {name: ["low"] for name in found.of_text}
        for feature in found.features:
            if feature.kind == "ordered":
                table[feature.source] = [feature.levels[0]]
        assert found.encode(table).shape == (len(found.names), 1)


@pytest.mark.parametrize(
    ("text", "category"), [("FALSE", "false"), ("Y", "y"), ("3.50", "3.50"), ("-2.0", "-2"), ("1e400", "1e400")]
)
def test_plain_category(text, category):
    assert plain_category(text) == category


COUNTED = list(range(1, 41))
WHYS = {
    "is empty": ("x", [None] * 6),
    "counts the rows (3, 4, 5, …)": ("x", [3.0, 4.0, 5.0, 6.0]),
    "names the rows (17, 3, 99, …)": ("customer_id", [17, 3, 99, 4, 5, 1]),
    "holds dates (20240131, 20240228, 20231201, …)": ("when", [20240131, 20240228, 20231201, 20240101, 20240131]),
    "holds 'a' in every row": ("x", ["a", "a"]),
    "holds 'a' or nothing": ("x", ["a", None]),
    "holds dates or times ('31.1.2024')": (
        "x",
        ["31.1.2024", "Jan 3, 2023", "3 January 2023 12:30", "12:30", "2024-01-31T12:30:00Z"],
    ),
    "holds names or ids ('n1'): 40 different ones in 40 rows": ("x", [f"n{i}" for i in COUNTED]),
    "holds free text ('it is number 1'): 40 different ones in 40 rows": ("x", [f"it is number {i}" for i in COUNTED]),
    "": ("id", [17, 3, 99, 4, 4, 1]),  # not all different
}


@pytest.mark.parametrize("why", WHYS)
def test_why_a_column_is_no_feature(why):
    name, cells = WHYS[why]
    assert why_left_out(frame_columns({name: cells}), 0) == why


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("x", [1.5, 2.5, 3.5, 4.5]),
        ("x", [1.0, 2.0]),
        ("id", [1, 3, 2]),
        ("x", [1, 2, 4, 3, 5]),
        ("year", [1999, 2004, 2001, 2004, 1999, 2002]),
        ("x", [20240131, 20241331, 1, 2, 3]),
        ("x", [20240199, 20240198, 20240197, 20240191, 20240191]),
        ("x", ["a", "b", "a", "b"]),
        ("x", [f"n{i % 20}" for i in range(80)]),
    ],
)
def test_what_may_be_a_feature_is_kept(name, cells):
    assert why_left_out(frame_columns({name: cells}), 0) == ""


def test_columns_chosen_among_all_rows_are_not_copied():
    columns = Columns(("a",), np.array([[1.0, 2.0]]), (None,))
    assert columns.among(np.arange(2)) is columns and columns.among(np.array([1])).values.tolist() == [[2.0]]


def test_categories_that_are_called_other_and_missing_are_what_they_say():
    colours = ["red"] * 3 + ["other"] * 2 + ["blue", "green"]
    encoding = Encoding.learn({"c": colours}, most=1)
    assert encoding.names == ("c=red", "c=other")
    assert encoding.encode({"c": ["other", "blue", "red", "new"]}).T.tolist() == [[0, 1], [0, 1], [1, 0], [0, 1]]
    assert Encoding.learn({"c": colours}).names == ("c=blue", "c=green", "c=other", "c=red")  # none is rarer
    known = Encoding.learn({"c": ["red", "missing", None, "blue", "blue"]}, missing="category")
    assert known.names == ("c=blue", "c=red", "c=missing")
    assert known.encode({"c": ["missing", None, "red"]}).T.tolist() == [[0, 0, 1], [0, 0, 1], [0, 1, 0]]
    assert known.strange(frame_columns({"c": ["missing", "red"]})) == []
