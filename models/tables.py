"""CSV files: read as a table of cells, each of which knows its place, so that errors can say file:line:column."""

from __future__ import annotations

import codecs
import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from .errors import DataError, listed, nearest, shortened
from .files import read_bounded
from .rows import DELIMITERS, BadRow, Block, Rows, any_rows, numbered_rows, plain_rows, text_lines

LARGEST = 1 << 29
"""Bytes of the largest CSV file that is read."""
LARGEST_NUMBER = 1e100
"""Of a cell: the squares of larger ones, summed, would leave the range of float64."""
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
        rows: the cells, as text, and the line of the file on which each row begins.
    """

    path: str
    names: tuple[str, ...]
    rows: Rows

    def place(self, row: int, column: int) -> str:
        """Where a cell stands: ``file:line:column``, lines and columns counted from 1, and the column's name."""
        return f"{self.path}:{self.rows.lines[row]}:{column + 1} (column {self.names[column]!r})"

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
        once: dict[str, str] = {}  # a class that a million rows hold is kept once
        cells = [
            once.setdefault(text, text) for block in self.rows.blocks() for text in map(str.strip, block.column(column))
        ]
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
        start = 0
        for block in self.rows.blocks():
            numbers = block.numbers(columns)
            if numbers is None or not (numbers.max() <= LARGEST_NUMBER and numbers.min() >= -LARGEST_NUMBER):
                numbers = self._cell_by_cell(block, start, columns, missing)
            values[:, start : start + len(block)] = numbers
            start += len(block)
        return values

    def _cell_by_cell(self, block: Block, start: int, columns: Sequence[int], missing: bool) -> npt.NDArray[np.float64]:
        """The numbers of a block that begins at row ``start`` and holds cells that are none."""
        values = np.empty((len(columns), len(block)))
        for r, row in enumerate(block.rows()):
            for i, c in enumerate(columns):
                value = number(row[c])
                if value is None or abs(value) > LARGEST_NUMBER or (math.isnan(value) and not missing):
                    raise DataError(f"{self.place(start + r, c)}: {_why_refused(row[c], value)}")
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
    return _parse(_as_utf8(read_bounded(path, LARGEST, "a CSV file"), str(path)), str(path), header)


def parse_csv(text: str, path: str, header: bool | None = None) -> Table:
    """`read_csv` of text that was read already; ``path`` is for messages."""
    return _parse(text.encode("utf-8"), path, header)


def _as_utf8(raw: bytes, path: str) -> bytes:
    """The text in UTF-8, without the mark of byte order."""
    try:
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return raw.decode("utf-16").encode("utf-8")
        if not raw.isascii():
            raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = _line(raw, error.start)
        raise DataError(f"{path}:{line}: not UTF-8 text (byte {error.start}). Save the table as CSV in UTF-8.") from None
    return raw.removeprefix(codecs.BOM_UTF8)


def _line(raw: bytes, position: int) -> int:
    return raw.count(b"\n", 0, position) + 1


def _parse(raw: bytes, path: str, header: bool | None) -> Table:
    if (nul := raw.find(b"\0")) >= 0:
        raise DataError(f"{path}:{_line(raw, nul)}: not a text file. Save the table as CSV.")
    delimiter = _delimiter(raw)
    try:
        first = list(islice(numbered_rows(raw, delimiter), 2))
        if not first:
            raise DataError(f"{path} is empty. Give a header and at least one row.")
        cells = [row for _, row in first]
        if header is None:
            header = _looks_like_names(cells)
        as_lines = [line for line, _ in first] == [1, 2][: len(first)]
        rows = plain_rows(raw, delimiter, len(cells[0]), int(header)) if as_lines else None
        rows = rows or any_rows(raw, delimiter, int(header))
    except BadRow as bad:
        raise DataError(f"{path}:{bad.line}: {bad.why}") from None
    names = [name.strip() if header else "" for name in cells[0]]
    names = [name or f"column {i}" for i, name in enumerate(names, start=1)]
    double = next((name for name, count in Counter(names).items() if count > 1), None)
    if double is not None:
        raise DataError(f"{path}:1: two columns are called {shortened(double)}. Give each its own name.")
    if not rows:
        raise DataError(f"{path} has names of columns, but no rows. Give at least one row.")
    return Table(path, tuple(names), rows)


def _looks_like_names(rows: list[list[str]]) -> bool:
    """Whether the first row holds no number, or text where the second holds a number."""
    first = list(map(number, rows[0]))
    second = map(number, rows[1]) if len(rows) > 1 else ()
    return not any(map(_is_number, first)) or any(
        above is None and _is_number(below) for above, below in zip(first, second, strict=False)
    )


def _delimiter(raw: bytes) -> str:
    """The one of `DELIMITERS` that occurs most in the first line that is not blank, outside quotes."""
    first = next((line for line in text_lines(raw) if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=outside.count)
