"""CSV files: read as a table of cells, each of which knows its place, so that errors can say file:line:column."""

from __future__ import annotations

import csv
import io
import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .errors import DataError, listed, nearest, shortened
from .files import read_bounded

LARGEST = 1 << 29
"""Bytes of the largest CSV file that is read."""
LARGEST_NUMBER = 1e100
"""Of a cell: the squares of larger ones, summed, would leave the range of float64."""
DELIMITERS = ",;\t"
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
"""Cells that hold no value, whatever their case."""


def number(text: str) -> float | None:
    """The number that a cell holds, NaN for a missing one, None for text."""
    plain = text.strip()
    if plain.lower() in MISSING:
        return math.nan
    if "_" in plain:  # Python reads 1_000, spreadsheets don't
        return None
    try:
        return float(plain)
    except ValueError:
        return None


def _is_number(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


@dataclass(frozen=True)
class Table:
    """The cells of a CSV file, row by row.

    Attributes:
        path: the file.
        names: of the columns.
        rows: the cells, as text.
        lines: the line of the file on which each row begins, from 1.
    """

    path: str
    names: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def place(self, row: int, column: int) -> str:
        """Where a cell stands: ``file:line:column``, lines and columns counted from 1, and the column's name."""
        return f"{self.path}:{self.lines[row]}:{column + 1} (column {self.names[column]!r})"

    def column(self, name: str) -> int:
        """The position of the column of that name; a number counts columns from 1 where no name is a number.

        Raises:
            DataError: if there is none, with the nearest name.
        """
        if name in self.names:
            return self.names.index(name)
        if name.isdecimal() and 0 < int(name) <= len(self.names):
            return int(name) - 1
        raise DataError(f"{self.path} has no column {name!r}.{nearest(name, self.names)} Its columns: {listed(self.names)}.")

    def texts(self, column: int) -> list[str]:
        """The cells of a column without the blanks around them.

        Raises:
            DataError: for a missing cell, with its place.
        """
        cells = [row[column].strip() for row in self.rows]
        for row, cell in enumerate(cells):
            if cell.lower() in MISSING:
                raise DataError(
                    f"{self.place(row, column)}: the cell is missing, and the target can't be guessed. "
                    "Fill it in, or leave the row out."
                )
        return cells

    def numbers(self, columns: Sequence[int], missing: bool = False) -> npt.NDArray[np.float64]:
        """The columns as numbers, (columns, rows): rows of a table become columns of X.

        Args:
            columns: which, in which order.
            missing: give NaN for missing cells instead of refusing them.

        Raises:
            DataError: for a cell that is missing, text or not finite, with its place.
        """
        values = np.empty((len(columns), len(self.rows)))
        for r, row in enumerate(self.rows):
            for i, c in enumerate(columns):
                value = number(row[c])
                if value is None or abs(value) > LARGEST_NUMBER or (math.isnan(value) and not missing):
                    raise DataError(f"{self.place(r, c)}: {_why_refused(row[c], value)}")
                values[i, r] = value
        return values


def _why_refused(text: str, value: float | None) -> str:
    if value is None:
        comma = " Decimals are written with a point." if number(text.replace(",", ".")) is not None else ""
        return f"{shortened(text)} is not a number.{comma} Correct it, or leave the column out (--ignore)."
    if not math.isnan(value):
        return f"{shortened(text)} is larger than {LARGEST_NUMBER:g}. Correct it, rescale the column, or leave the row out."
    return "the cell is missing. Fill it in, leave the row out, or take the column's mean (--missing mean)."


def read_csv(path: str | os.PathLike[str], header: bool | None = None) -> Table:
    r"""Read a CSV file: commas, semicolons or tabs, quoted cells, with or without a byte-order mark.

    Args:
        path: the file.
        header: whether the first row holds the names of the columns; None to look: it does if it holds no number, or
            text above a number. Without names, columns are called ``column 1``, ``column 2``, …

    Raises:
        DataError: if it is not a table of text, with the place.
        OSError: if it can't be read.

    Example:
        >>> from minigraph.models.tables import parse_csv
        >>> table = parse_csv("size;price\n1.5;30\n2;40\n", "houses.csv")
        >>> table.names, table.numbers([0, 1])
        (('size', 'price'), array([[ 1.5,  2. ],
               [30. , 40. ]]))
    """
    return parse_csv(_decode(read_bounded(path, LARGEST, "a CSV file"), str(path)), str(path), header)


def _decode(raw: bytes, path: str) -> str:
    utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return raw.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}:{line}: not UTF-8 text (byte {error.start}). Save the table as CSV in UTF-8.") from None


def parse_csv(text: str, path: str, header: bool | None = None) -> Table:
    """`read_csv` of text that was read already; ``path`` is for messages."""
    if "\0" in text:
        raise DataError(f"{path}:{text.count(chr(10), 0, text.index(chr(0))) + 1}: not a text file. Save the table as CSV.")
    rows, lines = _rows(text, path)
    if not rows:
        raise DataError(f"{path} is empty. Give a header and at least one row.")
    if header is None:
        header = _looks_like_names(rows)
    names = [name.strip() or f"column {i}" for i, name in enumerate(rows[0], start=1)] if header else []
    if header:
        rows, lines = rows[1:], lines[1:]
        double = next((name for name, count in Counter(names).items() if count > 1), None)
        if double is not None:
            raise DataError(f"{path}:1: two columns are called {shortened(double)}. Give each its own name.")
        if not rows:
            raise DataError(f"{path} has names of columns, but no rows. Give at least one row.")
    else:
        names = [f"column {i}" for i in range(1, len(rows[0]) + 1)]
    return Table(path, tuple(names), rows, lines)


def _looks_like_names(rows: list[list[str]]) -> bool:
    """Whether the first row holds no number, or text where the second holds a number."""
    first = list(map(number, rows[0]))
    second = map(number, rows[1]) if len(rows) > 1 else ()
    return not any(map(_is_number, first)) or any(
        above is None and _is_number(below) for above, below in zip(first, second, strict=False)
    )


def _rows(text: str, path: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for row in reader:
            if row and (len(row) > 1 or row[0].strip()):  # blank lines are skipped
                rows.append(row)
                lines.append(start)
                if len(row) != len(rows[0]):
                    raise DataError(
                        f"{path}:{start}: {len(row)} cells, but line {lines[0]} has {len(rows[0])}. "
                        "Each row needs a cell for each column; quote cells that hold the delimiter."
                    )
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{path}:{start}: not a CSV row ({error}). Check the quotes.") from None
    return rows, lines


def _delimiter(text: str) -> str:
    """The one of `DELIMITERS` that occurs most in the first line that is not blank, outside quotes."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=outside.count)
