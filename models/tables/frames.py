"""Frames of other libraries, which are never imported here: read as columns, and made anew with others in the same rows."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph.values import Array

from ..errors import DataError, listed, shortened
from ..names_and_labels import PADDED, columns_like, is_missing, plain_names, refuse_double
from .cells import is_number, number
from .columns import FEW, Columns, Texts, words_beside_numbers
from .left_out import why_left_out

MAKERS = (("pyarrow", "table"), ("polars", "DataFrame"))
"""What makes a frame of anything with the Arrow interface, if its user has loaded it."""


def is_frame(table: Any) -> bool:
    """Whether it is a table with an example in each row and names for its columns, such as a DataFrame; no dict."""
    if isinstance(table, Mapping | Sequence | np.ndarray):
        return False
    if _is_lazy(table) or _is_arrow(table) or hasattr(table, "columns"):
        return True
    return hasattr(table, "__arrow_c_stream__") and not hasattr(table, "to_numpy")  # which a column has


def _is_lazy(table: Any) -> bool:
    return hasattr(table, "collect") and not hasattr(table, "to_numpy")


def _is_arrow(table: Any) -> bool:
    return hasattr(table, "column_names") and not hasattr(table, "to_numpy")  # a DataFrame may have a column of that name


def _opened(table: Any) -> Any:
    """A table whose columns can be asked for by name."""
    if isinstance(table, Mapping) or (_is_arrow(table) and not _is_lazy(table)):
        return table
    if _is_lazy(table):
        raise DataError(f"a {type(table).__name__} is not computed yet. Give table.collect().")
    if hasattr(table, "__arrow_c_stream__") and not hasattr(table, "to_numpy"):
        for library, maker in MAKERS:
            if library in sys.modules:
                return getattr(sys.modules[library], maker)(table)
        raise DataError(f"a {type(table).__name__} is read by way of a DataFrame: give polars.DataFrame(table).")
    if hasattr(table, "columns") and hasattr(table, "__getitem__"):
        return table
    raise DataError(f"a table is expected, a DataFrame or a dict of columns, and not {type(table).__name__}.")


def _cells(column: Any) -> list[Any]:
    """The cells of a column as Python has them; None for what is missing."""
    give = next((getattr(column, name) for name in ("to_list", "to_pylist") if hasattr(column, name)), None)
    return [None if is_missing(cell) else cell for cell in (list(column) if give is None else give())]


def frame_array(table: Any) -> npt.NDArray[Any]:
    """The cells of a frame, (rows, columns), for numbers."""
    if hasattr(table, "to_numpy"):
        found: npt.NDArray[Any] = np.asarray(table.to_numpy())
        return found
    opened = _opened(table)
    return np.array([_cells(opened[name]) for name in frame_names(opened)], dtype=object).T


def frame_names(table: Any) -> list[Any]:
    """The names of the columns, as the frame has them."""
    if isinstance(table, Mapping):
        return list(table)
    if hasattr(table, "to_numpy"):
        return list(table.columns)
    opened = _opened(table)
    return list(opened.column_names if _is_arrow(opened) else opened.columns)


def frame_like(table: Any, columns: Mapping[str, list[Any]]) -> Any:
    """A frame of the same kind with other columns, in the same rows: with the index of ``table``, if that has one.

    None for a kind that is not made of a dict of columns.
    """
    if not hasattr(table, "__getitem__") and not hasattr(table, "__arrow_c_stream__"):
        return None
    opened = _opened(table)
    kind, index = type(opened), getattr(opened, "index", None)
    make = kind if hasattr(opened, "to_numpy") else getattr(kind, "from_pydict", kind)
    try:
        return make(dict(columns)) if index is None or callable(index) else make(dict(columns), index=index)
    except TypeError:
        return None


def frame_columns(
    table: Any,
    as_text: Collection[str] = (),
    only: Collection[str] | None = None,
    labels: Collection[str] | None = None,
) -> Columns:
    """The columns of a DataFrame, of a dict of columns, or of `Columns`; None, NaN and the like are missing.

    Args:
        table: a DataFrame of pandas or polars, a table of Arrow, or anything with ``columns`` and ``[name]``; a dict of
            columns; `Columns`.
        as_text: names of columns that hold text, whatever it looks like.
        only: the names of the columns that matter; all by default.
        labels: names, or patterns, of other such columns, if it is to be learnt what columns are: those that are not
            among them, and look like something else than categories, are then refused.

    Raises:
        DataError: for anything else, columns of different lengths, or names that are not told apart.

    Example:
        >>> columns = frame_columns({"size": [1, 2], "colour": ["red", None]})
        >>> columns.names, columns.values.tolist(), columns.texts
        (('size', 'colour'), [[1.0, 2.0], [0.0, nan]], (None, ('red',)))
    """
    if isinstance(table, Columns):
        return table
    opened = _opened(table)
    given = frame_names(opened)
    names = plain_names(given)
    refuse_double(names, "the table", None if only is None else [*only])
    of_text = {*as_text, *_named(names, labels or ())}
    wanted = [(name, opened[key]) for name, key in zip(names, given, strict=True) if only is None or name in only]
    read = [_frame_column(name, column, name in of_text) for name, column in wanted]
    if len({len(values) for values, _ in read}) > 1:
        raise DataError("the columns of the table differ in length.")
    values = np.array([values for values, _ in read]) if read else np.empty((0, 0))
    columns = Columns(tuple(name for name, _ in wanted), values, tuple(texts for _, texts in read))
    if labels is not None:
        _refuse_other_text(columns, of_text)
    return columns


def _named(names: Sequence[str], words: Collection[str]) -> list[str]:
    """The columns that words name, by name or by pattern."""
    found = []
    for word in words:
        like = [names.index(word)] if word in names else columns_like(names, word)
        if not like:
            raise DataError(f"the table has no column {word!r}. Its columns: {listed(names)}.")
        found += [names[c] for c in like]
    return found


def _frame_column(name: str, column: Any, as_text: bool) -> tuple[Array, Texts | None]:
    """A column as numbers, or as places among its texts."""
    cells = _cells(column)
    are_labels = as_text or str(getattr(column, "dtype", "")) == "category"  # what pandas calls so, of numbers too
    known = [cell for cell in cells if cell is not None]
    if not are_labels and all(isinstance(cell, Real | Decimal) and not isinstance(cell, bool) for cell in known):
        values = np.array([np.nan if cell is None else float(cell) for cell in cells], dtype=np.float64)
        if np.isinf(values).any():
            raise DataError(f"the column {name!r} holds an infinite number. Fill it in, or leave the row out.")
        return values, None
    places: dict[str, float] = {}
    codes = [np.nan if cell is None else places.setdefault(str(cell).strip(), len(places)) for cell in cells]
    return np.array(codes, dtype=np.float64), tuple(places)


def _refuse_other_text(columns: Columns, of_text: Collection[str]) -> None:
    """Refuse columns of text that hold numbers, dates, names or free text: as categories they would say nothing."""
    for c, (name, texts) in enumerate(zip(columns.names, columns.texts, strict=True)):
        if texts is None or name in of_text:
            continue
        keep = f"If they are categories: category=[{name!r}]."
        if words := words_beside_numbers(texts):
            raise DataError(
                f"the column {name!r} holds numbers, but for {listed(words, 3)}. If that means a missing value, put "
                f"None in its place, and numbers for the rest. {keep}"
            )
        if len(texts) > FEW and all(is_number(number(text)) and not PADDED.match(text) for text in texts):
            raise DataError(
                f"the column {name!r} holds numbers as text ({shortened(texts[0])}, …). Make numbers of them. {keep}"
            )
        if (why := why_left_out(columns, c)) and len(texts) > 1:
            raise DataError(f"the column {name!r} {why}, which is of no use as categories. Leave it out. {keep}")
