"""Rounded numbers in formulas, and their products and sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigraph.formulas.latex import latex_number
from minigraph.formulas.notation import ATOM, MINUS, PREFIX, PRODUCT, SUM, Expression, Written, enclosed
from minigraph.reading.numbers import DIGITS, rounded


def number(value: Any, digits: int = DIGITS) -> Expression:
    """The rounded number, to stand in a formula."""
    text = rounded(value, digits)
    return Expression(PREFIX if text.startswith(MINUS) else ATOM, (text,), (latex_number(text),))


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
