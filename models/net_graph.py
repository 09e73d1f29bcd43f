"""The one builder of a net's graph, from which training, predicting, drawing and explaining come."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

import minigraph as mg
from minigraph import Node
from minigraph.values import Array

from .errors import NotFittedError, unknown
from .heads import Head
from .inputs import read_features
from .standardization import Standardization
from .tables.encoding import Encoding

if TYPE_CHECKING:
    from minigraph import Group

Loss = Literal["logits", "probabilities"]


class NetGraph(ABC):
    """A net's parameters, and the graphs that are built on them.

    Attributes:
        parameters: the parameter nodes W1, b1, W2, … in order; they stay the same nodes for the net's life.
        head: what the last layer means: two classes, many classes, numbers.
        features: the number of features, or None before it is known.
        feature_names: their names if they are known, else None.
        encoding: how the columns of tables become features, if not as they are; see `minigraph.models.Encoding`.
            Set it before `fit`; arrays are taken as they are.
    """

    def __init__(self, features: int | None, head: Head):
        self.features = features
        self.feature_names: tuple[str, ...] | None = None
        self.encoding: Encoding | None = None
        self.head = head
        self.parameters: list[Node] = []
        self._standardization: Standardization | None = None
        if features is not None:
            self._make_parameters(features)

    # What the two kinds of net define

    @abstractmethod
    def _make_parameters(self, features: int) -> None:
        """Make the parameter nodes; their values come from `_initial_values`."""

    @abstractmethod
    def _initial_values(self, generator: np.random.Generator) -> list[Array]:
        """First values of the parameters, in order."""

    @abstractmethod
    def _logits(self, X: Node, masks: Mapping[str, Node]) -> Node:
        """The last layer's Z; hidden layers that have a mask, by its name, are multiplied by it."""

    def random_masks(self, examples: int, generator: np.random.Generator | None = None) -> dict[str, Array]:
        """Masks of dropout for so many examples, by name: none, in a net that has no dropout."""
        return {}

    @abstractmethod
    def _output_place(self) -> tuple[str, Group]:
        """The name of the last layer's A, and the group that it belongs to."""

    # The graph

    def output(self, X: Any) -> Node:
        """The graph of the forward pass: the node A of the last layer.

        Args:
            X: (features, m) in the user's units, which is standardised as in training; or a node, taken as it is.

        Raises:
            DataError: if X does not fit.
        """
        return self._activated(self._logits(self._as_features(X), {}))

    @property
    def weights(self) -> list[Node]:
        """The parameters that multiply, without the biases: w, or W1, W2, …; none before the features are known."""
        return self.parameters[::2]  # each layer has made its weights, then its biases

    def graph(
        self,
        X: Any,
        Y: Any,
        loss: Loss = "logits",
        *,
        l2: float = 0.0,
        example_weights: Node | None = None,
        masks: Mapping[str, Any] | None = None,
    ) -> Node:
        """The graph of the cost: the node J, the mean over examples of the loss, summed over outputs.

        Args:
            X: (features, m) in the user's units, which is standardised as in training; or a node, taken as it is.
            Y: targets, a column for each example; or a node (outputs, m) with 0 and 1, one-hot columns or numbers.
            loss: ``logits`` for the form that trains, exact for any Z; ``probabilities`` for the teaching form, with
                the last layer's A on the way to J. They have the same cost and gradients, away from saturation.
            l2: λ, which adds the penalty λ/(2m) · Σ‖W‖² of the weights, without the biases, to the mean over m examples.
            example_weights: what the loss of each example is multiplied by, a node (1, m); by default 1.
            masks: of dropout, by name, as `random_masks` gives them: arrays, or nodes. By default every unit counts.

        Raises:
            DataError: if X or Y does not fit.
            ValueError: for another ``loss``, or masks that don't fit.
        """
        losses: dict[str, Callable[[Node, Node], Node]] = {
            "logits": self.head.loss_of_logits,
            "probabilities": lambda Z, Y: self.head.loss_of_output(self._activated(Z), Y),
        }
        if loss not in losses:
            raise unknown("loss", loss, losses)
        X = self._as_features(X)
        Y = Y if isinstance(Y, Node) else mg.data(self.head.read(Y, X.shape[1]), "Y")
        losses_of_examples = losses[loss](self._logits(X, self._as_masks(masks or {}, X.shape[1])), Y)
        if losses_of_examples.shape[0] > 1:
            losses_of_examples = losses_of_examples.sum(axis=0, keepdims=True)
        if example_weights is not None:
            losses_of_examples = example_weights * losses_of_examples
        mean_loss = losses_of_examples.mean()
        if not l2:
            return mean_loss.named("J")
        with mg.group("L2"):
            first, *others = [(W * W).sum() for W in self.weights]
            squares: Node = sum(others, first)
            penalty = (squares * (l2 / (2 * losses_of_examples.shape[1]))).named("penalty")
        return (mean_loss.named("mean_loss") + penalty).named("J")

    def _as_masks(self, given: Mapping[str, Any], examples: int) -> dict[str, Node]:
        """Masks as nodes, each as large as the layer that it belongs to."""
        masks = {name: mask if isinstance(mask, Node) else mg.data(mask, name) for name, mask in given.items()}
        if masks:
            fitting = {name: np.shape(mask) for name, mask in self.random_masks(examples).items()}
            if (found := {name: mask.shape for name, mask in masks.items()}) != fitting:
                raise ValueError(
                    f"masks are {found}, but this net with {examples} examples has {fitting or 'no dropout, and none'}. "
                    f"Give those of random_masks({examples})."
                )
        return masks

    def _activated(self, Z: Node) -> Node:
        name, group = self._output_place()
        with group:
            return self.head.output(Z).named(name)

    def _as_features(self, X: Any) -> Node:
        if not self.parameters:
            raise NotFittedError("the number of features is not known yet: fit first, or give it at the start.")
        if isinstance(X, Node):
            return X
        array, _ = read_features(X, self.features, self.feature_names, self.encoding)
        return mg.data(array if self._standardization is None else self._standardization.apply(array), "X")
