"""The command line as a user meets it: what it prints, writes, refuses, and its exit status."""

import csv

import pytest
from minigraph.models import load
from minigraph.models.command_line import main


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
        and float(rows[-1]["cost"]) < 0.1 < float(rows[0]["cost"])
    )
    for name in ("forward.svg", "backward.svg", "layers.svg", "steps.html"):
        assert "</svg>" in (out / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words, text",
    [
        ((), "usage: minigraph COMMAND"),
        (("trian", "x"), "there is no command 'trian'. Did you mean 'train'?"),
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
