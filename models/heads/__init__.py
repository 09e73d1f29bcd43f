"""Heads: what the last layer's Z means. Each is one class; a new one is written like these and listed in `HEADS`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import unknown
from .classes import ManyClasses, TwoClasses
from .head import Head
from .regression import PositiveRegression, Regression

HEADS: dict[str, type[Head]] = {head.name: head for head in (TwoClasses, ManyClasses, Regression, PositiveRegression)}
"""The heads by name. Where none is named, the first that fits is taken."""

__all__ = ["HEADS", "Head", "TwoClasses", "head_for_classes", "head_for_numbers", "make_head"]


def make_head(output: str | None, outputs: int, labels: Sequence[Any] | None) -> Head:
    """The head of that name; by default the first that takes so many outputs: sigmoid for one, softmax for more."""
    if output is None:
        return next(head for head in HEADS.values() if head.takes(outputs))(outputs, labels)
    if output not in HEADS:
        raise unknown("output", output, HEADS)
    return HEADS[output](outputs, labels)


def head_for_classes(count: int) -> type[Head]:
    """The first head that tells so many classes apart."""
    return next(head for head in HEADS.values() if head.most_classes >= count)


def head_for_numbers() -> type[Head]:
    """The first head that predicts numbers."""
    return next(head for head in HEADS.values() if not head.most_classes)
