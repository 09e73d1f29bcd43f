"""Heads for classes: one sigmoid output for two, softmax over the rows for many."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import minigraph as mg
from minigraph import Node
from minigraph.values import Array

from ..errors import DataError, NotFittedError
from ..inputs import read_targets
from ..names_and_labels import in_order, object_array, plain_labels
from ..score_reports import ClassReport, Report
from .head import Head


def _label_array(labels: tuple[Any, ...] | None) -> npt.NDArray[Any]:
    """The labels as an array, of one type if they have one."""
    assert labels is not None
    one_type = len({type(label) for label in labels}) == 1
    return np.array(labels) if one_type and isinstance(labels[0], str | int) else object_array(labels)


class _Classes(Head):
    def score(self, predicted: npt.NDArray[Any], Y: Any) -> float:
        """The share of right predictions; an unknown label is not right, and one of another type is refused."""
        truth = plain_labels(read_targets(Y, predicted.shape[1], text=True))
        for label in dict.fromkeys(truth):
            if self._of_another_type(label):
                raise DataError(self._stranger(label, truth.index(label)))
        return float(np.mean([p == t for p, t in zip(plain_labels(predicted), truth, strict=True)]))

    def report(self, A: Array, Y: Any) -> Report:
        assert self.labels is not None
        m = A.shape[1]
        return ClassReport.of(self.labels, self.indices(Y, m), self.indices(self.decide(A), m), self.probabilities(A))

    def indices(self, Y: Any, examples: int) -> npt.NDArray[np.intp]:
        """The class number of each example, (examples,)."""
        assert self.labels is not None
        number_of = {label: i for i, label in enumerate(self.labels)}
        given = plain_labels(read_targets(Y, examples, text=True))
        try:
            return np.fromiter(map(number_of.__getitem__, given), np.intp, len(given))
        except KeyError:
            stranger = next(j for j, label in enumerate(given) if label not in number_of)
            raise DataError(self._stranger(given[stranger], stranger)) from None

    def remark(self, Y: Any, targets: Array) -> str | None:
        """Whether all examples are of one class."""
        if targets.shape[1] < 2 or (targets != targets[:, :1]).any():
            return None
        label = self.decide(targets[:, :1]).tolist()[0][0]
        return f"Y holds the label {label!r} in every example: there is nothing to tell apart."

    def _stranger(self, label: object, example: int) -> str:
        known = ", ".join(map(repr, self.labels or ()))
        return f"Y holds the label {label!r} at example {example}: the labels are {known}." + self._advice(label)

    def _of_another_type(self, label: object) -> bool:
        return all(isinstance(known, str) != isinstance(label, str) for known in self.labels or ())

    def _advice(self, label: object) -> str:
        """What to write where text was given for numbers, or numbers for text."""
        if not self._of_another_type(label) or str(label) not in map(str, self.labels or ()):
            return ""
        if isinstance(label, str):
            return " They are numbers, and this is text: write np.asarray(Y, float)."
        return " They are text, and this is a number: write np.asarray(Y).astype(str)."


class TwoClasses(_Classes):
    """One sigmoid output: A is the probability of the second label."""

    name = title = "sigmoid"
    meaning = "two classes"
    most_classes = 2

    def __init__(self, outputs: int, labels: Sequence[Any] | None):
        if not self.takes(outputs):
            raise ValueError(f"output 'sigmoid' is for two classes and has 1 unit, not {outputs}. Use 'softmax'.")
        super().__init__(1, labels)
        self.classes = 2
        self.labels = self.labels or (0, 1)
        if len(self.labels) != 2:
            raise ValueError(f"labels: {len(self.labels)} given, but 'sigmoid' tells 2 apart. Use 'softmax'.")

    @classmethod
    def takes(cls, outputs: int) -> bool:
        return outputs == 1

    def learn(self, Y: Any, examples: int, standardize: bool, weights: Array | None = None) -> None:
        """Nothing: the labels are known."""

    def read(self, Y: Any, examples: int) -> Array:
        """0 and 1, (1, examples)."""
        return self.indices(Y, examples).astype(np.float64).reshape(1, -1)

    def _stranger(self, label: object, example: int) -> str:
        if self.labels != (0, 1) or self._advice(label):
            return super()._stranger(label, example)
        return (
            f"Y holds the label {label!r} at example {example}: for two classes labels are 0 and 1. "
            "Name your own with labels=(no, yes), or use output='softmax' for more classes, 'identity' for numbers."
        )

    def output(self, Z: Node) -> Node:
        return mg.sigmoid(Z)

    def loss_of_logits(self, Z: Node, Y: Node) -> Node:
        return mg.bce_with_logits(Z, Y)

    def loss_of_output(self, A: Node, Y: Node) -> Node:
        return mg.bce(A, Y)

    def decide(self, A: Array) -> npt.NDArray[Any]:
        """The second label where A ≥ ½."""
        return _label_array(self.labels)[(A >= 0.5).astype(np.intp)]

    def probabilities(self, A: Array) -> Array:
        """1 − A of the first label, A of the second."""
        return np.concatenate([1 - A, A])


class ManyClasses(_Classes):
    """Softmax over the rows: A holds the probability of each class in its row."""

    name = title = "softmax"
    meaning = "many"
    most_classes = sys.maxsize

    def __init__(self, outputs: int, labels: Sequence[Any] | None):
        if not self.takes(outputs):
            raise ValueError(f"output 'softmax' needs a unit for each class, at least 2, not {outputs}.")
        super().__init__(outputs, labels)
        self.classes = outputs
        if labels is not None and len(labels) != outputs:
            raise ValueError(f"labels: {len(labels)} given for {outputs} classes. Give one for each unit of the last layer.")

    @classmethod
    def takes(cls, outputs: int) -> bool:
        return outputs > 1

    @classmethod
    def outputs_for(cls, labels: Sequence[Any]) -> int:
        return len(labels)

    def learn(self, Y: Any, examples: int, standardize: bool, weights: Array | None = None) -> None:
        """The labels, sorted, unless they were given; 0 … classes − 1 where Y holds such numbers only."""
        if self.given_labels is not None:
            return
        found = set(plain_labels(read_targets(Y, examples, text=True)))
        if found <= set(range(self.outputs)):
            self.labels = tuple(range(self.outputs))
            return
        if len(found) != self.outputs:
            raise DataError(
                f"Y holds {len(found)} different labels, but the last layer has {self.outputs} units, one for each class. "
                "Change the last layer's size, or name the labels with labels=(…)."
            )
        self.labels = in_order(found)

    def read(self, Y: Any, examples: int) -> Array:
        """One-hot columns, (classes, examples)."""
        if self.labels is None:
            raise NotFittedError("the labels are learnt by fit. Fit the net first, or name them with labels=(…).")
        columns = np.zeros((self.outputs, examples))
        columns[self.indices(Y, examples), np.arange(examples)] = 1.0
        return columns

    def output(self, Z: Node) -> Node:
        return mg.softmax(Z)

    def loss_of_logits(self, Z: Node, Y: Node) -> Node:
        return mg.cross_entropy_with_logits(Z, Y)

    def loss_of_output(self, A: Node, Y: Node) -> Node:
        """−Σ Y log A; undefined where a probability underflows to 0, so it is for teaching only."""
        return -(Y * mg.log(A)).sum(axis=0, keepdims=True)

    def decide(self, A: Array) -> npt.NDArray[Any]:
        """The most probable label."""
        most_probable: npt.NDArray[np.intp] = np.argmax(A, axis=0, keepdims=True)
        return _label_array(self.labels)[most_probable]
