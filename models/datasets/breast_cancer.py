"""The Wisconsin breast-cancer data, as shipped; see NOTICE.md for their source and licence."""

from __future__ import annotations

import numpy as np

from .dataset import Dataset
from .shipped import shipped_table

LABELS = ("benign", "malignant")


def breast_cancer() -> Dataset:
    """569 tumours with 30 features of their cell nuclei; Y is 1 for malignant, 0 for benign.

    Example:
        >>> X, Y = breast_cancer()
        >>> X.shape, Y.shape, int(Y.sum())
        ((30, 569), (1, 569), 212)
    """
    table = shipped_table("breast_cancer.csv")
    Y = np.array([[LABELS.index(diagnosis) for diagnosis in table.texts(30)]])
    return Dataset(table.numbers(range(30)), Y, table.names[:-1], table.names[-1:], LABELS, "breast-cancer")
