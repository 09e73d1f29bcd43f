"""``minigraph draw`` and ``minigraph explain``: from the words on the command line to files and text; what nets do alike."""

import contextlib

import numpy as np
import pytest
from figures import read_svg
from minigraph.models import DeepNet

import minigraph as mg
from minigraph.command_line.main import main
from minigraph.drawing import rendering


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_chain_of_the_notes(here, capsys):
    given = ["3*(a + b*c)", "a=5", "b=3", "c=2"]
    assert main(["draw", *given, "--pass", "backward", "--out", "chain.svg", "--step-through", "chain.html"]) == 0
    assert capsys.readouterr().out == "wrote chain.svg, chain.html\n"
    boxes = read_svg((here / "chain.svg").read_text("utf-8")).boxes
    assert [boxes[box][-1] for box in ("n0", "n1", "n2")] == ["∂J/∂a = 3", "∂J/∂b = 6", "∂J/∂c = 9"]
    assert len(boxes) == 6, "an expression without names is drawn operation by operation"
    assert "<svg" in (here / "chain.html").read_text("utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ["-a*b", "a=2", "b=-3", "--out", "x.dot"],
        ["--out", "x.dot", "b=-3", "-a*b", "a=2"],
        ["a=2", "--out", "x.dot", "b=-3", "-a*b"],
    ],
)
def test_any_order_and_an_expression_that_begins_with_a_minus(here, words):
    assert main(["draw", *words]) == 0
    assert "= 6" in (here / "x.dot").read_text("utf-8")


def test_named_steps_are_folded_and_data_has_no_gradient(here):
    words = ["z = w*x + b; a = sigmoid(z); L = bce(a, y)", "w=0.4", "x=1.5", "b=0.1", "y=1", "--data", "x,y"]
    assert main(["draw", *words, "--pass", "backward", "--out", "x.dot"]) == 0
    source = (here / "x.dot").read_text("utf-8")
    assert source.count("no gradient") >= 2
    assert source.count('class="mg-node') == 7
    assert (
        main(["draw", *words, "--no-fold", "--style", "circuit", "--rankdir", "TB", "--title", "Mine", "--out", "y.dot"])
        == 0
    )
    assert "Mine" in (here / "y.dot").read_text("utf-8")


def test_matrices(here):
    assert main(["draw", "W @ x", "W=[[1,2],[3,4]]", "x=[[5],[6]]", "--out", "x.dot"]) == 0
    assert "[17; 39]" in (here / "x.dot").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a*b", "a=1", "--out", "x.dot"], "b=…, or make it a step before.\n    a*b\n      ^\n"),
        (["a", "a=1"], "say what to write"),
        (["a", "a=1", "--wrt", "a", "--out", "x.dot"], "--wrt shows paths of a backward pass"),
        (["a", "a=1", "--wrt", "a", "--pass", "both", "--step-through", "x.html"], "it goes with --out FILE"),
        (["a", "a=1", "--wrt", "q", "--pass", "both", "--out", "x.dot"], "--wrt q: there is no such name"),
        (["a", "a=1", "--out", "x.html", "--step-through", "./x.html"], "x.html can't be both the picture and the page."),
        (["a=1", "--out", "x.dot"], "give one expression, in quotes, not 0."),
        (["a", "b", "a=1", "--out", "x.dot"], "not 2: 'a', 'b'"),
        (["a + b", "a=1", "b=2x", "--out", "x.dot"], "b=2x: '2x' is not a number"),
        (["a", "a=1", "a=2", "--out", "x.dot"], "a is given twice"),
        (["a", "a=1", "--data", "q", "--out", "x.dot"], "--data q: there is no value for it"),
    ],
)  # fmt: skip
def test_misuse_is_explained(here, capsys, words, message):
    assert main(["draw", *words]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert not list(here.iterdir())


def test_a_page_alone(here, capsys):
    assert main(["draw", "a*b", "a=1", "b=2", "--step-through", "x.html"]) == 0
    assert capsys.readouterr().out == "wrote x.html\n" and [path.name for path in here.iterdir()] == ["x.html"]


def test_failures_are_one_line(here, capsys):
    assert main(["draw", "a*2", "a=1", "--out", "nowhere/x.dot"]) == 1
    assert main(["draw", "a*2", "a=1", "b=1", "--out", "x.dot"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "minigraph: nowhere is no folder, so x.dot can't be written there. Make it first.",
        "minigraph: parse: no step uses 'b' of 'a*2'.",
    ]


def test_without_graphviz_there_is_dot_and_the_status_says_so(here, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(here))
    monkeypatch.setattr(rendering.importlib.util, "find_spec", lambda name: None)
    assert main(["draw", "a*2", "a=1", "--out", "x.svg"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "wrote x.dot\n"
    assert "x.dot was written instead of a picture" in captured.err


def test_training_goes_on_where_a_net_is_too_deep_to_step_through(here, capsys, monkeypatch):
    def refuse(*_, **__):
        raise ValueError("too many boxes")

    monkeypatch.setattr(mg, "step_through", refuse)
    assert main(["train", "breast-cancer", "--layers", "3", "--epochs", "1", "--out", "run"]) == 0
    assert "no steps.html: too many boxes" in capsys.readouterr().err
    assert sorted(path.name for path in (here / "run").glob("*.svg")) == ["backward.svg", "forward.svg", "layers.svg"]


def test_a_net_takes_the_options_of_draw():
    net = DeepNet([2, 3, 1], seed=0).fit([[0.0, 1.0], [1.0, 0.0]], [[0, 1]], epochs=1, progress=False)
    view = net.draw("backward", level="groups", title="Mine").view
    assert view.title == "Mine"
    assert {"X", "Y", "Layer 1", "Layer 2"} < {box.rows[0].text for box in view.boxes}
    assert net.draw().view.title.endswith("backward pass")


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
    assert lines[1].startswith("∂L/∂w = ∂L/∂a · ∂a/∂z · ∂z/∂w = (a − y)/(a(1 − a)) · a(1 − a) · x ≈ ")
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


def test_a_live_page(here, capsys):
    assert (
        main(["live", "z = w*x; a = sigmoid(z)", "w=0.5", "x=2", "--data", "x", "--rate", "0.3", "--out", "unit.html"]) == 0
    )
    text = (here / "unit.html").read_text("utf-8")
    assert capsys.readouterr().out == "wrote unit.html\n" and 'value="0.3"' in text and "a = σ(z)" in text


def test_a_live_page_without_graphviz_says_so(here, capsys, monkeypatch):
    def none(*_, **__):
        raise rendering.RenderingError("no Graphviz")

    monkeypatch.setattr("minigraph.pages.live_content.to_svg", none)
    assert main(["live", "w*w", "w=0.5", "--out", "unit.html"]) == 1
    assert "the page has no picture: no Graphviz" in capsys.readouterr().err and (here / "unit.html").exists()


def test_arrays_are_drawn_as_cells(here):
    assert main(["draw", "sum(W * W)", "W=[[1,-2],[3,4]]", "--pass", "both", "--arrays", "heatmap", "--out", "w.dot"]) == 0
    assert "cells: below 0" in (here / "w.dot").read_text("utf-8")


def test_a_picture_that_moves_and_one_for_latex(here):
    assert main(["draw", "w*w + 1", "w=2", "--pass", "both", "--seconds", "1.5", "--theme", "dark", "--out", "w.svg"]) == 0
    text = (here / "w.svg").read_text("utf-8")
    assert "@keyframes" in text and "#0f141a" in text
    assert main(["draw", "w*w + 1", "w=2", "--blank", "--out", "w.tex"]) == 0
    assert r"\begin{tikzpicture}" in (here / "w.tex").read_text("utf-8")


def test_findings_are_pinned_and_a_slide_has_its_shape(here):
    said = ["draw", "h = relu(w*x - 9); J = h*h", "w=1", "x=2", "--data", "x", "--pass", "backward", "--findings"]
    assert main([*said, "--aspect", "16:9", "--width", "1200", "--out", "w.dot"]) == 0
    source = (here / "w.dot").read_text("utf-8")
    assert "! blocked here" in source and "size=" in source
    for shape in ("4/3", "1.5"):
        assert main([*said, "--aspect", shape, "--out", "w.dot"]) == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--aspect", "16:0", "--out", "w.svg"], "'16:0' is no shape of a page: give 16:9"),
        (["--aspect", "wide", "--out", "w.svg"], "'wide' is no shape of a page"),
        (["--width", "500", "--out", "w.svg"], "--width is that of a page whose shape is given"),
        (
            ["--seconds", "2", "--out", "w.png"],
            "--seconds makes a picture that moves: give --out a file that ends in .svg, not",
        ),
        (["--seconds", "2", "--step-through", "w.html"], "--seconds is about the picture: it goes with --out FILE"),
        (["--findings", "--step-through", "w.html"], "--findings is about the picture"),
    ],
)
def test_options_of_pictures_that_would_change_nothing(here, capsys, options, says):
    with contextlib.suppress(SystemExit):
        assert main(["draw", "w*w", "w=2", *options]) == 2
    assert says in capsys.readouterr().err and not list(here.iterdir())
