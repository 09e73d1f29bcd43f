"""The errors of models, and what was meant: the nearest known name, and what a keyword of other libraries is called here."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ParamSpec, TypeVar

import numpy as np

from minigraph.core.errors import nearest

LONGEST_TEXT = 40
"""In messages, what is in a file is cut after so many characters."""


class DataError(ValueError):
    """Data that a net can't use: wrong shape, not finite, labels that are unknown."""


class ModelFileError(ValueError):
    """A file that can't be loaded as a model: damaged, foreign, or of a newer version."""


class NotFittedError(RuntimeError):
    """A net was asked for something that it only knows after ``fit``."""


class DivergenceError(ArithmeticError):
    """Training made the cost grow; the net holds the parameters of the last completed epoch.

    Attributes:
        what: happened to the cost.
        rate: the learning rate that was too large.
        before: whether the net had diverged before this training went on.
    """

    def __init__(self, what: str, rate: float, before: bool = False):
        self.what, self.rate, self.before = what, rate, before
        advice = (
            "the net that goes on had diverged already. Fit it anew, without resume, with a smaller rate."
            if before
            else f"with rate={rate:g} the steps overshoot. Try rate={rate / 10:g}; features of very different size "
            "need standardising too (standardize=True, the default)."
        )
        super().__init__(f"the cost {what}: {advice}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Exceptions are made again from what they were made of, as between processes."""
        return type(self), (self.what, self.rate, self.before)


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C in the middle of training; the net holds the parameters of the last completed epoch."""


def is_whole(value: object, least: int) -> bool:
    """Whether it is a whole number, of Python's or NumPy's, and at least so large."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= least)


def unknown(what: str, given: object, known: Iterable[str]) -> ValueError:
    """The error for a name that is not in a list, with the nearest one that is."""
    names = list(known)
    return ValueError(f"{what}: there is no {given!r}.{nearest(given, names)} There are: {', '.join(names)}.")


def shortened(text: object) -> str:
    """Text in quotes, cut where it is long, for messages."""
    plain = str(text)
    return repr(plain if len(plain) <= LONGEST_TEXT else plain[: LONGEST_TEXT - 1] + "…")


def listed(names: Sequence[object], most: int = 12) -> str:
    """Names in quotes, the first of them where they are many, for messages."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shortened, names[:most])) + more


P = ParamSpec("P")
R = TypeVar("R")

SYNONYMS = {
    "rate": ("learning_rate", "lr", "eta", "alpha", "step_size", "learning_rate_init"),
    "optimiser": ("optimizer", "solver", "opt"),
    "l2": ("weight_decay", "decay", "lambd", "lambda_", "regularization", "l2_reg"),
    "clip": ("max_norm", "clip_norm", "clipnorm", "grad_clip", "gradient_clip"),
    "epochs": ("n_epochs", "num_epochs", "max_iter", "n_iter", "iterations", "num_iterations", "steps"),
    "batch_size": ("batch", "minibatch_size", "mini_batch_size"),
    "validation": ("validation_data", "eval_set", "val", "test_data"),
    "progress": ("verbose", "print_cost"),
    "resume": ("warm_start", "partial"),
    "sizes": ("layers", "layer_dims", "layer_sizes", "layers_dims", "hidden_layer_sizes"),
    "hidden": ("activation", "activations", "hidden_activation"),
    "output": ("output_activation", "head", "last_activation"),
    "initializer": ("init", "initialization", "initialisation", "initialiser", "kernel_initializer"),
    "seed": ("random_state", "random_seed", "rng"),
    "standardize": ("standardise", "normalize", "normalise", "scale"),
    "labels": ("classes", "class_names"),
    "slope": ("negative_slope", "alpha", "leak"),
    "features": ("n_features", "n_x", "n_inputs"),
    "X": ("x", "inputs", "data"),
    "Y": ("y", "targets", "target"),
}
"""What an argument here is called elsewhere."""


def teaches_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which says of a keyword that it does not have which of its own is meant."""
    known = [name for name in inspect.signature(function).parameters if name != "self"]
    meant = {synonym: name for name in reversed(known) for synonym in SYNONYMS.get(name, ())}

    @functools.wraps(function)
    def called(*arguments: P.args, **keywords: P.kwargs) -> R:
        for word in keywords:
            if word not in known:
                hint = f" It is called {meant[word]!r} here." if word in meant else nearest(word, known)
                what = function.__qualname__.removesuffix(".__init__").removeprefix("Net.")
                raise TypeError(f"{what}: there is no argument {word!r}.{hint} There are: {', '.join(known)}.")
        return function(*arguments, **keywords)

    return called
