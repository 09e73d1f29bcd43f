"""Data sets: real ones, shipped as small files with their own licence (NOTICE.md), and generated ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from minigraph.values import Array

from ..errors import DataError
from ..tables import Table, parse_csv
from .splitting import held_out_by_class

__all__ = ["DATASETS", "Dataset", "blobs", "breast_cancer", "circles", "digits", "flower", "houses"]


@dataclass(frozen=True)
class Dataset:
    """X and Y, an example in each column. Unpacks as ``X, Y = dataset``.

    Attributes:
        X: (features, m).
        Y: (outputs, m): labels or numbers.
        feature_names: a name for each row of X.
        target_names: a name for each row of Y.
        label_names: for classes 0, 1, 2, … what they are called; () for numbers.
        name: of the whole.
    """

    X: Array
    Y: Array
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    label_names: tuple[str, ...] = ()
    name: str = "data"

    def __iter__(self) -> Iterator[Array]:
        return iter((self.X, self.Y))

    def __len__(self) -> int:
        """The number of examples."""
        return int(self.X.shape[1])

    def __repr__(self) -> str:
        return f"<{self.name}: X {self.X.shape}, Y {self.Y.shape}>"

    def split(self, held_out: float = 0.3, seed: int = 0, *, stratified: bool = False) -> tuple[Dataset, Dataset]:
        """Two parts at random: one to train on and one to hold out.

        Args:
            held_out: share of the examples to hold out, between 0 and 1; rounded, and at least one on each side.
            seed: decides which.
            stratified: hold out the same share of each class, for labels in Y; the first part has at least one of each.

        Raises:
            ValueError: if ``held_out`` is not between 0 and 1.
            DataError: if there are fewer than two examples.

        Example:
            >>> from minigraph.models.datasets import breast_cancer
            >>> breast_cancer().split(0.3, seed=0)
            (<breast-cancer: X (30, 398), Y (1, 398)>, <breast-cancer: X (30, 171), Y (1, 171)>)
        """
        if not 0 < held_out < 1:
            raise ValueError(f"held_out is {held_out}: give a share between 0 and 1, such as 0.3.")
        m = len(self)
        if m < 2:
            raise DataError(f"{self.name} has {m} example: two parts need at least two.")
        order = np.random.default_rng(seed).permutation(m)
        aside = min(max(round(held_out * m), 1), m - 1)
        if stratified:
            chosen = held_out_by_class(self.Y[0, order], aside)
            return self._columns(order[~chosen]), self._columns(order[chosen])
        return self._columns(order[aside:]), self._columns(order[:aside])

    def _columns(self, chosen: npt.NDArray[np.intp]) -> Dataset:
        return replace(self, X=self.X[:, chosen], Y=self.Y[:, chosen])


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


PLANE = ("x1", "x2")


def _check(m: int, least: int, noise: float) -> None:
    if m < least:
        raise DataError(f"m is {m}: give at least {least} examples.")
    if not 0 <= noise < np.inf:
        raise DataError(f"noise is {noise}: give a number from 0.")


def _classes(name: str, parts: list[Array], shuffler: np.random.Generator) -> Dataset:
    """One class a part, shuffled."""
    X = np.concatenate(parts, axis=1)
    Y = np.repeat(np.arange(len(parts)), [part.shape[1] for part in parts]).reshape(1, -1)
    order = shuffler.permutation(X.shape[1])
    return Dataset(X[:, order], Y[:, order], PLANE, ("class",), tuple(map(str, range(len(parts)))), name)


def _halves(m: int) -> tuple[int, int]:
    return m - m // 2, m // 2


def flower(m: int = 400, noise: float = 0.2, seed: int = 0) -> Dataset:
    """A flower whose petals alternate between two classes: r = 4 sin 4θ, as in the course's exercise.

    Args:
        m: examples.
        noise: standard deviation, of radius and angle.
        seed: decides the points.

    Raises:
        DataError: for fewer than 2 examples or negative noise.

    Example:
        >>> X, Y = flower()
        >>> X.shape, Y.shape
        ((2, 400), (1, 400))
    """
    _check(m, 2, noise)
    generator = np.random.default_rng(seed)
    parts = []
    for start, count in zip((0.0, 3.12), _halves(m), strict=True):
        angle = np.linspace(start, start + 3.12, count) + noise * generator.standard_normal(count)
        radius = 4 * np.sin(4 * angle) + noise * generator.standard_normal(count)
        parts.append(radius * np.array([np.sin(angle), np.cos(angle)]))
    return _classes("flower", parts, generator)


def circles(m: int = 400, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Class 1 on a circle of radius ½ inside class 0 on a circle of radius 1.

    Args:
        m: examples.
        noise: standard deviation, of each coordinate.
        seed: decides the points.

    Raises:
        DataError: for fewer than 2 examples or negative noise.

    Example:
        >>> X, Y = circles(100, noise=0)
        >>> np.hypot(*X)[Y[0] == 1].round(6).max()
        np.float64(0.5)
    """
    _check(m, 2, noise)
    generator = np.random.default_rng(seed)
    parts = []
    for radius, count in zip((1.0, 0.5), _halves(m), strict=True):
        angle = generator.uniform(0, 2 * np.pi, count)
        parts.append(radius * np.array([np.cos(angle), np.sin(angle)]) + noise * generator.standard_normal((2, count)))
    return _classes("circles", parts, generator)


def blobs(m: int = 400, classes: int = 3, noise: float = 0.6, seed: int = 0) -> Dataset:
    """Round clusters, one a class, their centres on a circle of radius 2.

    Args:
        m: examples, shared among the classes as evenly as can be.
        classes: how many.
        noise: standard deviation, of each coordinate.
        seed: decides the points.

    Raises:
        DataError: for fewer than 2 classes, fewer examples than classes, or negative noise.

    Example:
        >>> X, Y = blobs(300, classes=3)
        >>> np.bincount(Y[0])
        array([100, 100, 100])
    """
    if classes < 2:
        raise DataError(f"classes is {classes}: give at least 2.")
    _check(m, classes, noise)
    generator = np.random.default_rng(seed)
    parts = []
    for number in range(classes):
        angle, count = 2 * np.pi * number / classes, m // classes + (number < m % classes)
        centre = 2 * np.array([[np.cos(angle)], [np.sin(angle)]])
        parts.append(centre + noise * generator.standard_normal((2, count)))
    return _classes("blobs", parts, generator)


def houses(m: int = 200, noise: float = 20.0, seed: int = 0) -> Dataset:
    """Prices of houses by their size: max(0, 4 · size − 120) in thousands, and noise; never below 0.

    Args:
        m: examples.
        noise: standard deviation of the price.
        seed: decides the houses.

    Raises:
        DataError: for fewer than 1 example or negative noise.

    Example:
        >>> X, Y = houses()
        >>> X.shape, Y.shape, bool((Y >= 0).all())
        ((1, 200), (1, 200), True)
    """
    _check(m, 1, noise)
    generator = np.random.default_rng(seed)
    size = generator.uniform(10, 200, (1, m))
    price = np.maximum(0, 4 * size - 120) + noise * generator.standard_normal((1, m))
    return Dataset(size, np.maximum(0, price), ("size",), ("price",), (), "houses")


DATASETS: dict[str, Callable[[], Dataset]] = {
    "breast-cancer": breast_cancer,
    "digits": digits,
    "flower": flower,
    "circles": circles,
    "blobs": blobs,
    "houses": houses,
}
"""The data sets by name, as the command line knows them."""
