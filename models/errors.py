"""The errors of models: what was given that can't be used, and training that went wrong. Each says what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DataError(ValueError):
    """Data that a net can't use: wrong shape, not finite, labels that are unknown."""


class NotFittedError(RuntimeError):
    """A net was asked for something that it only knows after ``fit``."""


class DivergenceError(ArithmeticError):
    """Gradient descent made the cost grow; the net holds the parameters of the last completed epoch."""


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C in the middle of training; the net holds the parameters of the last completed epoch."""


def unknown(what: str, given: object, known: Iterable[str]) -> ValueError:
    """The error for a name that is not in a list, with the nearest one that is."""
    names = list(known)
    close = difflib.get_close_matches(str(given), names, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return ValueError(f"{what}: there is no {given!r}.{hint} There are: {', '.join(names)}.")
