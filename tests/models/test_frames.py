"""Frames by what they offer, without their libraries: small ones that have no more than is asked of them."""

import sys
from types import ModuleType

import numpy as np
import pytest
from minigraph.models import DataError, DeepNet, Encoding, LogisticRegression
from minigraph.models.tables.frames import frame_columns, frame_names, is_frame

CELLS = {"size": [1.0, 2.0, 3.0, 4.0], "town": ["a", "b", "a", "b"]}


class Column(list):
    """A Series."""

    def __init__(self, cells, index):
        super().__init__(cells)
        self.index = index


class Frame:
    """A DataFrame with an index."""

    def __init__(self, cells, index=None):
        self.cells = dict(cells)
        self.index = index or list("wxyz")[: len(next(iter(self.cells.values())))]
        self.columns = list(self.cells)

    def __getitem__(self, name):
        return Column(self.cells[name], self.index)

    def to_numpy(self):
        return np.array([*self.cells.values()], dtype=object).T


class Arrow:
    """A table without an index, made of a dict by a method of its kind."""

    def __init__(self, cells, secret):
        assert secret
        self.cells = cells

    @classmethod
    def from_pydict(cls, cells):
        return cls(cells, "secret")

    @property
    def column_names(self):
        return list(self.cells)

    def __getitem__(self, name):
        return self.cells[name]


class Stream:
    """What has the Arrow interface only."""

    def __arrow_c_stream__(self, requested_schema=None):
        raise AssertionError("read by the library that is loaded")


class Lazy:
    def collect(self):
        raise AssertionError("nothing is computed that was not asked for")


@pytest.fixture
def net():
    net = LogisticRegression(labels=("no", "yes"))
    net.encoding = Encoding.learn(CELLS)
    return net.fit(CELLS, [["no", "yes", "no", "yes"]], epochs=5, progress=False)


def test_a_frame_gives_a_frame_with_its_index(net):
    found = net.predict(Frame(CELLS, index=[5, 6, 7, 8]))
    assert (found, found.index) == (net.predict(CELLS)[0].tolist(), [5, 6, 7, 8])
    both = net.predict_probability(Frame(CELLS))
    assert (both.columns, both.index) == (["probability of no", "probability of yes"], list("wxyz"))
    np.testing.assert_array_equal(both["probability of yes"], net.predict_probability(CELLS)[0])
    assert isinstance(net.predict(CELLS), np.ndarray) and net.predict(CELLS).shape == (1, 4)


def test_a_table_of_arrow(net):
    table = Arrow.from_pydict(CELLS)
    assert net.predict(table) == net.predict(CELLS)[0].tolist()
    assert net.predict_probability(table).column_names == ["probability of no", "probability of yes"]
    numbers = Arrow.from_pydict({"a": [1.0, 2.0], "b": [None, 1.0]})
    with pytest.raises(DataError, match=r"X holds nan at feature 1 \('b'\), example 0"):
        LogisticRegression().fit(numbers, [[0, 1]])


def test_a_kind_that_is_not_made_of_columns_gives_arrays(net):
    class Named:
        """Columns that can't be asked for by name."""

        columns = ("a",)

        def to_numpy(self):
            return np.array([[1.0], [2.0]])

    class Joined(Frame):
        def __init__(self, cells, index, more):
            super().__init__(cells)

    plain = LogisticRegression().fit(Named(), [[0, 1]], epochs=2, progress=False)
    assert plain.predict(Named()).shape == (1, 2) and net.predict(Joined(CELLS, None, 3)).shape == (1, 4)


def test_several_outputs_and_the_name_of_the_target():
    X, Y = Frame({"a": [1.0, 2.0, 3.0]}), Frame({"u": [1.0, 2.0, 3.0], "v": [3.0, 2.0, 1.0]})
    net = DeepNet([1, 2], output="identity").fit(X, Y, epochs=2, progress=False)
    assert net.target_name is None and net.predict(X).columns == ["prediction 1", "prediction 2"]
    net.fit(X, Y, epochs=2, progress=False)
    one = DeepNet([1, 1], output="identity").fit(X, Frame({" u ": [1.0, 2.0, 3.0]}), epochs=2, progress=False)
    assert one.target_name == "u"
    assert one.fit([[1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0]], epochs=2, progress=False).target_name == "u"


class Series:
    """A column with a name."""

    def __init__(self, name):
        self.name = name

    def to_numpy(self):
        return np.array([1.0, 2.5, 3.0])


@pytest.mark.parametrize(("name", "called"), [("price", "price"), (" ", None), (0, None), (None, None)])
def test_a_series_names_the_target(name, called):
    net = DeepNet([1, 1], output="identity").fit([[1.0, 2.0, 3.0]], Series(name), epochs=2, progress=False)
    assert net.target_name == called


def test_what_is_no_table_is_refused():
    assert not any(map(is_frame, (CELLS, [[1.0]], np.ones((1, 2)), Series("a"), 3)))
    for table, message in [
        (Lazy(), r"a Lazy is not computed yet. Give table\.collect\(\)"),
        (3, "a table is expected, a DataFrame or a dict of columns, and not int"),
    ]:
        with pytest.raises(DataError, match=message):
            frame_columns(table)
    assert frame_names(CELLS) == ["size", "town"]


def test_what_has_the_arrow_interface_only_is_read_by_a_library_that_is_loaded(monkeypatch):
    for library in ("pyarrow", "polars"):
        monkeypatch.delitem(sys.modules, library, raising=False)
    with pytest.raises(DataError, match=r"a Stream is read by way of a DataFrame: give polars\.DataFrame\(table\)"):
        frame_columns(Stream())
    library = ModuleType("polars")
    library.DataFrame = lambda stream: Frame(CELLS)
    monkeypatch.setitem(sys.modules, "polars", library)
    assert frame_columns(Stream()).names == ("size", "town")
    assert is_frame(Stream())
