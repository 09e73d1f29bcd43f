"""Standardising: every row of an array to mean 0 and standard deviation 1, as learnt on the training part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from minigraph.values import Array

from .errors import DataError

EPSILON = float(np.finfo(np.float64).eps)
ROUNDING = 4
"""A row whose values differ by no more than so many roundings of the largest of them is constant."""


def varies(values: Array, epsilon: float = EPSILON) -> npt.NDArray[np.bool_]:
    """Which rows vary by more than rounding, (n,): 0.3 and 0.1 + 0.2 are one number.

    Args:
        values: (n, m), finite.
        epsilon: the rounding of the numbers that were given, such as float32's.

    Example:
        >>> import numpy as np
        >>> varies(np.array([[0.3, 0.1 + 0.2], [0.3, 0.4]]))
        array([False,  True])
    """
    high, low = values.max(axis=1), values.min(axis=1)
    with np.errstate(all="ignore"):
        more: npt.NDArray[np.bool_] = high - low > ROUNDING * epsilon * np.maximum(np.abs(high), np.abs(low))
    return more


def weighted_mean(values: Array, weights: Array | None) -> Array:
    """The mean of each row, (n, 1), where each column counts as often as its weight says; None for once."""
    mean: Array = (
        values.mean(axis=1, keepdims=True) if weights is None else np.average(values, axis=1, weights=weights, keepdims=True)
    )
    return mean


@dataclass(frozen=True)
class Standardization:
    """(values − mean) / scale, row by row.

    Attributes:
        mean: (n, 1).
        scale: (n, 1), all above 0.

    Example:
        >>> import numpy as np
        >>> rows = Standardization.learn(np.array([[1.0, 3.0], [5.0, 5.0]]))
        >>> rows.apply(np.array([[1.0, 3.0, 5.0], [5.0, 5.0, 6.0]]))
        array([[-1. ,  1. ,  3. ],
               [ 0. ,  0. ,  0.2]])
    """

    mean: Array
    scale: Array

    @classmethod
    def learn(
        cls, values: Array, centered: bool = True, epsilon: float = EPSILON, weights: Array | None = None
    ) -> Standardization:
        """Mean and standard deviation of each row.

        A row that does not vary, but for rounding, gets the scale |mean|, at least 1: so rounding stays rounding.

        Args:
            values: (n, m), finite.
            centered: False to scale only, so that 0 stays 0.
            epsilon: the rounding of the numbers that were given.
            weights: how often each column counts, (m,); None for once.

        Raises:
            DataError: if the values are so large that their spread overflows.
        """
        with np.errstate(all="ignore"):
            mean = weighted_mean(values, weights)
            scale = (
                values.std(axis=1, keepdims=True)
                if weights is None
                else np.sqrt(weighted_mean((values - mean) ** 2, weights))
            )
        if weights is not None:
            values = values[:, weights > 0]
        if not (np.isfinite(mean).all() and np.isfinite(scale).all()):
            row = int(np.argmin(np.isfinite(mean[:, 0]) & np.isfinite(scale[:, 0])))
            raise DataError(f"row {row} holds values too large to standardise (up to {np.abs(values[row]).max():.3g}).")
        scale = np.where(varies(values, epsilon)[:, None] & (scale > 0), scale, np.maximum(1.0, np.abs(mean)))
        return cls(mean if centered else np.zeros_like(mean), scale)

    @classmethod
    def none(cls, rows: int) -> Standardization:
        """The one that changes nothing."""
        return cls(np.zeros((rows, 1)), np.ones((rows, 1)))

    def apply(self, values: Array) -> Array:
        """Values as the net sees them.

        Raises:
            DataError: if a value is so far off that it overflows.
        """
        with np.errstate(all="ignore"):
            result: Array = (values - self.mean) / self.scale
        if not np.isfinite(result).all():
            i, j = np.argwhere(~np.isfinite(result))[0]
            raise DataError(
                f"row {i}, example {j}: {values[i, j]:.4g} is too far from the training data to be standardised."
            )
        return result

    def undo(self, values: Array) -> Array:
        """Values as the user has them."""
        with np.errstate(all="ignore"):
            result: Array = values * self.scale + self.mean
        return result
