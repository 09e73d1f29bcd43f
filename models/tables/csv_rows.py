"""The rows of a CSV file, read block by block and again for each question: cells are never all in memory.

A file is its bytes and, of each row, the line on which it begins. A *plain* file, one line per row, without quotes, is read
by NumPy; any other by Python's csv module. Both give the same cells, and the same numbers.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from minigraph.values import Array

from ..names_and_labels import PADDED
from .cells import MissingWords, number

DELIMITERS = ",;\t"
ROWS = 1 << 12
"""So many rows are one block of a file that is not plain."""
BYTES = 1 << 22
"""About so many bytes are one block of a plain file."""


class Block(ABC):
    """Some rows that follow one another."""

    @abstractmethod
    def rows(self) -> list[list[str]]:
        """The cells."""

    def __len__(self) -> int:
        return len(self.rows())

    def column(self, column: int) -> list[str]:
        """The cells of one column."""
        return [row[column] for row in self.rows()]

    def numbers(self, columns: Sequence[int], missing: MissingWords) -> Array | None:
        """The columns as `number` has them, (columns, rows); None if a cell is neither a number nor missing."""
        rows = self.rows()
        texts = [row[column] for column in columns for row in rows]
        try:  # all of them as Python's numbers, if they are such; else one by one
            if "_" in "".join(texts):  # Python reads 1_000
                raise ValueError
            values = missing.without_numbers(np.fromiter(map(float, texts), np.float64, len(texts)))
        except ValueError:
            found = [number(text, missing) for text in texts]
            if None in found:
                return None
            values = np.array(found)
        return values.reshape(len(columns), -1)

    def is_padded(self) -> bool:
        """Whether a cell begins like 01001, with a zero before a digit."""
        return re.search(rf"\n\s*{PADDED.pattern}", "\n" + "\n".join(map("\n".join, self.rows()))) is not None


class Rows:
    """Rows of cells, read anew from their blocks at each iteration, and the line of the file on which each begins."""

    def __init__(self, blocks: Callable[[], Iterable[Block]], lines: Sequence[int]):
        self.blocks, self.lines = blocks, lines

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[list[str]]:
        return (row for block in self.blocks() for row in block.rows())


# Any file


@dataclass(frozen=True)
class CellBlock(Block):
    """Rows whose cells were told apart already."""

    cells: list[list[str]]

    def rows(self) -> list[list[str]]:
        """The cells."""
        return self.cells


def in_blocks(rows: Iterable[list[str]]) -> Iterator[CellBlock]:
    """Rows in blocks of so many that little memory is needed."""
    rest = iter(rows)
    while block := list(itertools.islice(rest, ROWS)):
        yield CellBlock(block)


def text_lines(raw: bytes) -> io.TextIOWrapper:
    """The text as a file, line ends as they are."""
    return io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline="")


def numbered_rows(raw: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows as the csv module reads them, each with the line on which it begins; blank lines are skipped.

    Raises:
        BadRow: where it finds none.
    """
    reader = csv.reader(text_lines(raw), delimiter=delimiter, strict=True, skipinitialspace=True)
    start = 1
    try:
        for row in reader:
            if row and (len(row) > 1 or row[0].strip()):
                yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise BadRow(start, f"not a CSV row ({error}). Check the quotes.") from None


class BadRow(Exception):
    """A row that can't be used: its line, and what is wrong."""

    def __init__(self, line: int, why: str):
        super().__init__(line, why)
        self.line, self.why = line, why


def any_rows(raw: bytes, delimiter: str, skipped: int) -> Rows:
    """The rows of any file, without so many first ones.

    Raises:
        BadRow: where it finds none, or one with more or less cells than the first.
    """
    lines, first = array("q"), list[str]()
    for line, row in numbered_rows(raw, delimiter):
        first = first or row
        lines.append(line)
        if len(row) != len(first):
            raise BadRow(line, why_uneven(first, lines[0], row, len(lines) == 2))

    def blocks() -> Iterator[CellBlock]:
        return in_blocks(row for _, row in itertools.islice(numbered_rows(raw, delimiter), skipped, None))

    return Rows(blocks, lines[skipped:])


# Plain files


@dataclass(frozen=True)
class PlainBlock(Block):
    """Whole lines, one a row."""

    raw: bytes
    delimiter: str
    width: int

    def __len__(self) -> int:
        return self.raw.count(b"\n")

    def rows(self) -> list[list[str]]:
        """The cells."""
        return list(csv.reader(text_lines(self.raw), delimiter=self.delimiter, strict=True, skipinitialspace=True))

    def column(self, column: int) -> list[str]:
        """The cells of one column."""
        ends = _separators(self.raw, self.delimiter).reshape(-1, self.width)
        stops = ends[:, column].tolist()
        starts = (ends[:, column - 1] if column else np.concatenate([[-1], ends[:-1, -1]])).tolist()
        cells = [self.raw[start + 1 : stop].decode("utf-8") for start, stop in zip(starts, stops, strict=True)]
        return [cell.removesuffix("\r") for cell in cells] if column == self.width - 1 else cells

    def numbers(self, columns: Sequence[int], missing: MissingWords) -> Array | None:
        """All cells as NumPy's numbers, if they are such, perhaps with nan where nothing is; else one by one."""
        for raw in self._spellings(missing):
            with contextlib.suppress(ValueError):
                values: Array = np.loadtxt(
                    text_lines(raw), np.float64, delimiter=self.delimiter, usecols=columns, comments=None, ndmin=2
                )
                return missing.without_numbers(values.T)
        return super().numbers(columns, missing)

    def _spellings(self, missing: MissingWords) -> Iterator[bytes]:
        """The lines as they are, then with nan for each word that says that there is no value."""
        yield self.raw
        words = b"|".join(re.escape(word.encode("utf-8")) for word in sorted(missing.words))
        end = self.delimiter.encode()
        cell = rb"(?<=[%b\n]) *(?:%b) *(?=[%b\r\n])" % (end, words, end)
        yield re.sub(cell, b"nan", b"\n" + self.raw, flags=re.IGNORECASE)[1:]

    def is_padded(self) -> bool:
        """Whether a cell begins like 01001."""
        text = "\n" + self.raw.decode(
            "utf-8"
        )  # a pattern that begins with a letter is found far faster than with one of several
        return any(re.search(rf"{mark}\s*{PADDED.pattern}", text) for mark in ("\n", self.delimiter))


def _separators(raw: bytes, delimiter: str) -> npt.NDArray[np.intp]:
    """Where each cell ends."""
    letters = np.frombuffer(raw, np.uint8)
    return np.flatnonzero((letters == ord("\n")) | (letters == ord(delimiter)))


def plain_rows(raw: bytes, delimiter: str, width: int, skipped: int) -> Rows | None:
    """The rows of a plain file of so many columns behind its first line, if that is skipped; None if it is not plain."""
    start = (raw.find(b"\n") + 1 or len(raw)) if skipped else 0
    if width < 2 or raw.find(b'"', start) >= 0 or raw.count(b"\r") != raw.count(b"\r\n"):
        return None

    def blocks() -> Iterator[PlainBlock]:
        position = start
        while position < len(raw):
            stop = raw.rfind(b"\n", position, position + BYTES) + 1 or raw.find(b"\n", position + BYTES) + 1 or len(raw)
            lines = raw[position:stop]
            yield PlainBlock(lines if lines.endswith(b"\n") else lines + b"\n", delimiter, width)
            position = stop

    count = 0
    for block in blocks():
        if not _is_rectangle(block):
            return None
        count += len(block)
    return Rows(blocks, range(1 + skipped, 1 + skipped + count))


def _is_rectangle(block: PlainBlock) -> bool:
    """Whether each line has as many cells, none too long for the csv module."""
    letters = np.frombuffer(block.raw, np.uint8)
    ends = _separators(block.raw, block.delimiter)
    if len(ends) % block.width:
        return False
    is_line_end = (letters[ends] == ord("\n")).reshape(-1, block.width)
    longest = np.diff(ends, prepend=-1).max(initial=0)
    return bool(is_line_end[:, -1].all() and not is_line_end[:, :-1].any() and longest <= csv.field_size_limit())


# Rows of another length

LEFT, RIGHT = re.compile(r"\s*[+-]?[1-9]\d{0,2}"), re.compile(r"\d{3}(\.\d*)?\s*")
"""What a delimiter makes of 1,234."""


def why_uneven(first: Sequence[str], first_line: int, row: Sequence[str], is_second: bool) -> str:
    """What is wrong with a row of a file whose first row, in that line, has another number of cells."""
    case = _case(first, first_line, row, is_second)
    return f"{len(row)} cell{'s' * (len(row) != 1)}, but line {first_line} has {len(first)}. {case}"


def _case(first: Sequence[str], first_line: int, row: Sequence[str], is_second: bool) -> str:
    if first[0].lstrip().startswith("#"):
        return f"Line {first_line} begins with '#': it is a remark, not a row. Delete it."
    if row[0].lstrip().startswith("#"):
        return "It begins with '#': it is a remark, not a row. Delete it."
    more = len(row) - len(first)
    if more > 0 and not any(cell.strip() for cell in row[len(first) :]):
        return f"It ends with a delimiter that line {first_line} lacks: delete those at the end of lines, or add one there."
    if more < 0 and not any(cell.strip() for cell in first[len(row) :]):
        return f"Line {first_line} ends with a delimiter that this line lacks: delete it there, or add one to each line."
    if len(first) == 1:
        return f"Is line {first_line} a title? It is not a row: delete it."
    if more > 0 and any(LEFT.fullmatch(a) and RIGHT.fullmatch(b) for a, b in itertools.pairwise(row)):
        return "Quote cells that hold the delimiter, and write numbers without groups of thousands and decimal commas."
    if more == 1 and is_second:
        return (
            f"Is a name missing in line {first_line}? Where the first column holds the names of rows (as R writes them), "
            f"begin line {first_line} with a delimiter."
        )
    if len(row) == 1:
        return "Is it a remark? That is not a row: delete it."
    return "Each row needs a cell for each column; quote cells that hold the delimiter."
