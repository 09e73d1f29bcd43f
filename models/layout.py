"""Which way round examples lie: columns here, rows in tables and in other libraries; told before anything is learnt."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import DataError


def refuse_rows(X: Any, Y: Any, features: int | None = None) -> None:
    """Refuse X and Y whose examples are rows, as scikit-learn has them. Tables are turned, so they may have rows.

    Args:
        X: as it was given.
        Y: as it was given.
        features: how many rows X must have, if that is known.

    Raises:
        DataError: that says what to write.
    """
    x, y, y_is_table = _shape(X), _shape(Y), hasattr(Y, "to_numpy")
    if hasattr(X, "to_numpy"):
        if len(x) == 2 and y_is_table and y[:1] == x[1:] != x[:1]:
            raise DataError(f"X is {x} and Y is {y}: a table has an example in each row, and is turned here. Leave out .T.")
        return
    if len(x) != 2 or x[0] == x[1] or x[0] == features:
        return
    if y == (1, x[0]):
        raise DataError(f"X is {x} and looks transposed, since Y is {y}: examples are columns here. Write X.T.")
    if len(y) in (1, 2) and y[0] == x[0] and (len(y) == 1 or y[1] != x[1]):
        turn = "" if y_is_table else " and Y.reshape(1, -1)" if len(y) == 1 else " and Y.T"
        raise DataError(f"X is {x} and Y is {y}, an example in each row: examples are columns here. Write X.T{turn}.")


def _shape(values: Any) -> tuple[int, ...]:
    if isinstance(shape := getattr(values, "shape", None), tuple):
        return shape
    try:
        return np.shape(values.to_numpy() if hasattr(values, "to_numpy") else values)
    except ValueError:  # ragged: refused with its reason where it is read
        return ()


def what_to_turn(Y: npt.NDArray[Any], examples: int, outputs: int | None, labels: bool, table: bool) -> str:
    """What to write for targets of another shape than (outputs, examples), be they labels, or a table's columns."""
    if Y.ndim == 1:
        return "Write Y.reshape(1, -1), or Y[np.newaxis, :]."
    for axis in (0, 1) if Y.ndim == 2 and labels else ():
        if Y.shape[1 - axis] == examples and Y.shape[axis] > 1 and _is_one_hot(Y, axis):
            how = "Y.idxmax(axis=1)" if table else f"Y.argmax(axis={axis}).reshape(1, -1)"
            return f"It is one-hot; labels are expected: write {how}."
    if Y.ndim == 2 and Y.shape[0] == examples and outputs in (None, Y.shape[1]):
        return "It looks transposed: write Y.T."
    return "Give one target for each example."


def _is_one_hot(Y: npt.NDArray[Any], axis: int) -> bool:
    return Y.dtype.kind == "f" and bool(np.isin(Y, (0.0, 1.0)).all() and (Y.sum(axis=axis) == 1.0).all())
