"""What a report is made of: sentences, tables, curves. Its text and its display in notebooks are made of the same parts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from minigraph.core.lazy_imports import Displayed
from minigraph.reading.numbers import aligned


@dataclass(frozen=True)
class Table:
    r"""Rows of cells, the first of them its head; a row of one cell goes right across.

    A column in which nothing stands below its head is left out.

    Attributes:
        rows: the rows, from the top.
        is_counted: whether the cells are numbers, which stand at the right of their columns.
        has_head: whether the first row is a head.

    Example:
        >>> print(*Table((("layer", "size"), ("first", "12"), ("and others",))).lines(), sep="\n")
        layer  size
        first  12
        and others
    """

    rows: tuple[tuple[str, ...], ...]
    is_counted: bool = False
    has_head: bool = True

    def __post_init__(self) -> None:
        width = len(self.rows[0])
        below = [row for row in self.rows[self.has_head :] if len(row) == width]
        kept = [place for place in range(width) if not below or any(row[place] for row in below)]
        filled = (tuple(row[place] for place in kept) if len(row) == width else row for row in self.rows)
        object.__setattr__(self, "rows", tuple(filled))

    def lines(self) -> list[str]:
        """The table as text."""
        width = len(self.rows[0])
        whole = iter(aligned([row for row in self.rows if len(row) == width], right=self.is_counted))
        return [next(whole) if len(row) == width else row[0] for row in self.rows]


@dataclass(frozen=True)
class Formula:
    """A formula on a line of its own."""

    text: str


@dataclass(frozen=True)
class Curve:
    """A number that changes, such as the cost from epoch to epoch; notebooks draw it.

    Attributes:
        title: what it is, and along what.
        lines: the numbers, by what each line is called.
    """

    title: str
    lines: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Picture:
    """A diagram, for where it can be drawn quickly.

    Attributes:
        draw: gives the diagram.
    """

    draw: Callable[[], Any]


Part: TypeAlias = str | Formula | Table | Curve | Picture


def text_of(parts: Iterable[Part]) -> str:
    """The sentences and tables as text."""
    sides = (part.lines() if isinstance(part, Table) else [part] for part in parts if isinstance(part, str | Table))
    return "\n".join(line for side in sides for line in side)


class Told(Displayed):
    """What is told in parts: as text where it is printed, with its tables as such where a notebook shows it."""

    @abstractmethod
    def _parts(self) -> Iterable[Part]:
        """The parts, from the top."""

    def __str__(self) -> str:
        return text_of(self._parts())

    def __repr__(self) -> str:
        return str(self)
