"""Several files as one table, and a file of rows to hold out: columns by name, cells with their own place."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from commands import patients, run, write
from minigraph.models import DataError, load
from minigraph.models.tables import csv_rows, parse_csv
from minigraph.models.tables.joined import joined

TRAIN = ("--target", "diagnosis", "--ignore", "id,name", "--epochs", "3", "--out", "run", "--force")


def turned(rows):
    """The columns from right to left."""
    return [row[::-1] for row in rows]


@pytest.fixture
def files(place):
    rows = patients()
    write("all.csv", rows)
    write("one.csv", rows[:21])
    write("two.csv", turned([rows[0], *rows[21:41]]), delimiter=";")
    write("three.csv", [rows[0], *rows[41:]])
    return rows


def test_files_together_are_one_file(files, capsys):
    assert run("train", "one.csv", *TRAIN[:4], "two.csv", *TRAIN[4:], "three.csv") == 0
    together = load("run/model.npz")
    assert run("train", "all.csv", *TRAIN) == 0
    whole = load("run/model.npz")
    assert [n.value.tobytes() for n in together.parameters] == [n.value.tobytes() for n in whole.parameters]
    assert together.trained_on == whole.trained_on
    capsys.readouterr()
    assert run("predict", "run/model.npz", "one.csv", "two.csv", "three.csv") == 0
    in_parts = capsys.readouterr().out
    assert run("predict", "run/model.npz", "all.csv") == 0
    assert capsys.readouterr().out == in_parts
    assert run("evaluate", "run/model.npz", "two.csv", "one.csv", "three.csv") == 0
    assert "\ntwo.csv, one.csv, three.csv: cost" in capsys.readouterr().out


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_joined_table_reads_as_its_parts_do(quote, monkeypatch):
    monkeypatch.setattr(csv_rows, "ROWS", 2)
    monkeypatch.setattr(csv_rows, "BYTES", 8)
    texts = ["a,b,c\n1,x,3\n4,y,6\n", f"c;a;{quote}b{quote}\n9;7;z\n;010;w\n12;13;v\n", f"b,a,c\n{quote}u{quote},14,15\n"]
    table = joined([parse_csv(text, f"{i}.csv") for i, text in enumerate(texts)])
    assert (table.path, table.names, len(table.rows)) == ("0.csv, 1.csv, 2.csv", ("a", "b", "c"), 6)
    assert table.texts(1) == list("xyzwvu")
    assert [row[1] for row in table.rows] == list("xyzwvu")
    np.testing.assert_array_equal(table.numbers([2, 0], missing=True)[0], [3, 6, 9, np.nan, 12, 15])
    with pytest.raises(DataError, match=r"1\.csv:3:1 \(column 'c'\): the cell is missing"):
        table.numbers([2])
    with pytest.raises(DataError, match=r"2\.csv:2:1 \(column 'b'\): 'x' is not|0\.csv:2:2 \(column 'b'\): 'x' is not"):
        table.numbers([1])
    both = joined([parse_csv("a,b\n1001,1\n", "x.csv"), parse_csv("b,a\n1,01001\n", "y.csv")])
    with pytest.raises(DataError, match=r"y\.csv:2:2 .*: '01001' and '1001' \(line 2 of x\.csv\) would be one number"):
        both.numbers([0])
    assert joined([parse_csv("a\n1\n", f"{i}.csv") for i in range(5)]).path == "0.csv, 1.csv, 2.csv and 2 more"


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            "age,name\n1,x\n",
            "b.csv lacks 'size' of a.csv. Files that are put together have the same columns, in any order.\n",
        ),
        (
            "age,Size,name\n1,2,x\n",
            "lacks 'size' of a.csv. Did you mean 'Size'? It has 'Size', which a.csv lacks. Files",
        ),
        ("age,size,name,day\n1,2,x,3\n", "has 'day', which a.csv lacks. Files that"),
        ("1,2,x\n3,4,y\n", "It seems to have no names of columns: give its first line those of the first file."),
    ],
)
def test_other_columns_are_refused_by_the_names_of_file_and_column(place, capsys, other, message):
    (place / "a.csv").write_text("age,size,name\n1,2,x\n3,4,y\n")
    (place / "b.csv").write_text(other)
    assert run("train", "a.csv", "b.csv", "--target", "name", "--out", "run") == 1
    assert message in capsys.readouterr().err


def test_what_cannot_be_put_together(files, capsys, monkeypatch):
    for words, message in [
        (("one.csv", "./one.csv"), "./one.csv is given twice: its rows would count twice"),
        (("one.csv", "digits"), "'digits' is a data set, which stands alone. Give it alone, or files (./digits)"),
        (("-", "one.csv", "-"), "standard input can be read once, and is named twice"),
        (("one.csv", "--held-out", "one.csv"), "--held-out names one.csv, which is trained on as well"),
        (("-", "--held-out", "-"), "give a file for the data or for --held-out"),
        (("one.csv", "--held-out", "30%"), "--held-out 30%: there is no such file, and it is no share between 0 and 1"),
        (("one.csv", "--held-out", "1.5"), "'1.5' is not a share between 0 and 1"),
    ]:
        assert run("train", *words, *TRAIN) == 2
        assert message in capsys.readouterr().err
    assert run("train", "one.csv", "four.csv", *TRAIN) == 1
    assert "there is no file 'four.csv'" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path("one.csv").read_bytes())))
    assert run("train", "-", "two.csv", *TRAIN, "--held-out", "three.csv") == 0
    assert run("predict", "-", "one.csv", "-") == 2
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path("one.csv").read_bytes())))
    assert run("train", "two.csv", *TRAIN, "--held-out", "-") == 0


def test_rows_left_out_are_told_with_their_file(place, capsys):
    write("a.csv", [["x", "y"], *([i, i % 2] for i in range(6))])
    write("b.csv", [["y", "x"], [1, 3], [0, ""], [1, 5]])
    assert run("train", "a.csv", "b.csv", "--target", "y", "--missing", "drop", "--epochs", "2", "--out", "r") == 0
    assert "a.csv, b.csv: 1 of 9 rows left out for a missing cell, the first in line 3 of b.csv" in capsys.readouterr().err


# A file that is held out


def test_a_file_is_held_out(files, capsys):
    assert run("train", "one.csv", "two.csv", *TRAIN, "--held-out", "three.csv", "--json") == 0
    document, net = json.loads(capsys.readouterr().out), load("run/model.npz")
    assert (document["training"]["examples"], document["held_out"]["examples"]) == (40, 20)
    assert net.trained_on.held_out == 0.0
    assert run("evaluate", "run/model.npz", "three.csv", "--json") == 0
    evaluated = json.loads(capsys.readouterr().out)
    assert {name: evaluated[name] for name in document["held_out"]} == document["held_out"]
    assert "three.csv" in Path("run/report.html").read_text(encoding="utf-8")
    together = ("train", "one.csv", "two.csv", *TRAIN[:-1], "--resume")
    assert run(*together, "--held-out", "three.csv", "--patience", "2", "--validation", "0.2") == 2
    assert "was trained without --validation and --patience" in capsys.readouterr().err
    assert run(*together, "--held-out", "three.csv") == 0
    assert run(*together) == 2
    assert "was trained on all rows, with a file for --held-out. Give one again." in capsys.readouterr().err


def test_what_is_held_out_is_read_as_training_was(place, capsys):
    header, *rows = [["x", "town", "id", "y"], *([i + 0.5, "abc"[i % 3], i, i % 7] for i in range(40))]
    write("a.csv", [header, *rows])
    write("b.csv", [["new", "y", "town", "x"], [1, 2, "d", ""], [1, 3, "a", 2], [1, "", "a", 2], [1, 3, "b", 2.5]])
    words = ("train", "a.csv", "--target", "y", "--output", "identity", "--held-out", "b.csv", "--epochs", "2", "--out", "r")
    assert run(*words, "--missing", "drop", "--json") == 0
    output = capsys.readouterr()
    held_out = json.loads(output.out)["held_out"]
    write("clean.csv", [["x", "town", "y"], [2, "a", 3], [2.5, "b", 3]])
    assert run("evaluate", "r/model.npz", "clean.csv", "--json") == 0
    evaluated = json.loads(capsys.readouterr().out)
    assert held_out == {name: evaluated[name] for name in held_out} and held_out["examples"] == 2
    assert output.err.splitlines()[:3] == [
        "note: b.csv: 1 of 4 rows left out for a missing 'y', the first in line 4",
        "note: b.csv: training has not seen these columns, so they are ignored: 'new'",
        "note: b.csv: 1 of 4 rows left out for a missing cell, the first in line 2",
    ]
    assert run(*words, "--force", "--missing", "mean", "--missing-target", "drop") == 0
    assert "'town' holds categories that training has not seen, which say nothing: 'd'" in capsys.readouterr().err


def test_rows_without_answers_or_of_unknown_classes_are_refused(files, capsys):
    header, *rows = files
    write("none.csv", [row[:4] for row in files])
    assert run("train", "one.csv", *TRAIN, "--held-out", "none.csv") == 1
    assert "none.csv has no column 'diagnosis', which holds the answers." in capsys.readouterr().err
    write("other.csv", [header, *rows[:4], [1, 2, 3, "Anna", "healthy"]])
    assert run("train", "one.csv", *TRAIN, "--held-out", "other.csv") == 1
    assert "other.csv:6:5 (column 'diagnosis'): the net does not know the label 'healthy'" in capsys.readouterr().err


def test_rows_that_were_trained_on_are_told(files, capsys):
    write("again.csv", [files[0], *files[1:9], *files[50:53]])
    assert run("train", "one.csv", *TRAIN, "--held-out", "again.csv") == 0
    assert "again.csv: 8 of 11 rows are among those trained on, so their score says little" in capsys.readouterr().err
    assert run("train", "one.csv", *TRAIN[:-4], "--out", "again.csv", "--held-out", "again.csv") == 2


def test_what_is_held_out_is_not_replaced(files, capsys):
    Path("kept").mkdir()
    write("kept/history.csv", files)
    assert run("train", "one.csv", *TRAIN[:-2], "kept", "--force", "--held-out", "kept/history.csv") == 2
    assert "history.csv is the data that is read, and would be replaced" in capsys.readouterr().err
