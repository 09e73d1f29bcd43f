"""Notebooks run in the kernel of Jupyter: what each cell displays, and the progress bar."""

from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
SETUP = """
import sys
import minigraph as mg
import numpy as np
from minigraph.models import DeepNet
from minigraph.pages import notebook
notebook.PATIENCE = 60  # a busy machine is no reason to leave a picture out
a, b = mg.parameter(2.0, "a"), mg.parameter(3.0, "b")
J = (a * b + b).named("J")
X, Y = np.random.default_rng(0).normal(size=(2, 30)), np.arange(30).reshape(1, 30) % 2
"""
FIT = """
from minigraph.models import progress
progress.DELAY = 0
net = DeepNet([2, 3, 1]).fit(X, Y, epochs=200, validation=(X, Y))
"""
WITHOUT_WIDGETS = "sys.modules['ipywidgets'] = None"
CELLS = ["J", "a", "J.backward()", "mg.draw(J, 'backward')", "mg.check_gradients(J)", "mg.health(net.cost_node)", "net"]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run cells in a kernel of their own; gives the outputs of each."""
    import nbformat

    monkeypatch.syspath_prepend(str(DOCS))
    import kernels

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")

    def run_cells(*cells):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        kernels.execute(notebook, cwd=str(tmp_path), timeout=300, kernel_name="python3")
        return [cell.outputs for cell in notebook.cells]

    return run_cells


@pytest.mark.filterwarnings("ignore")  # of nbclient's own loop and sockets
def test_what_cells_display(run):
    outputs = run(SETUP, FIT, *CELLS)
    assert not outputs[0]
    shown = {cell: output[0].data for cell, output in zip(CELLS, outputs[2:], strict=True)}
    assert all(data["text/html"].startswith('<div class="mg-shown') for data in shown.values())
    assert "J = a·b + b" in shown["J"]["text/html"] and "value 9" in shown["J"]["text/html"]
    assert shown["J"]["text/plain"] == "<J = a·b + b () float64>" and shown["J"]["text/latex"].startswith("$")
    drawn = {cell for cell, data in shown.items() if "<svg" in data["text/html"]}
    assert drawn == {"J", "J.backward()", "mg.draw(J, 'backward')", "net"}
    assert shown["mg.draw(J, 'backward')"]["image/svg+xml"].startswith("<svg")


@pytest.mark.filterwarnings("ignore")  # of nbclient's own loop and sockets
def test_a_training_shows_its_bar_as_a_widget(run):
    _, bar = run(SETUP, FIT)
    assert "application/vnd.jupyter.widget-view+json" in bar[0].data
    assert len(bar) == 1


@pytest.mark.filterwarnings("ignore")  # of nbclient's own loop and sockets
def test_without_widgets_it_is_a_line_of_text_and_no_warning(run):
    _, _, outputs, quick, silent = run(
        SETUP,
        WITHOUT_WIDGETS,
        FIT,
        "progress.DELAY = 60; net.fit(X, Y, epochs=5);",
        "net.fit(X, Y, epochs=5, progress=False);",
    )
    assert {output.name for output in outputs} == {"stdout"}  # what comes by stderr looks like an error
    assert "200/200" in "".join(output.text for output in outputs)
    assert not quick and not silent
