"""When a gradient of 0 is right: at a perfect fit, and at a minimum."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import Scale
from minigraph.core.node import Node
from minigraph.reading.numbers import terms_of
from minigraph.values import norm

SMALL = 1e-3
"""Below this part of what it is made of, a value is small: its terms cancel."""
ROUNDINGS = 64
"""Up to so many roundings of its terms, a difference is 0."""


def is_perfect(backward_pass: BackwardPass, signals: Collection[Node]) -> bool:
    """Whether the cost reaches the signals only through errors that are 0.

    An error is 0 where the derivative of a loss is, or where a difference and the derivative of what is made of it are,
    as with (A − Y)². A dead unit is none: its derivative is 0 for want of terms, whatever the target.
    """
    reached, errors = {backward_pass.root}, 0
    for line in backward_pass:
        if line.consumer in reached:
            if _is_error(line):
                errors += 1
            else:
                reached.add(line.input)
    return errors > 0 and reached.isdisjoint(signals)


def is_settled(gradients: Sequence[Node]) -> bool:
    """Whether the gradients are small because their terms cancel, as at a minimum, and not because the terms are small."""
    terms = math.hypot(*map(norm, terms_of(gradients)))
    return math.hypot(*(norm(gradient.value) for gradient in gradients)) <= SMALL * terms


def has_cancelled(node: Node) -> bool:
    """Whether all of an array is what rounding has left of terms that cancel."""
    (terms,) = terms_of([node])
    return norm(node.value) <= ROUNDINGS * float(np.finfo(node.dtype).eps) * norm(terms)


def _is_error(line: Contribution) -> bool:
    """Whether nothing flows back along the line, since what flows is an error that is 0."""
    op = line.consumer.op
    if op is None or not op.is_loss:
        scaled = isinstance(line.local, Scale) and _is_small(line.input)
        if not (scaled and cancels(line.input)):
            return False
    return cancels(line.product)


def _is_small(node: Node) -> bool:
    """Whether the values are small beside those that they are made of: what is cheap to ask first."""
    largest = max((float(np.max(np.abs(x.value), initial=0.0)) for x in node.inputs), default=0.0)
    return bool(np.all(np.abs(node.value) <= SMALL * largest))


def cancels(node: Node) -> bool:
    """Whether the node is a difference that is 0 but for rounding, and not 0 for want of terms."""
    (terms,) = terms_of([node])
    return bool(np.all((np.abs(node.value) <= ROUNDINGS * np.finfo(node.dtype).eps * terms) & (terms > 0)))
