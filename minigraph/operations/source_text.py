"""What becomes text of a program: plain values only, written from their content.

A program is text that runs. So nothing is written by the ``repr`` of what a user gave: an object of a type of its own
may answer with any text. Here each value is of a known type, and is written by that type's own rules.
"""

from __future__ import annotations

import math
import operator
import re
from typing import Any

import numpy as np

FUNCTION = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[a-z]+)?")


def source_text(value: Any) -> str:
    """The value as an expression: a number, a truth value, None, Ellipsis, a tuple or a slice of them.

    Raises:
        TypeError: for anything else; text too.
    """
    if value is None or value is True or value is False:
        return str(value)
    if value is Ellipsis:
        return "..."
    if isinstance(value, np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return int.__repr__(int.__int__(operator.index(value)))
    if isinstance(value, float | np.floating):
        number = exact_float(value)
        return float.__repr__(number) if math.isfinite(number) else f"float('{number}')"
    if isinstance(value, tuple):
        parts = [source_text(part) for part in tuple.__iter__(value)]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    if isinstance(value, slice):
        return f"slice({source_text(value.start)}, {source_text(value.stop)}, {source_text(value.step)})"
    raise TypeError(
        f"a program's text is made of numbers, truth values, None, tuples and slices, not of a value of type {_kind(value)}."
    )


def index_source(index: tuple[Any, ...]) -> str:
    """An index as it is typed between brackets: ``1:3, ..., 0``."""

    def one(part: Any) -> str:
        if not isinstance(part, slice):
            return source_text(part)
        start, stop = ("" if bound is None else source_text(bound) for bound in (part.start, part.stop))
        return f"{start}:{stop}" + ("" if part.step is None else f":{source_text(part.step)}")

    return ", ".join(map(one, tuple.__iter__(index)))


def exact_float(value: Any) -> float:
    """The number as a plain float.

    Raises:
        TypeError: if it is no real number; text is none, though it may look like one.
    """
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, int | np.number | np.bool_):
        return float(value)
    raise TypeError(f"a number of a program is a real number, not a value of type {_kind(value)}.")


def dtype_source(dtype: Any) -> str:
    """The dtype as NumPy's last argument, with its comma; nothing for float64."""
    known = {np.dtype(np.float64): "", np.dtype(np.float32): ", float32", np.dtype(bool): ", bool"}
    if not isinstance(dtype, np.dtype) or dtype not in known:
        raise TypeError("an array of a program is of float64, float32 or bool.")
    return known[dtype]


def function_source(function: Any) -> str:
    """The name of a function of NumPy, such as ``add`` or ``add.reduce``."""
    name = str.__str__(function)
    first = name.partition(".")[0]
    if not FUNCTION.fullmatch(name) or not callable(getattr(np, first, None)):
        raise TypeError("a program calls functions of NumPy by their names, such as 'add' or 'add.reduce'.")
    return name


def _kind(value: Any) -> str:
    return str(type.__getattribute__(type(value), "__name__"))
