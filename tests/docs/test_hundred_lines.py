"""The file of a hundred lines gives the package's numbers, and its page shows all of it, in order."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

import minigraph as mg

DOCS = Path(__file__).parents[2] / "docs"
FILE = DOCS / "hundred_lines.py"


@pytest.fixture(scope="module")
def hundred():
    spec = importlib.util.spec_from_file_location(FILE.stem, FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cost(library, X, Y, W1, b1, w2, b2):
    """A net with everything that the file knows: products, a transpose, columns and rows that are repeated."""
    A1 = library.tanh(W1 @ X + b1)
    Z2 = w2.T @ A1 + b2
    return library.mean(library.softplus(Z2) - Y * Z2 + 0.5 * library.sigmoid(1.0 - Z2) * Z2)


@pytest.fixture
def both(hundred):
    """The same leaves and cost, by the file and by the package."""
    random = np.random.default_rng(1)
    X, Y = random.normal(size=(3, 5)), random.integers(0, 2, size=(1, 5))
    leaves = [random.normal(size=shape) for shape in ((4, 3), (4, 1), (4, 1), (1, 1))]
    ours, theirs = ([library.parameter(leaf) for leaf in leaves] for library in (hundred, mg))
    return ours, cost(hundred, X, Y, *ours), theirs, cost(mg, X, Y, *theirs)


def assert_same(ours, theirs):
    for mine, its in zip(ours, theirs, strict=True):
        assert mine.shape == its.shape
        np.testing.assert_allclose(mine.value, its.value, rtol=1e-12, atol=1e-15)


def test_values_gradients_and_second_derivatives_are_those_of_the_package(hundred, both):
    ours, J, theirs, K = both
    assert_same([J], [K])
    gradients, expected = hundred.backward(J)[0], mg.grad(K, theirs)
    assert_same([gradients[leaf] for leaf in ours], expected)
    lengths = [hundred.sum_to(gradients[leaf] * gradients[leaf], ()) for leaf in ours]
    for length, its in zip(lengths, [(gradient * gradient).sum() for gradient in expected], strict=True):
        second = hundred.backward(length)[0]
        assert_same([second[leaf] for leaf in ours], mg.grad(its, theirs))


def test_forward_is_that_of_the_package(hundred, both):
    ours, J, theirs, K = both
    changes = [np.full(leaf.shape, 0.5) for leaf in ours]
    for chosen in (slice(0, 1), slice(1, 3), slice(0, 4)):
        mine = hundred.jvp(J, dict(zip(ours[chosen], changes[chosen], strict=True)))
        assert_same([mine], [mg.jvp(K, theirs[chosen], changes[chosen])])


def test_values_and_gradients_follow_the_leaves(hundred):
    w, x = hundred.parameter(2.0), hundred.parameter([[1.0, 2.0, 3.0]])
    J = hundred.mean(w * x - 1.0)
    slope = hundred.backward(J)[0][w]
    assert (J.value, slope.value) == (3.0, 2.0)
    w.own, x.own = np.array(3.0), 2 * x.own
    assert (J.value, slope.value) == (11.0, 4.0)


def test_the_ledger_has_a_line_for_each_edge_and_adds_up(hundred):
    x = hundred.parameter(3.0)
    J = x * x + np.array(2.0) * x
    gradients, ledger = hundred.backward(J)
    assert [line.input is x for line in ledger].count(True) == 3
    assert sum(line.contribution.value for line in ledger if line.input is x) == gradients[x].value == 8.0


def test_it_is_about_a_hundred_lines():
    lines = [line for line in FILE.read_text("utf-8").splitlines() if line.strip()]
    assert len(lines) <= 120


def test_the_page_shows_the_whole_file_in_order():
    lines = [line for line in FILE.read_text("utf-8").splitlines() if line.strip()]
    page = (DOCS / "hundred_lines.md").read_text("utf-8")
    shown = []
    for options in re.findall(r"^```\{literalinclude\} hundred_lines\.py\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        ends = {name: text.strip('"') for name, text in re.findall(r"^:(start-at|end-before): (.+)$", options, re.MULTILINE)}
        first = next(n for n, line in enumerate(lines) if ends["start-at"] in line)
        last = next((n for n, line in enumerate(lines) if n > first and ends.get("end-before", "\0") in line), len(lines))
        shown += lines[first:last]
    assert shown == lines[1:], "all but the docstring"


def test_the_files_that_the_page_names_are_there():
    added = (DOCS / "hundred_lines.md").read_text("utf-8").partition("## What the package adds")[2]
    root = DOCS.parent
    folder = root
    for name in re.findall(r"`([\w/]+(?:\.py|/))`", added):
        path = root / name if "/" in name else folder / name
        assert path.exists(), name
        folder = path.parent
