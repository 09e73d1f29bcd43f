"""Predictions as named columns: for files that are written, and for frames such as the one that X was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from minigraph.values import Array

from .heads import Head
from .tables.frames import frame_like

PREDICTION = "prediction"
"""What is predicted is called so where it has no name."""


def named_predictions(target: str | None, found: npt.NDArray[Any]) -> dict[str, list[Any]]:
    """What a net predicts, (outputs, m), as a column for each output, numbered where there are several.

    Example:
        >>> import numpy as np
        >>> named_predictions("price", np.array([[2.0, 3.0]])), [*named_predictions(None, np.eye(2))]
        ({'price': [2.0, 3.0]}, ['prediction 1', 'prediction 2'])
    """
    rows, name = found.tolist(), target or PREDICTION
    return {name if len(rows) == 1 else f"{name} {i}": row for i, row in enumerate(rows, 1)}


def named_probabilities(head: Head, found: Array) -> dict[str, list[float]]:
    """What a net of classes gives for the probability, as a column for each class."""
    rows = head.probabilities(found).tolist()
    return {f"probability of {label}": row for label, row in zip(head.labels or (), rows, strict=True)}


def like_frame(X: Any, columns: Mapping[str, list[Any]], alone: bool) -> Any:
    """The columns as a frame of the kind of X, in its rows; the only one as a Series, if it may stand ``alone``.

    None where X is of a kind that can't be made here.
    """
    frame = frame_like(X, columns)
    return frame[next(iter(columns))] if frame is not None and alone and len(columns) == 1 else frame
