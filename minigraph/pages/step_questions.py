"""`StepQuestions`: what the step-through page asks before it shows a number, and which slip gives which wrong answer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from minigraph.core.ledger import Contribution
from minigraph.core.node import Node
from minigraph.drawing.scene import Scene
from minigraph.explanation.mistakes.at_one_step import forgotten, left_out
from minigraph.explanation.mistakes.constants import WRONG_SIGN
from minigraph.formulas.tree import UNIT
from minigraph.pages.question import Question, Slip, as_shown, off_as_shown, unsureness
from minigraph.pages.step_questions_of_arrays import (
    arriving,
    asked,
    of_array,
    of_array_contribution,
    slips_of_size,
    sums_for_terms,
)
from minigraph.reading.numbers import rounded
from minigraph.reading.steps import Derivative, Step, StepEdge


class StepQuestions:
    """The questions on the steps of a scene: its numbers, and of arrays one entry, or the shape."""

    def __init__(self, scene: Scene):
        self.scene = scene
        self.shown = as_shown(scene.steps)

    def of_value(self, step: Step) -> Question | None:
        """``c = a + b = ?``; None for a number that is not finite."""
        scene, node = self.scene, step.node
        if any(x.shape != () for x in (node, *(edge.source for edge in step.edges))):
            return of_array(scene, step)
        right = _number(node)
        if right is None:
            return None
        goes_in = {edge.source: float(edge.source.value) for edge in step.edges}
        slips = [*slips_of_size(right)]
        slips += [
            Slip(value, f"that is {scene.name(x)}, which goes in: {scene.name(node)} comes out")
            for x, value in goes_in.items()
        ]
        unsure = off_as_shown({x: value for x, value in self.shown.items() if x in goes_in}, node)
        return asked(f"{scene.formula(node)} = ?", scene.name(node), right, slips, unsureness([right]) + unsure)

    def of_contribution(self, step: Step, edge: StepEdge, entries: Sequence[Contribution]) -> Question | None:
        """``∂J/∂b gets ∂J/∂u × ∂u/∂b = 3 × ? = ?``; None if one of these is not finite."""
        if step.node.shape != () or edge.source.shape != ():
            return of_array_contribution(self.scene, step, edge, entries)
        scene, last, derivative = self.scene, entries[-1], Derivative(tuple(entries))
        right, upstream = _number(last.contribution), _number(scene.gradients[step.node])
        if right is None or upstream is None:
            return None
        partial, above = scene.partial(step.node, edge.source), scene.gradient(step.node)
        local = float(derivative.slope.value)
        slips = [Slip(-right, WRONG_SIGN)]
        if math.isfinite(local):
            formula = scene.text(derivative.local.notation(UNIT))
            because = "" if formula == rounded(local) else f" = {formula}"
            slips.append(Slip(upstream, forgotten(partial, because)))
            slips.append(Slip(local, f"that is the local derivative {partial} alone: {forgotten(above, '')}"))
            slips.append(Slip(upstream + local, "the two were added: along a path the chain rule multiplies"))
            if local:
                slips.append(Slip(upstream / local, f"it was divided by {partial}: along a path the chain rule multiplies"))
        slips += sums_for_terms(scene, step, edge, last)
        slips += _values_for_derivatives(scene, step, edge, upstream)
        slips += [*slips_of_size(right)][1:]
        slips.append(Slip(0.0, f"it is 0, as if {left_out(scene.name(step.node), scene.name(edge.source))}"))
        gets = f"{scene.gradient(edge.source)} gets {above} × {partial} = {rounded(upstream)} × ? = ?"
        unsure = unsureness([right]) + abs(upstream) * off_as_shown(self.shown, derivative.slope)
        ask = arriving(scene, step, edge, last)
        return asked(f"{scene.formula(step.node)}: {gets}", ask, right, slips, unsure)


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


def _number(node: Node) -> float | None:
    """The value of a scalar, if it is finite."""
    value = float(node.value)
    return value if math.isfinite(value) else None
