"""What one call of `fit` trains on: the user's data, read, checked and standardised; the net stays as it is."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from minigraph.core.node import Node
from minigraph.core.pulling import ancestors
from minigraph.values import Array

from .errors import DataError, listed
from .heads import Head
from .inputs import balanced_weights, name_of, read_features, read_weights, refuse_rows, rounding_of
from .names_and_labels import read_names
from .standardization import Standardization, weighted_mean
from .stored_net import StoredNet


@dataclass(frozen=True)
class TrainingData:
    """What one call of `fit` trains on: examples as the graph takes them, and what was learnt from them on the way."""

    X: Array
    Y: Array
    weights: Array | None
    aside: tuple[Array, Array] | None
    head: Head
    standardization: Standardization
    means: Array | None
    names: tuple[str, ...] | None
    remark: str | None
    target_name: str | None

    @property
    def share(self) -> float:
        """1 / the mean weight of an example."""
        return 1.0 if self.weights is None else self.weights.size / float(self.weights.sum())

    @property
    def mean_weights(self) -> Array | None:
        """The weights, as parts of their mean."""
        return None if self.weights is None else self.weights * self.share


def read_training_data(
    net: StoredNet,
    X: Any,
    Y: Any,
    validation: Iterable[Any] | None,
    resume: bool,
    feature_names: Sequence[str] | None,
    example_weights: Any,
) -> TrainingData:
    """Read, check and standardise all that `fit` was given; the net stays as it is."""
    refuse_rows(X, Y, net.features)
    features, found = read_features(X, net.features, net.feature_names if resume else None, net.encoding)
    names = found if feature_names is None else read_names(feature_names, len(features))
    if resume and net.feature_names is not None:
        if feature_names is not None and names != net.feature_names:
            raise DataError(f"feature_names is {listed(names or ())}, but this net knows {listed(net.feature_names)}.")
        names = net.feature_names
    examples = features.shape[1]
    head = net.head if resume else copy.copy(net.head)
    balanced = isinstance(example_weights, str)
    weights = None if balanced else read_weights(example_weights, examples)
    if not resume:
        head.learn(Y, examples, net.standardize, weights)
    targets = head.read(Y, examples)
    if balanced:
        weights = balanced_weights(example_weights, targets, bool(head.classes))
    if resume:
        standardization, means = net.standardization, net.feature_means
    else:
        means = weighted_mean(features, weights)
        standardization = (
            Standardization.learn(features, epsilon=rounding_of(X), weights=weights)
            if net.standardize
            else Standardization.none(len(features))
        )
    aside = None
    if validation is not None:
        held_out, held_out_Y = validation
        held_out_X, _ = read_features(held_out, len(features), found, net.encoding)
        aside = standardization.apply(held_out_X), head.read(held_out_Y, held_out_X.shape[1])
    inputs, remark = standardization.apply(features), head.remark(Y, targets)
    return TrainingData(inputs, targets, weights, aside, head, standardization, means, names, remark, name_of(Y))


@dataclass(frozen=True)
class LastFit:
    """What the last call of fit trained on.

    Attributes:
        cost: the node J; its data are all examples, or the first batch of them.
        examples: how many there were in all.
        l2: λ of the penalty, as it was asked for.
        l2_of_cost: λ of the penalty in ``cost``, where a batch has its share of it.
        sample: a few examples to draw with: X and Y.
    """

    cost: Node
    examples: int
    l2: float
    l2_of_cost: float
    sample: tuple[Array, Array]

    @property
    def leaves(self) -> dict[str, Array]:
        """What J is made of, by name: X, Y, and weights of the examples where there are any."""
        return {str(node.name): node.value for node in ancestors([self.cost]) if node.op is None}
