"""A notebook of marimo, exported as its users do it: displays are taken as HTML, and training shows its bar."""

import re
import subprocess
import sys

NOTEBOOK = """
import marimo

app = marimo.App()


@app.cell
def setup():
    import minigraph as mg
    import numpy as np
    from minigraph.models import DeepNet
    from minigraph.pages import notebook

    notebook.PATIENCE = 60  # a busy machine is no reason to leave a picture out
    a, b = mg.parameter(2.0, "a"), mg.parameter(3.0, "b")
    J = (a * b + b).named("J")
    return DeepNet, J, a, b, mg, np


@app.cell
def show_node(J):
    J
    return


@app.cell
def show_picture(J, mg):
    mg.draw(J, "backward")
    return


@app.cell
def train(DeepNet, np):
    net = DeepNet([2, 3, 1]).fit(np.eye(2), [[0, 1]], epochs=20)
    net.history
    return
"""


def test_an_export(tmp_path):
    (tmp_path / "lesson.py").write_text(NOTEBOOK, encoding="utf-8")
    command = [sys.executable, "-m", "marimo", "export", "html", "lesson.py", "-o", "lesson.html"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "lesson.html").read_text(encoding="utf-8")
    assert page.count("mg-shown mathjax_ignore") == 3
    assert re.search(r">J = a(·|\\+u00b7)b \+ b<", page.replace("\\u003E", ">").replace("\\u003C", "<"))
    assert "polyline" in page and "Traceback" not in page
