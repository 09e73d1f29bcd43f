"""What the step-through page asks before it shows a number, and which slip gives which wrong answer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from minigraph.core.ledger import Contribution
from minigraph.core.node import Node, literal
from minigraph.drawing.scene import Scene
from minigraph.explanation.mistaken_factors import HALF, TWICE, WRONG_SIGN
from minigraph.explanation.mistaken_steps import forgotten, left_out
from minigraph.formulas.tree import UNIT
from minigraph.reading.numbers import rounded
from minigraph.reading.steps import Derivative, Step, StepEdge

CLOSE = 2e-3
"""An answer that differs by less than this part is right, as is one that rounds to what was typed."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong answer, and the words for how one comes to it."""

    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Guess:
    """One number that is asked for.

    Attributes:
        question: what is asked, with ``?`` for what is hidden.
        answer: the right number.
        shown: the answer as it is written.
        slips: wrong answers that have words, the likeliest first.
    """

    question: str
    answer: float
    shown: str
    slips: tuple[Slip, ...]


def guess_of_value(scene: Scene, step: Step) -> Guess | None:
    """``c = a + b = ?``; None if the value is no single finite number."""
    answer = _number(step.node)
    if answer is None:
        return None
    slips = [Slip(-answer, WRONG_SIGN), Slip(2 * answer, TWICE), Slip(answer / 2, HALF)]
    for edge in step.edges:
        if edge.source.shape == ():
            words = f"that is {scene.name(edge.source)}, which goes in: {scene.name(step.node)} comes out"
            slips.append(Slip(float(edge.source.value), words))
    return _guess(f"{scene.formula(step.node)} = ?", answer, slips)


def guess_of_contribution(scene: Scene, step: Step, edge: StepEdge, entries: Sequence[Contribution]) -> Guess | None:
    """``∂J/∂b gets ∂J/∂u × ∂u/∂b = 3 × ? = ?``; None if one of these is no single finite number."""
    last = entries[-1]
    answer, upstream = _number(last.contribution), _number(scene.gradients[step.node])
    if answer is None or upstream is None or edge.source.shape != ():
        return None
    map_ = Derivative(tuple(entries)).local
    local = float(map_.pull(literal(1.0, step.node.dtype)).value)
    partial, above = scene.partial(step.node, edge.source), scene.gradient(step.node)
    formula = scene.text(map_.notation(UNIT))
    name = scene.gradient(edge.source)
    slips = [Slip(-answer, WRONG_SIGN)]
    if math.isfinite(local):
        because = "" if formula == rounded(local) else f" = {formula}"
        slips.append(Slip(upstream, forgotten(partial, because)))
        slips.append(Slip(local, f"that is the local derivative {partial} alone: {forgotten(above, '')}"))
        slips.append(Slip(upstream + local, "the two were added: along a path the chain rule multiplies"))
        if local:
            slips.append(Slip(upstream / local, f"it was divided by {partial}: along a path the chain rule multiplies"))
    slips += _sums_for_terms(scene, step, edge, last)
    slips += _values_for_derivatives(scene, step, edge, upstream)
    slips += [
        Slip(2 * answer, TWICE),
        Slip(answer / 2, HALF),
        Slip(0.0, f"it is 0, as if {left_out(*_ends(scene, step, edge))}"),
    ]
    question = f"{scene.formula(step.node)}: {name} gets {above} × {partial} = {rounded(upstream)} × ? = ?"
    return _guess(question, answer, slips)


def _ends(scene: Scene, step: Step, edge: StepEdge) -> tuple[str, str]:
    return scene.name(step.node), scene.name(edge.source)


def _values_for_derivatives(scene: Scene, step: Step, edge: StepEdge, upstream: float) -> Iterator[Slip]:
    """The function, or what goes into it, where its derivative belongs."""
    partial = scene.partial(step.node, edge.source)
    for node in (step.node, edge.source):
        value = _number(node)
        if value is not None:
            words = (
                f"the value {scene.name(node)} = {rounded(value)} stands where its derivative belongs: {partial} is asked"
            )
            if node is edge.source:
                words = f"{scene.name(node)} = {rounded(value)} was taken for {partial}: it is what one derives by"
            yield Slip(upstream * value, words)


def _sums_for_terms(scene: Scene, step: Step, edge: StepEdge, last: Contribution) -> Iterator[Slip]:
    """The sum at a fork, where one of its terms is asked."""
    terms = [float(node.value) for node in last.arrivals]
    so_far = math.fsum(terms[: last.rank + 1])
    if len(terms) > 1:
        above, below = _ends(scene, step, edge)
        only = f"only what comes along this edge is asked, from {above} to {below}"
        yield Slip(so_far, f"that is the sum of what has arrived: {only}")
        yield Slip(math.fsum(terms), f"that is the sum over all paths: {only}")


def _guess(question: str, answer: float, slips: Sequence[Slip]) -> Guess:
    """The question with the slips that tell: finite, not the right answer, the first of each value."""
    told: dict[float, Slip] = {}
    for slip in slips:
        if math.isfinite(slip.value) and not math.isclose(slip.value, answer, rel_tol=2 * CLOSE, abs_tol=1e-300):
            told.setdefault(slip.value + 0.0, slip)
    return Guess(question, answer, rounded(answer), tuple(told.values()))


def _number(node: Node) -> float | None:
    """The value of a scalar, if it is finite."""
    if node.shape != ():
        return None
    value = float(node.value)
    return value if math.isfinite(value) else None
