"""What a net keeps: where its training stands, and the names and means that go with it. From that it is saved and copied."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np

from minigraph.files import replace_file
from minigraph.values import Array

from .errors import ModelFileError, NotFittedError, is_whole
from .heads import Head
from .model_file import DAMAGED, ModelFile, Unreadable, to_bytes
from .names_and_labels import plain_names
from .net_graph import NetGraph
from .standardization import Standardization
from .tables.encoding import Encoding
from .training_state import COLUMNS, History, State, TrainedOn

N = TypeVar("N", bound="StoredNet")


class StoredNet(NetGraph):
    """A net with what training leaves in it: all that a model file, a copy and a pickle hold; see `minigraph.models.Net`.

    Attributes:
        kind: what model files call this kind of net; subclasses are saved as what they derive from.
        standardize: whether features have mean 0 and standard deviation 1 in the graph.
        seed: decides the first values and the shuffling.
    """

    kind: ClassVar[str]

    def __init__(self, features: int | None, head: Head, standardize: bool, seed: int):
        if not is_whole(seed, 0):
            raise ValueError(f"seed is {seed!r}: give a whole number from 0.")
        self.standardize = standardize
        self.seed = int(seed)
        self.target_name: str | None = None
        self.trained_on: TrainedOn | None = None
        self.missing_words: tuple[str, ...] | None = None
        self.left_out: tuple[str, ...] = ()
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
        self._fitted("standardization")
        assert self._standardization is not None
        return self._standardization

    @property
    def state(self) -> State:
        """Where training stands: the values of the parameters, the shuffling, the number of epochs.

        Raises:
            NotFittedError: before fit.
        """
        return self._fitted("state")

    @property
    def is_fitted(self) -> bool:
        """Whether it was trained."""
        return self._state is not None

    def _generators(self) -> tuple[np.random.Generator, np.random.Generator]:
        """The seed's own generators: of the first values, and of the shuffling."""
        first, shuffling = map(np.random.default_rng, np.random.SeedSequence(self.seed).spawn(2))
        return first, shuffling

    def _set_first_values(self) -> None:
        """Set the parameters to the values with which training begins."""
        for node, value in zip(self.parameters, self._initial_values(self._generators()[0]), strict=True):
            node.value = value

    def _fitted(self, what: str) -> State:
        """Where training stands; before fit, it is refused what was asked for."""
        if self._state is None:
            raise NotFittedError(f"{what}: the net has not been trained yet. Call fit(X, Y) first.")
        return self._state

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
        """The content of the net's model file; parameters are as they are now, whoever set them."""
        state, standardization, columns = self.state, self.standardization, self.history.columns()
        history = np.array([*columns.values()], dtype=np.float64).reshape(len(columns), len(self.history))
        entries = {
            "kind": self.kind,
            "settings": self.settings(),
            "labels": self.head.labels or (),
            "feature_names": self.feature_names,
            "target_name": self.target_name,
            "epochs": state.epochs,
            "history": list(columns),
            "epochs_after": len(self.history) - state.epochs,
            "shuffling": state.shuffling,
            "optimiser": state.optimiser,
            "memory": {of: {name: np.shape(array) for name, array in own.items()} for of, own in state.memory.items()},
            "missing_words": self.missing_words,
            **({} if self.encoding is None else {"encoding": self.encoding.entries()}),
            **({"left_out": self.left_out} if self.left_out else {}),
            "trained_on": None if self.trained_on is None else asdict(self.trained_on),
        }
        arrays = {
            **{str(node.name): node.value for node in self.parameters},
            **{f"{of}.{name}": array for of, own in state.memory.items() for name, array in own.items()},
            "feature_mean": standardization.mean,
            "feature_scale": standardization.scale,
            "target_mean": self.head.scaling.mean,
            "target_scale": self.head.scaling.scale,
            "history": history[:, : state.epochs],
            "history_after": history[:, state.epochs :],
        }
        if self.feature_means is not None:
            arrays["feature_means"] = self.feature_means
        return to_bytes(entries, arrays)

    def _take_up(self, file: ModelFile) -> None:
        """Become the net that was saved; the settings are the same already.

        Raises:
            Unreadable: for a file that does not fit them.
        """
        features, epochs, names = file.sizes()[0], file.whole("epochs"), [str(node.name) for node in self.parameters]
        wrong = "its parameters are not finite numbers"
        values = tuple(file.finite(str(node.name), *node.shape, otherwise=wrong) for node in self.parameters)
        memory = file.memory(names)
        self.history = _history(file, epochs)
        if "feature_means.npy" in file.members:
            wrong = "the means of its features are not finite"
            self.feature_means = file.finite("feature_means", features, 1, otherwise=wrong)
        feature_names = file.texts_or_none("feature_names", features)
        self.feature_names = None if feature_names is None else plain_names(feature_names)  # older ones kept blanks
        self.head.labels = file.labels(self.head.classes)
        self._standardization, self.head.scaling = (
            _scaling(file, "feature", features),
            _scaling(file, "target", self.head.outputs),
        )
        self._state = State(values, file.shuffling(), epochs, file.optimiser(), memory)
        self.target_name, self.missing_words = file.get_or_none("target_name", str), file.texts_or_none("missing_words")
        self.left_out = file.texts_or_none("left_out") or ()
        if (entries := file.get_or_none("encoding", list)) is not None:
            self.encoding = Encoding.from_entries(entries, features) or file.refuse("encoding")
        if (noted := file.get_or_none("trained_on", dict)) is not None:
            self.trained_on = TrainedOn.from_dict(noted) or file.refuse("trained_on")
        if self.feature_means is None and self.standardize:  # in a file of an older version
            self.feature_means = self._standardization.mean
        self._state.restore(self.parameters)

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


def _history(file: ModelFile, epochs: int) -> History:
    """The history up to the epoch whose parameters the file has, and what came after it."""
    columns = file.get("history", list)
    if columns not in ([*COLUMNS], [*COLUMNS[:-1]]):
        file.refuse("history")
    rows = file.array("history", len(columns), epochs)
    after = file.whole("epochs_after") if "epochs_after" in file.entries else 0
    if after:
        rows = np.concatenate([rows, file.array("history_after", len(columns), after)], axis=1)
    return History(**dict(zip(columns, rows.tolist(), strict=True)), kept=epochs if after else None)


def restored(raw: bytes, path: str, kinds: Mapping[str, Callable[..., N]]) -> N:
    """The net in the bytes of a model file; ``kinds`` are what makes a net, by name, ``path`` is for messages.

    Raises:
        ModelFileError: if they are anything else.
    """
    try:
        file = ModelFile.parse(raw)
        net = _made(file, kinds)
        net._take_up(file)
    except Unreadable as why:
        raise ModelFileError(f"{path}: {why}") from None
    return net


def _made(file: ModelFile, kinds: Mapping[str, Callable[..., N]]) -> N:
    """The net that the settings describe, made only if the file is large enough to hold its parameters."""
    count = sum((inputs + 1) * outputs for inputs, outputs in pairwise(file.sizes()))
    if count * 8 > sum(map(len, file.members.values())):
        raise Unreadable(f"its settings ask for {count:,} parameters, more than the file holds: {DAMAGED}")
    if (named := file.get("kind", str)) not in kinds:
        file.refuse("kind")
    try:
        return kinds[named](**file.get("settings", dict))
    except (TypeError, ValueError) as error:
        raise Unreadable(f"its settings make no net ({error}): {DAMAGED}") from None


def _scaling(file: ModelFile, of: str, rows: int) -> Standardization:
    mean, scale = file.array(f"{of}_mean", rows, 1), file.array(f"{of}_scale", rows, 1)
    if not (np.isfinite(mean).all() and np.isfinite(scale).all() and (scale > 0).all()):
        raise Unreadable(f"the scale of its {of}s is not finite and above 0: {DAMAGED}")
    return Standardization(mean, scale)


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
