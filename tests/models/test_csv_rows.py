"""Plain files are read by NumPy, others by the csv module: nothing tells them apart but the time."""

import csv
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from minigraph.models import DataError
from minigraph.models import tables as table_module
from minigraph.models.tables import Reading, csv_rows, parse_csv
from minigraph.models.tables.cells import LARGEST_NUMBER, USUAL, MissingWords, number
from minigraph.models.tables.csv_rows import PlainBlock

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


WORDS = [
    USUAL,
    MissingWords.of([]),
    MissingWords.of(["NA", "-1.5"], given=True),
    MissingWords.of(["größe", "x.", "INF", "5", "(", "1_0"], given=True),
]


def everything(text, header, missing_words):
    """All that can be asked of a table, answers and refusals."""
    said = []

    def ask(question):
        try:
            return question()
        except DataError as error:
            said.append(str(error))

    table = ask(lambda: parse_csv(text, "file.csv", Reading(header, missing=missing_words)))
    if table is not None:
        columns = range(len(table.names))
        said += [table.names, list(table.rows), list(table.rows.lines), len(table.rows)]
        said += [ask(lambda c=c: table.texts(c)) for c in columns]
        for missing in (False, True):
            for chosen in ([*columns], [*columns[::-1]], *([c] for c in columns)):
                values = ask(lambda chosen=chosen, missing=missing: table.numbers(chosen, missing))
                said.append(None if values is None else (values.shape, values.tobytes()))
    return said, table


def check_each_cell(table):
    """Numbers are those that the cells hold, read one by one."""
    for column in range(len(table.names)):
        expected = [number(row[column], table.missing) for row in table.rows]
        if None not in expected and not (np.abs(np.array(expected)) > LARGEST_NUMBER).any():
            try:
                found = table.numbers([column], missing=True)[0]
            except DataError as error:  # 01 and 1 in one column
                assert "leading zero" in str(error)
            else:
                np.testing.assert_array_equal(found, expected)


def both_ways(text, header, monkeypatch, missing_words=USUAL):
    """The same table by way of NumPy, where it is plain, and by the csv module; whether it was plain."""
    plain, table = everything(text, header, missing_words)
    with monkeypatch.context() as patch:
        patch.setattr(table_module, "plain_rows", lambda *_: None)
        exact, _ = everything(text, header, missing_words)
    assert plain == exact
    if table is not None:
        check_each_cell(table)
    return table is not None and isinstance(next(iter(table.rows.blocks())), PlainBlock)


@given(files, st.sampled_from([None, True, False]), st.sampled_from(WORDS))
@example("a,b\n1,2\n", None, USUAL)
@example("a,b\r\n1,2\r\n3,x\r\n", None, USUAL)
@example('"a","b"\n1,\n3,4', None, USUAL)
@example("1,2\n3", False, USUAL)
@example("1,2\n3,4,5\n6\n", False, USUAL)
@example("a,b", None, USUAL)
@example("a\n1\n\n2\n", None, USUAL)
@example("1,2\n\n3,4\n", False, USUAL)
@example('a,b\n1,"2\n3,4\n', None, USUAL)
@example("a,b\n-1.5,-1.50\nna,NA\n", None, WORDS[2])
@example("a;b\nx.;(\n5;inf\n 5.0 ;\n", True, WORDS[3])
@example("a\tb\n\t\n \t NA \n", True, USUAL)
@example("0,+7\n0, +07", None, USUAL)
@example("0,7\n0,  07", None, USUAL)
@example("0,7\n0,\u00a007", None, USUAL)
@example("0,7\n0, 07", None, USUAL)
@example("0|7\n0|\t-07\n1|-7", None, USUAL)
def test_a_plain_file_is_read_as_any_other(text, header, words):
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(csv_rows, "BYTES", 12)
        monkeypatch.setattr(csv_rows, "ROWS", 2)
        both_ways(text, header, monkeypatch, words)


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
        patch.setattr(csv_rows, "BYTES", 1 << 16)  # as small a part of this file as blocks are of a large one
        patch.setattr(csv_rows, "ROWS", 1 << 8)
        tracemalloc.start()
        numbers = parse_csv(text, "file.csv").numbers(range(11), missing=True)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 3 * len(text)
    assert np.isnan(numbers).sum() == (200 if odd == "" else 0)


@pytest.mark.parametrize("text", ["1,2\n-3e5, 4 \n", "1,NA\n,?\n nan ,4\r\n"])
def test_numbers_and_missing_cells_of_a_plain_file_never_become_text(text, monkeypatch):
    """Python objects take ten times longer."""
    monkeypatch.setattr(csv_rows, "number", None)
    monkeypatch.setattr(csv_rows, "CellBlock", None)
    assert parse_csv("a,b\n" + text, "file.csv", Reading(header=True)).numbers([0, 1], missing=True).shape[0] == 2


def test_numbers_in_quotes_are_read_all_at_once(monkeypatch):
    table = parse_csv('a,b\n"1",2\n3,"-4e5"\n', "file.csv")
    monkeypatch.setattr(csv_rows, "number", None)
    assert table.numbers([0, 1]).tolist() == [[1, 3], [2, -4e5]]
