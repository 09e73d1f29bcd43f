"""How `minigraph train` trains: early stopping, balance, rates that fall, splits by class; what it says at the end."""

import json
import math

import numpy as np
import pytest
from commands import COMMON, patients, run, write
from minigraph.models import DeepNet, History, LogisticRegression, load
from minigraph.models.commands.training_arguments import how_it_ended
from minigraph.models.datasets import Dataset, breast_cancer
from minigraph.models.datasets.splitting import held_out_by_class


def bits(net):
    return [node.value.tobytes() for node in net.parameters]


def parts(seed=0):
    return breast_cancer().split(0.3, seed, stratified=True)


def test_patience_watches_a_part_of_the_training_rows_and_keeps_the_best(place, capsys):
    words = ("train", "breast-cancer", "--optimiser", "adam", "--rate", "0.05", "--patience", "8")
    assert run(*words, "--layers", "16", "--epochs", "900", "--out", "run", "--json") == 0
    found, net = json.loads(capsys.readouterr().out), load("run/model.npz")
    assert found["kept_epoch"] == net.state.epochs == net.history.kept == found["epochs"] - 8
    assert found["note"] == how_it_ended(net.history)
    training, _ = parts()[0].split(0.2, 0, stratified=True)
    assert [found[name]["examples"] for name in ("training", "validation", "held_out")] == [318, 80, 171]
    assert found["validation"]["cost"] == pytest.approx(min(net.history.validation_cost))
    same = DeepNet([30, 16, 1], hidden="relu", labels=("benign", "malignant"))
    Y = np.array(["benign", "malignant"])[training.Y]
    same.fit(training.X, Y, optimiser="adam", rate=0.05, epochs=net.state.epochs, progress=False)
    assert bits(net) == bits(same)
    assert run(*words, "--epochs", "4", "--resume", "--out", "run") == 0  # the same epochs again, to the bit
    assert capsys.readouterr().out.split("\n\n")[4] == (
        f"{net.state.epochs + 4} epochs were done; the net is as it was after epoch {net.state.epochs}, whose cost on the "
        f"validation part was the lowest: {min(net.history.validation_cost):.4g}"
    )
    assert bits(load("run/model.npz")) == bits(net)
    assert run("train", "breast-cancer", "--epochs", "4", "--resume", "--out", "run") == 2
    assert "was trained with --validation 0.2, which decides the split. Do so again." in capsys.readouterr().err


def test_a_validation_part_is_another_split(place, capsys):
    write("patients.csv", patients())
    assert run("train", "patients.csv", *COMMON, "--epochs", "3", "--out", "run") == 0
    assert run("train", "patients.csv", *COMMON, "--epochs", "3", "--resume", "--validation", "0.1", "--out", "run") == 2
    assert "run/model.npz was trained without --validation and --patience, which decides" in capsys.readouterr().err


def test_balanced_classes_and_a_rate_that_is_halved(place, capsys):
    words = ("--balance", "--halve-every", "3", "--rate", "0.4")
    assert run("train", "breast-cancer", "--epochs", "7", *words, "--out", "run") == 0
    training = parts()[0]
    net = LogisticRegression(labels=("benign", "malignant"))
    Y = np.array(["benign", "malignant"])[training.Y]
    rates = [0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1]
    net.fit(training.X, Y, epochs=7, rate=lambda n: rates[n - 1], example_weights="balanced", progress=False)
    assert bits(load("run/model.npz")) == bits(net)
    assert run("train", "breast-cancer", "--epochs", "3", "--halve-every", "1", "--out", "usual") == 0
    assert run("train", "houses", "--balance", "--out", "houses") == 2
    said = "--balance is for classes, but the target 'price' holds numbers. Leave it out.\n"
    assert said in capsys.readouterr().err
    assert not (place / "houses").exists()


def test_each_class_gives_its_share_and_keeps_a_row(place, capsys):
    rows = [["x", "y"], *([i * i, "rare" if i == 7 else "ab"[i % 2]] for i in range(40))]
    write("data.csv", rows)
    assert run("train", "data.csv", "--target", "y", "--epochs", "2", "--json", "--out", "run") == 0
    output = capsys.readouterr()
    found = json.loads(output.out)
    counts = {name: np.sum(found[name]["confusion"], axis=1).tolist() for name in ("training", "held_out")}
    assert counts == {"training": [14, 13, 1], "held_out": [6, 6, 0]} and "note" not in output.err


def test_an_older_model_goes_on_with_its_own_split_and_a_class_without_a_row_is_said(place, capsys, monkeypatch):
    from minigraph.models.commands import train

    rows = [["x", "y"], *([i * i, "rare" if i == 0 else "ab"[i % 2]] for i in range(10))]
    write("data.csv", rows)
    words = ("train", "data.csv", "--target", "y", "--epochs", "2", "--held-out", "0.5", "--seed")
    seed = next(s for s in range(50) if 0 in np.random.default_rng(s).permutation(10)[:5])
    with monkeypatch.context() as older:
        of = train.TrainedOn.of
        older.setattr(train.TrainedOn, "of", lambda data, held_out, *_: of(data, held_out))
        assert run(*words, seed, "--out", "run") == 0
    said = "note: no row of the training part is of the class 'rare': a net can't learn what it never sees\n"
    assert capsys.readouterr().err == said
    assert load("run/model.npz").trained_on.stratified is False
    assert run(*words, seed, "--out", "run", "--resume") == 0
    assert capsys.readouterr().err == said and load("run/model.npz").trained_on.stratified is False


@pytest.mark.parametrize("aside", [1, 3, 5, 9])
def test_shares_of_classes(aside):
    generator = np.random.default_rng(aside)
    labels = generator.choice([0, 1, 1, 1, 2], size=20)
    chosen = held_out_by_class(labels, aside)
    assert chosen.sum() == aside
    for k in range(3):
        exact = np.sum(labels == k) * aside / 20
        assert math.floor(exact) <= chosen[labels == k].sum() <= math.ceil(exact)
    assert not chosen[[np.flatnonzero(labels == k)[-1] for k in range(3)]].any()  # the first of each class are taken


def test_a_split_by_class_of_classes_of_one_row():
    assert held_out_by_class(np.array(list("abcd")), 2).tolist() == [True, True, False, False]
    data = Dataset(np.arange(6.0).reshape(1, 6), np.array([[1, 1, 1, 0, 0, 0]]), ("x",), ("y",))
    training, held_out = data.split(0.33, 3, stratified=True)
    assert sorted(held_out.Y[0]) == [0, 1] and sorted([*training.X[0], *held_out.X[0]]) == [0, 1, 2, 3, 4, 5]
    assert data.split(0.33, 3, stratified=True)[1].X.tolist() == held_out.X.tolist()


@pytest.mark.parametrize(
    "history, said",
    [
        (History(cost=[1.0] * 3), None),
        (History(cost=[1.0, 0.5]), None),
        (History(cost=[1.0] * 30), None),
        (History(cost=[1.0] * 10 + [0.995] * 10), None),
        (History(cost=[0.0] * 30), None),
        (
            History(cost=[1.0] * 290 + [0.98] * 10),
            "the cost still falls by 2 % in 10 epochs: --epochs 900, or --resume --epochs 600 to go on",
        ),
        (
            History(cost=[1.0, 1.0, 0.5, 0.5], validation_cost=[3.0, 3.0, 2.0, 2.0]),
            "the cost still falls by 50 % in 2 epochs: --epochs 12, or --resume --epochs 8 to go on",
        ),
        (
            History(cost=[1.0, 1.0, 0.5, 0.5], validation_cost=[2.0, 2.0, 2.5, 2.5]),
            "the cost still falls by 50 % in 2 epochs, but rises on the rows that don't train: --patience 10 would keep the "
            "best epoch",
        ),
        (
            History(cost=[1.0, 0.5, 0.3], validation_cost=[2.0, 1.0, 1.5], kept=2),
            "3 epochs were done; the net is as it was after epoch 2, whose cost on the validation part was the lowest: 1",
        ),
    ],
)
def test_what_is_said_of_the_end(history, said):
    assert how_it_ended(history) == said
