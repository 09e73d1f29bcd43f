"""The words of missing cells stay with the model; no command replaces a file that it reads."""

import os
from pathlib import Path

import numpy as np
import pytest
from minigraph.models import load
from minigraph.models.model_file import ModelFile, Unreadable

from minigraph.command_line.main import main


@pytest.fixture
def place(place):
    """The folder with a table, and a net trained on it."""
    generator = np.random.default_rng(3)
    rows = [f"{a:.3f},{b:.3f},{'yes' if a + b > 0 else 'no'}" for a, b in generator.normal(size=(40, 2))]
    rows[4], rows[20] = "-999,0.5,no", "0.25,-999.0,yes"
    write("m.csv", rows)
    write("filled.csv", [row.replace("-999.0", "").replace("-999", "") for row in rows])
    assert run("train", "m.csv", *TARGET, "--missing-words", "-999", "--missing", "mean", "--out", "r", "--epochs", "3") == 0
    return place


TARGET = ("--target", "answer")


def write(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(["a,b,answer", *rows, ""]))


def run(*words):
    try:
        return main(list(words))
    except SystemExit as exit:
        return exit.code


def printed(capsys, *words):
    capsys.readouterr()
    assert run(*words) == 0
    return capsys.readouterr().out


def test_predict_and_evaluate_read_missing_cells_as_train_did(place, capsys):
    for command in ("predict", "evaluate"):
        own = printed(capsys, command, "r/model.npz", "m.csv", "--missing", "mean")
        filled = printed(capsys, command, "r/model.npz", "filled.csv", "--missing", "mean")
        assert own.replace("m.csv", "") == filled.replace("filled.csv", "")
        assert run(command, "r/model.npz", "m.csv") == 1
        assert "-999" in capsys.readouterr().err
        assert printed(capsys, command, "r/model.npz", "m.csv", "--missing-words", "NA") != own  # an option wins


def test_going_on_reads_and_keeps_the_words(place):
    assert load("r/model.npz").missing_words == ("-999",)
    assert run("train", "m.csv", *TARGET, "--missing", "mean", "--out", "r", "--resume", "--epochs", "2") == 0
    net = load("r/model.npz")
    assert (net.missing_words, len(net.history)) == (("-999",), 5)
    assert net.fit([[1.0, 2.0], [0.0, 3.0]], [["no", "yes"]], epochs=1).missing_words is None


def test_words_in_a_damaged_manifest_are_refused():
    assert ModelFile({}, {}).texts_or_none("missing_words") is None  # an older file
    for wrong in ("NA", [1], {"NA": 1}):
        with pytest.raises(Unreadable, match="'missing_words' of its manifest is missing or wrong"):
            ModelFile({"missing_words": wrong}, {}).texts_or_none("missing_words")


def test_predictions_do_not_replace_the_model_or_the_data(place, capsys):
    os.link("r/model.npz", "other.npz")
    os.symlink("m.csv", "alias.csv")
    for out, what in (("r/model.npz", "model"), ("other.npz", "model"), ("m.csv", "data"), ("alias.csv", "data")):
        before = Path(out).read_bytes()
        assert run("predict", "r/model.npz", "m.csv", "--missing", "mean", "--out", out, "--force") == 2
        assert f"{out} is the {what} that is read, and would be replaced" in capsys.readouterr().err
        assert Path(out).read_bytes() == before


def test_training_does_not_replace_its_data(place, capsys):
    for name in ("history.csv", "forward.dot"):
        os.replace("m.csv", f"r/{name}")
        assert run("train", f"r/{name}", *TARGET, "--missing", "mean", "--out", "r", "--force") == 2
        assert f"{os.path.join('r', name)} is the data that is read" in capsys.readouterr().err
        os.replace(f"r/{name}", "m.csv")


def test_a_picture_and_a_page_are_two_files(place, capsys):
    assert run("draw", "a*b", "a=1", "b=2", "--out", "x.svg", "--step-through", "./x.svg") == 2
    assert "x.svg can't be both the picture and the page" in capsys.readouterr().err
