"""Handwritten digits, 8 × 8 pixels, as shipped; see NOTICE.md for their source and licence."""

from __future__ import annotations

from .dataset import Dataset
from .shipped import shipped_table


def digits() -> Dataset:
    """1,797 handwritten digits: 64 pixels from 0 (white) to 16 (black), row by row; Y is the digit, 0 to 9.

    Example:
        >>> X, Y = digits()
        >>> X.shape, Y.shape, Y[0, :5]
        ((64, 1797), (1, 1797), array([0, 1, 2, 3, 4]))
    """
    table = shipped_table("digits.csv")
    X, Y = table.numbers(range(64)), table.numbers([64]).astype(int)
    return Dataset(X, Y, table.names[:-1], table.names[-1:], tuple(map(str, range(10))), "digits")
