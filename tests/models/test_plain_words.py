"""Messages name what was done, and what to write instead."""

import os
from pathlib import Path

import numpy as np
import pytest
from minigraph.models import DataError, LogisticRegression
from minigraph.models.datasets import Dataset
from minigraph.models.tables.cells import may_be_missing, why_text, would_be_number
from minigraph.models.tables.frames import frame_columns
from minigraph.models.tables.header import look
from minigraph.models.tables.left_out import why_left_out
from minigraph.models.training_state import TrainedOn

from minigraph.command_line.main import main


def test_a_typographic_minus_and_a_spreadsheets_error():
    assert "write -1.5, here and in the whole column" in why_text("\N{MINUS SIGN}1.5")
    assert would_be_number("\N{MINUS SIGN}2") and not would_be_number("\N{MINUS SIGN}x")
    assert may_be_missing("#N/A") and not may_be_missing("3#")


@pytest.mark.parametrize("words", [("3*(a + b*c)", "c=x"), ("c=x", "3*(a + b*c)"), ("d = b*c; L = a + d", "c=x")])
def test_a_value_that_is_no_number(words, capsys):
    assert main(["explain", *words, "a=5", "b=3"]) == 2
    assert "c=x: 'x' is not a number. Write c=2" in capsys.readouterr().err


def test_other_rows_may_come_of_the_options():
    Y, names = np.zeros((1, 3)), ("a",)
    before, now = (TrainedOn.of(Dataset(np.zeros((1, m)), Y[:, :m], names, ("y",)), 0.5) for m in (3, 2))
    assert str(before.difference(now)).endswith("there are 2 now. Give the data and the options of the first run.")


def test_a_large_count_is_shown_in_full():
    columns = frame_columns({"id": 10.0**15 + np.arange(4.0)})
    assert why_left_out(columns, 0).endswith("(1000000000000000, 1000000000000001, 1000000000000002, …)")


class Series:
    """A row of a DataFrame."""

    def to_numpy(self):
        return np.array([0.0, 1.0])


def test_predicting_speaks_of_no_training_and_a_series_is_no_table():
    net = LogisticRegression().fit([[0.0, 1.0, 2.0], [1.0, 0.5, 0.0]], [[0, 1, 1]], epochs=2)
    with pytest.raises(DataError, match=r"X is a Series, \(2,\).*X\.iloc\[\[0\]\]"):
        net.predict(Series())
    with pytest.raises(DataError, match="A net needs finite numbers"):
        net.predict(np.array([[np.nan], [1.0]]))


@pytest.mark.parametrize("first", [["0", "1", "2"], ["1", "2", "3"]])
def test_a_count_above_two_columns_of_decimals_and_a_target_is_names(first):
    rows = [first, ["0.5", "1.25", "1"], ["0.75", "-2.5", "0"]]
    assert look(rows).names and "above decimals;" in look(rows).why
    assert not look([first, ["0.5", "3", "1"], ["0.75", "4", "0"]]).names


@pytest.mark.parametrize(
    "words", [("train", "houses"), ("predict", "m.npz", "houses"), ("draw", "a*b", "a=1", "b=2")], ids=lambda words: words[0]
)
def test_an_empty_name_for_the_output(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        main([*words, "--out", ""])
    assert "--out: it is empty: give the name of a file or folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cells", "advice"), [("123", "(softmax for classes, identity for numbers)"), (["u", "v", "w"], "(softmax)")]
)
def test_a_sigmoid_for_more_than_two_values(tmp_path, monkeypatch, capsys, cells, advice):
    monkeypatch.chdir(tmp_path)
    Path("m.csv").write_text("a,y\n" + "".join(f"{i / 4},{cells[i % 3]}\n" for i in range(9)), encoding="utf-8")
    assert main(["train", "m.csv", "--target", "y", "--output", "sigmoid", "--out", "r"]) == 1
    error = capsys.readouterr().err
    assert "m.csv: the target 'y' holds 3 different values, and --output sigmoid tells two classes apart" in error
    assert advice in error and not Path("r").exists()


def test_a_folder_that_takes_no_files(tmp_path, monkeypatch, capsys):
    def refuse(path, *_):
        raise FileNotFoundError(2, "No such file or directory", str(path))

    monkeypatch.setattr(os, "open", refuse)
    assert main(["draw", "a*b", "a=1", "b=2", "--out", str(tmp_path / "x.svg")]) != 0
    assert f"{tmp_path} takes no new files, so x.svg can't be written there." in capsys.readouterr().err
