"""Values of arguments, read from the words that were typed: numbers in a range, several with commas, places of files."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path


def whole(least: int) -> Callable[[str], int]:
    """A whole number from ``least``."""

    def read(text: str) -> int:
        if not text.strip().lstrip("+-").isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
        return int(text)

    return read


def whole_numbers(text: str) -> tuple[int, ...]:
    """Whole numbers from 1 with commas between them, such as ``16,8``."""
    return tuple(map(whole(1), text.split(",")))


def positive(text: str) -> float:
    """A finite number above 0."""
    return _number(text, lambda value: 0 < value < math.inf, "a number above 0")


def share(text: str) -> float:
    """A number between 0 and 1, both excluded."""
    return _number(text, lambda value: 0 < value < 1, "a share between 0 and 1, such as 0.3")


def _number(text: str, accept: Callable[[float], bool], what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not accept(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value


def place(text: str) -> Path:
    """Where a file or folder is, or is to be."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty: give the name of a file or folder")
    return Path(text)
