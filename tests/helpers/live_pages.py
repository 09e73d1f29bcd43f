"""Live pages in tests: graphs to show, and their scripts run by node, on data that would be in the page."""

import json
import shutil
import subprocess

import numpy as np
import pytest

import minigraph as mg
from minigraph.pages.page import part

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="needs node on PATH, which runs the scripts of pages without a browser")


def run(scripts, data, expression, *, more=""):
    """The value of an expression of JavaScript behind these scripts of minigraph/pages, through JSON."""
    text = "\n".join(
        [
            '"use strict";',
            f"const data = {json.dumps(data)};",
            *map(part, scripts),
            more,
            f"process.stdout.write(JSON.stringify({expression}));",
        ]
    )
    done = subprocess.run([NODE, "-"], input=text, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def unit():
    w, x, b, y = mg.parameter(0.5, "w"), mg.data(2.0, "x"), mg.parameter(0.0, "b"), mg.data(1.0, "y")
    return mg.bce(mg.sigmoid((w * x + b).named("z")).named("a"), y).named("L")


def net():
    W, X = mg.parameter([[0.5, -0.2], [0.1, 0.3]], "W1"), mg.data([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]], "X")
    b = mg.parameter([[0.1], [0.2]], "b1")
    A = mg.tanh((W @ X + b).named("Z1")).named("A1")
    return mg.squared_error(A, np.ones((2, 3))).mean().named("J")
