"""Heads by name: what the last layer's Z means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import unknown
from .classes import ManyClasses, TwoClasses
from .head import Head
from .regression import PositiveRegression, Regression

HEADS: dict[str, type[Head]] = {head.name: head for head in (TwoClasses, ManyClasses, Regression, PositiveRegression)}


def make_head(output: str | None, outputs: int, labels: Sequence[Any] | None) -> Head:
    """The head of that name; by default sigmoid for one output and softmax for more.

    Raises:
        ValueError: for an unknown name, with the nearest match, or labels that don't fit.
    """
    name = output if output is not None else "sigmoid" if outputs == 1 else "softmax"
    if name not in HEADS:
        raise unknown("output", name, HEADS)
    return HEADS[name](outputs, labels)
