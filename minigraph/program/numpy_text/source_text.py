"""How what a program holds is written as Python: plain values from their content, views, dtypes.

A program is text that runs. So nothing is written by the ``repr`` of what a user gave: an object of a type of its own
may answer with any text.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigraph.program.instructions import View, plain


def source_text(value: Any) -> str:
    """The value as an expression; see `plain`.

    Raises:
        TypeError: for what is no plain value; text too.
    """
    value = plain(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    if isinstance(value, tuple):
        parts = list(map(source_text, value))
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    if isinstance(value, slice):
        return f"slice({source_text(value.start)}, {source_text(value.stop)}, {source_text(value.step)})"
    return "..." if value is Ellipsis else repr(value)


def index_source(index: tuple[Any, ...]) -> str:
    """An index as it is typed between brackets: ``1:3, ..., 0``."""

    def one(part: Any) -> str:
        if not isinstance(part, slice):
            return source_text(part)
        start, stop = ("" if bound is None else source_text(bound) for bound in (part.start, part.stop))
        return f"{start}:{stop}" + ("" if part.step is None else f":{source_text(part.step)}")

    return ", ".join(map(one, tuple.__iter__(index)))


def view_source(view: View, x: str) -> str:
    """The expression for a view of an array called x."""
    for way, argument in view.steps:
        if way == "index":
            x = f"{x}[{index_source(argument)}]"
        elif way == "broadcast":
            x = f"broadcast_to({x}, {source_text(argument)})"
        else:
            x = f"{x}.T" if argument is None else f"{x}.{way}({source_text(argument)})"
    return x


def dtype_source(dtype: np.dtype[Any]) -> str:
    """The dtype as NumPy's last argument, with its comma; nothing for float64."""
    return "" if dtype == np.float64 else f", {dtype.name}"


def in_one_line(text: str) -> str:
    """The text as it can stand in a comment: a title is the user's, and must not become code."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
