"""Heads for numbers: the identity, or ReLU where they can't be negative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import minigraph as mg
from minigraph import Node
from minigraph.values import Array

from ..errors import DataError
from ..inputs import read_targets, rounding_of
from ..score_reports import RegressionReport, Report
from ..standardization import Standardization, varies, weighted_mean
from .head import Head

LARGEST = 1e100
"""The squares of larger numbers, summed, would leave the range of float64."""


class Regression(Head):
    """Numbers: A = Z, or ReLU(Z) where they can't be negative. The loss is ½(A − Y)².

    With standardising, A and Y in the graph are in units of the training targets' spread (centred for the
    identity); predictions are in the user's units again.
    """

    name = title = "identity"
    meaning = "numbers"
    centered = True

    def __init__(self, outputs: int, labels: Sequence[Any] | None):
        if labels:
            raise ValueError(f"labels are for classes; output {self.name!r} predicts numbers.")
        super().__init__(outputs, ())

    def learn(self, Y: Any, examples: int, standardize: bool, weights: Array | None = None) -> None:
        targets = self._targets(Y, examples)
        none = Standardization.none(self.outputs)
        self.scaling = Standardization.learn(targets, self.centered, rounding_of(Y), weights) if standardize else none

    def remark(self, Y: Any, targets: Array) -> str | None:
        """Which row of Y is one number throughout."""
        given = self._targets(Y, targets.shape[1])
        same = ~varies(given, rounding_of(Y))
        if targets.shape[1] < 2 or not same.any():
            return None
        row = int(np.argmax(same))
        which = f"row {row} of Y" if len(given) > 1 else "Y"
        return f"{which} is {given[row, 0]:.4g} in every example: there is nothing to learn but that number."

    def read(self, Y: Any, examples: int) -> Array:
        return self.scaling.apply(self._targets(Y, examples))

    def _targets(self, Y: Any, examples: int) -> Array:
        targets = read_targets(Y, examples, self.outputs)
        if np.abs(targets).max(initial=0.0) > LARGEST:
            raise DataError(
                f"Y holds {np.abs(targets).max():.4g}: numbers to predict are at most {LARGEST:g}. Rescale them."
            )
        return targets

    def output(self, Z: Node) -> Node:
        return mg.identity(Z)

    def loss_of_logits(self, Z: Node, Y: Node) -> Node:
        return self.loss_of_output(self.output(Z), Y)

    def loss_of_output(self, A: Node, Y: Node) -> Node:
        """½(A − Y)²."""
        return mg.squared_error(A, Y)

    def decide(self, A: Array) -> Array:
        return self.scaling.undo(A)

    def score(self, predicted: npt.NDArray[Any], Y: Any) -> float:
        """R²: 1 − squared error / squared error of the mean; 0 is as good as the mean."""
        truth = self._targets(Y, predicted.shape[1])
        with np.errstate(all="ignore"):  # far beyond the training data, the error may be infinite
            error = np.square(predicted - truth).sum()
            spread = np.square(truth - truth.mean(axis=1, keepdims=True)).sum()
            return float(1 - error / spread) if spread > 0 else float(error == 0)

    def report(self, A: Array, Y: Any) -> Report:
        truth, predicted = self._targets(Y, A.shape[1]), self.decide(A)
        return RegressionReport.of(predicted, truth, self.score(predicted, Y))


class PositiveRegression(Regression):
    """Numbers that can't be negative: ReLU(Z), scaled but not centred, so that 0 stays 0.

    Its biases start at the targets' mean: a unit that starts below 0 for most examples hardly learns.
    """

    name = "relu"
    title = "ReLU"
    meaning = "numbers from 0"
    initializer = "he"
    centered = False

    def learn(self, Y: Any, examples: int, standardize: bool, weights: Array | None = None) -> None:
        """Spread of the targets, and their mean as the first bias; a negative one, which ReLU never gives, is refused."""
        targets = self._targets(Y, examples)
        if (negative := targets < 0).any():
            row, example = (int(i) for i in np.argwhere(negative)[0])
            raise DataError(
                f"Y holds {targets[row, example]:.4g} at row {row}, example {example} ({np.count_nonzero(negative)} numbers "
                "below 0 in all), but output 'relu' gives numbers from 0. Use output 'identity'."
            )
        super().learn(Y, examples, standardize, weights)
        self.bias = weighted_mean(self.read(Y, examples), weights)

    def output(self, Z: Node) -> Node:
        return mg.relu(Z)
