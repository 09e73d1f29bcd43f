"""The nets: logistic regression and deep nets, in the notation of the course; and loading one from its file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import minigraph as mg
from minigraph import Group, Node
from minigraph.core.errors import nearest
from minigraph.values import Array, real_number, whole_numbers

from .activations_and_initialisers import INITIALIZERS, Activation, hidden_activations
from .bounded_files import read_bounded
from .dropout import mask_name, mask_sizes, random_mask, read_shares
from .errors import DataError, ModelFileError, is_whole, teaches_keywords, unknown
from .heads import TwoClasses, make_head
from .model_file import LARGEST, MODEL, MODEL_FILE
from .net import Net
from .random_nets import NetsLike
from .stored_net import restored


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
        if features is not None and not is_whole(features, 1):
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

    def _logits(self, X: Node, masks: Mapping[str, Node]) -> Node:
        w, b = self.parameters
        with self._group:
            return (w.T @ X + b).named("Z")

    def _output_place(self) -> tuple[str, Group]:
        return "A", self._group

    def random_nets(self) -> NetsLike:
        """Nets of this form with any number n of features, for `minigraph.testing.check_backward`."""
        return NetsLike({"n": 1}, lambda sizes: LogisticRegression(sizes["n"], standardize=False))

    def __repr__(self) -> str:
        features = f"of {self.features} features" if self.features else "of any number of features"
        trained = f"{len(self.history)} epochs" if len(self.history) else "not trained"
        return f"<LogisticRegression {features}: {trained}>"


@dataclass(frozen=True)
class Layer:
    """Layer l: W is (n[l], n[l−1]), b is (n[l], 1), Z = W A + b."""

    number: int
    group: Group
    W: Node
    b: Node

    def logits(self, A: Node) -> Node:
        """Z of this layer, from A of the one before."""
        with self.group:
            return (self.W @ A + self.b).named(f"Z{self.number}")


class DeepNet(Net):
    """A net of fully connected layers.

    Args:
        sizes: units of each layer, from the features to the outputs: [30, 16, 8, 1].
        hidden: activation of the hidden layers, one name for all or one for each: sigmoid, tanh, relu, leaky_relu,
            identity.
        output: what the last layer is: ``sigmoid`` for two classes (the default for one output), ``softmax`` for many
            (the default for more), ``identity`` for numbers, ``relu`` for numbers that can't be negative.
        initializer: zeros, small, xavier or he; by default the one that fits each layer's activation.
        slope: of leaky ReLU below 0.
        dropout: the share of the units that each hidden layer leaves out of each step of training, at random; one
            number for all or one for each, from 0 up to 1. Predictions use every unit.
        labels: names of the classes, in order; for two classes the second is what A is the probability of. By default
            0 and 1, or what the training data hold.
        standardize: give the net features of mean 0 and standard deviation 1 (and numbers to predict likewise), by
            mean and spread learnt in fit. False for data as they are.
        seed: decides the initial values, the shuffling and what dropout leaves out.

    Raises:
        ValueError: for sizes, names or labels that don't fit.
        TypeError: if slope is not a finite real number.

    Example:
        >>> net = DeepNet([30, 16, 8, 1], hidden="relu")
        >>> net
        <DeepNet 30-16-8-1, ReLU, sigmoid: 641 parameters, not trained>
        >>> [node.name for node in net.parameters]
        ['W1', 'b1', 'W2', 'b2', 'W3', 'b3']
    """

    kind = "DeepNet"

    @teaches_keywords
    def __init__(
        self,
        sizes: Sequence[int],
        hidden: str | Sequence[str] = "tanh",
        output: str | None = None,
        initializer: str | None = None,
        *,
        slope: float = 0.01,
        dropout: float | Sequence[float] = 0.0,
        labels: Sequence[Any] | None = None,
        standardize: bool = True,
        seed: int = 0,
    ):
        try:
            self.sizes = whole_numbers(sizes, "sizes")
        except TypeError:
            self.sizes = ()
        if len(self.sizes) < 2 or min(self.sizes) < 1:
            raise ValueError(f"sizes is {sizes}: give the units of each layer, features first, such as [30, 16, 1].")
        if initializer is not None and initializer not in INITIALIZERS:
            raise unknown("initializer", initializer, INITIALIZERS)
        self.slope = real_number(slope, "slope")
        self.hidden: list[Activation] = hidden_activations(hidden, len(self.sizes) - 2, self.slope)
        self.dropout = read_shares(dropout, len(self.sizes) - 2)
        self.initializer = initializer
        self.layers: list[Layer] = []
        super().__init__(self.sizes[0], make_head(output, self.sizes[-1], labels), standardize, seed)

    @property
    def name(self) -> str:
        """What the net is called in headings: ``30-16-8-1 net``."""
        return f"{'-'.join(map(str, self.sizes))} net"

    def settings(self) -> dict[str, Any]:
        """The arguments that make a net like this one."""
        return {
            "sizes": [int(size) for size in self.sizes],
            "hidden": [activation.name for activation in self.hidden],
            "output": self.head.name,
            "initializer": self.initializer,
            "slope": self.slope,
            **({"dropout": list(self.dropout)} if self.dropout else {}),  # versions before it read nets without it
            "labels": self.head.given_labels,
            "standardize": self.standardize,
            "seed": self.seed,
        }

    def _make_parameters(self, features: int) -> None:
        first = self._initial_values(self._generators()[0])
        titles = [*(activation.title for activation in self.hidden), self.head.title]
        for number, title in enumerate(titles, start=1):
            group = mg.group(f"Layer {number} · {title} · {self.sizes[number - 1]} → {self.sizes[number]}")
            with group:
                W = mg.parameter(first[2 * number - 2], f"W{number}")
                b = mg.parameter(first[2 * number - 1], f"b{number}")
            self.layers.append(Layer(number, group, W, b))
            self.parameters += [W, b]

    def _initial_values(self, generator: np.random.Generator) -> list[Array]:
        values = []
        fitting = [*(activation.initializer for activation in self.hidden), self.head.initializer]
        for name, inputs, outputs in zip(fitting, self.sizes, self.sizes[1:], strict=False):
            values.append(INITIALIZERS[self.initializer or name](generator, outputs, inputs))
            values.append(np.zeros((outputs, 1)))
        return [*values[:-1], self.head.bias]

    def random_masks(self, examples: int, generator: np.random.Generator | None = None) -> dict[str, Array]:
        """Masks of dropout for `graph`: for each hidden layer that leaves out units an array (units, examples), by name.

        An entry is 0 where a unit is left out of an example, and 1/(1 − share) where it stays: the mean over many masks
        is 1, so that nothing changes when all units predict.

        Args:
            examples: how many.
            generator: what decides; by default the seed's, so that the same masks come again.

        Example:
            >>> DeepNet([2, 4, 1], dropout=0.5).random_masks(3)
            {'D1': array([[2., 0., 2.],
                   [0., 2., 2.],
                   [2., 2., 0.],
                   [2., 2., 2.]])}
        """
        generator = self._generators()[1] if generator is None else generator
        sizes = mask_sizes(self.dropout, self.sizes)
        return {name: random_mask(share, units, examples, generator) for name, (share, units) in sizes.items()}

    def _logits(self, X: Node, masks: Mapping[str, Node]) -> Node:
        A = X
        for layer, activation in zip(self.layers, self.hidden, strict=False):
            Z = layer.logits(A)
            with layer.group:
                A = activation.function(Z).named(f"A{layer.number}")
                if (mask := masks.get(mask_name(layer.number))) is not None:
                    A = (A * mask).named(f"A{layer.number}_kept")
        return self.layers[-1].logits(A)

    def _output_place(self) -> tuple[str, Group]:
        return f"A{len(self.layers)}", self.layers[-1].group

    def random_nets(self) -> NetsLike:
        """Nets of these layers, with any number n0, n1, … of units each, for `minigraph.testing.check_backward`."""
        letters = [f"n{number}" for number in range(len(self.sizes))]
        least = dict.fromkeys(letters, 1)
        if not self.head.takes(2):
            del least[letters[-1]]
        elif not self.head.takes(1):
            least[letters[-1]] = 2
        settings = {**self.settings(), "labels": None, "standardize": False}
        return NetsLike(
            least,
            lambda sizes: DeepNet(**{**settings, "sizes": [sizes[letter] if letter in least else 1 for letter in letters]}),
        )

    def __repr__(self) -> str:
        titles = [activation.title for activation in self.hidden]
        activations = [*titles[:1], *(title for title in titles[1:] if set(titles) != {title}), self.head.title]
        count = sum(node.size for node in self.parameters)
        trained = f"{len(self.history)} epochs" if len(self.history) else "not trained"
        return f"<DeepNet {'-'.join(map(str, self.sizes))}, {', '.join(activations)}: {count} parameters, {trained}>"


KINDS: dict[str, type[Net]] = {kind.kind: kind for kind in (DeepNet, LogisticRegression)}


def load(path: str | os.PathLike[str]) -> Net:
    """Load the net that ``net.save(path)`` wrote.

    Returns:
        A net that predicts as the saved one, and goes on training with ``fit(…, resume=True)``.

    Raises:
        ModelFileError: if the file is damaged, truncated, foreign, or written by a newer version.
        OSError: if it can't be read.

    Example:
        >>> import tempfile, numpy as np
        >>> from minigraph.models import LogisticRegression, load
        >>> net = LogisticRegression().fit(np.array([[1.0, 2.0]]), [[0, 1]], epochs=5)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     again = load(net.save(f"{folder}/model.npz"))
        >>> again.predict(np.array([[1.0, 2.0]]))
        array([[0, 1]])
    """
    try:
        raw = read_bounded(path, LARGEST, MODEL_FILE)
    except DataError as error:
        inside = Path(path) / MODEL  # in a folder that was given for it
        raise ModelFileError(f"{error}{f' Did you mean {inside}?' if inside.is_file() else ''}") from None
    except FileNotFoundError:
        similar = nearest(Path(path).name, [file.name for file in sorted(Path(path).parent.glob("*.npz"))])
        raise FileNotFoundError(f"there is no file {str(path)!r}.{similar} Give {MODEL_FILE}.") from None
    return load_bytes(raw, str(path))


def load_bytes(raw: bytes, path: str) -> Net:
    """The net in the bytes of a model file; ``path`` is for messages.

    Raises:
        ModelFileError: if they are anything else.
    """
    return restored(raw, path, KINDS)
