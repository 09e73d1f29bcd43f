"""The chain rule for arrays: each step back with its shapes, why the last one looks so, and one entry as a sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np

from minigraph.core.linear_maps import LinearMap
from minigraph.core.node import Node, literal
from minigraph.explanation.report import MOST_PATHS, ExactForm, Explanation
from minigraph.formulas import Written, number, plus, symbol, times, to_text, total
from minigraph.formulas.index_sums import Entry, entry_at, entry_of, numbers
from minigraph.formulas.tree import index_sum
from minigraph.reading.numbers import array_text, count, cut, index_text, largest_entry, relation, rounded, shape_text
from minigraph.reading.steps import BackwardSteps, Derivative
from minigraph.reading.words import reason, remark
from minigraph.values import Shape

MOST_STEPS = 16
"""So many steps of the way back are written out."""
MOST_NESTED, LONGEST_NESTED = 4, 100
"""So many steps are put into one formula, if it gets no longer than so many characters."""
MOST_TERMS = 6
"""So many contributions to one gradient, or terms of a sum, are written out."""
LONGEST_SUM = 20_000
"""Longer sums are not gone through in search of terms that are not 0."""


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
    for node, left_out in cut(steps.nodes[1:], MOST_STEPS, 6, 6):
        if left_out:
            text.say(f"… {left_out} more steps …", depth=1)
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
    remarks = (
        remark(local, to_text(below, budget=30, names=steps.names, juxtapose=True), shape)
        for step in arrivals[:MOST_TERMS]
        for local, below, shape in _along(step)
    )
    said = "; ".join(dict.fromkeys(filter(None, remarks))) or (shape_text(node.shape) if node.shape else "")
    text.equate(form.gradient(node), terms[0] if len(terms) == 1 else total(terms), remark=said, depth=depth)


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
    text.say(*(["Entry by entry, ", gradient, " is the sum of:"] if len(arrivals) > 1 else ["Entry by entry:"]))
    for step, entry in zip(arrivals, entries, strict=True):
        above = step.consumer
        product = form.scaled(step, summed(entry, _with_upstream(entry, step, steps, form)))
        sides = (product,) if len(arrivals) > 1 else (gradient, product)
        text.equate(*sides, remark=ranges(entry), depth=1)
        every = f" for every {' and '.join(letter.text for letter in entry.over)}" if entry.over else ""
        here, there = entry_at(steps.written(wrt), index), entry_at(steps.written(above), entry.index)
        told: list[str | Written] = ["because ", here, " has a part in ", there, every]
        if entry.factors():
            told += [", each time with the factor " if entry.over else ", with the factor ", times(entry.factors())]
        text.say(*told, ".", depth=1)
        for why in _reasons(step):
            text.say(why, depth=1)


def _reasons(step: Derivative) -> Iterator[str]:
    """Whether shapes alone would tell order and transposes; of several products in a step it is said which is meant."""
    told = [(remark(local, "", shape), why) for local, _, shape in _along(step) if (why := reason(local, shape))]
    if len(told) == 1:
        yield told[0][1]
        return
    for product, why in dict.fromkeys(told):
        yield f"In {product}: {why[0].lower()}{why[1:]}"


def _with_upstream(entry: Entry, step: Derivative, steps: BackwardSteps, form: ExactForm) -> list[Written]:
    """The factors around an entry of the gradient above, in the order in which they are written; ∂J/∂J = 1 is left out."""
    upstream: list[Written] = [entry_at(form.gradient(step.consumer), entry.index)]
    if _starts_with_one(step, steps, form):
        upstream = []
    factors = [*(x.written for x in entry.left), *upstream, *(x.written for x in entry.right)]
    return factors or [number(1)]


def _starts_with_one(step: Derivative, steps: BackwardSteps, form: ExactForm) -> bool:
    """Whether the step is one from J, and the gradient above it the 1 that need not be written."""
    return step.consumer is steps.root and steps.root.shape == () and form.starts_with_one()


def summed(entry: Entry, factors: Sequence[Written]) -> Written:
    """Σₚ in front of a product."""
    product = times(factors)
    if not entry.over and entry.sign == 1:
        return product
    return index_sum([position.text for position in entry.over], product, entry.sign)


def ranges(entry: Entry) -> str:
    """What the letters run over: p = 0 … 399."""
    return ", ".join(f"{position.text} = 0 … {position.size - 1}" for position in entry.over)


def explain_entry(steps: BackwardSteps, form: ExactForm, text: Explanation, place: tuple[int, ...], digits: int) -> None:
    """Write one entry of ∂J/∂wrt as a sum, in symbols and in numbers."""
    wrt = steps.target
    index = entry_of(wrt.shape, place)
    gradient = entry_at(form.gradient(wrt), index)
    arrivals = steps.arrivals[wrt]
    text.say(f"The entry {index_text(place)}:" if len(arrivals) == 1 else f"The entry {index_text(place)} is the sum of:")
    values = []
    for step in arrivals[:MOST_TERMS]:
        above = step.consumer
        entry = step.entry(index)
        symbols = _with_upstream(entry, step, steps, form)
        upstream = (
            None
            if _starts_with_one(step, steps, form)
            else np.asarray(steps.backward_pass.gradient(above).value) * form.scale(above)
        )
        terms = _terms(entry, upstream, digits)
        values.append(float(step.lines[-1].contribution.value[place]) * form.scale(wrt))
        sides = [form.scaled(step, summed(entry, symbols)), form.scaled(step, plus(terms)), number(values[-1], digits)]
        text.equate(*([gradient] if len(arrivals) == 1 else []), *sides, depth=1,
                    relations=[*["="] * (len(arrivals) == 1), "=" if _all_exact(entry, upstream, digits) else "≈",
                               relation([values[-1]], digits)])  # fmt: skip
    if len(arrivals) > 1:
        shown: list[Written] = [number(x, digits) for x in values]
        if len(arrivals) > len(values):
            shown.append(symbol(f"… {len(arrivals) - len(values)} more"))
        whole = float(steps.backward_pass.gradient(wrt).value[place]) * form.scale(wrt)
        text.equate(
            gradient, plus(shown), number(whole, digits), relations=("=", relation([*values, whole], digits)), depth=1
        )


def _terms(entry: Entry, upstream: Any, digits: int) -> list[Written]:
    """The first terms that are not 0, as products of numbers, and how many more there are."""
    terms: list[Written] = []
    more = 0
    size = int(np.prod([position.size for position in entry.over], dtype=int))
    for gone, places in enumerate(entry.places()):
        factors = _factors(entry, upstream, places)
        if size > 1 and not all(factors):
            continue
        if len(terms) < MOST_TERMS:
            terms.append(times([number(factor, digits) for factor in factors]))
        else:
            more += 1
        if more and size > LONGEST_SUM:
            more = size - gone
            break
    if more:
        terms[-1] = symbol(f"… {count(more + 1)} more")
    return terms or [number(0.0)]


def _factors(entry: Entry, upstream: Any, places: dict[str, int]) -> list[float]:
    """The numbers that are multiplied; ``upstream`` is None where it is the 1 that is not written."""
    factors = [factor.value(places) for factor in entry.left]
    if upstream is not None:
        factors.append(float(upstream[numbers(entry.index, places)]))
    factors += [factor.value(places) for factor in entry.right]
    factors = factors or [1.0]
    factors[0] *= entry.sign
    return factors


def _all_exact(entry: Entry, upstream: Any, digits: int) -> bool:
    """Whether the numbers of the first terms are shown in full."""
    shown = (_factors(entry, upstream, places) for places in islice(entry.places(), MOST_TERMS))
    return relation([*chain.from_iterable(shown)], digits) == "="


def explain_paths(steps: BackwardSteps, text: Explanation, entry: tuple[int, ...] | None, digits: int) -> None:
    """If there are several paths: what each brings to one entry, and their sum."""
    wrt = steps.target
    paths = steps.counts()[wrt]
    if paths == 1:
        return
    text.say(steps.written(wrt), " reaches ", steps.written(steps.root), f" along {count(paths)} paths.")
    text.say("A change travels along all of them at once, so what they bring adds up.")
    if paths > MOST_PATHS:
        text.say("The backward pass adds up at each node on the way, as above, and lists no paths.", depth=1)
        return
    value = steps.backward_pass.gradient(wrt).value
    place = largest_entry(value) if entry is None else entry
    parts = []
    for path in steps.paths():
        upstream = steps.backward_pass.seed
        for step in path:
            upstream = step.pull(upstream)
        parts.append(float(upstream.value[place]))
        route = " → ".join([steps.names.of(steps.root), *(steps.names.of(step.input) for step in path)])
        way = f" (by {way})" if (way := steps.way(path)) else ""
        text.say(f"{route}{way}: ", number(parts[-1], digits), f" at entry {index_text(place)}" if place else "", depth=1)
    whole = float(value[place])
    text.equate(
        entry_at(steps.names.gradient(wrt), entry_of(wrt.shape, place)), plus([number(x, digits) for x in parts]),
        number(whole, digits), relations=("=", relation([*parts, whole], digits)), depth=1,
    )  # fmt: skip
