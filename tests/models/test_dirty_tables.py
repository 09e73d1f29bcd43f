"""Tables as people have them, on the command line: right, or refused with what to do; nothing silent."""

import json

import numpy as np
import pytest
from commands import run
from minigraph.models import DeepNet, LogisticRegression, load


def train(*words):
    return run("train", "data.csv", "--target", "y", "--out", "run", "--force", "--epochs", "3", *words)


def table(targets, features=None, header="x,y"):
    """A table of x and the targets."""
    xs = [f"{0.5 * i * i:g}" for i in range(len(targets))] if features is None else features
    return header + "\n" + "".join(f"{x},{y}\n" for x, y in zip(xs, targets, strict=True))


# Targets


def test_a_class_of_a_text_target_may_be_called_none(place, capsys):
    (place / "data.csv").write_text(table(["None", "mild", "NA", "mild", "None", "NA"] * 3))
    assert train() == 0
    assert (
        "note: data.csv: in the column 'y' 'None', 'NA' counts as a class; give --missing-words None,NA if it means"
        in capsys.readouterr().err
    )
    assert load("run/model.npz").head.labels == ("NA", "None", "mild")
    assert run("evaluate", "run/model.npz", "data.csv", "--json") == 0
    assert json.loads(capsys.readouterr().out)["labels"] == ["NA", "None", "mild"]


def test_words_that_the_user_calls_missing_are_missing_in_a_text_target(place, capsys):
    (place / "data.csv").write_text(table(["-", "mild", "None", "mild", "none", "severe"] * 3))
    assert train("--missing-words", "none,-") == 1
    assert capsys.readouterr().err == (
        "minigraph: data.csv:2:2 (column 'y'): '-' counts as missing (--missing-words says what does), and 8 more. "
        "The answer can't be guessed: fill it in, or leave such rows out (--missing-target drop).\n"
    )
    assert train("--missing-words", "none,-", "--missing-target", "drop") == 0
    assert "note: data.csv: 9 of 18 rows left out for a missing 'y', the first in line 2" in capsys.readouterr().err
    assert load("run/model.npz").head.labels == ("mild", "severe")


@pytest.mark.parametrize("words", [("--missing-target", "drop"), ("--missing", "drop")])
def test_rows_without_an_answer_are_left_out_on_request_and_counted(words, place, capsys):
    (place / "data.csv").write_text(table([1, 0, "", 1, "NA", 0, 1, 0, 1, 0]))  # whole numbers: NA is no class among them
    assert train() == 1
    assert (
        "data.csv:4:2 (column 'y'): the cell is missing, and 1 more. The answer can't be guessed" in capsys.readouterr().err
    )
    assert train(*words, "--json") == 0
    output = capsys.readouterr()
    assert "note: data.csv: 2 of 10 rows left out for a missing 'y', the first in line 4" in output.err
    found = json.loads(output.out)
    assert found["training"]["examples"] + found["held_out"]["examples"] == 8
    assert run("evaluate", "run/model.npz", "data.csv") == 1
    assert "data.csv:4:2 (column 'y'): the cell is missing" in capsys.readouterr().err
    assert run("evaluate", "run/model.npz", "data.csv", *words, "--json") == 0
    assert json.loads(capsys.readouterr().out)["examples"] == 8
    (place / "data.csv").write_text(table(["", " "]))
    assert train(*words) == 1
    assert "no row has an answer in the column 'y'" in capsys.readouterr().err


def test_numbers_to_predict_may_be_missing_too(place, capsys):
    (place / "data.csv").write_text(table([0.5, 1.25, "NA", 3.5, 7.75, 2.5]))
    assert train() == 1
    assert "data.csv:4:2 (column 'y'): 'NA' counts as missing" in capsys.readouterr().err
    assert train("--missing-target", "drop") == 0
    capsys.readouterr()
    assert run("evaluate", "run/model.npz", "data.csv", "--missing-target", "drop", "--json") == 0
    assert json.loads(capsys.readouterr().out)["examples"] == 5


def test_labels_with_leading_zeros_are_text(place, capsys):
    (place / "data.csv").write_text(table(["01001", "1001", "01001", "1001"] * 3))
    assert train() == 0
    assert load("run/model.npz").head.labels == ("01001", "1001")
    capsys.readouterr()
    assert run("evaluate", "run/model.npz", "data.csv", "--json") == 0
    assert np.sum(json.loads(capsys.readouterr().out)["confusion"], axis=1).tolist() == [6, 6]
    LogisticRegression(labels=(1, 2)).fit([[1.0, 2.0]], [[1, 2]], epochs=1, feature_names=["x"]).save("numbers.npz")
    (place / "data.csv").write_text(table(["01", "2"]))
    assert run("evaluate", "numbers.npz", "data.csv", "--target", "y") == 1
    assert "the net does not know the label '01'. Its labels: '1', '2'." in capsys.readouterr().err


def test_a_label_that_the_net_does_not_know_may_be_a_word_for_missing(place, capsys):
    (place / "data.csv").write_text(table(["a", "b"] * 5))
    assert train() == 0
    (place / "data.csv").write_text(table(["a", "NA"]))
    assert run("evaluate", "run/model.npz", "data.csv") == 1
    assert "the label 'NA'. Its labels: 'a', 'b'. Give --missing-words NA if it means a missing answer." in (
        capsys.readouterr().err
    )


def test_numbers_with_decimal_commas_are_no_classes(place, capsys):
    (place / "data.csv").write_text("x;y\n" + "".join(f"{i * i};{i % 3},5\n" for i in range(12)))
    assert train() == 1
    assert (
        "data.csv:2:2 (column 'y'): '0,5' is not a number. Decimals are written with a point: write 0.5, here and in the "
        "whole column. (Or give --decimal ,) Give --output softmax if these are classes."
    ) in capsys.readouterr().err
    assert train("--output", "softmax") == 0
    assert load("run/model.npz").head.labels == ("0,5", "1,5", "2,5")


def test_a_target_that_never_changes_is_said_on_the_command_line(place, capsys):
    (place / "data.csv").write_text(table([2.5] * 8))
    assert train() == 0
    assert "minigraph: warning: Y is 2.5 in every example: there is nothing to learn" in capsys.readouterr().err


# Features


def test_rows_with_missing_cells_are_left_out_on_request(place, capsys):
    (place / "data.csv").write_text(table(["a", "b"] * 5, [1, 4, "", 3, "NA", 7, 2, 9, 1, 5]))
    assert train() == 1
    assert capsys.readouterr().err == (
        "minigraph: data.csv:4:1 (column 'x'): the cell is missing, and 1 more. Fill it in, leave such rows out "
        "(--missing drop), or take the mean of the training part (--missing mean).\n"
    )
    assert train("--missing", "drop", "--json") == 0
    output = capsys.readouterr()
    assert "note: data.csv: 2 of 10 rows left out for a missing cell, the first in line 4" in output.err
    assert sum(json.loads(output.out)[part]["examples"] for part in ("training", "held_out")) == 8
    assert run("evaluate", "run/model.npz", "data.csv", "--missing", "drop", "--json") == 0
    assert json.loads(capsys.readouterr().out)["examples"] == 8
    (place / "data.csv").write_text(table(["a", "b"], ["", "NA"]))
    assert train("--missing", "drop") == 1
    assert "data.csv: no column is left to learn from: 'x' is empty. Name" in capsys.readouterr().err
    (place / "data.csv").write_text("x,z,y\n1,,a\n,2,b\n,3,a\n5,,b\n")
    assert train("--missing", "drop") == 1
    assert "data.csv: each row has a missing cell, so none is left" in capsys.readouterr().err


def test_predict_does_not_offer_what_it_does_not_have(place, capsys):
    (place / "data.csv").write_text(table(["a", "b"] * 5))
    assert train() == 0
    (place / "data.csv").write_text("x\n\nNA\n")
    capsys.readouterr()
    assert run("predict", "run/model.npz", "data.csv") == 1
    assert capsys.readouterr().err == (
        "minigraph: data.csv:3:1 (column 'x'): 'NA' counts as missing (--missing-words says what does). Fill it in, or take "
        "the mean of the training part (--missing mean).\n"
    )
    (place / "data.csv").write_text(table(["a", "b"] * 5, [""] * 10))
    assert train() == 1
    assert "data.csv: no column is left to learn from: 'x' is empty." in capsys.readouterr().err
    assert train("--use", "x") == 1
    assert "data.csv:2:1 (column 'x'): the column is empty. Leave the column out (--ignore x)." in capsys.readouterr().err
    (place / "data.csv").write_text(table(["a", "b"] * 5, ["1_5", *range(2, 11)]))
    assert train() == 1
    assert "'1_5' is not a number. Correct it, leave the column out (--ignore x), or" in capsys.readouterr().err
    for words in (("predict", "run/model.npz", "data.csv"), ("evaluate", "run/model.npz", "data.csv")):
        assert run(*words) == 1
        assert "--ignore" not in capsys.readouterr().err
    assert run("predict", "run/model.npz", "data.csv", "--missing", "drop") == 2  # a row of the answer for each row


@pytest.mark.parametrize("net", [LogisticRegression(standardize=False), DeepNet([2, 3, 1], standardize=False)])
def test_missing_cells_become_the_mean_whether_or_not_the_net_standardises(net, place, capsys):
    X = np.array([[10.0, 20.0, 30.0, 40.0], [-3.0, 1.0, 2.0, 5.0]])
    net.fit(X, [[0, 0, 1, 1]], epochs=3, rate=0.01, feature_names=["p", "q"])
    net.save("model.npz")
    assert load("model.npz").feature_means.tolist() == [[25.0], [1.25]]
    (place / "new.csv").write_text("p,q\nNA,2\n30,\n")
    assert run("predict", "model.npz", "new.csv", "--missing", "mean", "--json") == 0
    expected = net.predict_probability(np.array([[25.0, 30.0], [2.0, 1.25]]))[0].tolist()
    assert json.loads(capsys.readouterr().out)["probability of 1"] == expected


def test_a_file_of_an_older_version_without_means_says_so(place, capsys):
    net = LogisticRegression(standardize=False).fit(np.array([[1.0, 3.0]]), [[0, 1]], epochs=1, feature_names=["p"])
    net.feature_means = None
    net.save("model.npz")
    (place / "new.csv").write_text("p\n\n1\n?\n")
    assert run("predict", "model.npz", "new.csv", "--missing", "mean") == 1
    assert capsys.readouterr().err == (
        "minigraph: model.npz was written by an older version, without means. Fill cells in, or train again.\n"
    )


def test_going_on_keeps_the_means_of_the_first_fit():
    net = LogisticRegression().fit(np.array([[1.0, 3.0]]), [[0, 1]], epochs=1)
    net.fit(np.array([[10.0, 30.0]]), [[0, 1]], epochs=1, resume=True)
    assert net.feature_means.tolist() == [[2.0]]


# Headers


def test_what_was_assumed_of_the_first_row_is_said_and_can_be_changed(place, capsys):
    (place / "data.csv").write_text("2019,2020,y\n" + "".join(f"{i / 3:.2f},{i % 4},{'ab'[i % 2]}\n" for i in range(12)))
    assert train() == 0
    assert "note: data.csv: the first row is taken as names, since it holds years (2019, 2020)" in capsys.readouterr().err
    assert load("run/model.npz").feature_names == ("2019", "2020")
    assert run("predict", "run/model.npz", "data.csv") == 0
    assert "taken as" not in capsys.readouterr().err  # they are the names that the net knows
    assert run("train", "data.csv", "--target", "3", "--no-header", "--out", "run", "--force", "--epochs", "3") == 0
    assert load("run/model.npz").head.labels == ("a", "b", "y") and capsys.readouterr().err == ""
    (place / "data.csv").write_text("1,1\n" + "".join(f"{i * i},{i % 2}\n" for i in range(12)))
    assert run("train", "data.csv", "--target", "2", "--out", "run", "--force", "--epochs", "3", "--json") == 0
    assert "note: data.csv: the first row is taken as an example, since it holds numbers" in capsys.readouterr().err
    assert run("train", "data.csv", "--target", "2", "--header", "--out", "run", "--force", "--epochs", "3") == 1
    assert "data.csv:1: two columns are called '1' (columns 1 and 2)" in capsys.readouterr().err


@pytest.mark.parametrize("first", [0, 1, 17])
def test_a_column_that_counts_the_rows_is_said(first, place, capsys):
    (place / "data.csv").write_text(",x,y\n" + "".join(f"{first + i},{i * i % 7},{'ab'[i > 5]}\n" for i in range(12)))
    assert train() == 0
    assert capsys.readouterr().err == (
        f"note: data.csv: the column 'column 1' counts the rows ({first}, {first + 1}, {first + 2}, …): it is left out "
        "(--use keeps it)\n"
    )
    assert train("--ignore", "column 1") == 0
    assert capsys.readouterr().err == ""
