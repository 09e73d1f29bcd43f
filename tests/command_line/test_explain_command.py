"""``minigraph explain``, the health of a net, and the warnings of ``train``."""

import numpy as np
import pytest
from minigraph.models import DeepNet

import minigraph as mg
from minigraph.command_line.main import main

UNIT = "z = w*x + b; a = sigmoid(z); L = bce(a, y)"
VALUES = ("w=0.5", "x=2", "b=0", "y=1")


def run(*words):
    try:
        return main(words)
    except SystemExit as exit:
        return exit.code


def test_a_unit_by_its_weight(capsys):
    assert run("explain", UNIT, *VALUES, "--wrt", "w") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "L = BCE(σ(wx + b), y) at w = 0.5, x = 2, b = 0, y = 1"
    assert lines[1].startswith("∂L/∂w = ∂L/∂a · ∂a/∂z · ∂z/∂w = (a − y)/max(a(1 − a), 1e−12) · a(1 − a) · x ≈ ")
    assert lines[-1].startswith("nudge: w + 0.001 moves L by ")


def test_options_and_values_in_any_order(capsys):
    assert run("explain", "--latex", "a=5", "b=3", "--wrt", "b", "3*(a + b*c)", "c=2") == 0
    assert r"\frac{\partial J}{\partial b} & = 3 \cdot 1 \cdot c = 3 \cdot 1 \cdot 2 = 6" in capsys.readouterr().out


def test_the_whole_pass_and_an_entry(capsys):
    assert run("explain", UNIT, *VALUES, "--data", "x,y") == 0
    printed = capsys.readouterr().out
    assert "3. z: ready, since its only user a is done." in printed and ". x:" not in printed
    assert run("explain", "mean(W@X)", "W=[[1,2]]", "X=[[1],[2]]", "--wrt", "W", "--entry", "0,1", "--digits", "9") == 0
    assert "The entry [0, 1]:" in capsys.readouterr().out
    assert run("explain", UNIT, *VALUES, "--wrt", "w", "--rules", "--form", "notes") == 0
    assert "on paper: where nothing is divided by 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words, error",
    [
        (("a*b", "a=1", "b=2", "--wrt", "q"), "minigraph: --wrt q: there is no such name. There are: a, b, J."),
        (("a*b", "a=1", "b=2", "--wrt", "a", "--entry", "x"), "minigraph: --entry x: give whole numbers, such as 0,1"),
        (("a*b", "a=1", "b=2", "--wrt", "a", "--entry", "3"), "minigraph: --entry 3: 'a' is (): it has no entry [3]"),
        (("a +* b", "a=1", "b=2"), "minigraph: '*' stands where a number, a name or '(' should.\n    a +* b\n       ^"),
        (("a*b", "a=1", "b=2", "--form", "short"), "invalid choice: 'short'"),
    ],
)
def test_what_is_used_wrongly(words, error, capsys):
    assert run("explain", *words) == 2
    assert error in capsys.readouterr().err


def test_help_shows_examples(capsys):
    assert run("explain", "--help") == 0
    assert 'minigraph explain "3*(a + b*c)" a=5 b=3 c=2 --wrt b' in capsys.readouterr().out


def test_the_health_of_a_net():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(3, 30)), (rng.random((1, 30)) > 0.5) * 1.0
    net = DeepNet([3, 4, 1], hidden="tanh", initializer="zeros", seed=0).fit(X, Y, epochs=1, rate=0.0001, progress=False)
    assert "symmetric" in {finding.kind for finding in net.health().findings}
    sound = DeepNet([3, 4, 1], hidden="tanh", seed=0).fit(X, Y, epochs=1, progress=False)
    assert sound.health(rate=0.1).ok
    assert sound.health(X[:, :5], Y[:, :5]).layers[0].units.examples == 5
    assert str(mg.health(sound.cost_node)) == str(sound.health())


def test_training_warns_of_what_is_clearly_wrong(tmp_path, capsys):
    words = ("train", "breast-cancer", "--layers", "4", "--hidden", "sigmoid", "--epochs", "2")
    assert run(*words, "--init", "zeros", "--out", str(tmp_path / "zeros")) == 0
    assert "minigraph: warning: symmetric in Layer 1" in capsys.readouterr().err
    assert run(*words, "--out", str(tmp_path / "sound")) == 0
    assert "warning" not in capsys.readouterr().err
