"""Going on with training from the command line: the same rows in the same two parts, or the word that differs."""

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from minigraph.models import ModelFileError, load
from minigraph.models.datasets import Dataset
from minigraph.models.training_state import TrainedOn

from minigraph.command_line.main import main

HEADER = ["p", "q", "y"]


def table(m=30):
    generator = np.random.default_rng(0)
    return [HEADER, *([f"{p:.3f}", f"{q:.3f}", "ab"[int(p > q)]] for p, q in generator.normal(size=(m, 2)))]


def write(rows):
    with open("data.csv", "w", encoding="utf-8") as file:
        file.writelines(",".join(map(str, row)) + "\n" for row in rows)


def train(*words):
    return main(["train", "data.csv", "--target", "y", "--epochs", "3", "--out", "run", *words])


@pytest.fixture
def trained(place):
    write(table())
    assert train("--held-out", "0.5", "--seed", "7") == 0
    return place


AGAIN = ("--resume", "--held-out", "0.5", "--seed", "7")


def test_the_same_data_and_options_go_on(trained, capsys):
    capsys.readouterr()
    assert train(*AGAIN) == 0
    assert capsys.readouterr().err == "" and len(load("run/model.npz").history) == 6
    assert train(*AGAIN) == 0  # what was noted is noted again


@pytest.mark.parametrize(
    "words, text",
    [
        (("--resume", "--seed", "7"), "was trained with --held-out 0.5, which decides the split. Give it again."),
        (("--resume", "--held-out", "0.5"), "was trained with --seed 7, which decides the split. Give it again."),
        ((*AGAIN, "--ignore", "q"), "was trained with 'q'. Give the data of the first run."),
    ],
)
def test_an_option_that_differs_is_named(words, text, trained, capsys):
    capsys.readouterr()
    before = (trained / "run" / "model.npz").read_bytes()
    assert train(*words) == 2
    assert capsys.readouterr().err == f"minigraph: run/model.npz {text}\n"
    assert (trained / "run" / "model.npz").read_bytes() == before


def test_another_target_is_refused(trained, capsys):
    capsys.readouterr()
    assert train(*AGAIN, "--target", "q") == 2
    assert capsys.readouterr().err == "minigraph: the net in run predicts 'y': give --target 'y'.\n"


def changed(rows, row, column, value):
    return [[value if (r, c) == (row, column) else cell for c, cell in enumerate(cells)] for r, cells in enumerate(rows)]


@pytest.mark.parametrize(
    "rows, text",
    [
        (lambda rows: rows[:-1], "was trained on 30 rows, and there are 29 now."),
        (
            lambda rows: changed(rows, 5, 1, "0.5"),
            "was trained on other values in the column 'q', or on rows in another order",
        ),
        (lambda rows: changed(rows, 5, 2, "b" if rows[5][2] == "a" else "a"), "on other values in the column 'y', or"),
        (lambda rows: [HEADER, *rows[:0:-1]], "was trained on other values in the column 'p', 'q', 'y', or on rows in"),
        (lambda rows: changed(rows, 0, 0, "P"), "was trained without 'P' and with 'p'. Give the data of the first run."),
        (lambda rows: [[row[1], row[0], row[2]] for row in rows], "was trained on the columns in another order: 'p', 'q'."),
        (
            lambda rows: [["new" if row is rows[0] else i, *row] for i, row in enumerate(rows)],
            "was trained without 'new'. Leave",
        ),
    ],
)
def test_data_that_differ_are_refused_with_what_differs(rows, text, trained, capsys):
    write(rows(table()))
    assert train(*AGAIN) == 2


def test_numbers_that_are_written_in_another_way_are_the_same(trained):
    write([HEADER, *([f"{float(p):+.6e}", f" {q} ", y] for p, q, y in table()[1:])])
    assert train(*AGAIN) == 0


def test_the_target_is_read_as_the_net_reads_it(place, capsys):
    write([HEADER, *([p, q, i % 3] for i, (p, q, _) in enumerate(table()[1:]))])
    assert train("--output", "identity", "--layers", "2") == 0
    assert train("--resume") == 0
    assert len(load("run/model.npz").history) == 6
    write([HEADER, *([p, q, f"name {i}"] for i, (p, q, _) in enumerate(table()[1:]))])
    assert train("--output", "softmax", "--force") == 0
    assert train("--resume") == 0  # so many texts are classes, as was said then


def test_missing_cells_are_part_of_the_data(place, capsys):
    rows = changed(table(), 4, 0, "NA")
    write(rows)
    assert train("--missing", "mean") == 0
    assert train("--missing", "mean", "--resume") == 0
    assert train("--missing", "drop", "--resume") == 2
    assert "was trained on 30 rows, and there are 29 now" in capsys.readouterr().err
    write(changed(rows, 4, 0, "0"))
    assert train("--missing", "mean", "--resume") == 2
    assert "other values in the column 'p'" in capsys.readouterr().err


def without(entry, path, value=None):
    """The model file as an older version wrote it, or with another entry."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    if value is None:
        del manifest[entry]
    else:
        manifest[entry] = value
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in (members | {"manifest.json": json.dumps(manifest)}).items():
            archive.writestr(name, content)


def test_an_older_file_goes_on_with_a_word_that_it_can_not_be_checked(trained, capsys):
    without("trained_on", "run/model.npz")
    capsys.readouterr()
    assert train(*AGAIN, "--ignore", "q") == 2
    said = (
        "note: run/model.npz does not say what it was trained on, so it can't be checked that the rows and --held-out are "
    )
    said += "as before\n"
    assert capsys.readouterr().err == (
        f"{said}minigraph: run/model.npz was trained with 'q'. Give the data of the first run.\n"
    )
    assert train(*AGAIN) == 0
    assert capsys.readouterr().err == said
    assert train(*AGAIN) == 0
    assert capsys.readouterr().err == ""  # now it can


@pytest.mark.parametrize(
    "value",
    [3, {}, {"held_out": 0.5, "rows": 3, "target": "y"}, {"held_out": "x", "rows": 3, "target": "y", "columns": {}},
     {"held_out": 0.5, "rows": 3, "target": "y", "columns": {"y": 3}}],
)  # fmt: skip
def test_a_file_that_says_it_wrongly_is_refused(value, trained):
    without("trained_on", "run/model.npz", value)
    with pytest.raises(ModelFileError, match="'trained_on' of its manifest is missing or wrong"):
        load("run/model.npz")


def test_fitting_anew_in_python_forgets_what_the_command_noted(trained):
    net = load("run/model.npz")
    assert net.trained_on.rows == 30 and net.trained_on.held_out == 0.5
    assert net.fit([[1, 2, 3, 4], [4, 3, 2, 2]], [["a", "b", "a", "b"]], epochs=1).trained_on is None


def test_numbers_are_told_apart_by_value():
    def noted(*cells, Y=("a",)):
        return TrainedOn.of(Dataset(np.array([cells]), np.array([Y], dtype=object), ("x",), ("y",)), 0.3)

    assert noted(0.0) == noted(-0.0) and noted(np.nan) == noted(-np.nan)
    assert noted(1.0) != noted(np.nextafter(1, 2))
    assert noted(1.0, Y=("1",)) != noted(1.0, Y=(1,))


def test_the_optimiser_that_trained_goes_on(place, capsys):
    write(table())
    settings = ("--l2", "0.5", "--clip", "0.2", "--batch-size", "4")
    assert train("--optimiser", "adam", *settings) == 0
    capsys.readouterr()
    assert train("--resume", "--optimiser", "momentum") == 2
    assert "--optimiser momentum can't go on where adam has trained. Leave it out, or --resume." in capsys.readouterr().err
    assert train("--resume", *settings) == 0
    again = load("run/model.npz")
    assert again.state.optimiser == "Adam" and len(again.history) == 6
    assert train("--optimiser", "adam", *settings, "--epochs", "6", "--force") == 0
    assert load("run/model.npz").history.cost == again.history.cost


def test_a_model_of_an_optimiser_from_elsewhere_goes_on_in_python_only(trained, capsys):
    net = load("run/model.npz")
    net._state = replace(net.state, optimiser="Mine")
    net.save("run/model.npz")
    assert train(*AGAIN) == 2
    assert "the model was trained by 'Mine', which this command does not have: use Python." in capsys.readouterr().err
