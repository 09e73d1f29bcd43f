"""Options of operations: sizes, axes, truth values and real numbers, or a `TypeError` that says what is expected."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from minigraph.values import Shape, is_real

LONGEST_REPR = 40
"""What is longer is not written out in an error."""


def whole_number(value: Any, what: str, hint: str = "") -> int:
    """A whole number, as Python's indices have it: no text, no fraction, not 2.0, no truth value.

    Args:
        value: what was given.
        what: how errors call it: "softmax: the axis".
        hint: what to do, where it is none.
    """
    if not isinstance(value, bool | np.bool_):
        with suppress(TypeError):
            return operator.index(value)
    raise TypeError(f"{what} is a whole number, not {shown(value)}.{hint and f' {hint}'}")


def whole_numbers(value: Any, what: str, hint: str = "") -> tuple[int, ...]:
    """One whole number, or a list, tuple, range or array of them."""
    several = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    if several or (isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iu"):
        return tuple(whole_number(one, what, hint) for one in value)
    return (whole_number(value, what, hint),)


def axes(value: Any, what: str, hint: str = "") -> tuple[int, ...] | None:
    """One axis, several, or None. ``hint`` is for those who give an operand instead: a node, an array, 0.0."""
    operand = isinstance(getattr(value, "shape", None), tuple) or isinstance(value, float)
    return None if value is None else whole_numbers(value, f"{what}: an axis", hint if operand else "")


def shape(value: Any, what: str) -> Shape:
    """A shape: one size, or several."""
    return whole_numbers(value, f"{what}: a size", "A shape is written as (2, 3).")


def truth_value(value: Any, what: str, hint: str = "") -> bool:
    """True or False, and nothing that merely counts as one."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{what} is True or False, not {shown(value)}.{hint and f' {hint}'}")
    return bool(value)


def real_number(value: Any, what: str, hint: str = "") -> float:
    """A finite real number, as a float: no text, no complex number, no array, no truth value."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    number = math.nan
    if is_real(value) and not isinstance(value, bool):
        with suppress(OverflowError, ValueError):  # 10**400; a Decimal that signals
            number = float(value)
    if not math.isfinite(number):
        raise TypeError(f"{what} is a finite real number, not {shown(value)}.{hint and f' {hint}'}")
    return number


def shown(value: Any) -> str:
    """What was given, as errors say it."""
    kind = type(value).__name__
    kind = {"ndarray": "array", "Node": "node"}.get(kind, kind)
    article = "an" if kind[0] in "aeiouAEIOU" else "a"
    size = getattr(value, "shape", None)
    if isinstance(size, tuple) and not isinstance(value, np.generic):  # arrays, nodes, columns of tables
        return f"{article} {kind} of shape {size}"
    text = repr(value)
    return text if len(text) <= LONGEST_REPR else f"{article} {kind}"
