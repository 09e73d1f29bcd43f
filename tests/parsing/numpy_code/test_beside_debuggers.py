"""Debuggers, coverage and profilers go on working while a function is traced, and names are the same beside them."""

import cProfile
import io
import pdb
import pstats
import sys

import numpy as np

import minigraph as mg


def sigmoid(z):
    s = 1 / (1 + np.exp(-z))
    return s


def cost(W, X):
    total = 0
    for _ in range(2):
        Z = W @ X
        total = total + np.sum(sigmoid(Z)) * 1.0
    return total


VALUES = {"W": np.ones((1, 2)), "X": np.array([[1.0], [2.0]])}
NAMES = ["W", "X", "Z1", "s1", "total1", "Z2", "s2", "total2"]


def test_names_with_nobody_watching() -> None:
    assert list(mg.trace(cost, **VALUES, data="X")[1]) == NAMES


def test_beside_a_tracer_such_as_that_of_coverage() -> None:
    lines: list[tuple[str, int]] = []

    def tracer(frame, event, argument):
        if frame.f_code.co_filename == __file__:
            lines.append((frame.f_code.co_name, frame.f_lineno))
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        _, n = mg.trace(cost, **VALUES, data="X")
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
    assert list(n) == NAMES
    inside = [line for name, line in lines if name == "cost"]
    assert {line - cost.__code__.co_firstlineno for line in inside} >= {1, 2, 3, 4, 5}
    assert sum(name == "sigmoid" for name, _ in lines) == 2 * 4  # twice: called, two lines, returned


def test_beside_a_profiler_of_calls() -> None:
    called: list[str] = []

    def profiler(frame, event, argument):
        if event == "call" and frame.f_code.co_filename == __file__:
            called.append(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        _, n = mg.trace(cost, **VALUES, data="X")
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(before)
    assert list(n) == NAMES
    assert called == ["cost", "sigmoid", "sigmoid"]


def test_beside_cprofile() -> None:
    profile = cProfile.Profile()
    _, n = profile.runcall(mg.trace, cost, **VALUES, data="X")
    assert list(n) == NAMES
    calls = {name: count for (_, _, name), (count, *_) in pstats.Stats(profile).stats.items()}  # type: ignore[attr-defined]
    assert (calls["cost"], calls["sigmoid"]) == (1, 2)


def debugged(commands: str) -> tuple[str, mg.Node, dict[str, mg.Node]]:
    """What pdb shows for these commands at the first line of `cost`, and what is traced."""
    shown = io.StringIO()
    debugger = pdb.Pdb(stdin=io.StringIO(commands), stdout=shown, nosigint=True, readrc=False)
    debugger.use_rawinput = False
    before = sys.gettrace()
    found = []

    def call() -> None:
        found.append(mg.trace(cost, **VALUES, data="X"))

    try:
        debugger.set_break(__file__, cost.__code__.co_firstlineno + 4, temporary=True)
        debugger.runcall(call)
    finally:
        debugger.clear_all_breaks()
        sys.settrace(before)
    J, n = found[0]
    return shown.getvalue(), J, n


def test_beside_pdb() -> None:
    shown, J, n = debugged("continue\np Z\np Z.value.item()\ncontinue\n")
    assert "<W X (1, 1) float64>" in shown
    assert "3.0" in shown
    assert list(n) == NAMES
    assert J.inputs[0] is n["total1"]


def test_what_is_typed_into_pdb_is_not_named_at_once_and_is_kept() -> None:
    shown, J, n = debugged("continue\n!total = 5\n!probe = Z * 3\np total\np probe.name\ncontinue\n")
    assert "5\n" in shown and "None" in shown
    assert "total1" in n
    np.testing.assert_allclose(J.value, 5 + 2 / (1 + np.exp(-3.0)))
