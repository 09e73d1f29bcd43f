"""What every head says: how targets are read, which loss trains, what is predicted, and how good that is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from minigraph import Node
from minigraph.values import Array

from ..names_and_labels import are_labels
from ..score_reports import Report
from ..standardization import Standardization


class Head(ABC):
    """What the last layer computes, predicts and is trained on.

    Attributes:
        name: as the user types it: ``sigmoid``, ``softmax``, ``identity`` or ``relu``.
        title: as diagrams write it.
        meaning: what it predicts, in two or three words.
        most_classes: how many classes it can tell apart; 0 if it predicts numbers.
        initializer: the initialiser that suits the last layer.
        outputs: rows of Z.
        classes: how many labels there are; 0 for numbers.
        labels: names of the classes, in order; () for numbers; None where they are still to be learnt.
        scaling: of the targets, for numbers.
        bias: what the last layer's biases start at, (outputs, 1).
    """

    name: ClassVar[str]
    title: ClassVar[str]
    meaning: ClassVar[str]
    most_classes: ClassVar[int] = 0
    initializer: ClassVar[str] = "xavier"
    classes = 0

    def __init__(self, outputs: int, labels: Sequence[Any] | None):
        self.outputs = outputs
        self.scaling = Standardization.none(outputs)
        self.bias = np.zeros((outputs, 1))
        self.given_labels = None if labels is None else [x.item() if isinstance(x, np.generic) else x for x in labels]
        if not are_labels(self.given_labels or []):
            raise ValueError(f"labels is {self.given_labels}: give different texts or numbers, one for each class.")
        self.labels: tuple[Any, ...] | None = None if self.given_labels is None else tuple(self.given_labels)

    @classmethod
    def takes(cls, outputs: int) -> bool:
        """Whether the last layer may have so many units."""
        return True

    @classmethod
    def outputs_for(cls, labels: Sequence[Any]) -> int:
        """How many units the last layer has for these classes, or for one number."""
        return 1

    @abstractmethod
    def learn(self, Y: Any, examples: int, standardize: bool, weights: Array | None = None) -> None:
        """Learn from the training targets what the head needs to know: labels, or the targets' scale.

        Args:
            Y: as it was given.
            examples: how many there must be.
            standardize: whether targets are scaled.
            weights: how often each example counts, (examples,); None for once.
        """

    @abstractmethod
    def remark(self, Y: Any, targets: Array) -> str | None:
        """What a user should know of targets: that they never change, so that there is nothing to learn.

        Args:
            Y: as it was given.
            targets: as the graph takes them.
        """

    @abstractmethod
    def read(self, Y: Any, examples: int) -> Array:
        """Targets as the graph takes them, (outputs, examples)."""

    @abstractmethod
    def output(self, Z: Node) -> Node:
        """The node A of the last layer."""

    @abstractmethod
    def loss_of_logits(self, Z: Node, Y: Node) -> Node:
        """The loss that trains, from Z: exact for any Z."""

    @abstractmethod
    def loss_of_output(self, A: Node, Y: Node) -> Node:
        """The same loss from A, for teaching: every step of the chain rule can be seen."""

    @abstractmethod
    def decide(self, A: Array) -> npt.NDArray[Any]:
        """Predictions in the user's own terms, from the values of A."""

    def probabilities(self, A: Array) -> Array:
        """The probability of each class in its row, from the values of A."""
        return A

    @abstractmethod
    def score(self, predicted: npt.NDArray[Any], Y: Any) -> float:
        """How good predictions are; 1 is perfect."""

    @abstractmethod
    def report(self, A: Array, Y: Any) -> Report:
        """How good predictions are, in full, from the values of A."""
