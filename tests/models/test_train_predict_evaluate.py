"""The three commands on the user's own tables."""

import csv
import json
import os

import numpy as np
import pytest
from commands import COMMON, patients, run, write
from minigraph.models import DivergenceError, load


def test_train_on_a_csv_writes_a_model_that_knows_its_columns(trained):
    net = load("run/model.npz")
    assert net.feature_names == ("age", "size") and net.target_name == "diagnosis"
    assert net.head.labels == ("benign", "malignant") and net.features == 2
    assert sorted(path.name for path in (trained / "run").iterdir()) == [
        "backward.svg", "forward.svg", "history.csv", "layers.svg", "model.npz", "report.html",
        "steps.html",
    ]  # fmt: skip


def test_predict_matches_columns_by_name_in_any_order_and_notes_what_it_ignores(trained, capsys):
    rows = patients(5, seed=1)
    write("new.csv", [[size, note, age] for _, age, size, note, _ in rows], delimiter=";")
    assert run("predict", "run/model.npz", "new.csv", "--out", "predictions.csv") == 0
    output = capsys.readouterr()
    assert output.err == "wrote 5 predictions to predictions.csv\n"  # that 'name' is left out was said in training
    with open("predictions.csv", newline="", encoding="utf-8") as file:
        answers = list(csv.DictReader(file))
    net = load("run/model.npz")
    X = np.array([[float(row[1]), float(row[2])] for row in rows[1:]]).T
    assert [row["diagnosis"] for row in answers] == net.predict(X)[0].tolist()
    assert [float(row["probability of malignant"]) for row in answers] == net.predict_probability(X)[0].tolist()
    assert run("predict", "new.csv", "--json", "run/model.npz") == 1  # the model comes first
    assert run("--json", "predict", "run/model.npz", "new.csv") == 0
    assert json.loads(capsys.readouterr().out)["diagnosis"] == net.predict(X)[0].tolist()


def test_predict_refuses_missing_columns_an_existing_out_and_bad_cells(trained, capsys):
    write("new.csv", [["age", "Size"], [1, 2]])
    assert run("predict", "run/model.npz", "new.csv") == 1
    message = capsys.readouterr().err
    assert "new.csv lacks 1 of the 2 columns that the net was trained on: 'size'. Did you mean 'Size'?" in message
    write("new.csv", [["age", "size"], [1, 2], ["", 3], [4, "big"]])
    assert run("predict", "run/model.npz", "new.csv", "--missing", "mean") == 1
    assert (
        "new.csv:4:2 (column 'size'): 'big' is not a number. Correct it. Give --missing-words big" in capsys.readouterr().err
    )
    write("new.csv", [["age", "size"], [1, 2], ["", 3]])
    assert run("predict", "run/model.npz", "new.csv") == 1
    assert capsys.readouterr().err == (
        "minigraph: new.csv:3:1 (column 'age'): the cell is missing. Fill it in, or take the mean of the training part "
        "(--missing mean).\n"
    )
    write("taken.csv", [["precious"]])
    assert run("predict", "run/model.npz", "new.csv", "--out", "taken.csv") == 2
    assert "taken.csv exists already" in capsys.readouterr().err
    assert (trained / "taken.csv").read_text() == "precious\n"


def test_missing_cells_become_the_training_mean(place, capsys):
    rows = patients()
    rows[3][1] = rows[7][2] = ""
    write("patients.csv", rows)
    assert run("train", "patients.csv", *COMMON, "--out", "run") == 1
    assert "patients.csv:4:2 (column 'age'): the cell is missing" in capsys.readouterr().err
    assert not (place / "run").exists()
    assert run("train", "patients.csv", *COMMON, "--missing", "mean", "--out", "run", "--epochs", "5") == 0
    net = load("run/model.npz")
    write("new.csv", [["age", "size"], ["NA", "?"]])
    capsys.readouterr()
    assert run("predict", "run/model.npz", "new.csv", "--missing", "mean", "--json") == 0
    at_the_mean = json.loads(capsys.readouterr().out)["probability of malignant"]
    assert at_the_mean == net.predict_probability(net.standardization.mean)[0].tolist()


def test_evaluate_prints_the_same_numbers_as_python(trained, capsys):
    capsys.readouterr()
    write("other.csv", patients(40, seed=5))
    assert run("evaluate", "run/model.npz", "other.csv", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    rows = patients(40, seed=5)[1:]
    X, Y = np.array([[float(r[1]), float(r[2])] for r in rows]).T, np.array([[r[4] for r in rows]])
    net = load("run/model.npz")
    assert found["accuracy"] == net.score(X, Y) and found["cost"] == net.cost(X, Y)
    assert np.sum(found["confusion"]) == 40 and found["labels"] == ["benign", "malignant"]
    truth = [r[4] for r in rows]
    assert found["baseline"] == {"always": "benign", "accuracy": truth.count("benign") / 40}
    assert run("evaluate", "run/model.npz", "other.csv", "--target", "diagnosis") == 0
    assert f"accuracy {found['accuracy']:.4f} of 40 examples" in capsys.readouterr().out


def test_evaluate_refuses_labels_that_the_net_does_not_know(trained, capsys):
    rows = patients(4)
    rows[2][4] = "unclear"
    write("other.csv", rows)
    assert run("evaluate", "run/model.npz", "other.csv") == 1
    message = capsys.readouterr().err
    assert "other.csv:3:5 (column 'diagnosis'): the net does not know the label 'unclear'. Its labels: 'benign', " in message
    assert run("evaluate", "run/model.npz", "other.csv", "--target", "diagnoses") == 1
    assert "Did you mean 'diagnosis'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    "target, options, repr_of_net",
    [
        (lambda x: x > 0, (), "LogisticRegression of 1 features"),  # True and False are text
        (lambda x: int(x > 0), (), "LogisticRegression of 1 features"),
        (lambda x: 1 + int(x > 0), ("--layers", "3"), "DeepNet 1-3-1, ReLU, sigmoid"),
        (lambda x: round(x), (), "DeepNet 1-5, softmax"),
        (lambda x: "abc"[int(x > 0) + int(x > 1)], (), "DeepNet 1-3, softmax"),
        (lambda x: 3 * x, (), "DeepNet 1-1, identity"),
        (lambda x: round(100 * x), (), "DeepNet 1-1, identity"),
        (lambda x: int(x > 0), ("--output", "identity"), "DeepNet 1-1, identity"),
        (lambda x: round(20 * x), ("--output", "softmax"), "DeepNet 1-"),
        (lambda x: abs(x) + 1, ("--output", "relu", "--layers", "4,3", "--hidden", "leaky_relu,tanh", "--slope", "0.2",
                                "--init", "xavier"), "DeepNet 1-4-3-1, leaky ReLU 0.2, tanh, ReLU"),
    ],
)  # fmt: skip
def test_the_head_fits_the_target(target, options, repr_of_net, place, capsys):
    xs = np.linspace(-2, 2, 40)
    write("data.csv", [["x", "y"], *([x, target(x)] for x in xs)])
    assert run("train", "data.csv", "--target", "y", "--out", "run", "--epochs", "3", *options) == 0
    assert f"<{repr_of_net}" in capsys.readouterr().out
    assert run("evaluate", "run/model.npz", "data.csv") == 0
    assert run("predict", "run/model.npz", "data.csv", "--out", "p.csv") == 0
    assert len((place / "p.csv").read_text().splitlines()) == 41


def test_a_table_without_a_header(place, capsys):
    write("data.csv", [[x, 1 - x, "yes" if x > 0.5 else "no"] for x in np.linspace(0, 1, 20)])
    assert run("train", "data.csv", "--target", "3", "--out", "run", "--epochs", "3") == 0
    assert load("run/model.npz").feature_names == ("column 1", "column 2")
    write("numbers.csv", [[0.1, 0.2], [0.3, 0.4]])
    assert run("predict", "run/model.npz", "numbers.csv") == 0
    assert run("predict", "run/model.npz", "numbers.csv", "--no-header") == 0
    assert "column 3,probability of no" in capsys.readouterr().out


def test_a_net_without_names_takes_columns_in_order(place, capsys):
    from minigraph.models import LogisticRegression

    X = np.array([[1.0, 2, 3], [5, 5, 6]])
    LogisticRegression().fit(X, [[0, 1, 1]], epochs=5).save("model.npz")
    write("new.csv", [["p", "q"], *X.T])
    assert run("predict", "model.npz", "new.csv", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["prediction"]) == 3
    assert run("evaluate", "model.npz", "new.csv") == 2
    assert "--target is missing: which column holds the answers?" in capsys.readouterr().err
    write("new.csv", [["p"], [1]])
    assert run("predict", "model.npz", "new.csv") == 1
    assert "new.csv has 1 columns, but the net was trained on 2 without names" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["breast-cancer", "digits", "flower", "circles", "blobs", "houses"])
def test_every_data_set_trains_and_is_evaluated_by_name(name, place, capsys):
    assert run("train", name, "--out", "run", "--epochs", "3", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["epochs"] == 3 and found["written"][0] == os.path.join("run", "model.npz")
    assert run("evaluate", "run/model.npz", name, "--json") == 0
    together = json.loads(capsys.readouterr().out)
    assert together["examples"] == found["training"]["examples"] + found["held_out"]["examples"]


@pytest.mark.parametrize(
    "rows, words, status, text",
    [
        ([["x", "y"], [1, 0], [2, 1]], (), 2, "which column is to be predicted? data.csv has the columns 'x', 'y'"),
        ([["x", "y"], [1, 0], [2, 1]], ("--target", "z"), 1, "data.csv has no column 'z'"),
        ([["y"], [1], [0]], ("--target", "y"), 1, "has no column beside the target 'y'"),
        ([["x", "y"], [1, "a"], [2, "a"]], ("--target", "y"), 1, "2:2 (column 'y'): the target holds 'a' in every row"),
        ([["x", "y"], *([i, f"name {i}"] for i in range(30))], ("--target", "y"), 1, "30 different texts in 30 rows"),
        ([["x", "y"], [1, "a"]], ("--target", "y", "--output", "identity"), 1, "2:2 (column 'y'): 'a' is not a number"),
        ([["x", "y"], [1, 2.5]], ("--target", "y"), 1, "data.csv has 1 example: two parts need at least two"),
        ([["x", "y"], ["", 1], ["", 0]], ("--target", "y", "--missing", "mean"), 1, "learn from: 'x' is empty"),
        ([["x", "y"], [1, 0], [2, 1], [3, 2]], ("--target", "y", "--output", "sigmoid"), 1, "--output sigmoid tells two"),
        ([["x", "y"], *([i / 2, i % 2] for i in range(9))], ("--target", "y", "--rate", "1e300"), 1, "Try --rate 1e+299"),
    ],
)  # fmt: skip
def test_train_says_in_one_line_why_not_and_leaves_nothing_behind(rows, words, status, text, place, capsys):
    write("data.csv", rows)
    assert run("train", "data.csv", "--out", "run", *words) == status
    message = capsys.readouterr().err
    assert text in message and message.startswith("minigraph: ") and message.count("\n") == 1
    assert [path.name for path in place.iterdir()] == ["data.csv"]


@pytest.mark.parametrize(
    "target, option, value",
    [("label", "hidden", "tanh"), ("label", "slope", "0.1"), ("label", "init", "zeros"), ("size", "hidden", "relu"),
     ("size", "slope", "0.1")],
)  # fmt: skip
def test_what_needs_hidden_layers_is_refused_without_them(target, option, value, place, capsys):
    write("data.csv", [["x", "label", "size"], *([i, i % 2, i + 0.5] for i in range(9))])
    assert run("train", "data.csv", "--target", target, f"--{option}", value, "--out", "run") == 2
    assert capsys.readouterr().err == (
        f"minigraph: --{option} belongs to nets with hidden layers, and there are none. "
        f"Give --layers too, such as --layers 16,8, or leave --{option} out.\n"
    )
    assert not (place / "run").exists()


def test_the_only_layer_starts_as_init_says(place):
    write("data.csv", [["x", "size"], *([i, i + 0.5] for i in range(9))])
    assert run("train", "data.csv", "--target", "size", "--init", "zeros", "--epochs", "1", "--out", "run") == 0
    assert load("run/model.npz").initializer == "zeros"


def test_a_missing_file_and_a_misspelt_data_set(place, capsys):
    assert run("train", "breast_cancer", "--out", "run") == 1
    assert (
        "there is no file 'breast_cancer', and no data set of that name. Did you mean 'breast-cancer'?"
        in capsys.readouterr().err
    )
    assert run("predict", "none.npz", "digits") == 1
    assert capsys.readouterr().err == (
        "minigraph: there is no file 'none.npz'. Give the model file that net.save or train wrote.\n"
    )


def test_debug_shows_the_traceback(place):
    write("data.csv", [["x", "y"], *([i, i % 2] for i in range(9))])
    with pytest.raises(DivergenceError):
        run("train", "data.csv", "--target", "y", "--rate", "1e300", "--out", "run", "--debug")
