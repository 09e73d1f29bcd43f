"""Names of columns, and labels of classes: read alike wherever they come from, and found again."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph.core.errors import nearest

from .errors import DataError, listed, shortened


def plain_names(names: Iterable[object]) -> tuple[str, ...]:
    """The names as text without the blanks around them, as every reader here takes them."""
    return tuple(str(name).strip() for name in names)


def refuse_double(names: Sequence[str], where: str, wanted: Sequence[str] | None = None) -> None:
    """Refuse two columns of one name, if it is wanted (all are by default): which is meant could not be told."""
    places: dict[str, int] = {}
    watched = set(names if wanted is None else wanted)
    for place, name in enumerate(names, start=1):
        if name in places and name in watched:
            raise DataError(
                f"{where}: two columns are called {shortened(name)} (columns {places[name]} and {place}). "
                "Give each its own name, or leave one out."
            )
        places[name] = place


def read_names(names: Sequence[object], features: int) -> tuple[str, ...]:
    """Names that a user gives to the features: a list of them, one for each, all different."""
    if isinstance(names, str | bytes):
        raise DataError(f"feature_names is {shortened(names)}, one text: give a list with a name for each feature.")
    plain = plain_names(names)
    if len(plain) != features:
        raise DataError(f"feature_names holds {len(plain)} names for {features} features (rows of X): give one for each.")
    refuse_double(plain, "feature_names")
    return plain


def find_columns(found: Sequence[str], wanted: Sequence[str], where: str) -> list[int]:
    """The positions of the wanted columns among those found; each must be there, and once."""
    place = {name: i for i, name in enumerate(found)}
    missing = [name for name in wanted if name not in place]
    if missing:
        raise DataError(
            f"{where} lacks {len(missing)} of the {len(wanted)} columns that the net was trained on: {listed(missing)}."
            f"{nearest(missing[0], found)} Its columns: {listed(found)}.{why_one(found)}"
        )
    refuse_double(found, where, wanted)
    return [place[name] for name in wanted]


def columns_like(names: Sequence[str], word: str) -> list[int] | None:
    """The positions of the columns whose names fit a pattern such as ``zip*``; None if the word is none, or is a name.

    Example:
        >>> columns_like(["zip", "zip code", "age"], "zip*"), columns_like(["a*", "ab"], "a*")
        ([0, 1], None)
    """
    if word in names or not any(mark in word for mark in "*?["):
        return None
    return [c for c, name in enumerate(names) if fnmatchcase(name, word)]


def why_one(names: Sequence[str]) -> str:
    """What to do about a table whose only name looks like many, as of a file with another delimiter."""
    strange = next((mark for mark in "|:^~ " if mark in names[0]), None) if len(names) == 1 else None
    if strange is None:
        return ""
    parts = "blanks part" if strange == " " else f"{strange!r} parts"
    return f" If {parts} them: --delimiter '{strange}'."


EXACT = 2**53
"""Up to here float64 tells all whole numbers apart; beyond, two labels would become one."""
PADDED = re.compile(r"[+-]?0\d")
"""How text begins that looks like a number but isn't: 01001 is a postal code, and not 1001."""


def plain_labels(values: npt.NDArray[Any]) -> list[Any]:
    """Labels as Python text and numbers, whole ones as int, so that 3, 3.0 and np.int64(3) are one label."""
    if values.dtype.kind in "fU":
        return [int(v) if isinstance(v, float) and v.is_integer() else v for v in values.ravel().tolist()]
    labels = values.ravel().tolist()
    if set(map(type, labels)) == {str}:  # as a table of a million rows has them
        return labels
    return [_plain(value, example, values) for example, value in enumerate(labels)]


def _plain(value: Any, example: int, values: npt.NDArray[Any]) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, str):
        return value
    if isinstance(value, int):  # True is 1, as in an array of bools
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else value
    if is_missing(value):
        count = sum(map(is_missing, values.ravel().tolist()))
        raise DataError(
            f"Y holds no label at example {example}: {value!r} ({count} such in all). Leave out the examples without one."
        )
    raise DataError(
        f"Y holds {value!r} at example {example}, of type {type(value).__name__}: labels are text or numbers, "
        "which a model file can hold. Give text: [str(label) for label in labels], or frame['y'].astype(str)."
    )


def is_missing(value: Any) -> bool:
    """Whether it says that there is nothing: None, NaN, pandas' NA and NaT."""
    try:
        return value is None or bool(value != value)
    except TypeError:  # NA != NA is NA, which is neither true nor false
        return True
    except ValueError:  # an array
        return False


def object_array(values: Sequence[Any]) -> npt.NDArray[Any]:
    """The values as they are, in a row; NumPy by itself would make text of numbers beside text."""
    row = np.empty(len(values), dtype=object)
    row[:] = values
    return row


def in_order(labels: Iterable[Any]) -> tuple[Any, ...]:
    """The labels sorted, numbers before texts."""
    return tuple(sorted(labels, key=lambda label: (isinstance(label, str), label)))


def are_labels(values: Sequence[Any]) -> bool:
    """Whether they are different texts or numbers, as a model file can hold them."""
    plain = all(isinstance(value, str | int | float) and not isinstance(value, bool) for value in values)
    return plain and len(set(values)) == len(values)


def labels_of_texts(texts: Sequence[str], numbers: Sequence[float | None]) -> list[Any]:
    """Cells as labels: whole numbers where all cells are such, numbers where all are numbers, else the texts.

    Text with a leading zero is text, and so are whole numbers that float64 can't tell apart. ``numbers`` holds each cell
    as a number, NaN or None if it is none.

    Example:
        >>> labels_of_texts(["1", "2.0"], [1.0, 2.0]), labels_of_texts(["01001", "1001"], [1001.0, 1001.0])
        ([1, 2], ['01001', '1001'])
    """
    found = [value for value in numbers if value is not None and abs(value) <= EXACT]
    if len(found) < len(texts) or any(map(PADDED.match, texts)):
        return list(texts)
    return [int(value) if value.is_integer() else value for value in found]
