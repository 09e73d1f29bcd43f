"""Labels of classes: text or numbers, nothing else, so that a model file can hold them and two of them can be told apart."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import DataError

EXACT = 2**53
"""Up to here float64 tells all whole numbers apart; beyond, two labels would become one."""
PADDED = re.compile(r"[+-]?0\d")
"""How text begins that looks like a number but isn't: 01001 is a postal code, and not 1001."""


def plain_labels(values: npt.NDArray[Any]) -> list[Any]:
    """Labels as Python text and numbers, whole ones as int, so that 3, 3.0 and np.int64(3) are one label.

    Raises:
        DataError: for a label that is missing, or that is neither text nor a number; says where it is.
    """
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


def labels_of_texts(texts: Sequence[str], numbers: Sequence[float | None]) -> list[Any]:
    """Cells as labels: whole numbers where all cells are such, numbers where all are numbers, else the texts.

    Text with a leading zero is text, and so are whole numbers that float64 can't tell apart.

    Args:
        texts: the cells.
        numbers: each as a number, NaN or None if it is none.

    Example:
        >>> labels_of_texts(["1", "2.0"], [1.0, 2.0]), labels_of_texts(["01001", "1001"], [1001.0, 1001.0])
        ([1, 2], ['01001', '1001'])
    """
    found = [value for value in numbers if value is not None and abs(value) <= EXACT]
    if len(found) < len(texts) or any(map(PADDED.match, texts)):
        return list(texts)
    return [int(value) if value.is_integer() else value for value in found]
