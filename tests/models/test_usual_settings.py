"""What `minigraph train` does where nothing is said: the optimiser, the penalty, and a rate that overshoots."""

import numpy as np
import pytest
from commands import COMMON, patients, run, write
from minigraph.models import DeepNet, LogisticRegression, load
from minigraph.models.commands import fitting
from minigraph.models.datasets import breast_cancer


def bits(net):
    return [node.value.tobytes() for node in net.parameters]


def training():
    part = breast_cancer().split(0.3, 0, stratified=True)[0]
    return part.X, np.array(["benign", "malignant"])[part.Y]


@pytest.mark.parametrize(
    ("words", "hidden", "settings"),
    [
        (("--rate", "0.2"), None, {"optimiser": "descent", "rate": 0.2}),
        ((), None, {"optimiser": "nesterov"}),
        (("--l2", "2"), None, {"optimiser": "nesterov", "l2": 2.0}),
        (("--batch-size", "100"), None, {"optimiser": "descent", "batch_size": 100}),
        (("--layers", "3"), "relu", {"optimiser": "nesterov", "l2": 5.0}),
        (("--layers", "3", "--l2", "0", "--hidden", "tanh"), "tanh", {"optimiser": "nesterov"}),
        (("--layers", "3", "--batch-size", "100"), "relu", {"optimiser": "descent", "batch_size": 100}),
    ],
)
def test_what_trains_where_nothing_is_said(place, words, hidden, settings):
    assert run("train", "breast-cancer", "--epochs", "4", *words, "--out", "run") == 0
    labels = ("benign", "malignant")
    net = DeepNet([30, 3, 1], hidden=hidden, labels=labels) if hidden else LogisticRegression(labels=labels)
    net.fit(*training(), epochs=4, progress=False, **settings)
    assert bits(load("run/model.npz")) == bits(net)


def test_few_rows_are_penalised_less(place):
    write("patients.csv", patients())
    assert run("train", "patients.csv", *COMMON, "--layers", "3", "--epochs", "4", "--out", "run") == 0
    assert run("train", "patients.csv", *COMMON, "--layers", "3", "--epochs", "4", "--l2", "5", "--out", "more") == 0
    rows = load("run/model.npz").trained_on.rows
    least = round(rows * 0.7) / 50
    assert run("train", "patients.csv", *COMMON, "--layers", "3", "--epochs", "4", "--l2", str(least), "--out", "same") == 0
    assert bits(load("run/model.npz")) == bits(load("same/model.npz")) != bits(load("more/model.npz"))


def correlated(columns):
    """Columns that say the same but for a little: the steepest direction is as steep as there are columns."""
    generator = np.random.default_rng(0)
    common = generator.normal(size=60)
    table = common[:, None] + 0.01 * generator.normal(size=(60, columns))
    names = [[*(f"x{i}" for i in range(columns)), "y"]]
    return names + [[*row, value] for row, value in zip(table.tolist(), common.tolist(), strict=True)]


def test_a_usual_rate_that_overshoots_is_lowered_and_that_is_said(place, capsys):
    write("data.csv", correlated(40))
    assert run("train", "data.csv", "--target", "y", "--out", "run") == 0
    said = capsys.readouterr().err
    assert said.startswith("note: with the rate 0.1 the cost ")
    assert (
        said.endswith(": training starts again with --optimiser nesterov --rate 0.03\n") and said.count("starts again") == 1
    )
    assert run("train", "data.csv", "--target", "y", "--optimiser", "nesterov", "--rate", "0.03", "--out", "same") == 0
    assert bits(load("run/model.npz")) == bits(load("same/model.npz"))
    assert load("run/model.npz").history.cost[-1] < 0.01
    report = (place / "run/report.html").read_text()
    assert "training starts again" in report and "--rate" in report


def test_a_rate_that_is_given_is_not_changed(place, capsys):
    write("data.csv", correlated(40))
    assert run("train", "data.csv", "--target", "y", "--optimiser", "nesterov", "--rate", "0.1", "--out", "run") == 1
    said = capsys.readouterr().err
    assert "with --rate 0.1 the steps overshoot. Try --rate 0.01." in said and "starts again" not in said
    assert not (place / "run").exists()


def test_when_no_rate_is_low_enough_the_last_is_named(place, capsys, monkeypatch):
    write("data.csv", correlated(40))
    monkeypatch.setattr(fitting, "LOWER", (0.9, 0.8))
    assert run("train", "data.csv", "--target", "y", "--out", "run") == 1
    said = capsys.readouterr().err
    assert said.count("starts again") == 2 and "with --rate 0.08 the steps overshoot. Try --rate 0.008." in said


def test_a_net_that_goes_on_keeps_what_it_is_when_the_usual_rate_overshoots(place, capsys):
    write("data.csv", correlated(40))
    assert (
        run(
            "train",
            "data.csv",
            "--target",
            "y",
            "--optimiser",
            "nesterov",
            "--rate",
            "0.01",
            "--epochs",
            "5",
            "--out",
            "run",
        )
        == 0
    )
    before = bits(load("run/model.npz"))
    assert run("train", "data.csv", "--target", "y", "--resume", "--out", "run") == 1
    said = capsys.readouterr().err
    assert "Try --rate 0.01. The model in run is unchanged." in said and "starts again" not in said
    assert bits(load("run/model.npz")) == before


def test_a_rate_that_is_halved_starts_lower_too(place, capsys):
    write("data.csv", correlated(40))
    assert run("train", "data.csv", "--target", "y", "--halve-every", "200", "--out", "run") == 0
    assert (
        run(
            "train",
            "data.csv",
            "--target",
            "y",
            "--halve-every",
            "200",
            "--optimiser",
            "nesterov",
            "--rate",
            "0.03",
            "--out",
            "same",
        )
        == 0
    )
    assert capsys.readouterr().err.count("--rate 0.03") == 1
    assert bits(load("run/model.npz")) == bits(load("same/model.npz"))
