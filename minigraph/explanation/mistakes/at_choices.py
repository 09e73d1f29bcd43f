"""What may go wrong where entries are chosen: one that an index takes twice, and several that are the largest."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from minigraph.core.ledger import Contribution
from minigraph.core.linear_maps import Scale
from minigraph.core.node import Node
from minigraph.core.shape_maps import Selection
from minigraph.explanation.mistakes.slip import Apply, Cached, Slip, value_of
from minigraph.operations.choices import OfTheLarger
from minigraph.operations.reductions import Extreme
from minigraph.values import Array


def slips_at_choices(line: Contribution, cached: Cached) -> Iterator[tuple[int, Slip]]:
    """The slips at each factor of the line's local derivative that chooses entries."""
    for place, factor in enumerate(line.local.factors()):
        if isinstance(factor, Selection):
            found = _of_entries_taken_twice(line, factor, cached)
        elif isinstance(factor, Scale) and isinstance(_rules(line.consumer), Extreme | OfTheLarger):
            found = _of_ties(line, value_of(factor.factor), cached)
        else:
            continue
        for slip in found:
            yield place, slip


def _rules(node: Node) -> Any:
    return node.op.rules if node.op is not None else None


def _of_entries_taken_twice(line: Contribution, factor: Selection, cached: Cached) -> Iterator[Slip]:
    """What NumPy makes of ``dE[index] += g`` where a place comes twice in the index."""
    source = factor.source()
    if np.unique(source).size == source.size:
        return
    taken, table = cached.names.of(line.consumer), cached.names.of(line.input)

    def assigned(stack: Array) -> Array:
        placed = np.zeros((len(stack), *factor.shape_in))
        placed.reshape(len(stack), -1)[:, source.ravel()] = stack.reshape(len(stack), -1)
        return placed

    why = f"{taken} takes entries of {table} more than once, and += with an index adds only the last of them"
    yield Slip(f"{why}: np.add.at(d{table}, index, …) adds all", assigned, common=True)


def _of_ties(line: Contribution, right: Array, cached: Cached) -> Iterator[Slip]:
    """What others make of a tie, where J shares equally among the entries that are the largest, or the smallest."""
    tied = (right > 0) & (right < 1)
    if not tied.any():
        return
    name = cached.names.of(line.input)
    at_a_tie = f"at a tie J shares the derivative equally, and any other share is right too: of {name} here"
    yield Slip(f"{at_a_tie} all equal entries had all of it", _by((right > 0) * 1.0))
    if isinstance(_rules(line.consumer), OfTheLarger):
        yield Slip(f"{at_a_tie} no equal entry had any of it", _by((right == 1) * 1.0))
        return
    axes = _rules(line.consumer).axes(line.input)
    for which, backwards in (("first", False), ("last", True)):
        yield Slip(f"{at_a_tie} the {which} of the equal entries had all of it", _by(_one_of(right > 0, axes, backwards)))


def _one_of(chosen: Array, axes: tuple[int, ...], backwards: bool) -> Array:
    """1 at the first of the chosen entries along the axes, or at the last, as np.argmax has it."""
    others = [axis for axis in range(chosen.ndim) if axis not in axes]
    order = (*others, *axes)
    rows = chosen.transpose(order).reshape(*(chosen.shape[axis] for axis in others), -1)
    counted = np.cumsum(rows[..., ::-1], -1)[..., ::-1] if backwards else np.cumsum(rows, -1)
    first = (rows & (counted == 1)) * 1.0
    back: Array = first.reshape([chosen.shape[axis] for axis in order]).transpose(np.argsort(order))
    return back


def _by(factor: Array) -> Apply:
    return partial(np.multiply, factor)
