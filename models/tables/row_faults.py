"""Why a row has more or less cells than the first one, told by case, and what to do about it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

LEFT, RIGHT = re.compile(r"\s*[+-]?[1-9]\d{0,2}"), re.compile(r"\d{3}(\.\d*)?\s*")
"""What a delimiter makes of 1,234."""


def why_uneven(first: Sequence[str], first_line: int, row: Sequence[str], is_second: bool) -> str:
    """What is wrong with a row of a file whose first row has another number of cells.

    Args:
        first: the first row.
        first_line: its line.
        row: the row.
        is_second: whether it follows the first.
    """
    cells = f"{len(row)} cell{'s' * (len(row) != 1)}, but line {first_line} has {len(first)}."
    return f"{cells} {_case(first, first_line, row, is_second)}"


def _case(first: Sequence[str], first_line: int, row: Sequence[str], is_second: bool) -> str:
    if first[0].lstrip().startswith("#"):
        return f"Line {first_line} begins with '#', a remark and no row: delete it."
    if row[0].lstrip().startswith("#"):
        return "It begins with '#', a remark and no row: delete it."
    more = len(row) - len(first)
    if more > 0 and not any(cell.strip() for cell in row[len(first) :]):
        return f"It ends with a delimiter that line {first_line} lacks: delete those at the end of lines, or add one there."
    if more < 0 and not any(cell.strip() for cell in first[len(row) :]):
        return f"Line {first_line} ends with a delimiter that this line lacks: delete it there, or add one to each line."
    if len(first) == 1:
        return f"Is line {first_line} a title? It is no row: delete it."
    if more > 0 and any(LEFT.fullmatch(a) and RIGHT.fullmatch(b) for a, b in itertools.pairwise(row)):
        return "Quote cells that hold the delimiter, and write numbers without groups of thousands and decimal commas."
    if more == 1 and is_second:
        return (
            f"Is a name missing in line {first_line}? Where the first column holds the names of rows (as R writes them), "
            f"begin line {first_line} with a delimiter."
        )
    if len(row) == 1:
        return "Is it a remark? That is no row: delete it."
    return "Each row needs a cell for each column; quote cells that hold the delimiter."
