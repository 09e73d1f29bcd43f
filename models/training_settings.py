"""What a training may be told: settings that make no sense are refused before anything changes; the rate of an epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

import minigraph as mg
from minigraph.core.errors import warn
from minigraph.values import real_number

from .errors import is_whole

Rate: TypeAlias = float | Callable[[int], float]
"""A learning rate, or what gives that of each epoch, which are counted from 1, and through ``resume``."""


def check_settings(
    epochs: int,
    batch_size: int | None,
    memory: str,
    backend: str,
    devices: int | None,
    patience: int | None,
    is_validated: bool,
) -> None:
    """Refuse settings of a training that make no sense; ``is_validated`` is whether there is a validation part."""
    if not is_whole(epochs, 1):
        raise ValueError(f"epochs is {epochs!r}: give a whole number from 1.")
    if batch_size is not None and not is_whole(batch_size, 1):
        raise ValueError(f"batch_size is {batch_size!r}: give a whole number from 1, or None for all examples at once.")
    if patience is not None and not is_whole(patience, 1):
        raise ValueError(f"patience is {patience!r}: give a whole number of epochs from 1, or None to do all epochs.")
    if patience is not None and not is_validated:
        raise ValueError("patience needs examples that training does not see: give validation=(X, Y), too.")
    if devices is not None and not is_whole(devices, 1):
        raise ValueError(f"devices is {devices!r}: give a whole number from 1, or None for one.")
    if (memory, backend, devices) != ("more", "auto", None):
        check_backend(backend, devices, memory)


def rate_of(rate: Any, epoch: int) -> float:
    """The learning rate of an epoch.

    Raises:
        ValueError: if it is no finite number above 0.
    """
    value = rate(epoch) if callable(rate) else rate
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
        whose = f"rate gives {value!r} for epoch {epoch}" if callable(rate) else f"rate is {value!r}"
        raise ValueError(f"{whose}: the learning rate is a number above 0, such as 0.1.")
    return float(value)


def check_penalties(l2: float, clip: float | None) -> None:
    """Refuse what can't hold weights or gradients down."""
    if not real_number(l2, "l2") >= 0:
        raise ValueError(f"l2 is {l2!r}: it weighs the squares of the weights in the cost. Give a number from 0 on.")
    if clip is not None and not real_number(clip, "clip") > 0:
        raise ValueError(f"clip is {clip!r}: give the length above which a gradient is shortened, above 0, or None.")


def check_backend(backend: str, devices: int | None, memory: str = "more") -> None:
    """Refuse a backend or devices that are not there, before anything changes."""
    mg.compile(mg.data(0.0), backend=backend, devices=devices, memory=memory)


def warn_of_unequal(batch: int, devices: int | None) -> None:
    """Warn where devices can't share a batch of so many examples."""
    if devices is not None and batch % devices:
        warn(
            f"{devices} devices can't share the {batch} examples of a batch equally, so that one of them does each step. "
            f"Give a batch_size that {devices} divides."
        )
