"""What notebooks are given: formula, value and shape, tables, small pictures; escaped, bounded, never an error."""

import html
import re
import sys
import threading
import time
import warnings
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from minigraph.models import DeepNet, LogisticRegression
from minigraph.models.score_reports import RegressionReport
from minigraph.models.training_state import History

import minigraph as mg
from minigraph.drawing import rendering
from minigraph.pages import notebook, notebook_html
from minigraph.reading.report_parts import Curve, Table, text_of

HOSTILE = '</script><b onclick=x>$x$ & "; } \\N \u202eright 🦊\x00'


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A busy machine is no reason to leave a picture out."""
    monkeypatch.setattr(notebook, "PATIENCE", 60)


@pytest.fixture
def cost():
    random = np.random.default_rng(0)
    X, Y = mg.data(random.normal(size=(4, 30)), "X"), mg.data(np.ones((3, 30)), "Y")
    W = mg.parameter(random.normal(size=(3, 4)), "W1")
    return mg.squared_error(mg.tanh((W @ X).named("Z1")).named("A1"), Y).mean().named("J")


def leaf(J, name):
    waiting = [J]
    while waiting:
        if (node := waiting.pop()).name == name:
            return node
        waiting += node.inputs
    raise KeyError(name)


def displayed(thing):
    """The HTML of a display, parsed: it is sound XML too, so nothing in it was left open."""
    bundle = thing._repr_mimebundle_()
    assert bundle["text/plain"] == repr(thing)
    markup = bundle["text/html"].replace(" class=mg-counted", ' class="mg-counted"')
    return ET.fromstring(markup.replace("xlink:", "").replace("xml:space", "space"))


def texts(thing, kind):
    """The texts of all elements of a kind."""
    return ["".join(element.itertext()) for element in displayed(thing).iter() if element.tag.rpartition("}")[2] == kind]


def rows(thing):
    return [
        [cell.text or "" for cell in row] for row in displayed(thing).iter() if row.tag.rpartition("}")[2] == "tr"
    ]  # fmt: skip


# Nodes


def test_a_node_is_its_formula_value_shape_and_picture(cost):
    said = texts(cost, "p")
    assert said[0] == "J = mean ½·(A₁ − Y)²"
    assert said[1:3] == ["operation, scalar, float64", f"value {float(cost):.4f}"]
    assert {"Z₁ = W₁ X", "A₁ = tanh(Z₁)"} <= {*texts(cost, "text")}


def test_an_array_is_a_grid_of_its_entries_with_its_ends_where_it_is_large(cost):
    W, X = leaf(cost, "W1"), leaf(cost, "X")
    assert [[float(cell.replace("−", "-")) for cell in row] for row in rows(W)] == [
        [pytest.approx(entry, rel=1e-3) for entry in row] for row in W.value.tolist()
    ]
    [*_, last] = rows(X)
    assert last[4] == "…" and len(last) == 9
    assert float(last[-1].replace("−", "-")) == pytest.approx(X.value[-1, -1], rel=1e-3)
    tall = rows(mg.data(np.arange(20.0).reshape(20, 1), "tall"))
    assert [row[0] for row in tall] == ["0", "1", "2", "3", "…", "16", "17", "18", "19"]
    assert texts(X, "p")[-1] == "range −2.3 … 2.0"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (3.0, "value 3"),
        ([3.0], "value [3]"),
        ([], "no entries"),
        (np.ones((2, 2, 2)), "all 1"),
        ([np.nan, 1.0], "1 of 2 entries NaN or ∞"),
        (np.float32(-0.0), "value 0"),
    ],
)
def test_values_of_every_kind(value, said):
    assert texts(mg.data(value, "x"), "p")[-1] == said


def test_a_leaf_has_no_picture_and_its_gradient_if_there_is_one(cost):
    W = leaf(cost, "W1")
    assert not texts(W, "svg")
    cost.backward()
    [*_, last] = texts(W, "p")
    assert last == f"gradient in the last backward pass: (3, 4) with norm {np.linalg.norm(W.grad):.3g}"


def test_nothing_is_computed_that_would_take_long():
    x = mg.data(np.ones(10), "x")
    for _ in range(notebook.MOST_NODES + 1):
        x = mg.tanh(x)
    assert texts(x, "p")[-1] == "value not computed yet: .value computes it"
    assert x._checked < 0
    large = mg.tanh(mg.data(np.ones(notebook.MOST_ENTRIES + 1)))
    assert "not computed yet" in texts(large, "p")[-1]
    _ = large.value
    assert texts(large, "p")[-1] == "all 0.7616"
    assert not rows(large)[1:]


def test_shape_alone_where_an_array_is_very_large(monkeypatch):
    monkeypatch.setattr(notebook, "MOST_RANGED", 3)
    assert texts(mg.data(np.ones((2, 2, 2))), "p") == ["data", "data, (2, 2, 2), float64"]


def test_a_value_that_can_not_be_is_told_not_raised():
    x = mg.data([0.0, 1.0], "x")
    taken = mg.take(mg.data([5.0, 6.0], "t"), x)
    x.value = [0.5, 1.0]
    assert texts(taken, "p")[-1].startswith("no value: DomainError: ")


def test_large_graphs_are_not_drawn():
    x = mg.data(0.5, "x")
    for number in range(notebook.MOST_BOXES + 1):
        x = mg.tanh(x).named(f"h{number}")
    assert not texts(x, "svg")
    for _ in range(notebook.MOST_DRAWN):
        x = mg.tanh(x)
    assert not texts(x, "svg")


def test_latex_is_there_for_papers(cost):
    assert leaf(cost, "Z1")._repr_mimebundle_()["text/latex"] == r"$\displaystyle Z_{1} = W_{1} \, X$"
    assert leaf(cost, "X")._repr_mimebundle_()["text/latex"] == r"$\displaystyle X$"


# What users wrote


def test_what_users_wrote_comes_out_as_itself():
    J = mg.exp(mg.parameter(2.0, HOSTILE)).named(f"{HOSTILE} 2")
    shown = [J, J.backward(), mg.draw(J, "backward"), mg.nudge(J, J.inputs[0]), mg.check_gradients(J), mg.health(J)]
    for thing in shown:
        found = displayed(thing)
        assert not [element for element in found.iter() if element.tag.rpartition("}")[2] in ("script", "b")]
        assert "mathjax_ignore" in found.get("class")  # a name with dollars is no formula
    assert texts(J.inputs[0], "p")[0].startswith('</script><b onclick=x>$x$ & "; } \\N')


def test_long_lines_and_long_displays_are_cut():
    assert len(texts(mg.parameter(1.0, "n" * 5000), "p")[0]) <= notebook_html.LONGEST_LINE
    parts = [f"line {number}" for number in range(200)]
    said = re.findall("<p>(.*?)</p>", notebook_html.html_of(parts))
    assert said[29:32] == ["line 29", "… 140 more lines …", "line 170"]
    table = Table((("head",), *((str(number),) for number in range(200))))
    cells = re.findall("<t[dh][^>]*>(.*?)</t", notebook_html.html_of([table]))
    assert cells[0] == "head" and "… 141 more rows …" in cells and cells[-1] == "199"


# Passes, reports


def test_a_pass_is_its_table_and_picture(cost):
    backward_pass = cost.backward()
    head, *lines = rows(backward_pass)
    assert head[1:4] == ["from", "to", "upstream, through the local derivative"]
    assert [line[2] for line in lines][-1] == "W1"
    assert "∂J/∂Z₁ · Xᵀ" in texts(backward_pass, "text")
    assert text_of([Table(tuple(map(tuple, rows(backward_pass))))]) in str(backward_pass)


def test_a_long_pass_is_one_line():
    x = mg.parameter(0.5, "x")
    y = x
    for _ in range(notebook.MOST_CONTRIBUTIONS + 1):
        y = mg.tanh(y)
    [line] = texts(y.backward(), "p")
    assert line.endswith("602 gradients, 601 contributions")


def test_a_pass_with_many_lines_says_how_many_are_left_out():
    x = mg.parameter(0.5, "x")
    y = x
    for _ in range(100):
        y = mg.tanh(y)
    assert ["… 40 more lines …"] in rows(y.backward())


def test_reports_show_the_tables_that_they_print(cost):
    W = leaf(cost, "W1")
    for report in (mg.check_gradients(cost), mg.health(cost)):
        [head, first] = rows(report)
        lines = str(report).splitlines()
        assert lines[0].split("  ")[0] == head[0] and lines[1].split("  ")[0] == first[0]
    for told in (mg.compare(cost, W, W.value), mg.compare(cost, {"dW1": W.value}), mg.nudge(cost, W), mg.check_op(mg.tanh)):
        assert texts(told, "p") == str(told).splitlines()


def test_a_comparison_of_several_leaves_nothing_out(cost):
    report = mg.compare(cost, {"dW1": np.sin(7 * leaf(cost, "W1").value), "dQ": 1.0})
    assert [line[0] for line in texts(report, "p")] == ["✗", "N", "-"]


def test_nets_and_their_histories():
    random = np.random.default_rng(0)
    X, Y = random.normal(size=(2, 40)), random.integers(0, 2, size=(1, 40))
    net = DeepNet([2, 4, 1])
    assert texts(net, "p") == ["DeepNet 2-4-1, tanh, sigmoid: 17 parameters, not trained"] and not texts(net, "svg")
    assert texts(LogisticRegression(), "p") == ["LogisticRegression of any number of features: not trained"]
    net.fit(X, Y, epochs=20, validation=(X, Y), progress=False)
    assert rows(net)[1][:3] == ["Layer 1 · tanh · 2 → 4", "W1", "(4, 2)"]
    assert {"Layer 1", "Layer 2"} <= {*texts(net, "text")}
    head, *lines = rows(net.history)
    assert head == ["epoch", "cost", "gradient norm", "validation cost"]
    assert [line[0] for line in lines] == ["1", "2", "3", "4", "… 12 more …", "17", "18", "19", "20"]
    assert float(lines[-1][1]) == pytest.approx(net.history.cost[-1], rel=1e-3)
    [curve] = [element for element in displayed(net.history).iter() if element.tag == "svg"]
    points = [[tuple(map(float, point.split(","))) for point in line.get("points").split()] for line in curve]
    assert [len(line) for line in points] == [20, 20]
    assert points[0][0] == (0.0, pytest.approx(0, abs=0.2)) and points[0][-1][1] > 100  # the cost falls
    assert "cost by epoch" in curve.get("aria-label")


def test_reports_of_predictions():
    X, Y = np.array([[1.0, 2.0, 3.0, 4.0]]), [[0, 0, 1, 1]]
    report = LogisticRegression().fit(X, Y, progress=False).report(X, Y)
    assert rows(report) == [["truth ↓ predicted →", "0", "1"], ["0", "2", "0"], ["1", "0", "2"]]
    told = RegressionReport.of(np.zeros((1, 2)), np.array([[0.0, 1.0]]), -1.0)
    assert texts(told, "p") == told.text().splitlines() and len(texts(told, "p")) == 2


def test_an_empty_history():
    assert texts(History(), "p") == ["history of 0 epochs"]


@pytest.mark.parametrize(
    ("numbers", "points"),
    [
        ([1.0, 100.0, 10000.0], [0, 55, 110]),  # logarithmic: halfway is halfway
        ([2.0, 2.0], [110, 110]),
        ([1.0], [110]),
        ([0.0, np.nan, 1.0, np.inf], [0, 110]),
        ([np.nan], None),
        ([], None),
    ],
)
def test_curves(numbers, points):
    markup = notebook_html.html_of([Curve("cost", {"cost": numbers})])
    found = re.search('points="([^"]*)"', markup)
    heights = None if found is None else [float(point.partition(",")[2]) for point in found[1].split()][::-1]
    assert heights == points
    assert ("logarithmic" in markup) is (numbers[-1:] == [10000.0])


def test_a_long_curve_has_few_points():
    markup = notebook_html.html_of([Curve("cost", {"cost": list(range(1, 100_001))})])
    points = re.search('points="([^"]*)"', markup)[1].split()
    assert len(points) <= notebook_html.MOST_POINTS + 1
    assert points[-1].startswith("320.0,")


# Pictures


def test_a_diagram_is_svg_and_html():
    diagram = mg.draw(mg.exp(mg.parameter(1.0, "x")).named("J"), "backward")
    bundle = diagram._repr_mimebundle_()
    again = mg.draw(mg.exp(mg.parameter(1.0, "x")).named("J"), "backward")
    assert bundle["image/svg+xml"] == again.svg  # drawn as a file is drawn
    assert bundle["text/plain"] == repr(diagram)
    plain = re.sub(r"var\(--mg\d+,(#[0-9a-f]{6})\)", r"\1", again.svg_for_pages)
    assert plain == again.svg


def test_no_renderer_no_picture_and_no_complaint(monkeypatch, cost):
    monkeypatch.setattr(rendering.shutil, "which", lambda name: None)
    monkeypatch.setattr(rendering, "_wheel", lambda: [])
    assert not texts(cost, "svg") and texts(cost, "p")[0].startswith("J = ")
    said = mg.draw(cost)._repr_mimebundle_()
    assert "minigraph[render]" in said["text/plain"] and "text/html" not in said


def test_a_picture_that_takes_long_is_left_out(monkeypatch, cost):
    monkeypatch.setattr(notebook, "PATIENCE", 0.01)
    let_go = threading.Event()
    monkeypatch.setattr(mg.Diagram, "svg_for_pages", property(lambda self: let_go.wait(60)))
    started = time.perf_counter()
    said = texts(cost, "p")
    let_go.set()
    assert said[0].startswith("J = ")
    assert time.perf_counter() - started < 30  # and not the minute that the picture takes


def test_what_fails_shows_its_text(monkeypatch, cost):
    monkeypatch.setattr(notebook, "to_text", lambda *arguments, **options: 1 / 0)
    assert cost._repr_mimebundle_() == {}


def test_no_warnings(cost):
    twins = (mg.parameter(1.0, "a") * mg.parameter(2.0, "a")).named("J")
    overflow = mg.exp(mg.parameter(1000.0, "x"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for thing in (twins, twins.backward(), overflow, overflow.backward()):
            assert "text/html" in thing._repr_mimebundle_()


def test_a_trace_is_not_disturbed():
    seen = []

    def step(x):
        y = 3 * x
        seen.append(y._repr_mimebundle_())
        return y

    traced = mg.compile(step)
    assert float(traced(2.0)) == 6.0
    assert "text/html" in seen[0]


def test_displays_are_loaded_when_they_are_asked_for():
    assert sys.modules["minigraph.pages.notebook"].in_notebook is notebook.in_notebook
    assert mg.core.lazy_imports.LATER["in_notebook"] == "minigraph.pages.notebook:in_notebook"


def test_markup_is_what_it_was_escaped_to():
    assert notebook_html.escaped('<&"') == html.escape('<&"')
