"""Live pages in tests: graphs to show, and their scripts run by node, on data that would be in the page."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given

import minigraph as mg
from minigraph.pages.live_program import program_of, written
from minigraph.pages.page import part
from minigraph.testing import graphs

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


def random_graphs_agree(compute):
    """How many random graphs come out the same, gradients too, to 1e-12; as many as the profile has (thorough: 500).

    Args:
        compute: takes programs with their leaves, does `EVERY` on them, and gives what comes out.
    """
    cases, expected = [], []

    @given(graphs())
    def collect(graph):
        leaves = list(graph.parameters)
        nodes = [graph.root, *mg.grad(graph.root, leaves, allow_unused=True)]
        cases.append([program_of(nodes, leaves), [written(leaf.value) for leaf in leaves]])
        expected.append([node.value for node in nodes])

    collect()
    for outputs, values in zip(compute(cases), expected, strict=True):
        for output, value in zip(outputs, values, strict=True):
            tolerance = 1e-12 if value.dtype == np.float64 else 1e-5
            there = np.array([float(x.replace("Infinity", "inf")) for x in output]).reshape(np.shape(value))
            np.testing.assert_allclose(there, value, rtol=tolerance, atol=tolerance)
    return len(cases)


EVERY = (
    "data.map(([program, leaves]) => computed(program, leaves.map(x => Float64Array.from(x, Number))))"
    ".map(outputs => outputs.map(x => [...x].map(String)))"
)


def unit():
    w, x, b, y = mg.parameter(0.5, "w"), mg.data(2.0, "x"), mg.parameter(0.0, "b"), mg.data(1.0, "y")
    return mg.bce(mg.sigmoid((w * x + b).named("z")).named("a"), y).named("L")


def net():
    W, X = mg.parameter([[0.5, -0.2], [0.1, 0.3]], "W1"), mg.data([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]], "X")
    b = mg.parameter([[0.1], [0.2]], "b1")
    A = mg.tanh((W @ X + b).named("Z1")).named("A1")
    return mg.squared_error(A, np.ones((2, 3))).mean().named("J")
