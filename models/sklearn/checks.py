"""What estimators check of what they are given, beyond scikit-learn's own checks: each refusal says what to do."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils import check_array
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from minigraph.values import Array

from ..errors import DataError

_NO_NUMBER = re.compile(r"could not convert string to float: (?:np\.str_\()?('.*?'|\".*?\")\)?")


def numeric(estimator: BaseEstimator, *given: Any, **options: Any) -> Any:
    """X, or X and y, as scikit-learn checks them; text in X is refused by its columns.

    Raises:
        ValueError: for what does not fit.
    """
    try:
        return validate_data(estimator, *given, dtype=np.float64, **options)
    except ValueError as error:
        if not (told := _NO_NUMBER.fullmatch(str(error))):
            raise
        columns = [str(name) for name in getattr(given[0], "columns", ()) if _is_text(given[0][name])]
        named = f" ({', '.join(columns[:5])}{', …' if len(columns) > 5 else ''})" if columns else ""
        raise DataError(
            f"there is the text {told[1]}, but a net computes with numbers. Make numbers of columns of text{named} first: "
            "make_pipeline(ColumnTransformer([('text', OneHotEncoder(sparse_output=False), names)], "
            "remainder='passthrough'), estimator)."
        ) from None


def _is_text(column: Any) -> bool:
    return np.asarray(column).dtype.kind not in "biuf"


def labelled(estimator: BaseEstimator, X: Any, y: Any, *, reset: bool) -> tuple[Array, npt.NDArray[Any]]:
    """X and y as arrays, y with one label for each row.

    Raises:
        ValueError: for what does not fit.
    """
    shape = np.asarray(y).shape
    if shape[1:] not in ((), (1,)):
        raise DataError(
            f"y has the shape {shape}: this classifier gives one label for each row. For several labels at once "
            "(multilabel, multioutput) train one for each: MultiOutputClassifier(MinigraphClassifier())."
        )
    X, y = numeric(estimator, X, y, reset=reset)
    kinds = sorted({type(label).__name__ for label in y.tolist()})
    if y.dtype == object and len(kinds) > 1:
        raise DataError(f"y holds labels of several kinds, {', '.join(kinds)}, which have no order. Make all of them text.")
    check_classification_targets(y)
    return X, y


def checked_weights(given: Any, rows: int) -> Array:
    """How often each row counts, (rows,), of one number for all of them, or one for each.

    Raises:
        ValueError: for what does not fit.
    """
    given = np.asarray(given)
    given = given if given.ndim else np.full(rows, given)
    weights: Array = check_array(given, ensure_2d=False, allow_nd=True, dtype=np.float64, input_name="sample_weight")
    if weights.shape != (rows,):
        raise DataError(f"sample_weight is {weights.shape}, but there are {rows} rows: give a number for each.")
    if not weights.any():
        raise DataError("sample_weight is zero for every row: there is nothing to learn from.")
    return weights
