"""What logistic regression and deep nets share: one builder of the graph, and fit, predict, score and draw upon it."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import numpy.typing as npt

import minigraph as mg
from minigraph import Node

from .errors import NotFittedError, unknown
from .heads import Head
from .history import History
from .inputs import read_features, refuse_transposed
from .standardization import Standardization
from .training import GradientDescent, State

if TYPE_CHECKING:
    from minigraph import Diagram, Group

Array = npt.NDArray[np.float64]
Loss = Literal["logits", "probabilities"]


class Net:
    """A model that is a graph: use `LogisticRegression` or `DeepNet`.

    Attributes:
        parameters: the parameter nodes W1, b1, W2, … in order; they stay the same nodes for the net's life.
        head: what the last layer means: two classes, many classes, numbers.
        features: the number of features, or None before it is known.
        feature_names: their names if the training data had any, else None.
        standardization: of the features, as learnt by the last fit.
        history: the `History` of the last fit.
    """

    def __init__(self, features: int | None, head: Head, standardize: bool, seed: int):
        self.features = features
        self.head = head
        self.standardize = standardize
        self.seed = seed
        self.history = History()
        self.feature_names: tuple[str, ...] | None = None
        self.standardization: Standardization | None = None
        self.parameters: list[Node] = []
        self._state: State | None = None
        self._cost_node: Node | None = None
        self._sample: tuple[Array, Array] | None = None
        if features is not None:
            self._make_parameters(features)

    # What the two kinds of net define

    def _make_parameters(self, features: int) -> None:
        """Make the parameter nodes; their values come from `_initial_values`."""
        raise NotImplementedError

    def _initial_values(self, generator: np.random.Generator) -> list[Array]:
        """First values of the parameters, in order."""
        raise NotImplementedError

    def _logits(self, X: Node) -> Node:
        """The last layer's Z."""
        raise NotImplementedError

    def _output_place(self) -> tuple[str, Group]:
        """The name of the last layer's A, and the group that it belongs to."""
        raise NotImplementedError

    # The graph

    def output(self, X: Any) -> Node:
        """The graph of the forward pass: the node A of the last layer.

        Args:
            X: (features, m) in the user's units, which is standardised as in training; or a node, taken as it is.

        Raises:
            DataError: if X does not fit.
        """
        return self._activated(self._logits(self._as_features(X)))

    def graph(self, X: Any, Y: Any, loss: Loss = "logits") -> Node:
        """The graph of the cost: the node J, the mean over examples of the loss, summed over outputs.

        Args:
            X: (features, m) in the user's units, which is standardised as in training; or a node, taken as it is.
            Y: targets, a column for each example; or a node (outputs, m) with 0 and 1, one-hot columns or numbers.
            loss: ``logits`` for the form that trains, exact for any Z; ``probabilities`` for the teaching form, with
                the last layer's A on the way to J. They have the same cost and gradients, away from saturation.

        Raises:
            DataError: if X or Y does not fit.
            ValueError: for another ``loss``.
        """
        losses: dict[str, Callable[[Node, Node], Node]] = {
            "logits": self.head.loss_of_logits,
            "probabilities": lambda Z, Y: self.head.loss_of_output(self._activated(Z), Y),
        }
        if loss not in losses:
            raise unknown("loss", loss, losses)
        X = self._as_features(X)
        Y = Y if isinstance(Y, Node) else mg.data(self.head.read(Y, X.shape[1]), "Y")
        losses_of_examples = losses[loss](self._logits(X), Y)
        if losses_of_examples.shape[0] > 1:
            losses_of_examples = losses_of_examples.sum(axis=0, keepdims=True)
        return losses_of_examples.mean().named("J")

    def _activated(self, Z: Node) -> Node:
        name, group = self._output_place()
        with group:
            return self.head.output(Z).named(name)

    def _as_features(self, X: Any) -> Node:
        if not self.parameters:
            raise NotFittedError("the number of features is not known yet: fit first, or give it at the start.")
        if isinstance(X, Node):
            return X
        array, _ = read_features(X, self.features)
        return mg.data(array if self.standardization is None else self.standardization.apply(array), "X")

    @property
    def cost_node(self) -> Node:
        """The node J that fit trains: the graph of the logits, on the training data (or on its last full batch).

        Raises:
            NotFittedError: before fit, and in a net that was loaded: `graph` makes one for any data.
        """
        if self._cost_node is None:
            raise NotFittedError("cost_node is the graph that fit trains: fit first, or use graph(X, Y).")
        return self._cost_node

    # Training

    def fit(
        self,
        X: Any,
        Y: Any,
        *,
        epochs: int = 300,
        rate: float = 0.1,
        batch_size: int | None = None,
        validation: Iterable[Any] | None = None,
        progress: bool | None = None,
        resume: bool = False,
    ) -> Self:
        """Train by gradient descent: parameter ← parameter − rate · ∂J/∂parameter.

        Starts anew from the net's seed, so that the same call gives the same bits. Ctrl-C leaves the net as it was at
        the end of the last completed epoch.

        Args:
            X: (features, m), an example in each column; or a DataFrame, with an example in each row.
            Y: (1, m) labels, or (outputs, m) numbers.
            epochs: how often every example is used; with ``resume``, how many times more.
            rate: the learning rate, above 0.
            batch_size: examples in a step; None for all of them, 1 for stochastic gradient descent. Examples are
                shuffled before each epoch; the last, smaller batch counts.
            validation: (X, Y) whose cost is noted after each epoch; it does not influence training.
            progress: show a progress bar; None to show it in a terminal only.
            resume: go on from the last completed epoch, shuffling included, instead of starting anew.

        Returns:
            The net itself.

        Raises:
            DataError: if the data don't fit; the net is then as before.
            DivergenceError: if the cost grows; says what to do.
            TrainingInterrupted: on Ctrl-C (a KeyboardInterrupt).

        Example:
            >>> import numpy as np
            >>> from minigraph.models import DeepNet
            >>> X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
            >>> net = DeepNet([2, 4, 1], hidden="tanh").fit(X, [[0, 1, 1, 0]], epochs=1000, rate=1.0)
            >>> net.predict(X)
            array([[0, 1, 1, 0]])
        """
        _check_settings(epochs, rate, batch_size)
        if resume and self._state is None:
            raise NotFittedError("resume: there is nothing to go on from. Fit without resume first, or load a model.")
        features, names = read_features(X, self.features)
        refuse_transposed(features, Y)
        examples = features.shape[1]
        # All data are read before the net changes.
        head, standardization = self.head, self.standardization
        if not resume:
            head = copy.copy(head)
            head.learn(Y, examples, self.standardize)
            learn = Standardization.learn if self.standardize else lambda rows: Standardization.none(len(rows))
            standardization = learn(features)
        assert standardization is not None
        inputs, targets = standardization.apply(features), head.read(Y, examples)
        aside = None
        if validation is not None:
            held_out, held_out_Y = validation
            held_out_X, _ = read_features(held_out, len(features))
            aside = standardization.apply(held_out_X), head.read(held_out_Y, held_out_X.shape[1])
        self.head, self.standardization = head, standardization
        self.features, self.feature_names = len(features), names or self.feature_names
        shuffler = self._go_on() if resume else self._start_anew()
        descent = GradientDescent(
            self.graph, self.parameters, inputs, targets,
            rate=rate, batch_size=batch_size, shuffler=shuffler, history=self.history,
        )  # fmt: skip
        self._cost_node = descent.cost_node
        self._sample = inputs[:, :6], targets[:, :6]
        J_validation = None if aside is None else self.graph(mg.data(aside[0], "X"), mg.data(aside[1], "Y"))
        try:
            with _bar(epochs, progress) as bar:
                descent.run(epochs, J_validation, lambda: _show(bar, self.history))
        finally:
            self._state = descent.completed
        return self

    def _start_anew(self) -> np.random.Generator:
        """Set the first values of the parameters, and give the generator that shuffles."""
        assert self.features is not None
        if not self.parameters:
            self._make_parameters(self.features)
        first, shuffling = np.random.SeedSequence(self.seed).spawn(2)
        for node, value in zip(self.parameters, self._initial_values(np.random.default_rng(first)), strict=True):
            node.value = value
        self.history = History()
        return np.random.default_rng(shuffling)

    def _go_on(self) -> np.random.Generator:
        """Restore where training stood, and give the generator that shuffles."""
        assert self._state is not None
        shuffler = np.random.default_rng()
        self._state.restore(self.parameters, shuffler)
        return shuffler

    # Using the net

    def predict_probability(self, X: Any) -> Array:
        """Probabilities: of the second label (1, m) for two classes, of each class (classes, m) for many.

        Raises:
            NotFittedError: before fit.
            DataError: if X does not fit the training data.
            TypeError: for a net that predicts numbers.
        """
        if not self.head.labels and self._state is not None:
            raise TypeError(f"a net with output {self.head.name!r} predicts numbers, not classes: use predict.")
        return self._values(X, "predict_probability")

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Labels (1, m), or numbers (outputs, m), one column for each column of X.

        Raises:
            NotFittedError: before fit.
            DataError: if X does not fit the training data.
        """
        return self.head.decide(self._values(X, "predict"))

    def score(self, X: Any, Y: Any) -> float:
        """The share of right predictions; for numbers R², which is 0 for the mean and 1 for perfect predictions.

        Raises:
            NotFittedError: before fit.
            DataError: if X or Y does not fit.
        """
        return self.head.score(self.predict(X), Y)

    def cost(self, X: Any, Y: Any) -> float:
        """J on these data.

        Raises:
            NotFittedError: before fit.
            DataError: if X or Y does not fit.
        """
        self._refuse_unfitted("cost")
        return float(self.graph(X, Y))

    def _values(self, X: Any, what: str) -> Array:
        self._refuse_unfitted(what)
        values: Array = self.output(X).value
        return values

    def _refuse_unfitted(self, what: str) -> None:
        if self._state is None:
            raise NotFittedError(f"{what}: the net has not been trained yet. Call fit(X, Y) first.")

    def draw(self, what: Literal["forward", "backward", "both"] = "backward", X: Any = None, Y: Any = None) -> Diagram:
        """Draw the net in its teaching form, with the last layer's A on the way to J; see `minigraph.draw`.

        Args:
            what: ``forward``, ``backward`` or ``both``.
            X: examples to draw with; by default the first 6 of the training data.
            Y: their targets.

        Raises:
            NotFittedError: without X and Y in a net that was not fitted here.
        """
        if X is None or Y is None:
            if self._sample is None:
                raise NotFittedError("draw: no training data are at hand. Give examples: draw(what, X, Y).")
            X, Y = mg.data(self._sample[0], "X"), mg.data(self._sample[1], "Y")
        return mg.draw(self.graph(X, Y, loss="probabilities"), what)


def _check_settings(epochs: int, rate: float, batch_size: int | None) -> None:
    if isinstance(epochs, bool) or not isinstance(epochs, int | np.integer) or epochs < 1:
        raise ValueError(f"epochs is {epochs!r}: give a whole number from 1.")
    if isinstance(rate, bool) or not isinstance(rate, int | float | np.number) or not 0 < rate < np.inf:
        raise ValueError(f"rate is {rate!r}: the learning rate is a number above 0, such as 0.1.")
    if batch_size is not None and (not isinstance(batch_size, int | np.integer) or batch_size < 1):
        raise ValueError(f"batch_size is {batch_size!r}: give a whole number from 1, or None for all examples at once.")


def _bar(epochs: int, progress: bool | None) -> Any:
    from tqdm import tqdm

    return tqdm(total=epochs, unit="epoch", disable=None if progress is None else not progress, file=sys.stderr)


def _show(bar: Any, history: History) -> None:
    if not bar.disable:
        bar.set_postfix_str(f"cost {history.cost[-1]:.4g}", refresh=False)
        bar.update()
