"""Plain files are read by NumPy, others by the csv module: nothing tells them apart but the time."""

import csv
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from minigraph.models import DataError, rows, tables
from minigraph.models.rows import PlainBlock
from minigraph.models.tables import Reading, parse_csv

NUMBERS = ["0", "-1.5", "2e3", ".5", "5.", "+7", "1e-310", "0.1234567890123456789", "1e22", "123456789012345678"]
ODD = [
    "",
    "007",
    " +07",
    " ",
    "NA",
    "nan",
    "?",
    "1_0",
    "inf",
    "1e101",
    "1e999",
    "١٢",
    "x",
    "größe",
    "0x10",
    "1e",
    '"3"',
    '"a,b"',
    '"a\nb"',
    "\t4 ",
]
cells = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(NUMBERS),
    st.sampled_from(ODD),
    st.text('1.,;"\r\n \t\x0c\x1c\x85a', max_size=3),
)
files = st.builds(
    lambda table, delimiter, end, last: (end.join(delimiter.join(row) for row in table) + last),
    st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1)),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
    st.sampled_from(["", "\n", "\r\n", "\n\n", " \n"]),
)  # fmt: skip


def everything(text, header):
    """All that can be asked of a table, answers and refusals."""
    said = []

    def ask(question):
        try:
            return question()
        except DataError as error:
            said.append(str(error))

    table = ask(lambda: parse_csv(text, "file.csv", Reading(header)))
    if table is not None:
        columns = range(len(table.names))
        said += [table.names, list(table.rows), list(table.rows.lines), len(table.rows)]
        said += [ask(lambda c=c: table.texts(c)) for c in columns]
        for missing in (False, True):
            for chosen in ([*columns], [*columns[::-1]], *([c] for c in columns)):
                values = ask(lambda chosen=chosen, missing=missing: table.numbers(chosen, missing))
                said.append(None if values is None else (values.shape, values.tobytes()))
    return said, table


def both_ways(text, header, monkeypatch):
    """The same table by way of NumPy, where it is plain, and by the csv module; whether it was plain."""
    plain, table = everything(text, header)
    with monkeypatch.context() as patch:
        patch.setattr(tables, "plain_rows", lambda *_: None)
        exact, _ = everything(text, header)
    assert plain == exact
    return table is not None and isinstance(next(iter(table.rows.blocks())), PlainBlock)


@given(files, st.sampled_from([None, True, False]))
@example("a,b\n1,2\n", None)
@example("a,b\r\n1,2\r\n3,x\r\n", None)
@example('"a","b"\n1,\n3,4', None)
@example("1,2\n3", False)
@example("1,2\n3,4,5\n6\n", False)
@example("a,b", None)
@example("a\n1\n\n2\n", None)
@example("1,2\n\n3,4\n", False)
@example('a,b\n1,"2\n3,4\n', None)
def test_a_plain_file_is_read_as_any_other(text, header):
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(rows, "BYTES", 12)
        monkeypatch.setattr(rows, "ROWS", 2)
        both_ways(text, header, monkeypatch)


@pytest.mark.parametrize(
    "text, is_plain",
    [
        ("a,b\n1,2\n", True),
        ("1;2\n3;x", True),
        ('"a","b, c"\r\n1,größe\r\n', True),
        ("a,b\n1,\n", True),
        ('a,b\n1,"2"\n', False),
        ("a\n1\n", False),
        ("\na,b\n1,2\n", False),
        ("a,b\n1,2\n\n", False),
        ("a,b\r1,2\r", False),
        ('"a\nb",c\n1,2\n', False),
        ("a,b\n1,2\n" + "9" * csv.field_size_limit() + "x,2\n", False),
    ],
)
def test_which_files_are_plain(text, is_plain, monkeypatch):
    assert both_ways(text, None, monkeypatch) == is_plain


@pytest.mark.parametrize("odd", [None, "", '"1"'], ids=["plain", "missing", "quoted"])
def test_a_large_file_takes_little_memory(odd):
    """Its bytes, the numbers and a block, though cells are objects of fifty bytes."""
    values = np.random.default_rng(0).normal(size=(20_000, 11)).tolist()
    lines = [",".join(map("{:.6g}".format, row)) for row in values]
    if odd is not None:
        lines[::100] = [odd + line[line.index(",") :] for line in lines[::100]]
    text = "\n".join([",".join("abcdefghijk"), *lines, ""])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "BYTES", 1 << 16)  # as small a part of this file as blocks are of a large one
        patch.setattr(rows, "ROWS", 1 << 8)
        tracemalloc.start()
        numbers = parse_csv(text, "file.csv").numbers(range(11), missing=True)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 3 * len(text)
    assert np.isnan(numbers).sum() == (200 if odd == "" else 0)
