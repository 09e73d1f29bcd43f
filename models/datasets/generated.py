"""Generated data sets: points in the plane that no straight line parts, clusters, and house prices."""

from __future__ import annotations

import numpy as np

from minigraph.values import Array

from ..errors import DataError
from .dataset import Dataset

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
