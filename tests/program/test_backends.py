"""`backend=`: which machine runs a program, and what the report says of it."""

import platform

import numpy as np
import pytest

import minigraph as mg
from minigraph.program import backends
from minigraph.program.native.library import WIDEST, library


@pytest.fixture
def without_compiler(monkeypatch):
    monkeypatch.setattr(backends, "library", lambda: "minigraph was installed without a C compiler")


def compiled(**options):
    w = mg.parameter([1.0, 2.0], "w")
    return mg.compile(mg.exp(w).sum(), updates={w: 0.5 * w}, **options)


def test_numpy_is_what_was_asked_for():
    program = compiled(backend="numpy")
    assert "backend  numpy: that is what was asked for" in program.report()
    np.testing.assert_allclose(program.repeat(2), [np.exp([1, 2]).sum(), np.exp([0.5, 1]).sum()], rtol=1e-15)


def test_without_a_compiler_programs_run_by_numpy_and_say_why(without_compiler):
    program = compiled()
    assert "backend  numpy: minigraph was installed without a C compiler" in program.report()
    np.testing.assert_allclose(program(), np.exp([1, 2]).sum(), rtol=1e-15)


def test_what_is_not_there_is_refused_with_what_to_do(without_compiler):
    with pytest.raises(RuntimeError, match=r"backend='native' can't be had: .* without a C compiler. Leave it to .*'auto'"):
        compiled(backend="native")


def test_auto_takes_the_interpreter_where_it_is():
    there = not isinstance(library(), str) and (library().vectors > 16 or platform.machine().lower() not in backends.PC)
    assert ("backend  native: an interpreter in C, vectors of " in compiled().report()) is there
    assert ("large products by NumPy's OpenBLAS" in compiled().report()) is (there and library().blas is not None)


def test_auto_takes_numpy_where_vectors_are_short(monkeypatch, request):
    monkeypatch.setattr(platform, "machine", lambda: "AMD64")
    interpreter = library()
    if isinstance(interpreter, str):
        pytest.skip(interpreter)
    request.addfinalizer(lambda: interpreter.compute_with(WIDEST))
    if interpreter.compute_with(16) != 16:
        pytest.skip("this interpreter has no vectors")
    assert "backend  numpy: the interpreter has no more than vectors of 16 bytes here" in compiled().report()
    assert "backend  native" in compiled(backend="native").report()
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert "backend  native" in compiled().report()
    monkeypatch.setattr(interpreter, "vectors", 8)
    assert "backend  numpy: the interpreter has no more than vectors of 8 bytes here" in compiled().report()


def test_auto_takes_numpy_where_most_is_pythons():
    class Own(mg.Elementwise):
        def forward(self, x):
            return np.cos(x)

        def derivatives(self, y, x):
            return [mg.Scale(-mg.sqrt(1 - y * y))]

    x = mg.parameter([1.0, 2.0], "x")
    program = mg.compile(Own()(Own()(x)) + 1.0)
    if not isinstance(library(), str) and library().vectors > 16:
        assert "backend  numpy: 2 of 3 instructions are Python's" in program.report()
    np.testing.assert_allclose(program(), np.cos(np.cos([1.0, 2.0])) + 1, rtol=1e-15)


def test_a_function_that_builds_graphs_takes_it_too():
    program = mg.compile(lambda x: mg.exp(x).sum(), backend="numpy")
    assert program([0.0, 0.0]) == 2.0 and "backend  numpy" in program.report()


@pytest.mark.parametrize("wrong, error", [("cuda", ValueError), ("", ValueError), (None, TypeError), (3, TypeError)])
def test_other_names_are_refused(wrong, error):
    with pytest.raises(error, match=r"'auto', 'numpy', 'native'"):
        compiled(backend=wrong)
