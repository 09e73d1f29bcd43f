"""The columns of a table as numbers: those of text hold, for each row, which of their different texts stands there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph.values import Array

from ..errors import DataError
from . import Table
from .cells import USUAL, MissingWords, is_number, may_be_missing, number, would_be_number

FEW_WORDS = 3
"""Up to so many different words beside many numbers may all say that there is no value."""
FEW = 12
"""Up to so many different values are few."""
TYPOS = 0.05
"""A column of numbers in which no larger share of the rows holds text has typing errors."""

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """Columns, each of numbers or of text.

    Attributes:
        names: of the columns.
        values: (columns, rows): numbers, or positions in ``texts``; NaN where the cell is missing.
        texts: of each column its different texts, in the order in which they come; None for numbers.
    """

    names: tuple[str, ...]
    values: Array
    texts: tuple[Texts | None, ...]

    def __len__(self) -> int:
        return len(self.names)

    def chosen(self, columns: Sequence[int]) -> Columns:
        """Some of the columns."""
        return Columns(tuple(self.names[c] for c in columns), self.values[[*columns]], tuple(self.texts[c] for c in columns))

    def among(self, rows: npt.NDArray[Any]) -> Columns:
        """Some of the rows."""
        if len(rows) == self.values.shape[1] and np.array_equal(rows, np.arange(len(rows))):
            return self
        return replace(self, values=self.values[:, rows])


def read_columns(table: Table, columns: Sequence[int], as_text: Collection[int] = (), look: bool = True) -> Columns:
    """The columns of a table, all rows.

    Args:
        table: the table.
        columns: which, in which order.
        as_text: those that hold text, whatever it looks like.
        look: whether others may hold text too; if not, text in them is refused.

    Raises:
        DataError: for text among numbers, with its place.
    """
    texts, numbers = {c for c in columns if c in as_text}, [c for c in columns if c not in as_text]
    try:
        measured = _numbers(table, numbers)
    except DataError:  # a table of numbers is read once; others are looked at first
        if not look:
            raise
        texts |= {c for c in _not_all_numbers(table, numbers) if _is_text(table, c)}
        numbers = [c for c in numbers if c not in texts]
        measured = _numbers(table, numbers)
    values = np.empty((len(columns), len(table.rows)))
    values[[i for i, c in enumerate(columns) if c not in texts]] = measured
    found: list[Texts | None] = [None] * len(columns)
    for i, c in enumerate(columns):
        if c in texts:
            found[i], values[i] = _coded(table, c)
    return Columns(tuple(table.names[c] for c in columns), values, tuple(found))


def _numbers(table: Table, columns: Sequence[int]) -> Array:
    """Columns of numbers, which may be none."""
    return table.numbers(columns, missing=True) if columns else np.empty((0, len(table.rows)))


def _not_all_numbers(table: Table, columns: Sequence[int]) -> set[int]:
    """The columns in which a cell is neither a number nor missing."""
    numbers, found = [*columns], set[int]()
    for block in table.rows.blocks():
        if block.numbers(numbers, table.missing) is None:
            found |= {c for c in numbers if block.numbers([c], table.missing) is None}
            numbers = [c for c in numbers if c not in found]
        if not numbers:
            break
    return found


def _is_text(table: Table, column: int) -> bool:
    """Whether a column that does not hold numbers only holds text, not numbers with some cells that are to be mended."""
    texts = table.texts(column)
    values = {text: number(text, table.missing) for text in dict.fromkeys(texts)}
    strange = [text for text, value in values.items() if value is None]
    if sum(text in strange for text in texts if would_be_number(text)) * 2 > sum(text in strange for text in texts):
        return False
    if len(strange) <= FEW_WORDS and words_beside_numbers(values, table.missing):
        return False
    numbers = sum(is_number(values[text]) for text in texts)
    others = sum(text in strange for text in texts)
    if numbers < others or len(strange) > max(1, TYPOS * len(texts)):
        return True
    different = sum(map(is_number, values.values()))
    return different <= FEW and others > max(1, TYPOS * len(texts))  # 2, 3, 4, 5 or more


def words_beside_numbers(texts: Iterable[str], missing: MissingWords = USUAL) -> list[str]:
    """Words of a column that may say that there is no value, if all its other different texts, more and many, are numbers.

    Example:
        >>> words_beside_numbers(["-", *map(str, range(20))]), words_beside_numbers(["-", "1", "2", "3"])
        (['-'], [])
    """
    values = {text: number(text, missing) for text in texts}
    words = [text for text, value in values.items() if value is None]
    numbers = sum(map(is_number, values.values()))
    return words if numbers > max(FEW, len(words)) and all(map(may_be_missing, words)) else []


def _coded(table: Table, column: int) -> tuple[Texts, Array]:
    """The different texts of a column, and for each row which; NaN for missing cells."""
    places: dict[str, float] = {}
    codes = [np.nan if text in table.missing else places.setdefault(text, len(places)) for text in table.texts(column)]
    return tuple(places), np.array(codes, dtype=np.float64)
