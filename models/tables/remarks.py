"""What a user should know of columns that are learnt from, since they may mean something else than they say."""

from __future__ import annotations

import shlex
import unicodedata
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from minigraph.values import Array

from ..errors import listed, shortened
from ..names_and_labels import PADDED
from . import Table
from .columns import Columns

STAND_INS = {float(sign * number) for number in (99, 999, 9999, 99999, 999999) for sign in (1, -1)}
"""Numbers that are often written for a missing value."""


def remarks(columns: Columns, table: Table, looked_at: Collection[str]) -> list[str]:
    """A sentence for each column of a table that may mean something else, of those that are looked at."""
    said = []
    is_padded = any(block.is_padded() for block in table.rows.blocks())
    for name, values, texts in zip(columns.names, columns.values, columns.texts, strict=True):
        if texts is not None and (pairs := alike(texts[int(code)] for code in np.unique(values[~np.isnan(values)]))):
            said.append(f"the column {name!r} tells {listed(pairs)} apart, which look alike")
        if texts is not None or name not in looked_at:
            continue
        if (number := stand_in(values)) is not None:
            count = int((values == number).sum())
            said.append(
                f"the column {name!r} holds {number:g} in {count} rows, far from all other numbers: "
                f"{table.missing_option([f'{number:g}'])} if that means a missing value"
            )
        padded = (text for text in table.texts(table.column(name)) if PADDED.match(text))
        if is_padded and (first := next(padded, None)):
            said.append(
                f"the column {name!r} is read as numbers, {shortened(first)} too: --category {shlex.quote(name)} "
                "if these are labels"
            )
    return said


def alike(texts: Iterable[str]) -> list[str]:
    """Two texts that differ in no more than upper and lower case, blanks and how letters are composed; else none.

    Example:
        >>> alike(["Rome", "Oslo", "ROME"]), alike(["Rome", "Oslo"])
        (['Rome', 'ROME'], [])
    """
    seen: dict[str, str] = {}
    for text in texts:
        plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
        if seen.setdefault(plain, text) != text:
            return [seen[plain], text]
    return []


def stand_in(values: Array) -> float | None:
    """A number such as -999 that stands in several rows, farther from all others than these are from each other.

    Example:
        >>> stand_in(np.array([1.0, 5.0, -999.0, 3.0, -999.0])), stand_in(np.array([990.0, 999.0, 999.0, 980.0]))
        (-999.0, None)
    """
    different: Sequence[float] = np.unique(values[~np.isnan(values)]).tolist()
    if len(different) < 3:
        return None
    for number, nearest, farthest in (
        (different[0], different[1], different[-1]),
        (different[-1], different[-2], different[0]),
    ):
        if number in STAND_INS and (values == number).sum() > 1 and abs(number - nearest) > abs(farthest - nearest):
            return number
    return None
