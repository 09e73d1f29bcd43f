"""One slip that stands in a loop, and so is made alike at every layer or at every step of a sequence."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress

import numpy as np

from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import MatMulLeft, MatMulRight
from minigraph.core.node import Node, Role
from minigraph.explanation.mistakes.along_a_chain import Outcome, marks
from minigraph.explanation.mistakes.at_one_step import contribution, slips_of
from minigraph.explanation.mistakes.constants import RATES
from minigraph.explanation.mistakes.slip import Apply, Cached, Slip, value_of
from minigraph.values import Array

MOST_TOLD = 2
"""Of the steps so many are named."""
MOST_CARRIED = 100_000
"""In a pass of more numbers one step is looked at at a time: some 60 kinds of slip would be carried along all of it."""


def at_every_step(backward_pass: BackwardPass, node: Node, cached: Cached) -> list[Outcome]:
    """What comes out if a slip is made wherever it can be; nothing in large nets."""
    if sum(line.product.size for line in backward_pass) > MOST_CARRIED:
        return []
    places: dict[tuple[object, ...], dict[Contribution, tuple[int, Slip]]] = defaultdict(dict)
    for line in backward_pass:
        for place, slip in slips_of(line, cached, line.input is node):
            places[_kind(slip, line, cached)].setdefault(line, (place, slip))
    found = []
    for steps in places.values():
        if len(steps) > 1:
            brings = {line: (slip.words, _with_slip(line, place, slip)) for line, (place, slip) in steps.items()}
            found.append(_outcome(backward_pass, node, brings))
    through = _through_weights(backward_pass)
    for rate in RATES if len(through) > 1 else ():
        early = f"the weights were updated on the way back, with the rate {rate}, before they were used for the layer below"
        found.append(_outcome(backward_pass, node, {line: (early, _with_step(line, rate)) for line in through}))
    different = {marks(outcome.array[None])[0]: outcome for outcome in reversed(found) if outcome is not None}
    return [*reversed(different.values())]


def _kind(slip: Slip, line: Contribution, cached: Cached) -> tuple[object, ...]:
    """The kind of the slip with the places of its nodes as seen from the line, so that it is the same at another step."""
    matrices = _matrices(line)
    base = matrices[0] if matrices else line.consumer
    alike = [x for x, _, _ in cached.values if x.name is not None and x.shape == base.shape]
    places: dict[object, object] = {}
    if base in alike:
        places.update((x, place - alike.index(base)) for place, x in enumerate(alike))
    places |= {**dict.fromkeys(matrices, "matrix"), line.input: "input", line.consumer: "consumer"}
    return tuple(places.get(part, part) for part in slip.kind)


def _matrices(line: Contribution) -> list[Node]:
    return [x.matrix for x in line.local.factors() if isinstance(x, MatMulLeft | MatMulRight)]


def _through_weights(backward_pass: BackwardPass) -> dict[Contribution, Node]:
    """The lines that go back through a matrix of weights that is used there only, each with these weights."""
    through = {line: x for line in backward_pass for x in _matrices(line) if x.role is Role.PARAMETER}
    uses = [*through.values()]
    return {line: weights for line, weights in through.items() if uses.count(weights) == 1}


def _outcome(backward_pass: BackwardPass, node: Node, brings: dict[Contribution, tuple[str, Apply]]) -> Outcome | None:
    """What arrives at the node, where some lines bring something else; None if fewer than two of them can.

    Where shapes don't fit together, or bring another shape, it was done rightly there.
    """
    gradients: dict[Node, Array] = {backward_pass.root: value_of(backward_pass.seed)[None]}
    met: list[str] = []
    for line in backward_pass:
        above = gradients[line.consumer]
        brought = right = contribution(line, above)
        if line in brings:
            words, apply = brings[line]
            with suppress(ValueError):
                brought = apply(above)
            if brought.shape != right.shape or np.array_equal(brought, right):
                brought = right
            else:
                met.append(words)
        gradients[line.input] = gradients[line.input] + brought if line.input in gradients else brought
    if len(met) < 2:
        return None
    told = list(dict.fromkeys(met))[:MOST_TOLD]
    alike = f", alike at {len(met)} steps" if len(met) > len(told) else ""
    return Outcome(gradients[node][0], (Slip(", and ".join(told) + alike, lambda stack: stack),))


def _with_slip(line: Contribution, place: int, slip: Slip) -> Apply:
    return lambda above: contribution(line, above, place, slip)


def _with_step(line: Contribution, rate: float) -> Apply:
    """What goes back through weights that a step has changed, with their gradient as it is there."""
    A = value_of(line.input)
    from_left = any(isinstance(x, MatMulLeft) for x in line.local.factors())

    def brought(above: Array) -> Array:
        change = rate * (above[0] @ A.T if from_left else A.T @ above[0])
        less: Array = change.T @ above if from_left else above @ change.T
        return contribution(line, above) - less

    return brought
