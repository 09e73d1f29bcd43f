"""`mg.export` into a Python file: it gives what the graph gives, without minigraph, and can be read."""

import ast
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from exports import Net, assert_exported, assert_near, by_numpy
from hypothesis import HealthCheck, given, settings

import minigraph as mg
from minigraph.testing import graphs
from minigraph.testing.builder import RECIPES

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@same_folder
@given(graph=graphs())
def test_values_and_gradients_of_random_graphs(tmp_path, graph):
    assert_exported(graph, tmp_path / "model.py", by_numpy)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("operation", sorted(RECIPES))
def test_values_and_gradients_of_every_operation(tmp_path, operation, dtype):
    @settings(max_examples=5)
    @given(graphs(max_operations=3, operations=[operation], dtype=dtype))
    def compared(graph):
        assert_exported(graph, tmp_path / "model.py", by_numpy)

    compared()


def test_the_text_can_be_read(tmp_path):
    X, W, b = mg.data([[1.0, 2.0, 3.0]], "X"), mg.parameter([[2.0], [0.5]], "W"), mg.parameter([[0.0], [1.0]], "b")
    with mg.group("Layer 1 · ReLU"):
        A = mg.relu((W @ X + b).named("Z")).named("A")
    path = mg.export([A, (A.sum(axis=0) / 2).named("middle")], tmp_path / "layer.py", batch={X: 1})
    assert (
        path.read_text(encoding="utf-8")
        == f'''\
# Written by minigraph {mg.__version__}; it needs NumPy only.
import numpy as np

W = np.array([[2.0], [0.5]])
b = np.array([[0.0], [1.0]])


def layer(X):
    """Gives A (2, m), middle (m,), for X (1, m)."""
    X = np.asarray(X, np.float64)
    m = X.shape[1] if X.ndim == 2 else 0
    if X.shape != (1, m) or m == 0:
        raise ValueError(f"X is (1, m), not {{X.shape}}")
    with np.errstate(all="ignore"):
        # Layer 1 · ReLU
        Z = W @ X + b
        A = np.maximum(Z, 0.0)

        middle = np.sum(A, axis=0) / 2.0
        return (A, middle)
'''
    )


def test_it_runs_without_minigraph(tmp_path):
    net = Net()
    mg.export(net.output, tmp_path / "net.py", [net.X], {"X": 1})
    code = (
        "import sys; sys.modules['minigraph'] = None\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "import numpy, net\n"
        f"print(net.net(numpy.array({net.X.value.tolist()})).tolist())"
    )
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert_near(np.array(ast.literal_eval(printed)), net.output(net.X).value)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_step_of_training_for_any_number_of_examples(tmp_path, dtype):
    net = Net(dtype)
    path = mg.export(net.step, tmp_path / "step.py", [net.X, net.Y], {net.X: 1, net.Y: 1})
    for m in (1, 2, 5, 6, 40):
        X, Y = net.examples(m)
        for found, node in zip(by_numpy(path, [X.value, Y.value]), net.step(X, Y), strict=True):
            assert_near(found, node.value)


def test_other_shapes_are_refused_by_the_file(tmp_path):
    net = Net()
    path = mg.export(net.output, tmp_path / "net.py", [net.X], {"X": 1})
    for X in (np.ones((2, 6)), np.ones(3), np.ones((3, 0))):
        with pytest.raises(ValueError, match=r"^X is \(3, m\), not "):
            by_numpy(path, [X])
    fixed = mg.export(net.output(net.X), tmp_path / "fixed.py")
    with pytest.raises(ValueError, match=r"^X is \(3, 6\), not \(3, 7\)$"):
        by_numpy(fixed, [np.ones((3, 7))])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_large_arrays_are_bytes_at_the_end(tmp_path, dtype):
    value = np.random.default_rng(0).standard_normal((20, 30)).astype(dtype)
    W, x = mg.parameter(value, "W"), mg.data(np.ones(30, dtype), "x")
    path = mg.export(W @ x, tmp_path / "model.py")
    text = path.read_text()
    assert max(map(len, text.splitlines())) <= 125 and text.index("def model") < text.index("W = np.frombuffer")
    assert_near(by_numpy(path, [x.value])[0], (W @ x).value)


def test_bytes_are_cut_without_textwrap(tmp_path, monkeypatch):
    """It is quadratic in the length of a word: two million entries took ten minutes."""
    words = []
    wrap = textwrap.wrap
    monkeypatch.setattr("textwrap.wrap", lambda text, *rest, **options: words.append(text) or wrap(text, *rest, **options))
    W = mg.parameter(np.arange(3000.0).reshape(3, 1000), "W")
    path = mg.export((W * 2).named("Z"), tmp_path / "net.py")
    assert np.array_equal(by_numpy(path, [])[0], W.value * 2)
    assert max(map(len, words)) < 200
    assert max(map(len, path.read_text().split("\n"))) <= 120


def test_numbers_of_every_kind(tmp_path):
    x = mg.data(np.float32(2.0), "x")
    one = mg.data(1.0)  # no input: a constant
    nodes = [x * np.inf, x * np.nan, x - np.inf, x * -0.5, 1 / one, mg.divide(1.0, 0.0), mg.exp(0.5) * x, -((x * x) ** 3)]
    nodes += [mg.power(mg.negative(x), 2.0), x - (x - 1), x / (x * 3), x * (x / 3), mg.negative(-x)]
    for found, node in zip(by_numpy(mg.export(nodes, tmp_path / "model.py", [x]), [x.value]), nodes, strict=True):
        np.testing.assert_array_equal(found, node.value)
        assert found.dtype == node.dtype


def test_results_are_arrays_of_their_own(tmp_path):
    W, X = mg.parameter(np.arange(6.0).reshape(2, 3), "W"), mg.data(np.ones((2, 2)), "X")
    path = mg.export([W.T, X, W[0], mg.broadcast_to(W[0], (2, 3)), (X * 2).T], tmp_path / "model.py")
    given_array = np.ones((2, 2))
    function = __import__("runpy").run_path(str(path))["model"]
    first = [np.array(x) for x in function(given_array)]
    for result in function(given_array):
        result[...] = 7.0
    for found, expected in zip(function(given_array), first, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert given_array.tolist() == [[1, 1], [1, 1]]


HOSTILE = ['x"""\nimport os\n', "\\", "class", "np", "m", "∂J/∂W", "model", "ſ", "1x", " "]


def test_hostile_names_are_names(tmp_path):
    leaves = [mg.data(np.ones((2, 3)) * i, name) for i, name in enumerate(HOSTILE)]
    with mg.group('"""\nraise SystemExit\n'):
        nodes = [(leaf * 2 + 1).named(f"y{leaf.name}") for leaf in leaves]
    path = mg.export(nodes, tmp_path / "model.py", leaves, dict.fromkeys(leaves, 1))
    for found, leaf in zip(by_numpy(path, [leaf.value for leaf in leaves]), leaves, strict=True):
        np.testing.assert_array_equal(found, leaf.value * 2 + 1)


def test_the_name_of_the_file_is_that_of_the_function(tmp_path):
    x = mg.data(1.0, "x")
    assert "\ndef my_model(x):" in mg.export(x * 2, tmp_path / "my model.py").read_text()
