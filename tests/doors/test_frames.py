"""Frames of pandas, polars and Arrow go into a net, and predictions come out as one of the same kind, in the same rows."""

import pytest
from minigraph.models import DataError, DeepNet, Encoding, LogisticRegression

FLATS = {"size": [60.0, 45.5, 80.0, None, 71.0, 39.0], "town": ["Oslo", "Rome", "Oslo", "Bonn", "Bonn", "Rome"]}
PRICES = ["dear", "cheap", "dear", "cheap", "dear", "cheap"]


@pytest.fixture(params=["pandas", "polars", "table", "batch"])
def make(request):
    """What makes a frame of a dict."""
    import pandas
    import polars
    import pyarrow

    def indexed(columns):
        return pandas.DataFrame(columns, index=[f"row {i}" for i in range(len(next(iter(columns.values()))))])

    return {
        "pandas": indexed,
        "polars": polars.DataFrame,
        "table": pyarrow.table,
        "batch": pyarrow.RecordBatch.from_pydict,
    }[request.param]


def cells(column):
    return column.to_list() if hasattr(column, "to_list") else column.to_pylist()


def names(frame):
    return list(getattr(frame, "column_names", None) or frame.columns)


def rows(frame):
    """The index, if there is one."""
    return list(frame.index) if hasattr(frame, "index") and not callable(frame.index) else None


def test_a_frame_gives_a_column_of_its_kind_with_its_rows(make):
    flats, prices = make(FLATS), make({"price": PRICES})
    net = LogisticRegression(labels=("cheap", "dear"))
    net.encoding = Encoding.learn(flats, missing="mean")
    net.fit(flats, prices, epochs=20, progress=False)
    turned = make({"id": list(range(6)), "town": FLATS["town"], "size": FLATS["size"]})
    found, expected = net.predict(turned), net.predict(dict(FLATS))
    assert type(found) is type(turned["town"]) and cells(found) == expected[0].tolist()
    assert rows(found) == rows(turned) and getattr(found, "name", "price") == net.target_name == "price"
    probable = net.predict_probability(turned)
    assert type(probable) is type(turned) and rows(probable) == rows(turned)
    assert names(probable) == ["probability of cheap", "probability of dear"]
    assert cells(probable["probability of dear"]) == net.predict_probability(dict(FLATS))[0].tolist()
    assert net.score(turned, prices) == net.score(dict(FLATS), [PRICES])


def test_numbers_without_an_encoding_and_several_outputs(make):
    X, Y = {"a": [1.0, 2.0, 3.0, 4.0], "b": [2.0, 1.0, 5.0, 6.0]}, {"u": [1.0, 2.0, 3.0, 4.0], "v": [0.0, 1.0, 0.0, 1.0]}
    net = DeepNet([2, 3, 2], output="identity").fit(make(X), make(Y), epochs=3, progress=False)
    same = DeepNet([2, 3, 2], output="identity").fit([*X.values()], [*Y.values()], epochs=3, progress=False)
    assert net.feature_names == ("a", "b") and net.target_name is None
    found = net.predict(make(X))
    assert names(found) == ["prediction 1", "prediction 2"] and type(found) is type(make(X))
    assert [cells(found[name]) for name in names(found)] == same.predict([*X.values()]).tolist()
    with pytest.raises(DataError, match=r"lacks 1 of the 2 columns .*: 'b'"):
        net.predict(make({"a": [1.0]}))


def test_one_row_and_labels_that_are_numbers(make):
    net = LogisticRegression(labels=(0, 1)).fit(make({"a": [1.0, 2.0, 3.0]}), [[0, 0, 1]], epochs=50, progress=False)
    assert cells(net.predict(make({"a": [9.0]}))) == [1]


def test_categories_and_dates_of_pandas():
    import pandas

    frame = pandas.DataFrame({"zip": [10, 20, 10, 20], "size": [1.0, 2.0, 3.0, None]}).astype({"zip": "category"})
    assert Encoding.learn(frame, missing="mean").names == ("zip=20", "size")
    days = pandas.DataFrame({"day": pandas.date_range("2024-01-01", periods=20)})
    with pytest.raises(DataError, match=r"'day' holds dates or times .* Leave it out"):
        Encoding.learn(days)
    odd = pandas.DataFrame({"column_names": [1.0, 2.0, 3.0], "index": [0, 1, 0], "collect": [1, 2, 3]})
    net = LogisticRegression().fit(odd, [[0, 1, 0]], epochs=2, progress=False)
    assert net.predict(odd.set_index(pandas.Index([5, 6, 7]))).index.tolist() == [5, 6, 7]


def test_what_is_not_computed_yet_and_what_only_has_the_arrow_interface():
    import polars
    import pyarrow

    with pytest.raises(DataError, match=r"a LazyFrame is not computed yet. Give table\.collect\(\)"):
        LogisticRegression().fit(polars.LazyFrame({"a": [1.0, 2.0]}), [[0, 1]])

    class Stream:
        """A result of a database."""

        def __arrow_c_stream__(self, requested_schema=None):
            return pyarrow.table({"a": [1.0, 2.0, 3.0]}).__arrow_c_stream__(requested_schema)

    net = LogisticRegression().fit(Stream(), [[0, 0, 1]], epochs=2, progress=False)
    assert net.feature_names == ("a",) and len(net.predict(Stream())) == 3
