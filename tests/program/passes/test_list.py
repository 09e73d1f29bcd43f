"""The list of passes is what runs, what can be left out, what the report says and what the docs tell."""

import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

import minigraph as mg
from minigraph.operations.arithmetic import Negative
from minigraph.program import passes
from minigraph.program.graph import rewritten
from minigraph.program.passes.compiler_pass import Pass

ROOT = Path(__file__).parents[3]
FILES = [module.name for module in pkgutil.iter_modules(passes.__path__)]


def passes_of(file):
    """The passes that a file makes."""
    module = importlib.import_module(f"{passes.__name__}.{file}")
    return {thing for thing in vars(module).values() if isinstance(thing, Pass)}


def test_no_pass_is_forgotten():
    made = {each for file in FILES for each in passes_of(file)}
    forgotten = [each.name for each in made if each not in passes.PASSES]
    assert not forgotten, f"not in PASSES: {forgotten}"


@pytest.mark.parametrize("file", FILES)
def test_every_file_makes_a_pass_or_helps_one(file):
    folder = Path(passes.__path__[0])
    helped = [other for other in FILES if re.search(rf"passes\.{file} import", (folder / f"{other}.py").read_text("utf-8"))]
    assert passes_of(file) or helped, f"{file}.py makes no Pass"


@pytest.mark.parametrize("name", passes.names())
def test_every_pass_is_told_in_the_docs(name):
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    told = re.findall(r"^\d+\. \*\*(.+?)\.\*\*", page, flags=re.MULTILINE)
    assert name in ", ".join(told).split(", "), f"say what {name} does in docs/performance.md: `1. **{name}.** …`"


@pytest.mark.parametrize("name", passes.names())
def test_every_pass_has_a_test_that_names_it(name):
    files = [file for file in (ROOT / "tests" / "program").rglob("test_*.py") if file != Path(__file__)]
    named = [file for file in files if re.search(rf"\b{name}\b", file.read_text("utf-8"))]
    assert named, f"test a graph that {name} changes, and one that must stay, in tests/program/passes"


def small_step():
    w = mg.parameter([1.0, 2.0], "w")
    J = mg.square(w).sum().named("J")
    return w, J, {w: w - 0.1 * mg.grad(J, w)}


@pytest.fixture
def added(monkeypatch):
    """A pass at the end of the list, and the graphs that it was given."""
    seen = []

    def negate_twice(graph):
        seen.append(graph)
        return rewritten(graph, lambda node: Negative()(Negative()(node)) if node.op is not None else node)

    monkeypatch.setattr(passes, "PASSES", [*passes.PASSES, Pass("negate", "everything negated, twice", (negate_twice,))])
    return seen


def test_a_pass_at_the_end_of_the_list_runs_and_is_reported(added):
    w, J, updates = small_step()
    program = mg.compile(J, updates=updates)
    assert len(added) == 1
    assert re.search(r"^negate +\d+ → +\d+ operations   everything negated, twice$", program.report(), flags=re.MULTILINE)
    assert program() == 5 and np.allclose(w.value, [0.8, 1.6], rtol=1e-15)


def test_what_a_pass_leaves_behind_is_shared(added):
    _w, J, updates = small_step()
    assert "negative(" not in mg.compile(J, updates=updates).source
    assert "negative(" in mg.compile(J, updates=updates, without=["share"]).source


def test_a_new_pass_can_be_left_out_by_its_name(added):
    _w, J, updates = small_step()
    assert "negate   left out" in mg.compile(J, updates=updates, without=["negate"]).report()
    assert added == []


@pytest.mark.parametrize("name", passes.names())
def test_every_pass_is_in_the_report_in_order(name):
    _w, J, updates = small_step()
    lines = mg.compile(J, updates=updates, without=[name]).report().splitlines()
    said = [line.split()[0] for line in lines[: len(passes.PASSES)]]
    assert said == list(passes.names())
    assert f"{name:8} left out" in lines


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda listed: listed[2:], "the pass gram needs expand before it: put it further down in PASSES."),
        (lambda listed: [*listed, listed[0]], "two passes are called share: without= could not tell them apart."),
    ],
    ids=["wrong order", "twice"],
)
def test_a_list_that_can_not_be_right_is_refused(monkeypatch, change, message):
    monkeypatch.setattr(passes, "PASSES", change(passes.PASSES))
    _w, J, updates = small_step()
    with pytest.raises(ValueError, match=re.escape(message)):
        mg.compile(J, updates=updates)


def test_gram_is_left_out_by_name_or_by_option():
    _w, J, updates = small_step()
    for options in ({"gram": False}, {"without": ["gram"]}):
        assert "gram     left out" in mg.compile(J, updates=updates, **options).report()
        assert "gram     left out" in mg.compile(lambda: (J, updates), **options).program_for().report()
