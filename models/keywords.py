"""Keywords of other libraries: what is meant by learning_rate, lr and the like, said where they are given."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from .errors import nearest

P = ParamSpec("P")
R = TypeVar("R")

SYNONYMS = {
    "rate": ("learning_rate", "lr", "eta", "alpha", "step_size", "learning_rate_init"),
    "optimiser": ("optimizer", "solver", "opt"),
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
