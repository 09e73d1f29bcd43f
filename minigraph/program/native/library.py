"""The interpreter's library, which is there if a compiler was when minigraph was installed; and NumPy's BLAS."""

from __future__ import annotations

import ctypes
import importlib.machinery
from collections.abc import Callable
from functools import cache
from itertools import count, takewhile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from minigraph.program.native.rows import OPERANDS, OWN, ROW

NAME = "interpreter"
WIDEST = 64
"""Bytes of the widest vectors that there are loops for."""

BLAS_FROM = 200_000
"""A product of so many multiplications is left to BLAS, which is slower to call."""


CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int64)
"""A function of Python that the interpreter calls: with the number of a call, for whether it was done."""


class Program(ctypes.Structure):
    """What the interpreter reads; `interpreter.c` says what each field is."""

    _fields_: ClassVar = [
        ("rows", ctypes.c_void_p),
        ("row_count", ctypes.c_int64),
        ("slots", ctypes.c_void_p),
        ("ahead", ctypes.c_void_p),
        ("slot_count", ctypes.c_int64),
        ("pairs", ctypes.c_void_p),
        ("pair_count", ctypes.c_int64),
        ("blas", ctypes.c_void_p * 4),
        ("blas_from", ctypes.c_int64),
        ("python", CALLBACK),
        ("begin", ctypes.c_void_p),
        ("done", ctypes.c_int64),
    ]


VERSION = 1
"""It changes with the meaning of a row, here and in interpreter.c: an older library is not taken then."""
LAYOUT = VERSION * 1_000_000 + ROW.itemsize * 1000 + ctypes.sizeof(Program)
"""What the interpreter says of its own rows and program, if it is of this version."""
NEEDED = {*OPERANDS, *OWN} - {"clip"}
"""The functions that rows are made of; to clip is two of them."""


class Library:
    """The interpreter.

    Attributes:
        run: runs steps of a `Program`, without Python's lock.
        functions: the number of each function that it has, by NumPy's name.
        again: runs one more step from where the arrays began; whether it was done.
        blas: the addresses of dgemm, sgemm, dgemv and sgemv of the BLAS that NumPy carries, or None.
        vectors: bytes of the vectors that it computes with.
    """

    def __init__(self, path: Path):
        self.path = path
        library = ctypes.CDLL(str(path))

        def function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
            return ctypes.CFUNCTYPE(result, *arguments)((f"minigraph_{name}", library))

        self.layout = function("layout", ctypes.c_int64)()
        self.run = function("run", ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
        self.again = function("again", ctypes.c_int64, ctypes.c_void_p)
        self._take = function("vectors", ctypes.c_int64, ctypes.c_int64)
        names = takewhile(bool, map(function("function", ctypes.c_char_p, ctypes.c_int64), count()))
        self.functions = {name.decode(): number for number, name in enumerate(names)}
        self.blas = numpy_blas()
        self.vectors = self.compute_with(WIDEST)

    def compute_with(self, vectors: int) -> int:
        """Take the loops for vectors of at most so many bytes from now on, in all programs; gives what was taken."""
        self.vectors = int(self._take(vectors))
        return self.vectors


@cache
def library() -> Library | str:
    """The interpreter, or why there is none."""
    return library_in(Path(__file__).parent / "c")


def library_in(folder: Path) -> Library | str:
    """The interpreter in a folder, or why there is none."""
    path = library_path(folder)
    if path is None:
        return "minigraph was installed without a C compiler"
    try:
        found = Library(path)
    except (OSError, AttributeError) as error:
        return f"{path.name} can't be loaded: {error}"
    if found.layout != LAYOUT or not found.functions.keys() >= NEEDED:
        return f"{path.name} is of another version: install minigraph again"
    return found


def library_path(folder: Path) -> Path | None:
    """The library in a folder, as this Python's setuptools names it."""
    paths = (folder / f"{NAME}{suffix}" for suffix in importlib.machinery.EXTENSION_SUFFIXES)
    return next((path for path in paths if path.exists()), None)


BLAS = ("dgemm", "sgemm", "dgemv", "sgemv")


def numpy_blas(package: Path = Path(np.__file__).parent) -> tuple[int, ...] | None:
    """The addresses of `BLAS` in the OpenBLAS of NumPy's wheels; None if this NumPy has another."""
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for path in sorted(folder.glob("libscipy_openblas64_*")):
            blas = ctypes.CDLL(str(path))
            functions = [getattr(blas, f"scipy_cblas_{name}64_", None) for name in BLAS]
            if None not in functions:
                return tuple(ctypes.cast(function, ctypes.c_void_p).value or 0 for function in functions if function)
    return None
