"""Numbers and arrays as diagrams write them: few digits, a real minus, small arrays in full."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigraph.formulas.notation import MINUS
from minigraph.values import norm as root_of_squares

WRITTEN_OUT = 4
"""Arrays of up to so many entries are written out."""


def number_text(value: Any, digits: int = 4) -> str:
    """A number to ``digits`` significant digits; exact ones, and whole ones below a million, in no more than they need.

    Zeros at the end say that a number was rounded: 12.00 × 3 = 35.99.

    Example:
        >>> number_text(-0.000123456), number_text(33.0), number_text(11.9975), number_text(1234567.0)
        ('−0.0001235', '33', '12.00', '1.235e6')
    """
    number = float(value)
    if not np.isfinite(number):
        return "NaN" if np.isnan(number) else "∞" if number > 0 else f"{MINUS}∞"
    if number.is_integer() and abs(number) < 1e6:
        return str(int(number)).replace("-", MINUS)
    text = f"{number:.{digits}g}"
    if abs(float(text) - number) > 1e-9 * abs(number):
        text = f"{number:#.{digits}g}".rstrip(".")
    mantissa, _, exponent = text.partition("e")
    return (f"{mantissa.rstrip('.')}e{int(exponent)}" if exponent else mantissa).replace("-", MINUS)


def array_text(value: Any) -> str | None:
    """A number, or a small array written out with ``;`` between rows; None for an array that is too large.

    Example:
        >>> array_text(np.array([[1.0, -2.0], [0.5, 0.0]]))
        '[1 −2; 0.5 0]'
    """
    array = np.asarray(value)
    if array.size == 1:
        return number_text(array.item())
    if not 0 < array.size <= WRITTEN_OUT or array.ndim > 2:
        return None
    return "[" + "; ".join(" ".join(number_text(x, 3) for x in row) for row in np.atleast_2d(array)) + "]"


def value_text(value: Any) -> str:
    """The value row of a box: ``= 33``, ``= [1 2]``, or the range of a larger array.

    Example:
        >>> value_text(np.linspace(-1.26, 0.9, 20))
        'range −1.3 … 0.9'
    """
    array = np.asarray(value)
    if (text := array_text(array)) is not None:
        return f"= {text}"
    if bad := int(array.size - np.isfinite(array).sum()):
        return f"{bad} of {array.size} entries NaN or ∞"
    if not array.size:
        return "no entries"
    low, high = array.min(), array.max()
    return f"all {number_text(low)}" if low == high else f"range {number_text(low, 2)} … {number_text(high, 2)}"


def norm(value: Any) -> str:
    """‖value‖, the root of the sum of squares, to three digits."""
    return number_text(np.float64(root_of_squares(value)), 3)


def enclosed_if_negative(text: str) -> str:
    """A factor or term: negative numbers stand in parentheses."""
    return f"({text})" if text.startswith(MINUS) else text


def sum_text(terms: list[str], total: str) -> str:
    """``3 + (−2) = 1``; a single term is its own sum."""
    if len(terms) == 1:
        return total
    return " + ".join([terms[0], *map(enclosed_if_negative, terms[1:])]) + f" = {total}"
