"""CSV: the dialects people have, and the place of everything that is wrong."""

import csv
import io
import math
import os
import re
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from minigraph.models import DataError
from minigraph.models.tables import AS_FOUND, Reading, Table, parse_csv, read_csv
from minigraph.models.tables.cells import number
from minigraph.models.tables.columns import read_columns


def table_of(text, reading=AS_FOUND):
    return parse_csv(text, "file.csv", reading)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_dialects_line_ends_and_byte_order_marks(delimiter, end, encoding, tmp_path):
    rows = [["größe", 'a "quoted" name', "target"], ["1.5", "-2e3", "ja, sicher"], [" 3 ", "4", "nein; nie\tmals"]]
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
    path = tmp_path / "file.csv"
    path.write_bytes((stream.getvalue()).encode(encoding))
    table = read_csv(path)
    assert table.names == ("größe", 'a "quoted" name', "target")
    np.testing.assert_array_equal(table.numbers([1, 0]), [[-2000, 4], [1.5, 3]])
    assert table.texts(2) == ["ja, sicher", "nein; nie\tmals"]


def test_a_header_is_a_row_without_numbers_or_with_text_above_a_number():
    assert table_of("town,2024\n1,2\n").names == ("town", "2024")
    assert table_of("x,1\n").names == ("column 1", "column 2")
    assert table_of("a,b\n1,2\n").names == ("a", "b")
    assert table_of("1,x\n2,y\n").names == ("column 1", "column 2")
    assert table_of("1,x\n2,y\n", Reading(True)).names == ("1", "x")
    assert next(iter(table_of("a,b\n1,2\n", Reading(False)).rows)) == ["a", "b"]
    assert table_of("a,,?\n1,2,3\n").names == ("a", "column 2", "?")


def test_lines_are_those_of_the_file_even_with_blank_lines_and_line_breaks_in_cells():
    table = table_of('name,x\n\n"two\nlines",1\n\nplain,oops\n')
    assert list(table.rows.lines) == [3, 6]
    with pytest.raises(DataError, match=re.escape("file.csv:6:2 (column 'x'): 'oops' is not a number.")):
        table.numbers([1])


@pytest.mark.parametrize(
    "cell, text",
    [
        ("", "the cell is missing. Fill it in, or leave the row out."),
        (" NA ", "'NA' counts as missing (--missing-words says what does). Fill it in"),
        ("NaN", "'NaN' counts as missing"),
        ("?", "'?' counts as missing"),
        ("inf", "'inf' is larger than 1e+100. Correct it"),
        ("-1e999", "'-1e999' is larger than 1e+100"),
        ("1.1e100", "'1.1e100' is larger than 1e+100"),
        ("1_000", "'1_000' is not a number"),
        ("3,14", "'3,14' is not a number. Decimals are written with a point"),
        ("red", "'red' is not a number. Correct it, or leave the column out."),
        ("x" * 1000, "…' is not a number"),
    ],
)
def test_a_cell_that_is_no_number_is_refused_with_its_place(cell, text):
    with pytest.raises(DataError, match=re.escape("file.csv:3:2 (column 'size'): ") + ".*" + re.escape(text)) as caught:
        table_of(f"id;size;y\n1;2;3\n4;{cell};6\n").numbers([0, 1])
    assert len(str(caught.value)) < 200


def test_numbers_written_in_another_way_make_a_column_of_numbers_no_text():
    with pytest.raises(DataError, match="If the comma groups thousands, write 1234"):
        read_columns(table_of("n;y\n1;2\n1,234;3\n"), [0, 1])


def test_missing_cells_become_nan_where_that_is_wanted():
    values = table_of("a,b\n1,\n,2\n").numbers([0, 1], missing=True)
    np.testing.assert_array_equal(values, [[1, math.nan], [math.nan, 2]])


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "file.csv is empty"),
        ("\n \n", "file.csv is empty"),
        ("a,b\n", "has names of columns, but no rows"),
        ("a,a\n1,2\n", "file.csv:1: two columns are called 'a'"),
        ("a,b\n1,2\n1,2,3\n", "file.csv:3: 3 cells, but line 1 has 2"),
        ("a,b\n1\n", "file.csv:2: 1 cell, but line 1 has 2"),
        ('a,b\n1,"2\n3,4\n', "file.csv:2: not a CSV row (unexpected end of data)"),
        ('a,b\n1,"2"x\n', "file.csv:2: not a CSV row ("),
        ("a,b\n1,\0\n", "file.csv:2: not a text file"),
        ("a,b\n1," + "9" * 200_000 + "\n", "file.csv:2: not a CSV row (field larger than field limit"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(text, message):
    with pytest.raises(DataError, match=re.escape(message)):
        table_of(text)


def test_text_that_is_not_utf_8_a_folder_a_device_and_a_missing_file(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes("a,b\n1,größe\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"file.csv:2: not UTF-8 text"):
        read_csv(path)
    with pytest.raises(DataError, match=r"is not a file\. Give a CSV file"):
        read_csv(tmp_path)
    if os.path.exists("/dev/zero"):
        with pytest.raises(DataError, match="/dev/zero is not a file"):
            read_csv("/dev/zero")
    with pytest.raises(FileNotFoundError):
        read_csv(tmp_path / "none.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names exist on POSIX only")
def test_a_pipe_can_be_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("a,b\n1,2\n",))
    writer.start()
    assert list(read_csv(tmp_path / "pipe").rows) == [["1", "2"]]
    writer.join()


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("minigraph.models.tables.LARGEST", 1 << 20)
    (tmp_path / "file.csv").write_bytes(b"1\n" * (1 << 20))
    with pytest.raises(DataError, match="larger than 1 MiB"):
        read_csv(tmp_path / "file.csv")


def test_columns_are_found_by_name_or_number():
    table = table_of("age,size,2\n1,2,3\n")
    assert [table.column(name) for name in ("size", "1", "2")] == [1, 0, 2]
    for name in ("sise", "0", "4", "-1"):
        with pytest.raises(DataError, match=f"file.csv has no column '{name}'.*Its columns: 'age', 'size', '2'"):
            table.column(name)
    with pytest.raises(DataError, match="Did you mean 'size'"):
        table.column("sise")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_being_written(value):
    assert number(repr(value)) == value


cells = st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), max_size=8)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_what_the_csv_module_writes_is_read_back(rows, delimiter):
    """Any cells, if the header is plain: it is what the delimiter is recognised by."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows([["a", "b", "c"], *rows])
    assert list(table_of(stream.getvalue()).rows) == rows


@given(st.one_of(st.text(max_size=200), st.text(st.sampled_from('a1,;"\t\n\r .\ufeff\0'), max_size=60)))
def test_any_text_is_a_table_or_a_data_error(text):
    try:
        table = table_of(text)
        assert isinstance(table, Table) and all(len(row) == len(table.names) for row in table.rows)
        lines = list(table.rows.lines)
        assert len(lines) == len(table.rows) == len(list(table.rows)) and lines == sorted(lines)
        table.numbers(range(len(table.names)))
    except DataError as error:
        assert str(error).startswith("file.csv")
