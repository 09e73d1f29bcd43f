"""What a user gives as X and Y, as finite float64 arrays with examples in columns; what does not fit is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph.values import Array

from .errors import DataError, shortened
from .names_and_labels import EXACT, find_columns, is_missing, plain_names, refuse_double
from .standardization import EPSILON
from .tables.encoding import Encoding
from .tables.frames import frame_array, frame_names, is_frame


def read_weights(weights: Any, examples: int) -> Array | None:
    """How often each example counts, (m,); None for once.

    Raises:
        DataError: if they are not so many finite numbers from 0 on, or if all are 0.
    """
    if weights is None:
        return None
    array = _numbers(_cells(weights), "example_weights", None)
    if array.shape not in ((examples,), (1, examples)):
        raise DataError(f"example_weights is {array.shape}: give a number for each of the {examples} examples of X.")
    array = array.reshape(-1)
    if (array < 0).any() or not 0 < array.sum() < np.inf:
        raise DataError("example_weights: give finite numbers from 0 on, and not only 0: how often each example counts.")
    return array


def balanced_weights(word: str, targets: Array, are_classes: bool) -> Array:
    """The weights, (m,), by which the examples of each class together count alike: m / (classes · examples of the class).

    Args:
        word: what was given for weights.
        targets: as the graph takes them, (outputs, m).
        are_classes: whether they are classes.

    Raises:
        DataError: for another word than "balanced", or for numbers to predict.
    """
    if word != "balanced" or not are_classes:
        to_give = "a number for each example, or 'balanced'" if are_classes else "a number for each; classes are balanced"
        raise DataError(f"example_weights is {shortened(word)}: give {to_give}.")
    _, classes, counts = np.unique(targets, axis=1, return_inverse=True, return_counts=True)
    weights: Array = (targets.shape[1] / (len(counts) * counts))[classes.reshape(-1)]
    return weights


def read_features(
    X: Any, features: int | None = None, names: Sequence[str] | None = None, encoding: Encoding | None = None
) -> tuple[Array, tuple[str, ...] | None]:
    """X as a finite float64 array (features, m), and the names of the features if X is a table.

    Arrays have examples in columns. A table (a DataFrame of pandas or polars, a table of Arrow) has them in rows,
    and is turned here, once.

    Args:
        X: the features.
        features: how many there must be, if that is known.
        names: what they are called, if that is known: a table's columns are then found by name, in any order, and
            others are left out.
        encoding: what makes numbers of a table, or of a dict of columns.

    Raises:
        DataError: if X is not two-dimensional, empty, not numbers, not finite, or has another number of features; or
            if two columns of a table have one name.
    """
    if encoding is not None and (isinstance(X, Mapping) or is_frame(X)):
        X, names = encoding.encode(X), encoding.names
        _refuse_non_finite(X, "X", "feature", names)
        return X, names
    table = is_frame(X)
    found = plain_names(frame_names(X)) if table else None
    given = _cells(X)
    if found is not None and names is not None:
        given, found = np.asarray(given)[:, find_columns(found, names, "X")], tuple(names)
    elif found is not None:
        refuse_double(found, "X")
    array = _numbers(given, "X", found)
    if array.ndim == 1 and hasattr(X, "to_numpy"):
        raise DataError(
            f"X is a Series, {array.shape}: it must be a table, an example in each row. "
            "Take the row of a DataFrame as a table, as X.iloc[[0]] does, or write X.to_frame().T."
        )
    if array.ndim != 2:
        raise DataError(
            f"X is {array.shape}: it must have two axes, (features, examples), an example in each column. "
            "Reshape it; one example is X.reshape(-1, 1)."
        )
    if table:
        array = np.ascontiguousarray(array.T)
    if array.size == 0:
        raise DataError(f"X is {array.shape}: the data set is empty. Give at least one feature and one example.")
    if features is not None and array.shape[0] != features:
        if array.shape[1] == features:
            raise DataError(
                f"X is {array.shape} and looks transposed: the net has {features} features, and examples are columns "
                "here. Write X.T."
            )
        raise DataError(
            f"X is {array.shape}: it has {array.shape[0]} features (rows), but the net has {features}. "
            "Give the same features as in training, an example in each column."
        )
    _refuse_non_finite(array, "X", "feature", found)
    return array, found


def read_targets(Y: Any, examples: int, outputs: int | None = 1, text: bool = False) -> npt.NDArray[Any]:
    """Y as an array (outputs, examples): finite float64, or the labels as they are with ``text``.

    Raises:
        DataError: if Y has another shape or holds something that is neither a number nor, with ``text``, a label.
    """
    table, given = _has_rows(Y), _cells(Y)
    array = _labels(given) if text and not _is_numeric(given) else _numbers(given, "Y")
    if table:  # a column or a table has examples in rows
        array = array.reshape(1, -1) if array.ndim == 1 else array.T
    rows = "outputs" if outputs is None else outputs
    wanted = f"({rows}, {examples}), a column for each column of X"
    if array.ndim != 2 or array.shape[1] != examples or outputs not in (None, array.shape[0]):
        rank = ", a rank-1 array" if array.ndim == 1 else ""
        raise DataError(
            f"Y is {array.shape}{rank}: it must be {wanted}. {_what_to_turn(array, examples, outputs, text, table)}"
        )
    if array.dtype == np.float64:
        _refuse_non_finite(array, "Y", "row")
        if text and np.asarray(given).dtype.kind in "iu" and np.abs(array).max() >= EXACT:
            raise DataError(
                f"Y holds whole numbers from {EXACT} as labels, which float64 can't tell apart. Give them as text."
            )
    return array


def _has_rows(values: Any) -> bool:
    """Whether it is a column or a table of another library, with an example in each row."""
    return hasattr(values, "to_numpy") or is_frame(values)


def _cells(values: Any) -> Any:
    """A column or a table as an array; anything else as it is."""
    if is_frame(values):
        return frame_array(values)
    return values.to_numpy() if hasattr(values, "to_numpy") else values


def name_of(Y: Any) -> str | None:
    """The name of a Series, or of the only column of a table."""
    if is_frame(Y):
        names = plain_names(frame_names(Y))
        return names[0] if len(names) == 1 else None
    name = getattr(Y, "name", None) if hasattr(Y, "to_numpy") else None
    return name.strip() or None if isinstance(name, str) else None


def _labels(values: Any) -> npt.NDArray[Any]:
    """As they are: where NumPy would turn None and NaN beside text into text, too."""
    _refuse_masked(values, "Y")
    array = np.asarray(values)
    return array if array.dtype.kind != "U" or isinstance(values, np.ndarray) else np.asarray(values, dtype=object)


def rounding_of(values: Any) -> float:
    """The relative rounding of numbers as they were given: float32's 1e-7 says nothing of the digits beyond."""
    dtype = np.asarray(_cells(values)).dtype
    return max(float(np.finfo(dtype).eps), EPSILON) if dtype.kind == "f" else EPSILON


def _is_numeric(values: Any) -> bool:
    try:
        return np.asarray(values).dtype.kind in "fiub"
    except ValueError:  # ragged: refused with its reason by _numbers
        return True


def _numbers(values: Any, what: str, names: Sequence[str] | None = None) -> Array:
    """The values as float64, a new array; ``names`` are of the columns, if they are a table's."""
    _refuse_masked(values, what)
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise DataError(f"{what} is not a regular array of numbers ({error}).") from None
    if array.dtype.kind == "O":  # a table of mixed types
        array = _numbers_of_objects(array, what, names)
    if array.dtype.kind not in "fiub":
        raise DataError(f"{what} holds values of dtype {array.dtype}: give real numbers.")
    with np.errstate(all="ignore"):
        return np.array(array, dtype=np.float64, order="C", copy=True)


def _refuse_masked(values: Any, what: str) -> None:
    if isinstance(values, np.ma.MaskedArray):
        raise DataError(
            f"{what} is a masked array, whose mask would be lost. Write {what}.filled(value) for the masked entries, "
            "or leave those examples out."
        )


def _numbers_of_objects(array: npt.NDArray[np.object_], what: str, names: Sequence[str] | None) -> Array:
    """Objects that are numbers as float64; what is missing is NaN, and text is not a number, whatever it spells."""
    numbers = np.empty(array.shape)
    for index, entry in np.ndenumerate(array):
        try:
            if isinstance(entry, str | bytes):
                raise TypeError("text")
            numbers[index] = np.nan if is_missing(entry) else float(entry)
        except (TypeError, ValueError, OverflowError):
            where, advice = f"at {list(index)}", "Give real numbers."
            if names is not None:
                where = f"in the column {names[index[-1]]!r}, row {index[0]}"
                advice = "Leave the column out, put numbers, or encode the table: net.encoding = Encoding.learn(X)."
            raise DataError(f"{what} holds {shortened(entry)} {where}, which is not a real number. {advice}") from None
    return numbers


def _refuse_non_finite(array: Array, what: str, row: str, names: Sequence[str] | None = None) -> None:
    finite = np.isfinite(array)
    if not finite.all():
        i, j = (int(index) for index in np.argwhere(~finite)[0])
        named = "" if names is None else f" ({shortened(names[i])})"
        raise DataError(
            f"{what} holds {array[i, j]} at {row} {i}{named}, example {j} ({np.count_nonzero(~finite)} such values in all). "
            "A net needs finite numbers: fill in or leave out these examples."
        )


# Which way round examples lie: columns here, rows in tables and in other libraries


def refuse_rows(X: Any, Y: Any, features: int | None = None) -> None:
    """Refuse X and Y whose examples are rows, as scikit-learn has them, and say what to write.

    Tables are turned, so they may have rows; so may X with as many rows as the net has features.
    """
    x, y, y_is_table = _shape(X), _shape(Y), _has_rows(Y)
    if _has_rows(X):
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
        return np.shape(_cells(values))
    except ValueError:  # ragged: refused with its reason where it is read
        return ()


def _what_to_turn(Y: npt.NDArray[Any], examples: int, outputs: int | None, labels: bool, table: bool) -> str:
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
