"""Heads: what the last layer's Z means. One head says how targets are read, which loss trains, what is predicted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import minigraph as mg
from minigraph import Node

from .errors import DataError, NotFittedError, unknown
from .inputs import read_targets
from .standardization import Standardization

Array = npt.NDArray[np.float64]


class Head:
    """What the last layer computes, predicts and is trained on.

    Attributes:
        name: as the user types it: ``sigmoid``, ``softmax``, ``identity`` or ``relu``.
        title: as diagrams write it.
        initializer: the initialiser that suits the last layer.
        outputs: rows of Z.
        classes: how many labels there are; 0 for regression.
        labels: names of the classes, in order; () for regression; None where they are still to be learnt.
        scaling: of the targets, for regression.
        bias: what the last layer's biases start at, (outputs, 1).
        score_name: what `score` gives.
    """

    name: str
    title: str
    initializer = "xavier"
    score_name = "accuracy"
    classes = 0

    def __init__(self, outputs: int, labels: Sequence[Any] | None):
        self.outputs = outputs
        self.scaling = Standardization.none(outputs)
        self.bias = np.zeros((outputs, 1))
        self.given_labels = None if labels is None else [x.item() if isinstance(x, np.generic) else x for x in labels]
        self.labels: tuple[Any, ...] | None = None if self.given_labels is None else tuple(self.given_labels)

    def learn(self, Y: Any, examples: int, standardize: bool) -> None:
        """Learn from the training targets what the head needs to know: labels, or the targets' scale."""

    def read(self, Y: Any, examples: int) -> Array:
        """Targets as the graph takes them, (outputs, examples)."""
        raise NotImplementedError

    def output(self, Z: Node) -> Node:
        """The node A of the last layer."""
        raise NotImplementedError

    def loss_of_logits(self, Z: Node, Y: Node) -> Node:
        """The loss that trains, from Z: exact for any Z."""
        raise NotImplementedError

    def loss_of_output(self, A: Node, Y: Node) -> Node:
        """The same loss from A, for teaching: every step of the chain rule can be seen."""
        raise NotImplementedError

    def decide(self, A: Array) -> npt.NDArray[Any]:
        """Predictions in the user's own terms, from the values of A."""
        raise NotImplementedError

    def score(self, predicted: npt.NDArray[Any], Y: Any) -> float:
        """How good predictions are; 1 is perfect."""
        raise NotImplementedError


def _plain(values: npt.NDArray[Any]) -> list[Any]:
    """Labels as plain Python text and whole numbers, so that 3, 3.0 and np.int64(3) are one label."""
    return [int(v) if isinstance(v, float) and v.is_integer() else v for v in values.ravel().tolist()]


class _Classes(Head):
    def score(self, predicted: npt.NDArray[Any], Y: Any) -> float:
        """The share of right predictions."""
        truth = read_targets(Y, predicted.shape[1], text=True)
        return float(np.mean([p == t for p, t in zip(_plain(predicted), _plain(truth), strict=True)]))

    def indices(self, Y: Any, examples: int) -> npt.NDArray[np.intp]:
        """The class number of each example, (examples,)."""
        assert self.labels is not None
        number_of = {label: i for i, label in enumerate(self.labels)}
        given = _plain(read_targets(Y, examples, text=True))
        for j, label in enumerate(given):
            if label not in number_of:
                raise DataError(self._stranger(label, j))
        return np.array([number_of[label] for label in given], dtype=np.intp)

    def _stranger(self, label: object, example: int) -> str:
        known = ", ".join(map(repr, self.labels or ()))
        return f"Y holds the label {label!r} at example {example}: the labels are {known}."


class TwoClasses(_Classes):
    """One sigmoid output: A is the probability of the second label."""

    name = title = "sigmoid"

    def __init__(self, outputs: int, labels: Sequence[Any] | None):
        if outputs != 1:
            raise ValueError(f"output 'sigmoid' is for two classes and has 1 unit, not {outputs}. Use 'softmax'.")
        super().__init__(1, labels)
        self.classes = 2
        self.labels = self.labels or (0, 1)
        if len(self.labels) != 2:
            raise ValueError(f"labels: {len(self.labels)} given, but 'sigmoid' tells 2 apart. Use 'softmax'.")

    def read(self, Y: Any, examples: int) -> Array:
        """0 and 1, (1, examples)."""
        return self.indices(Y, examples).astype(np.float64).reshape(1, -1)

    def _stranger(self, label: object, example: int) -> str:
        if self.labels != (0, 1):
            return super()._stranger(label, example)
        return (
            f"Y holds the label {label!r} at example {example}: for two classes labels are 0 and 1. "
            "Name your own with labels=(no, yes), or use output='softmax' for more classes, 'identity' for numbers."
        )

    def output(self, Z: Node) -> Node:
        """σ(Z)."""
        return mg.sigmoid(Z)

    def loss_of_logits(self, Z: Node, Y: Node) -> Node:
        """Binary cross-entropy of logits."""
        return mg.bce_with_logits(Z, Y)

    def loss_of_output(self, A: Node, Y: Node) -> Node:
        """Binary cross-entropy of probabilities."""
        return mg.bce(A, Y)

    def decide(self, A: Array) -> npt.NDArray[Any]:
        """The second label where A ≥ ½."""
        labels: npt.NDArray[Any] = np.array(self.labels)
        return labels[(A >= 0.5).astype(np.intp)]


class ManyClasses(_Classes):
    """Softmax over the rows: A holds the probability of each class in its row."""

    name = title = "softmax"

    def __init__(self, outputs: int, labels: Sequence[Any] | None):
        if outputs < 2:
            raise ValueError(f"output 'softmax' needs a unit for each class, at least 2, not {outputs}.")
        super().__init__(outputs, labels)
        self.classes = outputs
        if labels is not None and len(labels) != outputs:
            raise ValueError(f"labels: {len(labels)} given for {outputs} classes. Give one for each unit of the last layer.")

    def learn(self, Y: Any, examples: int, standardize: bool) -> None:
        """The labels, sorted, unless they were given; 0 … classes − 1 where Y holds such numbers only."""
        if self.given_labels is not None:
            return
        found = set(_plain(read_targets(Y, examples, text=True)))
        if found <= set(range(self.outputs)):
            self.labels = tuple(range(self.outputs))
            return
        if len(found) != self.outputs:
            raise DataError(
                f"Y holds {len(found)} different labels, but the last layer has {self.outputs} units, one for each class. "
                "Change the last layer's size, or name the labels with labels=(…)."
            )
        self.labels = tuple(sorted(found, key=lambda label: (isinstance(label, str), label)))

    def read(self, Y: Any, examples: int) -> Array:
        """One-hot columns, (classes, examples)."""
        if self.labels is None:
            raise NotFittedError("the labels are learnt by fit. Fit the net first, or name them with labels=(…).")
        columns = np.zeros((self.outputs, examples))
        columns[self.indices(Y, examples), np.arange(examples)] = 1.0
        return columns

    def output(self, Z: Node) -> Node:
        """softmax(Z), over the rows."""
        return mg.softmax(Z)

    def loss_of_logits(self, Z: Node, Y: Node) -> Node:
        """Cross-entropy of logits."""
        return mg.cross_entropy_with_logits(Z, Y)

    def loss_of_output(self, A: Node, Y: Node) -> Node:
        """−Σ Y log A; undefined where a probability underflows to 0, so it is for teaching only."""
        return -(Y * mg.log(A)).sum(axis=0, keepdims=True)

    def decide(self, A: Array) -> npt.NDArray[Any]:
        """The most probable label."""
        labels: npt.NDArray[Any] = np.array(self.labels)
        most_probable: npt.NDArray[np.intp] = np.argmax(A, axis=0, keepdims=True)
        return labels[most_probable]


class Regression(Head):
    """Numbers: A = Z, or ReLU(Z) where they can't be negative. The loss is ½(A − Y)².

    With standardising, A and Y in the graph are in units of the training targets' spread (centred for the
    identity); predictions are in the user's units again.
    """

    name = title = "identity"
    score_name = "R²"
    centered = True

    def __init__(self, outputs: int, labels: Sequence[Any] | None):
        if labels:
            raise ValueError(f"labels are for classes; output {self.name!r} predicts numbers.")
        super().__init__(outputs, ())

    def learn(self, Y: Any, examples: int, standardize: bool) -> None:
        """Mean and spread of the targets."""
        targets = read_targets(Y, examples, self.outputs)
        none = Standardization.none(self.outputs)
        self.scaling = Standardization.learn(targets, self.centered) if standardize else none

    def read(self, Y: Any, examples: int) -> Array:
        """The targets, scaled."""
        return self.scaling.apply(read_targets(Y, examples, self.outputs))

    def output(self, Z: Node) -> Node:
        """Z itself."""
        return mg.identity(Z)

    def loss_of_logits(self, Z: Node, Y: Node) -> Node:
        """½(A − Y)²."""
        return self.loss_of_output(self.output(Z), Y)

    def loss_of_output(self, A: Node, Y: Node) -> Node:
        """½(A − Y)²."""
        return mg.squared_error(A, Y)

    def decide(self, A: Array) -> Array:
        """Numbers in the targets' units."""
        return self.scaling.undo(A)

    def score(self, predicted: npt.NDArray[Any], Y: Any) -> float:
        """R²: 1 − squared error / squared error of the mean; 0 is as good as the mean."""
        truth = read_targets(Y, predicted.shape[1], self.outputs)
        spread = np.square(truth - truth.mean(axis=1, keepdims=True)).sum()
        error = np.square(predicted - truth).sum()
        return float(1 - error / spread) if spread > 0 else float(error == 0)


class PositiveRegression(Regression):
    """Numbers that can't be negative: ReLU(Z), scaled but not centred, so that 0 stays 0.

    Its biases start at the targets' mean: a unit that starts below 0 for most examples hardly learns.
    """

    name = "relu"
    title = "ReLU"
    initializer = "he"
    centered = False

    def learn(self, Y: Any, examples: int, standardize: bool) -> None:
        """Spread of the targets, and their mean as the first bias."""
        super().learn(Y, examples, standardize)
        self.bias = self.read(Y, examples).mean(axis=1, keepdims=True)

    def output(self, Z: Node) -> Node:
        """max(0, Z)."""
        return mg.relu(Z)


HEADS: dict[str, type[Head]] = {head.name: head for head in (TwoClasses, ManyClasses, Regression, PositiveRegression)}


def make_head(output: str | None, outputs: int, labels: Sequence[Any] | None) -> Head:
    """The head of that name; by default sigmoid for one output and softmax for more.

    Raises:
        ValueError: for an unknown name, with the nearest match, or labels that don't fit.
    """
    name = output if output is not None else "sigmoid" if outputs == 1 else "softmax"
    if name not in HEADS:
        raise unknown("output", name, HEADS)
    return HEADS[name](outputs, labels)
