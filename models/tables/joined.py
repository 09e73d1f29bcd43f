"""Several files with the same columns as one table, row after row; each cell still knows its own place."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from minigraph.core.errors import nearest
from minigraph.values import Array

from ..errors import DataError, listed
from . import Table
from .cells import MissingWords
from .csv_rows import Block, Rows
from .header import NUMBERED

MOST_PATHS = 3
"""So many files are named where the table is."""


@dataclass(frozen=True)
class Reordered(Block):
    """A block of another file, its columns in this table's order: which of its own each is."""

    block: Block
    order: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.block)

    def rows(self) -> list[list[str]]:
        """The cells."""
        return [[row[c] for c in self.order] for row in self.block.rows()]

    def column(self, column: int) -> list[str]:
        """The cells of one column."""
        return self.block.column(self.order[column])

    def numbers(self, columns: Sequence[int], missing: MissingWords) -> Array | None:
        """The columns as numbers; None if a cell is neither a number nor missing."""
        return self.block.numbers([self.order[c] for c in columns], missing)

    def is_padded(self) -> bool:
        """Whether a cell begins like 01001."""
        return self.block.is_padded()


@dataclass(frozen=True)
class JoinedTable(Table):
    """The rows of several tables, with the columns of the first.

    Attributes:
        tables: each with the same columns, in any order.
        ends: how many rows there are up to the end of each.
    """

    tables: tuple[Table, ...] = ()
    ends: tuple[int, ...] = ()

    def place(self, row: int, column: int) -> str:
        """Where a cell stands, in its own file."""
        table, row = self._own(row)
        return table.place(row, table.names.index(self.names[column]))

    def line(self, row: int) -> str:
        """In which line of which file a row begins."""
        table, row = self._own(row)
        return f"{table.line(row)} of {table.path}"

    def _own(self, row: int) -> tuple[Table, int]:
        """The table that a row is from, and which of its rows it is."""
        i = bisect_right(self.ends, row)
        return self.tables[i], row - (self.ends[i - 1] if i else 0)


def joined(tables: Sequence[Table]) -> Table:
    r"""The tables as one, row after row.

    Raises:
        DataError: where one has other columns than the first.

    Example:
        >>> from minigraph.models.tables import parse_csv
        >>> parts = parse_csv("a,b\n1,2\n", "one.csv"), parse_csv("b,a\n4,3\n", "two.csv")
        >>> table = joined(parts)
        >>> table.numbers([0, 1]).tolist(), table.place(1, 0)
        ([[1.0, 3.0], [2.0, 4.0]], "two.csv:2:2 (column 'a')")
    """
    first = tables[0]
    if len(tables) == 1:
        return first
    for table in tables[1:]:
        _refuse_other_columns(first, table)
    orders = [tuple(table.names.index(name) for name in first.names) for table in tables]

    def blocks() -> Iterator[Block]:
        for table, order in zip(tables, orders, strict=True):
            yield from (Reordered(block, order) for block in table.rows.blocks())

    lines = array("q", (line for table in tables for line in table.rows.lines))
    paths = [table.path for table in tables]
    more = f" and {len(paths) - MOST_PATHS} more" if len(paths) > MOST_PATHS else ""
    ends = tuple(accumulate(len(table.rows) for table in tables))
    path = ", ".join(paths[:MOST_PATHS]) + more
    return JoinedTable(path, first.names, Rows(blocks, lines), "", first.missing, first.advice, tuple(tables), ends)


def _refuse_other_columns(first: Table, table: Table) -> None:
    """Refuse a table that has other columns than the first one, by the names of both files and the columns."""
    gone, new = ([name for name in a if name not in b] for a, b in ((first.names, table.names), (table.names, first.names)))
    if not gone and not new:
        return
    parts = [f"lacks {listed(gone)} of {first.path}.{nearest(gone[0], new)}"] if gone else []
    parts += [f"has {listed(new)}, which {first.path} lacks."] if new else []
    hint = ""
    if new and all(map(NUMBERED.fullmatch, new)):
        hint = " It seems to have no names of columns: give its first line those of the first file."
    raise DataError(
        f"{table.path} {' It '.join(parts)} Files that are put together have the same columns, in any order.{hint}"
    )
