"""The chain rule for arrays: each step back with its shapes, and why the last one looks so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minigraph.core.linear_maps import LinearMap
from minigraph.core.node import Node, literal
from minigraph.explanation.entry_sums import explain_entry, ranges, summed, with_factors
from minigraph.explanation.gradient_forms import ExactForm
from minigraph.explanation.paths import explain_paths
from minigraph.explanation.report import Explanation
from minigraph.formulas import Written, symbol, times, to_text, total
from minigraph.formulas.index_sums import entry_at, entry_of
from minigraph.reading.backward_steps import BackwardSteps, Derivative
from minigraph.reading.numbers import array_text, index_text, largest_entry, rounded, shape_text
from minigraph.reading.words import reason, remark
from minigraph.values import Shape

MOST_STEPS = 16
"""So many steps of the way back are written out."""
MOST_NESTED, LONGEST_NESTED = 4, 100
"""So many steps are put into one formula, if it gets no longer than so many characters."""
MOST_TERMS = 6
"""So many contributions to one gradient are written out."""


def explain_array(
    steps: BackwardSteps, form: ExactForm, text: Explanation, entry: tuple[int, ...] | None, digits: int
) -> None:
    """Write the way back to wrt step by step, and why the last step looks so."""
    wrt = steps.target
    text.say("Back from ", steps.written(steps.root), " to ", steps.written(wrt), ":")
    _way_back(steps, form, text)
    _in_one_formula(steps, form, text)
    _why(steps, form, text)
    explain_paths(steps, text, entry, digits)
    if entry is not None:
        explain_entry(steps, form, text, entry, digits)
    value = steps.backward_pass.gradient(wrt).value * form.scale(wrt)
    place = largest_entry(value)
    largest = f"; its largest entry is {index_text(place)} = {rounded(value[place], digits)}" if wrt.size > 6 else ""
    text.say(form.gradient(wrt), f" is {array_text(value, digits)}{largest}.")


def _way_back(steps: BackwardSteps, form: ExactForm, text: Explanation) -> None:
    """A line for each node: its gradient, as the sum of what arrives."""
    reached = steps.nodes[1:]
    shown = reached if len(reached) <= MOST_STEPS else [*reached[:6], *reached[-6:]]
    for node in shown:
        if len(shown) < len(reached) and node is reached[-6]:
            text.say(f"… {len(reached) - len(shown)} more steps …", depth=1)
        gradient_line(node, steps, form, text, depth=1)


def _in_one_formula(steps: BackwardSteps, form: ExactForm, text: Explanation) -> None:
    """The steps of a single path put into each other, as many of the last ones as can be read."""
    if steps.counts()[steps.target] > 1:
        return
    path = next(steps.paths())
    for start in range(max(0, len(path) - MOST_NESTED), len(path) - 1):
        written = form.contribution(path[start])
        for step in path[start + 1 :]:
            written = form.scaled(step, step.written(written))
        if len(text.text_of(written)) <= LONGEST_NESTED:
            text.say("In one formula:")
            text.equate(form.gradient(steps.target), written, depth=1)
            return


def gradient_line(node: Node, steps: BackwardSteps, form: ExactForm, text: Explanation, depth: int) -> None:
    """∂J/∂W1 = ∂J/∂Z1 · A0ᵀ   (4, 400)·(400, 2) → (4, 2)"""
    arrivals = steps.arrivals[node]
    terms = tuple(form.contribution(step) for step in arrivals[:MOST_TERMS])
    if len(arrivals) > MOST_TERMS:
        terms = (*terms, symbol(f"… {len(arrivals) - MOST_TERMS} more"))
    remarks = dict.fromkeys(said for step in arrivals[:MOST_TERMS] for said in _remarks(step, steps))
    said = "; ".join(remarks) or (shape_text(node.shape) if node.shape else "")
    text.equate(form.gradient(node), terms[0] if len(terms) == 1 else total(terms), remark=said, depth=depth)


def _remarks(step: Derivative, steps: BackwardSteps) -> list[str]:
    """What the shapes have to do with each map of a step."""
    found = []
    for local, node, shape in _along(step):
        name = to_text(node, budget=30, names=steps.names, juxtapose=True)
        found.append(remark(local, name, shape))
    return [said for said in found if said]


def _along(step: Derivative) -> Iterator[tuple[LinearMap, Node, Shape]]:
    """The maps of a step, each with the node its edge leads to and the shape of what it pulls."""
    shape = step.consumer.shape
    for local, node in step.pulls():
        yield local, node, shape
        shape = local.pull(literal(np.zeros(shape))).shape


def _why(steps: BackwardSteps, form: ExactForm, text: Explanation) -> None:
    """Why the last step looks so: the sum over entries behind it."""
    wrt = steps.target
    index = entry_of(wrt.shape)
    arrivals = steps.arrivals[wrt][:MOST_TERMS]
    entries = [step.entry(index) for step in arrivals]
    if all(not entry.over and not entry.factors() and entry.sign == 1 for entry in entries):
        return
    gradient = entry_at(form.gradient(wrt), index)
    if len(arrivals) > 1:
        text.say("Entry by entry, ", gradient, " is the sum of:")
    else:
        text.say("Entry by entry:")
    for step, entry in zip(arrivals, entries, strict=True):
        above = step.consumer
        product = form.scaled(step, summed(entry, with_factors(entry, entry_at(form.gradient(above), entry.index))))
        sides = (product,) if len(arrivals) > 1 else (gradient, product)
        text.equate(*sides, remark=ranges(entry), depth=1)
        every = f" for every {' and '.join(letter.text for letter in entry.over)}" if entry.over else ""
        here, there = entry_at(steps.written(wrt), index), entry_at(steps.written(above), entry.index)
        told: list[str | Written] = ["because ", here, " has a part in ", there, every]
        if entry.factors():
            told += [", each time with the factor " if entry.over else ", with the factor ", times(entry.factors())]
        text.say(*told, ".", depth=1)
        for local, _, shape in _along(step):
            if why := reason(local, shape):
                text.say(why, depth=1)
