"""Where the interpreter is looked for, and what is said where it is not there or another one is."""

import importlib.machinery
import shutil
from pathlib import Path

import numpy as np

from minigraph.program.native import library as module
from minigraph.program.native.library import NAME, Library, library_in, library_path, numpy_blas

SUFFIX = importlib.machinery.EXTENSION_SUFFIXES[-1]


def test_without_a_compiler_there_is_none(tmp_path):
    assert library_path(tmp_path) is None
    assert library_in(tmp_path) == "minigraph was installed without a C compiler"


def test_what_is_no_library_is_told(tmp_path):
    (tmp_path / f"{NAME}{SUFFIX}").write_bytes(b"no library")
    assert library_in(tmp_path).startswith(f"{NAME}{SUFFIX} can't be loaded: ")


def test_a_library_without_the_functions_is_told(tmp_path):
    shutil.copy(some_library(), tmp_path / f"{NAME}{SUFFIX}")
    assert "can't be loaded" in library_in(tmp_path)


def test_one_of_another_version_is_told(interpreter, monkeypatch):
    monkeypatch.setattr(module, "LAYOUT", 1)
    assert library_in(interpreter.path.parent) == f"{interpreter.path.name} is of another version: install minigraph again"


def test_one_that_was_built_before_there_was_a_function_is_of_another_version(interpreter, monkeypatch):
    monkeypatch.setattr(module, "NEEDED", {*module.NEEDED, "sinh"})
    assert library_in(interpreter.path.parent) == f"{interpreter.path.name} is of another version: install minigraph again"


def test_the_interpreter_has_the_functions_that_rows_are_made_of(interpreter):
    assert interpreter.functions.keys() == module.NEEDED
    assert list(interpreter.functions.values()) == list(range(len(interpreter.functions)))
    assert isinstance(library_in(interpreter.path.parent), Library)


def test_less_than_the_smallest_vectors_is_the_smallest(interpreter):
    smallest = interpreter.compute_with(1)
    assert interpreter.compute_with(16) == smallest in (8, 16)
    assert interpreter.compute_with(module.WIDEST) == interpreter.vectors >= smallest


def test_blas_is_the_one_that_numpy_carries(tmp_path):
    package = tmp_path / "numpy"
    assert numpy_blas(package) is None
    for folder in (tmp_path / "numpy.libs", package / ".dylibs"):
        folder.mkdir(parents=True)
        shutil.copy(some_library(), folder / "libscipy_openblas64_-0.so")
        assert numpy_blas(package) is None  # a library, but without these functions
    found = numpy_blas()
    assert found is None or (len(found) == 4 and all(found))


def some_library() -> Path:
    """A library that is none of ours: one of NumPy's modules."""
    return Path(np.random._common.__file__)
