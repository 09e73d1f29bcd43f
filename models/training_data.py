"""What one call of fit trains on: all data read, checked and standardised before the net changes."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from minigraph.values import Array

from .errors import DataError, listed
from .heads import Head
from .inputs import read_features, refuse_rows, rounding_of
from .names import read_names
from .standardization import Standardization
from .stored_net import StoredNet


@dataclass(frozen=True)
class TrainingData:
    """Examples as the graph takes them, and what was learnt from them on the way.

    Attributes:
        X: (features, m), standardised.
        Y: (outputs, m), as the head reads them.
        aside: X and Y of the validation part, likewise, if there is one.
        head: with the labels, or the scale of the targets.
        standardization: of the features.
        means: of the features as they were given, (features, 1).
        names: of the features, if they are known.
        remark: what the user should know of the targets.
    """

    X: Array
    Y: Array
    aside: tuple[Array, Array] | None
    head: Head
    standardization: Standardization
    means: Array | None
    names: tuple[str, ...] | None
    remark: str | None


def read_training_data(
    net: StoredNet, X: Any, Y: Any, validation: Iterable[Any] | None, resume: bool, feature_names: Sequence[str] | None
) -> TrainingData:
    """Read what `Net.fit` was given.

    Args:
        net: the one that is to learn; it stays as it is.
        X: see `Net.fit`, as the others.
        Y: see there.
        validation: see there.
        resume: whether head, standardisation, means and names stay what they were.
        feature_names: see there.

    Raises:
        DataError: if the data don't fit.
    """
    refuse_rows(X, Y, net.features)
    features, found = read_features(X, net.features, net.feature_names if resume else None)
    names = found if feature_names is None else read_names(feature_names, len(features))
    if resume and net.feature_names is not None:
        if feature_names is not None and names != net.feature_names:
            raise DataError(f"feature_names is {listed(names or ())}, but this net knows {listed(net.feature_names)}.")
        names = net.feature_names
    examples = features.shape[1]
    if resume:
        head, standardization, means = net.head, net.standardization, net.feature_means
    else:
        head, means = copy.copy(net.head), features.mean(axis=1, keepdims=True)
        head.learn(Y, examples, net.standardize)
        standardization = (
            Standardization.learn(features, epsilon=rounding_of(X))
            if net.standardize
            else Standardization.none(len(features))
        )
    inputs, targets = standardization.apply(features), head.read(Y, examples)
    aside = None
    if validation is not None:
        held_out, held_out_Y = validation
        held_out_X, _ = read_features(held_out, len(features), found)
        aside = standardization.apply(held_out_X), head.read(held_out_Y, held_out_X.shape[1])
    return TrainingData(inputs, targets, aside, head, standardization, means, names, head.remark(Y, targets))
