"""What every net does: fit, predict, score, draw; each builds the net's graph and reads it."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

import minigraph as mg
from minigraph import Node
from minigraph.core.errors import warn
from minigraph.values import Array

from .epoch import Epoch
from .errors import NotFittedError, TrainingInterrupted, teaches_keywords
from .heads import Head
from .optimisers import Optimiser, make_optimiser
from .predictions import like_frame, named_predictions, named_probabilities
from .progress import progress_bar
from .score_reports import Report
from .shown_net import ShownNet
from .tables.frames import is_frame
from .training import Training
from .training_data import LastFit, read_training_data
from .training_settings import Rate, check_penalties, check_settings, rate_of, warn_of_unequal
from .training_state import History, State


class Net(ShownNet):
    """A model that is a graph: use `LogisticRegression` or `DeepNet`.

    Copies and pickles hold what a model file holds, and share no parameter.

    Attributes:
        target_name: the name of what it predicts if that was given, or Y was a Series with one; else None.
        trained_on: what the command ``train`` notes of its data, so that going on can be checked; else None.
        missing_words: the words of missing cells that were given to the command ``train``, if any were; else None.
        left_out: the columns of its data that the command ``train`` did not learn from.
        history: the `History` of the last fit.
        feature_means: the mean of each feature in the data of the last fit, (features, 1), whether or not they are
            standardised; None before, and in a net from an older file that does not hold them.
        gram_epochs: in how many epochs of the last fit products W X were carried instead of W; see `fit`.
    """

    def __init__(self, features: int | None, head: Head, standardize: bool, seed: int):
        self.gram_epochs = 0
        super().__init__(features, head, standardize, seed)

    # Training

    @teaches_keywords
    def fit(
        self,
        X: Any,
        Y: Any,
        *,
        epochs: int = 300,
        rate: Rate | None = None,
        optimiser: Optimiser | str | None = None,
        l2: float = 0.0,
        clip: float | None = None,
        example_weights: Any = None,
        batch_size: int | None = None,
        validation: Iterable[Any] | None = None,
        patience: int | None = None,
        progress: bool | None = None,
        resume: bool = False,
        feature_names: Sequence[str] | None = None,
        gram: bool = True,
        memory: str = "more",
        backend: str = "auto",
        devices: int | None = None,
    ) -> Self:
        """Train by gradient descent, parameter ← parameter − rate · ∂J/∂parameter, or by another optimiser.

        Starts anew from the net's seed, so that the same call gives the same bits. Ctrl-C leaves the net as it was at
        the end of the last completed epoch.

        Args:
            X: (features, m), an example in each column; or a DataFrame, with an example in each row.
            Y: (1, m) labels, or (outputs, m) numbers.
            epochs: how often every example is used; with ``resume``, how many times more.
            rate: the learning rate, above 0; by default the optimiser's usual one: 0.1 for descent, 0.01 for Adam. Or a
                function that gives the rate of each epoch, counted from 1, and on by ``resume``:
                ``lambda epoch: 0.5 / (1 + epoch / 100)``.
            optimiser: how a step follows from the gradients: an `Optimiser`, or one with its usual settings by name:
                ``"descent"`` (the default), ``"momentum"``, ``"nesterov"``, ``"rmsprop"``, ``"adam"``. With ``resume``,
                the same as before: it goes on with what it remembers.
            l2: λ, which adds the penalty λ/(2m) · Σ‖W‖² of the weights to J, with m the examples of X; from 0 on.
            clip: the greatest length of the gradient by all parameters together: a longer one is shortened, in its
                direction, before the optimiser sees it. The history keeps the length it had.
            example_weights: how often each example counts, (m,), in the cost and in what standardising learns; or
                ``"balanced"``, by which the examples of each class together count alike. Costs in the history are so
                weighted; `cost`, `score` and `report` never are.
            batch_size: examples in a step; None for all of them, 1 for stochastic gradient descent. Examples are
                shuffled before each epoch; the last, smaller batch counts.
            validation: (X, Y) whose cost is noted after each epoch; without ``patience`` it has no influence.
            patience: stop early, when so many epochs in a row did not lower the cost on ``validation``. The net is in
                the end as it was after the best epoch, whatever ended training; ``history.kept`` says which that is,
                and the history goes on to the last.
            progress: show a progress bar; None to show it in terminals and, for more than half a second, in notebooks.
            resume: go on from the last completed epoch, shuffling included, instead of starting anew.
            feature_names: names of the rows of X; by default those of a DataFrame's columns. A DataFrame to predict
                for is then matched by name.
            gram: with all examples in one batch, no validation and far more features than examples, carry W X through
                many epochs instead of W; ``gram_epochs`` says in how many epochs it was done. Costs and parameters
                are the same to rounding; without it going on by ``resume`` gives the bits of one long training.
            memory: "less" to keep only some layers' activations and compute the others again in the backward pass; see
                `minigraph.compile`. Costs and parameters are the same.
            backend: what runs the steps, as `minigraph.compile` has it: "auto", "numpy", "native" or "jax".
            devices: for JAX: how many devices share the examples of a batch; by default one. A batch that they can't share
                equally, such as a last, smaller one, is done by one of them.

        Returns:
            The net itself.

        Warns:
            UserWarning: if the target never changes.
            GraphWarning: if devices can't share a batch equally.

        Raises:
            DataError: if the data don't fit; the net is then as before.
            ValueError: for a setting that makes no sense, patience without ``validation``, or more devices than there are.
            TypeError: for an optimiser that is none, or devices without ``backend="jax"``.
            ImportError: if JAX is not there.
            RuntimeError: if the interpreter, "native", is not there.
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
        epochs_done = self.training(
            X, Y, epochs=epochs, rate=rate, optimiser=optimiser, l2=l2, clip=clip, example_weights=example_weights,
            batch_size=batch_size, validation=validation, patience=patience, resume=resume, feature_names=feature_names,
            gram=gram, memory=memory, backend=backend, devices=devices,
        )  # fmt: skip
        with progress_bar(epochs, progress) as show:
            try:
                for epoch in epochs_done:
                    for _ in range(epoch.done):
                        show(epoch.cost)
            except TrainingInterrupted:
                raise
            except KeyboardInterrupt as interrupt:  # while progress was shown: training says where it stands
                epochs_done.throw(interrupt)
        return self

    @teaches_keywords
    def training(
        self,
        X: Any,
        Y: Any,
        *,
        epochs: int = 300,
        rate: Rate | None = None,
        optimiser: Optimiser | str | None = None,
        l2: float = 0.0,
        clip: float | None = None,
        example_weights: Any = None,
        batch_size: int | None = None,
        validation: Iterable[Any] | None = None,
        patience: int | None = None,
        resume: bool = False,
        feature_names: Sequence[str] | None = None,
        gram: bool = False,
        memory: str = "more",
        backend: str = "auto",
        devices: int | None = None,
    ) -> Generator[Epoch[Self], None, None]:
        """`fit` as a plain iterator: an `Epoch` after each, with its numbers, the history and the net at hand.

        Everything is checked, and the net starts anew, when it is called; epochs are done as they are asked for. Stop
        with ``break``: the net is then as it was after the last whole epoch, or after the best with ``patience``.

        Arguments are those of `fit`; but ``gram`` is False by default, since with it an iteration may stand for many epochs
        (``epoch.done``).

        Raises:
            DataError: and what else `fit` raises; DivergenceError and TrainingInterrupted while it goes.

        Example:
            >>> import numpy as np
            >>> from minigraph.models import LogisticRegression
            >>> X, Y = np.array([[1.0, 2.0, 3.0, 4.0]]), [[0, 0, 1, 1]]
            >>> net = LogisticRegression()
            >>> for epoch in net.training(X, Y, rate=1.0):
            ...     if epoch.cost < 0.3:
            ...         break
            >>> epoch, len(net.history), net.score(X, Y)
            (<epoch 6: cost 0.2766>, 6, 1.0)
        """
        optimiser = make_optimiser(optimiser)
        rate = optimiser.usual_rate if rate is None else rate
        check_settings(epochs, batch_size, memory, backend, devices, patience, validation is not None)
        check_penalties(l2, clip)
        if resume and self._state is None:
            raise NotFittedError("resume: there is nothing to go on from. Fit without resume first, or load a model.")
        rate_of(rate, self.state.epochs + 1 if resume else 1)
        if resume:
            self.state.refuse_other(self.parameters, optimiser)
        data = read_training_data(self, X, Y, validation, resume, feature_names, example_weights)  # before the net changes
        if data.remark is not None:
            warn(data.remark, UserWarning)
        examples = data.X.shape[1]
        batch_size = min(batch_size or examples, examples)
        warn_of_unequal(batch_size, devices)
        self.head, self._standardization, self.feature_means = data.head, data.standardization, data.means
        self.features = len(data.X)
        self.target_name = self.target_name if data.target_name is None else data.target_name
        self.feature_names, self.trained_on, self.missing_words, self.left_out = data.names, None, None, ()
        start = self.state if resume else self._start_anew(optimiser)
        start.restore(self.parameters)
        self.history.truncate(start.epochs)
        self._state, self.gram_epochs = start, 0  # what an interrupt from here on leaves
        training = Training(
            self.graph, self.random_masks, self.parameters, data.X, data.Y, data.mean_weights, start, optimiser,
            rate=rate, l2=l2 * data.share, clip=clip, batch_size=batch_size, history=self.history,
            gram=gram, memory=memory, backend=backend, devices=devices,
        )  # fmt: skip
        sample = data.X[:, :6], data.Y[:, :6]
        self._last_fit = LastFit(training.cost_node, examples, l2, training.l2_of(batch_size), sample)
        J_validation = None if data.aside is None else self.graph(mg.data(data.aside[0], "X"), mg.data(data.aside[1], "Y"))
        return self._epochs_of(training, training.run(epochs, J_validation, patience))

    def _epochs_of(self, training: Training, steps: Generator[int, None, None]) -> Generator[Epoch[Self], None, None]:
        """Do the epochs as they are asked for; the net knows its state at every one."""
        history = self.history
        try:
            for done in steps:
                self._state, self.gram_epochs = training.completed, training.gram_epochs
                validation_cost = history.validation_cost[-1] if history.validation_cost else None
                number, cost, norm = training.completed.epochs, history.cost[-1], history.gradient_norm[-1]
                try:
                    yield Epoch(self, number, cost, norm, validation_cost, training.rate, done)
                except KeyboardInterrupt as interrupt:
                    steps.throw(interrupt)
        finally:
            steps.close()
            self._state, self.gram_epochs = training.completed, training.gram_epochs

    def _start_anew(self, optimiser: Optimiser) -> State:
        """Set the first values of the parameters and an empty history; give the state before the first epoch."""
        assert self.features is not None
        if not self.parameters:
            self._make_parameters(self.features)
        self._set_first_values()
        self.history = History()
        return State.first(self.parameters, self._generators()[1], optimiser)

    # Using the net

    def predict_probability(self, X: Any) -> Any:
        """Probabilities: of the second label (1, m) for two classes, of each class (classes, m) for many.

        Of a DataFrame (pandas, polars, Arrow) it gives one of the same kind, with the same index: a column for each class.

        Raises:
            NotFittedError: before fit.
            DataError: if X does not fit the training data.
            TypeError: for a net that predicts numbers.
        """
        if not self.head.classes and self.is_fitted:
            raise TypeError(f"a net with output {self.head.name!r} predicts numbers, not classes: use predict.")
        found = self._values(X, "predict_probability")
        frame = like_frame(X, named_probabilities(self.head, found), alone=False) if is_frame(X) else None
        return found if frame is None else frame

    def predict(self, X: Any) -> Any:
        """Labels (1, m), or numbers (outputs, m), one column for each column of X.

        Of a DataFrame (pandas, polars, Arrow) it gives a Series of the same kind, with the same index, called as the target
        is; for several outputs a DataFrame.

        Raises:
            NotFittedError: before fit.
            DataError: if X does not fit the training data.

        Example:
            >>> import numpy as np
            >>> from minigraph.models import LogisticRegression
            >>> net = LogisticRegression(labels=("low", "high")).fit([[1.0, 2.0, 3.0]], [["low", "low", "high"]])
            >>> net.predict([[0.0, 4.0]])
            array([['low', 'high']], dtype='<U4')
        """
        found = self._decided(X)
        frame = like_frame(X, named_predictions(self.target_name, found), alone=True) if is_frame(X) else None
        return found if frame is None else frame

    def _decided(self, X: Any) -> npt.NDArray[Any]:
        """What is predicted, as an array."""
        return self.head.decide(self._values(X, "predict"))

    def score(self, X: Any, Y: Any) -> float:
        """The share of right predictions; for numbers R², which is 0 for the mean and 1 for perfect predictions.

        Raises:
            NotFittedError: before fit.
            DataError: if X or Y does not fit.
        """
        return self.head.score(self._decided(X), Y)

    def report(self, X: Any, Y: Any) -> Report:
        """How good predictions are, in full, with a plain guess beside.

        For numbers R² and errors; for classes accuracy, a confusion table, precision, recall, F1 and AUC: of two classes
        those of the second, of more those of each against all others, and their means.

        Raises:
            NotFittedError: before fit.
            DataError: if X or Y does not fit.

        Example:
            >>> import numpy as np
            >>> from minigraph.models import LogisticRegression
            >>> X, Y = np.array([[1.0, 2.0, 3.0]]), [[0, 0, 1]]
            >>> print(LogisticRegression().fit(X, Y).report(X, Y).text())
            accuracy 1.0000 of 3 examples; always 0 gives 0.6667
            1: precision 1.0000, recall 1.0000, F1 1.0000, AUC 1.0000
            truth ↓ predicted →  0  1
                              0  2  0
                              1  0  1
        """
        return self.head.report(self._values(X, "report"), Y)

    def cost(self, X: Any, Y: Any) -> float:
        """J on these data.

        Raises:
            NotFittedError: before fit.
            DataError: if X or Y does not fit.
        """
        self._fitted("cost")
        return float(self.graph(X, Y))

    def export(self, path: str | PathLike[str]) -> Path:
        """Write a file that predicts without minigraph: an ONNX model or a Python function; see `minigraph.export`.

        It takes X (features, m) in the user's units, with any number m of columns, and gives what `predict_probability`
        gives, or for numbers what `predict` does. What X and the result mean is noted in it: features, labels.

        Args:
            path: the file, which ends in ``.onnx`` or ``.py``.

        Returns:
            The path.

        Raises:
            NotFittedError: before fit.
            ImportError: if onnx is not there, which an ONNX model needs.
            OSError: if it can't be written; an old file is then as it was.
            ValueError: for another kind of file.

        Example:
            >>> import runpy, tempfile, numpy as np
            >>> from minigraph.models import LogisticRegression
            >>> X = np.array([[1.0, 2.0, 3.0]])
            >>> net = LogisticRegression().fit(X, [[0, 0, 1]], epochs=5)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     classify = runpy.run_path(str(net.export(f"{folder}/classify.py")))["classify"]
            >>> np.abs(classify(X) - net.predict_probability(X)).max() < 1e-12
            np.True_
        """
        self._fitted("export")
        assert self.features is not None

        def build(X: Node) -> Node:
            if self.standardize:
                mean, scale = self.standardization.mean, self.standardization.scale
                X = (X - mg.data(mean, "feature_mean")) / mg.data(scale, "feature_scale")
            A = self.output(X)
            scaling = self.head.scaling
            return A if self.head.classes else (A * scaling.scale + scaling.mean).named(self.target_name or "prediction")

        given = {"features": self.feature_names, "labels": self.head.labels, "target": self.target_name}
        notes = {name: json.dumps(value, ensure_ascii=False) for name, value in given.items() if value}
        notes["output"] = self.head.name
        return mg.export(build, path, [mg.data(np.zeros((self.features, 2)), "X")], {"X": 1}, notes=notes)

    def _values(self, X: Any, what: str) -> Array:
        self._fitted(what)
        values: Array = self.output(X).value
        return values
