"""The three commands on the user's own tables."""

import csv
import io
import json
import os
import re
import warnings

import numpy as np
import pytest
from minigraph.models import DivergenceError, load
from minigraph.models.datasets import flower

import minigraph as mg
from minigraph.command_line.main import main


class QuickPicture:
    """Real pictures take Graphviz half a second each; one test of the command line draws them."""

    def __init__(self, J, what, **_):
        assert J.name == "J" and what in ("forward", "backward")

    def save(self, path):
        path.write_text("<svg></svg>")
        return path


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mg, "draw", QuickPicture, raising=False)
    monkeypatch.setattr(mg, "step_through", lambda J, path, **_: QuickPicture(J, "forward").save(path), raising=False)
    return tmp_path


def run(*words):
    try:
        return main([str(word) for word in words])
    except SystemExit as exit:
        return exit.code


def patients(m=60, seed=0):
    """A table with an id, two features, a text column, and a diagnosis that depends on the features."""
    generator = np.random.default_rng(seed)
    rows = []
    for i in range(m):
        age, size = generator.normal(50, 10), generator.normal(3, 1)
        sick = age / 10 + size + generator.normal(0, 0.3) > 8
        rows.append([i, f"{age:.3f}", f"{size:.3f}", "Anna", "malignant" if sick else "benign"])
    return [["id", "age", "size", "name", "diagnosis"], *rows]


def write(path, rows, delimiter=","):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


COMMON = ("--target", "diagnosis", "--ignore", "id", "--ignore", "name")


@pytest.fixture
def trained(place):
    write("patients.csv", patients())
    assert run("train", "patients.csv", *COMMON, "--layers", "4", "--out", "run", "--epochs", "50") == 0
    return place


def test_train_on_a_csv_writes_a_model_that_knows_its_columns(trained):
    net = load("run/model.npz")
    assert net.feature_names == ("age", "size") and net.target_name == "diagnosis"
    assert net.head.labels == ("benign", "malignant") and net.features == 2
    assert sorted(path.name for path in (trained / "run").iterdir()) == [
        "backward.svg", "forward.svg", "history.csv", "layers.svg", "model.npz", "steps.html",
    ]  # fmt: skip


def test_predict_matches_columns_by_name_in_any_order_and_notes_what_it_ignores(trained, capsys):
    rows = patients(5, seed=1)
    write("new.csv", [[size, note, age] for _, age, size, note, _ in rows], delimiter=";")
    assert run("predict", "run/model.npz", "new.csv", "--out", "predictions.csv") == 0
    output = capsys.readouterr()
    assert "note: the net was not trained on these columns, so they are ignored: 'name'" in output.err
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
    assert "new.csv:4:2 (column 'size'): 'big' is not a number. Correct it.\n" in capsys.readouterr().err
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
        (lambda x: 1 + int(x > 0), ("--layers", "3"), "DeepNet 1-3-1, tanh, sigmoid"),
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
        ([["x", "y"], ["", 1], ["", 0]], ("--target", "y", "--missing", "mean"), 1, "the column 'x' is empty in the"),
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


def test_an_existing_out_is_refused_without_force(trained, capsys):
    before = (trained / "run" / "model.npz").read_bytes()
    assert run("train", "patients.csv", *COMMON, "--out", "run") == 2
    assert "run exists already. Give another folder, or --force to write into it." in capsys.readouterr().err
    assert (trained / "run" / "model.npz").read_bytes() == before
    assert run("train", "patients.csv", *COMMON, "--out", "run", "--force", "--epochs", "2") == 0
    assert len(load("run/model.npz").history) == 2


def test_resume_goes_on_as_if_nothing_had_been_in_between(place, capsys):
    write("patients.csv", patients())
    common = ("train", "patients.csv", *COMMON, "--batch-size", "7", "--seed", "3")
    assert run(*common, "--layers", "4", "--epochs", "9", "--out", "whole") == 0
    assert run(*common, "--layers", "4", "--epochs", "4", "--out", "part") == 0
    assert run(*common, "--resume", "--epochs", "5", "--out", "part") == 0
    whole, part = load("whole/model.npz"), load("part/model.npz")
    assert [n.value.tobytes() for n in whole.parameters] == [n.value.tobytes() for n in part.parameters]
    capsys.readouterr()
    assert run(*common, "--resume", "--layers", "5", "--out", "part") == 2
    assert "--layers can't change in a net that goes on training" in capsys.readouterr().err
    assert run(*common, "--resume", "--seed", "4", "--out", "part") == 2
    assert "was trained with --seed 3, which decides the split" in capsys.readouterr().err
    assert run("train", "patients.csv", "--target", "diagnosis", "--ignore", "name", "--resume", "--out", "part") == 2
    assert "part/model.npz was trained without 'id'. Leave out what is new (--ignore)." in capsys.readouterr().err
    assert run(*common, "--resume", "--out", "nowhere") == 2
    assert (
        "there is no model nowhere/model.npz to go on from. Train it first, without --resume." in capsys.readouterr().err
        and not (place / "nowhere").exists()
    )


def test_ctrl_c_saves_the_model_so_far_and_exits_130(place, capsys, monkeypatch):
    from minigraph.models.training import BatchGraph

    calls, step = [], BatchGraph.step

    def interrupted(self):
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return step(self)

    write("patients.csv", patients())
    monkeypatch.setattr(BatchGraph, "step", interrupted)
    assert run("train", "patients.csv", *COMMON, "--layers", "4", "--out", "run") == 130
    message = capsys.readouterr().err
    assert "stopped after epoch 5. The model is in" in message and "--resume goes on" in message
    monkeypatch.undo()
    monkeypatch.chdir(place)
    assert len(load("run/model.npz").history) == 5
    assert run("train", "patients.csv", *COMMON, "--resume", "--epochs", "3", "--out", "run") == 0
    assert run("train", "patients.csv", *COMMON, "--layers", "4", "--epochs", "8", "--out", "whole") == 0
    whole, part = load("whole/model.npz"), load("run/model.npz")
    assert [n.value.tobytes() for n in whole.parameters] == [n.value.tobytes() for n in part.parameters]


def test_a_net_that_nobody_would_step_through_trains_without_the_page(place, capsys, monkeypatch):
    def too_large(*_, **__):
        raise ValueError("the graph has too many steps")

    monkeypatch.setattr(mg, "step_through", too_large, raising=False)
    assert run("train", "flower", "--epochs", "2", "--out", "run") == 0
    assert "minigraph: no steps.html: the graph has too many steps" in capsys.readouterr().err


def test_a_net_of_zeros_is_warned_of_once_for_each_finding(place, capsys):
    words = ("train", "flower", "--layers", "4,4", "--init", "zeros", "--epochs", "2", "--out", "run")
    assert run(*words) == 0
    warnings_given = [line for line in capsys.readouterr().err.splitlines() if line.startswith("minigraph: warning: ")]
    assert warnings_given and len(set(warnings_given)) == len(warnings_given)


def test_what_may_be_right_is_not_warned_of(place, capsys):
    assert run("train", "flower", "--layers", "6,6", "--rate", "5", "--epochs", "500", "--out", "run") == 0
    assert {finding.kind for finding in fitted_as("run").health().findings} == {"saturated"}
    assert capsys.readouterr().err == ""


def fitted_as(folder):
    """The same net, trained once more in this process, where its training graph is at hand."""
    net = load(f"{folder}/model.npz")
    part, held_out = flower().split(0.3, 0)
    return net.fit(*part, epochs=500, rate=5.0, validation=held_out, progress=False)


def test_ctrl_c_while_reading_is_one_line_too(place, capsys, monkeypatch):
    from minigraph.models.commands import data_arguments

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    write("patients.csv", patients())
    monkeypatch.setattr(data_arguments, "read_csv", interrupted)
    assert run("train", "patients.csv", *COMMON, "--out", "run") == 130
    assert capsys.readouterr().err == "minigraph: interrupted\n"


def test_a_run_that_fails_leaves_an_older_folder_alone(trained, capsys):
    before = (trained / "run" / "model.npz").read_bytes()
    assert run("train", "patients.csv", *COMMON, "--out", "run", "--force", "--rate", "1e300") == 1
    assert "Try --rate 1e+299" in capsys.readouterr().err
    assert (trained / "run" / "model.npz").read_bytes() == before


def test_without_a_renderer_training_goes_on_and_says_what_was_written(place, capsys, monkeypatch):
    class Source(QuickPicture):
        def save(self, path):
            warnings.warn(f"{path} was written as source", stacklevel=1)
            return path.with_suffix(".dot")

    monkeypatch.setattr(mg, "draw", Source, raising=False)
    assert run("train", "flower", "--epochs", "2", "--out", "run") == 0
    output = capsys.readouterr()
    assert "forward.svg was written as source" in output.err and re.search(r"run.forward\.dot", output.out)


def test_a_reader_of_the_pipe_that_goes_away_is_no_traceback(trained, monkeypatch, capsys):
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Gone())
    assert run("predict", "run/model.npz", "patients.csv") == 0  # it has read enough
