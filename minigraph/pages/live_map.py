"""`Map`: what a classifier says over two features, which the page draws again as its parameters move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.node import Node, data
from minigraph.pages.live_program import program_of
from minigraph.values import Array

CELLS = 40
"""Points of the grid in each direction."""
DIGITS = 4
"""So many digits of the spread of a feature are kept in the grid: finer than a screen, and short to write."""


@dataclass(frozen=True)
class Map:
    """A plane of two features with examples on it.

    Attributes:
        output: the node of the probabilities of the examples, (1, m) or (classes, m).
        classify: gives the node of the probabilities, (1, k) or (classes, k), of points (2, k) in the user's units.
        X: the examples, (2, m).
        classes: the number of each one's class.
        labels: the name of each class.
        names: of the two features.
    """

    output: Node
    classify: Callable[[Array], Node]
    X: Array
    classes: Sequence[int]
    labels: Sequence[str]
    names: Sequence[str]

    def content(self, leaves: Sequence[Node]) -> dict[str, Any]:
        """What the script draws it from."""
        low, high = self.X.min(axis=1), self.X.max(axis=1)
        margin = 0.1 * np.where(high > low, high - low, 1.0)
        limits = np.stack([low - margin, high + margin], axis=1)
        columns, rows = (np.linspace(start, end, CELLS) for start, end in limits)
        grid = np.stack([part.ravel() for part in np.meshgrid(columns, rows)])
        return {
            "program": program_of([self.classify(grid)], leaves),
            "cells": CELLS,
            "limits": limits.tolist(),
            "points": _rounded(self.X, limits[:, 1] - limits[:, 0]).tolist(),
            "classes": [int(number) for number in self.classes],
            "labels": list(self.labels),
            "names": list(self.names),
        }


def rounded_points(points: Array) -> Node:
    """Points of a grid as data, to as many digits as a screen can show."""
    return data(_rounded(points, np.ptp(points, axis=1)))


def _rounded(points: Array, spread: Array) -> Array:
    digits = DIGITS - np.floor(np.log10(spread)).astype(int)
    return np.stack([row.round(kept) for row, kept in zip(points, digits, strict=True)])
