"""How numbers are written, all digits or the first few, or as the root or fraction that they are; shapes and axes."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from minigraph.values import Shape

MINUS = "−"
LONG = 8
"""A number that takes more characters than this is written as a root or a fraction, if it is one."""
LARGEST_NAMED = 99
"""Roots of larger numbers, and fractions of larger ones, are written in digits."""
DIGITS = 4
"""How many significant digits are shown where nobody asks for more."""
ROUNDING = 1e-9
"""What is shown is the number itself if it is off by no more than this part of it: float64's last digits are noise."""
KEPT = 4
"""A picture shows so many digits of a long number."""


def format_exactly(value: Any) -> str:
    """The number with no digit lost, whole numbers without a point: 3, 0.1, 1e−12."""
    if not math.isfinite(value):
        return {"inf": "∞", "-inf": f"{MINUS}∞"}.get(str(float(value)), "NaN")
    text = str(int(value)) if float(value).is_integer() and abs(value) < 1e16 else str(value)
    return text.replace("-", MINUS)


def shortened(text: str) -> str:
    """A long decimal number with its first digits only, and … to say that there are more."""
    digits, exponent_sign, exponent = text.partition("e")
    whole, _, after = digits.partition(".")
    leading = len(after) - len(after.lstrip("0")) if whole.strip(f"{MINUS}0") == "" else -len(whole.lstrip(MINUS))
    kept = max(1, KEPT + leading)
    return text if len(after) <= kept + 2 else f"{whole}.{after[:kept]}…{exponent_sign}{exponent}"


def root_of(value: Any) -> int | None:
    """3 for √3 and −√3, to the last digit; None for what is no root of a small whole number."""
    root = round(float(value) ** 2) if math.isfinite(value) and abs(value) <= LARGEST_NAMED else 0
    return root if 0 < root <= LARGEST_NAMED and type(value)(math.sqrt(root)) == abs(value) else None


def fraction_of(value: Any) -> Fraction | None:
    """1/3 for what 1/3 gives, to the last digit; None for what is no fraction of small whole numbers."""
    ratio = Fraction(float(value)).limit_denominator(LARGEST_NAMED)
    is_small = 0 < abs(ratio.numerator) <= LARGEST_NAMED
    return ratio if is_small and type(value)(ratio.numerator / ratio.denominator) == value else None


def rounded(value: Any, digits: int = DIGITS) -> str:
    """A number to so many significant digits; exact ones, and whole ones below a million, in no more than they need.

    Zeros at the end say that a number was rounded: 12.00 · 3 ≈ 35.99.

    Example:
        >>> rounded(33.0), rounded(-0.000123456), rounded(11.9975), rounded(1234567.0), rounded(1e-9)
        ('33', '−0.0001235', '12.00', '1.235e6', '1e−9')
    """
    number = float(value)
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "∞" if number > 0 else f"{MINUS}∞"
    if number.is_integer() and abs(number) < 1e6:
        return str(int(number)).replace("-", MINUS)
    text = f"{number:.{digits}g}"
    if not is_same(float(text), number):
        text = f"{number:#.{digits}g}".rstrip(".")
    mantissa, _, exponent = text.partition("e")
    return (f"{mantissa.rstrip('.')}e{int(exponent)}" if exponent else mantissa).replace("-", MINUS)


def is_same(shown: float, number: float) -> bool:
    """Whether a number is shown in full."""
    return abs(shown - number) <= ROUNDING * abs(number)


def format_shape(shape: Shape) -> str:
    """A shape as diagrams say it: 4×400; scalar."""
    return "×".join(map(str, shape)) or "scalar"


def axes_text(axes: tuple[int, ...]) -> str:
    """Axes as diagrams say them: axis 1; axes 0, 2; no axis."""
    if not axes:
        return "no axis"
    return ("axis " if len(axes) == 1 else "axes ") + ", ".join(map(str, axes))
