"""What a net keeps: where its training stands, and the names and means that go with it. From that it is saved and copied."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np

from minigraph.files import replace_file
from minigraph.values import Array

from . import model_file
from .errors import NotFittedError
from .heads import Head
from .model_file import Contents
from .net_graph import NetGraph
from .standardization import Standardization
from .training_state import History, State, TrainedOn

N = TypeVar("N", bound="StoredNet")


class StoredNet(NetGraph):
    """A net with what training leaves in it: all that a model file, a copy and a pickle hold.

    Attributes:
        kind: what model files call this kind of net; subclasses are saved as what they derive from.
        standardize: whether features have mean 0 and standard deviation 1 in the graph.
        seed: decides the first values and the shuffling.
        target_name: see `minigraph.models.Net`, as the others.
        trained_on: see there.
        missing_words: see there.
        history: see there.
        feature_means: see there.
    """

    kind: ClassVar[str]

    def __init__(self, features: int | None, head: Head, standardize: bool, seed: int):
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
            raise ValueError(f"seed is {seed!r}: give a whole number from 0.")
        self.standardize = standardize
        self.seed = int(seed)
        self.target_name: str | None = None
        self.trained_on: TrainedOn | None = None
        self.missing_words: tuple[str, ...] | None = None
        self.history = History()
        self.feature_means: Array | None = None
        self._state: State | None = None
        super().__init__(features, head)

    @property
    @abstractmethod
    def name(self) -> str:
        """What the net is called in headings."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The arguments that make a net like this one."""

    @property
    def standardization(self) -> Standardization:
        """Of the features, as learnt by the last fit.

        Raises:
            NotFittedError: before fit.
        """
        self._refuse_unfitted("standardization")
        assert self._standardization is not None
        return self._standardization

    @property
    def state(self) -> State:
        """Where training stands: the values of the parameters, the shuffling, the number of epochs.

        Raises:
            NotFittedError: before fit.
        """
        self._refuse_unfitted("state")
        assert self._state is not None
        return self._state

    @property
    def is_fitted(self) -> bool:
        """Whether it was trained."""
        return self._state is not None

    def _refuse_unfitted(self, what: str) -> None:
        if self._state is None:
            raise NotFittedError(f"{what}: the net has not been trained yet. Call fit(X, Y) first.")

    # Saving and copying

    def save(self, path: str | PathLike[str]) -> Path:
        """Write a model file (``.npz``), which `minigraph.models.load` reads; an older one there is replaced.

        It holds parameters, architecture, standardisation, names, history, and what going on training needs. A crash
        while writing leaves the old file or the new one.

        Returns:
            The path.

        Raises:
            NotFittedError: before fit.
            OSError: if it can't be written; the old file is then as it was.
        """
        raw = self._to_bytes()
        return replace_file(path, lambda file: file.write(raw))

    def _to_bytes(self) -> bytes:
        """The content of the net's model file; parameters are as they are now, whoever set them.

        Raises:
            NotFittedError: before fit.
        """
        contents = Contents(
            kind=self.kind,
            settings=self.settings(),
            parameters=tuple(str(node.name) for node in self.parameters),
            labels=self.head.labels or (),
            standardization=self.standardization,
            target_scaling=self.head.scaling,
            state=replace(self.state, values=tuple(node.value for node in self.parameters)),
            history=self.history,
            feature_means=self.feature_means,
            feature_names=self.feature_names,
            target_name=self.target_name,
            missing_words=self.missing_words,
            trained_on=self.trained_on,
        )
        return model_file.to_bytes(contents)

    def _take_up(self, contents: Contents) -> None:
        """Become the net that was saved; the settings are the same already."""
        self.head.labels, self.head.scaling = contents.labels, contents.target_scaling
        self._standardization, self._state, self.history = contents.standardization, contents.state, contents.history
        unknown = contents.feature_means is None and self.standardize  # in a file of an older version
        self.feature_means = contents.standardization.mean if unknown else contents.feature_means
        self.feature_names, self.target_name = contents.feature_names, contents.target_name
        self.missing_words, self.trained_on = contents.missing_words, contents.trained_on
        contents.state.restore(self.parameters)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles hold what a model file holds, and share nothing; before fit, the parameters' values."""
        kind, settings = type(self), self.settings()
        try:  # said now, not when a pickle is read
            inspect.signature(kind).bind(**settings)
        except TypeError as error:
            raise TypeError(
                f"a {kind.__name__} can't be copied or pickled: a copy is made by {kind.__name__}(**net.settings()), and "
                f"its __init__ does not take them ({error}). Let it take {', '.join(settings)} by name and hand them on, or "
                "let settings() return what it takes; or use net.save(path) and load(path)."
            ) from None
        if self.is_fitted:
            return copied, (kind, self._to_bytes())
        return copied_unfitted, (kind, settings, [node.value for node in self.parameters], self.target_name)


def restored(raw: bytes, path: str, kinds: Mapping[str, Callable[..., N]]) -> N:
    """The net in the bytes of a model file; see `minigraph.models.model_file.read`."""
    net, contents = model_file.read(raw, path, kinds)
    net._take_up(contents)
    return net


def copied(kind: type[N], file: bytes) -> N:
    """A net of this kind from the bytes of a model file."""
    return restored(file, f"a copy of a {kind.__name__}", {kind.kind: kind})


def copied_unfitted(kind: type[N], settings: dict[str, Any], values: Sequence[Array], target_name: str | None) -> N:
    """A net from its settings and the values of its parameters."""
    net = kind(**settings)
    for node, value in zip(net.parameters, values, strict=True):
        node.value = value
    net.target_name = target_name
    return net
