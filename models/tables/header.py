"""Whether the first row of a table holds the names of its columns, as the rows below it tell; what was assumed is said."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .cells import USUAL, MissingWords, is_number, number, would_be_number

ROWS_LOOKED_AT = 100
YEARS = range(1500, 2101)
NUMBERED = re.compile(r"column \d+")


@dataclass(frozen=True)
class Header:
    """Whether the first row holds names; what was assumed and why, "" where everybody would see it so."""

    names: bool
    why: str = ""


NAMES, EXAMPLE = "the first row is taken as names", "the first row is taken as an example"
UNLESS_EXAMPLE, UNLESS_NAMES = "--no-header if it is an example", "--header if it holds names"


def look(rows: Sequence[Sequence[str]], expected: Sequence[str] = (), missing: MissingWords = USUAL) -> Header:
    """Look at the first rows; where the first holds all names that are expected, it holds names.

    Example:
        >>> look([["size", "price"], ["1.5", "30"]])
        Header(names=True, why='')
        >>> print(look([["0", "1", "2"], ["0.5", "1.5", "7.25"]]).why)
        the first row is taken as names, since it counts (0, 1, 2) above decimals and text; --no-header if it is an example
    """
    first = [cell.strip() for cell in rows[0]]
    above = [_value(cell, missing) for cell in first]
    below = _columns(rows[1:ROWS_LOOKED_AT], len(first), missing)
    if expected and set(expected) <= set(first):
        return Header(True)
    if not any(map(is_number, above)):
        plain = len(rows) < 2 or len(first) == 1 or any(map(is_number, itertools.chain(*below)))
        return Header(True, "" if plain else f"{NAMES}, though there is only text below it as well; {UNLESS_EXAMPLE}")
    mostly_numbers = [2 * sum(map(is_number, column)) > len(column) for column in below]
    if any(value is None and numbers for value, numbers in zip(above, mostly_numbers, strict=True)):
        return Header(True, f"{NAMES}, since it holds text above numbers; {UNLESS_EXAMPLE}")
    without_names = bool(expected) and all(map(NUMBERED.fullmatch, expected))
    if not without_names and (why := _why_names(first, above, below, rows)):
        return Header(True, f"{NAMES}, since it {why}; {UNLESS_EXAMPLE}")
    return Header(False, f"{EXAMPLE}, since it holds numbers as those below do; {UNLESS_NAMES}")


def _value(cell: str, missing: MissingWords) -> float | None:
    """What a cell holds; a half stands for a number that is written in another way, such as 1,5."""
    value = number(cell, missing)
    return 0.5 if value is None and would_be_number(cell) else value


def _columns(rows: Sequence[Sequence[str]], width: int, missing: MissingWords) -> list[list[float | None]]:
    """What the cells of each column hold, without the missing ones."""
    columns: list[list[float | None]] = [[] for _ in range(width)]
    for row in rows:
        for column, cell in zip(columns, row, strict=False):
            value = _value(cell, missing)
            if value is None or is_number(value):
                column.append(value)
    return columns


def _why_names(
    first: Sequence[str], above: Sequence[float | None], below: list[list[float | None]], rows: Sequence[Sequence[str]]
) -> str:
    """What makes a first row of whole numbers names, if it increases and the rows below it do not count, too."""
    counted = [int(cell) for cell in first if cell.isdecimal()]
    if (
        not counted
        or len(counted) < sum(map(is_number, above))
        or len(rows) < 2
        or any(a >= b for a, b in itertools.pairwise(counted))
    ):
        return ""
    shown = ", ".join(map(str, counted[:3])) + (", …" if len(counted) > 3 else "")
    if first[0] == "" and is_count(below[0]):
        return f"has an empty cell above a column that counts the rows, and then {shown}"
    in_years = [value for column in below for value in column if value is not None and value in YEARS]
    if len(counted) >= 2 and not in_years and all(year in YEARS for year in counted):
        return f"holds years ({shown}) above other numbers"
    if len(counted) >= 3 and all(any(v is None or not v.is_integer() for v in column) for column in below):
        return f"counts ({shown}) above decimals and text"
    decimals = sum(any(is_number(v) and not v.is_integer() for v in column) for column in below)
    in_order = counted == list(range(counted[0], counted[0] + len(counted))) and counted[0] in (0, 1)
    if in_order and len(counted) >= 3 and decimals >= 2:
        return f"counts ({shown}) above decimals"
    if in_order and len(counted) >= 4:
        counting = any(is_count([number(cell) for cell in row if is_number(number(cell))]) for row in rows[1:ROWS_LOOKED_AT])
        return "" if counting else f"counts ({shown}), which no row below it does"
    return ""


def is_count(values: Sequence[float | None]) -> bool:
    """Whether values are whole numbers that go up by one.

    Example:
        >>> is_count([5.0, 6.0, 7.0]), is_count([5.0, 7.0, 6.0])
        (True, False)
    """
    first = values[0] if values else None
    return first is not None and first.is_integer() and all(v == first + i for i, v in enumerate(values))
