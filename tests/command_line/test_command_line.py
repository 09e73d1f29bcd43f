"""The command line as a user meets it: what it prints, writes, refuses, and its exit status."""

import argparse
import csv
import importlib
import subprocess
import sys
from argparse import ArgumentTypeError
from pathlib import Path

import pytest
from minigraph.models import LogisticRegression, load

from minigraph.command_line.commands import COMMANDS, load_command, place, positive, share, whole, whole_numbers
from minigraph.command_line.main import main
from minigraph.pages.packed import WITHOUT_SCRIPT


def run(*words):
    """The exit status; argparse leaves by SystemExit."""
    try:
        return main(words)
    except SystemExit as exit:
        return exit.code


def test_the_first_command_of_the_readme(tmp_path, capsys):
    out = tmp_path / "first-run"
    assert run("train", "breast-cancer", "--layers", "16,8", "--out", str(out)) == 0
    printed = capsys.readouterr().out
    assert "30-16-8-1" in printed and "training: cost 0." in printed and "held out: cost 0." in printed
    assert "always 'benign' gives 0.6" in printed and "truth ↓ predicted →" in printed
    assert "accuracy 0.9" in printed and len(load(out / "model.npz").history) == 300
    with open(out / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (
        len(rows) == 300
        and float(rows[-1]["validation_cost"]) < 0.1
        and float(rows[-1]["cost"]) < 0.15 < float(rows[0]["cost"])  # with the penalty
    )
    for name in ("forward.svg", "backward.svg", "layers.svg"):
        assert "</svg>" in (out / name).read_text(encoding="utf-8")
    steps = (out / "steps.html").read_text(encoding="utf-8")
    assert "</svg>" in steps or WITHOUT_SCRIPT in steps  # a large page is packed, its pictures too


@pytest.mark.parametrize(
    "words, text",
    [
        ((), "usage: minigraph COMMAND"),
        (("trian", "x"), "there is no command 'trian'. Did you mean 'train'?"),
        (("Explain", "a*b"), "there is no command 'Explain'. Did you mean 'explain'?"),
        (
            ("xyz",),
            "there is no command 'xyz'. There are: train, predict, evaluate, export, draw, live, quiz, class, explain.",
        ),
        (("train", "breast-cancer", "--out", "x", "--epochs", "0"), "'0' is not a whole number from 1"),
        (("train", "breast-cancer", "--out", "x", "--rate", "nan"), "'nan' is not a number above 0"),
        (("train", "breast-cancer", "--out", "x", "--rate", "fast"), "'fast' is not a number above 0"),
        (("train", "breast-cancer", "--out", "x", "--held-out", "1"), "'1' is not a share between 0 and 1"),
        (("train", "breast-cancer", "--out", "x", "--layers", "16,x"), "'x' is not a whole number from 1"),
        (("train", "breast-cancer"), "--out"),
        (("train", "breast-cancer", "--out", "x", "--hidden", "tanh,rleu"), "no 'rleu'. Did you mean 'relu'"),
    ],
)
def test_used_wrongly_is_status_2_and_says_why(words, text, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(*words) == 2
    assert text in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_help_and_version(capsys):
    import minigraph

    assert run("--help") == 0 and "train" in capsys.readouterr().out
    assert run("--version") == 0 and minigraph.__version__ in capsys.readouterr().out
    assert run("train", "--help") == 0
    assert "minigraph train breast-cancer --layers 16,8 --out run" in capsys.readouterr().out


EXPRESSION = ("a*b", "a=1", "b=2")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net = LogisticRegression(labels=("no", "yes")).fit([[0.0, 1.0]], [["no", "yes"]], epochs=1, feature_names=("x",))
    net.target_name = "train"
    net.save("m.npz")
    for name in ("x.csv", "-x.csv", "--x.csv", "train", "predict"):
        (tmp_path / name).write_text("x,train\n1,yes\n0,no\n")
    return tmp_path


@pytest.mark.parametrize(
    "words, command",
    [
        (("explain", *EXPRESSION), "explain"),
        (("--wrt", "a", "explain", *EXPRESSION), "explain"),
        (("--wrt=a", "explain", *EXPRESSION), "explain"),
        (("--latex", "--form", "notes", "explain", *EXPRESSION), "explain"),
        (("--target", "train", "predict", "m.npz", "x.csv"), "predict"),  # predict has no --target, and says so
        (("--target", "train", "evaluate", "m.npz", "x.csv"), "evaluate"),
        (("--targ", "train", "evaluate", "m.npz", "x.csv"), "evaluate"),
        (("evaluate", "m.npz", "x.csv", "--target", "train"), "evaluate"),
        (("evaluate", "--target", "train", "m.npz", "x.csv"), "evaluate"),
        (("--json", "predict", "m.npz", "train"), "predict"),
        (("predict", "m.npz", "predict"), "predict"),
        (("--", "predict", "m.npz", "x.csv"), "predict"),
        (("--json", "--", "predict", "m.npz", "--x.csv"), "predict"),
        (("predict", "--", "m.npz", "-x.csv"), "predict"),
        (("predict", "m.npz", "-x.csv"), "predict"),
        (("predict", "m.npz", "--json", "--", "--x.csv"), "predict"),
        (("x.csv", "predict", "m.npz"), None),
        (("-x", "predict", "m.npz"), None),
        (("--json",), None),
        (("--",), None),
        (("--target",), None),
        (("--target", "predict"), None),
    ],
)
def test_the_command_is_the_first_operand(words, command, here, monkeypatch):
    ran = []
    for name in COMMANDS:
        monkeypatch.setattr(type(load_command(name)), "run", lambda self, options, name=name: ran.append(name) or 0)
    status = run(*words)
    if words[:2] == ("--target", "train") and command == "predict":
        assert (status, ran) == (2, [])
    else:
        assert (status, ran) == ((0, [command]) if command else (2, []))


@pytest.mark.parametrize(
    "words", [("-x.csv",), ("--", "-x.csv"), ("--", "--x.csv"), ("train",), ("--json", "--", "--x.csv")]
)
def test_files_whose_names_begin_with_a_dash_or_are_a_command_s(words, here, capsys):
    assert run("predict", "m.npz", *words) == 0
    printed = capsys.readouterr()
    assert "yes" in printed.out and printed.err == ""


def test_values_that_begin_with_a_dash(here, capsys):
    assert run("predict", "m.npz", "x.csv", "--out", "-y.csv") == 0
    assert (here / "-y.csv").read_text().startswith("train,probability of no")
    assert run("train", "x.csv", "--out", "run", "--rate", "-0.5") == 2
    assert "argument --rate: '-0.5' is not a number above 0" in capsys.readouterr().err
    assert run("predict", "m.npz", "x.csv", "--", "--y.csv", "-z") == 1
    assert "there is no file '--y.csv'" in capsys.readouterr().err
    assert run("train", "--", "x.csv", "--out", "run") == 2
    assert "the following arguments are required: --out" in capsys.readouterr().err


def test_commands_agree_on_which_options_take_a_value():
    """So that the command behind an option is found before it is known which command it is."""
    takes = {}
    for command in map(load_command, COMMANDS):
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        for action in parser._actions:
            for option in action.option_strings:
                assert takes.setdefault(option, action.nargs != 0) == (action.nargs != 0), option
    assert takes["--target"] and not takes["--json"]
    values = [option for option, value in takes.items() if value]
    assert not [(a, b) for a in takes for b in values if b.startswith(a) and not takes[a] and a != b]


MODULE = """
from minigraph.command_line.commands import Command
from minigraph.command_line.console import say

class Greet(Command):
    summary = "greet somebody"
    examples = ("minigraph greet Ada",)

    def add_arguments(self, parser):
        parser.add_argument("who")
        parser.add_argument("--greeting", default="Hello")

    def run(self, options):
        say(f"{options.greeting}, {options.who}")
        return 0
"""


def test_a_subcommand_is_one_file_and_a_line_in_the_table(here, monkeypatch, capsys):
    (here / "greet_command.py").write_text(MODULE)
    monkeypatch.syspath_prepend(here)
    monkeypatch.setitem(COMMANDS, "greet", "greet_command:Greet")
    assert run("greet", "Ada") == run("--greeting", "Bye", "greet", "Bob") == 0
    assert run("--help") == run("greet", "--help") == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Hello, Ada\nBye, Bob\nusage: minigraph COMMAND")
    assert "  greet     greet somebody\n" in printed and "examples:\n  minigraph greet Ada\n" in printed
    assert run("greet") == 2 and "usage: minigraph greet" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--version",), ("draw", *EXPRESSION, "--out", "x.dot"), ("explain", *EXPRESSION)])
def test_what_needs_no_model_loads_none(words, here):
    code = f"from minigraph.command_line.main import main; status = main({words!r})"
    code += "; import sys; sys.exit(status or 'minigraph.models' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_python_dash_m_minigraph(here):
    done = subprocess.run([sys.executable, "-m", "minigraph", "explain", *EXPRESSION], capture_output=True)
    assert done.returncode == 0 and "∂J/∂a" in done.stdout.decode("utf-8")
    assert importlib.import_module("minigraph.__main__"), "loaded without being run"


@pytest.mark.parametrize(
    "read, text, value",
    [
        (whole(1), " +3", 3),
        (whole(-2), "-2", -2),
        (whole_numbers, "16,8", (16, 8)),
        (positive, "1e-3", 0.001),
        (share, "0.25", 0.25),
        (place, "a/./b", Path("a/b")),
    ],
)
def test_values(read, text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    "read, text, message",
    [
        (whole(1), "0", "'0' is not a whole number from 1"),
        (whole(1), "1.0", "'1.0' is not a whole number from 1"),
        (whole_numbers, "16,", "'' is not a whole number from 1"),
        (positive, "0", "'0' is not a number above 0"),
        (positive, "inf", "'inf' is not a number above 0"),
        (positive, "fast", "'fast' is not a number above 0"),
        (share, "1", "'1' is not a share between 0 and 1, such as 0.3"),
        (place, "", "it is empty: give the name of a file or folder"),
    ],
)
def test_what_is_none_is_refused(read, text, message):
    with pytest.raises(ArgumentTypeError) as refused:
        read(text)
    assert str(refused.value) == message
