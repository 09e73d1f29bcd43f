"""What pytest and Hypothesis load where minigraph is installed: nothing of it until it is used."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigraph as mg
from minigraph import hypothesis_types
from minigraph.testing import assert_gradients
from minigraph.testing.plugins import for_hypothesis, for_pytest

NAMES = ("minigraph", "numpy", "hypothesis", "hypothesis.strategies")
LOADED = f"import sys; print([name for name in {NAMES} if name in sys.modules])"


def run(folder, *arguments, ok=True):
    ran = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert (ran.returncode == 0) == ok, ran.stdout + ran.stderr
    return ran.stdout


def run_tests(folder, code, **options):
    (folder / "test_it.py").write_text(code, "utf-8")
    return run(folder, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "test_it.py", **options)


def test_the_tests_of_a_stranger_load_no_more_than_the_plugin(tmp_path):
    assert "1 passed" in run_tests(
        tmp_path,
        "import sys\n"
        "def test_loaded():\n"
        "    assert [name for name in ('minigraph', 'numpy', 'hypothesis') if name in sys.modules] == []\n"
        "    assert '_minigraph_plugins.for_pytest' in sys.modules\n",
    )


def test_hypothesis_loads_nothing_of_minigraph(tmp_path):
    found = run(tmp_path, "-c", f"import hypothesis; {LOADED}; print('_minigraph_plugins.for_hypothesis' in sys.modules)")
    assert found.split("\n")[:2] == ["['hypothesis', 'hypothesis.strategies']", "True"]


def test_minigraph_loads_nothing_of_hypothesis(tmp_path):
    assert run(tmp_path, "-c", f"import minigraph; {LOADED}").strip() == "['minigraph', 'numpy']"


@pytest.mark.parametrize("first", ["import minigraph, hypothesis", "import hypothesis, minigraph"])
def test_nodes_are_drawn_whichever_is_imported_first(first, tmp_path):
    code = f"{first}\nfrom hypothesis import strategies as st\nprint(st.from_type(minigraph.Node).validate())"
    assert run(tmp_path, "-W", "error", "-c", code).strip() == "None"


@given(st.from_type(mg.Node))
@settings(max_examples=10)
def test_nodes_have_values(node):
    assert isinstance(node, mg.Node) and node.value.shape == node.shape


@given(node=...)
@settings(max_examples=3)
def test_an_annotation_is_enough(node: mg.Node):
    assert node.op is not None or node.role


def test_telling_hypothesis_where_one_of_the_two_is_missing(monkeypatch):
    told = []
    strategies = SimpleNamespace(register_type_strategy=lambda kind, strategy: told.append(kind))
    monkeypatch.setitem(sys.modules, "hypothesis.strategies", strategies)
    for_hypothesis.tell_hypothesis()
    assert told == [mg.Node]
    monkeypatch.delitem(sys.modules, "hypothesis.strategies")
    hypothesis_types.register_nodes()
    monkeypatch.delitem(sys.modules, "minigraph.core.node")
    for_hypothesis.tell_hypothesis()
    assert told == [mg.Node]


def test_the_fixture_is_the_function():
    assert for_pytest.the_function() is assert_gradients


def test_a_test_with_the_fixture_fails_with_the_diagnosis(tmp_path):
    code = """
import minigraph as mg

w = mg.parameter([1.0, 2.0], "w")
J = mg.square(w).mean()

def test_right(assert_gradients):
    assert_gradients(J)
    assert_gradients(J, {"dw": w.value})

def test_wrong(assert_gradients):
    assert_gradients(J, {"dw": 2 * w.value})

def test_as_it_is():
    assert "pytest" not in type(mg.__spec__.loader).__module__
"""
    found = run_tests(tmp_path, code, ok=False)
    assert "1 failed, 2 passed" in found
    assert (
        "it is 2 times the right one: 2 is the number of entries averaged, so the factor 1/2 of the mean is missing."
        in found
    )
    assert "assertions.py" not in found.partition("short test summary")[0], "the line of the test is shown, not ours"


def test_pytest_does_not_complain_where_minigraph_was_imported_before(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_nothing(): pass", "utf-8")
    code = "import minigraph, pytest; raise SystemExit(pytest.main(['-q', '-W', 'error', 'test_it.py']))"
    assert "1 passed" in run(tmp_path, "-c", code)


def test_another_pytest_has_nothing_to_leave_out():
    for_pytest.pytest_load_initial_conftests(SimpleNamespace(pluginmanager=None))
    marked = {"minigraph", "other"}
    hook = SimpleNamespace(rewrite_hook=SimpleNamespace(_must_rewrite=marked))
    for_pytest.pytest_load_initial_conftests(SimpleNamespace(pluginmanager=hook))
    assert marked == {"other"}
