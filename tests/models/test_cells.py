"""What a cell holds, and what is said of one that holds no number."""

import math
import re

import numpy as np
import pytest
from minigraph.models import DataError
from minigraph.models.tables import Reading, parse_csv
from minigraph.models.tables.cells import MissingWords, number, why_text, would_be_number


@pytest.mark.parametrize(
    "text, advice",
    [
        ("1,234", "If the comma groups thousands, write 1234; if it marks decimals, write 1.234."),
        ("-12,345", "If the comma groups thousands, write -12345; if it marks decimals, write -12.345."),
        ("1,234,567", "Leave thousands ungrouped: write 1234567."),
        ("1,234.5", "Leave thousands ungrouped: write 1234.5."),
        ("3,14", "Decimals are written with a point: write 3.14, here and in the whole column. (Or give --decimal ,)"),
        ("0,942", "Decimals are written with a point: write 0.942, here and in the whole column. (Or give --decimal ,)"),
        (
            "1.234.567,8",
            "Decimals are written with a point: write 1234567.8, here and in the whole column. (Or give --decimal ,)",
        ),
        ("12%", "Write 12 without the unit, in the whole column."),
        ("$1,250.50", "Write 1250.50 without the unit, in the whole column."),
        ("3.5 €", "Write 3.5 without the unit, in the whole column."),
    ],
)
def test_a_number_written_in_another_way(text, advice):
    assert why_text(text) == f"{text!r} is not a number. {advice}"
    assert would_be_number(text)


@pytest.mark.parametrize(
    "text, advice",
    [
        ("True", " Write 1 for true and 0 for false."),
        ("no", " Write 1 for true and 0 for false."),
        ("2024-01-05", " It is a date: write what matters about it, such as the days since the first one."),
        ("5.1.2024", " It is a date: write what matters about it, such as the days since the first one."),
        ("2024-01-05T10:30", " It is a date: write what matters about it, such as the days since the first one."),
        ("red", ""),
        ("$x", ""),
        ("1,23,4", ""),
        (",", ""),
        ("%", ""),
        ("1_000", ""),
    ],
)
def test_what_is_no_number_at_all(text, advice):
    assert why_text(text) == f"{text!r} is not a number.{advice}"
    assert not would_be_number(text)


def test_missing_words_are_those_that_the_user_says():
    words = MissingWords.of(["-", "Unknown", "-999"], given=True)
    assert all(math.isnan(number(text, words)) for text in ("", " ", "-", " unknown ", "-999", "-999.0", "nan"))
    assert number("NA", words) is None and number("-99", words) == -99.0
    assert "UNKNOWN" in words and "none" not in words


def test_plain_numbers_are_read_in_blocks_and_not_cell_by_cell(monkeypatch):
    table = parse_csv("a,b,y\n1.5,-2e3,p\n3,0.25,q\n", "f.csv")
    monkeypatch.setattr("minigraph.models.tables.csv_rows.number", None)
    assert table.numbers([1, 0]).tolist() == [[-2000.0, 0.25], [1.5, 3.0]]


def test_numbers_that_only_python_reads_are_numbers():
    assert parse_csv("a,b\n١٢,2\n3,4\n", "f.csv").numbers([0, 1]).tolist() == [[12.0, 3.0], [2.0, 4.0]]


def test_a_missing_cell_beside_leading_zeros():
    values = parse_csv("a,b\n01,2\nNA,4\n", "f.csv").numbers([0, 1], missing=True)
    np.testing.assert_array_equal(values, [[1.0, np.nan], [2.0, 4.0]])


def test_a_missing_number_is_missing_wherever_numbers_are_read_fast():
    table = parse_csv("a,b\n1,-999\n-999.0,2\n", "f.csv", Reading(missing=MissingWords.of(["-999"])))
    assert str(table.numbers([0, 1], missing=True).tolist()) == "[[1.0, nan], [nan, 2.0]]"
    with pytest.raises(DataError, match=re.escape("f.csv:2:2 (column 'b'): '-999' counts as missing (--missing-words says")):
        table.numbers([0, 1])


def test_the_count_of_missing_cells_and_an_empty_column():
    with pytest.raises(DataError, match=re.escape("f.csv:3:1 (column 'a'): the cell is missing, and 2 more. Fill")):
        parse_csv("a,b\n1,2\n,\n5,?\n", "f.csv").numbers([0, 1])
    with pytest.raises(DataError, match=re.escape("f.csv:2:3 (column 'column 3'): the column is empty. Leave it out.")):
        parse_csv("a,b,\n1,2,\n3,4,\n", "f.csv").numbers([0, 1, 2])


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("first, second", [("01001", "1001"), ("0", "00"), ("-007", "-7"), ("+05", "5"), (" 01", "1")])
def test_a_column_with_text_of_digits_in_both_forms_is_no_column_of_numbers(first, second, quote):
    text = f"id;x\n{quote}{first}{quote};2\n12;3\n{second};4\n"
    with pytest.raises(DataError, match=r"f.csv:4:1 \(column 'id'\): .* \(line 2\) would be one number, but text with a"):
        parse_csv(text, "f.csv").numbers([1, 0])
    assert parse_csv(text, "f.csv").numbers([1]).tolist() == [[2.0, 3.0, 4.0]]


@pytest.mark.parametrize("cells", [("01", "02", "12"), ("0.5", "00.25", "1e05"), ("0", "0.0", "0e0")])
def test_leading_zeros_that_merge_nothing_are_numbers(cells):
    table = parse_csv("a;b\n" + "".join(f"{cell};1\n" for cell in cells), "f.csv")
    assert table.numbers([0]).tolist() == [[float(cell) for cell in cells]]


@pytest.mark.parametrize(
    "text, message",
    [
        (
            "# made by me\na,b\n1,2\n",
            "f.csv:2: 2 cells, but line 1 has 1. Line 1 begins with '#': it is a remark, not a row. Delete",
        ),
        (
            "a,b\n1,2\n# end\n",
            "f.csv:3: 1 cell, but line 1 has 2. It begins with '#': it is a remark, not a row. Delete it.",
        ),
        ("a,b\n1,2,\n", "f.csv:2: 3 cells, but line 1 has 2. It ends with a delimiter that line 1 lacks: delete those"),
        ("a,b,\n1,2\n", "f.csv:2: 2 cells, but line 1 has 3. Line 1 ends with a delimiter that this line lacks: delete it"),
        (
            "a,b\nx,1,2\n",
            "f.csv:2: 3 cells, but line 1 has 2. Is a name missing in line 1? Where the first column holds the",
        ),
        ("a,b\n1,234,5\n", "f.csv:2: 3 cells, but line 1 has 2. Quote cells that hold the delimiter, and write numbers"),
        ("Title\na,b\n1,2\n", "f.csv:2: 2 cells, but line 1 has 1. Is line 1 a title? It is not a row: delete it."),
        ("a,b\n1,2\nthe end\n", "f.csv:3: 1 cell, but line 1 has 2. Is it a remark? That is not a row: delete it."),
        ("a,b,c\n1,2,3\n1,2,3,x\n", "f.csv:3: 4 cells, but line 1 has 3. Each row needs a cell for each column; quote"),
        ("sep=;\na;b\n1;2\n", "f.csv:1: 'sep=;' is an instruction to Excel, not a row. Delete this line."),
        ('\n"sep=,"\na,b\n1,2\n', "f.csv:2: '\"sep=,\"' is an instruction to Excel, not a row. Delete this line."),
    ],
)
def test_rows_that_are_uneven_are_told_by_case(text, message):
    with pytest.raises(DataError, match=re.escape(message)):
        parse_csv(text, "f.csv")


@pytest.mark.parametrize("mark, says", [("|", "'|' parts them"), (" ", "blanks part them")])
def test_a_table_with_another_delimiter(mark, says):
    table = parse_csv(f"a{mark}b{mark}y\n1{mark}2{mark}3\n", "f.csv")
    with pytest.raises(DataError, match=re.escape(f"If {says}: --delimiter '{mark}'.")):
        table.column("y")
    with pytest.raises(DataError, match=r"Its columns: 'ab'\.$"):
        parse_csv("ab\n1\n", "f.csv").column("y")
