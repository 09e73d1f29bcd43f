"""Files as others write them: what is no CSV, packed files, numbers in other notations, texts and numbers that mislead."""

import gzip

import numpy as np
import pytest
from commands import run, write
from minigraph.models import DataError, load
from minigraph.models import tables as table_module
from minigraph.models.tables import Reading, parse_bytes, parse_csv
from minigraph.models.tables.cells import why_text, with_points, would_be_number
from minigraph.models.tables.file_kinds import unpacked
from minigraph.models.tables.left_out import DATE
from minigraph.models.tables.remarks import alike, stand_in

TOWNS = ["Oslo", "Rome", "Bonn"]


def table(m=30, **columns):
    """Rows of a size, a town and an answer; ``columns`` hold others."""
    rows = {"size": [f"{i * 1.5}" for i in range(m)], "town": [TOWNS[i % 3] for i in range(m)]}
    rows |= columns | {"sick": [["yes", "no"][i % 2] for i in range(m)]} | columns
    return [list(rows), *map(list, zip(*rows.values(), strict=True))]


def train(*words):
    return run("train", "data.csv", "--target", "sick", "--epochs", "2", "--out", "run", "--force", *words)


@pytest.mark.parametrize(
    ("beginning", "what"),
    [
        (b"PK\x03\x04 and so on", "a zip archive or an Excel workbook, no CSV file. Unpack it, or save the sheet as CSV."),
        (b"PAR1", "a Parquet file"),
        (b"\n @RELATION iris\n@attribute a numeric\n", "an ARFF file of Weka"),
        (b"\xef\xbb\xbf<!DOCTYPE html>\n<html>", "a page of HTML, perhaps an error of a download"),
        (b'[{"a": 1}]', "JSON"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS, without the data, no CSV file. Fetch them"),
    ],
)
def test_what_is_no_csv_is_refused_by_what_it_is(beginning, what):
    with pytest.raises(DataError) as caught:
        parse_bytes(beginning, "data.csv")
    assert str(caught.value).startswith(f"data.csv is {what}")


def test_a_file_packed_by_gzip(monkeypatch):
    text = b"a,b\n1,2\n3,4\n"
    np.testing.assert_array_equal(parse_bytes(gzip.compress(text), "x.csv.gz").numbers([1]), [[2, 4]])
    for damaged in (gzip.compress(text)[:-9], b"\x1f\x8bnothing", gzip.compress(text)[:12] + b"\xff" * 20):
        with pytest.raises(DataError, match=r"x\.csv\.gz is packed with gzip, and damaged"):
            parse_bytes(damaged, "x.csv.gz")
    with pytest.raises(DataError, match=r"x\.csv\.gz is larger than 0 MiB, unpacked"):
        unpacked(gzip.compress(text), "x.csv.gz", 5)
    monkeypatch.setattr(table_module, "LARGEST", 11)
    with pytest.raises(DataError, match="unpacked"):
        parse_bytes(gzip.compress(text), "x.csv.gz")


def test_quotes_of_other_kinds():
    spaced = parse_csv('age, town, sick\n"1", "Oslo, N", "no"\n2, "Rome", "yes"\n', "f.csv")
    assert spaced.names == ("age", "town", "sick") and spaced.texts(1) == ["Oslo, N", "Rome"]
    with pytest.raises(DataError, match=r"f\.csv:1: the cells stand in single quotes. CSV has double ones"):
        parse_csv("'a','b'\n'1','2'\n", "f.csv")
    assert parse_csv("'a',b\n1,2\n", "f.csv").names == ("'a'", "b")


def test_points_that_group_thousands_beside_decimal_commas():
    raw = b'a;b\n1.234;2\n950;3,5\n-1.234.567;"1.000"\n1.2345;12.34\n0.123,5;x 1.234\n'
    expected = b'a;b\n1234;2\n950;3.5\n-1234567;"1000"\n1.2345;12.34\n0123.5;x 1.234\n'
    assert with_points(raw, ";") == expected
    found = parse_bytes(b"a;b\n1.234;2,5\n950;1\n", "f.csv", Reading(decimal=","))
    np.testing.assert_array_equal(found.numbers([0, 1]), [[1234, 950], [2.5, 1]])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1 234,5", "1234.5"),
        ("51\u202f100", "51100"),
        ("1'234'567", "1234567"),
        ("(1,234.5)", "-1234.5"),
        ('="51.1"', "51.1"),
    ],
)
def test_numbers_in_other_notations(text, written):
    assert would_be_number(text) and f" write {written}." in why_text(text)
    assert not any(map(would_be_number, ("030 123", "1 23", "(a)", "1' 2", '="x"', "12 (3)")))


@pytest.mark.parametrize(
    ("text", "is_date"),
    [("2024-01", True), ("Jan 2024", True), ("Monday, 16 May 2022", True), ("2019-20", False), ("1000-01", False)],
)
def test_dates_without_a_day_and_with_its_name(text, is_date):
    assert (DATE.fullmatch(text) is not None) == is_date


# What may mislead is said


def test_a_number_far_from_all_others_may_say_that_there_is_none(place, capsys):
    write("data.csv", table(size=["-999" if i % 6 == 0 else f"{i}.5" for i in range(30)], town=["NA", *TOWNS * 9, "a", "b"]))
    assert train("--missing", "mean") == 0
    said = "the column 'size' holds -999 in 5 rows, far from all other numbers: --missing-words -999,NA if that means a"
    assert said in capsys.readouterr().err
    assert train("--missing", "mean", "--missing-words", "-999,NA") == 0
    assert "far from" not in capsys.readouterr().err
    assert [stand_in(np.array(v)) for v in ([99.0, 99, 1, 2], [99.0, 1, 2], [-99, -99, 1.0], [99.0, 99, 50, 1])] == [
        99.0,
        None,
        None,
        None,
    ]
    assert stand_in(np.array([1.0, 2, 3, 9999, 9999, np.nan])) == 9999
    assert stand_in(np.array([1.0, 2, 3, 5000, 5000])) is None


def test_leading_zeros_and_texts_that_look_alike(place, capsys):
    codes = [["01001", "10115", "02020"][i % 3] for i in range(30)]
    write("data.csv", table(zip=codes, town=["Rome", "ROME", "Zu\u0308rich", "Z\u00fcrich", "a", "b"] * 5))
    assert train() == 0
    output = capsys.readouterr().err
    assert "the column 'zip' is read as numbers, '01001' too: --category zip if these are labels" in output
    assert "the column 'town' tells 'Rome', 'ROME' apart, which look alike" in output
    assert train("--category", "zip") == 0
    assert "zip=01001" in load("run/model.npz").feature_names and "leading" not in capsys.readouterr().err
    assert alike(["Zu\u0308rich", "Z\u00fcrich"]) and alike(["a  b", "A b"]) and not alike(["a", "b"])


def test_a_target_of_texts_that_look_alike_is_refused(place, capsys):
    write("data.csv", table(sick=["yes", "no", "YES"] * 10))
    assert train() == 1
    message = "data.csv:2:3 (column 'sick'): the target tells 'YES', 'yes' apart, which look alike. Write them in one way"
    assert message in capsys.readouterr().err
    assert train("--output", "softmax") == 0
    assert load("run/model.npz").head.labels == ("YES", "no", "yes")


def test_a_cross_or_nothing_is_a_feature_where_missing_cells_are(place, capsys):
    write("data.csv", table(town=["X" if i % 3 else "" for i in range(30)]))
    assert train() == 0
    assert "the column 'town' holds 'X' or nothing: it is left out" in capsys.readouterr().err
    assert train("--missing", "category") == 0
    assert load("run/model.npz").feature_names == ("size", "town=X", "town=missing")
