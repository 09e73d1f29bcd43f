"""The Wisconsin breast-cancer data, as shipped; see NOTICE.md for their source and licence."""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np

from .dataset import Dataset

LABELS = ("benign", "malignant")


def breast_cancer() -> Dataset:
    """569 tumours with 30 features of their cell nuclei; Y is 1 for malignant, 0 for benign.

    Example:
        >>> X, Y = breast_cancer()
        >>> X.shape, Y.shape, int(Y.sum())
        ((30, 569), (1, 569), 212)
    """
    text = files(__package__).joinpath("breast_cancer.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(text.splitlines())
    X = np.array([row[:-1] for row in rows], dtype=np.float64).T.copy()
    Y = np.array([[LABELS.index(row[-1]) for row in rows]])
    return Dataset(X, Y, tuple(header[:-1]), (header[-1],), LABELS, "breast-cancer")
