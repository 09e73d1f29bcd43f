"""One entry of a gradient, written as the sum that it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigraph.explanation.gradient_forms import ExactForm
from minigraph.explanation.report import Explanation
from minigraph.formulas import Written, number, plus, symbol, times
from minigraph.formulas.builders import index_sum
from minigraph.formulas.index_sums import Entry, entry_at, entry_of, numbers
from minigraph.reading.backward_steps import BackwardSteps
from minigraph.reading.numbers import count, index_text, relation

MOST_TERMS = 6
"""So many terms of a sum are written out."""
LONGEST_SUM = 20_000
"""Longer sums are not gone through in search of terms that are not 0."""


def with_factors(entry: Entry, gradient: Written) -> list[Written]:
    """The factors around an entry of the gradient above, in the order in which they are written."""
    return [*(factor.written for factor in entry.left), gradient, *(factor.written for factor in entry.right)]


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
        symbols = with_factors(entry, entry_at(form.gradient(above), entry.index))
        upstream = np.asarray(steps.backward_pass.gradient(above).value) * form.scale(above)
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
    """The numbers that are multiplied in one term."""
    factors = [factor.value(places) for factor in entry.left]
    factors.append(float(upstream[numbers(entry.index, places)]))
    factors += [factor.value(places) for factor in entry.right]
    factors[0] *= entry.sign
    return factors


def _all_exact(entry: Entry, upstream: Any, digits: int) -> bool:
    """Whether the numbers of the first terms are shown in full."""
    shown = [
        x for places, _ in zip(entry.places(), range(MOST_TERMS), strict=False) for x in _factors(entry, upstream, places)
    ]
    return relation(shown, digits) == "="
