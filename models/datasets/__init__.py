"""Data sets: real ones, shipped as small files with their own licence (NOTICE.md), and generated ones."""

from collections.abc import Callable

from .dataset import Dataset
from .generated import blobs, circles, flower, houses
from .shipped import breast_cancer, digits

DATASETS: dict[str, Callable[[], Dataset]] = {
    "breast-cancer": breast_cancer,
    "digits": digits,
    "flower": flower,
    "circles": circles,
    "blobs": blobs,
    "houses": houses,
}
"""The data sets by name, as the command line knows them."""

__all__ = ["DATASETS", "Dataset", "blobs", "breast_cancer", "circles", "digits", "flower", "houses"]
