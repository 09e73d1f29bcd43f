"""Numbers in explanations: how they are rounded, and how it is said that they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigraph.core.shape_maps import format_shape
from minigraph.formulas.latex import latex_number
from minigraph.formulas.notation import ATOM, MINUS, PREFIX, PRODUCT, SUM, Expression, Written, enclosed
from minigraph.values import norm

DIGITS = 4
"""How many significant digits are shown where nobody asks for more."""
EVERY_DIGIT = 17
"""So many tell any two numbers of float64 apart."""
WRITTEN_OUT = 6
"""Arrays with more entries than this are summed up instead of written out."""

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def rounded(value: Any, digits: int = DIGITS) -> str:
    """The number to so many significant digits; whole numbers below a million in full.

    Example:
        >>> rounded(33.0), rounded(-0.00123456), rounded(1e-9), rounded(400)
        ('33', '−0.001235', '1e−9', '400')
    """
    value = float(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else f"{MINUS}∞"
    if value.is_integer() and abs(value) < 1e6:
        text = str(int(value))
    else:
        text = f"{value:.{digits}g}"
        if "e" in text:
            mantissa, exponent = text.split("e")
            text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", MINUS)


def told_apart(first: Any, second: Any) -> tuple[str, str]:
    """Two numbers, rounded, with as many digits as it takes to tell them apart.

    Example:
        >>> told_apart(2.00002, 2.0), told_apart(3.0, 2.0), told_apart(2.0, 2.0)
        (('2.00002', '2'), ('3', '2'), ('2', '2'))
    """
    for digits in range(DIGITS, EVERY_DIGIT + 1):
        texts = rounded(first, digits), rounded(second, digits)
        if texts[0] != texts[1]:
            break
    return texts


def bracketed(value: Any, digits: int = DIGITS) -> str:
    """The rounded number, in parentheses if it is negative."""
    text = rounded(value, digits)
    return f"({text})" if text.startswith(MINUS) else text


def parsed(text: str) -> float:
    """The number that `rounded` wrote.

    Example:
        >>> parsed("−0.5"), parsed("1e−9")
        (-0.5, 1e-09)
    """
    return float(text.replace(MINUS, "-").replace("∞", "inf"))


def number(value: Any, digits: int = DIGITS) -> Expression:
    """The rounded number, to stand in a formula."""
    text = rounded(value, digits)
    return Expression(PREFIX if text.startswith(MINUS) else ATOM, (text,), (latex_number(text),))


def is_exact(value: Any, digits: int = DIGITS) -> bool:
    """Whether the rounded number is the number, but for the last bits."""
    return not math.isfinite(value) or math.isclose(parsed(rounded(value, digits)), float(value), rel_tol=1e-12)


def relation(values: Sequence[Any], digits: int = DIGITS) -> str:
    """= if all the numbers are shown in full, else ≈."""
    return "=" if all(is_exact(value, digits) for value in values) else "≈"


def times(factors: Sequence[Written], *, first: bool = True) -> Written:
    """3 · 1 · c; what is negative stands in parentheses, but at the beginning of a formula."""
    bracketed = [_in_parentheses(factor) if i or not first else factor for i, factor in enumerate(factors)]
    return bracketed[0] if len(bracketed) == 1 else _joined(bracketed, PRODUCT, " · ", r" \cdot ")


def plus(terms: Sequence[Written]) -> Written:
    """2 + 3 + (−1)."""
    bracketed = [_in_parentheses(term) if i else term for i, term in enumerate(terms)]
    return bracketed[0] if len(bracketed) == 1 else _joined(bracketed, SUM, " + ", " + ")


def _joined(parts: Sequence[Written], binding: int, text: str, latex: str) -> Expression:
    inner = len(parts) - 1
    return Expression(binding, ("", *[text] * inner, ""), ("", *[latex] * inner, ""), tuple(parts), (binding,) * len(parts))


def _in_parentheses(part: Written) -> Written:
    expression = part.expression()
    if expression.binding != PREFIX:
        return part
    return enclosed("(", expression, ")", (r"\left(", r"\right)"))


def count(number: int) -> str:
    """A count for people: powers of two as such where they are long.

    Example:
        >>> count(12), count(2**50), count(10**6), count(3 * 10**40)
        ('12', '2⁵⁰', '1,000,000', 'about 3·10⁴⁰')
    """
    if number >= 2**20 and number & (number - 1) == 0:
        return "2" + str(number.bit_length() - 1).translate(SUPERSCRIPTS)
    if number < 10**12:
        return f"{number:,}"
    exponent = len(decimal := _leading(number)) - 1
    return f"about {decimal[0]}·10{str(exponent).translate(SUPERSCRIPTS)}"


def _leading(number: int) -> str:
    """The decimal digits of a long integer, but only the first is right."""
    digits = int((number.bit_length() - 1) * math.log10(2))
    first = number // 10**digits
    return str(first) + "0" * digits


def array_text(value: Any, digits: int = DIGITS) -> str:
    """A small array written out, [1 2; 3 4]; a large one as its size and largest entry."""
    array = np.asarray(value)
    if array.shape == ():
        return rounded(array, digits)
    if array.size == 0:
        return f"no entries, {format_shape(array.shape)}"
    if array.size <= WRITTEN_OUT and array.ndim <= 2:
        rows = array.reshape(-1, array.shape[-1])
        return "[" + "; ".join(" ".join(rounded(x, digits) for x in row) for row in rows) + "]"
    return f"{format_shape(array.shape)} with norm {rounded(np.float64(norm(array)), digits)}"


def index_text(index: tuple[int, ...]) -> str:
    """[0, 1], or nothing for a scalar."""
    return f"[{', '.join(map(str, index))}]" if index else ""
