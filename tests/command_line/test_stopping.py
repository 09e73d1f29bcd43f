"""A command that is stopped, by Ctrl-C or by a signal to end: what was done is saved, and what was there stays."""

import os
import signal
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
from minigraph.models import load

import minigraph as mg
from minigraph.command_line.main import main
from minigraph.command_line.stopping import stopped_by_signals, uninterrupted

posix = pytest.mark.skipif(sys.platform == "win32", reason="a signal to another process is POSIX")
WORDS = ["train", "flower", "--epochs", "100000", "--out", "run"]


def stopped_at(place, moment, number, words=WORDS):
    """Run the command line in a process that sends itself a signal at a moment, as somebody else would."""
    script = f"""
        import os, signal, sys
        import minigraph as mg
        from minigraph.models import net, stored_net, training_data, training_state
        from minigraph.command_line.main import main

        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is born ignoring it
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, signal.SIG_DFL)  # and so is one under nohup
        calls = []

        def signalled(call, times):
            def then(*words, **options):
                calls.append(1)
                if len(calls) == times:
                    os.kill(os.getpid(), {number})
                return call(*words, **options)
            return then

        {moment}
        sys.argv[1:] = {words!r}
        sys.exit(main())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=place, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr and (done.returncode == 0) == bool(done.stdout)
    return done.returncode, done.stderr


def stopped_after(epoch):
    return (
        f"minigraph: stopped after epoch {epoch}. The model is in run/model.npz, its history in run/history.csv; "
        "--resume goes on from there.\n"
    )


IN_TRAINING = "training_state.History.append = signalled(training_state.History.append, 20)"
IN_SAVING = "stored_net.replace_file = signalled(stored_net.replace_file, 1)"
IN_PICTURES = "mg.draw = signalled(mg.draw, 1)"
BEFORE = "training_data.read_features = signalled(training_data.read_features, 1)"


@posix
@pytest.mark.parametrize("name, status", [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_training_that_is_stopped_saves_the_last_whole_epoch(name, status, tmp_path):
    returned, said = stopped_at(tmp_path, IN_TRAINING, int(getattr(signal, name)))
    assert returned == status
    done = len(load(tmp_path / "run" / "model.npz").history)
    assert done in (19, 20)
    assert said == stopped_after(done)
    assert sorted(os.listdir(tmp_path / "run")) == ["history.csv", "model.npz"]


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_while_the_model_is_saved_waits(name, tmp_path):
    words = [*WORDS[:2], "--epochs", "3", "--out", "run"]
    status, said = stopped_at(tmp_path, IN_SAVING, int(getattr(signal, name)), words)
    assert (status, said) == (128 + getattr(signal, name), stopped_after(3))
    assert len(load(tmp_path / "run" / "model.npz").history) == 3
    assert sorted(os.listdir(tmp_path / "run")) == ["history.csv", "model.npz"]


@posix
def test_stopped_while_pictures_are_drawn_the_model_is_there_and_no_older_picture(tmp_path):
    (tmp_path / "run").mkdir()
    for name in ("backward.svg", "steps.html", "layers.dot", "mine.svg"):
        (tmp_path / "run" / name).write_text("of an older model")
    words = [*WORDS[:2], "--epochs", "3", "--out", "run", "--force"]
    status, said = stopped_at(tmp_path, IN_PICTURES, int(signal.SIGTERM), words)
    assert status == 143
    assert said == stopped_after(3)
    assert sorted(os.listdir(tmp_path / "run")) == ["history.csv", "mine.svg", "model.npz"]


@posix
def test_stopped_before_training_nothing_is_left(tmp_path):
    words = [*WORDS[:4], "--out", "new/deep/run"]
    assert stopped_at(tmp_path, BEFORE, int(signal.SIGTERM), words) == (143, "minigraph: interrupted\n")
    assert os.listdir(tmp_path) == []


@posix
def test_a_signal_that_is_ignored_stays_ignored(tmp_path):
    """As nohup has it."""
    words = [*WORDS[:2], "--epochs", "30", "--out", "run"]
    moment = f"signal.signal(signal.SIGHUP, signal.SIG_IGN); {IN_TRAINING}"
    assert stopped_at(tmp_path, moment, int(signal.SIGHUP), words) == (0, "")
    assert len(load(tmp_path / "run" / "model.npz").history) == 30


@pytest.fixture
def here(tmp_path, monkeypatch):
    class Quick:
        svg = "<svg></svg>"

        def __init__(self, *_, **__):
            pass

        def save(self, path):
            path.write_text("<svg></svg>")
            return path

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mg, "draw", Quick, raising=False)
    monkeypatch.setattr(mg, "step_through", lambda J, path, **_: Quick().save(path), raising=False)
    return tmp_path


def test_handlers_are_as_before(here):
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    assert main(["train", "flower", "--epochs", "2", "--out", "run"]) == 0
    with stopped_by_signals():
        assert signal.getsignal(signal.SIGTERM) != before[signal.SIGTERM]
    assert {number: signal.getsignal(number) for number in before} == before


def test_a_handler_of_the_program_around_is_kept():
    came = []
    before = signal.signal(signal.SIGTERM, lambda *_: came.append(1))
    try:
        with stopped_by_signals() as signals:
            signal.raise_signal(signal.SIGTERM)
            with uninterrupted():
                signal.raise_signal(signal.SIGTERM)
                assert came == [1]
        assert came == [1, 1] and signals == []
    finally:
        signal.signal(signal.SIGTERM, before)


def test_in_another_thread_signals_are_left_alone(here):
    statuses = []
    words = ["train", "flower", "--epochs", "2", "--out", "run"]
    thread = threading.Thread(target=lambda: statuses.append(main(words)))
    thread.start()
    thread.join()
    assert statuses == [0] and load(here / "run" / "model.npz").state.epochs == 2


# The folder for the results


def test_an_empty_folder_blocks_nothing_and_a_full_one_is_refused_before_anything_is_read(here, capsys):
    (here / "run").mkdir()
    assert main(["train", "flower", "--epochs", "2", "--out", "run"]) == 0
    before = (here / "run" / "model.npz").read_bytes()
    capsys.readouterr()
    assert main(["train", "no such data", "--epochs", "2", "--out", "run"]) == 2
    assert capsys.readouterr().err.startswith("minigraph: run exists already. Give another folder, or --force")
    assert (here / "run" / "model.npz").read_bytes() == before


@pytest.mark.parametrize("option", [[], ["--force"], ["--resume"]])
def test_a_file_is_no_folder(option, here, capsys):
    (here / "run").write_text("precious")
    assert main(["train", "flower", "--epochs", "2", "--out", "run", *option]) == 2
    assert capsys.readouterr().err == "minigraph: run is a file. Give a folder for the results.\n"
    assert (here / "run").read_text() == "precious"


@pytest.mark.parametrize("name", ["model.npz", "history.csv", "forward.svg", "steps.html"])
def test_a_place_where_nothing_can_be_written_is_refused_before_training(name, here, capsys, monkeypatch):
    (here / "run" / name / "inside").mkdir(parents=True)
    monkeypatch.setattr("minigraph.models.net.Net.fit", None)
    assert main(["train", "flower", "--out", "run", "--force"]) == 1
    expected = f"minigraph: run/{name} is not a regular file: nothing is written there. Give another name.\n"
    assert capsys.readouterr().err.replace(os.sep, "/") == expected


@pytest.mark.parametrize("folder", ["/proc", "/sys"])
def test_a_folder_that_can_not_be_written_is_refused_before_training(folder, capsys, monkeypatch):
    """Not even root may write there."""
    if not os.path.isdir(folder):
        folder = os.devnull
    monkeypatch.setattr("minigraph.models.net.Net.fit", None)
    assert main(["train", "flower", "--out", folder, "--force"]) in (1, 2)
    message = capsys.readouterr().err
    assert message.startswith("minigraph: ") and message.count("\n") == 1 and folder in message


@pytest.mark.parametrize("words", [["predict", "run/model.npz", "new.csv"], ["draw", "a*b", "a=1", "b=2"]])
@pytest.mark.parametrize("out", ["missing/x.svg", "run"])
def test_an_out_that_can_not_be_written_is_refused_before_there_is_a_result(words, out, here, capsys, monkeypatch):
    assert main(["train", "flower", "--epochs", "2", "--out", "run"]) == 0
    (here / "new.csv").write_text("x1,x2\n1,2\n")
    capsys.readouterr()
    monkeypatch.setattr("minigraph.models.commands.predict.read_model", None)
    monkeypatch.setattr("minigraph.command_line.expression_commands.read_expression", None)
    assert main([*words, "--out", out, *(["--force"] if words[0] == "predict" else [])]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith(f"minigraph: {out.split('/')[0]} is no")


@pytest.mark.parametrize(
    "place, saved",
    [
        ("minigraph.models.commands.train.try_place", False),
        ("minigraph.models.commands.train.read_task", False),
        ("minigraph.models.training_data.read_features", False),
        ("minigraph.models.training_state.State.first", False),
        ("minigraph.models.training_state.History.append", True),
        ("minigraph.models.commands.train._warn", True),
        ("minigraph.draw", True),
        ("minigraph.step_through", True),
    ],
)
def test_at_each_moment_of_a_stop_there_is_a_model_or_nothing(place, saved, here, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(place, stop)
    assert main(["train", "flower", "--epochs", "3", "--out", "run"]) == 130
    assert (here / "run" / "model.npz").exists() == saved == bool(os.listdir(here))
    if saved:
        assert np.isfinite(load(here / "run" / "model.npz").history.cost).all()
