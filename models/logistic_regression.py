"""Logistic regression in the notes' own form: Z = wᵀX + b, A = σ(Z)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import minigraph as mg
from minigraph import Group, Node
from minigraph.values import Array

from .heads import TwoClasses
from .keywords import teaches_keywords
from .nets import Net


class LogisticRegression(Net):
    """Logistic regression: w is (n, 1), b is (1, 1), A = σ(wᵀX + b) is the probability of the second label.

    w and b start at 0: with no hidden units there is no symmetry to break, and the cost is convex.

    Args:
        features: n; by default what the training data have.
        labels: names of the two classes; by default 0 and 1.
        standardize: give the net features of mean 0 and standard deviation 1, by mean and spread learnt in fit.
            False for data as they are.
        seed: decides the shuffling of batches.

    Example:
        >>> import numpy as np
        >>> from minigraph.models import LogisticRegression
        >>> net = LogisticRegression().fit(np.array([[1.0, 2.0, 3.0, 4.0]]), [[0, 0, 1, 1]])
        >>> net.predict([[0.0, 5.0]])
        array([[0, 1]])
    """

    kind = "LogisticRegression"
    HEAD = TwoClasses

    @teaches_keywords
    def __init__(
        self,
        features: int | None = None,
        labels: Sequence[Any] | None = None,
        *,
        standardize: bool = True,
        seed: int = 0,
    ):
        if features is not None and (
            isinstance(features, bool) or not isinstance(features, int | np.integer) or features < 1
        ):
            raise ValueError(f"features is {features!r}: give the number of features, from 1.")
        super().__init__(features, self.HEAD(1, labels), standardize, seed)

    @property
    def name(self) -> str:
        """What the net is called in headings."""
        return "Logistic regression"

    def settings(self) -> dict[str, Any]:
        """The arguments that make a net like this one."""
        features = None if self.features is None else int(self.features)
        return {"features": features, "labels": self.head.given_labels, "standardize": self.standardize, "seed": self.seed}

    def _make_parameters(self, features: int) -> None:
        self._group = mg.group(f"Logistic regression · sigmoid · {features} → 1")
        with self._group:
            self.parameters += [mg.parameter(np.zeros((features, 1)), "w"), mg.parameter(np.zeros((1, 1)), "b")]

    def _initial_values(self, generator: np.random.Generator) -> list[Array]:
        return [np.zeros(node.shape) for node in self.parameters]

    def _logits(self, X: Node) -> Node:
        w, b = self.parameters
        with self._group:
            return (w.T @ X + b).named("Z")

    def _output_place(self) -> tuple[str, Group]:
        return "A", self._group

    def __repr__(self) -> str:
        features = f"of {self.features} features" if self.features else "of any number of features"
        trained = f"{len(self.history)} epochs" if len(self.history) else "not trained"
        return f"<LogisticRegression {features}: {trained}>"
