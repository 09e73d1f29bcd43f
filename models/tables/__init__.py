"""Tables: CSV files as cells, each of which knows its place, so that errors can say file:line:column."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from minigraph.core.errors import nearest

from ..bounded_files import read_bounded
from ..errors import DataError, listed, shortened
from ..names_and_labels import PADDED, plain_names, refuse_double, why_one
from .cells import (
    LARGEST_NUMBER,
    NO_COMMAND,
    USUAL,
    Advice,
    MissingWords,
    is_number,
    may_be_missing,
    number,
    why_text,
    with_points,
)
from .csv_rows import DELIMITERS, BadRow, Block, Rows, any_rows, numbered_rows, plain_rows, text_lines
from .file_kinds import refuse_other_kinds, unpacked
from .header import ROWS_LOOKED_AT, Header, look

__all__ = ["AS_FOUND", "LARGEST", "Reading", "Table", "csv_text", "parse_bytes", "parse_csv", "read_csv"]

LARGEST = 1 << 29
"""Bytes of the largest CSV file that is read."""
SINGLE = re.compile("'.+'", re.DOTALL)
MOST_WORDS = 5
"""So many words that may say that there is no value are named."""


@dataclass(frozen=True)
class Table:
    """The cells of a CSV file, row by row.

    Attributes:
        path: the file.
        names: of the columns.
        rows: the cells, as text, and the line of the file on which each row begins.
        note: what was assumed when it was read; "" if nothing was.
        missing: which cells hold no value.
        advice: what a user can do about cells that hold no number.
    """

    path: str
    names: tuple[str, ...]
    rows: Rows
    note: str = ""
    missing: MissingWords = USUAL
    advice: Advice = NO_COMMAND

    def place(self, row: int, column: int) -> str:
        """Where a cell stands: ``file:line:column``, lines and columns counted from 1, and the column's name."""
        return f"{self.path}:{self.rows.lines[row]}:{column + 1} (column {self.names[column]!r})"

    def line(self, row: int) -> str:
        """In which line a row begins."""
        return f"line {self.rows.lines[row]}"

    def _for(self, advice: str, column: int) -> str:
        """The advice for a column, named as a command takes it."""
        return advice.format(column=shlex.quote(self.names[column]))

    def column(self, name: str) -> int:
        """The position of the column of that name; a number counts columns from 1 where no name is a number."""
        if name in self.names:
            return self.names.index(name)
        if name.isdecimal() and 0 < int(name) <= len(self.names):
            return int(name) - 1
        raise DataError(
            f"{self.path} has no column {name!r}.{nearest(name, self.names)} Its columns: {listed(self.names)}."
            f"{why_one(self.names)}"
        )

    def texts(self, column: int) -> list[str]:
        """The cells of a column without the blanks around them."""
        once: dict[str, str] = {}  # a class that a million rows hold is kept once
        return [once.setdefault(text, text) for block in self.rows.blocks() for text in map(str.strip, block.column(column))]

    def numbers(self, columns: Sequence[int], missing: bool = False) -> npt.NDArray[np.float64]:
        """The columns as numbers, (columns, rows): rows of a table become columns of X.

        Args:
            columns: which, in which order.
            missing: give NaN for missing cells instead of refusing them.

        Raises:
            DataError: for a cell that is missing, text or not finite, with its place.
        """
        values = np.empty((len(columns), len(self.rows)))
        start, padded = 0, False
        for block in self.rows.blocks():
            numbers = block.numbers(columns, self.missing)
            if numbers is None or (np.abs(numbers) > LARGEST_NUMBER).any():
                raise self._refused_cell(block, start, columns)
            values[:, start : start + len(block)] = numbers
            start, padded = start + len(block), padded or block.is_padded()
        if padded:
            for column in columns:
                self._refuse_two_forms(column)
        if not missing:
            self.refuse_missing(values, columns, np.arange(len(self.rows)))
        return values

    def _refused_cell(self, block: Block, start: int, columns: Sequence[int]) -> DataError:
        """The first cell that is no number, or is too large, in a block that begins at row ``start`` and has one."""
        cells = ((start + r, c, row[c]) for r, row in enumerate(block.rows()) for c in columns)
        read = ((number(text, self.missing), r, c, text) for r, c, text in cells)
        value, row, column, text = next(cell for cell in read if cell[0] is None or abs(cell[0]) > LARGEST_NUMBER)
        if value is None:
            why = f"{why_text(text)} {self._for(self.advice.text, column)}{self._if_missing(text, column)}"
        else:
            why = (
                f"{shortened(text)} is larger than {LARGEST_NUMBER:g}. Correct it, rescale the column, or leave the row out."
            )
        return DataError(f"{self.place(row, column)}: {why}")

    def _if_missing(self, text: str, column: int) -> str:
        """What to write if the text in a column of numbers, and others like it there, say that there is no value."""
        if not may_be_missing(text):
            return ""
        others = {other: None for other in self.texts(column) if number(other, self.missing) is None}
        words = [text.strip(), *(other for other in others if may_be_missing(other) and other != text.strip())]
        what = "it means" if len(words) == 1 else f"{listed(words, MOST_WORDS)} mean"
        return f" Give {self.missing_option(words[:MOST_WORDS])} if {what} a missing value."

    def missing_option(self, words: Sequence[str]) -> str:
        """The option by which these words, and those of the table that are so already, say that there is no value."""
        now = {text.lower(): text for row in self.rows for text in map(str.strip, row) if text and text in self.missing}
        return f"--missing-words {shlex.quote(','.join([*words, *now.values()]))}"

    def _refuse_two_forms(self, column: int) -> None:
        """Refuse a column that holds both 01001 and 1001: it holds text, which as numbers would become one."""
        forms: dict[tuple[float | None, bool], tuple[int, str]] = {}
        for row, text in enumerate(self.texts(column)):
            if is_number(value := number(text, self.missing)):
                padded = PADDED.match(text) is not None
                forms.setdefault((value, padded), (row, text))
                if (other := forms.get((value, not padded))) is not None:
                    raise DataError(
                        f"{self.place(row, column)}: {shortened(text)} and {shortened(other[1])} "
                        f"({self.line(other[0])}) would be one number, but text with a leading zero is text. "
                        f"{self._for(self.advice.text, column)}"
                    )

    def refuse_missing(self, values: npt.NDArray[np.float64], columns: Sequence[int], rows: npt.NDArray[np.intp]) -> None:
        """Refuse NaN among what `numbers` gave for these columns and rows, with the place of the first."""
        missing = np.isnan(values)
        if missing.any():
            first, i = (int(index) for index in np.argwhere(missing.T)[0])
            row = int(rows[first])
            text = next(islice(self.rows, row, None))[columns[i]].strip()
            if self.advice.empty and missing[i].all():
                advice = self._for(self.advice.empty, columns[i])
                raise DataError(f"{self.place(row, columns[i])}: the column is empty. {advice}")
            raise DataError(
                f"{self.place(row, columns[i])}: {self.why_missing(text, int(missing.sum()))} {self.advice.missing}"
            )

    def why_missing(self, text: str, count: int) -> str:
        """What is said of a cell without a value, the first of so many."""
        what = f"{shortened(text)} counts as missing (--missing-words says what does)" if text else "the cell is missing"
        return f"{what}{f', and {count - 1} more' if count > 1 else ''}."


@dataclass(frozen=True)
class Reading:
    """How a table is to be read.

    Attributes:
        header: whether the first row holds the names of the columns; None to look, see `header.look`. Without names,
            columns are called ``column 1``, ``column 2``, …
        expected: names that the columns should have.
        missing: which cells hold no value.
        advice: what a user can do about cells that hold no number.
        delimiter: what parts the cells of a row; None to look.
        decimal: what marks decimals: a point, or a comma, where points may group thousands.
        encoding: of the text, such as latin-1; None for UTF-8, or UTF-16 with its mark.
    """

    header: bool | None = None
    expected: Sequence[str] = ()
    missing: MissingWords = USUAL
    advice: Advice = NO_COMMAND
    delimiter: str | None = None
    decimal: str = "."
    encoding: str | None = None


AS_FOUND = Reading()


def read_csv(path: str | os.PathLike[str], reading: Reading = AS_FOUND) -> Table:
    r"""Read a CSV file: commas, semicolons or tabs, quoted cells, with or without a byte-order mark, packed by gzip or not.

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
    return parse_bytes(read_bounded(path, LARGEST, "a CSV file"), str(path), reading)


def parse_bytes(raw: bytes, path: str, reading: Reading = AS_FOUND) -> Table:
    """`read_csv` of bytes that were read already; ``path`` is for messages."""
    raw = unpacked(raw, path, LARGEST)
    refuse_other_kinds(raw, path)
    raw = _as_utf8(raw, path, reading.encoding)
    if (nul := raw.find(b"\0")) >= 0:
        raise DataError(f"{path}:{_line(raw, nul)}: not a text file. Save the table as CSV.")
    try:
        delimiter = reading.delimiter or _delimiter(raw)
        if reading.decimal == ",":
            raw = with_points(raw, delimiter)
        first = list(islice(numbered_rows(raw, delimiter), ROWS_LOOKED_AT))
        if not first:
            raise DataError(f"{path} is empty. Give a header and at least one row.")
        cells = [row for _, row in first]
        if len(cells[0]) > 1 and all(SINGLE.fullmatch(cell.strip()) for cell in cells[0]):
            raise BadRow(first[0][0], "the cells stand in single quotes. CSV has double ones: replace them.")
        found = look(cells, reading.expected, reading.missing) if reading.header is None else Header(reading.header)
        as_lines = [line for line, _ in first] == list(range(1, len(first) + 1))
        rows = plain_rows(raw, delimiter, len(cells[0]), int(found.names)) if as_lines else None
        rows = rows or any_rows(raw, delimiter, int(found.names))
    except BadRow as bad:
        raise DataError(f"{path}:{bad.line}: {bad.why}") from None
    names = plain_names(cells[0] if found.names else [""] * len(cells[0]))
    names = tuple(name or f"column {i}" for i, name in enumerate(names, start=1))
    refuse_double(names, f"{path}:{first[0][0]}")
    if not rows:
        raise DataError(f"{path} has names of columns, but no rows. Give at least one row.")
    return Table(path, names, rows, found.why, reading.missing, reading.advice)


def parse_csv(text: str, path: str, reading: Reading = AS_FOUND) -> Table:
    """`read_csv` of text that was read already; ``path`` is for messages."""
    return parse_bytes(text.encode("utf-8"), path, reading)


def _as_utf8(raw: bytes, path: str, encoding: str | None = None) -> bytes:
    """The text in UTF-8, without the mark of byte order."""
    try:
        if encoding is not None:
            return raw.decode(encoding).removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").encode("utf-8")
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return raw.decode("utf-16").encode("utf-8")
        if not raw.isascii():
            raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = _line(raw, error.start)
        what = "UTF-8" if encoding is None else encoding
        raise DataError(
            f"{path}:{line}: not {what} text (byte {error.start}). Save the table as CSV in UTF-8, or name its encoding "
            "(--encoding), such as cp1252 of Windows, or latin-1."
        ) from None
    return raw.removeprefix(codecs.BOM_UTF8)


def _line(raw: bytes, position: int) -> int:
    return raw.count(b"\n", 0, position) + 1


def _delimiter(raw: bytes) -> str:
    """The one of `DELIMITERS` that parts the first rows alike, and occurs most in the first, outside quotes.

    Raises:
        BadRow: for Excel's line ``sep=;``.
    """
    number, first = next(((n, line) for n, line in enumerate(text_lines(raw), 1) if line.strip()), (1, ""))
    if re.fullmatch(r'"?sep=.?"?', first.strip()):
        raise BadRow(number, f"{shortened(first.strip())} is an instruction to Excel, not a row. Delete this line.")
    outside = "".join(first.split('"')[::2])
    found = sorted((d for d in DELIMITERS if d in outside), key=outside.count, reverse=True)
    alike = [d for d in found if _parts_alike(raw, d)] if len(found) > 1 else []
    alike.sort(key=lambda d: d == ",")  # where two do, the comma is the decimal one of 1,5;2,5
    return (alike or found or DELIMITERS)[0]


def _parts_alike(raw: bytes, delimiter: str) -> bool:
    """Whether it gives each of the first rows as many cells, as the commas of 1,5;2;3,5 don't."""
    try:
        return len({len(row) for _, row in islice(numbered_rows(raw, delimiter), ROWS_LOOKED_AT)}) == 1
    except BadRow:
        return False


def csv_text(columns: Mapping[str, Iterable[object]]) -> str:
    """Columns of one length as CSV text, below their names; numbers in full precision."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()
