"""A classifier and a regressor as scikit-learn has them: rows are examples, and settings are attributes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted

from minigraph.values import Array

from ..errors import DataError, DivergenceError
from ..heads import HEADS
from ..nets import DeepNet
from ..optimisers import Optimiser
from .checks import checked_weights, labelled, numeric

LARGEST_SEED = 2**31


class _Estimator(BaseEstimator):  # type: ignore[misc]
    """What both have: settings, and how a net is made and trained by them."""

    layers: Sequence[int]
    activation: str | Sequence[str]
    optimiser: str | Optimiser
    rate: float | None
    epochs: int
    batch_size: int | None
    l2: float
    clip: float | None
    dropout: float | Sequence[float]
    standardize: bool
    random_state: int | np.random.RandomState | None

    def _keep(self, settings: dict[str, Any]) -> None:
        """Make attributes of the arguments of __init__, which scikit-learn wants to find there, each as it was given."""
        for name in self._get_param_names():
            setattr(self, name, settings[name])

    def _train(
        self, X: Array, Y: Array, outputs: int, weights: Any, *, output: str, labels: list[int] | None = None
    ) -> None:
        """Make a net of these settings and train it; X and Y have an example in each row."""
        net = self._new_net(X.shape[1], outputs, output, labels)
        self._fit_net(net, X, Y, weights, epochs=self.epochs, resume=False)
        self.net_, self.n_iter_ = net, self.epochs

    def _train_more(
        self, X: Array, Y: Array, outputs: int, weights: Any, *, output: str, labels: list[int] | None = None
    ) -> None:
        """Train the net that there is, or a new one, for one epoch on these rows."""
        resume = hasattr(self, "net_")
        net = self.net_ if resume else self._new_net(X.shape[1], outputs, output, labels)
        before = len(net.history)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Y holds")  # some rows of many may well be of one class
            try:
                self._fit_net(net, X, Y, weights, epochs=1, resume=resume)
            except DivergenceError:
                if len(net.history) == before:
                    raise
                # else only above what other rows cost in the first call
        self.net_, self.n_iter_ = net, len(net.history)

    def _new_net(self, features: int, outputs: int, output: str, labels: list[int] | None) -> DeepNet:
        """A net of these settings."""
        if np.ndim(self.layers) != 1:
            raise DataError(f"layers is {self.layers!r}: give the units of each hidden layer as a tuple, such as (16,).")
        given = self.random_state
        seed = int(given if isinstance(given, int | np.integer) else check_random_state(given).randint(LARGEST_SEED))
        return DeepNet(
            [features, *self.layers, outputs],
            self.activation,
            output,
            labels=labels,
            dropout=self.dropout,
            standardize=self.standardize,
            seed=seed,
        )

    def _fit_net(self, net: DeepNet, X: Array, Y: Array, weights: Any, *, epochs: int, resume: bool) -> None:
        """Train a net by these settings."""
        weights = None if weights is None else checked_weights(weights, len(X))
        names = getattr(self, "feature_names_in_", None)
        net.fit(
            X.T,
            Y.T,
            epochs=epochs,
            rate=self.rate,
            optimiser=self.optimiser,
            batch_size=self.batch_size,
            l2=self.l2,
            clip=self.clip,
            example_weights=weights,
            feature_names=None if names is None else [str(name) for name in names],
            progress=False,
            resume=resume,
        )

    def _columns(self, X: Any) -> Array:
        """X as a fitted net takes it, an example in each column."""
        check_is_fitted(self)
        rows: Array = numeric(self, X, reset=False)
        return rows.T


class MinigraphClassifier(ClassifierMixin, _Estimator):  # type: ignore[misc]
    """A net that tells classes apart: logistic or softmax regression, with hidden layers if there are `layers`.

    Args:
        layers: units of each hidden layer, such as (16, 8); () for none.
        activation: of the hidden layers, one name for all or one for each.
        optimiser: an `minigraph.models.Optimiser` or a name: descent, momentum, nesterov, rmsprop, adam.
        rate: the learning rate; by default the optimiser's usual one.
        epochs: how often every example is used.
        batch_size: examples in a step; None for all.
        l2: λ of the penalty λ/(2m) · Σ‖W‖².
        clip: the length above which a gradient is shortened; None for none.
        dropout: the share of the units that hidden layers leave out of each step; one number, or one for each.
        class_weight: None, "balanced", or a weight for each class, as scikit-learn has it.
        standardize: give the net features of mean 0 and standard deviation 1.
        random_state: decides the initial values, the shuffling and what dropout leaves out.

    Attributes:
        classes_: the labels, sorted.
        net_: the trained `minigraph.models.DeepNet`: ``clf.net_.draw()``, ``clf.net_.health()``, ``clf.net_.history``.
        n_features_in_: how many features there were.
        feature_names_in_: what they were called, if X was a DataFrame.
        n_iter_: how many epochs were done.

    Raises:
        ValueError: in fit, for settings or data that don't fit.

    Example:
        >>> import numpy as np
        >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array(["low", "low", "high", "high"])
        >>> MinigraphClassifier().fit(X, y).predict([[0.5], [2.5]])
        array(['low', 'high'], dtype='<U4')
    """

    def __init__(
        self,
        layers: Sequence[int] = (),
        *,
        activation: str | Sequence[str] = "tanh",
        optimiser: str | Optimiser = "descent",
        rate: float | None = None,
        epochs: int = 300,
        batch_size: int | None = None,
        l2: float = 0.0,
        clip: float | None = None,
        dropout: float | Sequence[float] = 0.0,
        class_weight: str | dict[Any, float] | None = None,
        standardize: bool = True,
        random_state: int | np.random.RandomState | None = 0,
    ):
        self._keep(locals())

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on X (examples, features) and labels y (examples,), each example counted as often as its weight says."""
        X, y = labelled(self, X, y, reset=True)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(f"y holds one class only, {self.classes_.tolist()[0]!r}: there is nothing to tell apart.")
        self._train(X, numbers.reshape(-1, 1), weights=self._weights(X, y, sample_weight), **self._last_layer())
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch on these rows: on from where training stands, or with a new net in a first call.

        The first rows decide how features are standardised, and weights count within the rows of a call.

        Args:
            X: (examples, features).
            y: labels, (examples,).
            classes: all labels that will ever come; needed in the first call, since its rows may lack some.
            sample_weight: how often each example counts.

        Raises:
            ValueError: for rows or settings that don't fit, unknown labels, or a class weight of "balanced", for which
                one has to see all rows.

        Example:
            >>> import numpy as np
            >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array(["low", "low", "high", "high"])
            >>> classifier = MinigraphClassifier()
            >>> for _ in range(100):
            ...     classifier = classifier.partial_fit(X, y, classes=["low", "high"])
            >>> classifier.predict([[0.5], [2.5]]), classifier.n_iter_
            (array(['low', 'high'], dtype='<U4'), 100)
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' needs all rows, and partial_fit sees some. Give a weight for each class: "
                "compute_class_weight('balanced', classes=…, y=…) of scikit-learn."
            )
        X, y = labelled(self, X, y, reset=not hasattr(self, "net_"))
        self._learn_classes(classes)
        unknown = np.setdiff1d(y, self.classes_)
        if unknown.size:
            raise DataError(f"y holds {unknown.tolist()[0]!r}, which is not among the classes of the first call.")
        numbers = np.searchsorted(self.classes_, y)
        self._train_more(X, numbers.reshape(-1, 1), weights=self._weights(X, y, sample_weight), **self._last_layer())
        return self

    def _learn_classes(self, classes: Any) -> None:
        """Note the labels that are given in a first call; later they may be left out, or be the same."""
        known = getattr(self, "classes_", None)
        if classes is None:
            if known is None:
                raise ValueError(
                    "classes must be passed on the first call to partial_fit, since its rows may lack some: "
                    "partial_fit(X, y, classes=np.unique(all_y))."
                )
            return
        given = unique_labels(classes)
        if known is not None and not np.array_equal(known, given):
            raise ValueError(f"classes is {given.tolist()}, not the same as on last call to partial_fit: {known.tolist()}.")
        if len(given) < 2:
            raise DataError(f"classes holds {given.tolist()} only: there is nothing to tell apart.")
        self.classes_ = given

    def _last_layer(self) -> dict[str, Any]:
        """What the last layer is for these classes."""
        classes = len(self.classes_)
        outputs, head = (1, "sigmoid") if classes == 2 else (classes, "softmax")
        return {"outputs": outputs, "output": head, "labels": list(range(classes))}

    def _weights(self, X: Array, y: npt.NDArray[Any], sample_weight: Any) -> Any:
        """The weights of the examples and of their classes, multiplied."""
        if self.class_weight is None:
            return sample_weight
        of_classes = compute_sample_weight(self.class_weight, y)
        return of_classes if sample_weight is None else of_classes * checked_weights(sample_weight, len(X))

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, in the order of ``classes_``: (examples, classes)."""
        columns = self._columns(X)
        probabilities: Array = self.net_.head.probabilities(self.net_.predict_probability(columns)).T
        return probabilities

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of `predict_proba`; −∞ where a probability is 0."""
        with np.errstate(divide="ignore"):
            logarithms: Array = np.log(self.predict_proba(X))
        return logarithms

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The label of each example, (examples,)."""
        columns = self._columns(X)
        labels: npt.NDArray[Any] = self.classes_[self.net_.predict(columns).reshape(-1)]
        return labels


class MinigraphRegressor(RegressorMixin, _Estimator):  # type: ignore[misc]
    """A net that predicts numbers, one or several for each example; linear regression if there are no `layers`.

    Args:
        layers: units of each hidden layer, such as (16, 8); () for none.
        output: "identity", or "relu" for numbers that can't be negative.
        activation: of the hidden layers, one name for all or one for each.
        optimiser: an `minigraph.models.Optimiser` or a name: descent, momentum, nesterov, rmsprop, adam.
        rate: the learning rate; by default the optimiser's usual one.
        epochs: how often every example is used.
        batch_size: examples in a step; None for all.
        l2: λ of the penalty λ/(2m) · Σ‖W‖².
        clip: the length above which a gradient is shortened; None for none.
        dropout: the share of the units that hidden layers leave out of each step; one number, or one for each.
        standardize: give the net features, and targets, of mean 0 and standard deviation 1.
        random_state: decides the initial values, the shuffling and what dropout leaves out.

    Attributes:
        net_: the trained `minigraph.models.DeepNet`.
        n_features_in_: how many features there were.
        feature_names_in_: what they were called, if X was a DataFrame.
        n_iter_: how many epochs were done.

    Raises:
        ValueError: in fit, for settings or data that don't fit.

    Example:
        >>> import numpy as np
        >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
        >>> MinigraphRegressor().fit(X, [1.0, 3.0, 5.0, 7.0]).predict([[4.0]]).round(3)
        array([9.])
    """

    def __init__(
        self,
        layers: Sequence[int] = (),
        *,
        output: str = "identity",
        activation: str | Sequence[str] = "tanh",
        optimiser: str | Optimiser = "descent",
        rate: float | None = None,
        epochs: int = 300,
        batch_size: int | None = None,
        l2: float = 0.0,
        clip: float | None = None,
        dropout: float | Sequence[float] = 0.0,
        standardize: bool = True,
        random_state: int | np.random.RandomState | None = 0,
    ):
        self._keep(locals())

    def __sklearn_tags__(self) -> Any:
        """That y may have several columns."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on X (examples, features) and numbers y, (examples,) or (examples, outputs)."""
        X, Y = self._numbers(X, y, reset=True)
        self._train(X, Y, Y.shape[1], sample_weight, output=self.output)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch on these rows: on from where training stands, or with a new net in a first call.

        The first rows decide how features and targets are standardised, and weights count within the rows of a call.

        Raises:
            ValueError: for rows or settings that don't fit.

        Example:
            >>> import numpy as np
            >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), [1.0, 3.0, 5.0, 7.0]
            >>> regressor = MinigraphRegressor()
            >>> for _ in range(100):
            ...     regressor = regressor.partial_fit(X, y)
            >>> regressor.predict([[4.0]]).round(3)
            array([9.])
        """
        X, Y = self._numbers(X, y, reset=not hasattr(self, "net_"))
        self._train_more(X, Y, Y.shape[1], sample_weight, output=self.output)
        return self

    def _numbers(self, X: Any, y: Any, *, reset: bool) -> tuple[Array, Array]:
        """X and y as arrays of rows; how y was given is noted."""
        if self.output not in (numbers := [name for name, head in HEADS.items() if not head.most_classes]):
            raise ValueError(
                f"output is {self.output!r}: a regressor predicts numbers, with {' or '.join(map(repr, numbers))}."
            )
        X, y = numeric(self, X, y, multi_output=True, y_numeric=True, reset=reset)
        if y.dtype.kind not in "biuf":
            first = y.ravel().tolist()[0]
            raise DataError(f"y holds {first!r}, but a regressor predicts numbers; MinigraphClassifier tells labels apart.")
        self._is_flat = y.ndim == 1
        return X, np.asarray(y, np.float64).reshape(len(X), -1)

    def predict(self, X: Any) -> Array:
        """A number for each example, (examples,), or (examples, outputs) as y had it."""
        columns = self._columns(X)
        rows: Array = self.net_.predict(columns).T
        return rows.reshape(-1) if self._is_flat else rows
