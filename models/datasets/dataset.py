"""What a data set is: X and Y in columns, with names, and its split into a training part and a held-out part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from minigraph.values import Array

from ..errors import DataError


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

    def split(self, held_out: float = 0.3, seed: int = 0) -> tuple[Dataset, Dataset]:
        """Two parts at random: one to train on and one to hold out.

        Args:
            held_out: share of the examples to hold out, between 0 and 1; rounded, and at least one on each side.
            seed: decides which.

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
        return self._columns(order[aside:]), self._columns(order[:aside])

    def _columns(self, chosen: npt.NDArray[np.intp]) -> Dataset:
        return replace(self, X=self.X[:, chosen], Y=self.Y[:, chosen])
