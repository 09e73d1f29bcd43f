"""The errors of models: what was given that can't be used, and training that went wrong. Each says what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from minigraph.core.errors import closest


class DataError(ValueError):
    """Data that a net can't use: wrong shape, not finite, labels that are unknown."""


class ModelFileError(ValueError):
    """A file that can't be loaded as a model: damaged, foreign, or of a newer version."""


class NotFittedError(RuntimeError):
    """A net was asked for something that it only knows after ``fit``."""


class DivergenceError(ArithmeticError):
    """Gradient descent made the cost grow; the net holds the parameters of the last completed epoch.

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
            else f"with rate={rate:g} gradient descent overshoots. Try rate={rate / 10:g}; features of very different size "
            "need standardising too (standardize=True, the default)."
        )
        super().__init__(f"the cost {what}: {advice}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Exceptions are made again from what they were made of, as between processes."""
        return type(self), (self.what, self.rate, self.before)


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C in the middle of training; the net holds the parameters of the last completed epoch."""


def unknown(what: str, given: object, known: Iterable[str]) -> ValueError:
    """The error for a name that is not in a list, with the nearest one that is."""
    names = list(known)
    return ValueError(f"{what}: there is no {given!r}.{nearest(given, names)} There are: {', '.join(names)}.")


def nearest(given: object, known: Iterable[str]) -> str:
    """`` Did you mean 'relu'?`` or nothing."""
    close = closest(given, known)
    return f" Did you mean {close!r}?" if close else ""


def shortened(text: object, budget: int = 40) -> str:
    """Text in quotes, cut where it is long, for messages."""
    plain = str(text)
    return repr(plain if len(plain) <= budget else plain[: budget - 1] + "…")


def listed(names: Sequence[object], most: int = 12) -> str:
    """Names in quotes, the first of them where they are many, for messages."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shortened, names[:most])) + more
