"""Training into a folder: what is written there, run after run, resumed, stopped, failed, and what is warned of."""

import io
import re
import warnings

from commands import COMMON, QuickPicture, patients, run, write
from minigraph.models import load
from minigraph.models.datasets import flower

import minigraph as mg


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
    write("patients.csv", [[*row, i or "new"] for i, row in enumerate(patients())])
    assert run("train", "patients.csv", "--target", "diagnosis", "--resume", "--seed", "3", "--out", "part") == 2
    assert "part/model.npz was trained without 'new'. Leave out what is new (--ignore)." in capsys.readouterr().err
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
    words = ("--layers", "6,6", "--hidden", "tanh", "--l2", "0", "--rate", "5", "--epochs", "500")
    assert run("train", "flower", *words, "--out", "run") == 0
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
