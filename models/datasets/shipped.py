"""Real data sets, each a file in this folder; see NOTICE.md for their sources and licences."""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from ..tables import Table, parse_csv
from .dataset import Dataset

LABELS = ("benign", "malignant")


def breast_cancer() -> Dataset:
    """569 tumours with 30 features of their cell nuclei; Y is 1 for malignant, 0 for benign.

    Example:
        >>> X, Y = breast_cancer()
        >>> X.shape, Y.shape, int(Y.sum())
        ((30, 569), (1, 569), 212)
    """
    table = _table("breast_cancer.csv")
    Y = np.array([[LABELS.index(diagnosis) for diagnosis in table.texts(30)]])
    return Dataset(table.numbers(range(30)), Y, table.names[:-1], table.names[-1:], LABELS, "breast-cancer")


def digits() -> Dataset:
    """1,797 handwritten digits: 64 pixels from 0 (white) to 16 (black), row by row; Y is the digit, 0 to 9.

    Example:
        >>> X, Y = digits()
        >>> X.shape, Y.shape, Y[0, :5]
        ((64, 1797), (1, 1797), array([0, 1, 2, 3, 4]))
    """
    table = _table("digits.csv")
    X, Y = table.numbers(range(64)), table.numbers([64]).astype(int)
    return Dataset(X, Y, table.names[:-1], table.names[-1:], tuple(map(str, range(10))), "digits")


def _table(name: str) -> Table:
    """A CSV file of this folder; it is found in a wheel too, zipped or not."""
    return parse_csv(files(__package__).joinpath(name).read_text(encoding="utf-8"), name)
