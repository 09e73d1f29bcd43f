"""Whether a first row holds names: by evidence, and said where it is no plain case."""

import pytest
from minigraph.models.tables import Reading, parse_csv
from minigraph.models.tables.header import look


def rows(text):
    return [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize(
    "text",
    ["a,b\n1,2", "a,b\n,2\nx,3", "a,y\n1,p\n2,q", "a,b", "only\none\ncolumn", "x;y\n0,5;3".replace(";", ","), "a,b\n5%,$3"],
)
def test_text_above_numbers_is_a_header_that_everybody_sees(text):
    header = look(rows(text))
    assert header.names and header.why == ""


@pytest.mark.parametrize(
    "text, why",
    [
        ("town,2024\n1,2", "since it holds text above numbers"),
        ("town,2024\n1,2\nx,3\n5,5", "since it holds text above numbers"),
        ("p,q\nr,s", "though there is only text below it as well"),
        ("2019,2020,y\n1.5,2,a\n3,5,b", r"since it holds years (2019, 2020) above other numbers"),
        ("country,2019,2020\nFrance,12,13\nSpain,14,15", "since it holds years (2019, 2020) above other numbers"),
        ("0,1,2\n0.5,1.5,x\n3.5,1,y", "since it counts (0, 1, 2) above decimals and text"),
        ("0,1,2,3\n5,1,0,7\n9,9,2,1", "since it counts (0, 1, 2, …), which no row below it does"),
        (",0,1\n0,5,7\n1,6,3", "since it has an empty cell above a column that counts the rows, and then 0, 1"),
        ("10,20,30\n0.5,1.5,2.5", "since it counts (10, 20, 30) above decimals and text"),
    ],
)
def test_a_header_that_holds_numbers_is_seen_and_said(text, why):
    header = look(rows(text))
    assert header.names
    assert header.why == f"the first row is taken as names, {why}; --no-header if it is an example"


@pytest.mark.parametrize(
    "text",
    [
        "1,x\n2,y",
        "x,1\ny,2",
        "5.1,3.5,1.4\n4.9,3.0,1.4",
        "1,2,3\n4,5,6",
        "0,1,2,3\n4,5,6,7\n1,2,3,4",  # all of them count
        "0,2,1\n0.5,1.5,2.5",  # it goes up and down
        "0,1\n0.5,1.5",  # two are too few
        "2019,2020\n2021,2022",
        "2019,1\n2020,3",
        "6,148,72,35,0,33.6\n1,85,66,29,0,26.6",
        "0.5,0.25",
        "1,5;2,5".replace(";", ","),
        "0,1,2,3",
        "-1,0,1\n0.5,1.5,2.5",
        ",5,7\n0,5,7\n2,6,3",
    ],
)
def test_a_row_of_numbers_like_those_below_is_an_example(text):
    header = look(rows(text))
    assert not header.names
    assert header.why == (
        "the first row is taken as an example, since it holds numbers as those below do; --header if it holds names"
    )


def test_names_that_are_expected_decide():
    assert look(rows("3,1,2\n4,5,6"), expected=["1", "3"]) == look(rows("a,b\n1,2"))
    assert not look(rows("3,1,2\n4,5,6"), expected=["1", "4"]).names
    assert look(rows("0,1,2\n0.5,1.5,2.5")).names
    assert not look(rows("0,1,2\n0.5,1.5,2.5"), expected=["column 1", "column 3"]).names  # trained without a header


def test_decimal_commas_are_no_names():
    table = parse_csv("0,942;2,511\n1,5;3,5\n", "file.csv")
    assert table.names == ("column 1", "column 2") and len(table.rows) == 2


def test_what_the_user_says_is_not_questioned():
    assert parse_csv("0,1,2\n0.5,1.5,2.5\n", "f.csv", Reading(header=False)).note == ""
    assert parse_csv("5,6\n7,8\n", "f.csv", Reading(header=True)).names == ("5", "6")


@pytest.mark.parametrize(
    "text, names",
    [
        ("1,5;2,5\n3;4,5\n", ("column 1", "column 2")),
        ("1,5;2,5;3,5\n1,5;2,5;3,5\n", ("column 1", "column 2", "column 3")),
        ("a,b;c\n1,2\n3,4\n", ("a", "b;c")),
        ("a;b,c\n1;2\n", ("a", "b,c")),
        ("1,5\t2\n2,5\t3\n", ("column 1", "column 2")),
        ('"a;b",c\n1,2\n', ("a;b", "c")),
        ('a;b,c\n1;"2', None),
    ],
)
def test_the_delimiter_parts_the_rows_alike(text, names):
    if names is None:
        with pytest.raises(ValueError, match=r"file\.csv:2: 1 cell, but line 1 has 2"):
            parse_csv(text, "file.csv")
    else:
        assert parse_csv(text, "file.csv").names == names
